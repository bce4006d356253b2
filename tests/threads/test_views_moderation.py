"""Guests, who confirm what they wrote; what waits for moderators, and what they do with it."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from sip.core.db import db
from sip.core.outbox import Letter
from sip.cycles.stages import Stage
from sip.threads.actions import comments
from sip.threads.actions.guests import LETTER, complete_letter
from sip.threads.models import Comment, Thread
from tests.helpers import sign_in_as, submit
from tests.threads.conftest import Forum

WORDS = {"kind": "remark", "text": "Bonjour du dehors", "name": "Claire Marsac", "email": "claire@example.org"}


@pytest.fixture
def as_(app: Flask, forum: Forum):
    def client_of(who: str | None) -> FlaskClient:
        return sign_in_as(app.test_client(), forum[who]) if who else app.test_client()

    return client_of


def secret_of_letter() -> str:
    letter = db.session.scalars(select(Letter).where(Letter.kind == LETTER)).one()
    sent = complete_letter(letter.recipient, letter.data)
    db.session.commit()
    return sent[1]["secret"]


def write_as_guest(client: FlaskClient, forum: Forum, **values: str):
    place = forum.passage("publie ses comptes")
    address = f"{forum.address}/discussion/new?version=1&key={place['key']}&start={place['start']}&end={place['end']}"
    return submit(client, address, {**WORDS, **values})


def test_a_guest_writes_confirms_and_waits_until_a_moderator_lets_them_through(as_, forum):
    visitor, steering = as_(None), as_("steering")
    assert "as a guest, without an account" in visitor.get(f"{forum.address}").text
    answer = write_as_guest(visitor, forum)
    assert answer.status_code == 303
    page = visitor.get(answer.location).text
    assert "open the link in the letter that we have just sent to claire@example.org" in page
    assert "Bonjour du dehors" not in page
    assert "No guest is waiting" in steering.get("/moderation").text
    secret = secret_of_letter()
    assert "Yes, I wrote this comment" in visitor.get(f"/guests/{secret}").text
    assert "No guest is waiting" in steering.get("/moderation").text, "looking is not confirming"
    answer = submit(visitor, f"/guests/{secret}", {})
    assert "Your address is confirmed." in answer.text
    assert visitor.get(f"/guests/{secret}").status_code == 404
    thread = db.session.scalars(select(Thread)).one()
    assert visitor.get(f"/threads/{thread.id}").status_code == 404
    page = steering.get("/moderation").text
    assert "Bonjour du dehors" in page
    assert "publie ses comptes" in page
    comment = db.session.scalars(select(Comment)).one()
    answer = submit(steering, f"/comments/{comment.id}/let-through", {"view": "held"}, page="/moderation")
    assert answer.location == "/moderation?view=held"
    page = visitor.get(f"{forum.address}/discussion").text
    assert "Bonjour du dehors" in page
    assert "Claire Marsac" in page
    assert "claire@example.org" not in page


def test_a_guest_is_told_what_is_wrong(as_, forum):
    for values, said in (
        ({"name": ""}, "Please fill this in."),
        ({"email": "nowhere"}, "This is not an email address."),
        ({"text": ""}, "Please fill this in."),
    ):
        answer = write_as_guest(as_(None), forum, **values)
        assert (answer.status_code, said in answer.text) == (422, True), values


def test_too_many_letters_are_refused_and_nothing_typed_is_lost(as_, forum):
    client = as_(None)
    answers = [write_as_guest(client, forum, text=f"Le numéro {number}") for number in range(12)]
    refused = [answer for answer in answers if answer.status_code != 303]
    assert refused
    assert "Le numéro 11" in refused[-1].text
    assert refused[-1].status_code in (422, 429)


def test_guests_write_only_where_and_when_they_may(as_, forum):
    address = f"{forum.address}/discussion/new"
    assert as_(None).get(address).status_code == 200
    forum.open_to(Stage.INFORMATION)
    assert as_(None).get(address).status_code == 302
    forum.open_to(Stage.CONSULTATION)
    forum.draft.theme.cycle.guests_may_comment = False
    db.session.commit()
    assert as_(None).get(address).status_code == 302


def test_links_that_nobody_was_sent_lead_nowhere(as_):
    client = as_(None)
    assert client.get("/guests/nonsense").status_code == 404
    page = as_("member").get("/help/words")
    assert page.status_code == 200


def test_a_reported_comment_is_hidden_or_left(as_, forum, letters):
    thread = forum.say("member", "Une phrase qui blesse")
    comments.reply(forum["participant"], thread, "Doucement.")
    db.session.commit()
    comment = forum.comment(thread)
    reporter, steering = as_("other member"), as_("steering")
    address = f"/comments/{comment.id}/report"
    assert "Une phrase qui blesse" in reporter.get(address).text
    assert submit(reporter, address, {"reason": ""}).status_code == 422
    answer = submit(reporter, address, {"reason": "Elle vise quelqu’un."})
    assert "Thank you." in reporter.get(answer.location).text
    page = steering.get("/moderation?view=reported").text
    assert "Elle vise quelqu’un." in page
    assert "Reported (1)" in page
    assert "Elle vise" not in as_("member").get("/moderation?view=reported").text
    answer = submit(steering, f"/comments/{comment.id}/hide", {"reason": ""})
    assert answer.status_code == 422
    answer = submit(steering, f"/comments/{comment.id}/hide", {"reason": "Parlons du texte.", "view": "reported"})
    assert answer.location == "/moderation?view=reported"
    assert "Nothing is reported" in steering.get(answer.location).text
    assert len(letters("comment_hidden")) == 1
    submit(steering, f"/comments/{comment.id}/show", {}, page=f"/threads/{thread.id}")
    submit(reporter, address, {"reason": "Encore."})
    answer = submit(steering, f"/comments/{comment.id}/dismiss", {"view": "reported"}, page="/moderation?view=reported")
    assert "Nothing is reported" in steering.get(answer.location).text
    assert "Une phrase qui blesse" in as_(None).get(f"/threads/{thread.id}").text


def test_only_moderators_hide_and_let_through(as_, forum):
    thread = forum.say("member", "Bien.")
    comment = forum.comment(thread)
    for who in ("other member", "facilitator", "administrator"):
        client = as_(who)
        assert client.get(f"/comments/{comment.id}/hide").status_code == 403
        for verb in ("let-through", "show", "dismiss"):
            answer = submit(client, f"/comments/{comment.id}/{verb}", {}, page=f"/threads/{thread.id}")
            assert answer.status_code == 403, (who, verb)
    assert as_(None).get("/moderation").status_code == 302
    assert as_(None).get(f"/comments/{comment.id}/hide").status_code == 302


def test_waiting_comments_have_pages_and_few_statements(as_, forum, queries):
    def report(number: int) -> None:
        thread = forum.say("member", f"Le {number}")
        submit(as_("other member"), f"/comments/{forum.comment(thread).id}/report", {"reason": "Non."})

    for number in range(2):
        report(number)
    client = as_("steering")
    client.get("/moderation?view=reported")
    with queries() as few:
        client.get("/moderation?view=reported")
    for number in range(2, 23):
        report(number)
    with queries() as many:
        page = client.get("/moderation?view=reported").text
    assert len(many) <= len(few)
    assert "Page 1 of 2" in page
