"""After a version was frozen: authors whose passage is gone are told, once."""

from sqlalchemy import and_, select
from sqlalchemy.orm import joinedload

from sip.amendments.actions.letters import tell
from sip.amendments.models import Amendment, AmendmentState
from sip.core import clock
from sip.core.db import db
from sip.drafts.models import Draft, PassagePlace, PlaceState, Version

_AT_A_TIME = 200


def last_version() -> int:
    """Return the id of the version frozen last, which says whether there is anything new to tell."""
    return db.session.scalar(select(Version.id).order_by(Version.id.desc()).limit(1)) or 0


def tell_authors() -> int:
    """Tell authors of open amendments whose passage the last version lacks; return how many are told.

    An amendment is noted as told in the same transaction, and left to whoever holds it, so any number of couriers may
    do this at once.
    """
    gone = (
        select(Amendment)
        .join(Draft, Draft.id == Amendment.draft_id)
        .join(Version, and_(Version.draft_id == Draft.id, Version.number == Draft.latest_number))
        .join(
            PassagePlace,
            and_(PassagePlace.passage_id == Amendment.passage_id, PassagePlace.version_id == Version.id),
        )
        .where(
            Amendment.state == AmendmentState.OPEN,
            Amendment.told_gone_at.is_(None),
            Amendment.hidden_at.is_(None),
            PassagePlace.state == PlaceState.OUTDATED,
        )
        .order_by(Amendment.id)
        .limit(_AT_A_TIME)
        .options(joinedload(Amendment.draft), joinedload(Amendment.author))
        .with_for_update(of=Amendment, skip_locked=True)
    )
    found = list(db.session.scalars(gone))
    for amendment in found:
        amendment.told_gone_at = clock.now()
        number = amendment.draft.latest_number
        tell(None, [amendment.author], amendment, "amendment_passage_gone", version=number)
    db.session.flush()
    return len(found)
