"""Cycles with their themes, milestones and steering committee; local offices."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from sip.core import clock
from sip.core.db import Model
from sip.people.models import Person


class Office(Model):
    """A local office; members and groups belong to one."""

    __tablename__ = "offices"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    town: Mapped[str] = mapped_column(String(120), default="")
    country: Mapped[str] = mapped_column(String(2), default="")  # ISO 3166


class Cycle(Model):
    """One run of the process. `introduction` is Markdown, `introduction_html` the same rendered when it was saved."""

    __tablename__ = "cycles"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    introduction: Mapped[str] = mapped_column(Text, default="")
    introduction_html: Mapped[str] = mapped_column(Text, default="")
    opens_on: Mapped[date] = mapped_column(index=True)
    closes_on: Mapped[date]
    guests_may_comment: Mapped[bool] = mapped_column(default=False)
    minimum_days: Mapped[dict[str, Any]] = mapped_column(default=dict)  # stage -> days that it stays open at least
    created_at: Mapped[datetime]
    milestones: Mapped[list["Milestone"]] = relationship(
        back_populates="cycle", cascade="all, delete-orphan", order_by="Milestone.on, Milestone.id"
    )
    themes: Mapped[list["Theme"]] = relationship(
        back_populates="cycle", cascade="all, delete-orphan", order_by="Theme.position, Theme.id"
    )
    seats: Mapped[list["SteeringSeat"]] = relationship(cascade="all, delete-orphan", order_by="SteeringSeat.id")

    @property
    def is_running(self) -> bool:
        return self.opens_on <= clock.today() <= self.closes_on


class Milestone(Model):
    """A date on the cycle's timeline; `until` is set where it lasts longer than a day."""

    __tablename__ = "milestones"

    id: Mapped[int] = mapped_column(primary_key=True)
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycles.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    on: Mapped[date]
    until: Mapped[date | None]
    note: Mapped[str] = mapped_column(String(500), default="")
    cycle: Mapped[Cycle] = relationship(back_populates="milestones")

    @property
    def ends_on(self) -> date:
        return self.until or self.on


class SteeringSeat(Model):
    """That a person sits in the steering committee of a cycle."""

    __tablename__ = "steering_seats"
    __table_args__ = (UniqueConstraint("cycle_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycles.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    person: Mapped[Person] = relationship()


class Theme(Model):
    """A question put to all members, with its brief in Markdown; `brief_html` is rendered when it was saved."""

    __tablename__ = "themes"
    __table_args__ = (UniqueConstraint("cycle_id", "slug"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycles.id", ondelete="CASCADE"))
    slug: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(200))
    question: Mapped[str] = mapped_column(String(500), default="")
    position: Mapped[int] = mapped_column(default=0)
    context: Mapped[str] = mapped_column(Text, default="")
    reflection: Mapped[str] = mapped_column(Text, default="")
    objectives: Mapped[str] = mapped_column(Text, default="")
    questions: Mapped[str] = mapped_column(Text, default="")
    brief_html: Mapped[dict[str, str]] = mapped_column(default=dict)  # part -> HTML
    cycle: Mapped[Cycle] = relationship(back_populates="themes")
