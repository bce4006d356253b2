"""Amendments, their earlier wordings, support, and the group's answers."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from sip.core.db import Model
from sip.drafts.models import Draft, KeptPassage
from sip.people.models import Person
from sip.threads.models import Thread


class AmendmentKind(StrEnum):
    """What is proposed."""

    CHANGE = "change"
    STRIKE = "strike"
    NEW_MEASURE = "new_measure"
    NEW_RECOMMENDATION = "new_recommendation"


class AmendmentState(StrEnum):
    """Where an amendment stands; that its passage is gone is told by the passage's place, not here."""

    OPEN = "open"
    ACCEPTED = "accepted"
    ACCEPTED_CHANGED = "accepted_changed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class AmendmentAnswer(Model):
    """One answer of the group: to one amendment, or to several that it merged; it may be undone.

    `text` is what was written into the live text, `passage` where it stood then, `update_id` the change that did it.
    """

    __tablename__ = "amendment_answers"

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("drafts.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    text: Mapped[str | None] = mapped_column(Text)  # None where all were declined
    update_id: Mapped[int | None]
    key: Mapped[str | None] = mapped_column(String(20))  # the section that was changed or added
    passage_id: Mapped[int | None] = mapped_column(ForeignKey("passages.id"))
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    draft: Mapped[Draft] = relationship()
    by: Mapped[Person | None] = relationship(foreign_keys=by_id)
    passage: Mapped[KeptPassage | None] = relationship()


class Amendment(Model):
    """Another text proposed for a passage, or a new measure or recommendation."""

    __tablename__ = "amendments"
    __table_args__ = (
        Index("ix_amendments_draft_id_id", "draft_id", "id"),
        Index("ix_amendments_draft_id_state", "draft_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("drafts.id", ondelete="CASCADE"))
    key: Mapped[str | None] = mapped_column(String(20))  # the section concerned; None: a new recommendation
    passage_id: Mapped[int | None] = mapped_column(ForeignKey("passages.id"), index=True)  # to change or strike
    thread_id: Mapped[int | None] = mapped_column(ForeignKey("threads.id", ondelete="SET NULL"), index=True)
    version_number: Mapped[int]  # of the version that it was proposed on
    kind: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20), default=AmendmentState.OPEN)
    title: Mapped[str] = mapped_column(String(300), default="")  # of a new measure or recommendation
    proposed: Mapped[str] = mapped_column(Text)  # Markdown; empty where the passage is to be struck
    reason: Mapped[str] = mapped_column(Text)
    reason_html: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    revision: Mapped[int] = mapped_column(default=1)  # raised when the author improves it
    revised_at: Mapped[datetime | None]
    supports: Mapped[int] = mapped_column(default=0)  # of this wording: stored when it changes
    answer_id: Mapped[int | None] = mapped_column(ForeignKey("amendment_answers.id"), index=True)
    answer_reason: Mapped[str] = mapped_column(String(2000), default="")
    hidden_at: Mapped[datetime | None]
    hidden_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    hidden_reason: Mapped[str] = mapped_column(String(1000), default="")
    told_gone_at: Mapped[datetime | None]  # when its author was told that the passage is gone
    draft: Mapped[Draft] = relationship()
    passage: Mapped[KeptPassage | None] = relationship()
    thread: Mapped[Thread | None] = relationship()
    author: Mapped[Person | None] = relationship(foreign_keys=author_id)
    answer: Mapped[AmendmentAnswer | None] = relationship()


class AmendmentRevision(Model):
    """An earlier wording of an amendment."""

    __tablename__ = "amendment_revisions"

    amendment_id: Mapped[int] = mapped_column(ForeignKey("amendments.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[str] = mapped_column(String(300), default="")
    proposed: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class Support(Model):
    """That somebody supports an amendment, in the wording that they read last."""

    __tablename__ = "supports"

    amendment_id: Mapped[int] = mapped_column(ForeignKey("amendments.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True)
    revision: Mapped[int]
    at: Mapped[datetime]
