"""Holding a review or a commitment, and what the journal and letters say of it."""

from typing import Any

from sip.core import journal
from sip.core.db import db
from sip.core.journal import Event
from sip.drafts import queries as draft_queries
from sip.people.models import Person
from sip.reviews import queries
from sip.reviews.models import Commitment, Review

MAX_TEXT = 5_000


def lock(review: Review) -> None:
    """Hold others who would move or answer a recommendation back until the transaction ends; see what they did."""
    draft_queries.lock(review.draft)
    db.session.refresh(review, with_for_update={"of": Review})


def lock_commitment(commitment: Commitment) -> None:
    """Hold others who would report on a commitment, or move its recommendation, back, and see what they did."""
    lock(commitment.review)
    db.session.refresh(commitment, with_for_update={"of": Commitment})


def about(review: Review) -> dict[str, Any]:
    """Return what letters and the journal say of a recommendation, as the version under review has it."""
    section = queries.section_of(review)
    return {
        "section": review.section.slug,
        "title": section.title if section else review.section.title,
        "recommendation": section.number if section else None,
    }


def record(actor: Person, event: Event, review: Review, subject_id: int, **data: Any) -> None:
    """Write what happened to a recommendation into the journal of its document."""
    _record(actor, event, review, subject_id, draft_id=review.draft_id, **data)


def record_for_board(actor: Person, event: Event, review: Review, subject_id: int, **data: Any) -> None:
    """Write what the board does among itself into the journal; the history of the document does not tell it."""
    _record(actor, event, review, subject_id, draft_id=None, **data)


def _record(actor: Person, event: Event, review: Review, subject_id: int, *, draft_id: int | None, **data: Any) -> None:
    facts = {"draft": review.draft.slug, **about(review), **data}
    journal.record(actor, event, subject_id, draft_id=draft_id, cycle_id=review.cycle_id, **facts)
    db.session.flush()
