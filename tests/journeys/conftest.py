"""A real site with the demo cycle, and real browsers that walk through it."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.journeys.browsers import SLOWEST, Site, arrive, new_context
from tests.journeys.serving import ROOT, Server

# The one that has no windows comes first: it is the same engine for less than half of the work.
_PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
          "--disable-component-update", "--disable-sync"]  # fmt: skip
expect.set_options(timeout=SLOWEST)
# What browser and htmx report of answers like 422 and of a network that is down: the test's own business.
_REPORTED = ("Failed to load resource", "htmx:afterRequest", "htmx:sendError", "Response Status Error Code",
             "never had a user gesture", "WebSocket connection to")  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let a journey that failed run again, twice at most, and be named: on a busy machine a browser loses a click."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.flaky(reruns=2))


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that holds the demo, to be copied; processes that share a run of the tests make it once."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder, made = shared / "demo-to-copy", shared / "demo-is-made"
    with (shared / "demo-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            environment = {**os.environ, "SIP_DATA": str(folder)}
            command = [sys.executable, "-m", "sip.cli", "demo"]
            subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
            made.touch()
    return folder


@pytest.fixture(scope="module")
def server(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the demo for the journeys of one file, which may change what is there, and kill it."""
    server = Server(shutil.copytree(demo_folder, tmp_path_factory.mktemp("site") / "data"))
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def site(server: Server) -> Site:
    """The site that is served."""
    return server.site


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; in CI its absence is a failure."""
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        reason = "no browser: install Debian's chromium; the journeys were not walked"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=_FLAGS)
        yield running
        running.close()


@pytest.fixture
def open_context(browser: Browser, site: Site) -> Iterator[Callable[..., BrowserContext]]:
    """Make a browser of one person's own; errors in its console fail the test."""
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def make(**options: Any) -> BrowserContext:
        context = new_context(browser, base_url=site.address, **options)
        context.set_default_timeout(SLOWEST)
        context.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
        context.on("weberror", lambda error: troubles.append(str(error.error)))
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()
    assert [text for text in troubles if not any(told in text for told in _REPORTED)] == []


@pytest.fixture
def sign_in(open_context: Callable[..., BrowserContext], site: Site) -> Callable[..., Page]:
    """Sign a demo person in, in a browser of their own, and return its page."""
    return lambda who, **options: arrive(open_context(**options), site, who)
