"""Lookups and lists of cycles, themes and offices; what a page needs is loaded here."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload, selectinload

from sip.core import clock, counts
from sip.core.db import db
from sip.core.errors import Missing
from sip.core.journal import Event, JournalEntry
from sip.cycles.models import Cycle, Milestone, Office, SteeringSeat, Theme
from sip.people.models import Person
from sip.people.queries import office_count

# What everybody may read of a cycle's record; texts that are being written tell nothing here.
PUBLIC_EVENTS = (
    Event.CYCLE_CREATED,
    Event.CYCLE_UPDATED,
    Event.CYCLE_STEERING_CHANGED,
    Event.MILESTONE_ADDED,
    Event.MILESTONE_UPDATED,
    Event.MILESTONE_REMOVED,
    Event.THEME_CREATED,
    Event.THEME_UPDATED,
    Event.GROUP_CREATED,
    Event.STAGE_MOVED,
    Event.BALLOT_OPENED,
    Event.BALLOT_CLOSED,
    Event.BALLOT_CANCELLED,
    Event.REVIEW_RECEIVED,
    Event.RESPONSE_PUBLISHED,
    Event.COMMITMENT_MADE,
    Event.COMMITMENT_CHANGED,
    Event.COMMITMENT_REPORTED,
    Event.AGENDA_PUBLISHED,
    Event.MINUTES_PUBLISHED,
    Event.POINT_DECIDED,
)


@dataclass(frozen=True)
class OfficeRow:
    """An office with the number of people who belong to it."""

    office: Office
    people: int


def cycle_by_slug(slug: str) -> Cycle:
    """Return a cycle with what its pages show and its policies ask; raises Missing."""
    cycle = db.session.scalar(
        select(Cycle)
        .where(Cycle.slug == slug)
        .options(
            selectinload(Cycle.milestones),
            selectinload(Cycle.themes),
            selectinload(Cycle.seats).joinedload(SteeringSeat.person).lazyload(Person.grants),
        )
    )
    if cycle is None:
        raise Missing
    return cycle


def theme_by_slug(cycle: str, theme: str) -> Theme:
    """Return a theme with its cycle, that cycle's other themes and steering committee; raises Missing."""
    found = db.session.scalar(
        select(Theme)
        .join(Theme.cycle)
        .where(Cycle.slug == cycle, Theme.slug == theme)
        .options(joinedload(Theme.cycle).options(selectinload(Cycle.themes), selectinload(Cycle.seats)))
    )
    if found is None:
        raise Missing
    return found


def milestone_by_id(slug: str, milestone: int) -> Milestone:
    """Return a milestone (by its id) of the cycle with this slug; raises Missing."""
    found = db.session.get(Milestone, milestone)
    if found is None or found.cycle.slug != slug:
        raise Missing
    return found


def office_by_slug(slug: str) -> Office:
    """Return an office; raises Missing."""
    office = db.session.scalar(select(Office).where(Office.slug == slug))
    if office is None:
        raise Missing
    return office


def cycles() -> Select[Any]:
    """Return the query of all cycles, the latest first."""
    return select(Cycle).order_by(Cycle.opens_on.desc(), Cycle.id.desc()).options(selectinload(Cycle.themes))


def cycles_to_manage(person: Person | None) -> list[Cycle]:
    """Return the cycles that `person` may change, the latest first: all for administrators."""
    if person is None:
        return []
    query = cycles().options(selectinload(Cycle.seats))
    if not person.is_administrator:
        query = query.where(Cycle.seats.any(SteeringSeat.person_id == person.id))
    return list(db.session.scalars(query.limit(200)))


def themes_to_choose() -> list[Theme]:
    """Return the themes of the latest cycles with their cycle, to filter lists by."""
    latest = select(Cycle.id).order_by(Cycle.opens_on.desc(), Cycle.id.desc()).limit(10)
    query = select(Theme).join(Theme.cycle).where(Theme.cycle_id.in_(latest)).options(joinedload(Theme.cycle))
    return list(db.session.scalars(query.order_by(Cycle.opens_on.desc(), Cycle.id.desc(), Theme.position, Theme.id)))


def chosen(theme: str, cycle: str) -> dict[str, int]:
    """Return what a list is filtered by, `theme_id` or `cycle_id`, from slugs; 0, which nothing has, for unknown ones.

    A theme named without its cycle is the latest cycle's.
    """
    if theme:
        query = select(Theme.id).join(Theme.cycle).where(Theme.slug == theme)
        query = query.where(Cycle.slug == cycle) if cycle else query
        return {"theme_id": db.session.scalar(query.order_by(Cycle.opens_on.desc(), Cycle.id.desc()).limit(1)) or 0}
    if cycle:
        return {"cycle_id": db.session.scalar(select(Cycle.id).where(Cycle.slug == cycle)) or 0}
    return {}


def offices() -> list[Office]:
    """Return all offices by name."""
    return list(db.session.scalars(select(Office).order_by(Office.name, Office.id)))


def offices_by_slug(slugs: list[str]) -> dict[str, Office]:
    """Return those of the offices that exist, under their slugs."""
    return {office.slug: office for office in db.session.scalars(select(Office).where(Office.slug.in_(slugs)))}


def office_rows() -> list[OfficeRow]:
    """Return all offices by name, with the number of people who belong to each."""
    people = counts.read_all("people.office.")
    return [OfficeRow(office, people.get(office_count(office.id), 0)) for office in offices()]


def history(cycle: Cycle, published: Select[Any]) -> Select[Any]:
    """Return the query of a cycle’s record, the latest first, with the publications of documents (query of ids)."""
    is_own = JournalEntry.event.in_(PUBLIC_EVENTS) & (JournalEntry.cycle_id == cycle.id)
    is_publication = (JournalEntry.event == Event.VERSION_PUBLISHED) & JournalEntry.draft_id.in_(published)
    return select(JournalEntry).where(or_(is_own, is_publication)).order_by(JournalEntry.id.desc())


def slugs_like(model: type[Cycle] | type[Office], slug: str) -> list[str]:
    """Return the slugs that begin like `slug`, of all cycles or offices."""
    return list(db.session.scalars(select(model.slug).where(model.slug.startswith(slug, autoescape=True))))


def milestones_now(cycle: Cycle) -> list[Milestone]:
    """Return the milestones that go on today."""
    today = clock.today()
    return [milestone for milestone in cycle.milestones if milestone.on <= today <= milestone.ends_on]


def next_milestone(cycle: Cycle) -> Milestone | None:
    """Return the first milestone after today, or None."""
    today = clock.today()
    return next((milestone for milestone in cycle.milestones if milestone.on > today), None)


def position_behind(cycle: Cycle) -> int:
    """Return the position behind the last theme."""
    return max((theme.position for theme in cycle.themes), default=0) + 1
