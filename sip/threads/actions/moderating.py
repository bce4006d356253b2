"""What members report and moderators decide; what is hidden stays, for its author and for them."""

from sqlalchemy import select, update

from sip.core import clock, journal
from sip.core.access import require
from sip.core.db import db
from sip.core.journal import Event
from sip.people.models import Person
from sip.threads import texts
from sip.threads.actions.comments import count_comment, lock_comment, record
from sip.threads.actions.letters import tell_author
from sip.threads.actions.stamps import bump
from sip.threads.models import Comment, Report
from sip.threads.policy import may_dismiss, may_hide, may_let_through, may_report, may_show_again

MAX_REASON = 1_000


def report(actor: Person | None, comment: Comment, reason: str) -> None:
    """Tell the moderators that a comment breaks the rules; told again, the last reason counts. Raises Invalid."""
    lock_comment(comment)
    require(may_report(actor, comment))
    assert actor is not None
    reason = texts.clean_line(reason, MAX_REASON, "reason")
    mine = select(Report).where(Report.comment_id == comment.id, Report.person_id == actor.id)
    found = db.session.scalar(mine.execution_options(populate_existing=True))
    if found is None:
        found = Report(comment_id=comment.id, person_id=actor.id)
        db.session.add(found)
    found.reason, found.at, found.handled_at, found.handled_by_id = reason, clock.now(), None, None
    thread = comment.thread
    # Not under the draft: who reported what is no part of the document's history.
    group = thread.draft.groups[0].id
    journal.record(actor, Event.COMMENT_REPORTED, comment.id, group_id=group, draft=thread.draft.slug, thread=thread.id)
    db.session.flush()


def hide(actor: Person | None, comment: Comment, reason: str) -> None:
    """Hide a comment; its author is told why by a letter, and the reports of it are settled. Raises Invalid."""
    lock_comment(comment)
    require(may_hide(actor, comment))
    assert actor is not None
    reason = texts.clean_line(reason, MAX_REASON, "reason")
    was_visible = comment.is_visible
    comment.hidden_at, comment.hidden_by_id, comment.hidden_reason = clock.now(), actor.id, reason
    _settle_reports(actor, comment)
    tell_author(comment.thread, comment, "comment_hidden", reason=reason, text=comment.text)
    record(actor, Event.COMMENT_HIDDEN, comment)
    bump(comment.thread.draft_id, threads=count_comment(comment.thread, by=-1) if was_visible else 0)


def show_again(actor: Person | None, comment: Comment) -> None:
    """Take back that a comment was hidden; a guest's that was never let through waits again."""
    lock_comment(comment)
    require(may_show_again(actor, comment))
    comment.hidden_at, comment.hidden_by_id, comment.hidden_reason = None, None, ""
    record(actor, Event.COMMENT_SHOWN_AGAIN, comment)
    bump(comment.thread.draft_id, threads=count_comment(comment.thread) if comment.is_visible else 0)


def let_through(actor: Person | None, comment: Comment) -> None:
    """Let everybody read a guest's comment from now on; the guest is told."""
    lock_comment(comment)
    require(may_let_through(actor, comment))
    comment.is_held = False
    tell_author(comment.thread, comment, "comment_let_through")
    record(actor, Event.COMMENT_LET_THROUGH, comment)
    bump(comment.thread.draft_id, threads=count_comment(comment.thread, comment))


def dismiss_reports(actor: Person | None, comment: Comment) -> None:
    """Leave a comment as it is, though it was reported."""
    lock_comment(comment)
    require(may_dismiss(actor, comment))
    assert actor is not None
    _settle_reports(actor, comment)


def _settle_reports(actor: Person, comment: Comment) -> None:
    mine = update(Report).where(Report.comment_id == comment.id, Report.handled_at.is_(None))
    values = {"handled_at": clock.now(), "handled_by_id": actor.id}
    db.session.execute(mine.values(values).execution_options(synchronize_session="fetch"))
    db.session.flush()
