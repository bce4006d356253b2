"""What the database thread finds: what others did, and what people may do."""

import pytest
from sqlalchemy import delete, select, text

from sip.core.db import db
from sip.core.journal import Event, JournalEntry
from sip.cycles.stages import Stage
from sip.drafts import live_queries
from sip.drafts.actions.arranging import move_section, retire_section
from sip.drafts.actions.versions import freeze_version
from sip.drafts.batches import AnotherLog, Batch, Outcome
from sip.drafts.models import DraftUpdate
from sip.drafts.policy import may_edit_section
from sip.groups.actions import end_membership
from sip.groups.models import Membership
from sip.live.effects import Sending
from sip.live.log import News
from sip.live.messages import COME_AGAIN, Relay
from sip.people.sign_in_actions import sign_out_everywhere
from tests.factories import make_administrator, make_draft, make_group, make_person
from tests.live import wire
from tests.live.conftest import Desk
from tests.live.tables import Table


@pytest.fixture
def table(desk: Desk) -> Table:
    return Table(desk)


# News.


def test_news_are_told_once(table: Table, desk: Desk):
    seen = {desk.draft_id: table.room.last}
    assert table.log.news(seen) == News(frozen=[])
    retire_section(desk.people[0], table.section(2))
    db.session.commit()
    news = table.log.news(seen)
    assert news.rights == {desk.draft_id}
    assert [(one.key, one.is_retired) for one in news.sections[desk.draft_id]] == [
        (key, place == 2) for place, key in enumerate(desk.keys)
    ]
    assert not table.log.news(seen).rights
    move_section(desk.people[0], table.section(1), 0)
    version = freeze_version(desk.people[0], desk.draft, "Erste")
    db.session.commit()
    news = table.log.news(seen)
    assert [one.key for one in news.sections[desk.draft_id]] == [desk.keys[1], desk.keys[0], desk.keys[2]]
    assert [(one.number, one.label, one.by) for one in news.frozen] == [(version.number, "Erste", "Ana")]
    assert table.log.news({}).rights == frozenset()


def test_typing_is_no_news_for_rights(table: Table, desk: Desk):
    table.write(0, 0, 0, "x")
    table.commit()
    assert not table.log.news({desk.draft_id: table.room.last}).rights


def test_a_membership_that_ends_is_told(table: Table, desk: Desk):
    seen = {desk.draft_id: table.room.last}
    table.log.news(seen)
    membership = db.session.scalar(select(Membership).where(Membership.person_id == desk.people[1].id))
    end_membership(desk.people[0], membership)
    db.session.commit()
    assert table.log.news(seen).rights == {desk.draft_id}
    rights = table.log.rights({desk.draft_id: [person.id for person in desk.people[:2]]})[desk.draft_id]
    assert rights[desk.people[0].id].editable == set(desk.keys)
    assert not rights[desk.people[1].id].may_read


def test_a_session_that_ends_is_told(table: Table, desk: Desk):
    bea = desk.people[1]
    table.log.news({})
    assert table.log.ended_sessions([(bea.id, bea.session_epoch)]) == set()
    before = bea.session_epoch
    sign_out_everywhere(bea)
    db.session.commit()
    assert bea.id in table.log.news({}).people
    assert table.log.ended_sessions([(bea.id, before), (bea.id, before + 1), (10**6, 0)]) == {
        (bea.id, before),
        (10**6, 0),
    }


def test_an_entry_that_was_committed_late_is_still_read(table: Table, desk: Desk):
    seen = {desk.draft_id: table.room.last}
    retire_section(desk.people[0], table.section(2))
    entry = db.session.scalar(select(JournalEntry).where(JournalEntry.event == Event.SECTION_RETIRED))
    values = {column.name: getattr(entry, column.name) for column in JournalEntry.__table__.columns}
    move_section(desk.people[0], table.section(1), 0)
    db.session.execute(delete(JournalEntry).where(JournalEntry.id == entry.id))
    db.session.commit()
    assert table.log.news(seen).rights
    db.session.add(JournalEntry(**values))
    db.session.commit()
    assert table.log.news(seen).rights


# Rights.


def test_rights_say_where_one_may_write_and_why_not(table: Table, desk: Desk):
    stranger = make_person()
    sections = [table.section(number) for number in range(3)]
    sections[0].stage = Stage.CONCERTATION
    sections[1].stage = Stage.UNDER_REVIEW
    retire_section(desk.people[0], sections[2])
    db.session.commit()
    rights = table.log.rights({desk.draft_id: [desk.people[1].id, stranger.id, 10**6]})[desk.draft_id]
    assert rights[desk.people[1].id].editable == {desk.keys[0]}
    reasons = {key: str(reason) for key, reason in rights[desk.people[1].id].reasons.items()}
    assert reasons == {
        desk.keys[1]: "The text stands still at this stage.",
        desk.keys[2]: "This section was retired. Bring it back to write in it.",
    }
    assert rights[stranger.id].may_read  # the concertation lets members watch
    assert not rights[stranger.id].editable
    assert not rights[10**6].may_read
    assert not table.log.rights({4711: [desk.people[1].id]})[4711][desk.people[1].id].may_read
    assert [one.is_open for one in table.log.load(desk.draft_id).sections] == [True, False, False]


def test_rights_are_what_policy_answers(table: Table, desk: Desk):
    for number, stage in enumerate((Stage.INFORMATION, Stage.UNDER_REVIEW, Stage.CONCERTATION)):
        table.section(number).stage = stage
    db.session.commit()
    people = [*desk.people, make_person(), make_administrator()]
    for person, rights in zip(people, desk.rights(*people).values(), strict=True):
        for number in range(3):
            section = table.section(number)
            answer = may_edit_section(person, section)
            assert (section.key in rights.editable) == bool(answer)
            assert rights.reasons.get(section.key) == answer.reason


def test_rights_of_many_cost_few_queries(table: Table, desk: Desk, queries):
    people = [make_person().id for _ in range(30)]
    draft_id = desk.draft_id
    group = make_group(facilitator=make_person())
    drafts = [draft_id, *(make_draft(group, sections=(("Introduction", ""),)).id for _ in range(10))]
    db.session.commit()
    counts = []
    for some, where in ((people[:2], drafts[:1]), (people, drafts[:1]), (people, drafts)):
        with queries() as statements:
            rights = table.log.rights(dict.fromkeys(where, some))
        assert [len(rights[one]) for one in where] == [len(some)] * len(where)
        counts.append(len(statements))
    assert counts[0] == counts[1] == counts[2] <= 12
    with queries() as statements:
        table.log.news({draft_id: table.room.last})
    assert len(statements) <= 4, statements


def test_commits_cost_few_queries(table: Table, desk: Desk, queries):
    for who in range(3):
        table.write(who, 0, 0, "x")
        table.commit()
    for number in range(30):
        table.write(number % 3, 0, number, "x")
    batch = table.room.take_batch()
    with queries() as statements:
        table.log.commit([batch])
    rows = [one for one in statements if one.startswith("INSERT INTO draft_updates")]
    assert len(rows) in (1, 30)
    assert len(statements) - len(rows) <= 10, statements


def test_what_is_not_there_cannot_be_opened(table: Table):
    assert table.log.load(4711) is None
    assert db.session.execute(text("SELECT 1")).scalar() == 1


# A database that was restored.


def test_a_log_that_went_back_is_noticed(table: Table, desk: Desk):
    table.write(0, 0, 0, "x")
    table.commit()
    seen = {desk.draft_id: table.room.last}
    assert table.log.news(seen).updates == {}
    db.session.execute(delete(DraftUpdate).where(DraftUpdate.id == table.room.last))
    db.session.commit()
    with pytest.raises(AnotherLog):
        table.log.news(seen)
    table.write(0, 0, 0, "y")
    with pytest.raises(AnotherLog):
        table.log.commit([table.room.take_batch()])
    assert live_queries.newest_updates([desk.draft_id])[desk.draft_id] < seen[desk.draft_id]


# What is withdrawn while changes are on their way.


def outcome_of(table: Table, desk: Desk) -> tuple[Outcome, Sending]:
    """Commit once, though the room has not heard of what happened meanwhile."""
    batch = table.room.take_batch()
    outcome = table.log.commit([batch])[desk.draft_id]
    return outcome, table.room.settle(batch, outcome)


def test_nothing_is_stored_in_a_section_that_was_retired_before(table: Table, desk: Desk):
    table.write(0, 2, 0, "too late ")
    table.write(1, 0, 0, "in time ")
    retire_section(desk.people[0], table.section(2))
    db.session.commit()
    outcome, sending = outcome_of(table, desk)
    assert outcome.withdrawn[desk.people[0].id] == {desk.keys[2]}
    assert set(sending.close.values()) == {COME_AGAIN}  # all have seen what is nowhere any more
    assert len(sending.close) == len(desk.people)
    assert table.section(2).body == "Trois."
    table.commit()  # what was in time stays
    assert table.section(0).body == "in time Un été à Liège 👩‍🚀."
    assert table.room._document.text(desk.keys[2]) == "Trois."


def test_nothing_is_stored_of_somebody_whose_rights_were_withdrawn_before(table: Table, desk: Desk):
    table.write(1, 0, 0, "too late ")
    lost = table.room._changes.not_stored()[0]
    table.write(2, 1, 0, "in time ")
    membership = db.session.scalar(select(Membership).where(Membership.person_id == desk.people[1].id))
    end_membership(desk.people[0], membership)
    db.session.commit()
    outcome, _sending = outcome_of(table, desk)
    assert {person for person, keys in outcome.withdrawn.items() if keys} == {desk.people[1].id}
    table.commit()
    assert [table.section(number).body for number in (0, 1)] == ["Un été à Liège 👩‍🚀.", "in time Cœur."]
    # Nor is it when somebody who saw it hands it back.
    back = Relay(lost.author, table.room.seals.of(lost.author, lost.update), lost.update)
    (told,) = wire.read(table.room.relay(2, back).to_sender)
    assert (told.name, told.value["code"]) == ("refused", "rights")
    assert not table.room.has_pending


def test_what_changes_no_rights_of_the_authors_holds_up_nothing(table: Table, desk: Desk):
    retire_section(desk.people[0], table.section(2))
    db.session.commit()
    table.write(1, 0, 0, "x")
    outcome, _sending = outcome_of(table, desk)
    assert outcome.is_committed
    assert table.log.news({desk.draft_id: table.room.last}).rights == {desk.draft_id}  # which is still told
    make_person()
    table.write(1, 0, 0, "y")
    assert outcome_of(table, desk)[0].is_committed


def test_asking_what_was_withdrawn_is_one_query(table: Table, desk: Desk, queries):
    table.write(0, 0, 0, "x")
    table.commit()
    table.write(0, 0, 0, "y")
    table.commit()
    batch = Batch(desk.draft_id, 0, [], {}, 1, keys={desk.people[0].id: frozenset(desk.keys)})
    with queries() as statements:
        assert table.log._withdrawn([batch]) == {}
    assert len(statements) == 1
