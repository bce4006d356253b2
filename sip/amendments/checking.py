"""What must always hold of stored amendments; `sip check` reads it all and names what does not."""

from collections.abc import Iterator

from sqlalchemy import and_, func, or_, select

from sip.amendments.models import Amendment, AmendmentAnswer, AmendmentState, Support
from sip.core.db import db
from sip.drafts.models import KeptPassage

_ANSWERED = (AmendmentState.ACCEPTED, AmendmentState.ACCEPTED_CHANGED, AmendmentState.DECLINED)


def problems() -> Iterator[str]:
    """Yield one English sentence per problem; nothing when all is well."""
    strayed = select(Amendment.id).join(Amendment.passage).where(KeptPassage.draft_id != Amendment.draft_id)
    for number in db.session.scalars(strayed.order_by(Amendment.id)):
        yield f"amendment {number}: its passage is one of another draft"
    yield from _wrong_answers()
    yield from _wrong_supports()


def _wrong_answers() -> Iterator[str]:
    """Amendments that have an answer and wait for one, or have none and do not, or one that was taken back."""
    is_answered = Amendment.state.in_(_ANSWERED)
    query = select(Amendment.id).outerjoin(Amendment.answer)
    wrong = or_(
        is_answered & Amendment.answer_id.is_(None),
        ~is_answered & Amendment.answer_id.is_not(None),
        AmendmentAnswer.undone_at.is_not(None),
        AmendmentAnswer.draft_id != Amendment.draft_id,
    )
    for number in db.session.scalars(query.where(wrong).order_by(Amendment.id)):
        yield f"amendment {number}: its state is not what its answer says"


def _wrong_supports() -> Iterator[str]:
    counted = func.count(Support.person_id)
    query = (
        select(Amendment.id, Amendment.supports, counted)
        .outerjoin(Support, and_(Support.amendment_id == Amendment.id, Support.revision == Amendment.revision))
        .group_by(Amendment.id, Amendment.supports)
        .having(counted != Amendment.supports)
        .order_by(Amendment.id)
    )
    for number, stored, found in db.session.execute(query):
        yield f"amendment {number}: {stored} supports are stored instead of {found}"
