"""What all actions on meetings share: their locks, their entries in the journal, their letters."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import InvalidRequestError

from sip.core import journal, outbox
from sip.core.db import db, hold
from sip.core.errors import Missing
from sip.core.journal import Event
from sip.meetings.models import AgendaPoint, Meeting, PointSupport
from sip.meetings.policy import is_on_open_agenda
from sip.people.models import Person


def lock(meeting: Meeting) -> None:
    """Hold other writers of the body's agendas back until the transaction ends, and see what they did before."""
    hold(f"agendas.{meeting.body_id}")
    db.session.refresh(meeting, with_for_update={"of": Meeting})
    db.session.expire(meeting, ["points"])


def lock_point(point: AgendaPoint) -> None:
    """Hold other writers of a point, and of the body's agendas, back until the transaction ends."""
    hold(f"agendas.{point.body_id}")
    lock_supports(point)
    if point.meeting is not None:
        lock(point.meeting)


def lock_supports(point: AgendaPoint) -> None:
    """Hold other writers of one point back until the transaction ends; whoever arranges agendas holds more.

    Raises Missing where it was deleted meanwhile.
    """
    try:
        db.session.refresh(point, with_for_update={"of": AgendaPoint})
    except InvalidRequestError:
        raise Missing from None
    db.session.expire(point, ["meeting"])


def record(actor: Person | None, event: Event, meeting: Meeting, **data: Any) -> None:
    """Write down what happened to a meeting."""
    body = meeting.body
    about: dict[str, Any] = {"body": body.slug, "body_name": body.name, "meeting": meeting.id}
    about["title"] = meeting.title
    journal.record(actor, event, meeting.id, cycle_id=body.cycle_id, **about, **data)
    db.session.flush()


def record_point(actor: Person | None, event: Event, point: AgendaPoint, **data: Any) -> None:
    """Write down what happened to a point; a document tells it of its recommendation once members read the agenda."""
    about: dict[str, Any] = {"body": point.body.slug, "body_name": point.body.name, "point": point.id}
    if point.meeting is not None:
        about |= {"meeting": point.meeting.id, "starts_at": point.meeting.starts_at.isoformat()}
    review = point.review if point.review is not None and is_on_open_agenda(point) else None
    journal.record(
        actor,
        event,
        point.id,
        # Points are for members; everybody reads the history of a cycle, which tells of recommendations alone.
        cycle_id=review.cycle_id if review else None,
        draft_id=review.draft_id if review else None,
        title=point.title,
        **about,
        **data,
    )
    db.session.flush()


def tell_backers(actor: Person | None, point: AgendaPoint, kind: str, **data: str) -> None:
    """Post `emails/<kind>.txt` to whoever proposed a point, and to those who support it, unless they act themselves."""
    about: dict[str, str | int] = {"body": point.body.name, "title": point.title, "point": point.id, **data}
    author, but = point.author, actor.id if actor is not None else None
    if author is not None and author.id != but:
        outbox.post(author.email, author.language, kind, to_name=author.name, **about)
    supporters = (
        select(Person.email, Person.language, Person.name)
        .join(PointSupport, PointSupport.person_id == Person.id)
        .where(PointSupport.point_id == point.id, Person.id.is_distinct_from(but))
    )
    outbox.post_all(supporters, kind, **about, is_supporter=1)
    db.session.flush()
