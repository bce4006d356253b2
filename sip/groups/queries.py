"""Lookups and lists of working groups and their people; what a page needs is loaded here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, case, false, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from sip.core import counts
from sip.core.db import db
from sip.core.errors import Missing
from sip.core.journal import Event, JournalEntry
from sip.cycles.models import Cycle, Office, Theme
from sip.groups.models import GroupRole, Membership, MembershipState, WorkingGroup
from sip.people.models import Person
from sip.people.queries import office_count

# What every member may read of a group's record, and what only those read who answer requests and invite people.
OPEN_EVENTS = (
    Event.GROUP_CREATED,
    Event.GROUP_UPDATED,
    Event.MEMBERSHIP_BEGUN,
    Event.MEMBERSHIP_ROLE_CHANGED,
    Event.MEMBERSHIP_ENDED,
)
DESK_EVENTS = (Event.MEMBERSHIP_REQUESTED, Event.MEMBERSHIP_INVITED, Event.MEMBERSHIP_DECLINED)

_RANKS = {GroupRole.FACILITATOR: 0, GroupRole.SECRETARY: 1, GroupRole.REFERENT: 2}
_by_role = case({role.value: rank for role, rank in _RANKS.items()}, value=Membership.role, else_=3)


@dataclass(frozen=True)
class GroupRow:
    """A group in a list: how many people are in it, and who facilitates it (None where nobody does)."""

    group: WorkingGroup
    people: int
    facilitator: str | None


@dataclass(frozen=True)
class OfficeShare:
    """How many people of an office work in groups, and how many belong to it; `office` is None for those in none."""

    office: Office | None
    taking_part: int
    people: int


@dataclass(frozen=True)
class Participation:
    """Who takes part in the groups of a cycle, against who could."""

    groups: int
    taking_part: int
    people: int
    shares: list[OfficeShare]

    @property
    def offices_present(self) -> int:
        """The number of offices of which at least one person takes part."""
        return sum(1 for share in self.shares if share.office is not None and share.taking_part)


def group_by_slug(slug: str) -> WorkingGroup:
    """Return a group with what its pages show and its policies ask, but without its people's names; raises Missing."""
    group = db.session.scalar(select(WorkingGroup).where(WorkingGroup.slug == slug).options(*_surroundings()))
    if group is None:
        raise Missing
    return group


def membership_by_id(slug: str, membership: int) -> Membership:
    """Return a membership (by its id) of the group with this slug, in whatever state; raises Missing."""
    found = db.session.scalar(
        select(Membership)
        .join(Membership.group)
        .where(WorkingGroup.slug == slug, Membership.id == membership)
        .options(joinedload(Membership.person), joinedload(Membership.group).options(*_surroundings()))
    )
    if found is None:
        raise Missing
    return found


def _surroundings() -> list[Any]:
    return [
        joinedload(WorkingGroup.theme).joinedload(Theme.cycle).selectinload(Cycle.seats),
        selectinload(WorkingGroup.offices),
        selectinload(WorkingGroup.memberships),
    ]


def groups(cycle: str = "", theme: str = "", office: str = "") -> Select[Any]:
    """Return the query of all groups by name, filtered by slugs."""
    query = (
        select(WorkingGroup)
        .options(selectinload(WorkingGroup.offices), joinedload(WorkingGroup.theme).joinedload(Theme.cycle))
        .order_by(WorkingGroup.name, WorkingGroup.id)
    )
    if theme or cycle:
        query = query.join(WorkingGroup.theme).join(Theme.cycle)
    if cycle:
        query = query.where(Cycle.slug == cycle)
    if theme:
        query = query.where(Theme.slug == theme)
    if office:
        query = query.where(WorkingGroup.offices.any(Office.slug == office))
    return query


def rows(groups: Sequence[WorkingGroup]) -> list[GroupRow]:
    """Return the groups with their figures, in the same order, whatever their number in two queries."""
    ids = [group.id for group in groups]
    is_active = Membership.state == MembershipState.ACTIVE
    people = dict(
        db.session.execute(
            select(Membership.group_id, func.count(Membership.id))
            .where(Membership.group_id.in_(ids), is_active)
            .group_by(Membership.group_id)
        ).all()
    )
    facilitators = dict(
        db.session.execute(
            select(Membership.group_id, Person.name)
            .join(Membership.person)
            .where(Membership.group_id.in_(ids), is_active, Membership.role == GroupRole.FACILITATOR)
        ).all()
    )
    return [GroupRow(group, people.get(group.id, 0), facilitators.get(group.id)) for group in groups]


def groups_of_cycle(cycle: Cycle) -> list[GroupRow]:
    """Return the groups of all themes of a cycle, by name."""
    return rows(db.session.scalars(groups(cycle=cycle.slug).limit(500)).all())


def groups_of_theme(theme: Theme) -> list[GroupRow]:
    """Return the groups that work on a theme, by name."""
    query = groups().where(WorkingGroup.theme_id == theme.id)
    return rows(db.session.scalars(query.limit(500)).all())


def participation(cycle: Cycle) -> Participation:
    """Count who takes part in the groups of a cycle, office by office, against who could."""
    in_cycle = select(WorkingGroup.id).join(WorkingGroup.theme).where(Theme.cycle_id == cycle.id)
    taking_part = dict(
        db.session.execute(
            select(Person.office_id, func.count(Person.id.distinct()))
            .join(Membership, Membership.person_id == Person.id)
            .where(Membership.group_id.in_(in_cycle), Membership.state == MembershipState.ACTIVE)
            .group_by(Person.office_id)
        ).all()
    )
    offices: list[Office | None] = [*db.session.scalars(select(Office).order_by(Office.name, Office.id)), None]
    belonging = counts.read_all("people.office.")
    shares = []
    for office in offices:
        key = office.id if office is not None else None
        shares.append(OfficeShare(office, taking_part.get(key, 0), belonging.get(office_count(key), 0)))
    return Participation(
        groups=db.session.scalar(select(func.count()).where(WorkingGroup.id.in_(in_cycle))) or 0,
        taking_part=sum(taking_part.values()),
        people=counts.read("people"),
        shares=[share for share in shares if share.office is not None or share.people],
    )


def reload_memberships(group: WorkingGroup) -> None:
    """Read the memberships of a group again, since what the session remembers of them may be older than a lock."""
    query = select(Membership).where(Membership.group_id == group.id).execution_options(populate_existing=True)
    db.session.scalars(query).all()
    db.session.refresh(group, ["memberships"])


def people_of(group: WorkingGroup) -> Select[Any]:
    """Return the query of the active memberships with their people: those with a duty first, then by name."""
    return _memberships(group, MembershipState.ACTIVE).order_by(_by_role, Person.name_key, Membership.id)


def duties_of(group: WorkingGroup) -> list[Membership]:
    """Return the active memberships of facilitator, secretary and referents, with their people."""
    query = people_of(group).where(Membership.role.in_([role.value for role in _RANKS]))
    return list(db.session.scalars(query))


def requests_to(group: WorkingGroup) -> list[Membership]:
    """Return who asks to join, the one that waits longest first."""
    query = _memberships(group, MembershipState.REQUESTED).order_by(Membership.since, Membership.id)
    return list(db.session.scalars(query.limit(200)))


def invitations_of(group: WorkingGroup) -> list[Membership]:
    """Return who is invited and has not answered, the latest first."""
    query = _memberships(group, MembershipState.INVITED).order_by(Membership.since.desc(), Membership.id)
    return list(db.session.scalars(query.limit(200)))


def _memberships(group: WorkingGroup, state: MembershipState) -> Select[Any]:
    return (
        select(Membership)
        .join(Membership.person)
        .where(Membership.group_id == group.id, Membership.state == state)
        .options(joinedload(Membership.person).lazyload(Person.grants))
    )


def history(group: WorkingGroup, *, is_desk: bool, open_texts: Iterable[int], published: Iterable[int]) -> Select[Any]:
    """Return the query of a group's record, the latest first.

    `is_desk` adds requests and invitations; of the documents `open_texts` (ids) everything is told, of those
    `published` only that they were.
    """
    events = (*OPEN_EVENTS, *DESK_EVENTS) if is_desk else OPEN_EVENTS
    is_own = JournalEntry.event.in_(events) & (JournalEntry.group_id == group.id)
    texts, out = list(open_texts), list(published)
    is_text = JournalEntry.draft_id.in_(texts) if texts else false()
    is_publication = (
        (JournalEntry.event == Event.VERSION_PUBLISHED) & JournalEntry.draft_id.in_(out) if out else false()
    )
    return select(JournalEntry).where(or_(is_own, is_text, is_publication)).order_by(JournalEntry.id.desc())


def slugs_like(slug: str) -> list[str]:
    """Return the slugs of groups that begin like `slug`."""
    return list(
        db.session.scalars(select(WorkingGroup.slug).where(WorkingGroup.slug.startswith(slug, autoescape=True)))
    )


def names_in_theme(theme: Theme) -> dict[int, str]:
    """Return the names of a theme's groups under their ids."""
    query = select(WorkingGroup.id, WorkingGroup.name).where(WorkingGroup.theme_id == theme.id)
    return dict(db.session.execute(query).all())
