"""The list of a document's discussion, the way to a passage without scripts, and what open pages ask for."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from sip.core.db import db
from sip.cycles.stages import Stage
from sip.threads.actions import answering, moderating
from sip.threads.models import Disposition, Thread, ThreadKind
from tests.helpers import plain_text, sign_in_as, submit
from tests.threads.conftest import Forum


@pytest.fixture
def member(client: FlaskClient, forum: Forum) -> FlaskClient:
    return sign_in_as(client, forum["member"])


def get(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, (address, answer.status_code)
    return answer.text


def as_(app: Flask, forum: Forum, who: str | None) -> FlaskClient:
    return sign_in_as(app.test_client(), forum[who]) if who else app.test_client()


# The list


def test_threads_stand_in_the_order_of_the_text_with_what_became_of_their_passages(client, forum):
    last = forum.say("member", "Le budget, oui.", ThreadKind.FOR, **forum.passage("Un budget pour chaque antenne"))
    first = forum.say("member", "Pourquoi donc", ThreadKind.QUESTION, **forum.passage("Ce texte dit pourquoi"))
    gone = forum.say("other member", "Et la carte ?", **forum.passage("Une carte montre les antennes"))
    whole = forum.say("member", "Merci à tou·tes.")
    forum.write(1, "Chaque antenne publie ses comptes.\n\n### La carte {#carte}\n\nNous y renonçons pour le moment.")
    forum.freeze("Deuxième", is_published=True)
    page = get(client, f"{forum.address}/discussion")
    places = [page.index(f'id="thread-{thread.id}"') for thread in (whole, first, gone, last)]
    assert places == sorted(places)
    assert "4 discussions" in page
    card = page[places[2] : places[3]]
    assert "This passage is no longer in the text" in card
    assert "Une carte montre les antennes" in card
    assert "no longer" not in page[places[3] :]


def test_a_changed_passage_is_shown_as_it_reads_now(client, forum):
    thread = forum.say("member", "Lesquels ?", **forum.passage("Chaque antenne publie ses comptes."))
    forum.write(1, "Chaque antenne publie tous ses comptes.\n\n### La carte {#carte}\n\nUne carte montre les antennes.")
    forum.freeze("Deuxième", is_published=True)
    page = get(client, f"{forum.address}/discussion")
    assert "The passage has been changed since" in page
    assert "publie tous ses comptes" in page
    page = get(client, f"/threads/{thread.id}")
    assert re.search(
        r"Then, in version 1.*?publie ses comptes.*?Now, in version 2.*?publie tous ses comptes", page, re.S
    )


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ("kind=question", {"Pourquoi donc"}),
        ("section=budget-local", {"Le budget, oui."}),
        ("disposition=none", {"Le budget, oui.", "Merci."}),
        ("disposition=answered", {"Pourquoi donc"}),
        ("state=answered", {"Pourquoi donc"}),
        ("q=budget", {"Le budget, oui."}),
        ("q=%25", set()),
        ("outdated=yes", set()),
        ("kind=nonsense&disposition=x&state=y&section=nowhere", {"Pourquoi donc", "Le budget, oui.", "Merci."}),
    ],
)
def test_the_address_filters(client, forum, filters, found):
    asked = forum.say("member", "Pourquoi donc", ThreadKind.QUESTION, **forum.passage("Ce texte dit pourquoi"))
    forum.say("member", "Le budget, oui.", ThreadKind.FOR, key=forum.key(2))
    forum.say("member", "Merci.")
    answering.dispose(forum["facilitator"], asked, Disposition.ANSWERED, "Parce que.")
    db.session.commit()
    page = get(client, f"{forum.address}/discussion?{filters}")
    assert {text for text in ("Pourquoi donc", "Le budget, oui.", "Merci.") if f"<p>{text}" in page} == found
    assert ("Nothing was found" in page) == (not found)
    assert "Show everything" in page


def test_an_empty_discussion_says_what_would_fill_it(app, client, forum):
    address = f"{forum.address}/discussion"
    assert "Be the first" in get(as_(app, forum, "member"), address)
    forum.open_to(Stage.INFORMATION)
    assert "Ask the first question" in get(as_(app, forum, "member"), address)
    assert "as soon as the stage opens them" in get(client, address)
    forum.open_to(Stage.UNDER_REVIEW)
    page = get(as_(app, forum, "member"), address)
    assert "The discussion is closed at this stage" in page
    assert "/discussion/choose" not in page


def test_the_group_sees_what_waits_for_its_answer(app, forum):
    forum.say("member", "Un.")
    forum.say("member", "Deux.")
    address = f"{forum.address}/discussion"
    assert "2 contributions wait for your group’s answer" in get(as_(app, forum, "secretary"), address)
    assert "wait for your" not in get(as_(app, forum, "member"), address)
    assert "Moderation: what waits for you" in get(as_(app, forum, "steering"), address)


def test_what_waits_is_told_where_the_group_looks_for_it(app, forum):
    asked = forum.say("member", "Un.")
    forum.say("member", "Deux.")
    said = "2 contributions wait for your group’s answer"
    pages = ("/", f"/groups/{forum.group.slug}", f"{forum.address}/live")
    client = as_(app, forum, "secretary")
    assert [said in get(client, page) for page in pages] == [True] * 3
    assert [said in get(as_(app, forum, "referent"), page) for page in pages] == [False] * 3
    answering.dispose(forum["facilitator"], asked, Disposition.ANSWERED, "Voici.")
    db.session.commit()
    assert "1 contribution waits for your group’s answer" in get(client, "/")


def test_what_waits_for_a_moderator_is_told_on_their_first_page(app, forum):
    thread = forum.say("member", "Un.")
    steering = as_(app, forum, "steering")
    assert "as a moderator" not in get(steering, "/")
    moderating.report(forum["other member"], forum.comment(thread), "Elle blesse.")
    db.session.commit()
    assert "1 comment waits for you as a moderator" in get(steering, "/")
    assert "as a moderator" not in get(as_(app, forum, "member"), "/")


def test_a_list_costs_few_statements_however_long_it_is(client, forum, queries):
    for number in range(3):
        forum.say("member", f"Le {number}", **forum.passage("publie ses comptes"))
    with queries() as few:
        get(client, f"{forum.address}/discussion")
    for number in range(12):
        forum.say("other member", f"Le {number}", **forum.passage("publie ses comptes"))
    with queries() as many:
        get(client, f"{forum.address}/discussion")
    assert len(many) <= len(few)
    assert "Next" in get(client, f"{forum.address}/discussion") or len(many) < 16


def test_nobody_reads_the_discussion_of_what_they_may_not_know_of(client, unpublished):
    for page in ("discussion", "discussion/choose", "discussion/new", "discussion/marks"):
        assert client.get(f"{unpublished.address}/{page}").status_code == 404


def test_a_group_discusses_before_the_first_version(app, unpublished):
    client = sign_in_as(app.test_client(), unpublished["participant"])
    address = f"{unpublished.address}/discussion/new?key={unpublished.key(0)}"
    assert client.get(f"{unpublished.address}/discussion").status_code == 200
    assert client.get(f"{unpublished.address}/discussion/choose").status_code == 302
    assert client.get(address).status_code in (200, 404)  # a section that no version has is talked about as a whole
    answer = submit(client, f"{unpublished.address}/discussion/new", {"kind": "remark", "text": "Commençons."})
    assert answer.status_code == 303
    assert "Internal" in client.get(f"{unpublished.address}/discussion").text


# Choosing a passage without scripts


def test_a_passage_is_chosen_by_its_sentences(member, forum):
    key = forum.key(1)
    page = get(member, f"{forum.address}/discussion/choose")
    assert f"key={key}" in page
    page = get(member, f"{forum.address}/discussion/choose?version=1&key={key}")
    values = re.findall(r'name="s" value="(\d+-\d+)"', page)
    assert len(values) == 3
    answer = member.get(f"{forum.address}/discussion/choose?version=1&key={key}&s={values[0]}&s={values[2]}&choose=yes")
    assert answer.status_code == 302
    start, end = values[0].split("-")[0], values[2].split("-")[1]
    assert f"start={start}&end={end}" in answer.location
    page = get(member, answer.location)
    assert "Chaque antenne publie ses comptes." in plain_text(page)
    assert "Une carte montre les antennes." in plain_text(page)


@pytest.mark.parametrize("ticked", ["", "&s=9-3", "&s=x-y", "&s=0-99999", "&s=" + "1" * 40, "&s=-"])
def test_what_is_no_choice_is_asked_for_again(member, forum, ticked):
    answer = member.get(f"{forum.address}/discussion/choose?key={forum.key(1)}&choose=yes{ticked}")
    assert answer.status_code == 422
    assert "Tick at least one sentence" in answer.text


def test_what_is_ticked_stays_ticked(member, forum):
    page = get(member, f"{forum.address}/discussion/choose?key={forum.key(1)}&choose=yes", 422)
    assert "checked" not in page


@pytest.mark.parametrize(
    "place", ["version=9", "key=nowhere", "key={key}&start=0&end=9999", "key={key}&start=5&end=5", "version=1&key=x"]
)
def test_places_that_are_not_there_are_not_found(member, forum, place):
    get(member, f"{forum.address}/discussion/new?{place.format(key=forum.key(1))}", 404)


# Beginning a thread


def test_a_thread_is_begun_on_a_passage(member, forum):
    place = forum.passage("publie ses comptes")
    address = f"{forum.address}/discussion/new?version=1&key={place['key']}&start={place['start']}&end={place['end']}"
    page = get(member, address)
    assert '<input type="hidden" name="words" value="publie ses comptes">' in page
    answer = submit(member, address, {"kind": "concern", "text": "Et les petites ?", "words": place["words"]})
    assert answer.status_code == 303
    thread = db.session.scalars(select(Thread)).one()
    assert answer.location == f"/threads/{thread.id}"
    page = get(member, answer.location)
    assert "Your comment is posted. The group will say what became of it." in page
    assert "Et les petites ?" in page
    assert "publie ses comptes" in page


def test_words_that_do_not_stand_there_are_refused_and_nothing_typed_is_lost(member, forum):
    place = forum.passage("publie ses comptes")
    address = f"{forum.address}/discussion/new?version=1&key={place['key']}&start={place['start']}&end={place['end']}"
    answer = submit(member, address, {"kind": "remark", "text": "Mon texte", "words": "autre chose"})
    assert answer.status_code == 422
    assert "Please choose the passage again." in answer.text
    assert "Mon texte" in answer.text
    assert db.session.scalars(select(Thread)).all() == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"kind": "remark", "text": ""}, "Please fill this in."),
        ({"kind": "", "text": "Bonjour"}, "Please choose."),
        ({"kind": "nonsense", "text": "Bonjour"}, "Not a valid choice"),
        ({"kind": "remark", "text": "x" * 5_001}, "This is too long"),
        ({"kind": "remark", "text": "x" * 1_000_000}, "This is too long"),
    ],
)
def test_wrong_input_is_told(member, forum, data, said):
    answer = submit(member, f"{forum.address}/discussion/new", data)
    assert answer.status_code == 422
    assert said in answer.text
    assert db.session.scalars(select(Thread)).all() == []


def test_at_information_one_asks_and_does_no_more(member, forum):
    forum.open_to(Stage.INFORMATION)
    address = f"{forum.address}/discussion/new?key={forum.key(1)}"
    page = get(member, address)
    assert "Send my question" in page
    assert 'type="radio"' not in page
    assert submit(member, address, {"kind": "against", "text": "Non."}).status_code == 422
    answer = submit(member, address, {"kind": "question", "text": "Pourquoi donc"})
    assert "Your question is posted." in get(member, answer.location)


def test_who_may_not_is_told_why(app, forum):
    forum.open_to(Stage.UNDER_REVIEW)
    page = get(as_(app, forum, "member"), f"{forum.address}/discussion/new", 403)
    assert "The discussion is closed at this stage" in page
    assert as_(app, forum, None).get(f"{forum.address}/discussion/new").status_code == 302


def test_a_fragment_comes_without_its_frame(member, forum):
    page = get(member, f"{forum.address}/discussion/new?key={forum.key(1)}&part=1")
    assert "<html" not in page
    assert "<form" in page
    answer = submit(member, f"{forum.address}/discussion/new?key={forum.key(1)}&part=1", {"kind": "remark", "text": ""})
    assert answer.status_code == 422
    assert "<html" not in answer.text
    answer = submit(member, f"{forum.address}/discussion/new?part=1", {"kind": "remark", "text": "Bien."})
    assert answer.location.endswith("?part=1")
    page = get(member, answer.location)
    assert "<html" not in page
    assert "Your comment is posted." in page


def test_the_same_form_twice_makes_one_thread(member, forum):
    address = f"{forum.address}/discussion/new"
    page = get(member, address)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    once = re.search(r'name="once" value="([^"]+)"', page)[1]
    data = {"csrf_token": token, "once": once, "kind": "remark", "text": "Une seule fois."}
    first, second = member.post(address, data=data), member.post(address, data=data)
    assert first.location == second.location
    assert len(db.session.scalars(select(Thread)).all()) == 1


# For open pages


def test_marks_tell_where_threads_stand_and_nothing_when_nothing_is_new(client, forum, queries):
    thread = forum.say("member", "Bien.", ThreadKind.FOR, **forum.passage("publie ses comptes"))
    address = f"{forum.address}/discussion/marks?version=1"
    answer = client.get(address)
    place = forum.passage("publie ses comptes")
    assert answer.json["marks"] == {forum.key(1): [[thread.id, place["start"], place["end"], "for", "open", 1]]}
    assert answer.headers["Cache-Control"] == "private, no-cache"
    etag = answer.headers["ETag"]
    with queries() as statements:
        again = client.get(address, headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")
    assert len(statements) <= 3, statements
    forum.say("other member", "Et moi ?", **forum.passage("dit pourquoi"))
    new = client.get(address, headers={"If-None-Match": etag})
    assert new.status_code == 200
    assert new.json["stamp"] > answer.json["stamp"]
    assert client.get(f"{forum.address}/discussion/marks?version=2").status_code == 404
    assert client.get(f"{forum.address}/discussion/marks?version=x").status_code == 404


def test_marks_of_what_is_not_for_all_are_not_for_all(app, forum):
    forum.write(1, "Chaque antenne publie ses comptes, chaque année.")
    forum.freeze("Non publiée")
    forum.say("participant", "Entre nous.", **forum.passage("chaque année"))
    address = f"{forum.address}/discussion/marks?version=2"
    assert as_(app, forum, "member").get(address).status_code == 404
    assert as_(app, forum, "referent").get(address).json["marks"] != {}
    public = f"{forum.address}/discussion/marks?version=1"
    etags = {as_(app, forum, who).get(public).headers["ETag"] for who in (None, "member", "referent", "steering")}
    assert len(etags) == 4, "what one person was told does not stand for what another may know"


def test_marks_of_the_text_being_written_follow_it(app, forum):
    thread = forum.say("member", "Bien.", **forum.passage("publie ses comptes"))
    forum.write(
        1, "En 2027, chaque antenne publie ses comptes.\n\n### La carte {#carte}\n\nUne carte montre les antennes."
    )
    address = f"{forum.address}/live/marks"
    assert as_(app, forum, "member").get(address).status_code == 403
    marks = as_(app, forum, "secretary").get(address).json["marks"][forum.key(1)]
    body = forum.section(1).body
    assert [mark[0] for mark in marks] == [thread.id]
    assert body[marks[0][1] : marks[0][2]] == "publie ses comptes"
