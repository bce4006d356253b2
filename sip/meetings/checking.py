"""What must always hold of stored meetings and points; `sip check` reads it all and names what does not."""

from collections.abc import Iterator

from sqlalchemy import and_, func, or_, select

from sip.core.db import db
from sip.meetings.models import AgendaPoint, Meeting, PointState, PointSupport


def problems() -> Iterator[str]:
    """Yield one English sentence per problem; nothing when all is well."""
    yield from _wrong_supports()
    yield from _wrong_states()


def _wrong_supports() -> Iterator[str]:
    counted = func.count(PointSupport.person_id)
    query = (
        select(AgendaPoint.id, AgendaPoint.supports, counted)
        .outerjoin(PointSupport, PointSupport.point_id == AgendaPoint.id)
        .group_by(AgendaPoint.id, AgendaPoint.supports)
        .having(counted != AgendaPoint.supports)
        .order_by(AgendaPoint.id)
    )
    for number, stored, found in db.session.execute(query):
        yield f"point {number}: {stored} supports are stored instead of {found}"


def _wrong_states() -> Iterator[str]:
    """Points whose state is not what their meeting says: whether they have one, of their body, and its minutes."""
    has_meeting = AgendaPoint.state.in_([PointState.ON_AGENDA, PointState.TREATED])
    wrong = or_(
        has_meeting & AgendaPoint.meeting_id.is_(None),
        ~has_meeting & AgendaPoint.meeting_id.is_not(None),
        AgendaPoint.body_id != Meeting.body_id,
        and_(AgendaPoint.state == PointState.TREATED, Meeting.minutes_published_at.is_(None)),
        and_(AgendaPoint.state == PointState.ON_AGENDA, Meeting.minutes_published_at.is_not(None)),
        Meeting.cancelled_at.is_not(None),
    )
    query = select(AgendaPoint.id).outerjoin(AgendaPoint.meeting).where(wrong).order_by(AgendaPoint.id)
    for number in db.session.scalars(query):
        yield f"point {number}: its state is not what its meeting says"
