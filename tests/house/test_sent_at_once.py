"""Two requests at the same moment: one form sent twice makes one thing, and two things of one name are both made.

On PostgreSQL only: SQLite lets one write begin after the other, so there nobody looks at what is old.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier, local
from typing import Any

import pytest
from sqlalchemy import func, select

from sip.core.db import db, transaction
from sip.cycles import actions as cycles
from sip.cycles.models import Cycle, Office, Theme
from sip.drafts.actions import documents
from sip.drafts.models import Draft
from sip.groups import actions as groups
from sip.groups.models import WorkingGroup
from sip.people.importing import read_members
from sip.people.models import Person
from sip.web import once
from tests.drafts.forms_in_pages import form_with
from tests.helpers import sign_in_as


def person(name: str) -> Person:
    return db.session.scalars(select(Person).where(Person.email == f"{name}@demo.example")).one()


def together(act: Callable[[int], Any]) -> list[Any]:
    """Do `act(0)` and `act(1)` at the same moment and return what each returned."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(act, range(2), timeout=120))


def meeting(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let two threads meet after each called `function` for the first time: both have looked before either writes."""
    barrier, seen = Barrier(2, timeout=60), local()

    def met(*args: Any, **kwargs: Any) -> Any:
        found = function(*args, **kwargs)
        if not hasattr(seen, "is_met"):
            seen.is_met = True
            barrier.wait()
        return found

    return met


@pytest.mark.parametrize(
    ("address", "field", "values", "model"),
    [
        ("/cycles/create", "opens_on", {"title": "2031", "opens_on": "2031-01-01", "closes_on": "2031-12-31"}, Cycle),
        ("/offices/create", "town", {"name": "Antenne de Metz", "town": "Metz", "country": "FR"}, Office),
        ("/people/invite", "email", {"name": "Béa", "email": "bea@example.org"}, Person),
    ],
)
def test_a_double_click_makes_one_thing(demo_app, monkeypatch, address, field, values, model):
    client = demo_app.test_client()
    with demo_app.app_context():
        sign_in_as(client, person("admin"))
        before = db.session.scalar(select(func.count()).select_from(model))
    form = {**form_with(client.get(address), field), **values}
    cookie = client.get_cookie("session").value
    monkeypatch.setattr(once, "_first", meeting(once._first))

    def click(_: int) -> tuple[int, str]:
        browser = demo_app.test_client()
        browser.set_cookie("session", cookie)
        answer = browser.post(address, data=form)
        return answer.status_code, answer.location

    first, second = together(click)
    assert first == second
    assert first[0] == 303
    with demo_app.app_context():
        assert db.session.scalar(select(func.count()).select_from(model)) == before + 1


def test_a_list_of_people_sent_by_a_double_click_is_imported_once(demo_app, monkeypatch):
    """Reading the list lets the transaction go, so both get as far as that."""
    client = demo_app.test_client()
    with demo_app.app_context():
        sign_in_as(client, person("admin"))
    text = {"text": "email;name\nzoe@example.org;Zoé\n"}
    preview = client.post("/people/import", data={**form_with(client.get("/people/import"), "text"), **text})
    form = {**form_with(preview, "text"), "confirm": "yes"}
    cookie = client.get_cookie("session").value
    monkeypatch.setattr("sip.people.views.read_members", meeting(read_members))

    def click(_: int) -> tuple[int, str]:
        browser = demo_app.test_client()
        browser.set_cookie("session", cookie)
        answer = browser.post("/people/import", data=form)
        page = browser.get("/people").text
        return answer.status_code, page.partition('id="messages">')[2].partition("<main")[0]

    first, second = together(click)
    assert first[0] == second[0] == 303
    assert first[1] == second[1]


def new_draft(actor: Person, _: int) -> Draft:
    group = db.session.scalars(select(WorkingGroup).where(WorkingGroup.slug == "rennes")).one()
    return documents.create_draft(actor, group.theme, "Se former ensemble", [group])


def new_cycle(actor: Person, _: int) -> Cycle:
    values = {"title": "Encore", "opens_on": date(2032, 1, 1), "closes_on": date(2032, 12, 31)}
    return cycles.create_cycle(actor, {**values, "introduction": "", "guests_may_comment": False})


def new_office(actor: Person, number: int) -> Office:
    return cycles.create_office(actor, {"name": f"Antenne {number}", "town": "Metz-Ville", "country": "FR"})


def new_group(actor: Person, number: int) -> WorkingGroup:
    theme = db.session.scalars(select(Theme).order_by(Theme.id)).all()[number]
    offices = [db.session.scalars(select(Office.slug)).first()]
    return groups.create_group(actor, theme, {"name": "Nous tous", "presentation": "", "offices": offices})


@pytest.mark.parametrize("make", [new_draft, new_cycle, new_office, new_group])
def test_two_things_of_one_name_both_find_an_address(demo_app, make):
    barrier = Barrier(2, timeout=60)

    def run(number: int) -> str:
        with demo_app.app_context(), transaction():
            actor = person("admin")
            barrier.wait()  # both transactions have begun
            return make(actor, number).slug

    first, second = sorted(together(run), key=len)
    assert second == f"{first}-2"
