"""Whom comments name, and the letters that leave: one to each person for each action, never to oneself."""

import pytest
from flask import render_template
from sqlalchemy import select

from sip.core.db import db
from sip.threads.actions import answering, comments, guests, moderating
from sip.threads.mentions import MOST_MENTIONS, mentioned_in, names_to_mention
from sip.threads.models import Disposition, Mention, ThreadKind
from tests.factories import make_membership, make_person

NAMES = {1: "Ana Facilite", 2: "Sam Secrète", 3: "Ana", 4: "Zoé O’Neil", 5: "Ana"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Bonjour @Ana Facilite, merci", [1]),
        ("@sam secrete et @ANA FACILITE", [2, 1]),
        ("@Ana !", [3, 5]),
        ("@Anabelle", []),
        ("@Ana Facilitezut", [3, 5]),
        ("(@Zoé O'Neil)", [4]),
        ("mail@Ana.org, @@Ana", []),
        ("@Sam\nSecrète", []),
        ("@ Ana", []),
        ("rien", []),
        ("@Sam Secrète @Sam Secrète", [2]),
        ("@" * 100_000, []),
    ],
)
def test_names_are_recognised(text, found):
    assert mentioned_in(text, NAMES) == found


def test_of_two_people_with_one_name_the_one_chosen_is_meant():
    assert mentioned_in("@Ana", NAMES, chosen=[5]) == [5]


def test_a_comment_names_only_so_many_people():
    names = {n: f"Personne {n:03}" for n in range(100)}
    assert len(mentioned_in(" ".join(f"@{name}" for name in names.values()), names)) == MOST_MENTIONS


def kinds(letters):
    return sorted((letter.recipient, letter.kind) for letter in letters())


def test_people_of_the_group_and_of_the_thread_can_be_named(forum, letters):
    thread = forum.say("member", "Qu’en dit @Sam Secrète ?")
    names = names_to_mention(forum.draft, thread)
    assert set(names.values()) == {"Ana Facilite", "Sam Secrète", "Paul Participe", "Rita Réfère", "Max Membre"}
    assert kinds(letters) == [(forum["secretary"].email, "mentioned")]
    assert letters()[0].data["text"] == "Qu’en dit @Sam Secrète ?"
    assert list(db.session.scalars(select(Mention.person_id))) == [forum["secretary"].id]


def test_somebody_else_is_named_only_when_chosen_and_written(forum, letters):
    stranger = make_person("Lou Lointaine")
    forum.say("member", "Avec @Lou Lointaine ?")
    assert kinds(letters) == []
    forum.say("member", "Sans personne.", mentioned=[stranger.id, 10**12, -3, 999_999])
    assert kinds(letters) == []
    forum.say("member", "Avec @Lou Lointaine ?", mentioned=[stranger.id])
    assert kinds(letters) == [(stranger.email, "mentioned")]


def test_nobody_is_told_of_what_they_may_not_see(unpublished, letters):
    stranger = make_person("Lou Lointaine")
    unpublished.say("participant", "Avec @Lou Lointaine ?", mentioned=[stranger.id])
    assert kinds(letters) == []
    assert list(db.session.scalars(select(Mention.person_id))) == []
    make_membership(unpublished.group, stranger)
    db.session.expire_all()
    unpublished.say("participant", "Avec @Lou Lointaine ?")
    assert kinds(letters) == [(stranger.email, "mentioned")]


def test_one_letter_a_person_and_none_to_oneself(forum, letters):
    thread = forum.say("member", "Un mot à @Max Membre.")
    assert kinds(letters) == []
    first = forum.comment(thread)
    comments.reply(forum["facilitator"], thread, "@Max Membre, voici.", reply_to=first)
    assert kinds(letters) == [(forum["member"].email, "mentioned")]
    comments.reply(forum["member"], thread, "Merci.", reply_to=forum.comment(thread, 1))
    assert kinds(letters) == [(forum["facilitator"].email, "thread_reply"), (forum["member"].email, "mentioned")]
    comments.reply(forum["other member"], thread, "Moi aussi, @Ana Facilite et @Ana Facilite.")
    assert len(letters()) == 4
    assert {letter.recipient for letter in letters()[2:]} == {forum["member"].email, forum["facilitator"].email}


def test_an_edit_tells_only_whom_it_names_anew(forum, letters):
    thread = forum.say("member", "@Ana Facilite ?")
    comments.edit_comment(forum["member"], forum.comment(thread), "@Ana Facilite et @Sam Secrète ?")
    assert kinds(letters) == [(forum["facilitator"].email, "mentioned"), (forum["secretary"].email, "mentioned")]


def test_every_letter_says_what_happened_and_leads_on(app, forum, letters):
    forum.draft.title = "L’avis <de> tou·tes & co"
    db.session.commit()
    thread = forum.say("member", "Et vous, @Sam Secrète ? <b>", ThreadKind.QUESTION)
    comments.reply(forum["facilitator"], thread, "Oui & non.")
    for disposition in Disposition:
        mark = answering.disposition_mark(thread)
        answering.dispose(forum["facilitator"], thread, disposition, "Car <oui>.", change_number=1, replaces=mark)
    moderating.hide(forum["steering"], forum.comment(thread), "Trop <long>.")
    db.session.commit()
    guest = guests.comment_as_guest(forum.draft, ThreadKind.REMARK, "Typed words", "Gwen", "g@example.org", "fr")
    data = {"guest": guest.guest_id}
    _language, contents = guests.complete_letter("g@example.org", data)
    guests.confirm_guest(contents["secret"])
    moderating.let_through(forum["steering"], forum.comment(guest))
    found = set()
    with app.test_request_context("/", base_url="https://example.org", headers={"Accept-Language": "en"}):
        for letter in letters():
            values = contents if letter.kind == "guest_comment" else letter.data
            subject, blank, *body = render_template(f"emails/{letter.kind}.txt", **values).strip().split("\n")
            found.add(letter.kind)
            text = "\n".join(body)
            assert subject.startswith("Subject: "), letter.kind
            assert forum.draft.title in subject, letter.kind
            assert blank == ""
            assert body[0].startswith("Hello"), letter.kind
            if letter.kind == "guest_comment":
                assert f"https://example.org/guests/{contents['secret']}" in text
                assert "Typed" not in text, "nothing that was typed reaches an address that nobody has confirmed"
            elif letter.kind != "comment_hidden":
                assert f"https://example.org/threads/{letter.data['thread']}" in text, letter.kind
            assert "&lt;" not in text
            assert "&amp;" not in text
    assert found == {
        "mentioned", "thread_reply", "thread_disposed", "comment_hidden", "guest_comment", "comment_let_through",
    }  # fmt: skip
