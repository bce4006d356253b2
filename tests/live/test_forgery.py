"""Hand-made changes: people write only where and as whom they may, and what is refused leaves no trace."""

import random
import time
from dataclasses import replace

import pycrdt
import pytest

from sip.drafts import live_text
from sip.drafts.batches import Outcome, Row
from sip.drafts.live_text import replace_texts
from sip.drafts.updates import MOST_LOOSE, MOST_PIECES, parts_of, read_update
from sip.live.messages import MALFORMED, Hello
from sip.live.people import Identity
from sip.live.room import COSTLY, Effects, Room
from tests.live import wire
from tests.live.peers import Client, open_room
from tests.live.rooms import (
    ANA,
    BEA,
    CEM,
    DRAFT,
    FORM,
    NONE,
    ONLY_A,
    START,
    TEXTS,
    Writer,
    code,
    commit,
    damaged,
    passed_on,
    room,
    trace,
)
from tests.timing import is_quick

MINE = 100
number = wire.number


def inserted(content: bytes, client: int = MINE, clock: int = 0) -> bytes:
    """An update of one struct, as it stands behind its client and clock."""
    return b"\x01\x01" + number(client) + number(clock) + content + b"\x00"


def deleted(client: int, clock: int, length: int) -> bytes:
    return b"\x00\x01" + number(client) + b"\x01" + number(clock) + number(length)


def between(
    left: tuple[int, int] | None, right: tuple[int, int] | None, text: bytes, client: int = MINE, clock: int = 0
) -> bytes:
    info = 4 | 0x80 * bool(left) | 0x40 * bool(right)
    origins = b"".join(number(client) + number(clock) for client, clock in filter(None, (left, right)))
    return inserted(bytes([info]) + origins + number(len(text)) + text, client, clock)


def written(key: str, text: str) -> bytes:
    """What somebody sends who has the whole document and writes into a section."""
    client = Client(MINE, [START])
    return client.insert(key, len(client.text(key)), text)


def erased(key: str) -> bytes:
    client = Client(MINE, [START])
    return client.delete(key, 0, 2)


def fleeting(key: str) -> bytes:
    """Text that is typed and deleted at once: the section says the same before and after."""
    client = Client(MINE, [START])
    client.insert(key, 1, "zz")
    client.delete(key, 1, 3)
    return client.doc.get_update(pycrdt.get_state(START))


def of_two_sections() -> bytes:
    client = Client(MINE, [START])
    return live_text.merge_updates([client.insert("aaa", 0, "x"), client.insert("bbb", 0, "y")])


def text_of(doc: pycrdt.Doc) -> pycrdt.Text:
    return doc.get("aaa", type=pycrdt.Text)


def something_else(change) -> bytes:
    """What the editor never sends, made by a library that can."""
    doc: pycrdt.Doc = pycrdt.Doc(client_id=MINE)
    doc.apply_update(START)
    before = doc.get_state()
    change(doc)
    return doc.get_update(before)


# Character positions of the form's client: "aaa" is written first. "Un été 😀 à Liège." has its emoji at 7 and 8.
CASES = {
    "writing in another section": ("rights", written("bbb", "x")),
    "deleting in another section": ("rights", erased("bbb")),
    "typing and deleting in another section": ("rights", fleeting("bbb")),
    "writing in an empty section": ("rights", written("ccc", "x")),
    "writing in two sections at once": ("rights", of_two_sections()),
    "a section that is not there": ("rights", written("zzz", "x")),
    "a section without a name": ("rights", written("", "x")),
    "a form's client": ("foreign", replace_texts(START, {"aaa": TEXTS["aaa"] + "x"}, client_id=FORM)),
    "somebody's client": ("foreign", between((FORM, 0), None, b"x", client=700)),
    "a client never seen": ("foreign", between((FORM, 0), None, b"x", client=4711)),
    "a clock with a gap": ("incomplete", between((FORM, 0), None, b"x", clock=1)),
    "a gap inside": ("incomplete", b"\x01\x03" + number(MINE) + b"\x00\x84\x05\x00\x01x\x0a\x02\x84\x05\x00\x01y\x00"),
    "the left neighbour is to come": ("foreign", between((FORM, 900), None, b"x")),
    "the right neighbour is to come": ("foreign", between((FORM, 0), (700, 0), b"x")),
    "its own left neighbour": ("incomplete", between((MINE, 0), None, b"x")),
    "its own right neighbour": ("incomplete", between(None, (MINE, 0), b"x")),
    "deleting what is to come": ("foreign", deleted(FORM, 900, 1)),
    "deleting one's own that is to come": ("incomplete", deleted(MINE, 0, 1)),
    "a character cut by an insertion": ("malformed", between((FORM, 7), (FORM, 8), "é".encode())),
    "a character cut by a deletion": ("malformed", deleted(FORM, 8, 1)),
    "a character cut by the start of a deletion": ("malformed", deleted(FORM, 6, 2)),
    "a carriage return": ("malformed", between((FORM, 0), None, b"a\r\nb")),
    "NUL": ("malformed", between((FORM, 0), None, b"a\x00b")),
    "bytes that are no text": ("malformed", between((FORM, 0), None, b"\xc3\x28")),
    "half of a surrogate pair": ("malformed", between((FORM, 0), None, b"\xed\xa0\xbd")),
    "nothing": ("malformed", between((FORM, 0), None, b"")),
    "no update": ("malformed", b""),
    "more behind it": ("malformed", between((FORM, 0), None, b"x") + b"\x00"),
    "numbers that wrap around": ("malformed", between((FORM, 0), None, b"x", clock=2**40)),
    "an embedded thing": ("malformed", something_else(lambda doc: text_of(doc).insert_embed(1, {"x": 1}))),
    "an attribute": ("malformed", something_else(lambda doc: text_of(doc).format(0, 2, {"bold": True}))),
    "a map": ("malformed", something_else(lambda doc: doc.get("aaa", type=pycrdt.Map).__setitem__("x", "y"))),
    "a list": ("malformed", something_else(lambda doc: doc.get("zz", type=pycrdt.Array).append("y"))),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_it_is_refused_and_leaves_no_trace(case: str):
    expected, update = CASES[case]
    here = room()
    bea = Writer(here, 2, BEA, 700)
    ana = Writer(here, 1, ANA, MINE, ONLY_A)
    before = trace(here)
    effects = ana.send(update)
    assert code(effects) == (expected, MALFORMED if expected == "malformed" else None)
    after = trace(here)
    assert after == before
    # And everybody goes on as if nothing had been.
    told = passed_on(ana.write("aaa", 0, "é😀"))
    bea.client.doc.apply_update(told.data)
    assert bea.client.text("aaa") == here._document.text("aaa") == "é😀" + TEXTS["aaa"]
    assert commit(here)[0].rows == [(ANA, told.data)]


def test_who_may_write_nowhere_writes_nowhere():
    for key in TEXTS:
        here = room()
        ana = Writer(here, 1, ANA, MINE, NONE)
        before = trace(here)
        assert code(ana.write(key, 0, "x")) == ("rights", None)
        assert trace(here) == before


def test_what_had_to_be_undone_counts_for_more():
    here = room()
    ana = Writer(here, 1, ANA, MINE, ONLY_A)
    assert ana.erase("bbb", 0, 1).weight == COSTLY
    assert ana.send(b"").weight == 1
    assert ana.write("aaa", 0, "x").weight == 1


def test_a_text_may_not_grow_too_long():
    here = open_room(DRAFT, max_section=40)
    ana = Writer(here, 1, ANA, MINE)
    room_left = 40 - len(TEXTS["aaa"])
    passed_on(ana.write("aaa", 0, "é" * room_left))
    before = trace(here)
    longer = Client(MINE, [START, here._document.base, *(change.update for change in here._changes.all())])
    assert code(ana.send(longer.insert("aaa", 0, "x"))) == ("too_long", None)
    assert trace(here) == before
    passed_on(ana.send(ana.client.delete("aaa", 0, 1)))
    passed_on(ana.send(ana.client.insert("aaa", 0, "😀")))


def test_a_forged_copy_of_what_is_known_changes_nothing():
    here = room()
    ana = Writer(here, 1, ANA, MINE)
    passed_on(ana.write("aaa", 0, "vrai"))
    before = trace(here)
    forged = inserted(b"\x44" + number(FORM) + b"\x00" + b"\x04faux")
    effects = ana.send(forged)
    assert not effects.to_others
    assert trace(here) == before
    # Nor can it be slipped in before something new.
    told = passed_on(ana.send(inserted(b"\x44" + number(FORM) + b"\x00" + b"\x07fauxete")))
    assert b"faux" not in told.data
    assert here._document.text("aaa") == "vraiete" + TEXTS["aaa"]


@pytest.mark.parametrize("left", [None, (FORM, 3)])
def test_forged_neighbours_are_found_out_before_the_commit(left: tuple[int, int] | None):
    for right in ((FORM, 1), (FORM, 12), (FORM, 25)):
        here = room()
        ana = Writer(here, 1, ANA, MINE)
        effects = ana.send(between(left, right, b"q"))
        if effects.to_others:
            assert here.take_batch().is_doubtful


def test_going_on_typing_is_beyond_doubt():
    here = room()
    ana = Writer(here, 1, ANA, MINE)
    ana.write("aaa", 3, "b")
    assert commit(here)[0].is_doubtful
    ana.write("aaa", 4, "elle")
    ana.write("aaa", 8, "😀é")
    ana.erase("aaa", 9, 10)
    ana.write("aaa", 9, "à")
    assert not commit(here)[0].is_doubtful
    ana.write("aaa", len(ana.client.text("aaa")), " Fin.")
    assert not commit(here)[0].is_doubtful


@pytest.mark.parametrize("seed", range(8))
def test_fuzz(seed: int, capfd: pytest.CaptureFixture[str]):
    """Damaged updates are refused, or are honest ones by accident; nothing else moves, and nothing grows."""
    chance = random.Random(seed)
    here = room()
    ana, bea = Writer(here, 1, ANA, MINE, ONLY_A), Writer(here, 2, BEA, 700)
    others = {key: TEXTS[key] for key in ("bbb", "ccc")}
    for _ in range(60):
        good = honest(ana, chance)
        before = trace(here)
        effects = ana.send(damaged(good, chance) if chance.random() < 0.8 else chance.randbytes(chance.randrange(60)))
        if not effects.to_others:
            assert trace(here) == before
        assert {key: here._document.text(key) for key in others} == others
        here, ana, bea = again(here, ana, bea, effects)
    capfd.readouterr()


def honest(ana: Writer, chance: random.Random) -> bytes:
    now = ana.client.text("aaa")
    client = Client(MINE, [ana.client.doc.get_update()])
    if chance.random() < 0.3 and len(now) > 2:
        start = chance.randrange(len(now) - 1)
        return client.delete("aaa", start, start + 1)
    return client.insert("aaa", chance.randrange(len(now) + 1), chance.choice(["é", "😀", "abc", "\u202f?"]))


def again(here: Room, ana: Writer, bea: Writer, effects: Effects) -> tuple[Room, Writer, Writer]:
    """Commit what was taken in, as the log does; begin anew where it was not what its author has."""
    if not effects.to_others:
        return here, ana, bea
    bea.hear(effects.to_others)
    ana.hear(effects.to_others)
    batch = here.take_batch()
    is_unreadable = batch.is_doubtful and not here._document.reads_back()
    here.settle(batch, Outcome(here.last + 1, is_unreadable=is_unreadable))
    written = [change.update for change in here._changes.all()]
    read = live_text.texts([live_text.compacted([here._document.base, *written])])
    assert read["aaa"] == here._document.text("aaa")
    if is_unreadable or ana.client.text("aaa") != here._document.text("aaa"):
        here = room()
        ana, bea = Writer(here, 1, ANA, MINE, ONLY_A), Writer(here, 2, BEA, 700)
    return here, ana, bea


def forged(client: int, clock: int = 0) -> bytes:
    """Neighbours in the wrong order, which only some readers would read."""
    return between((FORM, 9), (FORM, 2), b"q", client, clock)


def test_what_others_wrote_before_a_forger_is_still_committed():
    here = room()
    ana, bea, cem = Writer(here, 1, ANA, MINE), Writer(here, 2, BEA, 700), Writer(here, 3, CEM, 800)
    passed_on(cem.write("bbb", 0, "gut "))
    passed_on(ana.send(forged(MINE)))
    passed_on(cem.write("bbb", 0, "sehr "))
    for forger in (ana, bea):
        if forger is bea:
            passed_on(bea.send(forged(700)))
        batch = here.take_batch()
        assert batch.is_doubtful
        close = here.settle(batch, Outcome(here.last, is_unreadable=True)).close
        assert [connection for connection, why in close.items() if why == MALFORMED] == [forger.connection]
        assert live_text.texts([here._document.base])["bbb"] == TEXTS["bbb"]  # what a base holds is never committed
    stored = [START, *(update for _author, update in commit(here)[0].rows)]
    assert live_text.texts(stored)["bbb"] == here._document.text("bbb") == "sehr gut " + TEXTS["bbb"]
    assert live_text.texts(stored)["aaa"] == here._document.text("aaa") == TEXTS["aaa"]


def test_whoever_writes_as_a_client_of_another_hub_is_found_out():
    elsewhere = room()
    told = passed_on(Writer(elsewhere, 1, BEA, 300).write("aaa", 0, "vrai "))
    here = room()
    cem = Writer(here, 1, CEM, 300)
    passed_on(cem.write("aaa", 0, "faux "))
    batch = here.take_batch()
    here.settle(batch, Outcome(40, foreign=[Row(41, BEA, "live", told.data)]))
    batch = here.take_batch()
    assert batch.clients == {300: CEM}  # so that the database says whose it is
    sending = here.settle(batch, Outcome(41, taken={300: BEA}))
    assert set(sending.close) == {1}
    assert not here.has_pending
    assert here._document.text("aaa") == "vrai " + TEXTS["aaa"]


def test_what_is_too_long_may_become_shorter():
    here = open_room(DRAFT, max_section=4)
    ana = Writer(here, 1, ANA, MINE)
    passed_on(ana.erase("aaa", 0, 1))
    assert code(ana.write("aaa", 0, "x")) == ("too_long", None)


@pytest.mark.no_cover
def test_who_says_to_know_of_a_million_clients_is_sent_away_at_once():
    here = room()
    vector = number(900_000) + b"".join(number(client) + b"\x00" for client in range(900_000))
    hello = Hello((MINE,), "fr", vector)

    def come() -> None:
        assert not here.is_behind(hello)
        assert here.join(1, Identity(ANA, "Ana", 0), ONLY_A, hello).close == MALFORMED

    assert is_quick(come, 0.1)


# Updates that take long.


def many(structs: list[bytes], clock: int = 0) -> bytes:
    """One update of all these structs, each of one character."""
    return b"\x01" + number(len(structs)) + number(MINE) + number(clock) + b"".join(structs) + b"\x00"


def put(left: tuple[int, int] | None, right: tuple[int, int] | None) -> bytes:
    """A struct of one character between two others."""
    info = 4 | 0x80 * bool(left) | 0x40 * bool(right)
    return bytes([info]) + b"".join(number(n) for pair in (left, right) if pair for n in pair) + b"\x01q"


LONG = 60_000
LONG_ROOM = replace(DRAFT, updates=[replace_texts(b"\x00\x00", {"aaa": "x" * LONG}, client_id=FORM)])
# Each makes it search through all that stands between the neighbours, or cut the text anew from its start.
COSTLY_UPDATES = {
    "too many insertions": many([put((FORM, k), (FORM, k + 1)) for k in range(MOST_PIECES + 1)]),
    "too many deletions": b"\x00\x01\x05"
    + number(MOST_PIECES + 1)
    + b"".join(number(k) + b"\x01" for k in range(0, 2 * MOST_PIECES + 2, 2)),
    "too many places": many([put((FORM, k), None) for k in range(MOST_LOOSE + 1)]),
    "searches to the end": many([put((FORM, MOST_LOOSE - k), None) for k in range(MOST_LOOSE)]),
    "searches from one place": many([put((FORM, 7), (FORM, 9 + k)) for k in range(MOST_LOOSE)]),
    "searches from the start": many([put(None, (FORM, 9 + k)) for k in range(MOST_LOOSE)]),
}


@pytest.mark.parametrize("case", COSTLY_UPDATES)
def test_what_would_hold_up_everybody_is_refused_in_time(case: str):
    here = open_room(LONG_ROOM)
    ana = Writer(here, 1, ANA, MINE)
    before = here._document._document.get_update(), here._changes.seq
    began = time.thread_time()
    effects = ana.send(COSTLY_UPDATES[case])
    took = time.thread_time() - began
    print(f"{case}: {took * 1e3:.0f} ms")
    if effects.to_others:  # a fast machine
        assert effects.later > 0.1
    else:
        assert code(effects) == ("malformed", MALFORMED)
        assert (here._document._document.get_update(), here._changes.seq) == before
    assert took < 1.5


def test_a_change_made_in_parts_is_the_same_change():
    here = room()
    ana, bea = Writer(here, 1, ANA, MINE), Writer(here, 2, BEA, 700)
    before = ana.client.doc.get_state()
    for turn in range(900):
        now = ana.client.text("aaa")
        ana.client.insert("aaa", turn * 7919 % (len(now) + 1), f"é{turn}😀 ")
        if turn % 3 == 0:
            ana.client.delete("aaa", turn * 104_729 % len(now), turn * 104_729 % len(now) + 1)
    update = ana.client.doc.get_update(before)
    content = read_update(update)
    parts = list(parts_of(update, content, 20, 50))
    assert len(parts) > 45
    assert max(len(read_update(part).structs) for part in parts) == 20
    assert max(len(read_update(part).deletions) for part in parts) == 50
    told = passed_on(ana.send(update))
    bea.client.doc.apply_update(told.data)
    assert here._document.text("aaa") == ana.client.text("aaa") == bea.client.text("aaa")
    assert here._document.vector == ana.client.doc.get_state()
    assert here._document.reads_back()


def test_insertions_with_far_neighbours_are_counted():
    near = [put((FORM, k), (FORM, k + 1)) for k in range(10)]
    on = [put((MINE, 9 + k), (FORM, 40 + k)) for k in range(10)]
    far = [put((FORM, 3), (FORM, 5)), put((FORM, 3), None), put(None, (FORM, 3)), put((FORM, 3), (700, 4))]
    assert read_update(many([*near, *on])).loose == 0
    assert read_update(many([*near, *on, *far])).loose == 4
