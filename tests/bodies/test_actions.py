"""Bodies, their seats, and matters referred to them: what changes, what is refused, who is told what."""

from datetime import timedelta

import pytest
from flask import render_template
from sqlalchemy import select

from sip.bodies import queries
from sip.bodies.actions import keeping, referring
from sip.bodies.models import BodyKind, ReferralMessage, ReferralState
from sip.core import clock
from sip.core.db import db
from sip.core.errors import Conflict, Denied, Invalid, Missing
from sip.core.journal import JournalEntry
from sip.core.outbox import Letter
from sip.cycles.settling import marks
from sip.people.models import PersonRole
from tests.factories import make_administrator, make_body, make_cycle, make_office, make_person
from tests.helpers import journal_events

VALUES = {"name": "Comité d’éthique", "role": "Il *veille*.", "takes_referrals": True, "office": "", "cycle": ""}


def letters() -> list[tuple[str, str]]:
    """Return kind and address of the letters, the oldest first."""
    return [(letter.kind, letter.recipient) for letter in db.session.scalars(select(Letter).order_by(Letter.id))]


def test_administrators_make_and_change_bodies(app):
    admin = make_administrator()
    with pytest.raises(Denied):
        keeping.create_body(make_person(), BodyKind.ETHICS, VALUES)
    body = keeping.create_body(admin, BodyKind.ETHICS, VALUES)
    assert (body.slug, body.kind) == ("comite-d-ethique", "ethics")
    assert "<em>veille</em>" in body.role_html
    began = marks(keeping.body_values(body))
    keeping.edit_body(admin, body, {**VALUES, "role": "Autre"}, began)
    with pytest.raises(Conflict):
        keeping.edit_body(admin, body, {**VALUES, "role": "Encore autre"}, began)
    keeping.edit_body(admin, body, {**VALUES, "role": "Autre"})  # nothing changes
    assert journal_events()[-2:] == ["body.created", "body.updated"]
    # A word that stands in addresses is no slug.
    assert keeping.create_body(admin, BodyKind.OTHER, {**VALUES, "name": "Create"}).slug == "create-2"


def test_what_a_body_cannot_be(app):
    admin, office, cycle = make_administrator(), make_office(), make_cycle()
    make_body(kind=BodyKind.BOARD, name="Conseil")
    make_body(kind=BodyKind.STEERING, cycle=cycle)
    for kind, values, field in (
        (BodyKind.ETHICS, {"name": " "}, "name"),
        (BodyKind.ETHICS, {"name": "x" * 121}, "name"),
        (BodyKind.ETHICS, {"name": "CONSEIL"}, "name"),
        (BodyKind.ETHICS, {"role": "x" * (keeping.MAX_ROLE + 1)}, "role"),
        (BodyKind.LOCAL, {}, "office"),
        (BodyKind.LOCAL, {"office": "nulle-part"}, "office"),
        (BodyKind.STEERING, {}, "cycle"),
        (BodyKind.STEERING, {"cycle": cycle.slug}, "cycle"),
        (BodyKind.BOARD, {}, "kind"),
    ):
        with pytest.raises(Invalid) as refused:
            keeping.create_body(admin, kind, {**VALUES, **values})
        assert refused.value.field == field, (kind, values)
    local = keeping.create_body(admin, BodyKind.LOCAL, {**VALUES, "office": office.slug, "cycle": cycle.slug})
    assert (local.office, local.cycle) == (office, None)


def test_seats_are_given_titled_and_taken_away(app):
    admin, person = make_administrator(), make_person(name="Tomasz Nowak")
    body = make_body()
    keeping.seat(admin, body, person)
    keeping.seat(admin, body, person, " présidente  ")
    keeping.seat(admin, body, person, "présidente")
    assert [(sitting.person.name, sitting.title) for sitting in queries.people_of(body)] == [
        ("Tomasz Nowak", "présidente")
    ]
    assert queries.bodies_of(person) == [body]
    assert letters() == [("body_seat", person.email)]
    for someone, title in ((make_person(joined_at=None), ""), (make_person(), "x" * 121)):
        with pytest.raises(Invalid):
            keeping.seat(admin, body, someone, title)
    with pytest.raises(Denied):
        keeping.seat(person, body, make_person())
    assert keeping.unseat(admin, body, person.id) is person
    assert keeping.unseat(admin, body, person.id) is None
    assert journal_events()[-3:] == ["body.seat_taken", "body.updated", "body.seat_left"]
    for kind in (BodyKind.BOARD, BodyKind.STEERING):
        with pytest.raises(Denied):
            keeping.seat(admin, make_body(kind=kind), person)


def test_people_of_boards_and_steering_committees_are_found_by_their_role(app):
    member = make_person(roles=(PersonRole.BOARD_MEMBER,))
    cycle = make_cycle(steering=(make_person(name="B"), make_person(name="A")))
    board, steering = make_body(kind=BodyKind.BOARD), make_body(kind=BodyKind.STEERING, cycle=cycle)
    assert [sitting.person for sitting in queries.people_of(board)] == [member]
    assert [sitting.person.name for sitting in queries.people_of(steering)] == ["A", "B"]
    assert queries.bodies_of(member) == [board]
    assert queries.bodies_of(cycle.seats[0].person) == [steering]
    assert queries.bodies_of(make_person()) == queries.bodies_of(None) == []
    assert queries.board() is board


def test_a_matter_goes_its_way_and_each_step_is_told_without_saying_what_it_is_about(app):
    author, first, second = make_person(name="Ana"), make_person(name="Bea"), make_person(name="Cem")
    body = make_body(first, second, name="Comité d’éthique")
    referral = referring.refer(author, body, "Un  secret\n bien gardé", "Voici **tout**.")
    assert (referral.subject, referral.state) == ("Un secret bien gardé", "received")
    with pytest.raises(Denied):
        referring.answer(author, referral, "Vite", state=ReferralState.CLOSED)
    with pytest.raises(Denied):
        referring.answer(author, referral, "Entre nous", is_internal=True)
    with pytest.raises(Missing):
        referring.answer(make_administrator(), referral, "Je regarde")
    referring.answer(author, referral, "Encore un mot")
    referring.answer(first, referral, "Une note", state=ReferralState.CLOSED, is_internal=True)
    assert referral.state == "received"
    with clock.at(clock.now() + timedelta(days=1)):
        referring.answer(second, referral, "Nous lisons", state=ReferralState.IN_HAND)
        assert referral.changed_at > referral.at
    referring.answer(first, referral, "Voilà", state=ReferralState.CLOSED)
    with pytest.raises(Denied):
        referring.answer(author, referral, "Mais encore")
    assert letters() == [
        ("referral_made", first.email),
        ("referral_made", second.email),
        ("referral_continued", first.email),
        ("referral_continued", second.email),
        ("referral_answered", author.email),
        ("referral_answered", author.email),
    ]
    shown = db.session.scalars(queries.messages_of(referral, with_internal=False)).all()
    assert [message.text for message in shown] == ["Voici **tout**.", "Encore un mot", "Nous lisons", "Voilà"]
    assert [message.state for message in shown] == [None, None, "in_hand", "closed"]
    everything = db.session.scalars(select(ReferralMessage)).all()
    told = [str(letter.data) for letter in db.session.scalars(select(Letter))]
    told += [
        str(entry.data)
        for entry in db.session.scalars(select(JournalEntry).where(JournalEntry.event.startswith("referral.")))
    ]
    assert len(told) == 6 + 5
    for words in ("secret", *(message.text for message in everything)):
        assert not [text for text in told if words in text], words


def test_what_is_refused_of_a_matter(app):
    author, body = make_person(), make_body()
    for subject, text, field in (("", "x", "subject"), ("x" * 201, "x", "subject"), ("x", " ", "text")):
        with pytest.raises(Invalid) as refused:
            referring.refer(author, body, subject, text)
        assert refused.value.field == field
    for _ in range(referring.MAX_OPEN):
        referring.refer(author, body, "Encore", "Un mot")
    with pytest.raises(Invalid):
        referring.refer(author, body, "Trop", "Un mot")
    assert referring.refer(author, make_body(), "Ailleurs", "Un mot")
    with pytest.raises(Denied):
        referring.refer(author, make_body(takes_referrals=False), "Ailleurs", "Un mot")


def test_the_letters_say_whom_they_are_for_and_lead_on(app):
    author, seated = make_person(name="Ana"), make_person(name="Bea")
    body = make_body(name="L'<Éthique> & Cie", slug="ethique")
    keeping.seat(make_administrator(), body, seated, "présidente")
    referral = referring.refer(author, body, "Un secret", "Voici")
    referring.answer(author, referral, "Encore")
    for state in (ReferralState.IN_HAND, ReferralState.CLOSED):
        referring.answer(seated, referral, "Bien", state=state)
    with app.test_request_context("/", base_url="https://example.org", headers={"Accept-Language": "en"}):
        for letter in db.session.scalars(select(Letter)):
            text = render_template(f"emails/{letter.kind}.txt", **letter.data)
            subject, blank, hello = text.strip().split("\n")[:3]
            assert subject.startswith("Subject: ")
            assert "L'<Éthique> & Cie" in subject
            assert (blank, hello.startswith("Hello ")) == ("", True)
            address = "bodies/ethique" if letter.kind == "body_seat" else f"referrals/{referral.id}"
            assert f"https://example.org/{address}" in text
