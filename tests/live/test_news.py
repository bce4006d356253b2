"""What the database thread finds: what others did, and what people may do."""

import pytest
from sqlalchemy import delete, select, text

from sip.core.db import db
from sip.core.journal import Event, JournalEntry
from sip.cycles.stages import Stage
from sip.drafts.actions.arranging import move_section, retire_section
from sip.drafts.actions.versions import freeze_version
from sip.drafts.policy import may_edit_section
from sip.groups.actions import end_membership
from sip.groups.models import Membership
from sip.live.log import News
from sip.people.sign_in_actions import sign_out_everywhere
from tests.factories import make_administrator, make_person
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
    rights = table.log.rights(desk.draft_id, [person.id for person in desk.people[:2]])
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
    sections[1].stage = Stage.CODECISION
    retire_section(desk.people[0], sections[2])
    db.session.commit()
    rights = table.log.rights(desk.draft_id, [desk.people[1].id, stranger.id, 10**6])
    assert rights[desk.people[1].id].editable == {desk.keys[0]}
    reasons = {key: str(reason) for key, reason in rights[desk.people[1].id].reasons.items()}
    assert reasons == {
        desk.keys[1]: "The text stands still at this stage.",
        desk.keys[2]: "This section was retired. Bring it back to write in it.",
    }
    assert rights[stranger.id].may_read  # the concertation lets members watch
    assert not rights[stranger.id].editable
    assert not rights[10**6].may_read
    assert not table.log.rights(4711, [desk.people[1].id])[desk.people[1].id].may_read
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
    counts = []
    for some in (people[:2], people):
        with queries() as statements:
            assert len(table.log.rights(draft_id, some)) == len(some)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 12
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
