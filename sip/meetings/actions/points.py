"""Points that members propose to a body and support, and what it declines to speak about."""

from sqlalchemy import func, select

from sip.bodies.models import Body
from sip.core import clock, texts
from sip.core.access import require
from sip.core.db import db, hold
from sip.core.errors import Invalid
from sip.core.journal import Event
from sip.core.messages import message
from sip.cycles.checks import too_long
from sip.meetings import queries
from sip.meetings.actions.calling import MAX_TITLE
from sip.meetings.actions.recording import lock_point, lock_supports, record_point, tell_backers
from sip.meetings.models import AgendaPoint, PointState, PointSupport
from sip.meetings.policy import may_decline_point, may_propose_point, may_support_point, may_withdraw_point
from sip.people.models import Person

MAX_REASON = 2_000
MAX_OPEN = 5


def propose(actor: Person | None, body: Body, title: str, text: str) -> AgendaPoint:
    """Propose something for a body to speak about; raises Invalid."""
    require(may_propose_point(actor, body))
    assert actor is not None
    hold(f"points.{actor.id}")
    title, text = clean_title(title), texts.clean(text)
    if queries.count_open_points(actor, body) >= MAX_OPEN:
        raise Invalid(
            message("%(most)s of your points still wait here: let the body take one up first.", most=MAX_OPEN)
        )
    point = AgendaPoint(
        body=body,
        title=title,
        text=text,
        html=texts.render(text, actor.language),
        author=actor,
        state=PointState.PROPOSED,
        supports=0,
        at=clock.now(),
    )
    db.session.add(point)
    db.session.flush()
    record_point(actor, Event.POINT_PROPOSED, point)
    return point


def clean_title(title: str) -> str:
    """Return the title of a point as it is stored; raises Invalid."""
    title = " ".join(title.split())
    if not title:
        raise Invalid(message("Say in a few words what it is about."), "title")
    if len(title) > MAX_TITLE:
        raise Invalid(too_long(MAX_TITLE), "title")
    return title


def support(actor: Person | None, point: AgendaPoint) -> None:
    """Say that one wants this spoken about; doing it again changes nothing."""
    lock_supports(point)
    require(may_support_point(actor, point))
    assert actor is not None
    if _support_of(actor, point) is None:
        db.session.add(PointSupport(point_id=point.id, person_id=actor.id, at=clock.now()))
        _count(point)
        record_point(actor, Event.POINT_SUPPORTED, point)


def unsupport(actor: Person | None, point: AgendaPoint) -> None:
    """Take one's support back; doing it again changes nothing."""
    lock_supports(point)
    require(may_support_point(actor, point))
    assert actor is not None
    found = _support_of(actor, point)
    if found is not None:
        db.session.delete(found)
        _count(point)
        record_point(actor, Event.POINT_UNSUPPORTED, point)


def _support_of(actor: Person, point: AgendaPoint) -> PointSupport | None:
    return db.session.get(PointSupport, (point.id, actor.id), populate_existing=True)


def _count(point: AgendaPoint) -> None:
    """Store how many support a point; the caller holds it."""
    db.session.flush()
    query = select(func.count()).where(PointSupport.point_id == point.id)
    point.supports = db.session.scalar(query) or 0
    db.session.flush()


def withdraw(actor: Person | None, point: AgendaPoint) -> None:
    """Take back what one proposed; it leaves the agenda that the body may be preparing, and stays to be read."""
    lock_point(point)
    require(may_withdraw_point(actor, point))
    point.state, point.meeting, point.position = PointState.WITHDRAWN, None, 0
    point.decision = point.decision_html = ""
    db.session.flush()
    record_point(actor, Event.POINT_WITHDRAWN, point)


def decline(actor: Person | None, point: AgendaPoint, reason: str) -> None:
    """Say why a body will not speak about a point; whoever proposed or supported it is told. Raises Invalid."""
    lock_point(point)
    require(may_decline_point(actor, point))
    point.reason = texts.clean_line(reason, MAX_REASON, "reason")
    point.state = PointState.DECLINED
    record_point(actor, Event.POINT_DECLINED, point)
    tell_backers(actor, point, "point_declined", reason=point.reason)
