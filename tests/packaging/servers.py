"""Starts servers as a person would, in processes of their own, and ends them again."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
START_LIMIT = 120.0


@dataclass
class Server:
    """A running server: its parent process, where it answers, what it printed, seconds until it said so."""

    process: subprocess.Popen[bytes]
    address: str
    log: Path
    seconds: float

    def get(self, path: str, **headers: str) -> tuple[str, bytes]:
        """Return content type and body of a page; raises HTTPError for other answers than success."""
        request = Request(self.address + path, headers={name.replace("_", "-"): text for name, text in headers.items()})
        with urlopen(request, timeout=120) as response:
            return response.headers["Content-Type"], response.read()

    def children(self) -> dict[int, str]:
        """Return the processes below the parent, by number: all of them, with their own children."""
        found = {}
        waiting = [self.process.pid]
        while waiting:
            listed = Path(f"/proc/{waiting.pop()}/task").glob("*/children")
            for number in " ".join(path.read_text() for path in listed).split():
                found[int(number)] = Path(f"/proc/{number}/stat").read_text()
                waiting.append(int(number))
        return found

    def named(self, name: str) -> int:
        """Return the number of the parent's child of this name, 0 where it does not run."""
        numbers = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return next((int(number) for number in numbers if _name_of(number) == f"sip {name}"), 0)


def _name_of(number: str) -> str:
    try:
        return Path(f"/proc/{number}/comm").read_text().strip()
    except OSError:  # it has just ended
        return ""


def clean_environment(**more: str) -> dict[str, str]:
    """Return the environment without what would lead to this work tree or to other settings."""
    kept = {
        name: text for name, text in os.environ.items() if not name.startswith(("SIP_", "PYTHON", "COV_", "VIRTUAL_"))
    }
    return {**kept, **more}


@contextmanager
def running(command: Sequence[str | Path], folder: Path, log: Path) -> Iterator[Server]:
    """Run a command that serves, in `folder`, until the block ends; it must print its address."""
    began = time.monotonic()
    port = free_port()
    with log.open("wb") as file:
        process = subprocess.Popen(
            [*command, "--port", str(port)], cwd=folder, env=clean_environment(), stdout=file, stderr=file
        )
    try:
        address = _wait_for_address(process, log, began)
        yield Server(process, address, log, time.monotonic() - began)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=120)
        finally:
            process.kill()


def _wait_for_address(process: subprocess.Popen[bytes], log: Path, began: float) -> str:
    while time.monotonic() - began < START_LIMIT:
        found = re.search(r"http://[\w.]+:\d+", log.read_text(encoding="utf-8"))
        if found:
            return found.group()
        assert process.poll() is None, f"ended with status {process.returncode}:\n{log.read_text()}"
        time.sleep(0.05)
    raise AssertionError(f"did not answer within {START_LIMIT:.0f} s:\n{log.read_text()}")
