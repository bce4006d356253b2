"""Amendments that break the rules: hidden with a reason, never deleted; and shown again."""

from sip.amendments.actions.letters import tell
from sip.amendments.actions.locking import lock, record
from sip.amendments.models import Amendment
from sip.amendments.policy import may_hide
from sip.core import clock
from sip.core.access import require
from sip.core.db import db
from sip.core.journal import Event
from sip.people.models import Person
from sip.threads import texts

MAX_REASON = 1_000


def hide(actor: Person | None, amendment: Amendment, reason: str) -> None:
    """Hide an amendment from everybody but its author and the moderators; its author is told why. Raises Invalid."""
    lock(amendment)
    require(may_hide(actor, amendment))
    assert actor is not None
    reason = texts.clean_line(reason, MAX_REASON, "reason")
    if amendment.hidden_at is not None:
        return
    amendment.hidden_at, amendment.hidden_by_id, amendment.hidden_reason = clock.now(), actor.id, reason
    db.session.flush()
    tell(actor, [amendment.author], amendment, "amendment_hidden", reason=reason)
    record(actor, Event.AMENDMENT_HIDDEN, amendment)


def show_again(actor: Person | None, amendment: Amendment) -> None:
    """Let everybody see an amendment again."""
    lock(amendment)
    require(may_hide(actor, amendment))
    if amendment.hidden_at is None:
        return
    amendment.hidden_at, amendment.hidden_by_id, amendment.hidden_reason = None, None, ""
    db.session.flush()
    record(actor, Event.AMENDMENT_SHOWN_AGAIN, amendment)
