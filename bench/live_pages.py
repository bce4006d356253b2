"""Pages and the live socket at once: what each costs the other."""

import asyncio
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from multiprocessing.connection import Connection
from statistics import mean, median
from typing import Self

import uvloop

from bench.live_client import Figures, Place, typing_run
from bench.live_servers import Server
from bench.report import Report

CONNECTIONS = 8
_APART = 0.1  # seconds between two of them: of many that come in one moment, a single worker may take all
SECONDS = 8.0
ROUNDS = 3


def run(report: Report, ours: Server, places: list[Place]) -> None:
    """200 people write while pages are saturated: the delay against the delay alone, the pages against pages alone.

    The simulated writers and readers share the processors with the server: when pages are alone, something else uses as
    much of them as the writers do, so that only what the server does makes the difference.
    """
    cookie = dict(places[0].headers)["Cookie"]
    alone: list[float] = []
    pressed: list[float] = []
    pages_alone: list[float] = []
    pages_pressed: list[float] = []
    for _turn in range(ROUNDS):
        share = _Share()
        alone.append(_write(ours, places, share).p95)
        with _Press(ours.port, cookie) as press:
            with press.counting():
                _use(share.value)
            pages_alone.append(press.rate)
            pressed.append(_write(ours, places, press.counting()).p95)
            pages_pressed.append(press.rate)
        print(
            f"# p95 {alone[-1]} -> {pressed[-1]} ms; pages {pages_alone[-1]:.0f} -> {pages_pressed[-1]:.0f} a second",
            flush=True,
        )
    report.at_most("live.p95_with_pages_saturated", median(pressed) / median(alone), 2)
    report.at_least("live.pages_kept", mean(pages_pressed) / mean(pages_alone), 0.9)


class _Share:
    """The share of a processor that this process used inside."""

    value = 0.0

    def __enter__(self) -> None:
        self._began, self._used = time.monotonic(), time.process_time()

    def __exit__(self, *_error: object) -> None:
        self.value = (time.process_time() - self._used) / (time.monotonic() - self._began)


def _write(ours: Server, places: list[Place], meanwhile: AbstractContextManager[object]) -> Figures:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        run = typing_run(ours.wire, places, typists=10, rate=5, seconds=SECONDS, cpu=ours.cpu, meanwhile=meanwhile)
        return runner.run(run)


def _use(share: float) -> None:
    """Use a share of a processor for as long as a measurement takes, a little every few milliseconds."""
    end = time.monotonic() + SECONDS
    used = time.process_time()
    while (now := time.monotonic()) < end:
        due = used + share * 0.005
        while time.process_time() < due:
            pass
        used = due
        time.sleep(max(0.0, now + 0.005 - time.monotonic()))


class _Press:
    """A process that fetches a member's list of documents as fast as it is answered."""

    def __init__(self, port: int, cookie: str) -> None:
        self.rate = 0.0  # pages a second, as they were counted last
        self._pipe, self._theirs = multiprocessing.Pipe()
        self._process = multiprocessing.get_context("spawn").Process(target=_press, args=(port, cookie, self._theirs))

    def __enter__(self) -> Self:
        self._process.start()
        self._theirs.close()  # where the process breaks, we hear of it
        self._pipe.recv()
        return self

    def __exit__(self, *_error: object) -> None:
        self._process.terminate()
        self._process.join()

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Count the pages that are answered inside."""
        self._pipe.send("count")
        yield
        self._pipe.send("stop")
        self.rate = float(self._pipe.recv())


def _press(port: int, cookie: str, pipe: Connection) -> None:
    uvloop.run(_pressing(port, cookie, pipe))


async def _pressing(port: int, cookie: str, pipe: Connection) -> None:
    request = f"GET /drafts HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n\r\n".encode()
    answered = 0

    async def fetch() -> None:
        nonlocal answered
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while True:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(head.split(b"\r\n", 1)[0].decode())
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            await reader.readexactly(int(length.split(b":")[1]))
            answered += 1

    loop = asyncio.get_running_loop()
    async with asyncio.TaskGroup() as group:
        for _ in range(CONNECTIONS):
            group.create_task(fetch())
            await asyncio.sleep(_APART)
        await asyncio.sleep(1)
        pipe.send("ready")
        while True:  # until this process is ended
            await loop.run_in_executor(None, pipe.recv)
            before, start = answered, time.monotonic()
            await loop.run_in_executor(None, pipe.recv)
            pipe.send((answered - before) / (time.monotonic() - start))
