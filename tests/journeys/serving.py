"""A server of a test's own, which it may kill and start again on the same data."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from datetime import timedelta
from pathlib import Path

from tests.journeys.browsers import Site
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]


class Server:
    """`sip serve --demo` on a port and in a folder that stay the same over its restarts."""

    module = "sip.cli"

    def __init__(self, data: Path) -> None:
        self._port = free_port()
        self.address = f"http://127.0.0.1:{self._port}"
        self.data = data
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def site(self) -> Site:
        """What the helpers of the journeys ask for."""
        return Site(self.address, self.data, (self.data / "demo-password.txt").read_text().strip())

    def start(self) -> None:
        """Start, and return when the first page comes."""
        with (self.data / "serve.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", self.module, "serve", "--demo", "--port", str(self._port), "--data", self.data],
                cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, env=self.environment(),
            )  # fmt: skip
        for _ in range(1_200):
            try:
                urllib.request.urlopen(self.address, timeout=5).close()
                return
            except OSError:
                assert self._process.poll() is None, self._log()
                time.sleep(0.1)
        raise AssertionError("the site did not start: " + self._log())

    def environment(self) -> dict[str, str]:
        """The variables that the server is started with."""
        return {**os.environ, "SIP_BASE_URL": self.address}

    def kill(self) -> None:
        """End all of it at once by force, as a power cut would."""
        assert self._process is not None
        ours = [self._process.pid, *self._below(self._process.pid)]
        for number in ours:
            os.kill(number, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """End it in order."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(timeout=120)

    def _below(self, parent: int) -> list[int]:
        """Return the processes that `parent` started, and those they started."""
        found: list[int] = []
        for folder in Path("/proc").iterdir():
            if folder.name.isdecimal():
                try:
                    fields = (folder / "stat").read_text().rpartition(")")[2].split()
                except OSError:  # it has just ended
                    continue
                if int(fields[1]) == parent:
                    found += [int(folder.name), *self._below(int(folder.name))]
        return found

    def _log(self) -> str:
        return (self.data / "serve.log").read_text()


class ShiftedServer(Server):
    """A server whose clock a test puts forward: what takes days passes in a moment."""

    module = "tests.journeys.shifted_server"

    def __init__(self, data: Path) -> None:
        super().__init__(data)
        self._clock = data.parent / "clock"
        self._shift = timedelta()

    def start(self) -> None:
        """Start at the time that it is."""
        self.let_pass(timedelta())
        super().start()

    def environment(self) -> dict[str, str]:
        """The variables that the server is started with."""
        return {**super().environment(), "SIP_CLOCK_FILE": str(self._clock)}

    def let_pass(self, time: timedelta) -> None:
        """Put the clock of the server forward."""
        self._shift += time
        # At once or not at all: the server may be reading it.
        new = self._clock.with_suffix(".new")
        new.write_text(str(int(self._shift.total_seconds())))
        new.replace(self._clock)
