"""What must always hold of board files, answers and commitments; `sip check` reads it all and names what does not."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from sip.core.db import db
from sip.core.record import RecordKind, differences
from sip.cycles.stages import Stage
from sip.drafts.models import Section
from sip.reviews.answers import MAY_CHANGE, content_of
from sip.reviews.models import BoardResponse, Commitment, CommitmentStatus, ProgressNote, Review, Signature


def problems() -> Iterator[str]:
    """Yield one English sentence per problem; nothing when all is well."""
    yield from differences(RecordKind.RESPONSE, _published(), MAY_CHANGE)
    yield from _wrong_answers()
    yield from _wrong_stages()
    yield from _wrong_progress()


def _published() -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Return all published answers with what the public record says of them."""
    query = (
        select(BoardResponse)
        .where(BoardResponse.published_at.is_not(None))
        .order_by(BoardResponse.id)
        .options(
            joinedload(BoardResponse.review).joinedload(Review.draft),
            joinedload(BoardResponse.published_by),
            selectinload(BoardResponse.signatures).joinedload(Signature.person),
        )
    )
    for response in db.session.scalars(query):
        name = f"{response.review.draft.slug}: answer {response.number} to section {response.review.key}"
        yield response.id, name, content_of(response)


def _wrong_answers() -> Iterator[str]:
    """Files that do not say what their last published answer does, or whose answers are not numbered one by one."""
    found: dict[int, list[BoardResponse]] = {}
    for response in db.session.scalars(select(BoardResponse).order_by(BoardResponse.review_id, BoardResponse.number)):
        found.setdefault(response.review_id, []).append(response)
    for review in db.session.scalars(select(Review).order_by(Review.id)):
        responses = found.get(review.id, [])
        published = [response for response in responses if response.is_published]
        last = (published[-1].answer, published[-1].published_at) if published else (None, None)
        if (review.answer, review.answered_at) != last:
            yield f"review {review.id}: its answer is not that of the last published response"
        if [response.number for response in responses] != list(range(1, len(responses) + 1)):
            yield f"review {review.id}: its responses are not numbered one by one"
        if len(responses) - len(published) > 1 or any(each.is_published for each in responses[len(published) :]):
            yield f"review {review.id}: a response before the last one is not published"


def _wrong_stages() -> Iterator[str]:
    """Recommendations that stand beyond the board's answer without one."""
    query = (
        select(Review.id, Section.stage)
        .join(Review.section)
        .where(Section.stage.in_([Stage.ANSWERED, Stage.FOLLOWED_UP]), Review.answer.is_(None))
        .order_by(Review.id)
    )
    for review, stage in db.session.execute(query):
        yield f"review {review}: its recommendation is {stage.replace('_', ' ')}, but no response is published"


def _wrong_progress() -> Iterator[str]:
    """Commitments that do not stand where their last report says; without one they are planned."""
    last = select(func.max(ProgressNote.id)).group_by(ProgressNote.commitment_id).scalar_subquery()
    query = (
        select(Commitment.id, Commitment.status, Commitment.due_on, ProgressNote.status, ProgressNote.due_on)
        .outerjoin(ProgressNote, (ProgressNote.commitment_id == Commitment.id) & ProgressNote.id.in_(last))
        .order_by(Commitment.id)
    )
    for id, status, due_on, reported, reported_due in db.session.execute(query):
        expected = (CommitmentStatus.PLANNED, due_on) if reported is None else (reported, reported_due)
        if (status, due_on) != expected:
            yield f"commitment {id}: it is not as its last report says"
