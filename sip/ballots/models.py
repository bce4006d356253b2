"""Ballots, their rolls, open votes, the urns of secret ones, and proxies."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from sip.core import clock
from sip.core.db import Model
from sip.cycles.models import Office
from sip.drafts.models import Draft, Section, Version
from sip.groups.models import WorkingGroup
from sip.people.models import Person
from sip.threads.models import Thread


class Method(StrEnum):
    """How a question is decided."""

    CONSENT = "consent"
    MAJORITY = "majority"
    RANKING = "ranking"


class MajorityRule(StrEnum):
    """What a majority is."""

    SIMPLE = "simple"  # more for than against
    ABSOLUTE = "absolute"  # for: more than half of all votes, abstentions included
    TWO_THIRDS = "two_thirds"  # for: at least two thirds of those for or against


class Secrecy(StrEnum):
    """Who can know how somebody voted."""

    OPEN = "open"  # names with votes and reasons, for those who may read the ballot, once it is closed
    SECRET = "secret"


class Electorate(StrEnum):
    """Who is put on the roll when a ballot opens."""

    GROUP = "group"
    OFFICES = "offices"
    MEMBERS = "members"


class BallotState(StrEnum):
    """Where a ballot stands in the records; whether one can vote at this moment is told by its dates too."""

    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Choice(StrEnum):
    """What one can answer: by consent, by majority."""

    CONSENT = "consent"
    RESERVATIONS = "reservations"
    OBJECTION = "objection"
    ABSTAIN = "abstain"
    FOR = "for"
    AGAINST = "against"


class Ballot(Model):
    """A question put to the vote on a frozen version; consent rounds follow one another (`previous_id`).

    `result` is what `tally.py` counted when it closed (its shape is told there); it never changes after.
    """

    __tablename__ = "ballots"
    __table_args__ = (
        Index("ix_ballots_draft_id_id", "draft_id", "id"),
        Index("ix_ballots_state_opens_at", "state", "opens_at"),
        Index("ix_ballots_state_closes_at", "state", "closes_at"),
        CheckConstraint("closes_at > opens_at", name="dates"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycles.id"))
    draft_id: Mapped[int] = mapped_column(ForeignKey("drafts.id", ondelete="CASCADE"))
    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"))
    question: Mapped[str] = mapped_column(String(300))
    explanation: Mapped[str] = mapped_column(Text, default="")
    explanation_html: Mapped[str] = mapped_column(Text, default="")
    method: Mapped[str] = mapped_column(String(20))
    rule: Mapped[str] = mapped_column(String(20), default=MajorityRule.SIMPLE)
    quorum: Mapped[int] = mapped_column(default=0)  # per cent of the roll who must vote
    secrecy: Mapped[str] = mapped_column(String(20))
    electorate: Mapped[str] = mapped_column(String(20))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("working_groups.id"))  # whose members vote
    shows_interim: Mapped[bool] = mapped_column(default=False)
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(20), default=BallotState.PLANNED)
    round: Mapped[int] = mapped_column(default=1)
    previous_id: Mapped[int | None] = mapped_column(ForeignKey("ballots.id"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]  # when it was counted
    cancelled_reason: Mapped[str] = mapped_column(String(2000), default="")
    on_roll: Mapped[int] = mapped_column(default=0)  # frozen when it opens
    voted: Mapped[int] = mapped_column(default=0)  # stored with each vote
    is_adopted: Mapped[bool | None]  # once it is closed
    result: Mapped[dict[str, Any]] = mapped_column(default=dict, deferred=True)
    draft: Mapped[Draft] = relationship()
    version: Mapped[Version] = relationship()
    group: Mapped[WorkingGroup | None] = relationship()
    author: Mapped[Person | None] = relationship(foreign_keys=author_id)
    previous: Mapped["Ballot | None"] = relationship(remote_side=id)
    sections: Mapped[list["BallotSection"]] = relationship(
        cascade="all, delete-orphan", order_by="BallotSection.position"
    )
    alternatives: Mapped[list["Alternative"]] = relationship(
        cascade="all, delete-orphan", order_by="Alternative.number"
    )
    offices: Mapped[list["BallotOffice"]] = relationship(cascade="all, delete-orphan")

    @property
    def is_secret(self) -> bool:
        return self.secrecy == Secrecy.SECRET

    @property
    def is_unfinished(self) -> bool:
        """Whether it may still be voted in, now or later, or waits to be counted."""
        return self.state in (BallotState.PLANNED, BallotState.OPEN)

    @property
    def is_open_now(self) -> bool:
        """Whether this is the time to vote, also where nobody has written the roll yet."""
        return self.is_unfinished and self.opens_at <= clock.now() < self.closes_at

    @property
    def is_awaiting_count(self) -> bool:
        """Whether voting is over and nobody has counted yet."""
        return self.is_unfinished and self.closes_at <= clock.now()

    @property
    def section_list(self) -> list[Section]:
        """What it decides on, in its order."""
        return [each.section for each in self.sections]


class BallotSection(Model):
    """A recommendation that a ballot decides on."""

    __tablename__ = "ballot_sections"

    ballot_id: Mapped[int] = mapped_column(ForeignKey("ballots.id", ondelete="CASCADE"), primary_key=True)
    section_id: Mapped[int] = mapped_column(ForeignKey("sections.id", ondelete="CASCADE"), primary_key=True, index=True)
    position: Mapped[int]
    section: Mapped[Section] = relationship()


class Alternative(Model):
    """One of the things that are ranked; one of them is to leave everything as it is."""

    __tablename__ = "alternatives"

    ballot_id: Mapped[int] = mapped_column(ForeignKey("ballots.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 1, 2, …; 0 is the status quo
    title: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(String(2000), default="")

    @property
    def is_status_quo(self) -> bool:
        return self.number == 0


class BallotOffice(Model):
    """An office whose members vote."""

    __tablename__ = "ballot_offices"

    ballot_id: Mapped[int] = mapped_column(ForeignKey("ballots.id", ondelete="CASCADE"), primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("offices.id"), primary_key=True)
    office: Mapped[Office] = relationship()


class RollEntry(Model):
    """That somebody may vote in a ballot: written when it opens, with the office they belonged to then."""

    __tablename__ = "roll_entries"

    ballot_id: Mapped[int] = mapped_column(ForeignKey("ballots.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)
    office_id: Mapped[int | None] = mapped_column(ForeignKey("offices.id"))


class Turnout(Model):
    """That the vote of somebody on the roll is cast, by themselves or by a proxy's holder; not when, and not what.

    The primary key is what makes a second vote impossible, whatever happens at once.
    """

    __tablename__ = "turnout"
    __table_args__ = (
        ForeignKeyConstraint(
            ["ballot_id", "person_id"], ["roll_entries.ballot_id", "roll_entries.person_id"], ondelete="CASCADE"
        ),
        {"sqlite_with_rowid": False},  # else SQLite numbers the rows in the order in which people voted
    )

    ballot_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    holder_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))  # who cast it by proxy


class Vote(Model):
    """What somebody answered in an open ballot; it can be changed until the ballot closes.

    `choice` is one of Choice, or the numbers of the alternatives in their order of preference, equals together:
    "2,1=3,0". `opinion` is the reason, reservation or objection; `is_minority` where the voter wants it to stand in
    the result.
    """

    __tablename__ = "votes"
    __table_args__ = (
        ForeignKeyConstraint(
            ["ballot_id", "person_id"], ["turnout.ballot_id", "turnout.person_id"], ondelete="CASCADE"
        ),
    )

    ballot_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)
    choice: Mapped[str] = mapped_column(String(100))
    opinion: Mapped[str] = mapped_column(Text, default="")
    is_minority: Mapped[bool] = mapped_column(default=False)
    thread_id: Mapped[int | None] = mapped_column(ForeignKey("threads.id", ondelete="SET NULL"))  # of an objection
    at: Mapped[datetime]
    changed_at: Mapped[datetime]
    person: Mapped[Person] = relationship()
    thread: Mapped[Thread | None] = relationship()


class Urn(Model):
    """Secret votes of a ballot, sorted by their receipt codes, in as few rows as can be written quickly.

    Many votes in one row, written again with each: a row of its own would tell by its place, and on PostgreSQL by the
    transaction that wrote it, whose turnout it belongs to. `votes` is JSON: [[code, choice], …].
    """

    __tablename__ = "urns"
    __table_args__ = ({"sqlite_with_rowid": False},)

    ballot_id: Mapped[int] = mapped_column(
        ForeignKey("ballots.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    votes: Mapped[str] = mapped_column(Text, default="[]")
    # Minority opinions: JSON [[choice, text], …], sorted, with no code.
    opinions: Mapped[str] = mapped_column(Text, default="[]")


class Proxy(Model):
    """That somebody lets another member vote in their place: in one ballot, or in all of a period."""

    __tablename__ = "proxies"
    __table_args__ = (
        Index("ix_proxies_giver_id_id", "giver_id", "id"),
        Index("ix_proxies_holder_id_id", "holder_id", "id"),
        CheckConstraint("giver_id <> holder_id", name="not_to_oneself"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    giver_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    holder_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    ballot_id: Mapped[int | None] = mapped_column(ForeignKey("ballots.id", ondelete="CASCADE"), index=True)
    valid_from: Mapped[datetime | None]  # of a period: ballots whose voting is open then
    valid_until: Mapped[datetime | None]
    given_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    giver: Mapped[Person] = relationship(foreign_keys=giver_id)
    holder: Mapped[Person] = relationship(foreign_keys=holder_id)
    ballot: Mapped[Ballot | None] = relationship()
