"""Passing a connected socket, with who is behind it, from a web worker to the hub over a Unix socket (SCM_RIGHTS)."""

import asyncio
import base64
import binascii
import json
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

# Bytes of one letter at most, with what was read ahead of it (gunicorn reads 8 KiB at once).
_MAX_LETTER = 32_768
# Seconds in which a worker that connected must have said what for.
_PATIENCE = 5.0
# How many sockets may wait for a hub that is busy; past that workers are refused at once.
_BACKLOG = 512
# Seconds until workers are listened to again after there was no descriptor left for one.
_REST = 0.5
# The shortest limit of a Unix socket's path (macOS) is 104 bytes, with the final NUL.
_MAX_PATH = 103


class NoHub(Exception):
    """Nobody takes sockets: no hub runs, or it has too many waiting."""


@dataclass(frozen=True)
class Newcomer:
    """Who is behind a socket, as the web worker found out; `key` is the handshake's `Sec-WebSocket-Key`."""

    draft_id: int
    person_id: int
    name: str
    epoch: int  # of their session: another one means that it was ended everywhere
    address: str
    key: str
    ahead: bytes = field(default=b"", repr=False)  # what the peer sent behind its request
    device: str = ""  # which of their sessions

    def to_bytes(self) -> bytes:
        """Return the JSON that travels with the socket."""
        return json.dumps({**asdict(self), "ahead": base64.b64encode(self.ahead).decode("ascii")}).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Newcomer":
        """Read what `to_bytes` wrote; raises ValueError."""
        try:
            values = json.loads(data)
            return cls(**{**values, "ahead": base64.b64decode(values["ahead"], validate=True)})
        except (TypeError, KeyError, binascii.Error) as error:
            raise ValueError(str(error)) from error


@contextmanager
def private_folder() -> Iterator[Path]:
    """Make a folder that only this account can enter, with room for a Unix socket's path; it goes with the block."""
    parent = tempfile.gettempdir()
    if len(os.fsencode(parent)) > _MAX_PATH - 40:
        parent = "/tmp"  # noqa: S108 - the folder made in it is private
    folder = tempfile.mkdtemp(prefix="sip-live-", dir=parent)
    try:
        yield Path(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def read_ahead(environ: Mapping[str, Any]) -> bytes:
    """Return what gunicorn read of the connection behind the request, taking it from its buffer."""
    reader = getattr(environ.get("wsgi.input"), "reader", None)
    unreader = getattr(reader, "unreader", None)
    return bytes(unreader.take_buffered()) if unreader is not None else b""


def pass_on(path: str, connection: socket.socket, newcomer: Newcomer) -> None:
    """Give a connection to the hub that listens at `path`; raises NoHub, and then the connection is as before.

    Afterwards `connection` is a socket whose peer is gone: a web server that writes to it meets what it meets wherever
    a browser goes away, and closes it as ever. Its own bookkeeping is never short of a socket, and the real one is left
    alone: it is not shut down, which would reach the hub's copy too.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as way:
        # Who finds no hub answers at once: the worker's threads are there for pages.
        way.setblocking(False)
        letter = newcomer.to_bytes()
        try:
            way.connect(path)
            sent = socket.send_fds(way, [letter], [connection.fileno()])
        except OSError as error:
            raise NoHub(str(error)) from error
        if sent != len(letter):
            raise NoHub("the letter did not fit")
    ours, theirs = socket.socketpair()
    theirs.close()
    with ours:
        os.dup2(ours.fileno(), connection.fileno(), inheritable=False)


class Reception:
    """The hub's side: listens at `path` and calls `welcome(connection, newcomer)` for every socket that comes."""

    def __init__(self, path: str, welcome: Callable[[socket.socket, Newcomer], None]) -> None:
        self._path = path
        self._welcome = welcome
        self._loop = asyncio.get_running_loop()
        self._listener = _listen(path)
        self._loop.add_reader(self._listener.fileno(), self._accept)
        self._waiting: set[_Letter] = set()
        self._resting: asyncio.TimerHandle | None = None

    def close(self) -> None:
        """Listen no more: workers that come are refused at once."""
        if self._resting is not None:
            self._resting.cancel()
        self._loop.remove_reader(self._listener.fileno())
        self._listener.close()
        with suppress(OSError):
            os.unlink(self._path)
        for letter in list(self._waiting):
            letter.drop()

    def _accept(self) -> None:
        for _ in range(_BACKLOG):
            try:
                way, _address = self._listener.accept()
            except BlockingIOError:  # nobody is left
                return
            except OSError:  # no descriptor is left: they wait, and so do we, or the loop would run in circles
                self._loop.remove_reader(self._listener.fileno())
                self._resting = self._loop.call_later(_REST, self._listen_again)
                return
            letter = _Letter(self._loop, way, self._arrived)
            self._waiting.add(letter)
            letter.read()

    def _listen_again(self) -> None:
        self._loop.add_reader(self._listener.fileno(), self._accept)

    def _arrived(self, letter: "_Letter", found: tuple[socket.socket, Newcomer] | None) -> None:
        self._waiting.discard(letter)
        if found is not None:
            self._welcome(*found)


class _Letter:
    """One worker's connection: collects its bytes and the socket that comes with them, until the worker hangs up."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        way: socket.socket,
        arrived: Callable[["_Letter", tuple[socket.socket, Newcomer] | None], None],
    ) -> None:
        self._loop = loop
        self._way = way
        self._arrived = arrived
        self._data = b""
        self._descriptors: list[int] = []
        way.setblocking(False)
        loop.add_reader(way.fileno(), self.read)
        self._timer = loop.call_later(_PATIENCE, self.drop)

    def read(self) -> None:
        """Take what is there; at its end, open the letter."""
        while True:
            try:
                data, descriptors, _flags, _address = socket.recv_fds(self._way, _MAX_LETTER, 4)
            except BlockingIOError:
                return
            except OSError:
                self.drop()
                return
            self._descriptors += descriptors
            self._data += data
            if len(self._data) > _MAX_LETTER or len(self._descriptors) > 1:
                self.drop()
                return
            if not data:
                self._open()
                return

    def drop(self) -> None:
        """Close what came, without more ado."""
        self._hang_up()
        for descriptor in self._descriptors:
            os.close(descriptor)
        self._descriptors = []
        self._arrived(self, None)

    def _open(self) -> None:
        try:
            newcomer = Newcomer.from_bytes(self._data)
            descriptor = self._descriptors.pop()
        except (ValueError, IndexError):
            self.drop()
            return
        self._hang_up()
        self._arrived(self, (socket.socket(fileno=descriptor), newcomer))

    def _hang_up(self) -> None:
        self._timer.cancel()
        self._loop.remove_reader(self._way.fileno())
        self._way.close()


def _listen(path: str) -> socket.socket:
    """Listen at `path`, in the place of a hub that was killed."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.setblocking(False)
    with suppress(FileNotFoundError):
        os.unlink(path)
    listener.bind(path)
    os.chmod(path, 0o600)
    listener.listen(_BACKLOG)
    return listener
