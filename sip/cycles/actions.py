"""Everything that changes cycles, their milestones, themes and steering committees, and offices."""

from collections.abc import Iterable, Mapping
from typing import Any

from sip.core import clock, journal, markdown
from sip.core.access import require
from sip.core.db import db, hold
from sip.core.errors import Invalid, Missing
from sip.core.journal import Event
from sip.core.messages import message
from sip.core.slugs import UniqueSlugs, slugify
from sip.cycles import queries
from sip.cycles.checks import (
    DAYS_FIELDS,
    RESERVED,
    check_cycle,
    check_milestone,
    check_office,
    check_slug,
    check_theme,
    with_minimum_days,
)
from sip.cycles.files import BRIEF, CycleFile, MilestoneFile, OfficeFile, ThemeFile, in_order
from sip.cycles.models import Cycle, Milestone, Office, SteeringSeat, Theme
from sip.cycles.policy import (
    may_choose_steering,
    may_edit_cycle,
    may_edit_milestone,
    may_edit_office,
    may_edit_theme,
    may_manage_cycles,
)
from sip.cycles.settling import settle
from sip.cycles.stages import LADDER
from sip.people.models import Person

MAX_MILESTONES = 60
MAX_SEATS = 60
MAX_THEMES = 60


# Cycles


def cycle_values(cycle: Cycle) -> dict[str, Any]:
    """Return what `edit_cycle` may change, as it is now."""
    return {
        "title": cycle.title,
        "introduction": cycle.introduction,
        "opens_on": cycle.opens_on,
        "closes_on": cycle.closes_on,
        "guests_may_comment": cycle.guests_may_comment,
        **{DAYS_FIELDS[stage]: cycle.minimum_days.get(stage, 0) for stage in LADDER},
    }


def create_cycle(actor: Person | None, values: Mapping[str, Any]) -> Cycle:
    """Make a cycle of the values that `cycle_values` names; raises Invalid."""
    require(may_manage_cycles(actor))
    values = with_minimum_days(values)
    check_cycle(values)
    hold("cycles.slug")
    slug = slugify(values["title"], "cycle")
    taken = {*RESERVED, *queries.slugs_like(Cycle, slug)}
    return _new_cycle(actor, UniqueSlugs(taken).claim(slug), values)


def _new_cycle(actor: Person | None, slug: str, values: Mapping[str, Any]) -> Cycle:
    cycle = Cycle(slug=slug, created_at=clock.now(), introduction_html=_introduction_html(values), **values)
    db.session.add(cycle)
    db.session.flush()
    _record(actor, Event.CYCLE_CREATED, cycle, cycle.id, title=cycle.title)
    return cycle


def edit_cycle(actor: Person | None, cycle: Cycle, values: Mapping[str, Any], began_from: str | None = None) -> None:
    """Change a cycle; its address stays. Raises Invalid, or Conflict (see `settle`) where `began_from` is stale."""
    require(may_edit_cycle(actor, cycle))
    _lock(cycle)
    values = with_minimum_days(settle(began_from, cycle_values(cycle), values))
    check_cycle(values)
    _update_cycle(actor, cycle, values)


def _update_cycle(actor: Person | None, cycle: Cycle, values: Mapping[str, Any]) -> None:
    changed = _assign(cycle, values)
    if not changed:
        return
    if "introduction" in changed:
        cycle.introduction_html = _introduction_html(values)
    _record(actor, Event.CYCLE_UPDATED, cycle, cycle.id, title=cycle.title, changed=changed)


def _introduction_html(values: Mapping[str, Any]) -> str:
    return markdown.render(values["introduction"], id_prefix="introduction", heading_offset=1)


# Milestones


def add_milestone(actor: Person | None, cycle: Cycle, values: Mapping[str, Any]) -> Milestone:
    """Add a date to the timeline, of title, on, until and note; raises Invalid."""
    require(may_edit_cycle(actor, cycle))
    _lock(cycle)
    if len(cycle.milestones) >= MAX_MILESTONES:
        raise Invalid(message("A timeline holds %(most)s milestones at most.", most=MAX_MILESTONES))
    check_milestone(cycle, values)
    milestone = _new_milestone(actor, cycle, values)
    db.session.expire(cycle, ["milestones"])  # their order has changed
    return milestone


def _new_milestone(actor: Person | None, cycle: Cycle, values: Mapping[str, Any]) -> Milestone:
    milestone = Milestone(**values)
    cycle.milestones.append(milestone)
    db.session.flush()
    _record_milestone(actor, Event.MILESTONE_ADDED, milestone)
    return milestone


def edit_milestone(actor: Person | None, milestone: Milestone, values: Mapping[str, Any]) -> None:
    """Change a date of the timeline; raises Invalid."""
    require(may_edit_milestone(actor, milestone))
    _hold(milestone)
    check_milestone(milestone.cycle, values)
    if _assign(milestone, values):
        _record_milestone(actor, Event.MILESTONE_UPDATED, milestone)
        db.session.expire(milestone.cycle, ["milestones"])


def remove_milestone(actor: Person | None, milestone: Milestone) -> None:
    """Take a date off the timeline; the cycle's history tells what it was."""
    require(may_edit_milestone(actor, milestone))
    _hold(milestone)
    _record_milestone(actor, Event.MILESTONE_REMOVED, milestone)
    milestone.cycle.milestones.remove(milestone)
    db.session.flush()


def _hold(milestone: Milestone) -> None:
    """Lock the cycle of a milestone; raises Missing where somebody took it off the timeline meanwhile."""
    _lock(milestone.cycle)
    if milestone not in milestone.cycle.milestones:
        raise Missing


def _record_milestone(actor: Person | None, event: Event, milestone: Milestone) -> None:
    _record(actor, event, milestone.cycle, milestone.id, title=milestone.title, on=milestone.on.isoformat())


# Steering committee


def add_to_steering(actor: Person | None, cycle: Cycle, person: Person) -> None:
    """Give `person` a seat in the steering committee; nothing happens where they have one."""
    require(may_choose_steering(actor, cycle))
    _lock(cycle)
    if any(seat.person_id == person.id for seat in cycle.seats):
        return
    if person.joined_at is None:
        raise Invalid(message("%(name)s has not accepted the invitation to this site yet.", name=person.name))
    if len(cycle.seats) >= MAX_SEATS:
        raise Invalid(message("A steering committee has %(most)s people at most.", most=MAX_SEATS))
    cycle.seats.append(SteeringSeat(person=person))
    _record_steering(actor, cycle, person, is_added=True)


def remove_from_steering(actor: Person | None, cycle: Cycle, person_id: int) -> Person | None:
    """Take somebody's seat away and return them; None where they have none."""
    require(may_choose_steering(actor, cycle))
    _lock(cycle)
    seat = next((seat for seat in cycle.seats if seat.person_id == person_id), None)
    if seat is None:
        return None
    person = seat.person
    cycle.seats.remove(seat)
    _record_steering(actor, cycle, person, is_added=False)
    return person


def _record_steering(actor: Person | None, cycle: Cycle, person: Person, *, is_added: bool) -> None:
    facts = {"name": person.name, "person_id": person.id, "is_added": is_added}
    _record(actor, Event.CYCLE_STEERING_CHANGED, cycle, cycle.id, **facts)


# Themes


def theme_values(theme: Theme) -> dict[str, Any]:
    """Return what `edit_theme` may change, as it is now."""
    return {name: getattr(theme, name) for name in ("title", "question", "position", *BRIEF)}


def create_theme(actor: Person | None, cycle: Cycle, values: Mapping[str, Any]) -> Theme:
    """Make a theme of the values that `theme_values` names; raises Invalid."""
    require(may_edit_cycle(actor, cycle))
    _lock(cycle)
    if len(cycle.themes) >= MAX_THEMES:
        raise Invalid(message("A cycle has %(most)s themes at most.", most=MAX_THEMES))
    check_theme(values, cycle.themes)
    taken = {*RESERVED, *(theme.slug for theme in cycle.themes)}
    return _new_theme(actor, cycle, UniqueSlugs(taken).claim(slugify(values["title"], "theme")), values)


def _new_theme(actor: Person | None, cycle: Cycle, slug: str, values: Mapping[str, Any]) -> Theme:
    theme = Theme(cycle=cycle, slug=slug, brief_html=_brief_html(values), **values)
    db.session.add(theme)
    db.session.flush()
    db.session.expire(cycle, ["themes"])  # their order has changed
    _record_theme(actor, Event.THEME_CREATED, theme)
    return theme


def edit_theme(actor: Person | None, theme: Theme, values: Mapping[str, Any], began_from: str | None = None) -> None:
    """Change a theme; its address stays. Raises Invalid, or Conflict (see `settle`) where `began_from` is stale."""
    require(may_edit_theme(actor, theme))
    _lock(theme)
    values = settle(began_from, theme_values(theme), values)
    check_theme(values, [other for other in theme.cycle.themes if other is not theme])
    _update_theme(actor, theme, values)


def _update_theme(actor: Person | None, theme: Theme, values: Mapping[str, Any]) -> None:
    changed = _assign(theme, values)
    if not changed:
        return
    theme.brief_html = _brief_html(values)
    if "position" in changed:
        db.session.flush()
        db.session.expire(theme.cycle, ["themes"])
    _record_theme(actor, Event.THEME_UPDATED, theme, changed=changed)


def _record_theme(actor: Person | None, event: Event, theme: Theme, **data: Any) -> None:
    _record(actor, event, theme.cycle, theme.id, title=theme.title, theme=theme.slug, **data)


def _brief_html(values: Mapping[str, Any]) -> dict[str, str]:
    return {part: markdown.render(values[part], id_prefix=part, heading_offset=2) for part in BRIEF}


# Offices


def create_office(actor: Person | None, values: Mapping[str, Any]) -> Office:
    """Make an office of name, town and country; raises Invalid."""
    require(may_manage_cycles(actor))
    hold("offices.slug")
    check_office(values, queries.offices())
    slug = slugify(values["town"] or values["name"], "office")
    return _new_office(actor, UniqueSlugs(queries.slugs_like(Office, slug)).claim(slug), values)


def _new_office(actor: Person | None, slug: str, values: Mapping[str, Any]) -> Office:
    office = Office(slug=slug, **values)
    db.session.add(office)
    db.session.flush()
    journal.record(actor, Event.OFFICE_CREATED, office.id, name=office.name, office=office.slug)
    db.session.flush()
    return office


def edit_office(actor: Person | None, office: Office, values: Mapping[str, Any]) -> None:
    """Change an office; its address stays. Raises Invalid."""
    require(may_edit_office(actor, office))
    check_office(values, [other for other in queries.offices() if other is not office])
    _update_office(actor, office, values)


def _update_office(actor: Person | None, office: Office, values: Mapping[str, Any]) -> None:
    if _assign(office, values):
        journal.record(actor, Event.OFFICE_UPDATED, office.id, name=office.name, office=office.slug)
        db.session.flush()


# From and to files. An actor of None is the command line, which may do everything.


def store_cycle(actor: Person | None, file: CycleFile) -> Cycle:
    """Make or change the cycle with the slug of `file`, so that it is as the file says; raises Invalid."""
    values = {
        "title": file.title,
        "introduction": file.introduction,
        "opens_on": file.opens,
        "closes_on": file.closes,
        "guests_may_comment": file.guests_may_comment,
        "minimum_days": in_order(file.minimum_days),
    }
    check_slug(file.slug)
    check_cycle(values)
    cycle = db.session.scalar(db.select(Cycle).where(Cycle.slug == file.slug))
    if actor is not None:
        require(may_manage_cycles(actor) if cycle is None else may_edit_cycle(actor, cycle))
    if cycle is None:
        cycle = _new_cycle(actor, file.slug, values)
    else:
        _update_cycle(actor, cycle, values)
    _store_milestones(actor, cycle, file.milestones)
    return cycle


def _store_milestones(actor: Person | None, cycle: Cycle, wanted: Iterable[MilestoneFile]) -> None:
    """Keep the milestones that the file has too, word for word, and make the others as it says."""
    left = list(cycle.milestones)
    for file in wanted:
        values = {"title": file.title, "on": file.on, "until": file.until, "note": file.note}
        check_milestone(cycle, values)
        found = next((kept for kept in left if _milestone_file(kept) == file), None)
        if found is not None:
            left.remove(found)
            continue
        _new_milestone(actor, cycle, values)
    for milestone in left:
        _record_milestone(actor, Event.MILESTONE_REMOVED, milestone)
        cycle.milestones.remove(milestone)
    db.session.flush()
    db.session.expire(cycle, ["milestones"])


def store_theme(actor: Person | None, cycle: Cycle, file: ThemeFile) -> Theme:
    """Make or change the theme of `cycle` with the slug of `file`; raises Invalid."""
    values = {name: getattr(file, name) for name in ("title", "question", "position", *BRIEF)}
    if actor is not None:
        require(may_edit_cycle(actor, cycle))
    check_slug(file.slug)
    theme = next((theme for theme in cycle.themes if theme.slug == file.slug), None)
    check_theme(values, [other for other in cycle.themes if other is not theme])
    if theme is None:
        return _new_theme(actor, cycle, file.slug, values)
    _update_theme(actor, theme, values)
    return theme


def store_offices(actor: Person | None, files: Iterable[OfficeFile]) -> list[Office]:
    """Make or change the offices with the slugs of `files`; the others stay. Raises Invalid."""
    if actor is not None:
        require(may_manage_cycles(actor))
    known = {office.slug: office for office in queries.offices()}
    stored = []
    for file in files:
        values = {"name": file.name, "town": file.town, "country": file.country}
        check_office(values, [other for slug, other in known.items() if slug != file.slug])
        if file.slug in known:
            _update_office(actor, known[file.slug], values)
        else:
            known[file.slug] = _new_office(actor, file.slug, values)
        stored.append(known[file.slug])
    return stored


def cycle_file(cycle: Cycle) -> CycleFile:
    """Return a cycle with its milestones as a file."""
    return CycleFile(
        slug=cycle.slug,
        title=cycle.title,
        opens=cycle.opens_on,
        closes=cycle.closes_on,
        guests_may_comment=cycle.guests_may_comment,
        minimum_days=in_order(cycle.minimum_days),
        milestones=tuple(_milestone_file(milestone) for milestone in cycle.milestones),
        introduction=cycle.introduction,
    )


def _milestone_file(milestone: Milestone) -> MilestoneFile:
    return MilestoneFile(milestone.title, milestone.on, milestone.until, milestone.note)


def theme_file(theme: Theme) -> ThemeFile:
    """Return a theme with its brief as a file."""
    return ThemeFile(slug=theme.slug, **theme_values(theme))


def office_file(office: Office) -> OfficeFile:
    """Return an office as an entry of the list of offices."""
    return OfficeFile(office.slug, office.name, office.town, office.country)


def _record(actor: Person | None, event: Event, cycle: Cycle, subject_id: int, **data: Any) -> None:
    journal.record(actor, event, subject_id, cycle_id=cycle.id, cycle=cycle.slug, **data)
    db.session.flush()


def _lock(thing: Cycle | Theme) -> None:
    """Hold other writers back until the transaction ends, and see what they did before."""
    db.session.refresh(thing, with_for_update={"of": type(thing)})
    cycle = thing if isinstance(thing, Cycle) else thing.cycle
    db.session.expire(cycle, ["milestones", "themes", "seats"])


def _assign(thing: Any, values: Mapping[str, Any]) -> list[str]:
    """Set the values and return the names of those that were different."""
    changed = [name for name, value in values.items() if getattr(thing, name) != value]
    for name in changed:
        setattr(thing, name, values[name])
    return changed
