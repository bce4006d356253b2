"""A form that makes something makes one thing, however often it is sent."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from sip.core import clock
from sip.core.db import db
from sip.core.outbox import Letter
from sip.cycles.models import Cycle, Milestone, Office, Theme
from sip.drafts.actions import text, versions
from sip.drafts.models import Draft, Section, SectionKind, Version
from sip.groups.models import Membership, WorkingGroup
from sip.people.models import Person, PersonRole
from sip.web.once import Submission
from tests.drafts.forms_in_pages import action_of, form_with
from tests.factories import make_cycle, make_draft, make_group, make_office, make_person, make_theme
from tests.helpers import plain_text, sign_in_as

CYCLE = {"title": "Cycle 2027", "introduction": "", "opens_on": "2027-01-01", "closes_on": "2027-12-31"}


@dataclass
class Place:
    """Where everything can be made, by one person who may do it all."""

    client: FlaskClient
    maker: Person
    office: Office
    group: WorkingGroup
    draft: Draft


@pytest.fixture
def place(app: Flask, client: FlaskClient) -> Place:
    maker = make_person("Ada", roles=(PersonRole.ADMINISTRATOR,))
    office = make_office()
    group = make_group(make_theme(make_cycle(steering=(maker,))), facilitator=maker, offices=[office])
    return Place(sign_in_as(client, maker), maker, office, group, make_draft(group))


def _theme(place: Place) -> str:
    theme = place.group.theme
    return f"/cycles/{theme.cycle.slug}/themes/{theme.slug}"


def _imported(place: Place) -> str:
    return f"/drafts/import?theme={place.group.theme_id}"


# What is made, where its form stands, a field of that form, what is filled in.
FORMS: list[tuple[type[Any], Callable[[Place], str], str, dict[str, Any]]] = [
    (Cycle, lambda _: "/cycles/create", "opens_on", CYCLE),
    (Theme, lambda place: f"/cycles/{place.group.theme.cycle.slug}/themes/create", "question", {"title": "Se parler"}),
    (Milestone, lambda place: f"/cycles/{place.group.theme.cycle.slug}/milestones", "note",
     {"title": "Ouverture", "on": clock.today().isoformat()}),
    (Office, lambda _: "/offices/create", "town", {"name": "Antenne de Metz", "town": "Metz", "country": "FR"}),
    (WorkingGroup, lambda place: f"{_theme(place)}/groups/create", "presentation", {"name": "Groupe de Metz"}),
    (Draft, lambda place: f"/drafts/new?theme={place.group.theme_id}", "language", {"title": "Se former"}),
    (Section, lambda place: f"/drafts/{place.draft.slug}/live/add", "after",
     {"title": "Agir", "kind": SectionKind.RECOMMENDATION}),
    (Version, lambda place: f"/drafts/{place.draft.slug}/freeze", "label", {"label": "Première"}),
    (Person, lambda _: "/people/invite", "email", {"name": "Béa", "email": "bea@example.org"}),
    (Letter, lambda place: f"/groups/{place.group.slug}/members", "role", {"email": "sam@example.org"}),
]  # fmt: skip


def count(model: type[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(model))


def filled(place: Place, model: type[Any], page: TestResponse, field: str, values: dict[str, Any]) -> dict[str, Any]:
    chosen = {"offices": place.office.slug} if model is WorkingGroup else {}
    return {**form_with(page, field), **values, **chosen}


def heard(client: FlaskClient, answer: TestResponse) -> str:
    """Follow where an answer leads, and return what is said there."""
    page = client.get(answer.location)
    assert page.status_code == 200
    return plain_text(page.text.partition('id="messages">')[2].partition("<main")[0])


@pytest.mark.parametrize(
    ("model", "address", "field", "values"), FORMS, ids=lambda value: getattr(value, "__name__", "")
)
def test_sent_twice_a_form_makes_one_thing_and_answers_alike(place, model, address, field, values):
    page = place.client.get(address(place))
    data = filled(place, model, page, field, values)
    before = count(model)
    first = place.client.post(action_of(page, field), data=data)
    said = heard(place.client, first)
    again = place.client.post(action_of(page, field), data=data)
    assert (first.status_code, again.status_code) == (303, 303), again.text
    assert again.location == first.location
    made = count(model) - before
    assert made == 1
    assert said
    assert heard(place.client, again) == said


def test_another_page_makes_another_thing(place):
    """Two tabs, both right: the same can be wanted twice."""
    address = f"/drafts/new?theme={place.group.theme_id}"
    tabs = [place.client.get(address) for _ in range(2)]
    places = [
        place.client.post(address, data={**form_with(tab, "title"), "title": "Se former"}).location for tab in tabs
    ]
    assert len(set(places)) == 2


def test_who_goes_back_and_changes_the_form_makes_another_thing(place):
    address = f"/drafts/{place.draft.slug}/live/add"
    form = form_with(place.client.get(address), "after")
    for title in ("Agir", "Se former", "Agir"):
        answer = place.client.post(address, data={**form, "title": title})
        assert answer.status_code == 303
    assert "Agir" in heard(place.client, answer)
    db.session.expire_all()
    assert sorted(section.title for section in place.draft.sections) == ["Agir", "Introduction", "Se former"]


def test_what_is_said_again_still_has_its_button(place):
    address = f"/drafts/{place.draft.slug}/live/add"
    form = {**form_with(place.client.get(address), "after"), "title": "Agir <b>"}
    for _ in range(2):
        page = place.client.get(place.client.post(address, data=form).location)
        assert "“Agir &lt;b&gt;” is added." in page.text
        assert 'form="undo" formaction="' in page.text


def test_a_form_that_was_refused_is_not_used_up(place):
    address = "/offices/create"
    form = form_with(place.client.get(address), "town")
    values = {**form, "name": "Antenne de Metz", "town": "Metz", "country": "FR"}
    assert place.client.post(address, data={**values, "name": ""}).status_code == 422
    assert count(Submission) == 0
    assert place.client.post(address, data=values).status_code == 303
    assert count(Submission) == 1


def test_what_one_person_sent_is_not_another_persons(place, client):
    address = f"/drafts/new?theme={place.group.theme_id}"
    form = {**form_with(place.client.get(address), "title"), "title": "Se former"}
    first = place.client.post(address, data=form)
    sign_in_as(client, make_person())
    token = form_with(client.get("/me/profile"), "csrf_token")["csrf_token"]
    answer = client.post(address, data={**form, "csrf_token": token})
    assert first.status_code == 303
    assert answer.status_code == 403, "who may not is not led there"


def test_without_a_token_or_with_a_strange_one_a_form_is_taken_as_it_comes(place):
    address = f"/drafts/new?theme={place.group.theme_id}"
    form = {**form_with(place.client.get(address), "title"), "title": "Se former"}
    for token in ("", "x", "y" * 65, "é" * 20, "\0" * 20):
        for _ in range(2):
            assert place.client.post(address, data={**form, "once": token}).status_code == 303
    assert count(Submission) == 0


def test_what_was_sent_is_forgotten_after_a_day(place):
    address = "/cycles/create"
    with clock.at(clock.now() - timedelta(days=1, minutes=1)):
        assert place.client.post(address, data=form_with(place.client.get(address), "opens_on") | CYCLE).location
    assert count(Submission) == 1
    assert place.client.post(address, data=form_with(place.client.get(address), "opens_on") | CYCLE).location
    assert count(Submission) == 1
    assert count(Cycle) == 3


def test_a_document_is_imported_once(place):
    address = _imported(place)
    token = form_with(place.client.get(address), "csrf_token")["csrf_token"]
    lines = [
        b"--edge", b'Content-Disposition: form-data; name="csrf_token"', b"", token.encode(),
        b"--edge", b'Content-Disposition: form-data; name="file"; filename="a.md"', b"",
        b"# Se former\n\n## Agir\n\nUn texte.\n", b"--edge--", b"",
    ]  # fmt: skip
    preview = place.client.post(address, data=b"\r\n".join(lines), content_type="multipart/form-data; boundary=edge")
    form = form_with(preview, "markdown")
    answers = [place.client.post(address, data=form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    assert db.session.scalar(select(func.count()).where(Draft.title == "Se former")) == 1


def test_a_list_of_people_is_imported_once_and_says_the_same(place):
    text = "email;name\nzoe@example.org;Zoé\n"
    address = "/people/import"
    form = form_with(place.client.get(address), "text")
    preview = place.client.post(address, data={**form, "text": text})
    assert count(Submission) == 0, "looking at a list uses nothing up"
    confirmed = {**form_with(preview, "text"), "confirm": "yes"}
    said = []
    for _ in range(2):
        answer = place.client.post(address, data=confirmed)
        assert answer.status_code == 303
        said.append(heard(place.client, answer))
    assert "1 person is new" in said[0]
    assert said[1] == said[0]


def test_publishing_twice_is_no_mistake(place):
    version = versions.freeze_version(place.maker, place.draft, "un")
    db.session.commit()
    page = place.client.get(f"/drafts/{place.draft.slug}/versions/{version.number}")
    address = f"/drafts/{place.draft.slug}/versions/{version.number}/publish"
    form = form_with(page, "once")
    answers = [place.client.post(address, data=form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert "is published" in heard(place.client, answers[1])


def test_restoring_twice_restores_once(place):
    first = versions.freeze_version(place.maker, place.draft, "un")
    section = place.draft.sections[0]
    text.edit_section(place.maker, section, section.body, "Un autre texte.")
    versions.freeze_version(place.maker, place.draft, "deux")
    db.session.commit()
    address = f"/drafts/{place.draft.slug}/versions/{first.number}/restore"
    form = form_with(place.client.get(address), "note")
    answers = [place.client.post(address, data=form) for _ in range(2)]
    assert [answer.location for answer in answers] == [f"/drafts/{place.draft.slug}/versions/3"] * 2
    assert count(Version) == 3


def test_asking_to_join_twice_is_no_mistake(place, client):
    member = make_person()
    sign_in_as(client, member)
    address = f"/groups/{place.group.slug}"
    form = form_with(client.get(address), "message")
    answers = [client.post(f"{address}/join", data=form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert db.session.scalar(select(func.count()).where(Membership.person_id == member.id)) == 1


def test_a_person_who_is_removed_takes_what_they_sent_along(place):
    address = "/cycles/create"
    place.client.post(address, data=form_with(place.client.get(address), "opens_on") | CYCLE)
    assert db.session.scalars(select(Submission.person_id)).all() == [place.maker.id]
    key = next(iter(Submission.__table__.c.person_id.foreign_keys))
    assert key.ondelete == "CASCADE"


def test_visitors_have_no_token_in_their_forms(client):
    assert 'name="once"' not in client.get("/sign-in").text
