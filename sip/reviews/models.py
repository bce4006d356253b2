"""Reviews of recommendations by the board; its answers, which are versioned; commitments and their progress."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from sip.bodies.models import Body
from sip.core import clock
from sip.core.db import Model
from sip.cycles.models import Office
from sip.drafts.models import Draft, Section, Version
from sip.people.models import Person


class Review(Model):
    """The board's file of one recommendation, handed over on a version; taken up again if it returns.

    `first_number` is the version that members saw first; `answer` is that of the last published response.
    """

    __tablename__ = "reviews"
    __table_args__ = (UniqueConstraint("section_id"), Index("ix_reviews_cycle_id_answer", "cycle_id", "answer"))

    id: Mapped[int] = mapped_column(primary_key=True)
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycles.id"))
    draft_id: Mapped[int] = mapped_column(ForeignKey("drafts.id", ondelete="CASCADE"), index=True)
    section_id: Mapped[int] = mapped_column(ForeignKey("sections.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(20))  # the section's
    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"))
    first_number: Mapped[int]
    received_at: Mapped[datetime]
    answer: Mapped[str | None] = mapped_column(String(20))  # of the last published response; None: waits for one
    answered_at: Mapped[datetime | None]
    draft: Mapped[Draft] = relationship()
    section: Mapped[Section] = relationship()
    version: Mapped[Version] = relationship()


class ReviewNote(Model):
    """What a board member notes for the board alone."""

    __tablename__ = "review_notes"
    __table_args__ = (Index("ix_review_notes_review_id_id", "review_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("reviews.id", ondelete="CASCADE"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    author: Mapped[Person | None] = relationship()


class _Question:
    """What somebody asks, and the answer once there is one."""

    author_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    answer: Mapped[str | None] = mapped_column(Text)
    answer_html: Mapped[str] = mapped_column(Text, default="")
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    answered_at: Mapped[datetime | None]

    @declared_attr
    @classmethod
    def author(cls) -> Mapped[Person | None]:
        return relationship(foreign_keys=[cls.author_id])

    @declared_attr
    @classmethod
    def answered_by(cls) -> Mapped[Person | None]:
        return relationship(foreign_keys=[cls.answered_by_id])


class ReviewQuestion(_Question, Model):
    """What the board asks the group, with its answer; both read it, and everybody once the board has answered."""

    __tablename__ = "review_questions"
    __table_args__ = (Index("ix_review_questions_review_id_id", "review_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("reviews.id", ondelete="CASCADE"))
    review: Mapped[Review] = relationship()


class Answer(StrEnum):
    """What the board answers to a recommendation, or to one of its measures."""

    ACCEPTED = "accepted"
    PARTLY = "partly"
    DEFERRED = "deferred"
    DECLINED = "declined"


class BoardResponse(Model):
    """One version of the board's answer: proposed, signed, then published; a published one never changes.

    `measures` is [{"slug", "letter", "title", "answer", "reasons", "reasons_html"}], for measures that are answered
    on their own.
    """

    __tablename__ = "board_responses"
    __table_args__ = (UniqueConstraint("review_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("reviews.id", ondelete="CASCADE"))
    number: Mapped[int]  # 1, 2, … for each review
    version_number: Mapped[int]  # of the draft, the text that is answered
    answer: Mapped[str] = mapped_column(String(20))
    deferred_until: Mapped[date | None]
    reasons: Mapped[str] = mapped_column(Text)
    reasons_html: Mapped[str] = mapped_column(Text)
    measures: Mapped[list[Any]] = mapped_column(default=list)
    revision: Mapped[int] = mapped_column(
        default=1
    )  # raised with every change of the proposal: a save names what it began from
    author_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    changed_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    review: Mapped[Review] = relationship()
    author: Mapped[Person | None] = relationship(foreign_keys=author_id)
    published_by: Mapped[Person | None] = relationship(foreign_keys=published_by_id)
    signatures: Mapped[list["Signature"]] = relationship(cascade="all, delete-orphan", order_by="Signature.at")

    @property
    def is_published(self) -> bool:
        return self.published_at is not None

    @property
    def mark(self) -> str:
        """What a form carries to say which state of the answer it began from."""
        return f"{self.number}.{self.revision}{'.published' if self.is_published else ''}"


class Signature(Model):
    """That a board member agrees with a proposed answer as it is; a change of it takes the signatures away."""

    __tablename__ = "signatures"

    response_id: Mapped[int] = mapped_column(ForeignKey("board_responses.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True)
    at: Mapped[datetime]
    person: Mapped[Person] = relationship()


class CommitmentStatus(StrEnum):
    """How far a commitment is; that it is overdue is told by its date."""

    PLANNED = "planned"
    UNDER_WAY = "under_way"
    DONE = "done"
    DROPPED = "dropped"


OVER = (CommitmentStatus.DONE, CommitmentStatus.DROPPED)


class Commitment(Model):
    """What the board commits to: a person or a body is responsible; an experiment tries it out in one office first."""

    __tablename__ = "commitments"
    __table_args__ = (
        Index("ix_commitments_cycle_id_status", "cycle_id", "status"),
        Index("ix_commitments_status_due_on", "status", "due_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycles.id"))
    review_id: Mapped[int] = mapped_column(ForeignKey("reviews.id", ondelete="CASCADE"), index=True)
    measure: Mapped[str | None] = mapped_column(String(60))  # the slug of the measure that it is about
    what: Mapped[str] = mapped_column(String(300))
    details: Mapped[str] = mapped_column(Text, default="")
    details_html: Mapped[str] = mapped_column(Text, default="")
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    body_id: Mapped[int | None] = mapped_column(ForeignKey("bodies.id", ondelete="SET NULL"))
    due_on: Mapped[date | None]
    status: Mapped[str] = mapped_column(String(20), default=CommitmentStatus.PLANNED)
    office_id: Mapped[int | None] = mapped_column(ForeignKey("offices.id"))  # where it is tried out first
    results: Mapped[str] = mapped_column(Text, default="")  # of the experiment
    results_html: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    review: Mapped[Review] = relationship()
    person: Mapped[Person | None] = relationship()
    body: Mapped[Body | None] = relationship()
    office: Mapped[Office | None] = relationship()

    @property
    def is_over(self) -> bool:
        return self.status in OVER

    @property
    def is_overdue(self) -> bool:
        return self.due_on is not None and self.due_on < clock.today() and not self.is_over

    @property
    def mark(self) -> str:
        """What a form carries to say which state of the commitment it began from."""
        return self.changed_at.isoformat()


class ProgressNote(Model):
    """A report on a commitment, with what it changed."""

    __tablename__ = "progress_notes"
    __table_args__ = (Index("ix_progress_notes_commitment_id_id", "commitment_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    commitment_id: Mapped[int] = mapped_column(ForeignKey("commitments.id", ondelete="CASCADE"))
    status: Mapped[str] = mapped_column(String(20))
    due_on: Mapped[date | None]
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    at: Mapped[datetime]
    author: Mapped[Person | None] = relationship()


class CommitmentQuestion(_Question, Model):
    """What a member asks about a commitment, and the answer; everybody reads both."""

    __tablename__ = "commitment_questions"
    __table_args__ = (Index("ix_commitment_questions_commitment_id_id", "commitment_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    commitment_id: Mapped[int] = mapped_column(ForeignKey("commitments.id", ondelete="CASCADE"))
    commitment: Mapped[Commitment] = relationship()
