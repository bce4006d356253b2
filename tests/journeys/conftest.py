"""A real site with the demo cycle, and real browsers that walk through it."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.journeys.browsers import DESKTOP, Site, enter

ROOT = Path(__file__).resolve().parents[2]
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
          "--disable-component-update", "--disable-sync"]  # fmt: skip
# What browser and htmx report of answers like 422 and of a network that is down: the test's own business.
_REPORTED = ("Failed to load resource", "htmx:afterRequest", "htmx:sendError", "Response Status Error Code",
             "never had a user gesture", "WebSocket connection to")  # fmt: skip


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """`sip serve --demo` on a free port, with an empty data folder."""
    data = tmp_path_factory.mktemp("site")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    log = (data / "serve.log").open("wb")
    server = subprocess.Popen(
        [sys.executable, "-m", "sip.cli", "serve", "--demo", "--port", str(port), "--data", str(data)],
        cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, env={**os.environ, "SIP_BASE_URL": address},
    )  # fmt: skip
    try:
        _wait(address, server, data)
        yield Site(address, data, (data / "demo-password.txt").read_text().strip())
    finally:
        server.terminate()
        server.wait(timeout=30)
        log.close()


def _wait(address: str, server: subprocess.Popen[bytes], data: Path) -> None:
    for _ in range(600):
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
        assert server.poll() is None, (data / "serve.log").read_text()
    raise AssertionError("the site did not start: " + (data / "serve.log").read_text())


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
        context = browser.new_context(base_url=site.address, **{"locale": "fr-FR", **DESKTOP, **options})
        context.set_default_timeout(10_000)
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
    return lambda who, **options: enter(open_context(**options), site, who)
