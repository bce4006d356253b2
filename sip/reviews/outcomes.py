"""What became of a cycle's recommendations: the board's answers and its commitments, counted."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import contains_eager, joinedload

from sip.core.db import db
from sip.cycles.models import Cycle
from sip.cycles.stages import Stage
from sip.drafts.models import Draft, Section, VersionSection
from sip.reviews.committed import conditions, counts_by_status, overdue_count
from sip.reviews.models import Answer, Commitment, CommitmentStatus, Review
from sip.reviews.queries import sections_of


@dataclass(frozen=True)
class Outcome:
    """What became of one recommendation; `section` is it as the board received it."""

    review: Review
    section: VersionSection | None
    commitments: dict[CommitmentStatus, int] = field(default_factory=dict)
    overdue: int = 0

    @property
    def stage(self) -> Stage:
        return Stage(self.review.section.stage)

    @property
    def is_waiting(self) -> bool:
        """Whether the board studies it at the moment, for the first time or again."""
        return self.stage is Stage.UNDER_REVIEW


@dataclass(frozen=True)
class OutcomeFigures:
    """The figures of a cycle: recommendations that came to the board by answer (None: without one), commitments."""

    by_answer: dict[Answer | None, int]
    by_progress: dict[CommitmentStatus, int]
    overdue: int
    experiments: int

    @property
    def total(self) -> int:
        """How many recommendations came to the board."""
        return sum(self.by_answer.values())

    @property
    def commitments(self) -> int:
        """How many commitments there are."""
        return sum(self.by_progress.values())


def outcomes(cycle: Cycle) -> Select[Review]:
    """Return the query of the recommendations of a cycle that came to the board, document by document."""
    return (
        select(Review)
        .join(Review.draft)
        .join(Review.section)
        .where(Review.cycle_id == cycle.id)
        .order_by(Draft.title, Draft.id, Section.position, Section.id)
        .options(contains_eager(Review.draft), contains_eager(Review.section), joinedload(Review.version))
    )


def outcome_rows(reviews: Sequence[Review]) -> list[Outcome]:
    """Return what became of each of these recommendations, in two statements whatever their number."""
    sections = sections_of(reviews)
    is_overdue = conditions(is_overdue=True)[0]
    query = (
        select(Commitment.review_id, Commitment.status, func.count(), func.sum(case((is_overdue, 1), else_=0)))
        .where(Commitment.review_id.in_([review.id for review in reviews]))
        .group_by(Commitment.review_id, Commitment.status)
    )
    found = {review.id: Outcome(review, sections.get(review.id)) for review in reviews}
    overdue = dict.fromkeys(found, 0)
    for review_id, status, number, late in db.session.execute(query):
        found[review_id].commitments[CommitmentStatus(status)] = number
        overdue[review_id] += late
    return [
        Outcome(outcome.review, outcome.section, outcome.commitments, overdue[outcome.review.id])
        for outcome in found.values()
    ]


def outcome_figures(cycle: Cycle) -> OutcomeFigures:
    """Count what became of a cycle's recommendations, in four statements."""
    query = select(Review.answer, func.count(Review.id)).where(Review.cycle_id == cycle.id).group_by(Review.answer)
    answers = {row[0]: row[1] for row in db.session.execute(query)}
    experiments = select(func.count(Commitment.id)).where(*conditions(cycle_id=cycle.id, is_experiment=True))
    return OutcomeFigures(
        by_answer={answer: answers.get(answer, 0) for answer in (*Answer, None)},
        by_progress=counts_by_status(cycle_id=cycle.id),
        overdue=overdue_count(cycle_id=cycle.id),
        experiments=db.session.scalar(experiments) or 0,
    )
