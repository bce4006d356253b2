"""What pages of other rooms show of the board's work: on a section's page, on a group's desk, on the first page."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sip.core import clock
from sip.cycles.stages import Stage
from sip.drafts.models import Draft
from sip.people.models import Person
from sip.reviews import committed, policy, queries
from sip.reviews.models import BoardResponse, Commitment, CommitmentQuestion, Review, ReviewQuestion
from sip.web.guard import current_person

SOON = timedelta(days=14)


@dataclass(frozen=True)
class OfSection:
    """A recommendation with the board: its file, the answer of now, and what the board committed to."""

    review: Review
    response: BoardResponse | None
    commitments: Sequence[Commitment]
    is_working: bool  # for whoever works on the answer
    is_waiting: bool  # the board is at work on it, for the first time or again


def section_review(draft: Draft, key: str) -> OfSection | None:
    """Return what the page of a section shows of the board's work; None where it was never handed over."""
    review = queries.of_section(draft, key)
    if review is None:
        return None
    is_waiting = review.section.stage == Stage.UNDER_REVIEW
    is_working = is_waiting and bool(policy.may_propose(current_person(), review))
    if review.answered_at is None:
        return OfSection(review, None, [], is_working, is_waiting)
    response, commitments = queries.responses_of(review)[0], committed.commitments_of(review)
    return OfSection(review, response, commitments, is_working, is_waiting)


def board_questions(drafts: Collection[Draft]) -> list[ReviewQuestion]:
    """Return what the board asks the groups of these documents, and nobody has answered yet."""
    return queries.unanswered_questions_of([draft.id for draft in drafts])


@dataclass(frozen=True)
class Awaiting:
    """What the board's work asks of somebody: as a board member, and as one who keeps a commitment."""

    to_sign: int
    pressing: Sequence[Commitment]  # overdue, or due soon
    asked: Sequence[CommitmentQuestion]


def board_awaiting(person: Person) -> Awaiting:
    """Return what awaits `person`."""
    soon = clock.today() + SOON
    mine = committed.open_commitments_of(person)
    return Awaiting(
        to_sign=queries.unsigned_by(person) if policy.may_read_waiting(person) else 0,
        pressing=[each for each in mine if each.due_on is not None and each.due_on <= soon],
        asked=committed.unanswered_of(person),
    )
