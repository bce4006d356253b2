"""What the group makes of a thread: its disposition, with a reason and the change that it led to."""

from sqlalchemy import exists, select

from sip.core import clock, journal
from sip.core.access import require
from sip.core.db import db
from sip.core.errors import Conflict, Invalid
from sip.core.journal import Event
from sip.core.messages import message
from sip.drafts.models import DraftUpdate, Version
from sip.people.models import Person
from sip.threads import texts
from sip.threads.actions.comments import lock
from sip.threads.actions.letters import Letters, tell_guest
from sip.threads.actions.stamps import bump
from sip.threads.models import Disposition, Thread, ThreadState
from sip.threads.policy import may_dispose

MAX_REASON = 2_000
_CHANGING = (Disposition.TAKEN_UP, Disposition.PARTLY)


def disposition_mark(thread: Thread) -> str:
    """Return what a form carries to say which disposition it was made over; empty where there was none."""
    return thread.disposed_at.isoformat() if thread.disposed_at is not None else ""


def dispose(
    actor: Person | None,
    thread: Thread,
    disposition: Disposition,
    reason: str,
    *,
    change_number: int | None = None,
    change_update_id: int | None = None,
    replaces: str = "",
) -> None:
    """Say what the group made of a thread, and in which version or update of the live text it shows, if it does.

    Whoever began it is told. `replaces` is the `disposition_mark` that the actor saw: where somebody else has answered
    since, this raises Conflict, so that no answer is lost. The same again changes nothing. Raises Invalid.
    """
    lock(thread)
    require(may_dispose(actor, thread))
    assert actor is not None
    reason = texts.clean_line(reason, MAX_REASON, "disposition_reason")
    if disposition not in _CHANGING:
        change_number = change_update_id = None
    _check_change(thread, change_number, change_update_id)
    wanted = (disposition.value, reason, change_number, change_update_id)
    if (thread.disposition, thread.disposition_reason, thread.change_number, thread.change_update_id) == wanted:
        return
    if replaces != disposition_mark(thread):
        raise Conflict(
            message("Somebody of the group has answered in the meantime. Look at their answer before you change it."),
            disposition=thread.disposition,
            reason=thread.disposition_reason,
        )
    thread.disposition, thread.disposition_reason, thread.change_number, thread.change_update_id = wanted
    thread.disposed_at, thread.disposed_by = clock.now(), actor
    if thread.state == ThreadState.OPEN:
        thread.state = ThreadState.ANSWERED
    _tell(actor, thread)


def _check_change(thread: Thread, number: int | None, update_id: int | None) -> None:
    """Refuse a version or an update that this draft does not have; raises Invalid."""
    is_version = exists().where(Version.draft_id == thread.draft_id, Version.number == number)
    if number is not None and not db.session.scalar(select(is_version)):
        raise Invalid(message("This document has no version %(number)s.", number=number), "change")
    is_update = exists().where(DraftUpdate.draft_id == thread.draft_id, DraftUpdate.id == update_id)
    if update_id is not None and not db.session.scalar(select(is_update)):
        raise Invalid(message("This change is not one of this document."), "change")


def _tell(actor: Person, thread: Thread) -> None:
    data = {"disposition": thread.disposition, "reason": thread.disposition_reason, "number": thread.change_number}
    Letters(actor, thread).tell([thread.author], "thread_disposed", **data)
    tell_guest(thread, "thread_disposed", **data)
    journal.record(
        actor,
        Event.THREAD_DISPOSED,
        thread.id,
        draft_id=thread.draft_id,
        cycle_id=thread.draft.cycle_id,
        thread=thread.id,
        kind=thread.kind,
        is_internal=thread.is_internal,
        disposition=thread.disposition,
        reason=thread.disposition_reason,
        number=thread.change_number,
    )
    db.session.flush()
    bump(thread.draft_id)
