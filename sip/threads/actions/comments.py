"""Comments: written, mended for a while, taken back; reactions to them."""

from collections.abc import Collection

from sqlalchemy import delete, update
from sqlalchemy.orm.attributes import set_committed_value

from sip.core import clock, journal
from sip.core.access import require
from sip.core.db import db
from sip.core.errors import Missing
from sip.core.journal import Event
from sip.drafts.models import Draft
from sip.groups.policy import role_in
from sip.people.models import Person
from sip.threads import texts
from sip.threads.actions.letters import Letters, quoted, tell_guest
from sip.threads.actions.stamps import bump
from sip.threads.mentions import new_mentions
from sip.threads.models import Comment, CommentRevision, Guest, Mention, Reaction, ReactionKind, Thread
from sip.threads.policy import may_edit_comment, may_react, may_remove_comment, may_reply


def lock(thread: Thread) -> None:
    """Hold other writers of this thread back until the transaction ends, and see what they did before."""
    db.session.refresh(thread, Thread.__table__.columns.keys(), with_for_update={"of": Thread})


def lock_comment(comment: Comment) -> None:
    """Hold other writers of this comment and its thread back until the transaction ends, and see what they did."""
    lock(comment.thread)
    db.session.refresh(comment, Comment.__table__.columns.keys(), with_for_update={"of": Comment})


def reply(
    actor: Person | None,
    thread: Thread,
    text: str,
    *,
    reply_to: Comment | None = None,
    language: str = "",
    mentioned: Collection[int] = (),
) -> Comment:
    """Add a comment to a thread, perhaps in answer to one of its comments; raises Invalid, or Missing for another's."""
    lock(thread)
    require(may_reply(actor, thread))
    assert actor is not None
    text = texts.clean(text)
    if reply_to is not None and (reply_to.thread_id != thread.id or reply_to.is_held):
        raise Missing
    comment = new_comment(thread, text, language, author=actor, reply_to=reply_to)
    shown = count_comment(thread, comment)
    tell_of_comment(actor, comment, mentioned)
    record(actor, Event.COMMENT_POSTED, comment)
    bump(thread.draft_id, threads=shown)
    return comment


def new_comment(
    thread: Thread,
    text: str,
    language: str = "",
    *,
    author: Person | None = None,
    guest: Guest | None = None,
    reply_to: Comment | None = None,
) -> Comment:
    """Add a comment, a guest's held back; `text` is clean, and counting it is the caller's."""
    comment = Comment(
        thread=thread,
        author=author,
        guest=guest,
        reply_to_id=reply_to.id if reply_to is not None else None,
        role=_role_of(author, thread.draft),
        text=text,
        html=texts.render(text, language or thread.draft.language),
        at=clock.now(),
        is_held=guest is not None,
        agrees=0,
        thanks=0,
    )
    db.session.add(comment)
    db.session.flush()
    return comment


def _role_of(person: Person | None, draft: Draft) -> str | None:
    roles = (role_in(person, group) for group in draft.groups)
    return next((role.value for role in roles if role is not None), None)


def count_comment(thread: Thread, comment: Comment | None = None, by: int = 1) -> int:
    """Count a comment that everybody sees from now on, or (`by` -1) no longer; return by how much the threads change.

    Counted in the database, so that nobody's count is lost; to be given to `bump`.
    """
    values = {"comments": Thread.comments + by, **({"last_comment_at": comment.at} if comment is not None else {})}
    mine = update(Thread).where(Thread.id == thread.id).values(values).returning(Thread.comments)
    number: int = db.session.scalars(mine.execution_options(synchronize_session=False)).one()
    set_committed_value(thread, "comments", number)
    if comment is not None:
        set_committed_value(thread, "last_comment_at", comment.at)
    if thread.is_internal:
        return 0
    return by if number == (1 if by > 0 else 0) else 0


def tell_of_comment(actor: Person, comment: Comment, mentioned: Collection[int] = ()) -> None:
    """Store whom a comment names, and tell them, whoever began the thread, and whom it answers."""
    thread = comment.thread
    letters = Letters(actor, thread)
    data = {"name": actor.name, "text": quoted(comment.text), "comment": comment.id}
    named = _store_mentions(comment, mentioned)
    letters.tell(named, "mentioned", **data)
    answered = db.session.get(Comment, comment.reply_to_id) if comment.reply_to_id else None
    letters.tell([answered.author if answered else None, thread.author], "thread_reply", **data)
    if thread.guest is not None and comment.guest is None:
        tell_guest(thread, "thread_reply", **data)


def _store_mentions(comment: Comment, chosen: Collection[int]) -> list[Person]:
    """Note whom a comment names that it did not name before, and return them."""
    people = new_mentions(comment, chosen)
    db.session.add_all(Mention(comment_id=comment.id, person_id=person.id) for person in people)
    db.session.flush()
    return people


def edit_comment(
    actor: Person | None, comment: Comment, text: str, *, language: str = "", mentioned: Collection[int] = ()
) -> None:
    """Change one's own comment; what it said before stays to be seen. Raises Invalid."""
    lock_comment(comment)
    require(may_edit_comment(actor, comment))
    assert actor is not None
    text = texts.clean(text)
    if text == comment.text:
        return
    now = clock.now()
    db.session.add(CommentRevision(comment_id=comment.id, text=comment.text, html=comment.html, at=now))
    comment.text, comment.edited_at = text, now
    comment.html = texts.render(text, language or comment.thread.draft.language)
    db.session.flush()
    data = {"name": actor.name, "text": quoted(text), "comment": comment.id}
    Letters(actor, comment.thread).tell(_store_mentions(comment, mentioned), "mentioned", **data)
    record(actor, Event.COMMENT_EDITED, comment)
    bump(comment.thread.draft_id)


def remove_comment(actor: Person | None, comment: Comment) -> None:
    """Take one's own comment back: its words go, also the earlier ones, and a trace stays."""
    lock_comment(comment)
    require(may_remove_comment(actor, comment))
    was_visible = comment.is_visible
    comment.removed_at, comment.text, comment.html = clock.now(), "", ""
    db.session.execute(delete(CommentRevision).where(CommentRevision.comment_id == comment.id))
    db.session.execute(delete(Mention).where(Mention.comment_id == comment.id))
    db.session.flush()
    record(actor, Event.COMMENT_REMOVED, comment)
    bump(comment.thread.draft_id, threads=count_comment(comment.thread, by=-1) if was_visible else 0)


def react(actor: Person | None, comment: Comment, kind: ReactionKind, is_on: bool) -> None:
    """Agree with a comment or thank for it, or take that back; doing it again changes nothing."""
    lock_comment(comment)
    require(may_react(actor, comment))
    assert actor is not None
    found = db.session.get(Reaction, (comment.id, actor.id, kind.value), populate_existing=True)
    if (found is not None) == is_on:
        return
    if found is None:
        db.session.add(Reaction(comment_id=comment.id, person_id=actor.id, kind=kind.value))
    else:
        db.session.delete(found)
    db.session.flush()
    column = Comment.agrees if kind == ReactionKind.AGREE else Comment.thanks
    mine = update(Comment).where(Comment.id == comment.id).values({column: column + (1 if is_on else -1)})
    db.session.execute(mine.execution_options(synchronize_session=False))
    db.session.refresh(comment, ["agrees", "thanks"])
    bump(comment.thread.draft_id)


def record(actor: Person | None, event: Event, comment: Comment) -> None:
    """Write into the journal what happened to a comment."""
    thread = comment.thread
    journal.record(
        actor,
        event,
        comment.id,
        draft_id=thread.draft_id,
        cycle_id=thread.draft.cycle_id,
        thread=thread.id,
        kind=thread.kind,
        is_internal=thread.is_internal,
    )
    db.session.flush()
