"""Who reads agendas, minutes and points, and who prepares them: role by role, before and after publication."""

import pytest

from sip.core import clock
from sip.core.db import db
from sip.meetings import policy, queries
from sip.meetings.actions import agenda, points
from sip.meetings.models import PointState
from tests.factories import make_administrator, make_person

MEMBERS = {"author", "member", "director", "administrator"}
EVERYBODY = {*MEMBERS, "visitor"}
BODY = {"director"}


@pytest.fixture
def people(house):
    return {
        "author": make_person(name="author"),
        "member": house.member,
        "director": house.director,
        "administrator": make_administrator(),
        "visitor": None,
    }


def who(people, may, thing) -> set[str]:
    return {name for name, person in people.items() if may(person, thing)}


def test_agendas_and_minutes_open_to_members_once_they_are_published(people, house):
    meeting = house.meeting
    now = clock.now()
    for agenda_at, minutes_at, agenda_for, minutes_for, prepared_by in (
        (None, None, BODY, BODY, BODY),
        (now, None, MEMBERS, BODY, BODY),
        (now, now, MEMBERS, MEMBERS, set()),
    ):
        meeting.agenda_published_at, meeting.minutes_published_at = agenda_at, minutes_at
        assert who(people, policy.may_see_meeting, meeting) == EVERYBODY
        assert who(people, policy.may_read_agenda, meeting) == agenda_for
        assert who(people, policy.may_read_minutes, meeting) == minutes_for
        assert who(people, policy.may_prepare, meeting) == prepared_by
    assert who(people, policy.may_prepare_meetings, house.board) == BODY
    assert (
        who(people, policy.may_propose_point, house.board)
        == who(people, policy.may_list_points, house.board)
        == MEMBERS
    )


def test_a_point_that_the_body_itself_prepares_is_its_own_until_the_agenda_is_published(people, house):
    own = agenda.add(house.director, house.meeting, "Confidentiel")
    theirs = points.propose(people["author"], house.board, "Public", "x")
    assert who(people, policy.may_see_point, own) == BODY
    assert policy.may_see_point(house.member, own).is_hidden
    agenda.put(house.director, theirs, house.meeting)
    assert who(people, policy.may_see_point, theirs) == MEMBERS
    house.meeting.agenda_published_at = clock.now()
    db.session.flush()
    assert who(people, policy.may_see_point, own) == MEMBERS
    # What members propose stands in their list wherever it is; what the body adds is told by its meeting alone.
    assert db.session.scalars(queries.proposals_of(house.board)).all() == [theirs]
    for state in PointState:
        assert own not in db.session.scalars(queries.points_of(house.board, state)).all()


def test_points_are_supported_and_handled_until_they_are_closed(people, house):
    point = points.propose(people["author"], house.board, "Public", "x")
    for state in PointState:
        point.state = state
        is_open = state in policy.WAITING
        assert who(people, policy.may_support_point, point) == (MEMBERS - {"author"} if is_open else set())
        assert who(people, policy.may_handle_point, point) == (BODY if is_open else set())
        assert who(people, policy.may_decline_point, point) == (BODY if state == PointState.PROPOSED else set())
    own = agenda.add(house.director, house.meeting, "À nous")
    assert who(people, policy.may_support_point, own) == set()
    assert policy.may_handle_point(house.member, own).is_hidden
