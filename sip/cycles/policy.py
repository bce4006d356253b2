"""Who may see and change cycles, themes, milestones and offices."""

from sip.core.access import YES, Answer, no
from sip.core.messages import N_
from sip.cycles.models import Cycle, Milestone, Office, Theme
from sip.people.models import Person


def is_steering(person: Person | None, cycle: Cycle) -> bool:
    """Say whether `person` sits in the steering committee of `cycle`."""
    return person is not None and any(seat.person_id == person.id for seat in cycle.seats)


def may_manage_cycles(person: Person | None) -> Answer:
    """Make new cycles and offices: administrators."""
    if person is not None and person.is_administrator:
        return YES
    return no(N_("Only administrators may do this."))


def may_edit_cycle(person: Person | None, cycle: Cycle) -> Answer:
    """Change a cycle, its milestones and its themes: its steering committee and administrators."""
    if person is not None and (person.is_administrator or is_steering(person, cycle)):
        return YES
    return no(N_("Only the steering committee of this cycle may do this."))


def may_choose_steering(person: Person | None, cycle: Cycle) -> Answer:
    """Name the steering committee: administrators."""
    return may_manage_cycles(person)


def may_edit_theme(person: Person | None, theme: Theme) -> Answer:
    """Change a theme's question and brief: as its cycle."""
    return may_edit_cycle(person, theme.cycle)


def may_read_cycle(person: Person | None, cycle: Cycle) -> Answer:
    """Read what a cycle is about, its dates and its history: everybody."""
    return YES


def may_read_theme(person: Person | None, theme: Theme) -> Answer:
    """Read a theme's question and brief: everybody."""
    return YES


def may_open_desk(person: Person | None, cycles: list[Cycle]) -> Answer:
    """Open the list of `cycles` to manage: administrators, and whoever steers one of them."""
    if person is not None and (person.is_administrator or any(is_steering(person, cycle) for cycle in cycles)):
        return YES
    return no(N_("Only administrators and steering committees may do this."))


def may_edit_milestone(person: Person | None, milestone: Milestone) -> Answer:
    """Change or remove a milestone: as its cycle."""
    return may_edit_cycle(person, milestone.cycle)


def may_edit_office(person: Person | None, office: Office) -> Answer:
    """Change an office: administrators."""
    return may_manage_cycles(person)
