"""Lookups and lists of commitments, their reports, and what members ask about them."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, case, exists, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from sip.bodies.models import Body
from sip.bodies.queries import bodies_of
from sip.core import clock
from sip.core.db import db
from sip.core.errors import Missing
from sip.cycles.models import Cycle
from sip.cycles.stages import Verb
from sip.drafts.models import Section
from sip.people.models import Person
from sip.reviews.models import OVER, Commitment, CommitmentQuestion, CommitmentStatus, ProgressNote, Review
from sip.reviews.queries import MOST_QUESTIONS, stages_of, surroundings

_MOST_IDS = 2**31 - 1
_LAST = date.max


def _with_responsible(commitment: Any = None) -> list[Any]:
    """Load with a commitment, or with the thing at whose `commitment` it stands, who is responsible for it."""
    body = commitment.joinedload(Commitment.body) if commitment else joinedload(Commitment.body)
    person = commitment.joinedload(Commitment.person) if commitment else joinedload(Commitment.person)
    office = commitment.joinedload(Commitment.office) if commitment else joinedload(Commitment.office)
    cycle = body.joinedload(Body.cycle).selectinload(Cycle.seats)
    return [body.selectinload(Body.seats), cycle, person.lazyload(Person.grants), office]


def commitment_by_id(commitment_id: int) -> Commitment:
    """Return a commitment with what its page and its policies ask; raises Missing."""
    commitment = db.session.scalar(
        select(Commitment)
        .where(Commitment.id == min(commitment_id, _MOST_IDS))
        .options(*_with_responsible(), *surroundings(joinedload(Commitment.review)))
    )
    if commitment is None:
        raise Missing
    return commitment


def commitments(**filters: Any) -> Select[Commitment]:
    """Return the query of the commitments that `conditions` finds: what is due first, and what is over at the end."""
    query = select(Commitment).join(Commitment.review).where(*conditions(**filters))
    return query.options(
        contains_eager(Commitment.review).options(joinedload(Review.draft), joinedload(Review.section)),
        *_with_responsible(),
    ).order_by(
        case((Commitment.status.in_(OVER), 1), else_=0),
        func.coalesce(Commitment.due_on, _LAST),
        Commitment.id,
    )


def conditions(
    *,
    status: CommitmentStatus | None = None,
    is_overdue: bool = False,
    is_open: bool = False,
    is_experiment: bool = False,
    office_id: int | None = None,
    cycle_id: int | None = None,
    person_id: int | None = None,
    body_id: int | None = None,
    review_id: int | None = None,
    words: str = "",
) -> list[ColumnElement[bool]]:
    """Return what commitments fulfil that are asked for; without anything, all."""
    equal = {
        Commitment.status: status,
        Commitment.office_id: office_id,
        Commitment.cycle_id: cycle_id,
        Commitment.person_id: person_id,
        Commitment.body_id: body_id,
        Commitment.review_id: review_id,
    }
    found = [column == value for column, value in equal.items() if value is not None]
    if is_overdue:
        found.append(_overdue())
    if is_open:
        found.append(Commitment.status.not_in(OVER))
    if is_experiment:
        found.append(Commitment.office_id.is_not(None))
    if words:
        searched = (Commitment.what, Commitment.details)
        found.append(or_(*(column.icontains(words, autoescape=True) for column in searched)))
    return found


def _overdue() -> ColumnElement[bool]:
    """`Commitment.is_overdue` for lists."""
    return (Commitment.due_on < clock.today()) & Commitment.status.not_in(OVER)


def counts_by_status(**filters: Any) -> dict[CommitmentStatus, int]:
    """Count the commitments of each status that `conditions` finds, in one statement; a status without any has 0."""
    query = select(Commitment.status, func.count(Commitment.id)).where(*conditions(**filters))
    found = {row[0]: row[1] for row in db.session.execute(query.group_by(Commitment.status))}
    return {status: found.get(status.value, 0) for status in CommitmentStatus}


def overdue_count(**filters: Any) -> int:
    """Count the commitments that `conditions` finds and whose day has passed."""
    return db.session.scalar(select(func.count(Commitment.id)).where(*conditions(**filters), _overdue())) or 0


def commitments_of(review: Review) -> list[Commitment]:
    """Return what the board committed to in answer to a recommendation, in the order of `commitments`."""
    return list(db.session.scalars(commitments(review_id=review.id)))


def _of_person(person: Person) -> ColumnElement[bool]:
    """`is_responsible` for lists."""
    bodies = [body.id for body in bodies_of(person)]
    return or_(Commitment.person_id == person.id, Commitment.body_id.in_(bodies))


def open_commitments_of(person: Person, limit: int = 20) -> list[Commitment]:
    """Return what is for `person` to keep, or for a body in which they sit, and is not over: what is due first."""
    query = commitments(is_open=True).where(_of_person(person)).limit(limit)
    return list(db.session.scalars(query))


def unanswered_of(person: Person) -> list[CommitmentQuestion]:
    """Return what members ask about commitments that are for `person` to keep and nobody has answered, oldest first.

    Not while a recommendation is discussed again: then nobody may answer.
    """
    query = (
        select(CommitmentQuestion)
        .join(CommitmentQuestion.commitment)
        .join(Commitment.review)
        .join(Review.section)
        .where(CommitmentQuestion.answered_at.is_(None), _of_person(person))
        .where(Section.stage.in_(stages_of(Verb.FOLLOW_UP)))
        .options(
            joinedload(CommitmentQuestion.author).lazyload(Person.grants),
            contains_eager(CommitmentQuestion.commitment),
        )
    )
    return list(db.session.scalars(query.order_by(CommitmentQuestion.id).limit(MOST_QUESTIONS)))


def progress_of(commitment: Commitment) -> Select[ProgressNote]:
    """Return the query of the reports on a commitment, the oldest first."""
    query = select(ProgressNote).where(ProgressNote.commitment_id == commitment.id).order_by(ProgressNote.id)
    return query.options(joinedload(ProgressNote.author).lazyload(Person.grants))


def last_progress(commitment: Commitment) -> ProgressNote | None:
    """Return the last report on a commitment, or None."""
    query = progress_of(commitment).order_by(None).order_by(ProgressNote.id.desc()).limit(1)
    return db.session.scalar(query)


def is_reported(commitment: Commitment) -> bool:
    """Say whether there is a report on a commitment."""
    return bool(db.session.scalar(select(exists().where(ProgressNote.commitment_id == commitment.id))))


def questions_about(commitment: Commitment) -> Select[CommitmentQuestion]:
    """Return the query of what members ask about a commitment, with the answers, the oldest first."""
    query = select(CommitmentQuestion).where(CommitmentQuestion.commitment_id == commitment.id)
    return _with_people(query).order_by(CommitmentQuestion.id)


def commitment_question_by_id(question_id: int) -> CommitmentQuestion:
    """Return what a member asked about a commitment; raises Missing."""
    at = joinedload(CommitmentQuestion.commitment)
    query = select(CommitmentQuestion).where(CommitmentQuestion.id == min(question_id, _MOST_IDS))
    options = *_with_responsible(at), *surroundings(at.joinedload(Commitment.review))
    question = db.session.scalar(_with_people(query).options(*options))
    if question is None:
        raise Missing
    return question


def _with_people(query: Select[CommitmentQuestion]) -> Select[CommitmentQuestion]:
    return query.options(
        joinedload(CommitmentQuestion.author).lazyload(Person.grants),
        joinedload(CommitmentQuestion.answered_by).lazyload(Person.grants),
    )
