"""Frames: whole messages in, one ready-made frame to many, limits, slow and dead peers; a browser is played here."""

import asyncio
import gc
import random
import socket
import struct
import weakref
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
import uvloop
from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol, Side, State
from websockets.utils import accept_key

from sip.live.frames import TOO_FAST, TOO_SLOW, Bucket, FrameLimits, Link, build_frame, left_over, whole_message
from tests.live import loops

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
LIMITS = FrameLimits(message=1_000, first_message=4_000, waiting=100_000)


class Peer:
    """A browser's side of a connection, byte by byte, and what the server's side was told."""

    def __init__(self, link: Link, ours: socket.socket) -> None:
        self.link = link
        self.ours = ours
        self.messages: list[bytes] = []
        self.ended = asyncio.Event()
        self.protocol = Protocol(Side.CLIENT, state=State.OPEN, max_size=None)
        self.received: list[Frame] = []

    async def send(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self.ours, data)

    async def send_frame(self, opcode: Opcode, data: bytes, fin: bool = True) -> None:
        await self.send(Frame(opcode, data, fin).serialize(mask=True))

    async def receive(self) -> list[Frame]:
        """Return the frames that came, waiting for some; at the end of the connection, none."""
        data = await asyncio.wait_for(asyncio.get_running_loop().sock_recv(self.ours, 1 << 20), 10)
        if not data:
            return []
        self.protocol.receive_data(data)
        frames = [event for event in self.protocol.events_received() if isinstance(event, Frame)]
        self.received += frames
        return frames

    async def close_code(self) -> int | None:
        """Read on until the server says goodbye, or hangs up."""
        try:
            while self.protocol.close_rcvd is None and (await self.receive() or self.protocol.close_rcvd):
                pass
        except ConnectionResetError:
            pass
        return self.protocol.close_rcvd.code if self.protocol.close_rcvd else None


@pytest.fixture(params=["asyncio", "uvloop"])
def connected(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Run a test's coroutine with a connected `Peer`, on both loops."""

    def run(test: Callable[[Peer], Awaitable[None]], limits: FrameLimits = LIMITS, ahead: bytes = b"") -> None:
        async def body() -> None:
            with socket.create_server(("127.0.0.1", 0)) as listener:
                ours = socket.create_connection(listener.getsockname())
                theirs, _ = listener.accept()
            ours.setblocking(False)
            messages: list[bytes] = []
            ended = asyncio.Event()
            link = Link(KEY, limits, messages.append, ended.set, ahead)
            peer = Peer(link, ours)
            peer.messages, peer.ended = messages, ended
            theirs.setblocking(False)
            await asyncio.get_running_loop().connect_accepted_socket(lambda: link, theirs)
            head = b""
            while b"\r\n\r\n" not in head:
                head += await asyncio.get_running_loop().sock_recv(ours, 1)
            assert f"Sec-WebSocket-Accept: {accept_key(KEY)}".encode() in head
            try:
                await test(peer)
            finally:
                link.abort()
                await asyncio.wait_for(ended.wait(), 10)
                ours.close()

        loops.run(body(), uvloop.new_event_loop if request.param == "uvloop" else None)

    return run


async def until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("length", [0, 1, 125, 126, 65_535, 65_536, 200_000])
def test_frames_are_what_browsers_read(length: int) -> None:
    payload = random.Random(length).randbytes(length)
    protocol = Protocol(Side.CLIENT, state=State.OPEN, max_size=None)
    protocol.receive_data(build_frame(payload))
    (frame,) = protocol.events_received()
    assert isinstance(frame, Frame)
    assert (frame.opcode, bytes(frame.data), frame.fin) == (Opcode.BINARY, payload, True)


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 65_535, 65_536])
def test_a_usual_message_is_read_at_once_and_nothing_else_is(length: int) -> None:
    payload = random.Random(length).randbytes(length)
    whole = Frame(Opcode.BINARY, payload).serialize(mask=True)
    assert whole_message(whole) == (payload if length < 65_536 else None)
    assert whole_message(whole[:-1]) is whole_message(whole + b"\x82") is None
    assert whole_message(Frame(Opcode.BINARY, payload).serialize(mask=False)) is None
    assert whole_message(Frame(Opcode.BINARY, payload, fin=False).serialize(mask=True)) is None
    assert whole_message(Frame(Opcode.TEXT, payload).serialize(mask=True)) is None


def test_what_is_left_of_a_frame_is_known_wherever_it_is_cut() -> None:
    chance = random.Random(3)
    for _ in range(300):
        frames = [
            Frame(Opcode.BINARY, chance.randbytes(chance.choice((0, 5, 126, 70_000)))).serialize(mask=True)
            for _ in range(4)
        ]
        stream = b"".join(frames)
        ends = [sum(map(len, frames[: count + 1])) for count in range(4)]
        left = at = 0
        while at < len(stream) and left >= 0:
            cut = chance.choice((*ends, chance.randint(at + 1, len(stream))))
            if cut > at:
                left = left_over(stream[at:cut], left)
                at = cut
                start = max(end for end in (0, *ends) if end <= at)
                is_in_head = at - start < 14 and at not in ends
                assert left == min(end for end in ends if end >= at) - at or (left == -1 and is_in_head)
        assert left_over(b"any", -1) == -1


def test_messages_come_whole(connected: Callable[..., None]) -> None:
    async def test(peer: Peer) -> None:
        await peer.send_frame(Opcode.BINARY, b"one")
        await peer.send_frame(Opcode.BINARY, b"tw", fin=False)
        await peer.send_frame(Opcode.PING, b"are you there")
        await peer.send_frame(Opcode.CONT, b"", fin=False)
        await peer.send_frame(Opcode.CONT, b"o")
        for byte in Frame(Opcode.BINARY, b"three").serialize(mask=True):
            await peer.send(bytes([byte]))
        await until(lambda: len(peer.messages) == 3)
        assert peer.messages == [b"one", b"two", b"three"]
        (pong,) = await peer.receive()
        assert (pong.opcode, bytes(pong.data)) == (Opcode.PONG, b"are you there")

    connected(test)


def test_one_frame_serves_many(connected: Callable[..., None]) -> None:
    async def test(peer: Peer) -> None:
        frame = build_frame(b"x" * 70_000)
        for _ in range(3):
            peer.link.send(frame)
        while len(peer.received) < 3:
            await peer.receive()
        assert {bytes(frame.data) for frame in peer.received} == {b"x" * 70_000}

    connected(test)


def test_bytes_ahead_of_the_answer_are_not_lost(connected: Callable[..., None]) -> None:
    async def test(peer: Peer) -> None:
        await until(lambda: peer.messages == [b"early"])

    connected(test, ahead=Frame(Opcode.BINARY, b"early").serialize(mask=True))


def test_a_last_word_before_the_farewell_counts(connected: Callable[..., None]) -> None:
    async def test(peer: Peer) -> None:
        farewell = Frame(Opcode.CLOSE, struct.pack("!H", 1001)).serialize(mask=True)
        await peer.send(Frame(Opcode.BINARY, b"last word").serialize(mask=True) + farewell)
        assert await peer.close_code() == 1001
        assert await peer.receive() == []
        peer.ours.close()
        await asyncio.wait_for(peer.ended.wait(), 10)
        assert peer.messages == [b"last word"]

    connected(test)


def test_one_large_message_only(connected: Callable[..., None]) -> None:
    async def test(peer: Peer) -> None:
        await peer.send_frame(Opcode.BINARY, b"x" * 4_000)
        await peer.send_frame(Opcode.BINARY, b"x" * 1_000)
        await until(lambda: len(peer.messages) == 2)
        await peer.send_frame(Opcode.BINARY, b"x" * 1_001)
        assert await peer.close_code() == 1009
        assert len(peer.messages) == 2

    connected(test)


def test_pieces_are_counted_together(connected: Callable[..., None]) -> None:
    async def test(peer: Peer) -> None:
        await peer.send_frame(Opcode.BINARY, b"x" * 3_000, fin=False)
        await peer.send_frame(Opcode.CONT, b"x" * 1_001)
        assert await peer.close_code() == 1009
        assert peer.messages == []

    connected(test)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (Frame(Opcode.TEXT, b"words").serialize(mask=True), 1003),
        (Frame(Opcode.BINARY, b"bare").serialize(mask=False), 1002),
        (Frame(Opcode.CONT, b"of nothing").serialize(mask=True), 1002),
        (b"\xf2\x80\x00\x00\x00\x00", 1002),
        (b"\x83\x80\x00\x00\x00\x00", 1002),
        (b"\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00", 1009),
    ],
    ids=["words", "no mask", "nothing to go on with", "reserved bits", "unknown kind", "too long"],  # masks are random
)
def test_what_is_no_message_ends_the_connection(connected: Callable[..., None], data: bytes, code: int) -> None:
    async def test(peer: Peer) -> None:
        await peer.send(data)
        assert await peer.close_code() == code
        assert peer.messages == []

    connected(test)


def test_a_flood_of_frames_ends_the_connection(connected: Callable[..., None]) -> None:
    async def test(peer: Peer) -> None:
        await peer.send(Frame(Opcode.PONG, b"").serialize(mask=True) * 500)
        assert await peer.close_code() == TOO_FAST

    connected(test, replace(LIMITS, frames_per_second=10, frames_at_once=100))


def test_a_slow_reader_is_told_if_it_reads_after_all(connected: Callable[..., None]) -> None:
    async def test(peer: Peer) -> None:
        frame = build_frame(b"x" * 60_000)
        sent = 0
        while not peer.link.is_closing:
            peer.link.send(frame)
            sent += 1
            assert sent < 10_000
            await asyncio.sleep(0)
        assert peer.link.close_code == TOO_SLOW
        assert await peer.close_code() == TOO_SLOW

    connected(test)


def test_a_reader_that_sleeps_costs_no_more_than_the_limit(
    connected: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sip.live.frames._GRACE", 0.2)

    async def test(peer: Peer) -> None:
        frame = build_frame(b"x" * 60_000)
        for _ in range(2_000):
            peer.link.send(frame)
            await asyncio.sleep(0)
        transport = peer.link._transport
        assert transport is not None
        assert transport.get_write_buffer_size() <= LIMITS.waiting + 61_000
        await asyncio.wait_for(peer.ended.wait(), 10)

    connected(test)


def test_a_whole_document_may_be_larger_than_what_may_wait(connected: Callable[..., None]) -> None:
    async def test(peer: Peer) -> None:
        peer.link.send_large(build_frame(b"x" * 8_000_000))
        peer.link.send(build_frame(b"y"))
        while len(peer.received) < 2:
            await peer.receive()
        assert not peer.link.is_closing

    connected(test)


def test_dead_peers_are_noticed_and_living_ones_are_not_troubled(connected: Callable[..., None]) -> None:
    async def test(peer: Peer) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        link = peer.link
        heard = link.heard_at
        link.beat(heard + 1.5)
        (ping,) = await peer.receive()
        assert ping.opcode is Opcode.PING
        link.beat(heard + 1.6)  # asked just now: not again
        await peer.send_frame(Opcode.PONG, b"")
        await until(lambda: link.heard_at > heard)
        heard = link.heard_at
        link.beat(heard + 2.9)
        assert not link.is_closing
        link.beat(heard + 3.1)
        await asyncio.wait_for(peer.ended.wait(), 10)
        assert loop.time() - began < 5

    connected(test, replace(LIMITS, ping_after=1.0, silent_after=3.0))


def test_a_peer_that_does_not_answer_the_farewell_is_cut_off(
    connected: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sip.live.frames._GRACE", 0.1)

    async def test(peer: Peer) -> None:
        peer.link.close(1012, "restart")
        await asyncio.wait_for(peer.ended.wait(), 10)

    connected(test)


def noise_of(dice: random.Random) -> bytes:
    """Return bytes that are partly frames, partly nearly so, partly nothing."""
    kind = dice.randrange(4)
    if kind == 0:
        return dice.randbytes(dice.randrange(1, 40))
    if kind == 1:
        return bytes([dice.choice((0x82, 0x80, 0x02, 0x00, 0x88, 0x89)), 0x80 | dice.randrange(128)])
    if kind == 2:
        opcode = dice.choice((Opcode.PING, Opcode.PONG, Opcode.CLOSE))
        return Frame(opcode, dice.randbytes(dice.randrange(126))).serialize(mask=True)
    opcode = dice.choice((Opcode.BINARY, Opcode.BINARY, Opcode.CONT, Opcode.TEXT))
    return Frame(opcode, dice.randbytes(dice.randrange(3_000)), dice.random() < 0.7).serialize(mask=True)


def test_random_bytes_harm_nobody(connected: Callable[..., None]) -> None:
    dice = random.Random(20)
    troubles: list[object] = []
    for _ in range(100):
        noise = b"".join(noise_of(dice) for _ in range(dice.randrange(1, 12)))

        async def test(peer: Peer, noise: bytes = noise) -> None:
            asyncio.get_running_loop().set_exception_handler(lambda _loop, told: troubles.append(told))
            await peer.send(noise)
            peer.ours.shutdown(socket.SHUT_WR)
            await asyncio.wait_for(peer.ended.wait(), 10)

        connected(test)
    assert troubles == []


def test_a_bucket_fills_with_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("sip.live.frames.time.monotonic", lambda: now)
    bucket = Bucket(rate=10, size=20)
    assert [bucket.take() for _ in range(21)] == [True] * 20 + [False]
    now += 0.55
    assert [bucket.take() for _ in range(6)] == [True] * 5 + [False]
    now += 1_000
    assert bucket.take(20)
    assert not bucket.take()


def test_who_has_left_is_let_go_of_at_once() -> None:
    """Nothing large waits for the garbage collector, which the hub calls seldom."""

    class Owner:
        link: Link

        def hear(self, _data: bytes) -> None:
            pass

        def end(self) -> None:
            pass

    owner = Owner()
    owner.link = Link(KEY, LIMITS, owner.hear, owner.end)
    left = weakref.ref(owner)
    gc.disable()
    try:
        owner.link.connection_lost(None)
        del owner
        assert left() is None
    finally:
        gc.enable()
