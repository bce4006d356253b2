"""A room: who gets what, what is acknowledged when, what is handed back after a crash."""

import random

import pytest

from sip.core.messages import message
from sip.drafts.batches import Outcome, Rights, Row
from sip.drafts.live_text import apply, replace_text, text_of, texts
from sip.live.messages import COME_AGAIN, MALFORMED, NOT_ALLOWED, Hello, Presence, Update
from sip.live.people import COLOURS, Identity
from tests.live import wire
from tests.live.rooms import (
    ALL,
    ANA,
    BEA,
    CEM,
    FORM,
    NONE,
    ONLY_A,
    START,
    TEXTS,
    Writer,
    code,
    commit,
    passed_on,
    room,
    section,
    trace,
)


def test_a_newcomer_is_told_everything():
    here = room()
    ana = Writer(here, 1, ANA, 100)
    rights = Rights(True, frozenset({"aaa"}), {"bbb": message("The text stands still at this stage.")})
    bea = Writer(here, 2, BEA, 700, rights)
    (welcome,) = wire.read(bea.effects.to_sender)
    told = welcome.value
    assert (told["you"], told["person"], told["latest"], told["max_section"], told["kept"]) == (
        2,
        BEA,
        2,
        200_000,
        True,
    )
    assert [one["id"] for one in told["people"]] == [1, 2]
    assert [(one["key"], one["may_edit"], one["reason"]) for one in told["sections"]] == [
        ("aaa", True, ""), ("bbb", False, "The text stands still at this stage."), ("ccc", False, ""),
    ]  # fmt: skip
    assert {key: bea.client.text(key) for key in TEXTS} == TEXTS
    (joined,) = wire.read(bea.effects.to_others)
    (card,) = joined.value["joined"]
    assert card == {"id": 2, "person": BEA, "name": "P2", "colour": card["colour"], "may_write": True, "section": None}
    assert ana.effects.to_sender != bea.effects.to_sender
    assert wire.read(here.leave(2))[0].value == {"joined": [], "left": [2]}
    assert here.leave(2) == b""
    assert here.people() == {ANA}


def test_everybody_has_a_colour_of_their_own():
    here = room()
    writers = [Writer(here, person, person, 100 + person) for person in range(1, COLOURS + 1)]
    cards = wire.read(writers[-1].effects.to_sender)[0].value["people"]
    assert len({card["colour"] for card in cards}) == COLOURS
    again = Writer(here, 90, 1, 190)
    cards = {card["id"]: card["colour"] for card in wire.read(again.effects.to_sender)[0].value["people"]}
    assert cards[90] == cards[1]


def test_a_change_goes_to_the_others_at_once_and_is_acknowledged_once_it_is_committed():
    here = room()
    ana, bea = Writer(here, 1, ANA, 100), Writer(here, 2, BEA, 700)
    assert here.take_batch() is None
    told = passed_on(ana.write("aaa", 3, "bel "))
    assert (told.seq, told.person, len(told.seal)) == (1, ANA, 16)
    bea.client.doc.apply_update(told.data)
    assert bea.client.text("aaa") == "Un bel été 😀 à Liège."
    passed_on(ana.erase("aaa", 0, 3))
    assert here.has_pending
    batch, everybody, each = commit(here)
    assert (batch.draft_id, batch.after, batch.seq) == (9, 40, 2)
    assert [author for author, _update in batch.rows] == [ANA]
    assert batch.clients == {100: ANA}
    assert [(one.name, one.seq) for one in everybody] == [("committed", 2)]
    assert {to: [(one.name, one.seq) for one in told] for to, told in each.items()} == {1: [("ack", 2)]}
    assert not here.has_pending
    ana.write("aaa", 0, "x")
    assert commit(here)[0].clients == {}


def test_what_comes_while_a_batch_is_under_way_waits():
    here = room()
    ana, bea = Writer(here, 1, ANA, 100), Writer(here, 2, BEA, 700)
    ana.write("aaa", 0, "1")
    batch = here.take_batch()
    bea.write("bbb", 0, "2")
    assert here.take_batch() is None
    sending = here.settle(batch, Outcome(41))
    assert wire.read(sending.to_all)[0].seq == 1
    assert [author for author, _update in here.take_batch().rows] == [BEA]


def test_a_batch_that_was_not_committed_is_part_of_the_next():
    here = room()
    ana, bea = Writer(here, 1, ANA, 100), Writer(here, 2, BEA, 700)
    ana.write("aaa", 0, "1")
    batch = here.take_batch()
    bea.write("bbb", 0, "2")
    here.put_back(batch)
    assert wire.read(here.set_kept(False).to_all)[0].value == {"kept": False}
    assert not here.set_kept(False).to_all
    assert [author for author, _update in here.take_batch().rows] == [ANA, BEA]


def test_what_one_person_writes_in_a_row_is_one_update():
    here = room()
    ana, bea = Writer(here, 1, ANA, 100), Writer(here, 2, BEA, 700)
    for writer in (ana, ana, bea, ana, ana, ana):
        writer.write("aaa", 0, "é😀")
    batch, *_ = commit(here)
    assert [author for author, _update in batch.rows] == [ANA, BEA, ANA]
    newcomer = Writer(room(updates=[START, *(update for _author, update in batch.rows)]), 1, CEM, 102)
    assert newcomer.client.text("aaa") == here._document.text("aaa")


def test_what_people_type_in_turns_is_one_update_of_each():
    here = room()
    ana, bea = Writer(here, 1, ANA, 100), Writer(here, 2, BEA, 700)
    for place in range(5):
        passed_on(ana.write("aaa", place, "é"))
        passed_on(bea.write("bbb", place, "y"))
    batch, _everybody, each = commit(here)
    assert [author for author, _update in batch.rows] == [ANA, BEA]
    assert {to: told[0].seq for to, told in each.items()} == {1: 5, 2: 5}
    assert texts([START, *(update for _author, update in batch.rows)])["aaa"] == "ééééé" + TEXTS["aaa"]


@pytest.mark.parametrize("seed", range(5))
def test_each_row_of_the_log_follows_those_before_it(seed: int):
    chance = random.Random(seed)
    here = room()
    writers = [Writer(here, number, number, 100 + number) for number in (ANA, BEA, CEM)]
    state, rows = START, 0
    for _ in range(4):
        for _ in range(25):
            writer = chance.choice(writers)
            size = len(writer.client.text("aaa"))
            place = chance.randrange(size)
            for step in range(chance.randint(1, 4)):
                told = passed_on(writer.write("aaa", place + step, chance.choice("xyz")))
                for other in writers:
                    if other is not writer and chance.random() < 0.9:
                        other.client.doc.apply_update(told.data)
        batch, *_ = commit(here)
        rows += len(batch.rows)
        for _author, update in batch.rows:
            state = apply(state, update)  # which refuses what follows something that is not there
    assert text_of(state, "aaa") == here._document.text("aaa")
    assert rows < 100


def test_said_twice_counts_once():
    here = room()
    ana = Writer(here, 1, ANA, 100)
    update = ana.client.insert("aaa", 0, "é")
    passed_on(ana.send(update))
    again = ana.send(update)
    assert not again.to_others
    assert not again.to_sender
    _batch, _everybody, each = commit(here)
    assert [one.seq for one in each[1]] == [2]
    assert wire.read(ana.send(update).to_sender) == [wire.Told("ack", 3)]


def test_numbers_only_go_up():
    here = room()
    ana = Writer(here, 1, ANA, 100)
    ana.write("aaa", 0, "x")
    before = trace(here)
    assert code(here.update(1, Update(1, ana.client.insert("aaa", 0, "y")))) == ("malformed", MALFORMED)
    assert trace(here) == before


def test_newcomers_get_what_is_not_committed_with_its_seal():
    here = room()
    ana = Writer(here, 1, ANA, 100)
    told = [passed_on(ana.write("aaa", 0, "x")), passed_on(ana.write("aaa", 1, "y"))]
    commit(here)
    told.append(passed_on(ana.write("aaa", 2, "z")))
    for vector, expected in ((b"\x00", told), (Writer(room(), 1, BEA, 700).client.doc.get_state(), told[2:])):
        effects = here.join(5, Identity(BEA, "Bea", 0), ALL, Hello((700,), "fr", vector))
        _welcome, *frames, committed = wire.read(effects.to_sender)
        assert frames == expected
        assert (committed.name, committed.seq) == ("committed", 2)
    bea = Writer(here, 6, BEA, 700)
    assert bea.client.text("aaa").startswith("xyz")


def test_who_comes_back_gets_what_they_lack():
    here = room()
    ana, bea = Writer(here, 1, ANA, 100), Writer(here, 2, BEA, 700)
    here.leave(2)
    ana.write("aaa", 0, "é" * 50)
    commit(here)
    assert not here.is_behind(Hello((700,), "fr", bea.client.doc.get_state()))
    effects = here.join(3, Identity(BEA, "Bea", 0), ALL, Hello((700,), "fr", bea.client.doc.get_state()))
    assert len(wire.read(effects.to_sender)[0].data) < 200
    bea.hear(effects.to_sender)
    assert bea.client.text("aaa") == ana.client.text("aaa")
    assert room().is_behind(Hello((700,), "fr", bea.client.doc.get_state()))
    assert here.join(4, Identity(BEA, "Bea", 0), ALL, Hello((700,), "fr", b"\xff")).close == MALFORMED
    assert 4 not in here._people


def test_updates_of_others_are_taken_in_once():
    here = room()
    ana = Writer(here, 1, ANA, 100)
    ana.write("aaa", 0, "x")
    form = replace_text(START, "bbb", "Tout autre.")
    rows = [Row(40, None, "form", START), Row(47, BEA, "form", form)]
    (told,) = wire.read(here.foreign(rows).to_all)
    assert (told.person, told.seal, told.data) == (BEA, b"", form)
    assert here.last == 47
    assert not here.foreign(rows).to_all
    ana.client.doc.apply_update(told.data)
    assert ana.client.text("bbb") == here._document.text("bbb") == "Tout autre."
    batch, everybody, _each = commit(here)
    assert (batch.after, [author for author, _update in batch.rows]) == (47, [ANA])
    assert everybody[0].seq == 2


def test_updates_before_a_batch_are_taken_in_and_it_is_tried_again():
    here = room()
    ana = Writer(here, 1, ANA, 100)
    ana.write("aaa", 0, "x")
    form = replace_text(START, "aaa", "Un automne 😀 à Liège.")
    batch = here.take_batch()
    sending = here.settle(batch, Outcome(40, foreign=[Row(48, BEA, "form", form)]))
    assert wire.read(sending.to_all)[0].data == form
    assert here.has_pending
    assert commit(here)[0].after == 48
    assert here._document.text("aaa") == "xUn automne 😀 à Liège."


def test_clients_that_others_used_elsewhere_are_theirs():
    elsewhere = room()
    bea = Writer(elsewhere, 1, BEA, 300)
    told = passed_on(bea.write("aaa", 0, "x"))
    here = room()
    here.foreign([Row(41, BEA, "live", told.data)])
    cem = Writer(here, 1, CEM, 300)
    assert [one.value["code"] for one in wire.read(cem.effects.to_sender) if one.name == "refused"] == ["client_id"]


def test_a_long_session_costs_newcomers_no_more():
    here = room()
    ana, bea = Writer(here, 1, ANA, 100), Writer(here, 2, BEA, 700)
    frames = []
    for number in range(1300):
        (ana if number % 3 else bea).write("aaa", number % 7, "é")
        if number % 10 == 9:
            batch = here.take_batch()
            if number > 700:  # from here on somebody writes while others are being saved
                ana.write("bbb", 0, "x")
            here.settle(batch, Outcome(here.last + 1))
        frames.append(len(here._changes.all()))
    assert max(frames) < 600
    newcomer = Writer(here, 3, CEM, 102)
    for key in TEXTS:
        assert newcomer.client.text(key) == here._document.text(key)
    assert newcomer.client.text("aaa").count("é") > 1300


def test_rights_change_while_one_writes():
    here = room()
    ana, bea = Writer(here, 1, ANA, 100), Writer(here, 2, BEA, 700)
    second = Writer(here, 3, ANA, 101)
    ana.write("aaa", 0, "x")
    sending = here.set_rights(ANA, NONE)
    assert set(sending.to_each) == {1, 3}
    (listed,) = wire.read(sending.to_each[1])
    assert [one["may_edit"] for one in listed.value] == [False] * 3
    assert [(one["id"], one["may_write"]) for one in wire.read(sending.to_all)[0].value["joined"]] == [
        (1, False),
        (3, False),
    ]
    before = trace(here)
    assert code(ana.write("aaa", 1, "y")) == ("rights", None)
    assert code(second.erase("aaa", 0, 1)) == ("rights", None)
    assert trace(here) == before
    assert passed_on(bea.write("aaa", 0, "z"))
    assert not here.set_rights(ANA, NONE).to_each
    assert here.set_rights(ANA, Rights(may_read=False)).close == {1: NOT_ALLOWED, 3: NOT_ALLOWED}


def test_sections_are_told_when_they_change():
    here = room()
    Writer(here, 1, ANA, 100, ONLY_A)
    listed = [section("bbb"), section("aaa"), section("ccc", is_retired=True)]
    sending = here.set_sections(listed)
    (told,) = wire.read(sending.to_each[1])
    assert [(one["key"], one["is_retired"], one["may_edit"]) for one in told.value] == [
        ("bbb", False, False), ("aaa", False, True), ("ccc", True, False),
    ]  # fmt: skip
    assert not here.set_sections(listed).to_each
    assert wire.read(here.frozen(3, "Été", "Ana").to_all)[0].value == {"number": 3, "label": "Été", "by": "Ana"}
    assert wire.read(Writer(here, 2, BEA, 700).effects.to_sender)[0].value["latest"] == 3


def test_presence_is_ones_own_and_is_kept_for_newcomers():
    here = room()
    Writer(here, 1, ANA, 100, NONE)
    where = Presence("aaa", b'{"section":"aaa","anchor":"AA=="}')
    (told,) = wire.read(here.presence(1, where))
    assert (told.name, told.seq, told.value) == ("presence", 1, {"section": "aaa", "anchor": "AA=="})
    welcome, seen = wire.read(Writer(here, 2, BEA, 700).effects.to_sender)
    assert welcome.value["people"][0]["section"] == "aaa"
    assert seen == told
    assert wire.read(here.presence(1, Presence(None, b'{"section":null}')))[0].value == {"section": None}
    assert [one.name for one in wire.read(Writer(here, 3, BEA, 701).effects.to_sender)] == ["welcome"]
    assert here.presence(1, Presence("zzz", b'{"section":"zzz"}')) == b""


def test_client_ids():
    here = room()
    ana = Writer(here, 1, ANA, 100)
    for client in (FORM, 700):  # a form's, and Bea's
        assert code(here.claim(1, client)) == ("client_id", None)
    assert not here.claim(1, 101).to_sender
    cem = Writer(here, 2, CEM, 101)
    assert [one.name for one in wire.read(cem.effects.to_sender)] == ["welcome", "refused"]
    here.leave(1)  # nothing was written as 101
    assert not here.claim(2, 101).to_sender
    for client in range(1000, 1018):
        assert not here.claim(2, client).to_sender
    assert code(here.claim(2, 2000)) == ("client_id", None)
    assert ana


def test_everybody_begins_anew_when_the_text_would_not_be_read_back():
    here = room()
    ana, bea = Writer(here, 1, ANA, 100), Writer(here, 2, BEA, 700)
    passed_on(bea.write("bbb", 0, "gut "))
    forged = b"\x01\x01" + wire.number(100) + b"\x00\xc4" + b"".join(
        [wire.number(5), wire.number(9), wire.number(5), wire.number(2), b"\x01q\x00"]
    )  # fmt: skip
    passed_on(ana.send(forged))
    batch = here.take_batch()
    assert batch.is_doubtful
    sending = here.settle(batch, Outcome(40, is_unreadable=True))
    assert sending.close == {1: MALFORMED, 2: COME_AGAIN}
    assert wire.read(sending.to_each[1])[0].value["code"] == "malformed"
    assert here._document.text("aaa") == TEXTS["aaa"]
    assert here._document.text("bbb") == "gut " + TEXTS["bbb"]
    assert [author for author, _update in here.take_batch().rows] == [BEA]
    # The client that did it is not heard again.
    here.leave(1)
    ana = Writer(here, 4, ANA, 100)
    assert code(ana.send(forged))[0] in ("incomplete", "foreign")
