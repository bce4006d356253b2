"""Bodies with their seats; matters referred to them, with what was said."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from sip.core.db import Model
from sip.cycles.models import Cycle, Office
from sip.people.models import Person


class BodyKind(StrEnum):
    """What a body is; who sits in the board and in a steering committee is told by those roles, not by seats here."""

    BOARD = "board"
    STEERING = "steering"
    ETHICS = "ethics"
    WORKS_COUNCIL = "works_council"
    LOCAL = "local"
    OTHER = "other"


class Body(Model):
    """A body of the cooperative; `role` is Markdown, `role_html` the same rendered when it was saved."""

    __tablename__ = "bodies"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(20))
    role: Mapped[str] = mapped_column(Text, default="")
    role_html: Mapped[str] = mapped_column(Text, default="")
    takes_referrals: Mapped[bool] = mapped_column(default=True)
    office_id: Mapped[int | None] = mapped_column(ForeignKey("offices.id"))  # of a local committee
    cycle_id: Mapped[int | None] = mapped_column(ForeignKey("cycles.id"))  # of a steering committee
    created_at: Mapped[datetime]
    office: Mapped[Office | None] = relationship()
    cycle: Mapped[Cycle | None] = relationship()
    seats: Mapped[list["BodySeat"]] = relationship(
        back_populates="body", cascade="all, delete-orphan", order_by="BodySeat.id"
    )


class BodySeat(Model):
    """That a person sits in a body, and as what ("president", "for the staff of Lyon")."""

    __tablename__ = "body_seats"
    __table_args__ = (UniqueConstraint("body_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    body_id: Mapped[int] = mapped_column(ForeignKey("bodies.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(120), default="")
    since: Mapped[datetime]
    body: Mapped[Body] = relationship(back_populates="seats")
    person: Mapped[Person] = relationship()


class ReferralState(StrEnum):
    """How far a body is with a matter."""

    RECEIVED = "received"
    IN_HAND = "in_hand"
    CLOSED = "closed"


class Referral(Model):
    """A matter that a member refers to a body; only the two of them read it."""

    __tablename__ = "referrals"
    __table_args__ = (Index("ix_referrals_body_id_id", "body_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    body_id: Mapped[int] = mapped_column(ForeignKey("bodies.id", ondelete="CASCADE"))
    author_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    subject: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(20), default=ReferralState.RECEIVED)
    at: Mapped[datetime]
    changed_at: Mapped[datetime]
    body: Mapped[Body] = relationship()
    author: Mapped[Person] = relationship()


class ReferralMessage(Model):
    """What the member or the body wrote about a matter; `state` where the message changed how far it is."""

    __tablename__ = "referral_messages"
    __table_args__ = (Index("ix_referral_messages_referral_id_id", "referral_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    referral_id: Mapped[int] = mapped_column(ForeignKey("referrals.id", ondelete="CASCADE"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    is_internal: Mapped[bool] = mapped_column(default=False)  # for the body alone
    state: Mapped[str | None] = mapped_column(String(20))
    at: Mapped[datetime]
    author: Mapped[Person | None] = relationship()
