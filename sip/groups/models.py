"""Working groups, the offices they come from, and their memberships."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column, ForeignKey, String, Table, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from sip.core.db import Base, Model
from sip.cycles.models import Office, Theme
from sip.people.models import Person


class GroupRole(StrEnum):
    """What somebody does in a working group."""

    FACILITATOR = "facilitator"
    SECRETARY = "secretary"
    REFERENT = "referent"
    PARTICIPANT = "participant"


class MembershipState(StrEnum):
    """Where a membership stands; only `active` gives rights."""

    REQUESTED = "requested"
    INVITED = "invited"
    ACTIVE = "active"
    ENDED = "ended"


group_offices = Table(
    "group_offices",
    Base.metadata,
    Column("group_id", ForeignKey("working_groups.id", ondelete="CASCADE"), primary_key=True),
    Column("office_id", ForeignKey("offices.id", ondelete="CASCADE"), primary_key=True, index=True),
)


class WorkingGroup(Model):
    """People working on one theme. `presentation` is Markdown, rendered when it was saved."""

    __tablename__ = "working_groups"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    theme_id: Mapped[int] = mapped_column(ForeignKey("themes.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    presentation: Mapped[str] = mapped_column(Text, default="")
    presentation_html: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    theme: Mapped[Theme] = relationship()
    offices: Mapped[list[Office]] = relationship(secondary=group_offices, order_by=Office.name)
    memberships: Mapped[list["Membership"]] = relationship(
        back_populates="group", cascade="all, delete-orphan", order_by="Membership.id"
    )


class Membership(Model):
    """That a person belongs, asks to belong, is invited or belonged to a group."""

    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("group_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("working_groups.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    message: Mapped[str] = mapped_column(String(1000), default="")  # what the person wrote when asking to join
    since: Mapped[datetime]
    group: Mapped[WorkingGroup] = relationship(back_populates="memberships")
    person: Mapped[Person] = relationship()

    @property
    def is_active(self) -> bool:
        return self.state == MembershipState.ACTIVE
