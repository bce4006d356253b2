"""A visit begins after half an hour away; noting it never breaks a page."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from sip.core import clock
from sip.core.db import db
from sip.people import visits
from sip.people.models import Person
from tests.factories import make_person
from tests.helpers import sign_in_as

NOON = clock.now().replace(hour=12, minute=0, second=0, microsecond=0)


def open_page(client, minutes: int) -> None:
    with clock.at(NOON + timedelta(minutes=minutes)):
        assert client.get("/me/profile").status_code == 200


def visits_of(person: Person) -> tuple[float | None, float | None]:
    """The last visit and the one before, in minutes after noon."""
    db.session.commit()
    found = db.session.get(Person, person.id, populate_existing=True)
    moments = (found.visited_at, found.previous_visit_at)
    return tuple((moment - NOON).total_seconds() / 60 if moment else None for moment in moments)


def test_a_pause_of_half_an_hour_begins_a_visit(client, app):
    person = make_person()
    sign_in_as(client, person)
    open_page(client, 0)
    assert visits_of(person) == (0, None)
    for minutes in (4, 20, 45, 70):  # one long visit: never half an hour without a page
        open_page(client, minutes)
    assert visits_of(person) == (0, None)
    open_page(client, 101)
    assert visits_of(person) == (101, 0)


def test_another_device_within_the_half_hour_is_the_same_visit(client, app):
    person = make_person(visited_at=NOON - timedelta(days=1))
    sign_in_as(client, person)
    open_page(client, 0)
    other = sign_in_as(app.test_client(), person)
    open_page(other, 10)
    assert visits_of(person) == (0, -24 * 60)


def test_reading_on_costs_no_further_query(client, app, queries):
    person = make_person()
    sign_in_as(client, person)
    open_page(client, 0)
    with queries() as statements:
        open_page(client, 2)
    assert not [statement for statement in statements if statement.startswith("UPDATE")]


def test_a_page_is_shown_even_if_the_visit_cannot_be_noted(client, app, monkeypatch, caplog):
    def fail(person_id: int) -> None:
        raise OperationalError("UPDATE people", {}, Exception("locked"))

    monkeypatch.setattr(visits, "begin_visit", fail)
    person = make_person()
    sign_in_as(client, person)
    open_page(client, 0)
    assert "could not be noted" in caplog.text


@pytest.mark.parametrize("cookie", ["yesterday", -5, 10**12])
def test_a_strange_cookie_does_no_harm(client, app, cookie):
    person = make_person()
    sign_in_as(client, person)
    with client.session_transaction() as session:
        session["seen"] = cookie
    open_page(client, 0)
    assert visits_of(person) == (0, None)
