"""What comes to the board: recommendations are handed over, each with a file of its own."""

from collections.abc import Sequence

from sqlalchemy import func, select

from sip.core import clock, outbox
from sip.core.access import require
from sip.core.db import db
from sip.core.journal import Event
from sip.drafts import queries as draft_queries
from sip.drafts.models import Draft, Section, Version, VersionSection
from sip.people.models import Person
from sip.reviews import queries
from sip.reviews.actions.locking import record
from sip.reviews.actions.responding import begin_anew
from sip.reviews.models import Review
from sip.reviews.policy import may_open_file

MOST_NAMED = 20  # recommendations that a letter names


def receive(actor: Person, draft: Draft, sections: Sequence[Section]) -> list[Review]:
    """Open the board's file of each recommendation on the published version, or take it up again; the board is told.

    To be called by whoever moved them to the board, in the same transaction. Running text has no file.
    """
    draft_queries.lock(draft)
    version = draft_queries.version_by_number(draft.slug, draft.published_number or 0)
    known = queries.reviews_of(draft)
    reviews = [
        _received(draft, section, version, known.get(section.key)) for section in sections if section.is_recommendation
    ]
    db.session.flush()
    for review in reviews:
        begin_anew(review)
        record(actor, Event.REVIEW_RECEIVED, review, review.id, number=version.number)
    if reviews:
        _tell_board(actor, draft, [review.section.title for review in reviews])
    return reviews


def open_file(actor: Person | None, section: Section) -> Review:
    """Open the board's file of a recommendation that came here from files as one that the board studies already."""
    draft = section.draft
    draft_queries.lock(draft)
    require(may_open_file(actor, section))
    assert actor is not None
    known = queries.of_section(draft, section.key)
    if known is not None:
        return known
    review = _received(draft, section, draft_queries.version_by_number(draft.slug, draft.published_number or 0), None)
    db.session.flush()
    record(actor, Event.REVIEW_RECEIVED, review, review.id, number=review.version.number, is_opened=True)
    return review


def _received(draft: Draft, section: Section, version: Version, known: Review | None) -> Review:
    review = known or Review(
        cycle_id=draft.cycle_id,
        draft=draft,
        section=section,
        key=section.key,
        first_number=_first_number(section),
    )
    review.version, review.received_at = version, clock.now()
    db.session.add(review)
    return review


def _first_number(section: Section) -> int:
    """Return the number of the version in which everybody could read a section first."""
    query = (
        select(func.min(Version.number))
        .join(VersionSection, VersionSection.version_id == Version.id)
        .where(Version.draft_id == section.draft_id, Version.published_at.is_not(None))
        .where(VersionSection.key == section.key)
    )
    return db.session.scalar(query) or 1


def _tell_board(actor: Person, draft: Draft, titles: Sequence[str]) -> None:
    for person in db.session.scalars(queries.board_members()):
        if person.id != actor.id:
            outbox.post(
                person.email,
                person.language,
                "review_received",
                to_name=person.name,
                draft=draft.title,
                titles=list(titles[:MOST_NAMED]),
                count=len(titles),
            )
    db.session.flush()
