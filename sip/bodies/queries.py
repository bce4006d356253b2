"""Lookups and lists of bodies, of who sits in them, and of matters referred to them."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, false, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from sip.bodies.models import Body, BodyKind, BodySeat, Referral, ReferralMessage, ReferralState
from sip.bodies.policy import SEATED_ELSEWHERE
from sip.core.db import db
from sip.core.errors import Missing
from sip.cycles.models import Cycle, SteeringSeat
from sip.people.models import Person, PersonRole, RoleGrant

MOST_PEOPLE = 200  # of a body, whom a page shows and letters reach


class Sitting(NamedTuple):
    """Somebody who sits in a body, and as what."""

    person: Person
    title: str


# Bodies


def body_by_slug(slug: str) -> Body:
    """Return a body with what its pages show and its policies ask; raises Missing."""
    body = db.session.scalar(select(Body).where(Body.slug == slug).options(*_surroundings()))
    if body is None:
        raise Missing
    return body


def _surroundings() -> list[Any]:
    return [
        joinedload(Body.office),
        joinedload(Body.cycle).selectinload(Cycle.seats),
        selectinload(Body.seats).joinedload(BodySeat.person).lazyload(Person.grants),
    ]


def bodies() -> Select[Any]:
    """Return the query of all bodies by name, the board and the steering committees first."""
    query = select(Body).options(joinedload(Body.office), joinedload(Body.cycle))
    return query.order_by(Body.kind != BodyKind.BOARD, Body.kind != BodyKind.STEERING, Body.name, Body.id)


def bodies_of(person: Person | None) -> list[Body]:
    """Return the bodies in which a person sits, by name."""
    if person is None:
        return []
    sits = [
        Body.seats.any(BodySeat.person_id == person.id),
        (Body.kind == BodyKind.STEERING) & Body.cycle.has(Cycle.seats.any(SteeringSeat.person_id == person.id)),
    ]
    if person.is_board_member:
        sits.append(Body.kind == BodyKind.BOARD)
    return list(db.session.scalars(select(Body).where(or_(*sits)).order_by(Body.name, Body.id)))


def people_of(body: Body) -> list[Sitting]:
    """Return who sits in a body, by name where it has no seats of its own."""
    if body.kind not in SEATED_ELSEWHERE:
        return [Sitting(seat.person, seat.title) for seat in body.seats[:MOST_PEOPLE]]
    return [Sitting(person, "") for person in db.session.scalars(_seated_elsewhere(body).limit(MOST_PEOPLE))]


def _seated_elsewhere(body: Body) -> Select[Any]:
    query = select(Person).order_by(Person.name_key, Person.id)
    if body.kind == BodyKind.BOARD:
        holders = select(RoleGrant.person_id).where(RoleGrant.role == PersonRole.BOARD_MEMBER)
        return query.where(Person.id.in_(holders))
    seats = select(SteeringSeat.person_id).where(SteeringSeat.cycle_id == body.cycle_id)
    return query.where(Person.id.in_(seats))


def board() -> Body | None:
    """Return the board, or None before it has a page."""
    return db.session.scalar(select(Body).where(Body.kind == BodyKind.BOARD).options(*_surroundings()))


def names(but: Body | None = None) -> set[str]:
    """Return the names of all bodies except `but`, without regard to capitals."""
    query = select(Body.name) if but is None else select(Body.name).where(Body.id != but.id)
    return {name.casefold() for name in db.session.scalars(query)}


def slugs_like(slug: str) -> list[str]:
    """Return the slugs of bodies that begin like `slug`."""
    return list(db.session.scalars(select(Body.slug).where(Body.slug.startswith(slug, autoescape=True))))


def has_other(body: Body | None, condition: ColumnElement[bool]) -> bool:
    """Say whether a body other than `body` fulfils a condition."""
    query = select(Body.id).where(condition)
    if body is not None:
        query = query.where(Body.id != body.id)
    return db.session.scalar(query.limit(1)) is not None


# Matters


def referral_by_id(referral_id: int) -> Referral:
    """Return a matter with its author, its body and what its policies ask; raises Missing."""
    referral = db.session.scalar(
        select(Referral)
        .where(Referral.id == referral_id)
        .options(
            joinedload(Referral.author).lazyload(Person.grants), joinedload(Referral.body).options(*_surroundings())
        )
    )
    if referral is None:
        raise Missing
    return referral


def referrals(person: Person, to: Iterable[Body] | None = None, *, state: ReferralState | None = None) -> Select[Any]:
    """Return the query of a person's own matters, or those of others to the bodies `to`; the latest change first."""
    query = select(Referral).options(joinedload(Referral.body), joinedload(Referral.author).lazyload(Person.grants))
    if to is None:
        query = query.where(Referral.author_id == person.id)
    else:
        ids = [body.id for body in to]
        is_theirs = Referral.body_id.in_(ids) if ids else false()
        query = query.where(is_theirs, Referral.author_id != person.id)
    if state is not None:
        query = query.where(Referral.state == state)
    return query.order_by(Referral.changed_at.desc(), Referral.id.desc())


def count_open(person: Person, body: Body) -> int:
    """Count the matters of a person that a body has not closed."""
    query = select(func.count(Referral.id)).where(
        Referral.body_id == body.id, Referral.author_id == person.id, Referral.state != ReferralState.CLOSED
    )
    return db.session.scalar(query) or 0


def messages_of(referral: Referral, *, with_internal: bool) -> Select[Any]:
    """Return the query of what was said about a matter, the oldest first."""
    query = (
        select(ReferralMessage)
        .where(ReferralMessage.referral_id == referral.id)
        .options(joinedload(ReferralMessage.author).lazyload(Person.grants))
        .order_by(ReferralMessage.id)
    )
    return query if with_internal else query.where(ReferralMessage.is_internal.is_(False))


def count_waiting(person: Person, to: Iterable[Body]) -> int:
    """Count the matters of others that nobody has taken in hand yet, in the bodies `to`."""
    waiting = referrals(person, to, state=ReferralState.RECEIVED).order_by(None).with_only_columns(Referral.id)
    return db.session.scalar(select(func.count()).select_from(waiting.subquery())) or 0


def waiting_for(person: Person | None) -> int:
    """Count the matters of others that nobody has taken in hand yet, in all bodies in which a person sits."""
    mine = bodies_of(person)
    return count_waiting(person, mine) if person is not None and mine else 0
