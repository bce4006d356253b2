"""Pages of one's own profile, of all people, and for joining."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from sip.core import counts
from sip.core.db import db
from sip.people import passwords
from sip.people.models import Person, PersonRole
from tests.factories import make_administrator, make_office, make_person
from tests.helpers import sign_in_as, submit, token_of
from tests.people.conftest import PASSWORD


@pytest.fixture
def office(client: FlaskClient) -> FlaskClient:
    """A browser in which an administrator is signed in."""
    return sign_in_as(client, make_administrator(name="Ada Admin", email="ada@example.org"))


def reload(person: Person) -> Person:
    db.session.commit()
    return db.session.get(Person, person.id, populate_existing=True)


def names(page) -> list[str]:
    return re.findall(r'<th scope="row"><a [^>]*>([^<]+)</a>', page.text)


def test_the_first_page_of_a_new_place(client, app):
    office = make_office(name="Antenne de Lyon")
    page = client.get("/start")
    assert page.status_code == 200
    data = {"name": "Zoé Martin", "language": "nl", "office_id": office.id, "stakeholder": "worker"}
    wrong = submit(client, "/start", {**data, "email": "zoe@example.org", "password": "zoe martin"})
    assert wrong.status_code == 422
    assert "Zoé Martin" in wrong.text, "what was typed stays"
    assert submit(client, "/start", {**data, "email": "zoe@example.org", "password": PASSWORD}).status_code == 303
    assert client.get("/people").status_code == 200, "signed in, as an administrator"
    for method in (client.get, client.post):
        assert method("/start").status_code == 404
    person = db.session.scalars(select(Person)).one()
    assert (person.office_id, person.stakeholder, person.language) == (office.id, "worker", "nl")


@pytest.mark.parametrize("address", ["/people", "/people/1", "/people/999999", "/people/invite", "/people/import"])
def test_pages_for_administrators(client, app, address):
    person = make_person(id=1, roles=(PersonRole.BOARD_MEMBER,))
    assert client.get(address).location.startswith("/sign-in?next=")
    sign_in_as(client, person)
    assert client.get(address).status_code == 403
    assert client.post(address, data={}).status_code in (403, 405)


def test_pages_of_nobody_do_not_exist(office):
    for number in (999_999, 2**31, 2**80):
        assert office.get(f"/people/{number}").status_code == 404


def test_people_are_searched_and_filtered(office, queries):
    lyon = make_office(name="Lyon")
    make_person("Éloïse Dupont", name_key="eloise dupont", email="e.dupont@example.org", office_id=lyon.id)
    make_person("Jan Dupré", name_key="jan dupre", email="jan@example.org", roles=(PersonRole.BOARD_MEMBER,))
    make_person("50 % Malin", name_key="50 % malin", email="malin@example.org")
    for query, found in {
        "q=éLO": ["Éloïse Dupont"],
        "q=dup": ["Éloïse Dupont", "Jan Dupré"],
        "q=E.Dup": ["Éloïse Dupont"],
        "q=pont": [],
        "q=%25": ["50 % Malin"],
        f"office={lyon.id}": ["Éloïse Dupont"],
        "role=board_member": ["Jan Dupré"],
        f"role=board_member&office={lyon.id}": [],
        "q=dup&role=administrator": [],
        "office=9999999999999&role=x": None,
    }.items():
        page = office.get(f"/people?{query}")
        assert page.status_code == 200
        if found is not None:
            assert names(page) == found, query
    assert "Nobody matches" in office.get("/people?q=zzz").text


def test_lists_are_paged_and_cost_the_same(office, queries):
    counts.add("people", 1)
    with queries() as few:
        assert "1 person" in office.get("/people").text
    for _ in range(64):
        make_person()
    counts.add("people", 64)
    with queries() as many:
        page = office.get("/people")
    assert len(many) <= len(few)
    assert len(names(page)) == 30
    assert "65 people" in page.text
    assert len(names(office.get("/people?page=3"))) == 5
    assert office.get("/people?page=4").status_code == 404
    assert len(names(office.get("/people?q=personne&page=2"))) == 30


def test_roles_are_given_on_the_page(office):
    person = make_person("Sam")
    address = f"/people/{person.id}"
    assert submit(office, address, {"roles": ["board_member", "administrator"]}).status_code == 303
    assert reload(person).roles == set(PersonRole)
    assert submit(office, address, {"roles": ["emperor"]}).status_code == 422
    assert submit(office, address, {}).status_code == 303
    assert reload(person).roles == set()


def test_the_last_administrator_stays(office):
    ada = db.session.scalars(select(Person)).one()
    answer = submit(office, f"/people/{ada.id}", {})
    assert answer.status_code == 422
    assert "another administrator first" in answer.text
    assert reload(ada).is_administrator


def test_invitation_from_the_form_to_joining(office, app, letters, mailed_token):
    lyon = make_office()
    data = {"email": "sam@example.org", "name": "Sam", "language": "nl", "office_id": "", "stakeholder": "client"}
    answer = submit(office, "/people/invite", data)
    assert answer.status_code == 303
    page = office.get(answer.location)
    assert "not joined yet" in page.text
    again = submit(office, answer.location + "/invitation", {}, page=answer.location)
    assert again.status_code == 303
    assert len(letters("invitation")) == 2
    assert submit(office, "/people/invite", data).status_code == 422, "the address is taken"

    guest = app.test_client()
    address = f"/invitation/{mailed_token('invitation')}"
    assert "Sam" in guest.get(address).text
    profile = {"name": "Sam Peeters", "language": "en", "office_id": lyon.id, "stakeholder": "partner"}
    assert submit(guest, address, {**profile, "password": "court"}).status_code == 422
    assert submit(guest, address, {**profile, "password": PASSWORD}).status_code == 303
    assert guest.get("/me/profile").status_code == 200
    assert guest.get(address).status_code == 410
    sam = db.session.scalars(select(Person).where(Person.email == "sam@example.org")).one()
    assert (sam.name, sam.stakeholder, sam.office_id) == ("Sam Peeters", "partner", lyon.id)
    assert passwords.is_right(sam.password_hash, PASSWORD)
    assert office.post(f"/people/{sam.id}/invitation").status_code == 403


def test_joining_needs_no_password(office, app, mailed_token):
    submit(office, "/people/invite", {"email": "sam@example.org", "name": "Sam", "language": "en"})
    guest = app.test_client()
    assert (
        submit(guest, f"/invitation/{mailed_token('invitation')}", {"name": "Sam", "language": "en"}).status_code == 303
    )
    sam = db.session.scalars(select(Person).where(Person.email == "sam@example.org")).one()
    assert sam.joined_at
    assert sam.password_hash is None


def test_ones_own_profile(client, member):
    lyon = make_office()
    sign_in_as(client, member)
    data = {"name": "Camille D.", "language": "nl", "office_id": lyon.id, "stakeholder": "permanent_staff"}
    assert submit(client, "/me/profile", data).status_code == 303
    person = reload(member)
    assert (person.name, person.language, person.office_id) == ("Camille D.", "nl", lyon.id)
    assert 'lang="nl"' in client.get("/me/profile").text
    for wrong in ({"name": ""}, {"name": "x" * 121}, {"language": "xx"}, {"office_id": "77"}, {"stakeholder": "king"}):
        answer = submit(client, "/me/profile", {**data, **wrong})
        assert answer.status_code == 422, wrong
    assert reload(member).name == "Camille D."


def test_a_new_password_keeps_this_device_and_ends_the_others(client, app, member):
    other = sign_in_as(app.test_client(), member)
    sign_in_as(client, member)
    new = {"current_password": PASSWORD, "new_password": "quatre poires à vélo"}
    assert submit(client, "/me/profile", {**new, "current_password": "x" * 12}).status_code == 422
    assert submit(client, "/me/profile", {**new, "new_password": "camille dupont"}).status_code == 422
    assert reload(member).session_epoch == 0
    assert submit(client, "/me/profile", new).status_code == 303
    assert client.get("/me/profile").status_code == 200
    assert other.get("/me/profile").status_code == 302
    assert passwords.is_right(reload(member).password_hash, "quatre poires à vélo")


def test_guessing_the_current_password_is_throttled(client, member):
    sign_in_as(client, member)
    guess = {"current_password": "x" * 12, "new_password": "quatre poires à vélo"}
    statuses = [submit(client, "/me/profile", guess).status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]


def test_a_first_password_needs_no_current_one(client, app):
    person = make_person("Sam")
    sign_in_as(client, person)
    page = client.get("/me/profile")
    assert "current_password" not in page.text
    data = {"csrf_token": token_of(page), "new_password": PASSWORD}
    assert client.post("/me/profile", data=data).status_code == 303
    assert passwords.is_right(reload(person).password_hash, PASSWORD)


def test_names_are_shown_as_text(office):
    make_person("<script>alert(1)</script>")
    page = office.get("/people").text
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
