"""A real site with the demo cycle, and real browsers that walk through it."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
          "--disable-component-update", "--disable-sync"]  # fmt: skip

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESKTOP = {"viewport": {"width": 1280, "height": 900}}


@dataclass
class Site:
    """A running site: its address, its data folder, the demo people's password."""

    address: str
    data: Path
    password: str


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
    program = shutil.which("chromium")
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

    def make(**options: object) -> BrowserContext:
        context = browser.new_context(base_url=site.address, **{"locale": "fr-FR", **DESKTOP, **options})
        context.set_default_timeout(10_000)
        context.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
        context.on("weberror", lambda error: troubles.append(str(error.error)))
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()
    # The browser itself reports answers like 422; those are the test's own business.
    assert [text for text in troubles if "Failed to load resource" not in text] == []


@pytest.fixture
def sign_in(open_context: Callable[..., BrowserContext], site: Site) -> Callable[..., Page]:
    """Sign a demo person in, in a browser of their own, and return its page."""

    def enter(who: str, **options: object) -> Page:
        page = open_context(**options).new_page()
        page.goto("/sign-in")
        page.fill("#email", f"{who}@demo.example")
        page.fill("#password", site.password)
        page.press("#password", "Enter")
        page.wait_for_url(site.address + "/")
        return page

    return enter
