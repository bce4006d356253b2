"""The page of a thread: read, answered, mended, resolved; what the group makes of it; what one does with a comment."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sip.core import clock
from sip.core.db import db
from sip.threads.actions import comments, moderating
from sip.threads.models import Thread, ThreadKind
from tests.helpers import plain_text, sign_in_as, submit
from tests.threads.conftest import Forum


@pytest.fixture
def thread(forum: Forum) -> Thread:
    return forum.say("member", "Lesquels donc", ThreadKind.QUESTION, **forum.passage("publie ses comptes"))


@pytest.fixture
def as_(app: Flask, forum: Forum):
    def client_of(who: str | None) -> FlaskClient:
        return sign_in_as(app.test_client(), forum[who]) if who else app.test_client()

    return client_of


def page_of(client: FlaskClient, thread: Thread, status: int = 200, **values: str) -> str:
    answer = client.get(f"/threads/{thread.id}", query_string=values)
    assert answer.status_code == status
    return answer.text


def post(client: FlaskClient, thread: Thread, verb: str, data=None, status: int = 303):
    answer = submit(client, f"/threads/{thread.id}/{verb}", data or {}, page=f"/threads/{thread.id}")
    assert answer.status_code == status, answer.text
    return answer


def do(client: FlaskClient, comment, verb: str, data=None, status: int = 303):
    answer = submit(client, f"/comments/{comment.id}/{verb}", data or {}, page=f"/threads/{comment.thread_id}")
    assert answer.status_code == status, answer.text
    return answer


def test_everybody_reads_and_who_signs_in_replies(as_, forum, thread):
    page = page_of(as_(None), thread)
    assert "Lesquels donc" in page
    assert "publie ses comptes" in page
    assert "Sign in to take part in the discussion." in page
    assert "<textarea" not in page
    client = as_("participant")
    answer = post(client, thread, "reply", {"text": "Tous, **tous**."})
    comment = forum.comment(thread, 1)
    assert answer.location == f"/threads/{thread.id}#comment-{comment.id}"
    page = page_of(client, thread)
    assert "Tous, <strong>tous</strong>." in page
    assert "You can change it for half an hour." in page
    assert "working group" in page


def test_a_reply_to_one_comment_says_so(as_, forum, thread):
    first = forum.comment(thread)
    client = as_("participant")
    page = page_of(client, thread, reply_to=str(first.id))
    assert "Your reply to Max Membre" in page
    post(client, thread, "reply", {"text": "À toi.", "reply_to": str(first.id)})
    assert "in reply to Max Membre" in page_of(client, thread)
    other = forum.comment(forum.say("member", "Ailleurs."))
    assert post(client, thread, "reply", {"text": "x", "reply_to": str(other.id)}, 404)


@pytest.mark.parametrize(
    ("text", "said"), [("", "Please fill this in."), ("x" * 5_001, "This is too long"), ("  ", "fill")]
)
def test_a_reply_that_cannot_be_is_told_and_kept(as_, thread, text, said):
    answer = post(as_("member"), thread, "reply", {"text": text}, 422)
    assert said in answer.text
    assert text.strip() in answer.text


def test_hostile_markup_stays_text(as_, forum, thread):
    client = as_("participant")
    post(client, thread, "reply", {"text": "<script>alert(1)</script> [x](javascript:alert(1)) <img src=x onerror=y>"})
    page = page_of(client, thread)
    assert "<script>alert" not in page
    assert 'href="javascript:' not in page
    assert "<img src=x" not in page


def test_long_threads_have_pages_and_a_new_reply_is_found(as_, forum, thread):
    for number in range(55):
        comments.reply(forum["member"], thread, f"Le {number}")
    db.session.commit()
    client = as_("participant")
    page = page_of(client, thread)
    assert "Le 48" in page
    assert "Le 49" not in page
    answer = post(client, thread, "reply", {"text": "Le dernier"})
    assert "page=2#comment-" in answer.location
    assert "Le dernier" in client.get(answer.location).text


def test_a_page_costs_few_statements_however_many_comments_it_has(as_, forum, thread, queries):
    client = as_("participant")
    page_of(client, thread)
    with queries() as few:
        page_of(client, thread)
    for number in range(20):
        comments.reply(forum["other member" if number % 2 else "referent"], thread, f"Le {number}")
    db.session.commit()
    with queries() as many:
        page_of(client, thread)
    assert len(many) <= len(few), many


def test_threads_that_one_may_not_see_are_not_found(as_, forum):
    forum.write(1, "Chaque antenne publie ses comptes, chaque année.")
    forum.freeze("Non publiée")
    inside = forum.say("participant", "Entre nous.", **forum.passage("chaque année"))
    for who in (None, "member", "board"):
        page_of(as_(who), inside, 404)
        token_page = forum.say("member", "Visible.")
        client = as_("member")
        answer = submit(client, f"/threads/{inside.id}/reply", {"text": "x"}, page=f"/threads/{token_page.id}")
        assert answer.status_code == 404
    assert "Internal" in page_of(as_("referent"), inside)
    assert as_("member").get("/threads/999999").status_code == 404
    assert as_("member").get("/comments/999999/revisions").status_code == 404


# What the group makes of it


def test_the_group_answers_and_may_answer_again(as_, forum, thread):
    client = as_("secretary")
    assert "Post the group’s answer" in page_of(client, thread)
    post(client, thread, "dispose", {"disposition": "partly", "disposition_reason": "Les plus grands.", "change": "1"})
    page = page_of(as_(None), thread)
    assert "Partly taken up" in page
    assert "Les plus grands." in page
    assert "The change is in version 1" in page
    assert "Sam Secrète for the group" in page
    mark = re.search(r'name="replaces"[^>]*value="([^"]+)"', page_of(client, thread))[1]
    data = {"disposition": "taken_up", "disposition_reason": "Tous.", "replaces": mark}
    post(client, thread, "dispose", data)
    assert "Tous." in page_of(client, thread)


def test_after_an_answer_the_next_one_that_waits_is_one_press_away(as_, forum, thread):
    other = forum.say("other member", "Et puis")
    client = as_("secretary")
    assert "Next: what else" not in page_of(client, thread)
    post(client, thread, "dispose", {"disposition": "answered", "disposition_reason": "Voici."})
    assert f'href="/threads/{other.id}"' in page_of(client, thread)
    assert "Next: what else" not in page_of(as_("member"), thread)
    post(client, other, "dispose", {"disposition": "answered", "disposition_reason": "Voilà."})
    assert "Next: what else" not in page_of(client, other)


def test_two_answers_at_once_lose_neither(as_, forum, thread):
    first, second = as_("secretary"), as_("facilitator")
    post(first, thread, "dispose", {"disposition": "answered", "disposition_reason": "Voici."})
    answer = post(second, thread, "dispose", {"disposition": "not_taken_up", "disposition_reason": "Moi : non."}, 409)
    assert "Somebody of the group has answered in the meantime." in answer.text
    assert "Voici." in answer.text
    assert "Moi : non." in answer.text
    mark = re.search(r'name="replaces"[^>]*value="([^"]+)"', answer.text)[1]
    data = {"disposition": "not_taken_up", "disposition_reason": "Moi : non.", "replaces": mark}
    post(second, thread, "dispose", data)
    assert "Not taken up" in page_of(second, thread)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"disposition": "", "disposition_reason": "Oui."}, "Please choose."),
        ({"disposition": "answered", "disposition_reason": ""}, "Please fill this in."),
        ({"disposition": "answered", "disposition_reason": "x" * 2_001}, "This is too long"),
        ({"disposition": "answered", "disposition_reason": "Oui.", "change": "7"}, "Not a valid choice"),
    ],
)
def test_an_answer_needs_a_choice_and_a_reason(as_, thread, data, said):
    answer = post(as_("secretary"), thread, "dispose", data, 422)
    assert said in answer.text
    assert "What became of it?" in answer.text


def test_only_the_group_answers(as_, thread):
    for who in ("member", "participant", "steering"):
        client = as_(who)
        assert "Post the group’s answer" not in page_of(client, thread)
        answer = submit(client, f"/threads/{thread.id}/dispose", {}, page=f"/threads/{thread.id}")
        assert answer.status_code == 403


def test_whoever_began_it_resolves_it_and_opens_it_again(as_, forum, thread):
    client = as_("member")
    post(client, thread, "resolve", {"reason": "J’ai compris."})
    page = page_of(client, thread)
    assert "This discussion is resolved." in page
    assert "J’ai compris." in page
    assert "Post my reply" not in page
    assert "Open it again" not in page_of(as_("other member"), thread)
    post(client, thread, "reopen")
    assert "Post my reply" in page_of(client, thread)


# Comments


def test_a_comment_is_changed_for_a_while_and_says_so(as_, forum, thread):
    comment = forum.comment(thread)
    client = as_("member")
    address = f"/comments/{comment.id}/edit"
    assert "Lesquels donc" in client.get(address).text
    assert submit(client, address, {"text": "Tous donc"}).status_code == 303
    page = page_of(as_(None), thread)
    assert "Tous donc" in page
    assert f"/comments/{comment.id}/revisions" in page
    revisions = as_(None).get(f"/comments/{comment.id}/revisions").text
    assert "Tous donc" in revisions
    assert "Lesquels donc" in revisions
    assert submit(client, address, {"text": ""}).status_code == 422
    assert as_("other member").get(address).status_code == 403
    with clock.at(clock.now() + timedelta(hours=1)):
        assert client.get(address).status_code == 403


def test_a_removed_comment_leaves_a_trace(as_, forum, thread):
    comments.reply(forum["other member"], thread, "Une réponse")
    db.session.commit()
    do(as_("member"), forum.comment(thread), "remove")
    page = page_of(as_(None), thread)
    assert "The author has removed this comment." in page
    assert "Lesquels donc" not in page
    assert "Une réponse" in page


def test_a_thread_of_nothing_but_a_removed_comment_leads_back_to_the_list(as_, forum, thread):
    client = as_("member")
    answer = do(client, forum.comment(thread), "remove")
    assert client.get(answer.location).status_code == 200
    page_of(as_(None), thread, 404)


def test_reactions_are_pressed_and_taken_back(as_, forum, thread):
    comment, client = forum.comment(thread), as_("other member")
    do(client, comment, "react", {"kind": "agree", "on": "yes"})
    do(client, comment, "react", {"kind": "agree", "on": "yes"})
    page = page_of(client, thread)
    assert 'class="reaction" aria-pressed="true"' in page
    assert "I agree <b>1</b>" in page
    assert "1 agrees" in plain_text(page_of(as_(None), thread))
    do(client, comment, "react", {"kind": "agree", "on": ""})
    assert 'class="reaction" aria-pressed="true"' not in page_of(client, thread)
    do(client, comment, "react", {"kind": "nonsense", "on": "yes"})
    assert 'class="reaction" aria-pressed="true"' not in page_of(client, thread)
    do(as_("member"), comment, "react", {"kind": "agree", "on": "yes"}, 403)  # one's own


def test_a_hidden_comment_is_read_by_its_author_alone_with_the_reason(as_, forum, thread):
    comments.reply(forum["other member"], thread, "Une réponse")
    db.session.commit()
    comment = forum.comment(thread)
    moderating.hide(forum["steering"], comment, "Ce n’est pas le lieu.")
    db.session.commit()
    assert "Lesquels donc" not in page_of(as_(None), thread)
    assert "This comment was hidden by the steering committee." in page_of(as_(None), thread)
    for who in ("member", "steering"):
        page = page_of(as_(who), thread)
        assert "Lesquels donc" in page
        assert "Ce n’est pas le lieu." in page
    assert "Lesquels donc" not in as_(None).get(f"{forum.address}/discussion").text
    do(as_("steering"), comment, "show")
    assert "Lesquels donc" in page_of(as_(None), thread)


def test_a_fragment_of_a_thread_keeps_being_one(as_, forum, thread):
    client = as_("participant")
    page = page_of(client, thread, part="1")
    assert "<html" not in page
    answer = submit(client, f"/threads/{thread.id}/reply?part=1", {"text": "Oui."}, page=f"/threads/{thread.id}")
    assert "part=1" in answer.location
    assert "<html" not in client.get(answer.location).text
    answer = submit(client, f"/threads/{thread.id}/reply?part=1", {"text": ""}, page=f"/threads/{thread.id}")
    assert answer.status_code == 422
    assert "<html" not in answer.text
