"""Where the hub stops people: too many, too fast, too large, too slow, dead, or nonsense; nobody else is troubled."""

import asyncio
import os
import random
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path

import pycrdt
import pytest
from websockets.frames import Frame, Opcode

from tests.live.sites import SMALL_LIMITS, Serving, Site, Team
from tests.live.writers import (
    CLAIM,
    HELLO,
    OTHERS,
    PING,
    PONG,
    PRESENCE,
    UPDATE,
    Line,
    Refused,
    Writer,
    asynchronous,
    connected,
    jsonned,
    number,
    sized,
)


def resident(pid: int) -> int:
    """Return the bytes of memory that a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def busy(pid: int) -> float:
    """Return the seconds of the processor that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def open_files(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


async def settle(condition: Callable[[], object], seconds: float = 40.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.02)
    return True


@pytest.fixture(scope="module")
def server(site: Site) -> Iterator[Serving]:
    """`sip serve` for all tests of this file."""
    with site.serving(**SMALL_LIMITS) as server:
        yield server
    assert "Traceback" not in server.log.read_text()


@asynchronous
async def test_too_many_connections_are_refused(team: Team) -> None:
    writers = [team.writer(0) for _ in range(30)]
    other = team.writer(1)  # is not hindered
    async with connected(other):
        async with connected(*writers):
            line = await Line.open(team.visits[0].address, writers[0].path, team.visits[0].cookie)
            assert await asyncio.wait_for(line.read(print), 40) == 4409
        await other.until(lambda: len(other.people) == 1)
        async with connected(team.writer(0)):
            await other.until(lambda: len(other.people) == 2)


@asynchronous
async def test_who_is_too_fast_is_cut_off_and_loses_nothing(site: Site, team: Team) -> None:
    one, other = team.writer(0), team.writer(1)
    async with connected(one, other):
        for _ in range(2_000):
            await one.append(team.key, "x")
        assert await one.closed() == 4429
        await other.append(team.key, "y")
        await other.saved()
        await one.leave()
        await one.connect()
        await one.saved()
        await other.until(lambda: other.read(team.key) == one.read(team.key))
        assert (one.read(team.key).count("x"), one.read(team.key).count("y")) == (2_000, 1)
        assert site.body(team.key) == one.read(team.key)


@asynchronous
async def test_what_is_too_large_is_refused(team: Team) -> None:
    one = team.writer()
    async with connected(one):
        assert one.line is not None
        await one.line.send(bytes([UPDATE]) + number(1) + sized(b"x" * 400_001))
        assert await one.closed() == 1009


@asynchronous
async def test_a_slow_reader_is_cut_off_and_holds_up_nobody(site: Site, server: Serving, team: Team) -> None:
    one, other, slow = team.writer(0), team.writer(1), team.writer(1)
    before = resident(server.hub)
    async with connected(one, other, slow):
        assert slow.line is not None
        slow.line.is_reading.clear()
        delays = []
        for number_ in range(120):
            began = time.monotonic()
            await one.write(team.key, 0, f"{number_:05}" + "z" * 120_000, cut=120_005)
            await other.until(lambda number_=number_: other.read(team.key).startswith(f"{number_:05}"))
            delays.append(time.monotonic() - began)
            if number_ % 10 == 0:
                await one.saved()
        grown = resident(server.hub) - before
        delays.sort()
        print(f"median {delays[60] * 1e3:.1f} ms, p95 {delays[114] * 1e3:.1f} ms, hub grew by {grown / 1e6:.1f} MB")
        assert delays[114] < 3.0
        assert await settle(lambda: len(one.people) == 2, 80)
        slow.line.is_reading.set()
        assert await slow.closed() in (4408, 0)
        await slow.leave()
        await slow.connect()  # and catches up
        assert slow.read(team.key) == other.read(team.key)
        await one.saved()


@asynchronous
async def test_a_dead_peer_is_noticed(team: Team) -> None:
    one, dead = team.writer(0), team.writer(1)
    async with connected(one, dead):
        await one.until(lambda: len(one.people) == 2)
        assert dead.line is not None
        dead.line.is_reading.clear()  # no answer to a ping any more, and no end either
        await one.until(lambda: len(one.people) == 1, 40)
        assert one.close_code is None


@asynchronous
async def test_a_text_nobody_reads_is_let_go(server: Serving, team: Team) -> None:
    one = team.writer(0)
    async with connected(one):
        await one.append(team.key, "kept in the database")
    await asyncio.sleep(7)  # the last one has left, a sweep was made
    async with connected(one):
        await one.saved()
        other = team.writer(1)
        async with connected(other):
            assert other.read(team.key) == "kept in the database"


# What is no message.

NONSENSE = [
    b"\xff",
    bytes([HELLO]) + jsonned({"protocol": 1, "clients": [5], "language": "en"}) + sized(b"\0"),
    bytes([UPDATE]) + number(1) + b"\x05abc",
    bytes([UPDATE]) + number(1) + sized(b"no update"),
    bytes([PRESENCE]) + sized(b"{"),
    bytes([PRESENCE]) + jsonned({"section": "x" * 2_000}),
    bytes([CLAIM]),
    bytes([PING]) * 100_000,
]


@pytest.mark.parametrize("data", NONSENSE, ids=range(len(NONSENSE)))
@asynchronous
async def test_nonsense_costs_its_sender_the_connection(site: Site, team: Team, data: bytes) -> None:
    one, other = team.writer(0), team.writer(1)
    async with connected(one, other):
        assert other.line is not None
        await other.line.send(data)
        assert await other.closed() in (4400, 4429)
        await one.append(team.key, "goes on")
        await one.saved()
        assert site.body(team.key) == "goes on"


@asynchronous
async def test_nobody_writes_before_hello(team: Team) -> None:
    line = await Line.open(team.visits[0].address, team.writer().path, team.visits[0].cookie)
    await line.send(bytes([UPDATE]) + number(1) + sized(b"\0\0"))
    assert await asyncio.wait_for(line.read(print), 40) == 4400


def noise_of(dice: random.Random) -> bytes:
    """Return a message that is nearly one."""
    kind = dice.choice((HELLO, UPDATE, PRESENCE, 3, PING, CLAIM, 77))
    parts = [
        dice.choice((number(dice.randrange(2 ** dice.randrange(1, 60))), sized(dice.randbytes(dice.randrange(60)))))
        for _ in range(dice.randrange(4))
    ]
    return bytes([kind]) + b"".join(parts)


@asynchronous
async def test_noise_harms_nobody(site: Site, server: Serving, team: Team) -> None:
    dice = random.Random(7)
    one = team.writer(0)
    path, visit = one.path, team.visits[1]
    hub = server.hub
    logged = len(server.log.read_text())
    async with connected(one):
        await one.append(team.key, "calm")
        await one.saved()
        files = grown = 0
        for turn in range(300):
            if turn == 100:  # by then all that is kept for good is there
                assert await settle(lambda: len(one.people) == 1)
                files, grown = open_files(hub), resident(hub)
            line = await Line.open(visit.address, path, visit.cookie)
            if dice.random() < 0.6:
                hello = {"protocol": 1, "clients": [dice.randrange(2**32)], "language": "en"}
                await line.send(bytes([HELLO]) + jsonned(hello) + sized(b"\0"))
            try:
                for _ in range(dice.randrange(1, 5)):
                    if dice.random() < 0.3:
                        await line.send_raw(dice.randbytes(dice.randrange(200)))
                    else:
                        opcode = dice.choice((Opcode.BINARY, Opcode.BINARY, Opcode.BINARY, Opcode.TEXT, Opcode.CONT))
                        frame = Frame(opcode, noise_of(dice), dice.random() < 0.9)
                        await line.send_raw(frame.serialize(mask=True))
            except OSError:
                pass
            line.cut()
        assert await settle(lambda: len(one.people) == 1)
        assert await settle(lambda: open_files(hub) <= files + 2)
        print(f"the hub grew by {(resident(hub) - grown) / 1e6:.1f} MB")
        assert resident(hub) - grown < 30e6
        await one.append(team.key, " goes on")
        await one.saved()
        assert site.body(team.key) == "calm goes on"
    assert server.hub == hub
    assert server.log.read_text()[logged:] == ""


@asynchronous
async def test_broken_handshakes_harm_nobody(server: Serving, team: Team) -> None:
    dice = random.Random(8)
    for _ in range(40):
        changed: dict[str, str | None] = {
            dice.choice(("Origin", "Upgrade", "Connection", "Sec_WebSocket_Version", "Sec_WebSocket_Key", "Cookie")):
                dice.choice((None, "", "x", "é", "13" * 50, "=" * 24))
        }  # fmt: skip
        with pytest.raises((Refused, ConnectionResetError)) as refused:
            await Line.open(team.visits[0].address, team.writer().path, team.visits[0].cookie, **changed)
        if isinstance(refused.value, Refused):
            assert refused.value.status in (302, 400, 403, 404, 426)
    assert server.hub


# Work that everybody would wait for.


def forged(client: int, clock: int, count: int, text: int) -> bytes:
    """An update whose every insertion names neighbours so far apart that all between them is searched."""
    structs = b"".join(b"\x84" + number(text) + number(count - k) + b"\x01q" for k in range(count))
    return b"\x01" + number(count) + number(client) + number(clock) + structs + b"\x00"


async def delays_of(writer: Writer, is_over: asyncio.Event) -> list[float]:
    """Return how long the hub takes to answer, until it is over."""
    delays = []
    assert writer.line is not None
    while not is_over.is_set():
        writer.said.clear()
        began = time.monotonic()
        await writer.line.send(bytes([PING]))
        await writer.until(lambda: (PONG,) in writer.said)
        delays.append(time.monotonic() - began)
        await asyncio.sleep(0.01)
    return delays


@asynchronous
async def test_one_person_cannot_keep_the_hub_busy(server: Serving, team: Team) -> None:
    one, other = team.writer(0), team.writer(1)
    other.doc = pycrdt.Doc(client_id=one.doc.client_id + 1)  # whoever has the higher number searches longer
    async with connected(one, other):
        await one.append(team.key, "x" * 50_000)
        await one.saved()
        before, began = busy(server.hub), time.monotonic()
        is_over = asyncio.Event()
        measuring = asyncio.create_task(delays_of(one, is_over))
        closed = []
        while time.monotonic() - began < 8:
            # As many as one frame may hold, again and again, on new connections and under new client ids.
            client = other.doc.client_id
            update = b"".join(
                bytes([UPDATE]) + number(seq + 1) + sized(forged(client, 700 * seq, 700, one.doc.client_id))
                for seq in range(20)
            )
            assert other.line is not None
            await other.line.send(update)
            closed.append(await other.closed(30))
            await other.leave()
            other.doc = pycrdt.Doc(client_id=client + 1)
            await other.connect()
        is_over.set()
        delays = await measuring
        share = (busy(server.hub) - before) / (time.monotonic() - began)
        print(f"{len(closed)} times; longest delay {max(delays):.2f} s; the hub was busy for {share:.0%}")
        assert set(closed) <= {4400, 4429}
        assert share < 0.4  # by the processor: what a busy machine delays says nothing
        await one.append(team.key, "goes on")
        await one.saved()


@asynchronous
async def test_hours_without_a_network_come_in_while_others_write(site: Site, server: Serving, team: Team) -> None:
    one, other = team.writer(0), team.writer(1)
    async with connected(one, other):
        await one.append(team.key, "word " * 4_000)
        await one.saved()
        await other.until(lambda: len(other.read(team.key)) == 20_000)
        await other.leave()
        dice = random.Random(5)
        text = other.text(team.key)
        for turn in range(9_000):  # here and there, so that hardly any two belong together
            text.insert(dice.randrange(20_000), f"w{turn} ")
            if turn % 100 == 0:
                await asyncio.sleep(0)  # the hub asks whether the other one is still there
        made, other._made = other._made, []
        for first in range(0, len(made), 1_000):  # as browsers do
            other.held.append((first + 1, 0, b"", pycrdt.merge_updates(*made[first : first + 1_000])))
        is_over = asyncio.Event()
        measuring = asyncio.create_task(delays_of(one, is_over))
        began = time.monotonic()
        before, other.held = other.held, []
        await other.connect()
        for _seq, _person, _seal, update in before:
            await other._send(update)
        await other.until(lambda: not other.unsaved or other.close_code is not None, 120)
        took = time.monotonic() - began
        is_over.set()
        delays = await measuring
        print(f"in after {took:.1f} s; longest delay of others {max(delays):.2f} s")
        assert other.close_code is None
        await one.until(lambda: one.read(team.key) == other.read(team.key))
        assert site.body(team.key) == other.read(team.key)
        assert len(other.read(team.key)) == 20_000 + sum(len(f"w{turn} ") for turn in range(9_000))


@asynchronous
async def test_only_the_last_of_many_places_is_passed_on(team: Team) -> None:
    one, other = team.writer(0), team.writer(1)
    async with connected(one, other):
        await one.until(lambda: len(one.people) == 2)
        assert one.line is not None
        began = time.monotonic()
        for place in range(400):
            where = {"section": team.key, "anchor": b64encode(bytes([place % 250])).decode(), "head": ""}
            await one.line.send(bytes([PRESENCE]) + jsonned(where))
            await asyncio.sleep(0.002)
        await one.look_at(None)
        took = time.monotonic() - began
        await other.until(lambda: other.said and other.said[-1] == (OTHERS, one.info["you"], {"section": None}))
        told = [message for message in other.said if message[0] == OTHERS]
        print(f"{len(told)} of 401 in {took:.2f} s")
        assert len(told) <= took / 0.04 + 3
        # Who goes is gone at once, and is not told to be anywhere afterwards.
        other.said.clear()
        await one.look_at(team.key)
        await one.look_at(team.key)
        you = one.info["you"]
        await one.leave()
        await other.until(lambda: you not in other.people)
        other.said.clear()
        await asyncio.sleep(0.2)
        assert not [message for message in other.said if message[0] == OTHERS]
