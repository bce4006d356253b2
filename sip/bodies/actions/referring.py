"""Matters that members refer to a body, in private."""

from collections.abc import Iterable
from typing import Any

from sip.bodies import queries
from sip.bodies.models import Body, Referral, ReferralMessage, ReferralState
from sip.bodies.policy import may_handle_referral, may_refer, may_write_in_referral
from sip.core import clock, journal, outbox, texts
from sip.core.access import require
from sip.core.db import db, hold
from sip.core.errors import Invalid
from sip.core.journal import Event
from sip.core.messages import message
from sip.cycles.checks import too_long
from sip.people.models import Person

MAX_SUBJECT = 200
# Enough for anybody in earnest; a body is not buried by one person.
MAX_OPEN = 10


def refer(actor: Person | None, body: Body, subject: str, text: str) -> Referral:
    """Refer a matter to a body, whose people are told that there is one; raises Invalid."""
    require(may_refer(actor, body))
    assert actor is not None
    hold(f"referrals.{actor.id}")
    subject = " ".join(subject.split())
    if not subject:
        raise Invalid(message("Say in a few words what it is about."), "subject")
    if len(subject) > MAX_SUBJECT:
        raise Invalid(too_long(MAX_SUBJECT), "subject")
    text = texts.clean(text)
    if queries.count_open(actor, body) >= MAX_OPEN:
        raise Invalid(
            message("%(most)s of your matters are still open with this body: let it answer first.", most=MAX_OPEN)
        )
    referral = Referral(body=body, author=actor, subject=subject, at=clock.now(), changed_at=clock.now())
    referral.state = ReferralState.RECEIVED
    db.session.add(referral)
    db.session.flush()
    _write(actor, referral, text, state=None, is_internal=False)
    _record(actor, Event.REFERRAL_MADE, referral)
    _tell(_people(body, but=actor), "referral_made", referral)
    return referral


def answer(
    actor: Person | None,
    referral: Referral,
    text: str,
    *,
    state: ReferralState | None = None,
    is_internal: bool = False,
) -> ReferralMessage:
    """Write about a matter, and say how far it is (the body alone); the other side is told. Raises Invalid.

    What `is_internal` is for the body alone: nobody gets a letter, and it leaves the matter as far as it is.
    """
    db.session.refresh(referral, with_for_update={"of": Referral})
    require(may_write_in_referral(actor, referral))
    assert actor is not None
    is_body = bool(may_handle_referral(actor, referral))
    if state is not None or is_internal:
        require(may_handle_referral(actor, referral))
    if is_internal or state == referral.state:
        state = None
    said = _write(actor, referral, texts.clean(text), state=state, is_internal=is_internal)
    if state is not None:
        referral.state = state
    if not is_internal:
        referral.changed_at = clock.now()
    _record(actor, Event.REFERRAL_ANSWERED, referral, state=state, is_internal=is_internal)
    if is_body and not is_internal:
        _tell([referral.author], "referral_answered", referral, state=referral.state)
    elif not is_body:
        _tell(_people(referral.body, but=actor), "referral_continued", referral)
    return said


def _write(
    actor: Person, referral: Referral, text: str, *, state: ReferralState | None, is_internal: bool
) -> ReferralMessage:
    said = ReferralMessage(
        referral_id=referral.id,
        author=actor,
        text=text,
        html=texts.render(text, actor.language),
        is_internal=is_internal,
        state=state,
        at=clock.now(),
    )
    db.session.add(said)
    db.session.flush()
    return said


def _people(body: Body, *, but: Person) -> list[Person]:
    return [sitting.person for sitting in queries.people_of(body) if sitting.person.id != but.id]


def _tell(people: Iterable[Person], kind: str, referral: Referral, **data: Any) -> None:
    """Post a letter that says that there is something to read, and nothing of what it is about."""
    for person in people:
        outbox.post(
            person.email,
            person.language,
            kind,
            to_name=person.name,
            body=referral.body.name,
            referral=referral.id,
            **data,
        )
    db.session.flush()


def _record(actor: Person, event: Event, referral: Referral, **data: Any) -> None:
    journal.record(
        actor, event, referral.id, body=referral.body.slug, body_name=referral.body.name, referral=referral.id, **data
    )
    db.session.flush()
