"""Importing: a preview, then all or nothing; the same list twice changes nothing."""

import io
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from sip.core import clock, outbox
from sip.core.db import db, transaction
from sip.core.errors import Conflict, Denied, Invalid
from sip.core.journal import Event, JournalEntry
from sip.people import import_actions, queries
from sip.people.importing import read_members
from sip.people.models import Person
from tests.factories import make_administrator, make_office, make_person
from tests.helpers import sign_in_as, submit, token_of

LIST = "email;name;office;language;stakeholder\n"


def members(text: str):
    return read_members(LIST + text, queries.office_names(), ["fr", "nl", "en"])


def take(actor, text: str, **kwargs):
    return import_actions.import_members(actor, members(text), language="fr", **kwargs)


def figures(plan) -> tuple[int, int, int]:
    return len(plan.new), len(plan.changed), plan.same


def everybody() -> list[tuple]:
    columns = (Person.email, Person.name, Person.name_key, Person.office_id, Person.language, Person.stakeholder)
    return [tuple(row) for row in db.session.execute(select(*columns).order_by(Person.email))]


def test_new_changed_and_same(app):
    ada = make_administrator(email="ada@example.org", name="Ada", name_key="ada", language="fr")
    lyon = make_office(name="Lyon")
    make_person("Bo", email="bo@example.org", name_key="bo", language="nl", office_id=lyon.id, stakeholder="client")
    text = "ada@example.org;Ada;;;\nbo@example.org;Bô;;fr;\ncy@example.org;Cÿ;Lyon;;partner\n"
    assert figures(take(ada, text)) == (1, 1, 1)
    assert everybody() == [
        ("ada@example.org", "Ada", "ada", None, "fr", None),
        ("bo@example.org", "Bô", "bo", lyon.id, "fr", "client"),
        ("cy@example.org", "Cÿ", "cy", lyon.id, "fr", "partner"),
    ]
    assert queries.count_people() == 1, "the count knows those who were added"
    before = everybody()
    assert figures(take(ada, text)) == (0, 0, 3)
    assert everybody() == before
    entries = list(db.session.scalars(select(JournalEntry)))
    assert [(entry.event, entry.data["new"], entry.data["changed"]) for entry in entries] == [
        (Event.PEOPLE_IMPORTED, 1, 1)
    ]


def test_one_bad_line_and_nothing_is_imported(app):
    ada = make_administrator(language="fr")
    before = everybody()
    for text in ("bo@example.org;Bo;;;\ncy@example.org;;;;\n", "bo@example.org;Bo;;;\nnobody;;;;\n"):
        with pytest.raises(Invalid):
            take(ada, text)
        assert everybody() == before


def test_only_administrators_import(app):
    with pytest.raises(Denied):
        take(make_person(), "bo@example.org;Bo;;;\n")


def test_invitations_only_if_wished_and_only_to_new_people(app, letters):
    ada = make_administrator(name="Ada")
    take(ada, "bo@example.org;Bo;;nl;\n")
    assert letters("invitation") == []
    take(ada, "bo@example.org;Bo;;nl;\ncy@example.org;Cy;;nl;\n", mails_invitations=True)
    assert [(letter.recipient, letter.language) for letter in letters("invitation")] == [("cy@example.org", "nl")]


def test_who_is_named_goes_on_writing_during_an_import(app, queries):
    """On PostgreSQL a full lock of a person's row holds back every row that refers to them."""
    take(make_administrator(), "bo@example.org;Bo;;;\n")
    with queries() as statements:
        take(make_administrator(), "bo@example.org;Bob;;;\n")
    held = [statement for statement in statements if "FROM people" in statement and " FOR " in statement]
    is_postgres = db.session.get_bind().dialect.name == "postgresql"
    assert all("FOR NO KEY UPDATE" in statement for statement in held)
    assert bool(held) == is_postgres


def test_invitations_to_many_leave_in_lots(app, letters, monkeypatch):
    """Whatever else is to be told meanwhile does not wait for all of them."""
    monkeypatch.setattr(outbox, "LOT", 2)
    with clock.at(clock.now()):
        now = clock.now()
        lines = "".join(f"p{number}@example.org;P;;;\n" for number in range(5))
        take(make_administrator(), lines, mails_invitations=True)
    lots = [(letter.due_at - now) / outbox.LOT_LASTS for letter in letters("invitation")]
    assert sorted(lots) == [0, 0, 1, 1, 2]


def test_large_lists_are_compared_like_small_ones(app, monkeypatch):
    monkeypatch.setattr(import_actions, "_ASKED", 3)
    ada = make_administrator(email="ada@example.org", name="Ada", name_key="ada", language="fr")
    text = "".join(f"p{number}@example.org;P{number};;;\n" for number in range(5)) + "ada@example.org;Ada B.;;;\n"
    assert figures(take(ada, text)) == (5, 1, 0)
    assert figures(take(ada, text)) == (0, 0, 6)


def test_two_imports_at_once_leave_nobody_twice(shared_app, at_once):
    with shared_app.app_context():
        number = make_administrator(email="ada@example.org").id
        list_ = members("\n".join(f"p{i}@example.org;P;;;" for i in range(40)))

    def act():
        with shared_app.app_context():
            try:
                with transaction():
                    ada = db.session.get(Person, number)
                    return figures(import_actions.import_members(ada, list_, language="fr"))
            except Conflict:
                return "conflict"

    results = at_once(act, 3)
    assert results.count((40, 0, 0)) == 1
    assert set(results) <= {(40, 0, 0), (0, 0, 40), "conflict"}
    with shared_app.app_context():
        assert db.session.scalar(select(func.count(Person.id))) == 41
        assert queries.count_people() == 40


@pytest.fixture
def office(client: FlaskClient) -> FlaskClient:
    """A browser in which an administrator is signed in."""
    return sign_in_as(client, make_administrator(name="Ada", email="ada@example.org"))


def hidden_text(page) -> str:
    found = re.search(r'<input type="hidden" name="text" value="([^"]*)"', page.text)
    return found.group(1) if found else ""


def test_from_the_file_to_the_members(office, letters):
    data = (LIST + "bo@example.org;Bô & Cie;;fr;\ncy@example.org;Cy;;;worker\n").encode("cp1252")
    preview = submit(office, "/people/import", {"file": (io.BytesIO(data), "liste.csv")})
    assert preview.status_code == 200
    assert "Bô &amp; Cie" in preview.text
    assert len(everybody()) == 1, "a preview changes nothing"
    text = hidden_text(preview).replace("&amp;", "&")
    confirm = {"csrf_token": token_of(preview), "text": text.replace("\n", "\r\n"), "confirm": "yes"}
    done = office.post("/people/import", data=confirm, content_type="multipart/form-data")
    assert (done.status_code, done.location) == (303, "/people")
    assert "2 people are new, 0 were changed, 0 were the same already" in office.get("/people").text
    assert [row[:2] for row in everybody()[1:]] == [("bo@example.org", "Bô & Cie"), ("cy@example.org", "Cy")]
    assert letters("invitation") == []
    again = submit(office, "/people/import", {"text": text})
    assert "nothing to import" in again.text
    assert not hidden_text(again)


def test_bad_lines_are_shown_and_cannot_be_confirmed(office):
    text = LIST + "bo@example.org;Bo;;;\nnothing;X;;;\ncy@example.org;;;;\n"
    page = submit(office, "/people/import", {"text": text})
    assert page.status_code == 200
    assert "2 lines must be mended" in page.text
    assert re.findall(r'<th scope="row" class="number">(\d+)</th>', page.text) == ["3", "4"]
    assert not hidden_text(page)
    forced = submit(office, "/people/import", {"text": text, "confirm": "yes", "mails_invitations": "y"})
    assert forced.status_code == 422
    assert len(everybody()) == 1


def test_confirming_checks_again(office):
    """Between the preview and the yes, somebody may have been added."""
    text = LIST + "bo@example.org;Bo;;;\n"
    submit(office, "/people/import", {"text": text})
    make_person("Bo", email="bo@example.org", name_key="bo")
    assert submit(office, "/people/import", {"text": text, "confirm": "yes"}).status_code == 303
    assert "0 people are new" in office.get("/people").text


def test_changes_are_shown_before_and_after(office):
    make_person("Bo", email="bo@example.org", name_key="bo", stakeholder="client")
    page = submit(office, "/people/import", {"text": LIST + "bo@example.org;Béatrice;;;partner\n"})
    assert "Bo → Béatrice" in page.text
    assert "Client → Partner" in page.text


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04 a spreadsheet", b"\xff\xfe\x00", b"name\nX", b"email;name\n", b"\x81\x8d\x8f"]
)
def test_files_that_are_no_lists(office, data):
    answer = submit(office, "/people/import", {"file": (io.BytesIO(data), "x.csv")})
    assert answer.status_code == 422
    assert "Something needs your attention" in answer.text


def post_large(client: FlaskClient, **fields: str):
    """Post as browsers do; the test client's own way leaves temporary files open."""
    parts = [f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n' for name, text in fields.items()]
    body = "".join([*parts, "--x--\r\n"]).encode()
    return client.post("/people/import", data=body, content_type="multipart/form-data; boundary=x")


def test_large_lists_fit_through_preview_and_confirmation(office):
    """A list may be as large as a file, though other forms may not."""
    words = "what nobody asked for " * 100
    text = LIST.strip() + ";notes\n" + "".join(f"nom.{i}@example.org;Nom;;fr;worker;{words}\n" for i in range(1_500))
    assert len(text.encode()) > office.application.config["MAX_FORM_MEMORY_SIZE"]
    text += "nothing;X;;;\n"
    token = token_of(office.get("/people/import"))
    page = post_large(office, csrf_token=token, text=text)
    assert page.status_code == 200
    assert "1 line must be mended" in page.text
    assert post_large(office, csrf_token=token, text=text, confirm="yes").status_code == 422
    assert len(everybody()) == 1
