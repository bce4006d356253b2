"""The mails of working groups: each says whom it concerns, what happened and where to go on."""

from datetime import timedelta

import pytest
from flask import render_template
from sqlalchemy import select

from sip.core import clock
from sip.core.db import db
from sip.core.outbox import Letter
from sip.groups import actions
from sip.groups.models import GroupRole
from sip.groups.policy import membership_of
from sip.people.models import PersonRole
from tests.factories import make_group, make_person


@pytest.fixture
def letters(app):
    """Every kind of letter, as the actions post them, rendered for its reader."""
    facilitator, secretary, asking, declined = (make_person(name=f"Prénom{n} O'Nom & Cie") for n in range(4))
    invited, board = make_person(), make_person(roles=(PersonRole.BOARD_MEMBER,))
    group = make_group(facilitator=facilitator, secretary=secretary, name="L'<Atelier> & Cie", slug="atelier")
    for person in (asking, declined):
        actions.ask_to_join(person, group, "Bonjour <vous>")
    actions.answer_request(facilitator, membership_of(asking, group), is_accepted=True, words="Bienvenue")
    actions.answer_request(facilitator, membership_of(declined, group), is_accepted=False, words="Hélas")
    for day, role in enumerate((GroupRole.PARTICIPANT, GroupRole.SECRETARY, GroupRole.FACILITATOR)):
        with clock.at(clock.now() + timedelta(days=2 * day)):
            actions.invite(facilitator, group, invited.email, language="fr", role=role)
    actions.invite(facilitator, group, board.email, language="fr", role=GroupRole.REFERENT)
    actions.accept_invitation(invited, group)
    actions.change_role(invited, membership_of(facilitator, group), GroupRole.SECRETARY)
    actions.end_membership(invited, membership_of(facilitator, group))
    with app.test_request_context("/", base_url="https://example.org", headers={"Accept-Language": "en"}):
        return [
            (letter.kind, render_template(f"emails/{letter.kind}.txt", **letter.data))
            for letter in db.session.scalars(select(Letter).order_by(Letter.id))
        ]


def test_every_kind_is_written(letters):
    kinds = {"request", "request_accepted", "request_declined", "invitation", "role", "membership_ended"}
    assert {kind for kind, _text in letters} == {f"group_{kind}" for kind in kinds}


def test_each_has_a_subject_names_its_reader_and_the_group_and_leads_on(letters):
    for kind, text in letters:
        subject, blank, *body = text.strip().split("\n")
        assert subject.startswith("Subject: "), kind
        assert "L'<Atelier> & Cie" in subject, kind
        assert blank == "", kind
        assert body[0].startswith("Hello "), kind
        assert "https://example.org/groups/atelier" in text, kind
        assert "&amp;" not in text, kind
        assert "&#39;" not in text, kind


def test_words_travel_with_the_answer(letters):
    texts = dict(letters)
    assert "Bonjour <vous>" in texts["group_request"]
    assert "Bienvenue" in texts["group_request_accepted"]
    assert "Hélas" in texts["group_request_declined"]


def test_an_invitation_says_what_for(letters):
    said = [text for kind, text in letters if kind == "group_invitation"]
    assert ["facilitator" in text or "secretary" in text or "board" in text for text in said] == [
        False,
        True,
        True,
        True,
    ]


def test_a_new_role_is_told_in_words(letters):
    roles = [text for kind, text in letters if kind == "group_role"]
    assert any("You are the secretary" in text for text in roles)
    assert any("You are a participant" in text for text in roles)
