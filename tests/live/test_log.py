"""What the database thread commits: updates, and all that follows from them."""

import random
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from sip.core import clock
from sip.core.db import db
from sip.core.journal import Event, JournalEntry
from sip.drafts import live_queries, live_text, queries
from sip.drafts.actions import live as live_actions
from sip.drafts.actions import text as text_actions
from sip.drafts.actions.versions import freeze_version
from sip.drafts.batches import Batch
from sip.drafts.checking import problems
from sip.drafts.models import DraftSnapshot, DraftUpdate, LiveClient
from tests.live.conftest import Desk
from tests.live.tables import Table


@pytest.fixture
def table(desk: Desk) -> Table:
    return Table(desk)


def events(desk: Desk) -> list[tuple[str, int | None]]:
    query = select(JournalEntry.event, JournalEntry.actor_id).where(JournalEntry.draft_id == desk.draft_id)
    return [(row[0], row[1]) for row in db.session.execute(query.order_by(JournalEntry.id))]


def test_a_commit_holds_all_that_follows(table: Table, desk: Desk):
    ana, bea = (person.id for person in desk.people[:2])
    before = desk.draft.changed_at
    table.write(0, 0, 3, "bel ")
    table.write(0, 0, 7, "et long ")
    table.write(1, 1, 5, " 👩‍🚀")
    table.erase(0, 2, 0, 1)
    table.commit()
    rows = db.session.scalars(select(DraftUpdate).where(DraftUpdate.origin == "live").order_by(DraftUpdate.id)).all()
    assert [row.author_id for row in rows] == [ana, bea, ana]
    assert table.room.last == rows[-1].id
    first, second, third = (table.section(number) for number in range(3))
    assert (first.body, second.body, third.body) == ("Un bel et long été à Liège 👩‍🚀.", "Cœur. 👩‍🚀", "rois.")
    assert first.authorship == [[None, 3], [ana, 12], [None, 16]]
    assert second.authorship == [[None, 5], [bea, 4]]
    assert third.authorship == [[None, 5]]
    assert first.changed_at == third.changed_at == rows[0].at
    db.session.refresh(desk.draft)
    assert desk.draft.changed_at == desk.draft.listed_at == rows[0].at > before
    bound = db.session.execute(select(LiveClient.client_id, LiveClient.person_id)).all()
    assert sorted(map(tuple, bound)) == [(100, ana), (101, bea)]
    assert events(desk) == [(Event.SECTION_EDITED, ana), (Event.SECTION_EDITED, ana), (Event.SECTION_EDITED, bea)]
    assert list(problems()) == []


def test_who_goes_on_writing_is_named_once_in_a_while(table: Table, desk: Desk):
    table.write(0, 0, 0, "a")
    table.commit()
    table.write(0, 0, 0, "a")
    table.commit()
    assert len(events(desk)) == 1
    table.log.forget(desk.draft_id)  # as a hub that was started since
    table.write(0, 0, 0, "a")
    table.commit()
    assert len(events(desk)) == 1
    table.write(0, 1, 0, "a")
    table.commit()
    assert len(events(desk)) == 2
    with clock.at(clock.now() + timedelta(minutes=11)):
        table.write(0, 0, 0, "a")
        table.commit()
    assert len(events(desk)) == 3


def test_nothing_is_written_before_what_others_wrote(table: Table, desk: Desk):
    table.write(0, 0, 0, "Live. ")
    section = table.section(0)
    text_actions.edit_section(desk.people[1], section, section.body, section.body + " Formulaire.")
    db.session.commit()
    batch = table.room.take_batch()
    outcome = table.log.commit([batch])[desk.draft_id]
    assert [row.origin for row in outcome.foreign] == ["form"]
    assert not outcome.is_committed
    assert table.section(0).body == "Un été à Liège 👩‍🚀. Formulaire."
    table.hear(table.room.settle(batch, outcome).to_all, table.clients)
    assert table.room.has_pending
    table.commit()
    section = table.section(0)
    assert section.body == table.clients[0].text(section.key) == "Live. Un été à Liège 👩‍🚀. Formulaire."
    assert section.authorship == [[desk.people[0].id, 6], [None, 19], [desk.people[1].id, 12]]


def test_a_form_saved_meanwhile_shows_at_once(table: Table, desk: Desk):
    section = table.section(1)
    text_actions.edit_section(desk.people[1], section, section.body, "Cœur et âme.")
    db.session.commit()
    table.look()
    assert [client.text(desk.keys[1]) for client in table.clients] == ["Cœur et âme."] * 4
    table.look()
    assert table.room._changes.seq == 1


def test_one_text_that_waits_does_not_hold_up_another(table: Table, desk: Desk):
    other = Batch(4711, 0, [(desk.people[0].id, live_text.EMPTY)], {}, 1)
    table.write(0, 0, 0, "x")
    batch = table.room.take_batch()
    outcomes = table.log.commit([other, batch])
    assert outcomes[4711].is_gone
    assert outcomes[desk.draft_id].is_committed
    assert table.section(0).body.startswith("x")


def test_clients_that_somebody_else_bound_are_told(table: Table, desk: Desk):
    db.session.add(LiveClient(draft_id=desk.draft_id, client_id=100, person_id=desk.people[3].id))
    db.session.commit()
    table.write(0, 0, 0, "x")
    batch = table.room.take_batch()
    outcome = table.log.commit([batch])[desk.draft_id]
    assert outcome.taken == {100: desk.people[3].id}
    assert set(table.room.settle(batch, outcome).close) == {0, 1, 2, 3}
    assert not table.room.has_pending
    assert table.section(0).body.startswith("Un")


def test_what_would_not_be_read_back_is_not_written(table: Table, desk: Desk, monkeypatch: pytest.MonkeyPatch):
    table.write(0, 0, 3, "x")  # between others: this is looked at
    with monkeypatch.context() as patched:
        patched.setattr(live_actions.WrittenText, "reads_back", lambda _self, _state: False)
        batch = table.room.take_batch()
        outcome = table.log.commit([batch])[desk.draft_id]
    assert outcome.is_unreadable
    assert table.section(0).body.startswith("Un été")
    assert list(problems()) == []


def test_a_failing_database_writes_nothing_and_all_goes_on_later(table: Table, monkeypatch: pytest.MonkeyPatch):
    table.write(0, 0, 0, "eins ")
    table.commit()
    table.write(0, 0, 0, "zwei ")
    batch = table.room.take_batch()

    def full(*_args: object, **_kwargs: object) -> None:
        raise SQLAlchemyError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(live_actions, "_touch", full)
        with pytest.raises(SQLAlchemyError):
            table.log.commit([batch])
    assert table.section(0).body.startswith("eins Un")
    table.room.put_back(batch)
    table.write(0, 0, 0, "drei ")
    table.commit()
    assert table.section(0).body.startswith("drei zwei eins Un")
    assert list(problems()) == []


def test_a_snapshot_is_taken_from_time_to_time(table: Table, desk: Desk):
    for number in range(live_actions.SNAPSHOT_EVERY // 2 + 5):
        table.write(0, 0, 0, "é")
        table.write(1, 1, 0, "😀")
        if number % 20 == 0:
            table.commit()
    table.commit()
    snapshot = db.session.get(DraftSnapshot, desk.draft_id)
    assert snapshot is not None
    assert live_text.texts([], snapshot.state)[desk.keys[0]].startswith("é" * 100)
    _state, updates, _last = queries.updates_to_load(desk.draft_id)
    assert len(updates) < live_actions.SNAPSHOT_EVERY
    assert list(problems()) == []


@pytest.mark.parametrize("seed", range(4))
def test_text_and_authorship_equal_the_log_however_people_write(table: Table, desk: Desk, seed: int):
    """Each types letters of their own, so that who wrote what can be seen in the text itself."""
    chance = random.Random(seed)
    letters = ["ä😀", "bβ", "ç👩‍🚀", "d"]
    version = freeze_version(desk.people[0], desk.draft, "Erste")
    db.session.commit()
    last_edit: int | None = None
    for _ in range(60):
        who, part = chance.randrange(4), chance.randrange(3)
        now = table.clients[who].text(desk.keys[part])
        happens = chance.random()
        if happens < 0.55:
            table.write(who, part, chance.randrange(len(now) + 1), chance.choice(letters[who]))
        elif happens < 0.75 and now:
            start = chance.randrange(len(now))
            table.erase(who, part, start, min(len(now), start + chance.randrange(1, 4)))
        elif happens < 0.9:
            table.commit()
        elif happens < 0.96:
            section = table.section(part)
            saved = text_actions.edit_section(desk.people[0], section, section.body, section.body + "\n\nForm.\n\n")
            db.session.commit()
            last_edit = saved.update_id
        elif last_edit is not None:
            row = db.session.get(DraftUpdate, last_edit)
            section = table.section(part)
            if row is not None:
                text_actions.undo_edit(desk.people[0], section, last_edit)
                db.session.commit()
            last_edit = None
        compare(table, desk)
    table.commit()
    compare(table, desk)
    assert version.number == 1
    owners = {letter: desk.people[who].id for who, some in enumerate(letters) for letter in some}
    for part in range(3):
        section = table.section(part)
        assert section.body == table.room._document.text(section.key)
        at = 0
        for person, length in section.authorship:
            for letter in section.body[at : at + length]:
                if letter in owners and letter not in "d\u200d👩🚀":
                    assert person == owners[letter], (seed, part, at)
            at += length


def compare(table: Table, desk: Desk) -> None:
    logged = live_text.texts(queries.all_updates(desk.draft_id))
    for part in range(3):
        section = table.section(part)
        assert section.body == logged[section.key]
        assert sum(length for _who, length in section.authorship) == len(section.body)


def test_who_brings_text_back_is_not_credited(table: Table, desk: Desk):
    table.write(0, 1, 0, "Mon ")
    table.commit()
    section = table.section(1)
    saved = text_actions.edit_section(desk.people[1], section, section.body, "Mon Cœur. À moi.")
    db.session.commit()
    section = table.section(1)
    assert [who for who, _length in section.authorship] == [desk.people[0].id, None, desk.people[1].id]
    text_actions.undo_edit(desk.people[1], section, saved.update_id)
    db.session.commit()
    assert [who for who, _length in table.section(1).authorship] == [desk.people[0].id, None]


def test_what_could_not_be_told_is_told_next_time(table: Table, desk: Desk, monkeypatch: pytest.MonkeyPatch):
    seen = {desk.draft_id: table.room.last}
    assert not table.log.news(seen).sections
    freeze_version(desk.people[0], desk.draft, "Erste")
    db.session.commit()
    with monkeypatch.context() as patched:
        patched.setattr(live_queries, "arrangements", failing)
        with pytest.raises(SQLAlchemyError):
            table.log.news(seen)
    news = table.log.news(seen)
    assert list(news.sections) == [desk.draft_id]
    assert [frozen.label for frozen in news.frozen] == ["Erste"]
    assert not table.log.news(seen).frozen


def failing(*_arguments: object) -> None:
    raise SQLAlchemyError
