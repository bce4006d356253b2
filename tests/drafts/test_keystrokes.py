"""Updates that are read in a short way are read as in the long one."""

import random
from collections.abc import Callable
from functools import partial

import pycrdt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sip.drafts.keystrokes import read_keystroke
from sip.drafts.live_document import LiveDocument, Refusal, RefusedUpdate, Taken
from sip.drafts.updates import BadUpdate, read_state_vector, read_update

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


def typed(seed: int, count: int = 30) -> list[bytes]:
    """Return what two people send who type, go on elsewhere and delete, in two texts."""
    chance = random.Random(seed)
    pens = [pycrdt.Doc(client_id=client) for client in (ANA, BEA)]
    sent: list[bytes] = []
    for _ in range(count):
        pen = chance.choice(pens)
        for update in sent[-count // 2 :]:
            pen.apply_update(update)
        text = pen.get(chance.choice("aab"), type=pycrdt.Text)
        size = len(str(text).encode())
        place = size if chance.random() < 0.8 else 0
        word = chance.choice(["x", "x", "mot ", "été", "深い", "👩‍🚀"])
        is_erasing = size > 4 and chance.random() < 0.1

        def change(
            text: pycrdt.Text = text, place: int = place, word: str = word, is_erasing: bool = is_erasing
        ) -> None:
            if is_erasing:
                text.clear()
            else:
                text.insert(place, word)

        sent.append(sending(pen, change))
    return sent


def check(update: bytes) -> bool:
    """Compare both ways of reading; tell whether the short one is one."""
    stroke = read_keystroke(update)
    if stroke is None:
        return False
    content = read_update(update)
    assert content.structs == [stroke]
    assert not any((content.names, content.deletions, content.halves, content.has_gaps))
    (string,) = content.strings
    assert "\r" not in string
    assert "\x00" not in string
    return True


@given(st.integers(0, 10_000))
def test_what_people_type_is_read_alike(seed: int):
    updates = typed(seed)
    assert sum(map(check, updates)) > len(updates) // 4


@given(st.integers(0, 10_000), st.data())
def test_what_is_no_update_is_not_read_as_one(seed: int, data: st.DataObject):
    update = bytearray(data.draw(st.sampled_from(typed(seed, 20))))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(update) - 1))
        if data.draw(st.booleans()):
            update[place] = data.draw(st.integers(0, 255))
        else:
            del update[place:]
            update = update or bytearray(b"\x01")
    check(bytes(update))


@pytest.mark.parametrize("update", [b"", b"\x01", b"\x01\x01", b"\x00\x00", b"\x01\x01\x05\x00\x84" + b"\xff" * 20])
def test_what_ends_too_early_is_left_to_others(update: bytes):
    assert read_keystroke(update) is None


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
        for take in (short.take, lambda *args, limit: long._take_any(*args, limit)):
            try:
                results.append(take(update, clients, keys, limit=LIMIT))
            except RefusedUpdate as error:
                results.append(error.why)
        assert results[0] == results[1]
        assert isinstance(results[0], Taken) or place >= 10
        assert [short.text(key) for key in "ab"] == [long.text(key) for key in "ab"]
    assert read_state_vector(short.vector) == read_state_vector(long.vector)
    assert short.reads_back()


def test_somebody_who_lost_a_text_goes_on_in_it_no_more():
    document = LiveDocument([])
    pen = pycrdt.Doc(client_id=ANA)
    text = pen.get("a", type=pycrdt.Text)
    for place in range(3):
        before = pen.get_state()
        text.insert(place, "x")
        update = pen.get_update(before)
        if place < 2:
            document.take(update, {ANA}, KEYS, limit=LIMIT)
    with pytest.raises(RefusedUpdate) as refused:
        document.take(update, {ANA}, frozenset({"b"}), limit=LIMIT)
    assert refused.value.why is Refusal.RIGHTS
    with pytest.raises(RefusedUpdate) as refused:
        document.take(update, {BEA}, KEYS, limit=LIMIT)
    assert refused.value.why is Refusal.FOREIGN
    document.take(update, {ANA}, KEYS, limit=LIMIT)
    assert document.text("a") == "xxx"


def test_what_is_too_long_is_refused_though_it_goes_on():
    document = LiveDocument([])
    pen = pycrdt.Doc(client_id=ANA)
    text = pen.get("a", type=pycrdt.Text)
    refused = []
    for place in range(0, LIMIT + 50, 50):
        update = sending(pen, partial(text.insert, place, "x" * 50))
        try:
            document.take(update, {ANA}, KEYS, limit=LIMIT)
        except RefusedUpdate as error:
            refused.append(error.why)
    assert refused == [Refusal.TOO_LONG]
    assert document.text("a") == "x" * LIMIT


def test_damaged_bytes_raise_nothing_but_what_says_so():
    chance = random.Random(3)
    for update in typed(3):
        damaged = bytearray(update)
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        try:
            read_update(bytes(damaged))
        except BadUpdate:
            assert read_keystroke(bytes(damaged)) is None
