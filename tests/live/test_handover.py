"""Handing a connection from gunicorn to another process: these tests say when a new gunicorn no longer lets us."""

import asyncio
import errno
import http.client
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from sip.live.handover import Newcomer, NoHub, Reception, pass_on, private_folder
from tests.live import loops
from tests.packaging.servers import ROOT
from tests.ports import free_port

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
NEWCOMER = Newcomer(7, 8, "Zoé", 9, "127.0.0.1", KEY, b"\x82\x00ahead")


def connected_pair() -> tuple[socket.socket, socket.socket]:
    """Return a browser's and a server's side of a TCP connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ours = socket.create_connection(listener.getsockname(), timeout=60)
        return ours, listener.accept()[0]


def descriptors() -> set[str]:
    return set(os.listdir("/proc/self/fd"))


@pytest.fixture
def folder() -> Iterator[Path]:
    with private_folder() as folder:
        yield folder


Arrived = list[tuple[socket.socket, Newcomer]]


def received(folder: Path, work: Callable[[Arrived], Awaitable[None]]) -> None:
    """Run `work` beside a reception in `folder` that collects what comes."""

    async def body() -> None:
        arrived: Arrived = []
        reception = Reception(str(folder / "hub"), lambda *found: arrived.append(found))
        try:
            await work(arrived)
        finally:
            reception.close()
            for connection, _newcomer in arrived:
                connection.close()

    loops.run(body())


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(40):
        while not condition():
            await asyncio.sleep(0.005)


def test_folder_is_private_and_goes() -> None:
    with private_folder() as folder:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert len(os.fsencode(folder / "hub")) <= 103
    assert not folder.exists()


def test_a_long_temporary_folder_is_avoided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = tmp_path / ("x" * 100)
    long.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long))
    with private_folder() as folder:
        assert len(os.fsencode(folder / "hub")) <= 103


def test_the_connection_lives_on_at_the_hub(folder: Path) -> None:
    browser, worker = connected_pair()

    async def work(arrived: Arrived) -> None:
        pass_on(str(folder / "hub"), worker, NEWCOMER)
        # What a web server does with a connection that is over must not reach the browser.
        with pytest.raises(BrokenPipeError):
            worker.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        worker.shutdown(socket.SHUT_RDWR)
        worker.close()
        await until(lambda: arrived)
        ((connection, newcomer),) = arrived
        assert newcomer == NEWCOMER
        connection.sendall(b"hello")
        assert browser.recv(100) == b"hello"
        browser.sendall(b"answer")
        assert connection.recv(100) == b"answer"
        connection.close()
        assert browser.recv(100) == b""

    received(folder, work)
    browser.close()


def test_without_a_hub_nothing_happens_to_the_connection(folder: Path) -> None:
    browser, worker = connected_pair()
    path = str(folder / "hub")
    with pytest.raises(NoHub):
        pass_on(path, worker, NEWCOMER)
    with socket.socket(socket.AF_UNIX) as dead:  # one that was killed leaves its socket behind
        dead.bind(path)
    with pytest.raises(NoHub):
        pass_on(path, worker, NEWCOMER)
    worker.sendall(b"page")
    assert browser.recv(100) == b"page"
    received(folder, lambda _arrived: asyncio.sleep(0))  # the next hub takes the dead one's place
    browser.close()
    worker.close()


def pass_on_often(path: str, connection: socket.socket) -> None:
    for _ in range(5):
        pass_on(path, connection, NEWCOMER)


def test_a_hub_that_hangs_costs_no_thread(folder: Path) -> None:
    browser, worker = connected_pair()
    with socket.socket(socket.AF_UNIX) as hanging:
        hanging.bind(str(folder / "hub"))
        hanging.listen(0)
        began = time.monotonic()
        with pytest.raises(NoHub):
            pass_on_often(str(folder / "hub"), worker)
        assert time.monotonic() - began < 4
    browser.close()
    worker.close()


@pytest.mark.parametrize(
    "letter",
    [b"", b"{", b"[]", b"{}", b'{"draft_id": 1}', NEWCOMER.to_bytes().replace(b"ahead", b"other"), b"x" * 40_000],
    ids=range(7),
)
@pytest.mark.parametrize("count", [0, 1, 3])
def test_letters_that_are_none_leave_nothing_behind(folder: Path, letter: bytes, count: int) -> None:
    before = descriptors()

    async def work(arrived: Arrived) -> None:
        with socket.socket(socket.AF_UNIX) as way, socket.socket() as some:
            way.setblocking(False)
            way.connect(str(folder / "hub"))
            if count and letter:
                socket.send_fds(way, [letter], [some.fileno()] * count)
            else:
                way.send(letter)
        await asyncio.sleep(0.05)
        assert arrived == []

    received(folder, work)
    assert descriptors() == before


def test_who_says_nothing_is_not_waited_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sip.live.handover._PATIENCE", 0.05)

    async def work(arrived: Arrived) -> None:
        with socket.socket(socket.AF_UNIX) as way:
            way.connect(str(folder / "hub"))
            way.setblocking(False)
            assert await asyncio.wait_for(asyncio.get_running_loop().sock_recv(way, 1), 5) == b""

    received(folder, work)


class Hub:
    """Takes connections in a thread, and collects them."""

    def __init__(self, path: str) -> None:
        self.arrived: Arrived = []
        self._loop = asyncio.new_event_loop()
        self._listens = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(path,))
        self._thread.start()
        assert self._listens.wait(60)

    def _run(self, path: str) -> None:
        async def body() -> None:
            self._stop = asyncio.Event()
            reception = Reception(path, lambda *found: self.arrived.append(found))
            self._listens.set()
            await self._stop.wait()
            reception.close()

        self._loop.run_until_complete(body())
        self._loop.close()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        for connection, _newcomer in self.arrived:
            connection.close()


@pytest.fixture
def served(folder: Path, tmp_path: Path) -> Iterator[tuple[int, Path, subprocess.Popen[bytes], Path]]:
    """Gunicorn with its one worker: the port, the hub's path, the process, its log."""
    port, log = free_port(), tmp_path / "log"
    command = [sys.executable, "-m", "tests.live.small_server", str(port), str(folder / "hub")]
    with log.open("wb") as file:
        process = subprocess.Popen(command, cwd=ROOT, stdout=file, stderr=file)
    try:
        deadline = time.monotonic() + 120
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.05)
        yield port, folder / "hub", process, log
    finally:
        process.terminate()
        process.wait(timeout=30)


def ask(port: int, path: str = "/") -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers={"Sec-WebSocket-Key": KEY})
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


def upgrade(port: int, behind: bytes = b"") -> socket.socket:
    browser = socket.create_connection(("127.0.0.1", port), timeout=60)
    head = f"GET /socket HTTP/1.1\r\nHost: x\r\nSec-WebSocket-Key: {KEY}\r\nConnection: Upgrade\r\n\r\n"
    browser.sendall(head.encode() + behind)
    return browser


def test_gunicorn_lets_go_of_a_connection(served: tuple[int, Path, subprocess.Popen[bytes], Path]) -> None:
    port, path, process, log = served
    assert ask(port, "/socket") == (503, b"no hub")
    hub = Hub(str(path))
    try:
        browsers = []
        for number in range(20):  # more than the worker may have at once
            browsers.append(upgrade(port, b"behind %d" % number))
            deadline = time.monotonic() + 60
            while len(hub.arrived) <= number:
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.005)
            connection, newcomer = hub.arrived[-1]
            assert (newcomer.name, newcomer.ahead) == ("Zoé", b"behind %d" % number)
            connection.setblocking(True)
            connection.sendall(b"hello")
            assert browsers[-1].recv(100) == b"hello"  # and nothing of gunicorn's
        assert ask(port) == (200, b"a page")
        kept = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for _ in range(3):  # kept-alive connections work as ever
            kept.request("GET", "/")
            assert kept.getresponse().read() == b"a page"
        # Gunicorn's count of connections is right: told to end, it waits for the page that is being made.
        slow = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        slow.request("GET", "/slow")
        deadline = time.monotonic() + 60
        while b"making a slow page" not in log.read_bytes():
            assert time.monotonic() < deadline, "nobody makes it"
            time.sleep(0.005)
        process.send_signal(signal.SIGTERM)
        assert slow.getresponse().read() == b"a slow page"
        slow.close()
        kept.close()
        assert process.wait(timeout=60) == 0
        for number, browser in enumerate(browsers):  # and it took none of the others with it
            connection, _newcomer = hub.arrived[number]
            browser.sendall(b"still here")
            assert connection.recv(100) == b"still here"
            browser.close()
        assert "Traceback" not in log.read_text()
    finally:
        hub.close()


def test_without_descriptors_left_it_waits_and_does_not_run_in_circles(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    def accept(listener: socket.socket) -> tuple[socket.socket, object]:
        tries.append(listener)
        raise OSError(errno.EMFILE, "Too many open files")

    async def work(arrived: Arrived) -> None:
        browser, server = connected_pair()
        with browser, server:
            with monkeypatch.context() as patched:
                patched.setattr(socket.socket, "accept", accept)
                await asyncio.to_thread(pass_on, str(folder / "hub"), server, NEWCOMER)
                await asyncio.sleep(0.2)
                assert len(tries) == 1
            await until(lambda: arrived)

    received(folder, work)
