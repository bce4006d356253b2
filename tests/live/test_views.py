"""The door of the live text: who is let through, and what everybody else is told."""

import socket
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sip.drafts.models import Draft
from sip.people.models import Person
from tests.factories import make_draft, make_group, make_person, publish

HANDSHAKE = {
    "Origin": "http://localhost",
    "Connection": "keep-alive, Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
SignIn = Callable[[Person], FlaskClient]


@pytest.fixture
def writer(app: Flask) -> Person:
    return make_person()


@pytest.fixture
def draft(writer: Person) -> Draft:
    return make_draft(make_group(facilitator=writer))


def status(client: FlaskClient, draft: Draft, **changed: str | None) -> int:
    """Knock with a handshake that differs in some headers; None leaves one out."""
    headers = {**HANDSHAKE, **{name.replace("_", "-"): value for name, value in changed.items()}}
    kept = {name: value for name, value in headers.items() if value is not None}
    return client.get(f"/drafts/{draft.slug}/live/socket", headers=kept).status_code


def test_a_server_that_cannot_hand_over_says_so(sign_in: SignIn, writer: Person, draft: Draft) -> None:
    answer = sign_in(writer).get(f"/drafts/{draft.slug}/live/socket", headers=HANDSHAKE)
    assert answer.status_code == 503
    assert "plain form" in answer.text
    assert answer.mimetype == "text/plain"


def test_without_a_hub_it_says_so(app: Flask, sign_in: SignIn, writer: Person, draft: Draft, tmp_path: object) -> None:
    client = sign_in(writer)
    app.config["LIVE_SOCKET"] = f"{tmp_path}/nobody"
    try:
        with socket.socket() as connection:
            environ = {"gunicorn.socket": connection}
            answer = client.get(f"/drafts/{draft.slug}/live/socket", headers=HANDSHAKE, environ_overrides=environ)
    finally:
        del app.config["LIVE_SOCKET"]
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"Upgrade": None}, 426),
        ({"Upgrade": "h2c"}, 426),
        ({"Connection": "keep-alive"}, 426),
        ({"Sec_WebSocket_Version": "8"}, 426),
        ({"Sec_WebSocket_Version": None}, 426),
        ({"Sec_WebSocket_Key": None}, 400),
        ({"Sec_WebSocket_Key": "c2hvcnQ="}, 400),
        ({"Sec_WebSocket_Key": "é"}, 400),
        ({"Transfer_Encoding": "chunked"}, 400),
        ({"Origin": None}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://elsewhere.example"}, 403),
        ({"Origin": "https://localhost"}, 403),
        ({"Origin": "http://localhost:81"}, 403),
        ({"Origin": "http://127.0.0.1:8000"}, 503),  # the address that people type: SIP_BASE_URL
        ({"Connection": "upgrade", "Upgrade": "WebSocket"}, 503),
    ],
)
def test_handshakes(sign_in: SignIn, writer: Person, draft: Draft, changed: dict[str, str], expected: int) -> None:
    assert status(sign_in(writer), draft, **changed) == expected


def test_a_handshake_has_no_body(sign_in: SignIn, writer: Person, draft: Draft) -> None:
    answer = sign_in(writer).get(f"/drafts/{draft.slug}/live/socket", headers=HANDSHAKE, data=b"smuggled")
    assert answer.status_code == 400


def test_what_is_hidden_is_not_told(client: FlaskClient, sign_in: SignIn, draft: Draft) -> None:
    assert status(client, draft) == 404
    assert status(sign_in(make_person()), draft) == 404


def test_a_published_draft_is_still_written_by_its_group_alone(
    client: FlaskClient, sign_in: SignIn, draft: Draft
) -> None:
    publish(draft)
    assert status(client, draft) == 302  # to the page for signing in
    assert status(sign_in(make_person()), draft) == 403


def test_an_ended_session_is_none(sign_in: SignIn, writer: Person, draft: Draft) -> None:
    client = sign_in(writer)
    writer.session_epoch += 1
    assert status(client, draft) == 404


def test_its_address_is_a_path(app: Flask) -> None:
    with app.test_request_context():
        assert app.url_for("live.socket", slug="x") == "/drafts/x/live/socket"


def test_a_page_of_somebody_else_is_refused(sign_in: SignIn, writer: Person, draft: Draft) -> None:
    client = sign_in(writer)
    address = f"/drafts/{draft.slug}/live/socket?person="
    assert client.get(f"{address}{writer.id}", headers=HANDSHAKE).status_code == 503  # no hub runs here
    assert client.get(f"{address}{writer.id + 1}", headers=HANDSHAKE).status_code == 403
    assert client.get(f"{address}x", headers=HANDSHAKE).status_code == 403
