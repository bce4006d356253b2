"""What was passed on before its commit: handed back after a crash, in the name of its author, and never forged."""

import pytest

from sip.live.messages import MALFORMED, Hello
from sip.live.people import Identity
from tests.live import wire
from tests.live.rooms import (
    ANA,
    BEA,
    CEM,
    NONE,
    Writer,
    code,
    commit,
    passed_on,
    relayed,
    room,
    section,
    trace,
)


@pytest.mark.parametrize("vector", [b"\x00", b""])
def test_a_crash_before_the_commit_loses_nothing_that_others_hold(vector: bytes):
    here = room()
    ana, bea = Writer(here, 1, ANA, 100), Writer(here, 2, BEA, 700)
    told = [
        passed_on(ana.write("aaa", 0, "Bel ")),
        passed_on(ana.write("aaa", 4, "et ")),
        passed_on(ana.erase("aaa", 0, 1)),
    ]
    for one in told:
        bea.client.doc.apply_update(one.data)
    after = room()  # which knows nothing of it
    bea.room, bea.connection = after, 7
    after.join(7, Identity(BEA, "Bea", 0), NONE, Hello((700,), "fr", vector))
    cem = Writer(after, 8, CEM, 102)
    for one in told:
        effects = after.relay(7, relayed(one))
        (back,) = wire.read(effects.to_sender)
        assert (back.person, back.seal, back.data) == (ANA, one.seal, one.data)
        cem.hear(effects.to_others)
    assert cem.client.text("aaa") == bea.client.text("aaa") == "el et Un été 😀 à Liège."
    # A second one who hands the same back learns that it is there.
    (back,) = wire.read(after.relay(8, relayed(told[0])).to_sender)
    assert (back.seq, back.seal) == (3, told[0].seal)
    batch, everybody, each = commit(after)
    assert [author for author, _update in batch.rows] == [ANA]
    assert batch.clients == {100: ANA}
    assert everybody[0].seq == 3
    assert each == {}
    (back,) = wire.read(after.relay(8, relayed(told[0])).to_sender)
    assert back.seal == b""
    # And the author, who says it all again, does not write it twice.
    again = Writer(after, 9, ANA, 100)
    assert wire.read(again.send(told[0].data).to_sender) == [wire.Told("ack", 1)]


def test_a_seal_cannot_be_made_moved_or_used_for_something_else():
    here = room()
    ana = Writer(here, 1, ANA, 100)
    told = passed_on(ana.write("aaa", 0, "x"))
    other = passed_on(ana.write("aaa", 1, "y"))
    for changed in (
        told._replace(person=BEA),
        told._replace(seal=other.seal),
        told._replace(seal=b""),
        told._replace(seal=told.seal[:-1]),
        told._replace(data=told.data[:-2] + b"z\x00"),
    ):
        after = room()
        bea = Writer(after, 2, BEA, 700)
        before = trace(after)
        assert code(after.relay(bea.connection, relayed(changed))) == ("malformed", MALFORMED)
        assert trace(after) == before
    elsewhere = room(draft_id=10)
    Writer(elsewhere, 2, BEA, 700)
    assert code(elsewhere.relay(2, relayed(told))) == ("malformed", MALFORMED)


def test_a_change_that_follows_others_waits_for_them():
    here = room()
    ana = Writer(here, 1, ANA, 100)
    told = [passed_on(ana.write("aaa", 0, "x")), passed_on(ana.write("aaa", 1, "y"))]
    after = room()
    bea = Writer(after, 2, BEA, 700)
    before = trace(after)
    assert code(after.relay(2, relayed(told[1]))) == ("foreign", None)
    bea.client.doc.apply_update(told[0].data)
    assert code(bea.write("aaa", 1, "z")) == ("foreign", None)
    assert trace(after) == before
    after.relay(2, relayed(told[0]))
    after.relay(2, relayed(told[1]))
    assert after._document.text("aaa").startswith("xy")


def test_what_comes_back_late_does_not_enter_a_text_that_stands_still():
    here = room()
    told = passed_on(Writer(here, 1, ANA, 100).write("aaa", 0, "x"))
    after = room(sections=[section("aaa", is_open=False), section("bbb"), section("ccc")])
    Writer(after, 2, BEA, 700)
    before = trace(after)
    assert code(after.relay(2, relayed(told))) == ("rights", None)
    assert trace(after) == before
