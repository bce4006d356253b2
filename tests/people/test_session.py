"""The session's cookie: trusted only as it was signed, while it is young, and for the epoch that it began in."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from sip.core.db import db
from sip.people import session as sessions
from sip.people.models import PersonRole, RoleGrant
from tests.factories import make_person
from tests.helpers import forged, sign_in_as

PAGE = "/me/profile"


def signed(app: Flask, values: dict) -> str:
    return SecureCookieSessionInterface().get_signing_serializer(app).dumps(values)


@pytest.fixture
def with_cookie(app: Flask):
    """Ask for a page with a cookie as it is given, and say whether it signs in."""

    def ask(cookie: str) -> bool:
        client = app.test_client(use_cookies=False)
        return client.get(PAGE, headers={"Cookie": f"session={cookie}"}).status_code == 200

    return ask


def test_a_cookie_is_trusted_as_it_was_signed(app, with_cookie):
    person = make_person()
    cookie = signed(app, {"_user_id": f"{person.id}:0", "_fresh": True})
    for _ in range(2):
        assert with_cookie(cookie)
        assert not with_cookie(forged(cookie))
        assert not with_cookie(f"x{cookie}")
        assert not with_cookie("")


def test_a_remembered_cookie_ends_with_its_epoch(app, with_cookie):
    person = make_person()
    cookie = signed(app, {"_user_id": f"{person.id}:0", "_fresh": True})
    assert with_cookie(cookie)
    person.session_epoch += 1
    db.session.commit()
    assert not with_cookie(cookie)


def test_an_old_cookie_ends_though_it_is_remembered(app, with_cookie, monkeypatch):
    person = make_person()
    cookie = signed(app, {"_user_id": f"{person.id}:0", "_fresh": True})
    assert with_cookie(cookie)
    now = sessions.time.monotonic()
    monkeypatch.setattr(app, "permanent_session_lifetime", timedelta(seconds=-1))
    monkeypatch.setattr(sessions.time, "monotonic", lambda: now + sessions.GOOD_FOR + 1)
    assert not with_cookie(cookie)


def test_what_one_request_changes_in_a_session_another_with_the_same_cookie_does_not_see(app):
    client = sign_in_as(app.test_client(), make_person())
    client.get("/")
    before = client.get_cookie("session")
    for colours in ("dark", "light", "dark"):
        client.set_cookie("session", before.value)
        assert "data-theme" not in client.get("/help/words").text.partition("<head>")[0]
        client.post("/preferences", data={"theme": colours, "next": "/"})
        assert f'data-theme="{colours}"' in client.get("/help/words").text.partition("<head>")[0]


def test_no_more_cookies_are_remembered_than_there_is_room_for(app, with_cookie, monkeypatch):
    monkeypatch.setattr(sessions, "MOST_COOKIES", 3)
    interface = app.session_interface
    monkeypatch.setattr(interface, "_good", {})
    for _ in range(7):
        assert with_cookie(signed(app, {"_user_id": f"{make_person().id}:0", "_fresh": True}))
        assert len(interface._good) <= 3


def test_a_role_given_or_taken_counts_at_the_next_page(app, client):
    person = make_person()
    sign_in_as(client, person)
    assert client.get("/people").status_code == 403
    person.grants.append(RoleGrant(role=PersonRole.ADMINISTRATOR))
    db.session.commit()
    assert client.get("/people").status_code == 200
    person.grants.clear()
    db.session.commit()
    assert client.get("/people").status_code == 403


def test_the_cookie_is_sent_again_only_when_it_changes(app, client):
    person = make_person()
    sign_in_as(client, person)
    with client.session_transaction() as session:
        session["_permanent"] = True
    assert "Set-Cookie" in client.get("/help/words").headers  # the visit is noted
    client.get("/help/words")
    assert "Set-Cookie" not in client.get("/help/words").headers
