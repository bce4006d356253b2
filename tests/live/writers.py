"""A browser's side of the live socket: signs in over HTTP, opens the socket, writes, keeps what was not saved."""

import asyncio
import functools
import itertools
import json
import os
import re
import socket
import urllib.parse
import urllib.request
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

import pycrdt
from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol, Side, State

from tests.live import loops
from tests.live.visits import Visit

HELLO, UPDATE, PRESENCE, RELAY, PING, CLAIM = range(6)
WELCOME, UPDATES, ACK, OTHERS, PEOPLE, SECTIONS, STATE, COMMITTED, REFUSED, FROZEN, PONG = range(11)

_PAYLOADS = {
    WELCOME: "jb", UPDATES: "nnbb", ACK: "n", OTHERS: "nj", PEOPLE: "j", SECTIONS: "j", STATE: "j", COMMITTED: "n",
    REFUSED: "nj", FROZEN: "j", PONG: "",
}  # fmt: skip


_NOT_BACK = 2**62  # the number of a change that was handed back and is not passed on again yet


def asynchronous(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Let a test be a coroutine."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        loops.run(test(*args, **kwargs))

    return run


def number(value: int) -> bytes:
    digits = []
    while value > 0x7F:
        digits.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*digits, value])


def sized(data: bytes) -> bytes:
    return number(len(data)) + data


def jsonned(value: Any) -> bytes:
    return sized(json.dumps(value).encode())


def read_messages(frame: bytes) -> list[tuple[Any, ...]]:
    """Return (kind, payload …) of each message of a frame from the hub."""
    found = []
    at = 0

    def read_number() -> int:
        nonlocal at
        value = shift = 0
        while True:
            value |= (frame[at] & 0x7F) << shift
            shift += 7
            at += 1
            if frame[at - 1] < 0x80:
                return value

    def read_bytes() -> bytes:
        nonlocal at
        size = read_number()
        assert at + size <= len(frame)
        at += size
        return frame[at - size : at]

    while at < len(frame):
        kind = frame[at]
        at += 1
        payload: list[Any] = [kind]
        for form in _PAYLOADS[kind]:
            payload.append(read_number() if form == "n" else read_bytes() if form == "b" else json.loads(read_bytes()))
        found.append(tuple(payload))
    return found


class Refused(Exception):
    """The handshake was answered with another status than 101."""

    def __init__(self, status: int, body: str) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body


class Line:
    """One connection, message by message; `receive` is called with each that comes."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._protocol = Protocol(Side.CLIENT, state=State.OPEN, max_size=None)
        self._loop = asyncio.get_running_loop()
        self._sending = asyncio.Lock()
        self.frames = 0
        self.bytes = 0
        self.is_reading = asyncio.Event()
        self.is_reading.set()

    @classmethod
    async def open(cls, address: str, path: str, cookie: str = "", **headers: str | None) -> "Line":
        """Shake hands; raises Refused. A header given as None is left out."""
        parts = urllib.parse.urlsplit(address)
        loop = asyncio.get_running_loop()
        connection = socket.socket()
        connection.setblocking(False)
        try:
            await loop.sock_connect(connection, (parts.hostname, parts.port))
            sent: dict[str, str | None] = {
                "Host": parts.netloc,
                "Origin": address,
                "Connection": "keep-alive, Upgrade",
                "Upgrade": "websocket",
                "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": b64encode(os.urandom(16)).decode(),
                "Cookie": cookie or None,
                **{name.replace("_", "-"): value for name, value in headers.items()},
            }
            lines = [f"{name}: {value}" for name, value in sent.items() if value is not None]
            await loop.sock_sendall(connection, "\r\n".join([f"GET {path} HTTP/1.1", *lines, "", ""]).encode())
            head = b""
            while b"\r\n\r\n" not in head:
                data = await asyncio.wait_for(loop.sock_recv(connection, 1), 20)
                if not data:
                    raise ConnectionResetError(head)
                head += data
            status = int(head.split()[1])
            if status != 101:
                length = re.search(rb"(?i)content-length: (\d+)", head)
                body = b""
                while length and len(body) < int(length.group(1)):
                    body += await asyncio.wait_for(loop.sock_recv(connection, 10_000), 20)
                raise Refused(status, body.decode(errors="replace"))
        except BaseException:
            connection.close()
            raise
        return cls(connection)

    async def send(self, data: bytes, opcode: Opcode = Opcode.BINARY) -> None:
        await self.send_raw(Frame(opcode, data).serialize(mask=True))

    async def send_raw(self, data: bytes) -> None:
        async with self._sending:
            await self._loop.sock_sendall(self._connection, data)

    async def read(self, receive: Callable[[tuple[Any, ...]], None]) -> int | None:
        """Take in messages until the end; return the close code, None where the line broke."""
        try:
            while True:
                await self.is_reading.wait()
                data = await self._loop.sock_recv(self._connection, 1 << 18)
                if not data:
                    break
                self.bytes += len(data)
                self._protocol.receive_data(data)
                for frame in self._protocol.events_received():
                    assert isinstance(frame, Frame)
                    if frame.opcode is Opcode.BINARY:
                        self.frames += 1
                        for message in read_messages(bytes(frame.data)):
                            receive(message)
                for out in self._protocol.data_to_send():
                    if out:
                        await self.send_raw(out)
                if self._protocol.close_rcvd is not None:
                    break
        except OSError:
            pass
        finally:
            if self._connection.fileno() >= 0:
                with suppress(OSError):
                    self._connection.shutdown(socket.SHUT_RDWR)  # whoever still sends is told
                async with self._sending:
                    self._connection.close()
        return self._protocol.close_rcvd.code if self._protocol.close_rcvd else None

    def cut(self) -> None:
        """Break the line without a word."""
        if self._connection.fileno() >= 0:
            self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            self._connection.close()


class Writer:
    """Somebody who writes in a draft, with a document that lives on from one connection to the next."""

    def __init__(self, visit: Visit, slug: str, language: str = "en") -> None:
        self.visit = visit
        self.path = f"/drafts/{slug}/live/socket"
        self.language = language
        self.doc: pycrdt.Doc[pycrdt.Text] = pycrdt.Doc()
        self.line: Line | None = None
        self.info: dict[str, Any] = {}
        self.people: dict[int, dict[str, Any]] = {}
        self.sections: list[dict[str, Any]] = []
        self.said: list[tuple[Any, ...]] = []  # all other messages
        self.is_kept = True
        self.seq = 0
        # What is not known to be committed, in order, since each may follow from those before: own updates with their
        # number and an empty seal; others' with the hub's number, their author and the hub's seal.
        self.held: list[tuple[int, int, bytes, bytes]] = []
        self.close_code: int | None = None
        self._reading: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._is_own = True
        self.doc.observe(self._note)
        self._made: list[bytes] = []

    def _note(self, event: pycrdt.TransactionEvent) -> None:
        if self._is_own:
            self._made.append(event.update)

    @property
    def unsaved(self) -> list[bytes]:
        """Own updates that were not acknowledged."""
        return [update for _seq, _person, seal, update in self.held if not seal]

    @property
    def sealed(self) -> list[bytes]:
        """Updates of others that were passed on and are not committed yet."""
        return [update for _seq, _person, seal, update in self.held if seal]

    # Connecting.

    async def connect(self) -> "Writer":
        """Open the socket, come to know what there is, and hand back what the hub may have lost."""
        self.line = await Line.open(self.visit.address, self.path, self.visit.cookie)
        self.info, self.close_code = {}, None
        before, self.held = self.held, []
        try:
            hello = {"protocol": 1, "clients": [self.doc.client_id], "language": self.language}
            await self.line.send(bytes([HELLO]) + jsonned(hello) + sized(self.doc.get_state()))
            self._reading = asyncio.get_running_loop().create_task(self._read(self.line))
            await self.until(lambda: self.info or self.close_code is not None)
            assert self.info, f"closed with {self.close_code}"
        except BaseException:
            self.held = before  # nothing of it has been sent
            raise
        self.seq = 0
        for is_sealed, run in itertools.groupby(before, lambda one: bool(one[2])):
            held = list(run)
            own = [update for _seq, _person, _seal, update in held]
            if not is_sealed and sum(map(len, own)) < 100_000:  # a message has its limit, and so has their number
                own = [pycrdt.merge_updates(*own)]
            for update in [] if is_sealed else own:
                await self._send(update)
            for _seq, person, seal, update in held if is_sealed else []:
                self.held.append((_NOT_BACK, person, seal, update))
                with suppress(OSError):
                    await self.line.send(bytes([RELAY]) + number(person) + sized(seal) + sized(update))
        return self

    async def _read(self, line: Line) -> None:
        code = await line.read(self._take)
        if line is self.line:
            self.close_code = code or 0
            self._changed.set()

    def _take(self, message: tuple[Any, ...]) -> None:
        kind, *payload = message
        if kind == WELCOME:
            self.info = payload[0]
            self.is_kept = self.info["kept"]
            self.sections = self.info["sections"]
            self.people = {person["id"]: person for person in self.info["people"]}
            self._apply(payload[1])
        elif kind == UPDATES:
            seq, person, seal, update = payload
            handed_back = next((one for one in self.held if one[0] == _NOT_BACK and one[3] == update), None)
            if handed_back:
                at = self.held.index(handed_back)
                self.held[at : at + 1] = [(seq, person, seal, update)] if seal else []
            elif seal:
                self.held.append((seq, person, seal, update))
            self._apply(update)
        elif kind == ACK:
            self.held = [one for one in self.held if one[2] or one[0] > payload[0]]
        elif kind == COMMITTED:
            self.held = [one for one in self.held if not one[2] or one[0] > payload[0]]
        elif kind == STATE:
            self.is_kept = payload[0]["kept"]
        elif kind == SECTIONS:
            self.sections = payload[0]
        elif kind == PEOPLE:
            self.people.update({person["id"]: person for person in payload[0]["joined"]})
            for gone in payload[0]["left"]:
                self.people.pop(gone, None)
        else:
            self.said.append(message)
        self._changed.set()

    def _apply(self, update: bytes) -> None:
        self._is_own = False
        try:
            self.doc.apply_update(update)
        finally:
            self._is_own = True

    async def leave(self) -> None:
        """Break the line, as a phone in a tunnel does."""
        if self.line is not None:
            line, self.line = self.line, None
            line.cut()
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    # Writing.

    def text(self, key: str) -> pycrdt.Text:
        return self.doc.get(key, type=pycrdt.Text)

    def read(self, key: str) -> str:
        return str(self.text(key))

    async def write(self, key: str, at: int, text: str, cut: int = 0) -> int:
        """Replace `cut` code points at `at`; returns the number of the update, which is sent where there is a line."""
        shared = self.text(key)
        now = str(shared)
        at = min(at, len(now))
        start, end = len(now[:at].encode()), len(now[: at + cut].encode())
        with self.doc.transaction():
            if end > start:
                del shared[start:end]
            if text:
                shared.insert(start, text)
        made, self._made = self._made, []
        for update in made:
            await self._send(update)
        return self.seq

    async def append(self, key: str, text: str) -> int:
        return await self.write(key, len(self.read(key)), text)

    async def _send(self, update: bytes) -> None:
        self.seq += 1
        self.held.append((self.seq, 0, b"", update))
        if self.line is not None:
            with suppress(OSError):
                await self.line.send(bytes([UPDATE]) + number(self.seq) + sized(update))

    async def look_at(self, section: str | None) -> None:
        """Say where one is."""
        assert self.line is not None
        await self.line.send(bytes([PRESENCE]) + jsonned({"section": section}))

    # Waiting.

    async def until(self, condition: Callable[[], object], seconds: float = 60.0) -> None:
        """Wait for something to be true of what was received."""
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"waited in vain; closed: {self.close_code}, said: {self.said[-3:]}") from None

    async def saved(self, seconds: float = 60.0) -> None:
        """Wait until all that was written is acknowledged."""
        await self.until(lambda: not self.unsaved, seconds)

    async def closed(self, seconds: float = 60.0) -> int:
        """Wait for the end of the connection; returns the close code, 0 where the line broke."""
        await self.until(lambda: self.close_code is not None, seconds)
        assert self.close_code is not None
        return self.close_code


@asynccontextmanager
async def connected(*writers: Writer) -> AsyncIterator[None]:
    """Connect some people, and let them go again."""
    try:
        for writer in writers:
            await writer.connect()
        yield
    finally:
        for writer in writers:
            await writer.leave()
