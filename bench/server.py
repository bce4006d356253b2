"""A web server under measurement: gunicorn with one worker, whose CPU time the kernel counts."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


class Served:
    """A running server: fetch pages from it, and read how much CPU its worker has used."""

    def __init__(self, port: int, process: subprocess.Popen[bytes]) -> None:
        self.port = port
        self.process = process
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Fetch a page; header names are written with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.connection.request("GET", path, headers=named)
        answer = self.connection.getresponse()
        body = answer.read()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body

    def cpu(self) -> float:
        """Return the seconds of CPU that the workers have used so far."""
        total = 0
        for child in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split():
            fields = Path(f"/proc/{child}/stat").read_text().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
        return total / _TICK

    def cost(self, path: str, times: int, **headers: str) -> float:
        """Return the CPU seconds of one request, averaged over `times`."""
        before = self.cpu()
        for _ in range(times):
            status, _headers, _body = self.get(path, **headers)
            if status != 200:
                raise RuntimeError(f"{path} answered {status}")
        return (self.cpu() - before) / times


@contextmanager
def serving(application: str, *, workers: int = 1, **environment: str) -> Iterator[Served]:
    """Run `module:app` under gunicorn as the product does, with one worker or more, on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-k", "gthread", "-w", str(workers), "--threads", "4", "--keep-alive", "30",
         "-b", f"127.0.0.1:{port}", "--log-level", "warning", application],
        env={**os.environ, **environment},
    )  # fmt: skip
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield Served(port, process)
    finally:
        process.terminate()
        process.wait(timeout=30)


def interleaved(rounds: int, times: int, *measured: tuple[Served, str, dict[str, str]]) -> list[float]:
    """Return the CPU cost of each (server, path, headers), measured in turns; the best round of each counts."""
    costs: list[list[float]] = [[] for _ in measured]
    for served, path, headers in measured:
        served.cost(path, 20, **headers)
    for _ in range(rounds):
        for index, (served, path, headers) in enumerate(measured):
            costs[index].append(served.cost(path, times, **headers))
    return [min(cost) for cost in costs]
