"""A form comes whole before anything is done with it; NUL never reaches a view; on either database."""

import io
import socket
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from sip.core.db import db
from sip.web import incoming
from tests.factories import make_person
from tests.helpers import sign_in_as, submit, token_of


def test_an_address_with_a_nul_leads_nowhere(app: Flask, client: FlaskClient):
    for address in ("/drafts/%00", "/drafts?theme=%00", "/groups/x%00y", "/cycles?%00=1", "/people?q=%00"):
        assert client.get(address).status_code == 404, address


def test_a_typed_nul_is_dropped(app: Flask, client: FlaskClient):
    person = make_person("Ana")
    sign_in_as(client, person)
    answer = submit(client, "/me/profile", {"name": "A\0na", "language": "en", "office_id": "", "stakeholder": ""})
    assert answer.status_code == 303, answer.text
    db.session.refresh(person)
    assert person.name == "Ana"


FORM = "application/x-www-form-urlencoded"
PROFILE = {"name": "Ana the Second", "language": "en", "office_id": "", "stakeholder": ""}


class Coming(io.BytesIO):
    """The body of a form; it notes what the database was asked before it had been read to its end."""

    def __init__(self, body: bytes, statements: list[str]) -> None:
        super().__init__(body)
        self._statements = statements
        self.asked_before: list[str] | None = None

    def read(self, size: int | None = -1) -> bytes:
        if self.asked_before is None and self.tell() + (size or 0) >= len(self.getbuffer()):
            self.asked_before = self._statements.copy()
        return super().read(size)

    def readinto(self, buffer: Any) -> int:
        part = self.read(len(buffer))
        buffer[: len(part)] = part
        return len(part)


def test_a_form_has_come_before_the_database_is_asked(app: Flask, client: FlaskClient, queries: Any) -> None:
    """A slow phone would hold SQLite's one lock for as long as it takes, and nobody else could write."""
    person = make_person("Ana")
    sign_in_as(client, person)
    data = urlencode({"csrf_token": token_of(client.get("/me/profile")), **PROFILE}).encode()
    with queries() as statements:
        body = Coming(data, statements)
        answer = client.post("/me/profile", input_stream=body, content_length=len(data), content_type=FORM)
    assert answer.status_code == 303, answer.text
    assert body.asked_before == []
    assert statements  # it is this list that the database's questions go to
    db.session.refresh(person)
    assert person.name == PROFILE["name"]


@pytest.mark.parametrize("server", [{}, {"wsgi.input_terminated": True}], ids=["any server", "gunicorn"])
def test_a_form_that_breaks_off_is_refused(app: Flask, client: FlaskClient, server: dict[str, bool]) -> None:
    """Half a text would be saved as the whole."""
    person = make_person("Ana")
    sign_in_as(client, person)
    data = urlencode({"csrf_token": token_of(client.get("/me/profile")), **PROFILE}).encode()
    for missing in (1, len(data) // 2, len(data)):
        said = {"CONTENT_LENGTH": str(len(data)), **server}
        begun = io.BytesIO(data[: len(data) - missing])
        answer = client.post("/me/profile", input_stream=begun, content_type=FORM, environ_overrides=said)
        assert answer.status_code == 422
        assert "The connection broke before everything had arrived" in answer.text
        db.session.refresh(person)
        assert person.name == "Ana"


def test_a_form_that_drips_in_is_given_up(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """One byte now and then keeps a connection, and a thread with it, for as long as somebody likes."""
    monkeypatch.setattr(incoming, "_SECONDS", 0.2)
    browser, server = socket.socketpair()
    with browser, server, server.makefile("rb") as body:
        browser.sendall(b"name=A")
        said = {"gunicorn.socket": server, "wsgi.input": body, "CONTENT_LENGTH": "100"}
        answer = client.post("/sign-in", content_type=FORM, environ_overrides=said)
    assert answer.status_code == 422


def test_a_form_has_only_so_many_fields(app: Flask, client: FlaskClient) -> None:
    """Thousands of them would be read, kept and shown again, for minutes."""
    most = app.config["MAX_FORM_PARTS"]
    assert client.post("/sign-in", data="a=&" * most, content_type=FORM).status_code == 400  # no mark of ours
    assert client.post("/sign-in", data="a=&" * (most + 1), content_type=FORM).status_code == 413


@pytest.mark.parametrize("address", ["/threads/{}", "/people/{}", "/amendments/{}", "/ballots/{}", "/groups/x/{}"])
def test_a_number_that_no_database_holds_leads_nowhere(app: Flask, client: FlaskClient, address: str) -> None:
    sign_in_as(client, make_person("Ana"))
    for number in (2**31, 2**63, 10**30):
        assert client.get(address.format(number)).status_code == 404


def test_a_long_file_comes_whole(app: Flask) -> None:
    """It is longer than what is held in memory; a file that stays open is a warning, on which tests fail."""
    text = "word " * 150_000
    parts = ["--x", 'Content-Disposition: form-data; name="file"; filename="long.md"', "", text, "--x--", ""]
    body = io.BytesIO("\r\n".join(parts).encode())
    with app.test_request_context(
        "/", method="POST", input_stream=body, content_type="multipart/form-data; boundary=x"
    ):
        app.preprocess_request()
        assert request.files["file"].read().decode() == text
