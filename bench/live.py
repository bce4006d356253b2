"""Live co-editing: the product's own socket beside Node's y-websocket and Hocuspocus, in one interleaved run.

CPU is that of everything `sip serve` runs, counted by the kernel; delays hold the client's own share, alike for all.
500 people are a crowd that needs more of a processor than any of the servers: there it has one of its own.
What counts is the mean of a server's CPU and the median of its delays: by its best round, chance would decide.
Without Node there is nobody to compare with: only what must not be lost is told.
"""

import asyncio
import random
import resource
import tempfile
import time
from collections.abc import Callable, Coroutine
from contextlib import ExitStack, nullcontext
from functools import partial
from pathlib import Path
from statistics import mean, median
from typing import Any

import uvloop

from bench import live_data, live_pages
from bench.live_client import Crowd, Figures, Place, frame, typing_run
from bench.live_servers import Server, apart, node, peers, product
from bench.report import Report

ROUNDS, MORE_ROUNDS = 3, 5  # more where little is delivered in each
SECONDS = 8.0
CPU_GOAL = 0.65
DELAY_GOAL = 1.0
LONG = 150_000  # bytes of the long text at least


def run(report: Report) -> None:
    """Print a line per goal of live co-editing."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        data = Path(folder)
        live_data.prepare(data)
        ours = running.enter_context(product(data))
        cookies = live_data.sign_everybody_in(ours.port)
        program = node()
        others = running.enter_context(peers(program)) if program else []
        if not others:
            print("# no Node here: nothing to compare with", flush=True)
        for people in (10, 200, 500):
            with apart([ours, *others]) if people == 500 else nullcontext():
                _typing(report, f"people_{people}", ours, others, partial(_one_draft, cookies, people), 10, 5)
        _typing(report, "drafts_100", ours, others, partial(_many_drafts, cookies), 1, 3, MORE_ROUNDS)
        _joining(report, ours, others, cookies)
        _opening(report, ours, cookies)
        live_pages.run(report, ours, [live_data.place(ours.port, cookies, "pages", n) for n in range(200)])


def _one_draft(cookies: list[str], people: int, server: Server, turn: int) -> list[Place]:
    if server.name == "sip":
        return [live_data.place(server.port, cookies, f"people-{people}-{turn}", n) for n in range(people)]
    return [server.place(f"one-{people}-{turn}")] * people


def _many_drafts(cookies: list[str], server: Server, turn: int) -> list[Place]:
    places = []
    for number in range(100):
        if server.name == "sip":
            # Texts grow from round to round for all alike.
            places += [live_data.place(server.port, cookies, f"many-{number}", number + n) for n in range(5)]
        else:
            places += [server.place(f"many-{number}-{turn}")] * 5
    return places


def _typing(
    report: Report,
    name: str,
    ours: Server,
    others: list[Server],
    places: Callable[[Server, int], list[Place]],
    typists: int,
    rate: float,
    turns: int = ROUNDS,
) -> None:
    """Measure one size in turns; lost and missing edits are added up over all turns of ours."""
    rounds: dict[str, list[Figures]] = {server.name: [] for server in (ours, *others)}
    for turn in range(turns):
        for server in (ours, *others):
            figures = _alone(
                typing_run(
                    server.wire, places(server, turn), typists=typists, rate=rate, seconds=SECONDS, cpu=server.cpu
                )
            )
            rounds[server.name].append(figures)
            print(f"# {name} {server.name}: {figures}", flush=True)
    mine = _together(rounds.pop(ours.name))
    report.at_most(f"live.lost_{name}", mine.lost + mine.closed, 0)
    report.at_most(f"live.missing_{name}", mine.missing, 0)
    if rounds:
        theirs = [_together(figures) for figures in rounds.values()]
        report.at_most(f"live.cpu_ratio_{name}", mine.cpu / min(one.cpu for one in theirs), CPU_GOAL)
        report.at_most(f"live.delay_ratio_{name}", mine.median / min(one.median for one in theirs), DELAY_GOAL)


def _together(rounds: list[Figures]) -> Figures:
    """Return the usual figures of some rounds; what was lost, missing and closed in any of them is added up."""
    return Figures(
        cpu=mean(one.cpu for one in rounds),
        median=median(one.median for one in rounds),
        p95=median(one.p95 for one in rounds),
        lost=sum(one.lost for one in rounds),
        missing=sum(one.missing for one in rounds),
        closed=sum(one.closed for one in rounds),
    )


def _joining(report: Report, ours: Server, others: list[Server], cookies: list[str]) -> None:
    """50 people open a text of 175,000 characters and 50,000 edits at once."""
    state = live_data.long_state()
    times: dict[str, list[tuple[float, float]]] = {server.name: [] for server in (ours, *others)}
    for _turn in range(ROUNDS):
        for server in (ours, *others):
            if server is ours:
                places = [live_data.place(server.port, cookies, "long", n) for n in range(50)]
                burst = _burst(server, places)
            else:
                burst = _burst_into(server, state)
            times[server.name].append(_alone(burst))
            print(f"# joining {server.name}: {times[server.name][-1]}", flush=True)
    usual = {name: (median(t for t, _ in all_), mean(c for _, c in all_)) for name, all_ in times.items()}
    mine = usual.pop(ours.name)
    if usual:
        report.at_most("live.joining_delay_ratio", mine[0] / min(t for t, _ in usual.values()), DELAY_GOAL)
        report.at_most("live.joining_cpu_ratio", mine[1] / min(c for _, c in usual.values()), CPU_GOAL)


async def _burst_into(server: Server, state: bytes) -> tuple[float, float]:
    """Bring a peer the text, which it keeps as long as somebody is there, and let the others come."""
    place = server.place("long")
    crowd = Crowd(server.wire)
    holder = (await crowd.join([place]))[0]
    holder.transport.write(frame(crowd.wire.edit(place, state, 1, holder.client)[0]))
    await asyncio.sleep(3)
    figures = await _burst(server, [place] * 50)
    holder.transport.close()
    await asyncio.sleep(0.5)
    return figures


async def _burst(server: Server, places: list[Place]) -> tuple[float, float]:
    """Return the seconds until all have the text, and the CPU seconds it took the server."""
    crowd = Crowd(server.wire)
    before, start = server.cpu(), time.monotonic()
    clients = await crowd.join(places, at_once=len(places))
    took = time.monotonic() - start
    await asyncio.sleep(0.5)
    used = server.cpu() - before
    for client in clients:
        size = sum(map(len, client.state.result()))
        assert size > LONG, f"{server.name} gave a text of {size} bytes"
        client.transport.close()
    await asyncio.sleep(0.5)
    return took, used


def _opening(report: Report, ours: Server, cookies: list[str]) -> None:
    """What the first one waits for: a draft after 50,000 edits against the same text written at once.

    Each of the documents of a kind is opened once, by somebody for whom the hub has to read it.
    """
    took: dict[str, list[float]] = {"edited": [], "plain": []}
    for number in range(live_data.COPIES):
        for kind in random.Random(number).sample(sorted(took), 2):
            place = live_data.place(ours.port, cookies, f"{kind}-{number}", number)
            took[kind].append(_alone(_burst(ours, [place]))[0])
    print(f"# opening: {took}", flush=True)
    ratio = sorted(took["edited"])[live_data.COPIES // 2] / sorted(took["plain"])[live_data.COPIES // 2]
    report.at_most("live.opening_50000_edits_against_none", ratio, 2)


def _alone(work: Coroutine[Any, Any, Any]) -> Any:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)
