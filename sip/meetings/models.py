"""Meetings of bodies; points of their agendas, and who supports them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from sip.bodies.models import Body
from sip.core.db import Model
from sip.people.models import Person
from sip.reviews.models import Review


class Meeting(Model):
    """A meeting of a body. Its agenda and its minutes are open to members once they are published."""

    __tablename__ = "meetings"
    __table_args__ = (Index("ix_meetings_body_id_starts_at", "body_id", "starts_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    body_id: Mapped[int] = mapped_column(ForeignKey("bodies.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(200))
    starts_at: Mapped[datetime] = mapped_column(index=True)
    place: Mapped[str] = mapped_column(String(200), default="")
    agenda_published_at: Mapped[datetime | None]
    minutes: Mapped[str] = mapped_column(Text, default="")
    minutes_html: Mapped[str] = mapped_column(Text, default="")
    minutes_published_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    body: Mapped[Body] = relationship()
    points: Mapped[list["AgendaPoint"]] = relationship(
        back_populates="meeting", order_by="AgendaPoint.position, AgendaPoint.id"
    )


class PointState(StrEnum):
    """Where a point stands."""

    PROPOSED = "proposed"
    ON_AGENDA = "on_agenda"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"  # by whoever proposed it
    TREATED = "treated"


class AgendaPoint(Model):
    """Something for a body to speak about: proposed by a member, or a recommendation under review."""

    __tablename__ = "agenda_points"
    __table_args__ = (Index("ix_agenda_points_body_id_state_id", "body_id", "state", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    body_id: Mapped[int] = mapped_column(ForeignKey("bodies.id", ondelete="CASCADE"))
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("meetings.id", ondelete="SET NULL"), index=True)
    review_id: Mapped[int | None] = mapped_column(ForeignKey("reviews.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text, default="")
    html: Mapped[str] = mapped_column(Text, default="")
    author_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    state: Mapped[str] = mapped_column(String(20), default=PointState.PROPOSED)
    reason: Mapped[str] = mapped_column(String(2000), default="")  # why it was declined
    decision: Mapped[str] = mapped_column(Text, default="")  # what the meeting decided
    decision_html: Mapped[str] = mapped_column(Text, default="")
    position: Mapped[int] = mapped_column(default=0)  # on the agenda
    supports: Mapped[int] = mapped_column(default=0)  # stored when it changes
    at: Mapped[datetime]
    body: Mapped[Body] = relationship()
    meeting: Mapped[Meeting | None] = relationship(back_populates="points")
    review: Mapped[Review | None] = relationship()
    author: Mapped[Person | None] = relationship()


class PointSupport(Model):
    """That somebody wants a point to be spoken about."""

    __tablename__ = "point_supports"

    point_id: Mapped[int] = mapped_column(ForeignKey("agenda_points.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True)
    at: Mapped[datetime]
