"""What stands on an agenda, and in which order."""

from sip.core import clock, texts
from sip.core.access import require
from sip.core.db import db
from sip.core.errors import Invalid
from sip.core.journal import Event
from sip.core.messages import message
from sip.cycles.stages import Stage
from sip.drafts.models import Section
from sip.meetings import queries
from sip.meetings.actions.calling import MAX_TITLE
from sip.meetings.actions.points import clean_title
from sip.meetings.actions.recording import lock, lock_point, record_point, tell_backers
from sip.meetings.models import AgendaPoint, Meeting, PointState
from sip.meetings.policy import may_handle_point, may_prepare
from sip.people.models import Person
from sip.reviews.models import Review


def put(actor: Person | None, point: AgendaPoint, meeting: Meeting) -> None:
    """Put a proposed point on an agenda of its body, at the end; its backers are told once members read it.

    Raises Invalid.
    """
    lock(meeting)
    lock_point(point)
    require(may_prepare(actor, meeting))
    require(may_handle_point(actor, point))
    if point.body_id != meeting.body_id:
        raise Invalid(message("This point was proposed to another body."), "meeting")
    if point.state == PointState.ON_AGENDA:
        if point.meeting_id == meeting.id:
            return
        raise Invalid(message("This point is on an agenda: take it off first."))
    _place(actor, point, meeting)
    if meeting.agenda_published_at is not None:
        tell_backers(actor, point, "point_on_agenda")


def put_review(actor: Person | None, review: Review, meeting: Meeting) -> AgendaPoint:
    """Put a recommendation that the board studies on an agenda; raises Invalid."""
    lock(meeting)
    require(may_prepare(actor, meeting))
    db.session.refresh(review, with_for_update={"of": Review})
    stage = db.session.scalar(db.select(Section.stage).where(Section.id == review.section_id))
    if stage != Stage.UNDER_REVIEW:
        raise Invalid(message("This recommendation is not under review any more."))
    if not queries.waits_for_meeting(meeting.body, review):
        raise Invalid(message("This recommendation is on an agenda already."))
    title = queries.names_of([review])[review.id].title
    point = _new_point(meeting, title if len(title) <= MAX_TITLE else f"{title[: MAX_TITLE - 1]}…")
    point.review = review
    _place(actor, point, meeting)
    return point


def add(actor: Person | None, meeting: Meeting, title: str, text: str = "") -> AgendaPoint:
    """Put something on an agenda that the body itself wants to speak about; raises Invalid."""
    lock(meeting)
    require(may_prepare(actor, meeting))
    assert actor is not None
    point = _new_point(meeting, clean_title(title))
    if text.strip():
        point.text = texts.clean(text)
        point.html = texts.render(point.text, actor.language)
    _place(actor, point, meeting)
    return point


def _new_point(meeting: Meeting, title: str) -> AgendaPoint:
    """Return a point without an author: it is the body's own."""
    point = AgendaPoint(body=meeting.body, title=title, supports=0, at=clock.now())
    db.session.add(point)
    return point


def _place(actor: Person | None, point: AgendaPoint, meeting: Meeting) -> None:
    if len(meeting.points) >= queries.MOST_POINTS:
        raise Invalid(message("An agenda has %(most)s points at most.", most=queries.MOST_POINTS))
    point.position = max((other.position for other in meeting.points), default=0) + 1
    point.meeting, point.state = meeting, PointState.ON_AGENDA
    db.session.flush()
    record_point(actor, Event.POINT_PUT_ON_AGENDA, point)


def take_off(actor: Person | None, point: AgendaPoint) -> None:
    """Take a point off an agenda: it waits again, but what the body itself prepared unseen is gone."""
    lock_point(point)
    require(may_handle_point(actor, point))
    meeting = point.meeting
    if point.state != PointState.ON_AGENDA or meeting is None:
        return
    leave(actor, point, meeting)


def leave(actor: Person | None, point: AgendaPoint, meeting: Meeting, why: str = "") -> None:
    """Take a point off the agenda of `meeting`, which the caller holds; `why` is for the journal and the letters."""
    was_open = meeting.agenda_published_at is not None
    record_point(actor, Event.POINT_TAKEN_OFF_AGENDA, point, why=why)
    if point.author_id is None and not was_open:
        meeting.points.remove(point)
        db.session.delete(point)
        db.session.flush()
        return
    back_to_waiting(point)
    if was_open:
        tell_backers(actor, point, "point_back", why=why)


def back_to_waiting(point: AgendaPoint) -> None:
    """Let a point wait for another meeting; the caller holds it and tells."""
    point.state, point.meeting, point.position = PointState.PROPOSED, None, 0
    point.decision = point.decision_html = ""
    db.session.flush()


def move(actor: Person | None, point: AgendaPoint, by: int) -> None:
    """Move a point up (-1) or down (+1) on its agenda; at either end it stays."""
    lock_point(point)
    require(may_handle_point(actor, point))
    if point.meeting is None:
        return
    points = list(point.meeting.points)
    place = points.index(point)
    to = min(max(place + by, 0), len(points) - 1)
    points.insert(to, points.pop(place))
    for position, each in enumerate(points, 1):
        each.position = position
    db.session.flush()
    db.session.expire(point.meeting, ["points"])
