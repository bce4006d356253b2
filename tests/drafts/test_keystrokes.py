"""Updates that are read in a short way are read as in the long one."""

import random
from collections.abc import Callable
from functools import partial

import pycrdt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sip.drafts.keystrokes import Stroke, Typing, begins_nothing, join_strokes
from sip.drafts.live_document import LiveDocument, Refusal, RefusedUpdate, Taken
from sip.drafts.updates import read_state_vector, read_update

ANA, BEA = 2**40 + 5, 70_000
KEYS = frozenset({"a", "b"})
LIMIT = 1_000


def sending(pen: pycrdt.Doc, change: Callable[[], None]) -> bytes:
    """Return the update that a browser would send of a change."""
    made: list[bytes] = []
    subscription = pen.observe(lambda event: made.append(event.update))
    with pen.transaction():
        change()
    pen.unobserve(subscription)
    return made[0]


def write(text: pycrdt.Text, places: list[int], word: str, is_over: bool) -> None:
    """Write behind the last of some places, perhaps over the character before it; add where one would go on."""
    place = places[-1]
    text.insert(place, word)
    if is_over and place and str(text).encode()[place - 1] < 0x80:
        del text[place - 1 : place]
        place -= 1
    places.append(place + len(word.encode()))


def typed(seed: int, count: int = 30) -> list[bytes]:
    """Return what two people send who type, type over, go on elsewhere and delete, in two texts."""
    chance = random.Random(seed)
    pens = [pycrdt.Doc(client_id=client) for client in (ANA, BEA)]
    sent: list[bytes] = []
    while len(sent) < count:
        pen = chance.choice(pens)
        for update in sent:
            pen.apply_update(update)
        text = pen.get(chance.choice("aab"), type=pycrdt.Text)
        places = [chance.choice([0, len(str(text).encode())])]
        for _ in range(chance.randint(1, 8)):
            word = chance.choice(["x", "x", "mot ", "été", "深い", "👩‍🚀"])
            sent.append(sending(pen, partial(write, text, places, word, chance.random() < 0.2)))
        if chance.random() < 0.2:
            sent.append(sending(pen, text.clear))
    return sent[:count]


def read(typing: Typing, client: int, update: bytes) -> Stroke | None:
    """Read an update in the short way, which says the same as the long one."""
    stroke = typing.read(update)
    if stroke is None:
        return None
    content = read_update(update)
    (string,) = content.strings
    assert content.structs == [(client, typing.end, stroke.end, (client, typing.end - 1), typing.right)]
    assert update[stroke.at : stroke.to].decode() == string
    assert content.deletions == ([(client, sum(stroke.erased))] if stroke.erased else [])
    assert not any((content.names, content.halves, content.has_gaps))
    assert not {"\r", "\x00"} & set(string)
    return stroke


def followed(updates: list[bytes]) -> list[list[Stroke]]:
    """Read what was sent, and return strokes of one client each that go on where the ones before ended."""
    typing: dict[int, Typing] = {}
    found: dict[int, list[list[Stroke]]] = {ANA: [[]], BEA: [[]]}
    for update in updates:
        content = read_update(update)
        for struct in content.structs:
            client = struct.client
            stroke = read(typing[client], client, update) if client in typing else None
            if stroke:
                typing[client].go_on(stroke.end)
                found[client][-1].append(stroke)
            else:
                typing[client] = Typing(client, struct.start, struct.end, struct.right, "a")
                found[client].append([])
    return [strokes for runs in found.values() for strokes in runs if strokes]


@given(st.integers(0, 10_000))
def test_what_people_type_is_read_alike(seed: int):
    updates = typed(seed, 40)
    assert sum(map(len, followed(updates))) > len(updates) // 8


@given(st.integers(0, 10_000))
def test_strokes_say_the_same_when_they_are_joined(seed: int):
    runs = followed(typed(seed, 60))
    for strokes in runs:
        joined = read_update(join_strokes(strokes))
        apart = [read_update(stroke.update) for stroke in strokes]
        first, last = apart[0].structs[0], apart[-1].structs[0]
        assert joined.structs == [first._replace(end=last.end)]
        assert joined.strings == ["".join(content.strings[0] for content in apart)]
        assert sorted(joined.deletions) == sorted(one for content in apart for one in content.deletions)
    assert any(len(strokes) > 1 for strokes in runs)


@given(st.integers(0, 10_000), st.data())
def test_what_is_no_update_is_not_read_as_one(seed: int, data: st.DataObject):
    update = bytearray(data.draw(st.sampled_from(followed(typed(seed))))[-1].update)
    (struct,) = read_update(bytes(update)).structs
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(update) - 1))
        if data.draw(st.booleans()):
            update[place] = data.draw(st.integers(0, 255))
        else:
            del update[place:]
            update = update or bytearray(b"\x01")
    read(Typing(struct.client, 0, struct.start, struct.right, "a"), struct.client, bytes(update))


@pytest.mark.parametrize("tail", [b"", b"\x01", b"\x05abc", b"\x00\x00", b"\x01\xff\x00", b"\x81\x80", b"\x01\r\x00"])
def test_what_is_no_text_is_left_to_others(tail: bytes):
    head = bytes((1, 1, 7, 3, 0x84, 7, 2))
    assert Typing(7, 0, 3, None, "a").read(head + b"\x01x\x00")
    assert Typing(7, 0, 3, None, "a").read(head + tail) is None


@pytest.mark.parametrize(
    ("erased", "is_own"),
    [((7, 1, 1, 2), True), ((7, 1, 0, 3), True), ((7, 1, 1, 3), False), ((8, 1, 1, 2), False), ((7, 1, 1, 0), False)],
)
def test_only_ones_own_last_characters_are_deleted_in_the_short_way(erased: tuple[int, ...], is_own: bool):
    update = bytes((1, 1, 7, 3, 0x84, 7, 2, 1, 0x78, 1, *erased))
    assert bool(Typing(7, 0, 3, None, "a").read(update)) == is_own
    assert not Typing(7, 2, 3, None, "a").read(update)


def test_whether_an_update_begins_a_text():
    for update in typed(5, 60):
        content = read_update(update)
        assert begins_nothing(update) == (not content.names and len(content.structs) < 2)
    assert not any(map(begins_nothing, (b"", b"\x01", b"\x01\x01", b"\x01\x01\x05\x00", b"\x02")))


@given(st.integers(0, 10_000))
def test_both_ways_take_in_the_same(seed: int):
    chance = random.Random(seed)
    short, long = LiveDocument([]), LiveDocument([])
    updates = typed(seed)
    updates.insert(chance.randint(10, 20), updates[chance.randint(5, 29)])  # too late, or too early
    for place, update in enumerate(updates):
        clients, keys = {ANA, BEA}, KEYS
        if place > 15 and chance.random() < 0.1:
            clients, keys = chance.choice([({ANA}, KEYS), ({ANA, BEA}, frozenset({"a"}))])
        results: list[Taken | Refusal] = []
        for take in (partial(go_on, short), long.take):
            try:
                results.append(take(update, clients, keys, limit=LIMIT))
            except RefusedUpdate as error:
                results.append(error.why)
        assert results[0] == results[1]
        assert isinstance(results[0], Taken) or place >= 10
        if chance.random() < 0.3:
            assert [short.text(key) for key in "ab"] == [long.text(key) for key in "ab"]
    assert read_state_vector(short.vector) == read_state_vector(long.vector)
    assert short.reads_back()
    assert [short.text(key) for key in "ab"] == [long.text(key) for key in "ab"]


def go_on(document: LiveDocument, update: bytes, clients: set[int], keys: frozenset[str], limit: int) -> Taken:
    """Take in an update in the short way where that is possible."""
    for client in clients:
        if stroke := document.type_on(update, client, keys):
            return Taken(stroke.update, stroke.typing.keys, stroke.typing.clients, is_doubtful=False)
    return document.take(update, clients, keys, limit=limit)


def test_somebody_who_lost_a_text_goes_on_in_it_no_more():
    document = LiveDocument([])
    pen = pycrdt.Doc(client_id=ANA)
    text = pen.get("a", type=pycrdt.Text)
    for place in range(3):
        update = sending(pen, partial(text.insert, place, "x"))
        if place < 2:
            go_on(document, update, {ANA}, KEYS, limit=LIMIT)
    with pytest.raises(RefusedUpdate) as refused:
        go_on(document, update, {ANA}, frozenset({"b"}), limit=LIMIT)
    assert refused.value.why is Refusal.RIGHTS
    with pytest.raises(RefusedUpdate) as refused:
        go_on(document, update, {BEA}, KEYS, limit=LIMIT)
    assert refused.value.why is Refusal.FOREIGN
    assert document.type_on(update, ANA, KEYS)
    assert document.text("a") == "xxx"


def test_one_goes_on_only_where_it_is_certain_in_which_text():
    document = LiveDocument([])
    pen = pycrdt.Doc(client_id=ANA)
    text, other = (pen.get(key, type=pycrdt.Text) for key in "ab")

    def in_two_texts() -> None:
        text.insert(2, "x")
        other.insert(0, "x")

    def over() -> None:
        text.insert(0, "yy")
        del text[2:3]

    steps = [
        partial(text.insert, 0, "x"),
        partial(text.insert, 1, "x"),
        in_two_texts,
        partial(other.insert, 1, "x"),
        over,
    ]
    steps += [partial(text.insert, 2, "z"), partial(text.insert, 3, "z")]
    went_on = []
    for step in steps:
        update = sending(pen, step)
        went_on.append(document.type_on(update, ANA, KEYS) is not None)
        if not went_on[-1]:
            document.take(update, {ANA}, KEYS, limit=LIMIT)
    assert went_on == [False, True, False, False, False, False, True]
    assert [document.text(key) for key in "ab"] == [str(text), str(other)]


def test_what_is_too_long_is_refused_though_it_goes_on():
    document = LiveDocument([])
    pen = pycrdt.Doc(client_id=ANA)
    text = pen.get("a", type=pycrdt.Text)
    refused = []
    for place in range(0, LIMIT + 50, 50):
        update = sending(pen, partial(text.insert, place, "x" * 50))
        try:
            go_on(document, update, {ANA}, KEYS, limit=LIMIT)
        except RefusedUpdate as error:
            refused.append(error.why)
    assert refused == [Refusal.TOO_LONG]
    assert document.text("a") == "x" * LIMIT
