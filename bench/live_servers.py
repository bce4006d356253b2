"""The servers under measurement: the product as `sip serve` runs it, and two of Node beside it."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from http.cookiejar import CookieJar
from pathlib import Path

from bench.live_client import OurWire, Place, Wire, YWire

PEERS = Path(__file__).resolve().parent / "peers"
_TICK = os.sysconf("SC_CLK_TCK")


class Server:
    """A running server and what it used."""

    def __init__(self, name: str, wire: Wire, process: subprocess.Popen[bytes], port: int) -> None:
        self.name = name
        self.wire = wire
        self.process = process
        self.port = port

    def pids(self) -> list[int]:
        """Return the process and all that came of it."""
        found, ahead = [], [self.process.pid]
        while ahead:
            pid = ahead.pop()
            found.append(pid)
            try:
                for children in Path(f"/proc/{pid}/task").glob("*/children"):
                    ahead += map(int, children.read_text().split())
            except OSError:
                continue
        return found

    def cpu(self) -> float:
        """Return the seconds of CPU used so far."""
        total = 0
        for pid in self.pids():
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            total += int(fields[11]) + int(fields[12])
        return total / _TICK

    def place(self, document: str) -> Place:
        """Return where a document of this (peer's) server is written in."""
        return Place(f"ws://127.0.0.1:{self.port}/{document}", document, "content")


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def _running(command: list[str], port: int, **options: object) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, **options)  # type: ignore[call-overload]
    try:
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if process.poll() is not None:
                    raise RuntimeError(f"{command[0]} ended with status {process.returncode}") from None
                time.sleep(0.1)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=40)


@contextmanager
def product(data: Path) -> Iterator[Server]:
    """Run `sip serve` on a data folder that is prepared."""
    port = free_port()
    command = [sys.executable, "-m", "sip.cli", "serve", "--port", str(port), "--data", str(data)]
    with _running(command, port, stdout=subprocess.DEVNULL) as process:
        yield Server("sip", OurWire(), process, port)


def node() -> str | None:
    """Return Node with the peers' packages installed beside it, or None where there is none."""
    program = shutil.which("node")
    if program is None or shutil.which("npm") is None:
        return None
    if not (PEERS / "node_modules" / "@hocuspocus").is_dir():
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=PEERS, check=True)
    return program


@contextmanager
def peers(program: str) -> Iterator[list[Server]]:
    """Run y-websocket's server and Hocuspocus, which append every update to a file."""
    ports = (free_port(), free_port())
    with tempfile.TemporaryDirectory() as folder:
        first = [program, str(PEERS / "y-websocket.mjs"), str(ports[0]), f"{folder}/y.log"]
        second = [program, str(PEERS / "hocuspocus.mjs"), str(ports[1]), f"{folder}/hocuspocus.log"]
        with _running(first, ports[0]) as y_websocket, _running(second, ports[1]) as hocuspocus:
            yield [
                Server("y-websocket", YWire(), y_websocket, ports[0]),
                Server("hocuspocus", YWire(hocuspocus=True), hocuspocus, ports[1]),
            ]


@contextmanager
def apart(servers: Collection[Server]) -> Iterator[None]:
    """Give the simulated people a processor of their own and the servers the others, where there are two or more.

    Where they share them, the kernel often wakes the crowd on the processor of the server that writes to it, though
    another one is idle: the delay is then that of a crowd waiting for the server to end, which nobody elsewhere would
    see, and longest where the server writes to all in one go.
    """
    processors = os.sched_getaffinity(0)
    crowd = {max(processors)}
    if processors == crowd:
        yield
        return
    try:
        _run_on(crowd, [os.getpid()])
        _run_on(processors - crowd, _pids(servers))
        yield
    finally:
        _run_on(processors, [os.getpid(), *_pids(servers)])


def _pids(servers: Iterable[Server]) -> list[int]:
    return [pid for server in servers for pid in server.pids()]


def _run_on(processors: set[int], pids: Iterable[int]) -> None:
    for pid in pids:
        for task in Path(f"/proc/{pid}/task").glob("*"):
            with suppress(OSError):  # it has ended
                os.sched_setaffinity(int(task.name), processors)


def sign_in(port: int, email: str, password: str) -> str:
    """Sign in as a browser does; returns the cookie header."""
    jar = CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    address = f"http://127.0.0.1:{port}/sign-in"
    with opener.open(address, timeout=30) as page:
        token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page.read().decode())
    assert token
    form = urllib.parse.urlencode({"email": email, "password": password, "csrf_token": token[1]}).encode()
    with opener.open(address, form, timeout=30) as page:
        assert page.geturl() != address, f"{email} could not sign in"
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)
