"""Support of amendments: given, confirmed for another wording, taken back."""

from sqlalchemy import func, select

from sip.amendments.actions.locking import check_wording, lock, record
from sip.amendments.models import Amendment, Support
from sip.amendments.policy import may_support
from sip.core import clock
from sip.core.access import require
from sip.core.db import db
from sip.core.journal import Event
from sip.people.models import Person


def support(actor: Person | None, amendment: Amendment, *, revision: int | None = None) -> None:
    """Support an amendment in its wording of now; doing it again changes nothing.

    Raises Invalid where that is not the `revision` that was read.
    """
    lock(amendment)
    require(may_support(actor, amendment))
    assert actor is not None
    check_wording(amendment, revision)
    found = db.session.get(Support, (amendment.id, actor.id), populate_existing=True)
    if found is not None and found.revision == amendment.revision:
        return
    if found is None:
        found = Support(amendment_id=amendment.id, person_id=actor.id)
        db.session.add(found)
    found.revision, found.at = amendment.revision, clock.now()
    _count(amendment)
    record(actor, Event.AMENDMENT_SUPPORTED, amendment, revision=amendment.revision)


def confirm_support(actor: Person | None, amendment: Amendment) -> None:
    """Support an amendment that was improved, as it is now."""
    support(actor, amendment)


def unsupport(actor: Person | None, amendment: Amendment) -> None:
    """Take one's support back, also that of an earlier wording; doing it again changes nothing."""
    lock(amendment)
    require(may_support(actor, amendment))
    assert actor is not None
    found = db.session.get(Support, (amendment.id, actor.id), populate_existing=True)
    if found is None:
        return
    db.session.delete(found)
    _count(amendment)
    record(actor, Event.AMENDMENT_UNSUPPORTED, amendment)


def _count(amendment: Amendment) -> None:
    """Store how many support the wording of now; the caller holds the amendment."""
    db.session.flush()
    query = select(func.count()).where(Support.amendment_id == amendment.id, Support.revision == amendment.revision)
    amendment.supports = db.session.scalar(query) or 0
    db.session.flush()
