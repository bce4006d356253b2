"""Looking people up."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, column, exists, select, table
from sqlalchemy.orm import aliased

from sip.core import counts
from sip.core.db import db
from sip.core.errors import Missing
from sip.people.models import Person, PersonRole, RoleGrant, SearchKey
from sip.people.names import name_key

# Offices are the room of cycles, which stands above this one; here only their names are read.
_offices = table("offices", column("id"), column("slug"), column("name"), column("town"))

MOST_HOLDERS = 1_000


@dataclass(frozen=True)
class OfficeName:
    """What is needed to choose an office, and to recognise it in a file."""

    id: int
    slug: str
    name: str
    town: str


@dataclass(frozen=True)
class Credentials:
    """What a sign-in is checked against."""

    person_id: int
    password_hash: str | None


def has_people() -> bool:
    """Say whether anybody has an account; the first one is made by whoever opens `/start`."""
    return db.session.scalar(select(Person.id).limit(1)) is not None


def count_people() -> int:
    """Return the stored number of accounts."""
    return counts.read("people")


def person_by_id(person_id: int) -> Person:
    """Return a person; raises Missing."""
    person = db.session.get(Person, person_id)
    if person is None:
        raise Missing
    return person


def person_by_email(email: str) -> Person | None:
    """Return whoever has this address, given as it is stored."""
    return db.session.scalar(select(Person).where(Person.email == email))


def credentials_of(email: str) -> Credentials | None:
    """Return what a sign-in with this address is checked against."""
    row = db.session.execute(select(Person.id, Person.password_hash).where(Person.email == email)).first()
    return Credentials(*row) if row else None


def has_other_administrator(person: Person) -> bool:
    """Say whether somebody beside `person` administers; holds all administrators' roles until the transaction ends."""
    query = select(RoleGrant.person_id).where(RoleGrant.role == PersonRole.ADMINISTRATOR).with_for_update()
    return any(person_id != person.id for person_id in db.session.scalars(query))


def office_names() -> list[OfficeName]:
    """Return all offices by name."""
    rows = db.session.execute(select(_offices).order_by(_offices.c.name))
    return [OfficeName(row.id, row.slug, row.name, row.town) for row in rows]


def people_list(search: str = "", office_id: int | None = None, role: PersonRole | None = None) -> Select[Any]:
    """Return the query of people by name; `search` is the beginning of a word of the name, or of the address."""
    key = name_key(search)
    if key:
        # A range of the index, in its order: the cost is that of the page, however many are found.
        query = select(Person).join(Person.search_keys)
        query = query.where(_begins(SearchKey, key), ~_is_found_before(key)).order_by(SearchKey.key, Person.id)
    else:
        query = select(Person).order_by(Person.name_key, Person.id)
    if office_id is not None:
        query = query.where(Person.office_id == office_id)
    if role is not None:
        # Few hold a role: reading them first spares a walk through all names.
        holders = db.session.scalars(select(RoleGrant.person_id).where(RoleGrant.role == role).limit(MOST_HOLDERS))
        query = query.where(Person.id.in_(holders.all()))
    return query


def _begins(keys: Any, key: str) -> ColumnElement[bool]:
    within: ColumnElement[bool] = keys.key.between(key, f"{key}\U0010ffff")
    return within


def _is_found_before(key: str) -> ColumnElement[bool]:
    """Whether another word of the same person begins so too: of several keys, the first one lists them."""
    other = aliased(SearchKey)
    same = (other.person_id == SearchKey.person_id) & (other.id < SearchKey.id)
    return exists().where(same, _begins(other, key))


def office_count(office_id: int | None) -> str:
    """Return the name of the stored count of an office's people (None: of those without one)."""
    return f"people.office.{office_id or 0}"


def names_of(ids: Iterable[int]) -> dict[int, str]:
    """Return the names of the people with these ids; ids of nobody are left out."""
    rows = db.session.execute(select(Person.id, Person.name).where(Person.id.in_(list(ids))))
    return {row.id: row.name for row in rows}
