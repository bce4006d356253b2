"""The wire: what browsers send is read strictly, what the hub sends is what they read."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sip.live import messages
from sip.live.messages import BadMessage, Claim, Hello, Ping, Presence, Relay, Update, decode
from tests.live import wire

NUMBERS = st.one_of(st.integers(0, 300), st.integers(0, 2**53 - 1))


def test_a_frame_may_hold_many_messages():
    frame = b"".join(
        [
            wire.hello([7, 8, 7], b"\x00", "fr"),
            wire.update(1, b"one"),
            wire.presence("abc", b"\x01", b"\x02"),
            wire.relay(12, b"s" * 16, b"two"),
            b"\x04",
            wire.claim(2**40),
        ]
    )
    found = decode(frame)
    assert found[0] == Hello((7, 8), "fr", b"\x00")
    assert found[1] == Update(1, b"one")
    assert isinstance(found[2], Presence)
    assert found[2].section == "abc"
    assert found[3:] == [Relay(12, b"s" * 16, b"two"), Ping(), Claim(2**40)]
    assert decode(b"") == []


@given(NUMBERS, NUMBERS, st.binary(max_size=300), st.binary(max_size=20))
def test_what_the_hub_says_is_read_back(seq: int, person: int, data: bytes, seal: bytes):
    frame = b"".join(
        [
            messages.updates(seq, person, seal, data),
            messages.ack(seq),
            messages.presence(seq, b'{"section":null}'),
            messages.committed(person),
            messages.PONG,
        ]
    )
    updates, ack, presence, committed, pong = wire.read(frame)
    assert (updates.seq, updates.person, updates.seal, updates.data) == (seq, person, seal, data)
    assert (ack.name, ack.seq, committed.name, committed.seq) == ("ack", seq, "committed", person)
    assert (presence.seq, presence.value, pong.name) == (seq, {"section": None}, "pong")
    assert decode(wire.update(seq, data) + wire.relay(person, seal, data)) == [
        Update(seq, data),
        Relay(person, seal, data),
    ]


def test_what_the_hub_tells_in_json():
    frame = b"".join(
        [
            messages.welcome({"you": 1}, b"text"),
            messages.people([{"id": 2, "name": "Zoé"}], [3]),
            messages.sections([{"key": "a"}]),
            messages.state(is_kept=False),
            messages.refused(4, "rights", "Non."),
            messages.frozen(2, "Été", "Ana"),
        ]
    )
    assert [(told.name, told.seq, told.value) for told in wire.read(frame)] == [
        ("welcome", 0, {"you": 1}),
        ("people", 0, {"joined": [{"id": 2, "name": "Zoé"}], "left": [3]}),
        ("sections", 0, [{"key": "a"}]),
        ("state", 0, {"kept": False}),
        ("refused", 4, {"code": "rights", "text": "Non."}),
        ("frozen", 0, {"number": 2, "label": "Été", "by": "Ana"}),
    ]
    assert wire.read(frame)[0].data == b"text"


@pytest.mark.parametrize(
    "frame",
    [
        b"\x06", b"\xff", b"\x01", b"\x01\x01", b"\x01\x01\x05abc", b"\x01" + b"\xff" * 9, b"\x01\x80",
        b"\x01" + wire.number(2**53) + b"\x00", b"\x05" + wire.number(2**56), b"\x03\x01\x01s",
        wire.hello([]), wire.hello(list(range(21))), wire.hello([1], protocol=2), wire.hello([-1]), wire.hello([2**53]),
        wire.hello([True]), wire.hello([1.0]), wire.hello([1], language="x" * 11),
        wire.hello([1]).replace(b"[1]", b"123"),
        b"\x00\x02[]\x00", b"\x00\x01{\x00", b"\x00\x02\xff\xff\x00", b"\x00" + wire.sized(b"[" * 100_000) + b"\x00",
        wire.presence("x" * 21), b"\x02" + wire.sized(b'{"section":1}'), b"\x02" + wire.sized(b'{"section":"a","x":1}'),
        b"\x02" + wire.sized(b'{"section":"a","anchor":"?"}'),
        b"\x02" + wire.sized(b'{"section":"a","head":"\xc3\xa9"}'),
        b"\x02" + wire.sized(b'{"section":"a","head":7}'), wire.presence("a", b"x" * 200),
        # Browsers read nothing but UTF-8 without a mark, and would choke on it.
        *(b"\x02" + wire.sized('{"section":"a"}'.encode(name)) for name in ("utf-16", "utf-32", "utf-8-sig")),
        b"\x02" + wire.sized(b'{"section":"a"' + b" " * 1100 + b"}"),
    ],
)  # fmt: skip
def test_what_is_no_message_is_refused(frame: bytes):
    with pytest.raises(BadMessage):
        decode(frame)


def test_nobody_can_say_more_than_where_they_are():
    (away,) = decode(b"\x02" + wire.sized(b'{"section":null,"name":"Somebody else"}'))
    assert away == Presence(None, b'{"section":null}')


@given(st.binary(max_size=80))
def test_random_bytes(frame: bytes):
    read_or_refused(frame)


@given(st.integers(0, 10_000))
def test_damaged_frames(seed: int):
    chance = random.Random(seed)
    frame = bytearray(
        wire.hello([7, 2**40], b"\x01\x07\x03") + wire.update(300, b"u" * 40) + wire.presence("abc", b"\x01") + b"\x04"
    )
    for _ in range(chance.randrange(1, 5)):
        match chance.randrange(3):
            case 0:
                frame[chance.randrange(len(frame))] ^= 1 << chance.randrange(8)
            case 1:
                del frame[chance.randrange(len(frame)) :]
                frame.append(chance.randrange(256))
            case 2:
                place = chance.randrange(len(frame))
                frame[place:place] = chance.randbytes(3)
    read_or_refused(bytes(frame))


def read_or_refused(frame: bytes) -> None:
    try:
        found = decode(frame)
    except BadMessage:
        return
    # Nothing comes out that did not go in.
    size = sum(len(part) for message in found for part in message if isinstance(part, bytes))
    assert size <= len(frame) + len(b'{"section":null}') * len(found)
