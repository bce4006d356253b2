"""Rolls and proxies: who may vote in which ballot, for themselves and for whom."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, insert, literal, or_, select
from sqlalchemy.orm import aliased, joinedload

from sip.ballots.models import (
    Ballot,
    BallotOffice,
    BallotState,
    Electorate,
    Proxy,
    RollEntry,
    Turnout,
    Vote,
)
from sip.ballots.policy import Giver, Standing
from sip.core import clock
from sip.core.db import db
from sip.core.errors import Missing
from sip.groups.models import Membership, MembershipState
from sip.people.models import Person

_MOST_IDS = 2**31 - 1
_MOST_HELD = 100
_NOT_BEGUN, _RUNNING = BallotState.PLANNED, BallotState.OPEN


@dataclass(frozen=True)
class RollRow:
    """Somebody on a roll; whether they have voted is None where that is not told."""

    name: str
    office_id: int | None
    has_voted: bool | None


@dataclass(frozen=True)
class Waiting:
    """A ballot that waits for somebody's vote: their own, or that of `giver`, whose proxy they hold."""

    ballot: Ballot
    giver: Person | None


def electorate(ballot: Ballot) -> Select[int, int | None]:
    """Return the query of who would be on the roll if it were written now: person's id and office's id."""
    query = select(Person.id, Person.office_id).where(Person.joined_at.is_not(None))
    if ballot.electorate == Electorate.GROUP:
        members = select(Membership.person_id).where(
            Membership.group_id == ballot.group_id, Membership.state == MembershipState.ACTIVE
        )
        return query.where(Person.id.in_(members))
    if ballot.electorate == Electorate.OFFICES:
        return query.where(Person.office_id.in_([each.office_id for each in ballot.offices]))
    return query


def write_roll(ballot: Ballot) -> int:
    """Freeze who may vote, in one statement; return how many they are."""
    who = electorate(ballot).add_columns(literal(ballot.id)).subquery()
    rows = select(who.c[2], who.c.id, who.c.office_id)
    db.session.execute(insert(RollEntry).from_select(["ballot_id", "person_id", "office_id"], rows))
    return db.session.scalar(select(func.count()).where(RollEntry.ballot_id == ballot.id)) or 0


def is_on_roll(person: Person, ballot: Ballot) -> bool:
    """Say whether somebody is on the roll, or would be as long as it is not written."""
    if ballot.state == _NOT_BEGUN:
        return db.session.scalar(electorate(ballot).where(Person.id == person.id)) is not None
    query = select(RollEntry.person_id).where(RollEntry.ballot_id == ballot.id, RollEntry.person_id == person.id)
    return db.session.scalar(query) is not None


def people_on_roll(ballot: Ballot) -> Select[str, str, str]:
    """Return the query of everybody on the roll: address, language and name, for letters."""
    query = select(Person.email, Person.language, Person.name)
    return query.join(RollEntry, RollEntry.person_id == Person.id).where(RollEntry.ballot_id == ballot.id)


def roll_page(ballot: Ballot, offset: int, limit: int, *, with_turnout: bool) -> list[RollRow]:
    """Return a part of the roll, by name."""
    voted = exists().where(Turnout.ballot_id == ballot.id, Turnout.person_id == RollEntry.person_id)
    query = (
        select(Person.name, RollEntry.office_id, voted if with_turnout else literal(None))
        .join(RollEntry, RollEntry.person_id == Person.id)
        .where(RollEntry.ballot_id == ballot.id)
        .order_by(Person.name_key, Person.id)
    )
    rows = db.session.execute(query.offset(offset).limit(limit))
    return [RollRow(name, office_id, bool(cast) if with_turnout else None) for name, office_id, cast in rows]


def office_turnout(ballot: Ballot) -> list[tuple[int, int, int]]:
    """Return (office's id or 0, people on the roll, votes cast) of each office: for counting, not for showing."""
    office = func.coalesce(RollEntry.office_id, 0)
    same = and_(Turnout.ballot_id == RollEntry.ballot_id, Turnout.person_id == RollEntry.person_id)
    query = (
        select(office, func.count(), func.count(Turnout.person_id))
        .select_from(RollEntry)
        .outerjoin(Turnout, same)
        .where(RollEntry.ballot_id == ballot.id)
        .group_by(office)
    )
    return [(number, on_roll, voted) for number, on_roll, voted in db.session.execute(query)]


def standing_of(person: Person | None, ballot: Ballot) -> Standing:
    """Return how somebody stands to a ballot, for `may_cast`; nobody in particular for visitors."""
    if person is None:
        return Standing()
    if ballot.state == _NOT_BEGUN:
        givers = [Giver(giver) for giver in db.session.scalars(_givers(person, ballot)) if is_on_roll(giver, ballot)]
        return Standing(is_on_roll=is_on_roll(person, ballot), givers=givers)
    on_roll = exists().where(RollEntry.ballot_id == ballot.id, RollEntry.person_id == Person.id)
    query = (
        select(Person, Turnout.person_id, Turnout.holder_id, Vote)
        .outerjoin(Turnout, and_(Turnout.ballot_id == ballot.id, Turnout.person_id == Person.id))
        .outerjoin(Vote, and_(Vote.ballot_id == ballot.id, Vote.person_id == Person.id))
        .where(Person.id.in_(_givers(person, ballot).with_only_columns(Person.id)), on_roll)
        .order_by(Person.name_key, Person.id)
    )
    rows = db.session.execute(query.execution_options(populate_existing=True))
    givers = [
        # What givers voted themselves is not for the holder to see.
        Giver(giver, is_cast is not None, by, vote if by == person.id else None)
        for giver, is_cast, by, vote in rows
    ]
    own = (
        select(Turnout.person_id, Turnout.holder_id, Vote)
        .select_from(RollEntry)
        .outerjoin(Turnout, and_(Turnout.ballot_id == RollEntry.ballot_id, Turnout.person_id == RollEntry.person_id))
        .outerjoin(Vote, and_(Vote.ballot_id == RollEntry.ballot_id, Vote.person_id == RollEntry.person_id))
        .where(RollEntry.ballot_id == ballot.id, RollEntry.person_id == person.id)
    )
    found = db.session.execute(own.execution_options(populate_existing=True)).first()
    if found is None:
        return Standing(givers=givers)
    is_cast, by, vote = found
    return Standing(is_on_roll=True, is_cast=is_cast is not None, cast_by=by, vote=vote, givers=givers)


def _givers(holder: Person, ballot: Ballot) -> Select[Any]:
    held = select(Proxy.giver_id).where(Proxy.holder_id == holder.id, *_holds_for(ballot.id))
    return select(Person).where(Person.id.in_(held)).order_by(Person.name_key, Person.id).limit(_MOST_HELD)


def _holds_for(ballot_id: Any) -> list[ColumnElement[bool]]:
    """Return what a proxy fulfils that holds at this moment for a ballot whose voting is open."""
    now = clock.now()
    in_time = and_(Proxy.ballot_id.is_(None), Proxy.valid_from <= now, Proxy.valid_until >= now)
    return [Proxy.revoked_at.is_(None), or_(Proxy.ballot_id == ballot_id, in_time)]


def open_for(person: Person, limit: int = 20) -> list[Waiting]:
    """Return what waits for somebody's vote, own ones first, what closes first before the rest."""
    mine = exists().where(Turnout.ballot_id == Ballot.id, Turnout.person_id == person.id)
    own = _open_ballots(person.id).where(~mine).order_by(Ballot.closes_at, Ballot.id).limit(limit)
    waiting = [Waiting(ballot, None) for ballot in db.session.scalars(own)]
    theirs = aliased(RollEntry)
    query = (
        _open_ballots(person.id)
        .add_columns(Person)
        .join(theirs, theirs.ballot_id == Ballot.id)
        .join(Person, Person.id == theirs.person_id)
        .join(Proxy, and_(Proxy.giver_id == Person.id, Proxy.holder_id == person.id, *_holds_for(Ballot.id)))
        .where(~exists().where(Turnout.ballot_id == Ballot.id, Turnout.person_id == Person.id))
        .order_by(Ballot.closes_at, Ballot.id, Person.name_key, Person.id)
        .limit(limit)
    )
    return [*waiting, *(Waiting(ballot, giver) for ballot, giver in db.session.execute(query))][:limit]


def _open_ballots(person_id: int) -> Select[Any]:
    """Return the query of ballots that are open now and have this person on their roll."""
    now = clock.now()
    return (
        select(Ballot)
        .join(RollEntry, and_(RollEntry.ballot_id == Ballot.id, RollEntry.person_id == person_id))
        .where(Ballot.state == _RUNNING, Ballot.opens_at <= now, Ballot.closes_at > now)
        .options(joinedload(Ballot.draft))
    )


# Proxies


def _proxies() -> Select[Proxy]:
    loaded = (joinedload(Proxy.giver), joinedload(Proxy.holder), joinedload(Proxy.ballot))
    return select(Proxy).order_by(Proxy.id.desc()).options(*loaded)


def proxy_by_id(number: int) -> Proxy:
    """Return a proxy with its two people and its ballot; raises Missing."""
    proxy = db.session.scalar(_proxies().where(Proxy.id == min(number, _MOST_IDS)))
    if proxy is None:
        raise Missing
    return proxy


def proxies_of(person: Person) -> Select[Proxy]:
    """Return the query of the proxies that somebody gave, the latest first."""
    return _proxies().where(Proxy.giver_id == person.id)


def held_by(person: Person) -> Select[Proxy]:
    """Return the query of the proxies that somebody holds or held, the latest first."""
    return _proxies().where(Proxy.holder_id == person.id)


def meeting_proxies(begin: datetime, end: datetime, ballot_id: int | None) -> Select[Proxy]:
    """Return the query of proxies not taken back that could be used between two moments, or for this ballot.

    Two proxies for one ballot each meet only where it is the same ballot.
    """
    of_period = and_(Proxy.ballot_id.is_(None), Proxy.valid_from <= end, Proxy.valid_until >= begin)
    if ballot_id is None:
        meets = Proxy.ballot.has(
            and_(Ballot.state.in_((_NOT_BEGUN, _RUNNING)), Ballot.opens_at <= end, Ballot.closes_at >= begin)
        )
    else:
        meets = Proxy.ballot_id == ballot_id
    return select(Proxy).where(Proxy.revoked_at.is_(None), or_(of_period, meets))


def is_used(proxy: Proxy) -> bool:
    """Say whether the holder of a proxy for one ballot has voted with it."""
    query = select(Turnout.person_id).where(
        Turnout.ballot_id == proxy.ballot_id, Turnout.person_id == proxy.giver_id, Turnout.holder_id == proxy.holder_id
    )
    return proxy.ballot_id is not None and db.session.scalar(query) is not None


def ballots_for_proxy(person: Person, limit: int = 50) -> list[Ballot]:
    """Return the ballots, planned or open, for which somebody can give a proxy: they are on the roll, or would be."""
    mine = select(Membership.group_id).where(
        Membership.person_id == person.id, Membership.state == MembershipState.ACTIVE
    )
    in_office = (
        exists().where(BallotOffice.ballot_id == Ballot.id, BallotOffice.office_id == person.office_id)
        if person.office_id is not None
        else false()
    )
    would_be = or_(
        Ballot.electorate == Electorate.MEMBERS,
        and_(Ballot.electorate == Electorate.GROUP, Ballot.group_id.in_(mine)),
        and_(Ballot.electorate == Electorate.OFFICES, in_office),
    )
    is_there = exists().where(RollEntry.ballot_id == Ballot.id, RollEntry.person_id == person.id)
    query = (
        select(Ballot)
        .where(
            Ballot.closes_at > clock.now(),
            or_(and_(Ballot.state == _NOT_BEGUN, would_be), and_(Ballot.state == _RUNNING, is_there)),
        )
        .order_by(Ballot.closes_at, Ballot.id)
        .limit(limit)
    )
    return list(db.session.scalars(query.options(joinedload(Ballot.draft))))
