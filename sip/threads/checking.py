"""What must always hold of stored discussions; `sip check` reads it all and names what does not."""

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import aliased

from sip.core import counts
from sip.core.db import db
from sip.drafts.models import KeptPassage
from sip.threads.models import Comment, Discussion, Position, Reaction, ReactionKind, Stance, Thread
from sip.threads.queries import position_count


def problems() -> Iterator[str]:
    """Yield one English sentence per problem; nothing when all is well."""
    yield from _strayed_threads()
    yield from _wrong_comments()
    yield from _wrong_reactions()
    yield from _wrong_discussions()
    yield from counts.wrong("pos", _positions())


def _strayed_threads() -> Iterator[str]:
    """Threads on a passage of another draft, and replies to comments of another thread."""
    strayed = select(Thread.id).join(Thread.passage).where(KeptPassage.draft_id != Thread.draft_id)
    for thread in db.session.scalars(strayed.order_by(Thread.id)):
        yield f"thread {thread}: its passage is one of another draft"
    answered = aliased(Comment)
    replies = select(Comment.id).join(answered, answered.id == Comment.reply_to_id)
    for comment in db.session.scalars(replies.where(answered.thread_id != Comment.thread_id).order_by(Comment.id)):
        yield f"comment {comment}: it answers one of another thread"


def _wrong_comments() -> Iterator[str]:
    is_visible = and_(Comment.removed_at.is_(None), Comment.hidden_at.is_(None), Comment.is_held.is_(False))
    counted = func.coalesce(func.sum(case((is_visible, 1), else_=0)), 0)
    query = select(Thread.id, Thread.comments, counted, func.count(Comment.id))
    query = query.outerjoin(Comment, Comment.thread_id == Thread.id).group_by(Thread.id, Thread.comments)
    for thread, stored, visible, written in db.session.execute(query.order_by(Thread.id)):
        if not written:
            yield f"thread {thread}: it has no comment"
        elif stored != visible:
            yield f"thread {thread}: the stored number of comments is {stored} instead of {visible}"


def _wrong_reactions() -> Iterator[str]:
    query = select(Reaction.comment_id, Reaction.kind, func.count()).group_by(Reaction.comment_id, Reaction.kind)
    given = {(comment, kind): number for comment, kind, number in db.session.execute(query)}
    some = (Comment.agrees != 0) | (Comment.thanks != 0) | Comment.id.in_(select(Reaction.comment_id))
    for comment in db.session.execute(select(Comment.id, Comment.agrees, Comment.thanks).where(some)):
        for kind, stored in ((ReactionKind.AGREE, comment.agrees), (ReactionKind.THANK, comment.thanks)):
            if stored != given.get((comment.id, kind.value), 0):
                yield f"comment {comment.id}: the stored number of reactions ({kind}) is wrong"


def _wrong_discussions() -> Iterator[str]:
    shown = select(Thread.draft_id, func.count()).where(Thread.comments > 0, Thread.is_internal.is_(False))
    counted = dict(db.session.execute(shown.group_by(Thread.draft_id)).all())
    stored = dict(db.session.execute(select(Discussion.draft_id, Discussion.threads)).all())
    for draft in sorted({*stored, *counted}):
        if stored.get(draft, 0) != counted.get(draft, 0):
            yield f"draft {draft}: the stored number of threads is {stored.get(draft, 0)}"


def _positions() -> Counter[str]:
    query = select(Position.draft_id, Position.key, Position.stance, func.count())
    rows = db.session.execute(query.group_by(Position.draft_id, Position.key, Position.stance))
    return Counter({position_count(draft, key, Stance(stance)): number for draft, key, stance, number in rows})
