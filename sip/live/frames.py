"""WebSocket frames on an asyncio transport: whole messages in, ready-made frames out, slow and dead peers cut off."""

import asyncio
import struct
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import SEND_EOF, Protocol, Side, State
from websockets.utils import accept_key

try:
    from websockets.speedups import apply_mask
except ImportError:  # there is no wheel for this machine: slower, and otherwise the same
    from websockets.utils import apply_mask

# What is parsed in one go: a flood of tiny frames meets its limit soon.
_SLICE = 16_384
# How many frames are counted at once.
_AT_ONCE = 10
# Seconds that a peer has to read what is left and to close its side.
_GRACE = 5.0
_PING = b"\x89\x00"

TOO_SLOW = 4408
TOO_FAST = 4429


@dataclass(frozen=True)
class FrameLimits:
    """What one connection may cost: bytes of a message, frames a second, bytes that wait to be read; seconds."""

    message: int = 1_000_000
    first_message: int = 4_000_000  # one message may be so large: the work of a time without a network
    frames_per_second: float = 200.0
    frames_at_once: float = 2_000.0
    waiting: int = 4_000_000
    ping_after: float = 20.0
    silent_after: float = 45.0


class Bucket:
    """A token bucket: `rate` tokens a second come in, at most `size` stay."""

    __slots__ = ("_at", "_rate", "_size", "left")

    def __init__(self, rate: float, size: float) -> None:
        self._rate = rate
        self._size = size
        self.left = size
        self._at = time.monotonic()

    def take(self, tokens: float = 1.0, now: float | None = None) -> bool:
        """Take so many tokens; False where they are not there. Who knows what `time.monotonic` says may tell."""
        if now is None:
            now = time.monotonic()
        if now > self._at:
            left = self.left + (now - self._at) * self._rate
            self.left = left if left < self._size else self._size
            self._at = now
        if tokens > self.left:
            return False
        self.left -= tokens
        return True

    def spend(self, tokens: float) -> float:
        """Take so many tokens, whether or not they are there; return the seconds until what is missing will be."""
        self.take(0.0)
        self.left -= tokens
        return 0.0 if self.left >= 0.0 else -self.left / self._rate

    @property
    def wait(self) -> float:
        """Seconds until what is missing will have come in; 0 where nothing is."""
        if self.left >= 0.0:
            return 0.0
        self.take(0.0)
        return max(0.0, -self.left / self._rate)

    @property
    def is_full(self) -> bool:
        """Whether as many tokens are there as may be."""
        self.take(0.0)
        return self.left >= self._size


def build_frame(payload: bytes) -> bytes:
    """Return the frame of a binary message as a server sends it: the same bytes for any number of peers."""
    length = len(payload)
    if length < 126:
        return b"\x82%c" % length + payload
    if length < 65_536:
        return struct.pack("!BBH", 0x82, 126, length) + payload
    return struct.pack("!BBQ", 0x82, 127, length) + payload


def whole_message(data: bytes) -> bytes | None:
    """Return what a browser's frame says if it is all of `data`, a binary message, and of usual length; else None."""
    size, start = len(data), 6
    if size < start or data[0] != 0x82:
        return None
    length = data[1] - 0x80  # less than nothing where there is no mask
    if length > 125:
        if length != 126 or size < 8:
            return None
        length, start = data[2] << 8 | data[3], 8
    return apply_mask(data[start:], data[start - 4 : start]) if size == start + length else None


def left_over(data: bytes, before: int) -> int:
    """Return how many bytes come after `data` to the end of its last frame; -1 where that cannot be seen.

    `before` is what was left before it.
    """
    at, size = before, len(data)
    if at < 0:
        return -1
    while at < size:
        if size - at < 2:
            return -1
        length = data[at + 1] & 0x7F
        more = {126: 2, 127: 8}.get(length, 0)
        if size - at < 2 + more:
            return -1
        if more:
            length = int.from_bytes(data[at + 2 : at + 2 + more])
        at += 2 + more + (4 if data[at + 1] & 0x80 else 0) + length
    return at - size


def _drop(_data: bytes) -> None:
    pass


def _nothing() -> None:
    pass


class Link(asyncio.Protocol):
    """One peer's connection, from the answer to its handshake on.

    `on_message(data)` is called for each whole binary message, `on_end()` once, when the connection is gone.
    """

    def __init__(
        self,
        key: str,
        limits: FrameLimits,
        on_message: Callable[[bytes], None],
        on_end: Callable[[], None],
        ahead: bytes = b"",
    ) -> None:
        self._key = key
        self._limits = limits
        self._on_message = on_message
        self._on_end = on_end
        self._ahead = ahead
        self._protocol = Protocol(Side.SERVER, state=State.OPEN, max_size=limits.first_message)
        self._pieces: list[bytes] = []
        self._left = 0  # bytes to come of a frame that came in part; -1: nobody knows
        self._is_between = True  # whether the next byte begins a message
        self._paid = 0  # frames that have their tokens
        self._frames = Bucket(limits.frames_per_second, limits.frames_at_once)
        self._transport: asyncio.Transport | None = None
        self.send: Callable[[bytes], object] = _drop  # a frame made by `build_frame`; nobody stands between
        self._timer: asyncio.TimerHandle | None = None
        self._rest: asyncio.TimerHandle | None = None
        self._held: deque[bytes] = deque()  # messages that came before the rest began
        self.heard_at = self._pinged_at = time.monotonic()
        self.is_closing = False
        self.close_code: int | None = None  # with which we closed

    # What the transport calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Answer the handshake."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=self._limits.waiting)
        if not self.is_closing:
            self.send = self._transport.write
        self._transport.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept_key(self._key).encode("ascii") + b"\r\n\r\n"
        )
        if self._ahead:
            self.data_received(self._ahead)
            self._ahead = b""

    def data_received(self, data: bytes) -> None:
        """Take in what came; whole messages are passed on."""
        self.heard_at = time.monotonic()
        # Nearly always one frame comes, and it is a message: then the whole machine is not needed.
        if self._is_between:
            message = whole_message(data)
            if message is not None and len(message) <= self._limits.message:
                if self._paid or self._pay():
                    self._paid -= 1
                    if self._rest is None:
                        self._on_message(message)
                    else:
                        self._held.append(message)
                return
        if len(data) <= _SLICE:
            self._parse(data)
            return
        for start in range(0, len(data), _SLICE):
            self._parse(data[start : start + _SLICE])

    def eof_received(self) -> None:
        """Note that the peer sends no more; the transport then closes."""
        self._protocol.receive_eof()
        self._stop_sending()

    def pause_writing(self) -> None:
        """Cut off a peer that does not read: it catches up when it comes again."""
        self.close(TOO_SLOW, "too slow")

    def connection_lost(self, _error: Exception | None) -> None:
        """Tell that it is over."""
        self._stop_sending()
        for timer in (self._timer, self._rest):
            if timer is not None:
                timer.cancel()
        self._pieces.clear()
        self._held.clear()
        # Whoever is told belongs to what ends here: they let go of each other, so that nobody need look for garbage.
        on_end, self._on_end, self._on_message = self._on_end, _nothing, _drop
        on_end()

    # What the hub calls.

    def send_large(self, frame: bytes) -> None:
        """Send a frame that may be larger than all that may wait otherwise, such as a whole document."""
        if not self.is_closing and self._transport is not None:
            self._transport.set_write_buffer_limits(high=self._limits.waiting + len(frame))
            self._transport.write(frame)

    def close(self, code: int, reason: str = "") -> None:
        """Say why it ends, and end it soon, also where the peer does not answer."""
        if self.is_closing or self._transport is None:
            return
        self._stop_sending()
        self.close_code = code
        if self._rest is not None:
            self._rest.cancel()
            self._transport.resume_reading()  # the peer's farewell is to be heard
        if self._protocol.state is State.OPEN:
            self._protocol.send_close(code, reason)
        self._flush()
        self._end_soon()

    def abort(self) -> None:
        """End it now; what was not sent is lost."""
        self._stop_sending()
        if self._transport is not None:
            self._transport.abort()

    def rest(self, seconds: float) -> None:
        """Take nothing more in for so long: the peer waits, and loses nothing."""
        if self.is_closing or self._transport is None or self._rest is not None:
            return
        self._transport.pause_reading()
        self._rest = asyncio.get_running_loop().call_later(seconds, self._go_on)

    def beat(self, now: float) -> None:
        """Ask for a sign of life, or cut off a peer that gave none; to be called every few seconds."""
        if self._rest is not None:
            self.heard_at = now  # it may have said something
        if now - self.heard_at > self._limits.silent_after:
            self.abort()
        elif now - max(self.heard_at, self._pinged_at) > self._limits.ping_after:
            self._pinged_at = now
            self.send(_PING)

    # Inside.

    def _stop_sending(self) -> None:
        self.is_closing = True
        self._is_between = False
        self.send = _drop

    def _parse(self, data: bytes) -> None:
        self._left = left_over(data, self._left)
        self._protocol.receive_data(data)
        events = self._protocol.events_received()
        if events and not self.is_closing and not self._frames.take(len(events)):
            self.close(TOO_FAST, "too fast")
        for event in events:  # also what came right before the peer's farewell
            if self.is_closing:
                break
            self._take(cast(Frame, event))
        if self._protocol.writes:
            self._flush()
        if self._protocol.state is not State.OPEN and not self.is_closing:
            self._stop_sending()
            self._end_soon()
        self._is_between = self._left == 0 and self._protocol.current_size is None and not self.is_closing

    def _pay(self) -> bool:
        """Take tokens for some frames at once; or cut the peer off."""
        if self._frames.take(_AT_ONCE):
            self._paid = _AT_ONCE
            return True
        self.close(TOO_FAST, "too fast")
        return False

    def _take(self, frame: Frame) -> None:
        if frame.opcode is Opcode.BINARY or frame.opcode is Opcode.CONT:
            data = bytes(frame.data)
            if not frame.fin or self._pieces:
                self._pieces.append(data)
                if not frame.fin:
                    return
                data = b"".join(self._pieces)
                self._pieces.clear()
            if len(data) > self._limits.message:
                self._protocol.max_message_size = self._limits.message
            self._pass_on(data)
        elif frame.opcode is Opcode.TEXT:
            self.close(CloseCode.UNSUPPORTED_DATA, "binary messages only")

    def _pass_on(self, message: bytes) -> None:
        if self._rest is None:
            self._on_message(message)
        else:
            self._held.append(message)

    def _go_on(self) -> None:
        self._rest = None
        while self._held and not self.is_closing and self._rest is None:
            self._on_message(self._held.popleft())
        if not self.is_closing and self._rest is None and self._transport is not None:
            self._transport.resume_reading()

    def _flush(self) -> None:
        transport = self._transport
        assert transport is not None
        for data in self._protocol.data_to_send():
            if data is SEND_EOF or not data:
                transport.write_eof()
            else:
                transport.write(data)

    def _end_soon(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_GRACE, self.abort)
