"""Threads and their comments, positions on recommendations, guests, reports, and the state of a draft's discussion."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from sip.core.db import Model
from sip.drafts.models import Draft, KeptPassage
from sip.people.models import Person


class ThreadKind(StrEnum):
    """What somebody wants to say."""

    QUESTION = "question"
    REMARK = "remark"
    FOR = "for"
    AGAINST = "against"
    CONCERN = "concern"


class ThreadState(StrEnum):
    """Where a thread stands; that its passage is gone is told by the passage's place, not here."""

    OPEN = "open"
    ANSWERED = "answered"  # it has a disposition
    RESOLVED = "resolved"


class Disposition(StrEnum):
    """What the group made of a contribution."""

    TAKEN_UP = "taken_up"
    PARTLY = "partly"
    NOT_TAKEN_UP = "not_taken_up"
    ANSWERED = "answered"


class ReactionKind(StrEnum):
    """What one can say of a comment with one touch."""

    AGREE = "agree"
    THANK = "thank"


class Stance(StrEnum):
    """A position on a recommendation."""

    IN_FAVOUR = "in_favour"
    RESERVED = "reserved"
    AGAINST = "against"
    UNDECIDED = "undecided"


class Discussion(Model):
    """Of all threads and amendments of a draft: a stamp that grows with every change, for pages that are open."""

    __tablename__ = "discussions"

    draft_id: Mapped[int] = mapped_column(ForeignKey("drafts.id", ondelete="CASCADE"), primary_key=True)
    stamp: Mapped[int] = mapped_column(default=0)
    threads: Mapped[int] = mapped_column(default=0)  # that everybody who reads the draft sees


class Guest(Model):
    """Somebody without an account who wrote a comment where a cycle allows it."""

    __tablename__ = "guests"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str] = mapped_column(String(254), index=True)
    language: Mapped[str] = mapped_column(String(5))
    created_at: Mapped[datetime]
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)  # of the mailed link, until it was opened
    token_expires_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]


class Thread(Model):
    """A discussion about a passage, a section (`key` without a passage) or a whole draft (neither)."""

    __tablename__ = "threads"
    __table_args__ = (
        Index("ix_threads_draft_id_id", "draft_id", "id"),
        Index("ix_threads_draft_id_key", "draft_id", "key"),
        Index("ix_threads_draft_id_disposition", "draft_id", "disposition"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("drafts.id", ondelete="CASCADE"))
    key: Mapped[str | None] = mapped_column(String(20))  # the section in which it was opened
    passage_id: Mapped[int | None] = mapped_column(ForeignKey("passages.id"), unique=True)
    version_number: Mapped[int | None]  # of the version that it was opened on; None: on the live text
    kind: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12), default=ThreadState.OPEN)
    is_internal: Mapped[bool] = mapped_column(default=False)  # for those only who may read the live text
    opened_at: Mapped[datetime]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    guest_id: Mapped[int | None] = mapped_column(ForeignKey("guests.id"), index=True)
    # Stored when they change: the number of comments that everybody sees, and when the last of them came.
    comments: Mapped[int] = mapped_column(default=0)
    last_comment_at: Mapped[datetime]
    disposition: Mapped[str | None] = mapped_column(String(16))
    disposition_reason: Mapped[str] = mapped_column(String(2000), default="")
    disposed_at: Mapped[datetime | None]
    disposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    change_update_id: Mapped[int | None]  # the update of the live text that took it up
    change_number: Mapped[int | None]  # the version that took it up
    resolved_at: Mapped[datetime | None]
    resolved_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    resolved_reason: Mapped[str] = mapped_column(String(1000), default="")
    draft: Mapped[Draft] = relationship()
    passage: Mapped[KeptPassage | None] = relationship()
    author: Mapped[Person | None] = relationship(foreign_keys=author_id)
    guest: Mapped[Guest | None] = relationship()
    disposed_by: Mapped[Person | None] = relationship(foreign_keys=disposed_by_id)
    resolved_by: Mapped[Person | None] = relationship(foreign_keys=resolved_by_id)


class Comment(Model):
    """What somebody wrote in a thread: light Markdown, rendered when it was saved. The first one opens the thread.

    Removed and hidden comments keep their row; `text` is emptied only by the author's own removal.
    """

    __tablename__ = "comments"
    __table_args__ = (Index("ix_comments_thread_id_id", "thread_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id", ondelete="CASCADE"))
    reply_to_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    guest_id: Mapped[int | None] = mapped_column(ForeignKey("guests.id"), index=True)
    role: Mapped[str | None] = mapped_column(String(20))  # in the draft's group, when it was written
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    is_held: Mapped[bool] = mapped_column(default=False, index=True)  # a guest's, not let through by a moderator yet
    hidden_at: Mapped[datetime | None]
    hidden_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    hidden_reason: Mapped[str] = mapped_column(String(1000), default="")
    agrees: Mapped[int] = mapped_column(default=0)
    thanks: Mapped[int] = mapped_column(default=0)
    thread: Mapped[Thread] = relationship()
    author: Mapped[Person | None] = relationship(foreign_keys=author_id)
    guest: Mapped[Guest | None] = relationship()

    @property
    def is_visible(self) -> bool:
        """Whether its words are for everybody who reads the thread."""
        return self.removed_at is None and self.hidden_at is None and not self.is_held


class CommentRevision(Model):
    """What a comment said before it was edited."""

    __tablename__ = "comment_revisions"
    __table_args__ = (Index("ix_comment_revisions_comment_id_id", "comment_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]  # until when it said so


class Reaction(Model):
    """That somebody agrees with a comment, or thanks for it."""

    __tablename__ = "reactions"

    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True)
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)


class Mention(Model):
    """That a comment names somebody, who was told of it."""

    __tablename__ = "mentions"

    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True)


class Report(Model):
    """That somebody thinks a comment breaks the rules; open until a moderator looked."""

    __tablename__ = "reports"
    __table_args__ = (UniqueConstraint("comment_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    reason: Mapped[str] = mapped_column(String(1000))
    at: Mapped[datetime]
    handled_at: Mapped[datetime | None] = mapped_column(index=True)
    handled_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    comment: Mapped[Comment] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=person_id)


class Position(Model):
    """What somebody thinks of a recommendation as a whole; counts of each stand in `counts`."""

    __tablename__ = "positions"

    draft_id: Mapped[int] = mapped_column(ForeignKey("drafts.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(20), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True)
    stance: Mapped[str] = mapped_column(String(12))
    at: Mapped[datetime]
