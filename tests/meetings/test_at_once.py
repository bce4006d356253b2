"""Several people at one agenda at the same moment: one of two wins, and every count and place is right.

On PostgreSQL only: SQLite lets one write begin after the other.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from sip.bodies.models import BodyKind
from sip.core import clock
from sip.core.db import db
from sip.meetings import checking, queries
from sip.meetings.actions import agenda, calling, points
from sip.people.models import Person, PersonRole
from tests.at_once import all_at_once, lasting_app
from tests.databases import Databases
from tests.factories import make_body, make_person

PEOPLE = 6


@pytest.fixture
def busy_app(databases: Databases, tmp_path: Path) -> Iterator[Flask]:
    with lasting_app("postgresql", databases, tmp_path) as app, app.app_context():
        yield app


def test_each_support_counts_once_and_a_point_stands_on_one_agenda(busy_app):
    people = [make_person(roles=(PersonRole.BOARD_MEMBER,)).id for _ in range(PEOPLE)]
    director, board = db.session.get_one(Person, people[0]), make_body(kind=BodyKind.BOARD)
    point = points.propose(make_person(), board, "Un", "x").id
    values = {"title": "Séance", "starts_at": clock.now() + timedelta(days=9), "place": ""}
    meetings = [calling.create_meeting(director, board, values).id for _ in range(2)]
    db.session.commit()

    def together(act: Callable[[Person, int], None]) -> Counter[str]:
        return all_at_once(busy_app, PEOPLE, lambda place: act(db.session.get_one(Person, people[place]), place))

    def support(person: Person, place: int) -> None:
        points.support(person, queries.point_by_id(point))
        points.unsupport(person, queries.point_by_id(point))
        if place:
            points.support(person, queries.point_by_id(point))

    def put(person: Person, place: int) -> None:
        agenda.put(person, queries.point_by_id(point), queries.meeting_by_id(meetings[place % 2]))

    def add(person: Person, place: int) -> None:
        agenda.add(person, queries.meeting_by_id(meetings[0]), f"Point {place}")

    assert together(support) == {"NoneType": PEOPLE}
    assert queries.point_by_id(point).supports == PEOPLE - 1
    # Who puts it where it stands already has what they want; the others are told.
    assert together(put) == {"NoneType": 3, "Invalid": 3}
    assert together(add) == {"NoneType": PEOPLE}
    assert sum(len(queries.meeting_by_id(meeting).points) for meeting in meetings) == PEOPLE + 1
    places = [each.position for each in queries.meeting_by_id(meetings[0]).points]
    assert places == sorted(set(places))
    assert list(checking.problems()) == []
