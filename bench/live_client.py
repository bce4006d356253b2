"""Many simulated writers and readers on one event loop, for our socket and for the peers' servers.

The workload: every typist encodes small valid Yjs updates by hand, each an insertion behind the last one whose text is
`~<microseconds in base 36>~ `; now and then it also deletes the one before. Whoever receives a message looks for such
marks, so that servers may join or re-encode what they pass on. One sample is one (edit, receiver) pair.
"""

import asyncio
import base64
import json
import os
import random
import re
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Protocol, cast
from urllib.parse import urlsplit

import pycrdt

MARK = re.compile(rb"~([0-9a-z]{6,12})~")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_NOTHING_MISSING = b"\x00"  # the state vector of an empty document
_WELCOME, _UPDATES = 0, 1  # of our own messages


def microseconds() -> int:
    return time.monotonic_ns() // 1000


def base36(number: int) -> str:
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
    return text


def varuint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(128 | (number & 127))
        number >>= 7
    out.append(number)
    return bytes(out)


def read_varuint(data: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return number, at


def read_sized(data: bytes, at: int) -> tuple[bytes, int]:
    length, start = read_varuint(data, at)
    return data[start : start + length], start + length


def sized(data: bytes) -> bytes:
    return varuint(len(data)) + data


class Typist:
    """Writes one text: updates of a single client id, each behind the last."""

    def __init__(self, client: int, key: str, chance: random.Random) -> None:
        self.client = client
        self.key = key.encode()
        self.chance = chance
        self.clock = 0
        self.deleted = 0
        self._last: tuple[int, int] | None = None

    def update(self, text: str) -> bytes:
        """Return the update that adds `text` (ASCII); one in ten deletes what the one before added."""
        body = bytearray(b"\x01\x01" + varuint(self.client) + varuint(self.clock))
        if self.clock == 0:
            body += b"\x04\x01" + sized(self.key)
        else:
            body += b"\x84" + varuint(self.client) + varuint(self.clock - 1)
        body += sized(text.encode())
        if self._last and self.chance.random() < 0.1:
            start, length = self._last
            body += b"\x01" + varuint(self.client) + b"\x01" + varuint(start) + varuint(length)
            self._last = None
            self.deleted += 1
        else:
            body += b"\x00"
            self._last = (self.clock, len(text))
        self.clock += len(text)
        return bytes(body)


class Wire(Protocol):
    """How one kind of server is spoken to; messages are the payloads of binary frames."""

    def hello(self, place: "Place", client: int) -> list[bytes]: ...

    def edit(self, place: "Place", update: bytes, number: int, client: int) -> list[bytes]: ...

    def synced(self, place: "Place", message: bytes) -> list[bytes]:
        """Return the updates that make the document's state if this message brings it, else nothing."""
        ...

    def answer(self, place: "Place", message: bytes) -> bytes | None:
        """Return what the server waits for after this message."""
        ...


@dataclass(frozen=True)
class Place:
    """One document to write in: its address, the key of its text, the headers to open it with."""

    url: str
    name: str
    key: str
    headers: tuple[tuple[str, str], ...] = ()


class YWire:
    """y-websocket; Hocuspocus says the document's name before each message and wants a token."""

    def __init__(self, *, hocuspocus: bool = False) -> None:
        self._is_hocuspocus = hocuspocus

    def _prefix(self, place: Place) -> bytes:
        return sized(place.name.encode()) if self._is_hocuspocus else b""

    def hello(self, place: Place, client: int) -> list[bytes]:
        prefix = self._prefix(place)
        token = [prefix + b"\x02\x00" + sized(b"token")] if self._is_hocuspocus else []
        return [*token, prefix + b"\x00\x00" + sized(_NOTHING_MISSING)]

    def edit(self, place: Place, update: bytes, number: int, client: int) -> list[bytes]:
        state = json.dumps({"user": {"name": f"u{client}", "color": "#30bced"}, "cursor": {"a": number}}).encode()
        presence = b"\x01" + varuint(client) + varuint(number) + sized(state)
        prefix = self._prefix(place)
        return [prefix + b"\x00\x02" + sized(update), prefix + b"\x01" + sized(presence)]

    def synced(self, place: Place, message: bytes) -> list[bytes]:
        at = len(self._prefix(place))
        if message[at] in (0, 4) and message[at + 1] == 1:
            return [read_sized(message, at + 2)[0]]
        return []

    def answer(self, place: Place, message: bytes) -> bytes | None:
        at = len(self._prefix(place))
        if message[at] in (0, 4) and message[at + 1] == 0:
            return message[:at] + bytes([message[at], 1]) + sized(b"\x00\x00")
        return None


class OurWire:
    """The product's own socket: an edit and its cursor travel in one frame."""

    def hello(self, place: Place, client: int) -> list[bytes]:
        about = json.dumps({"protocol": 1, "clients": [client], "language": "fr"}).encode()
        return [b"\x00" + sized(about) + sized(_NOTHING_MISSING)]

    def edit(self, place: Place, update: bytes, number: int, client: int) -> list[bytes]:
        at = base64.b64encode(varuint(client) + varuint(number)).decode()
        presence = json.dumps({"section": place.key, "anchor": at, "head": at}, separators=(",", ":")).encode()
        return [b"\x01" + varuint(number) + sized(update) + b"\x02" + sized(presence)]

    def synced(self, place: Place, message: bytes) -> list[bytes]:
        if message[0] != _WELCOME:
            return []
        _about, at = read_sized(message, 1)
        state, at = read_sized(message, at)
        updates = [state]
        # What came since the state was put together follows in the same frame.
        while at < len(message) and message[at] == _UPDATES:
            _number, at = read_varuint(message, at + 1)
            _person, at = read_varuint(message, at)
            _seal, at = read_sized(message, at)
            update, at = read_sized(message, at)
            updates.append(update)
        return updates

    def answer(self, place: Place, message: bytes) -> bytes | None:
        return None


def frame(payload: bytes) -> bytes:
    """Return a masked binary frame; the mask is zero, which leaves the payload as it is."""
    size = len(payload)
    if size < 126:
        head = bytes((0x82, 0x80 | size))
    elif size < 65536:
        head = b"\x82\xfe" + size.to_bytes(2, "big")
    else:
        head = b"\x82\xff" + size.to_bytes(8, "big")
    return head + b"\0\0\0\0" + payload


class Client(asyncio.Protocol):
    """One open socket."""

    def __init__(self, crowd: "Crowd", place: Place, client: int) -> None:
        self.crowd = crowd
        self.place = place
        self.client = client
        self.typist: Typist | None = None
        self.own: set[bytes] = set()
        self.number = 0
        self.closed = ""
        self.state: asyncio.Future[list[bytes]] = asyncio.get_running_loop().create_future()
        self._buffer = b""
        self._parts: list[bytes] = []
        self._is_open = False
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        parts = urlsplit(self.place.url)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET {parts.path} HTTP/1.1", f"Host: {parts.netloc}", "Upgrade: websocket", "Connection: Upgrade",
            f"Origin: http://{parts.netloc}", "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}",
            *(f"{name}: {value}" for name, value in self.place.headers),
        ]  # fmt: skip
        self.transport.write(("\r\n".join(lines) + "\r\n\r\n").encode())

    def data_received(self, data: bytes) -> None:
        data = self._buffer + data if self._buffer else data
        at = 0
        if not self._is_open:
            at = data.find(b"\r\n\r\n") + 4
            if at < 4:
                self._buffer = data
                return
            status = data.split(b"\r\n", 1)[0]
            if b" 101 " not in status:
                self._fail(status.decode())
                return
            self._is_open = True
            for message in self.crowd.wire.hello(self.place, self.client):
                self.transport.write(frame(message))
        size = len(data)
        while size - at >= 2:
            length, start = data[at + 1], at + 2
            if length == 126:
                length, start = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
            elif length == 127:
                length, start = int.from_bytes(data[at + 2 : at + 10], "big"), at + 10
            end = start + length
            if end > size or start > size:
                break
            self._frame(data[at], data[start:end])
            at = end
        self._buffer = data[at:]

    def _frame(self, first: int, payload: bytes) -> None:
        kind = first & 15
        if kind == 8:
            self.closed = f"close {int.from_bytes(payload[:2], 'big')}"
            self.transport.close()
        elif kind == 9:
            self.transport.write(b"\x8a" + bytes([0x80 | len(payload)]) + b"\0\0\0\0" + payload)
        elif kind in (0, 2):
            self._parts.append(payload)
            if first & 0x80:
                message, self._parts = b"".join(self._parts), []
                self._message(message)

    def _message(self, message: bytes) -> None:
        crowd = self.crowd
        if crowd.is_measuring:
            now = microseconds()
            for mark in MARK.findall(message):
                if mark not in self.own:
                    crowd.delays.append(now - int(mark, 36))
        if not self.state.done():
            state = crowd.wire.synced(self.place, message)
            if state:
                self.state.set_result(state)
                return
            answer = crowd.wire.answer(self.place, message)
            if answer:
                self.transport.write(frame(answer))

    def edit(self) -> None:
        """Type one mark."""
        assert self.typist
        mark = base36(microseconds())
        self.own.add(mark.encode())
        self.number += 1
        self.crowd.sent.setdefault(self.place.name, []).append(mark)
        update = self.typist.update(f"~{mark}~ ")
        for message in self.crowd.wire.edit(self.place, update, self.number, self.client):
            self.transport.write(frame(message))

    def _fail(self, why: str) -> None:
        self.closed = why
        if not self.state.done():
            self.state.set_exception(ConnectionError(why))
        self.transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        self._fail(self.closed or f"lost ({error})")


@dataclass
class Crowd:
    """Everybody of one run, and what they saw."""

    wire: Wire
    delays: list[int] = field(default_factory=list)  # microseconds
    sent: dict[str, list[str]] = field(default_factory=dict)
    is_measuring: bool = False

    async def join(self, places: Iterable[Place], at_once: int = 20) -> list[Client]:
        """Open one socket for each place and wait until all have the document."""
        limit = asyncio.Semaphore(at_once)

        async def one(place: Place) -> Client:
            async with limit:
                parts = urlsplit(place.url)
                client = random.getrandbits(31) + 1
                _transport, made = await asyncio.get_running_loop().create_connection(
                    lambda: Client(self, place, client), parts.hostname or "127.0.0.1", parts.port or 80
                )
                await asyncio.wait_for(asyncio.shield(made.state), 60)
                return made

        return list(await asyncio.gather(*map(one, places)))

    async def type(self, typists: list[Client], seconds: float, rate: float) -> None:
        """Let everybody of `typists` make `rate` edits a second on a fixed schedule, staggered."""
        loop = asyncio.get_running_loop()
        chance = random.Random(1)
        end = loop.time() + seconds

        async def one(client: Client, phase: float) -> None:
            client.typist = Typist(client.client, client.place.key, random.Random(client.client))
            due = loop.time() + phase
            while due < end and not client.closed:
                await asyncio.sleep(max(0.0, due - loop.time()))
                client.edit()
                due += 1 / rate

        await asyncio.gather(*(one(client, chance.random() / rate) for client in typists))

    async def missing(self, places: Iterable[Place], clients: list[Client]) -> int:
        """Return how many edits are in no text that a newcomer receives; what typists deleted is not counted."""
        missing = 0
        for place in places:
            newcomer = (await self.join([place]))[0]
            document: pycrdt.Doc[pycrdt.Text] = pycrdt.Doc()
            for update in await newcomer.state:
                document.apply_update(update)
            newcomer.transport.close()
            present = set(re.findall(r"~([0-9a-z]{6,12})~", str(document.get(place.key, type=pycrdt.Text))))
            deleted = sum(c.typist.deleted for c in clients if c.typist and c.place.name == place.name)
            missing += max(0, len(set(self.sent.get(place.name, [])) - present) - deleted)
        return missing


@dataclass
class Figures:
    """One run: microseconds of the server's CPU for each delivery; delays in milliseconds."""

    cpu: float
    median: float
    p95: float
    lost: int
    missing: int
    closed: int


async def typing_run(
    wire: Wire,
    places: list[Place],
    *,
    typists: int,
    rate: float,
    seconds: float,
    cpu: Callable[[], float],
    meanwhile: AbstractContextManager[object] | None = None,
) -> Figures:
    """Open a socket for each place; the first `typists` of each document write; say what it cost.

    `meanwhile` is entered when all are there and left when the last edit was made.
    """
    crowd = Crowd(wire)
    clients = await crowd.join(places)
    by_name: dict[str, list[Client]] = {}
    for client in clients:
        by_name.setdefault(client.place.name, []).append(client)
    await asyncio.sleep(1)
    crowd.is_measuring = True
    before = cpu()
    writing = [client for members in by_name.values() for client in members[:typists]]
    with meanwhile or nullcontext():
        await crowd.type(writing, seconds, rate)
    expected = sum(len(marks) * (len(by_name[name]) - 1) for name, marks in crowd.sent.items())
    deadline = time.monotonic() + 10
    while len(crowd.delays) < expected and time.monotonic() < deadline:
        await asyncio.sleep(0.02)
    used = cpu() - before
    crowd.is_measuring = False
    closed = sum(bool(client.closed) for client in clients)
    missing = await crowd.missing([members[0].place for members in by_name.values()][:10], clients)
    for client in clients:
        client.transport.close()
    await asyncio.sleep(0.2)
    delays = sorted(crowd.delays) or [0]
    return Figures(
        cpu=used * 1e6 / max(1, len(crowd.delays)),
        median=delays[len(delays) // 2] / 1000,
        p95=delays[len(delays) * 95 // 100] / 1000,
        lost=expected - len(crowd.delays),
        missing=missing,
        closed=closed,
    )
