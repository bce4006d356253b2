"""Lookups and lists of meetings and of the points of their agendas; what a page needs is loaded here."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from sip.bodies.models import Body
from sip.core import clock
from sip.core.db import db
from sip.core.errors import Missing
from sip.cycles.models import Cycle
from sip.cycles.stages import Stage
from sip.drafts.models import Draft, Section, VersionSection
from sip.meetings.models import AgendaPoint, Meeting, PointState, PointSupport
from sip.meetings.policy import WAITING, may_see_point
from sip.people.models import Person
from sip.reviews.models import Review

MOST_POINTS = 100  # on one agenda
MOST_CHOICES = 100  # of meetings, or of recommendations under review, to choose from


def _with_people(body: Any) -> list[Any]:
    """Load with a body what policies ask about a person."""
    return [body.selectinload(Body.seats), body.joinedload(Body.cycle).selectinload(Cycle.seats)]


# Meetings


def meeting_by_id(meeting_id: int) -> Meeting:
    """Return a meeting with its body and the points on its agenda; raises Missing."""
    meeting = db.session.scalar(
        select(Meeting)
        .where(Meeting.id == meeting_id)
        .options(
            joinedload(Meeting.body),
            *_with_people(joinedload(Meeting.body)),
            selectinload(Meeting.points).options(*_with_subjects()),
        )
    )
    if meeting is None:
        raise Missing
    return meeting


def meetings(*, is_past: bool = False, body_id: int | None = None) -> Select[Any]:
    """Return the query of meetings: those to come, the next one first, or the past ones, the latest first."""
    query = select(Meeting).options(joinedload(Meeting.body))
    if body_id is not None:
        query = query.where(Meeting.body_id == body_id)
    # A meeting that began today is still to come: whoever is late looks for it there.
    begin = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    if is_past:
        return query.where(Meeting.starts_at < begin).order_by(Meeting.starts_at.desc(), Meeting.id.desc())
    return query.where(Meeting.starts_at >= begin).order_by(Meeting.starts_at, Meeting.id)


def meetings_to_fill(body: Body) -> list[Meeting]:
    """Return the meetings of a body whose agenda can still take points, the next one first."""
    query = meetings(body_id=body.id).where(Meeting.minutes_published_at.is_(None), Meeting.cancelled_at.is_(None))
    return list(db.session.scalars(query.limit(MOST_CHOICES)))


def meetings_of(body: Body, *, is_past: bool, limit: int) -> list[Meeting]:
    """Return the next meetings of a body, or its latest past ones."""
    return list(db.session.scalars(meetings(is_past=is_past, body_id=body.id).limit(limit)))


# Points


def _with_subjects() -> list[Any]:
    return [
        joinedload(AgendaPoint.author).lazyload(Person.grants),
        joinedload(AgendaPoint.review).options(joinedload(Review.draft), joinedload(Review.section)),
    ]


def point_by_id(point_id: int) -> AgendaPoint:
    """Return a point with its body, its meeting and what its policies ask; raises Missing."""
    point = db.session.scalar(
        select(AgendaPoint)
        .where(AgendaPoint.id == point_id)
        .options(
            joinedload(AgendaPoint.body),
            *_with_people(joinedload(AgendaPoint.body)),
            joinedload(AgendaPoint.meeting),
            *_with_subjects(),
        )
    )
    if point is None:
        raise Missing
    return point


def _open_to_members() -> ColumnElement[bool]:
    """`may_see_point` of members who do not sit in the body, for lists."""
    return or_(
        AgendaPoint.author_id.is_not(None),
        AgendaPoint.state != PointState.ON_AGENDA,
        AgendaPoint.meeting.has(Meeting.agenda_published_at.is_not(None)),
    )


def proposals_of(body: Body) -> Select[Any]:
    """Return the query of what members propose to a body and it has not treated yet, what most support first."""
    waiting = AgendaPoint.state.in_([state.value for state in WAITING])
    return _points(body).where(waiting, AgendaPoint.author_id.is_not(None))


def points_of(body: Body, *states: PointState) -> Select[Any]:
    """Return the query of a body's points in one of these states, its own included, as `proposals_of`.

    What stands on an agenda is listed by its meeting, to whom may read that.
    """
    return _points(body).where(AgendaPoint.state.in_([state for state in states if state != PointState.ON_AGENDA]))


def _points(body: Body) -> Select[Any]:
    return (
        select(AgendaPoint)
        .where(AgendaPoint.body_id == body.id)
        .options(joinedload(AgendaPoint.meeting), *_with_subjects())
        .order_by(AgendaPoint.supports.desc(), AgendaPoint.id.desc())
    )


def count_open_points(person: Person, body: Body) -> int:
    """Count the points that a person has proposed to a body and that stand on no agenda that members read yet."""
    is_open = AgendaPoint.meeting.has(Meeting.agenda_published_at.is_not(None))
    waits = AgendaPoint.state.in_([state.value for state in WAITING]) & ~is_open
    query = select(func.count(AgendaPoint.id)).where(
        AgendaPoint.body_id == body.id, AgendaPoint.author_id == person.id, waits
    )
    return db.session.scalar(query) or 0


def supported_by(person: Person | None, points: Iterable[AgendaPoint]) -> set[int]:
    """Return the ids of those of the points that a person supports."""
    if person is None:
        return set()
    ids = [point.id for point in points]
    query = select(PointSupport.point_id).where(PointSupport.person_id == person.id, PointSupport.point_id.in_(ids))
    return set(db.session.scalars(query))


# Recommendations under review


def points_of_review(review: Review, person: Person | None = None) -> list[AgendaPoint]:
    """Return the points about a review that `person` may see (None: that every member may), the latest first.

    Body and meeting are loaded; `decision_html` is for those who may read the minutes of the meeting.
    """
    query = (
        select(AgendaPoint)
        .where(AgendaPoint.review_id == review.id)
        .options(
            joinedload(AgendaPoint.body),
            *_with_people(joinedload(AgendaPoint.body)),
            joinedload(AgendaPoint.meeting),
        )
        .order_by(AgendaPoint.id.desc())
        .limit(MOST_POINTS)
    )
    if person is None:
        return list(db.session.scalars(query.where(_open_to_members())))
    return [point for point in db.session.scalars(query) if may_see_point(person, point)]


def _taken_up(body: Body) -> Select[Any]:
    """Return the query of the ids of the reviews that are a point of a body already, and not treated."""
    return select(AgendaPoint.review_id).where(
        AgendaPoint.body_id == body.id,
        AgendaPoint.review_id.is_not(None),
        AgendaPoint.state.in_([state.value for state in WAITING]),
    )


def waits_for_meeting(body: Body, review: Review) -> bool:
    """Say whether a review can be put on an agenda of a body: it is no waiting point of it yet."""
    return db.session.scalar(_taken_up(body).where(AgendaPoint.review_id == review.id).limit(1)) is None


def review_by_id(review_id: int) -> Review:
    """Return a review; raises Missing."""
    review = db.session.get(Review, review_id)
    if review is None:
        raise Missing
    return review


def reviews_to_discuss(body: Body) -> Select[Any]:
    """Return the query of the recommendations under review that are no waiting point of a body, by document."""
    return (
        select(Review)
        .join(Review.section)
        .join(Review.draft)
        .where(Section.stage == Stage.UNDER_REVIEW, Review.id.not_in(_taken_up(body)))
        .options(joinedload(Review.draft), joinedload(Review.section))
        .order_by(Draft.title, Draft.id, Section.position)
    )


class Name(NamedTuple):
    """What a recommendation is called in the version under review: its number ("8") and its title."""

    number: str
    title: str


def names_of(reviews: Iterable[Review]) -> dict[int, Name]:
    """Return what each recommendation is called, by review id."""
    wanted = list(reviews)
    query = select(VersionSection.version_id, VersionSection.key, VersionSection.number, VersionSection.title).where(
        VersionSection.version_id.in_({review.version_id for review in wanted}),
        VersionSection.key.in_({review.key for review in wanted}),
    )
    found = {(row.version_id, row.key): Name(row.number or "", row.title) for row in db.session.execute(query)}
    return {review.id: found.get((review.version_id, review.key), Name("", "")) for review in wanted}
