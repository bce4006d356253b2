"""After a version was frozen: authors whose passage is gone are told, once."""

from sqlalchemy import and_, func, select
from sqlalchemy.orm import joinedload

from sip.amendments.actions.letters import tell
from sip.amendments.models import Amendment, AmendmentState
from sip.core import clock
from sip.core.db import db
from sip.drafts.models import Draft, PassagePlace, PlaceState, Version

_AT_A_TIME = 200


def versions_there() -> tuple[int, int]:
    """Return how many versions there are and the highest id: another pair says that there may be something to tell.

    One of the two would not do: of two that are frozen at once, the one with the lower id may be committed later.
    """
    number, last = db.session.execute(select(func.count(Version.id), func.max(Version.id))).one()
    return number, last or 0


def tell_authors() -> int:
    """Tell authors of open amendments whose passage the last version lacks; return how many are told.

    An amendment is noted as told in the same transaction, and whoever holds one is waited for, so any number of
    couriers may do this at once.
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
        .with_for_update(of=Amendment)
    )
    found = list(db.session.scalars(gone))
    for amendment in found:
        amendment.told_gone_at = clock.now()
        number = amendment.draft.latest_number
        tell(None, [amendment.author], amendment, "amendment_passage_gone", version=number)
    db.session.flush()
    return len(found)
