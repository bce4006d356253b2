"""What the home page looks at, in a number of queries that does not grow with the content."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import joinedload, selectinload

from sip.core import clock, counts
from sip.core.db import db
from sip.cycles.models import Cycle, Milestone, Office, SteeringSeat, Theme
from sip.drafts.models import Draft
from sip.drafts.queries import drafts_of_person, newly_published
from sip.groups.models import Membership, MembershipState, WorkingGroup
from sip.people.models import Person
from sip.threads import queries as threads

SHOWN = 6


@dataclass(frozen=True)
class CurrentCycle:
    """The cycle that runs now (or the next, or the last), with what its first page shows."""

    cycle: Cycle
    themes: list[Theme]
    upcoming: list[Milestone]
    group_count: int


@dataclass(frozen=True)
class Awaiting:
    """What awaits a member: their groups, texts that moved since their last visit, invitations, requests to answer.

    `to_answer` are documents in which contributions wait for the group's answer, which they give, with their number;
    `to_moderate` counts comments that wait for them as a moderator.
    """

    memberships: list[Membership]
    invitations: list[Membership]
    requests: list[Membership]
    moved: list[Draft]
    drafts: list[Draft]
    since: datetime | None
    to_answer: list[tuple[Draft, int]]
    to_moderate: int


def current_cycle() -> CurrentCycle | None:
    """Return the running cycle, else the next one, else the last; None before there is any."""
    today = clock.today()
    running = select(Cycle).where(Cycle.opens_on <= today, Cycle.closes_on >= today).order_by(Cycle.opens_on.desc())
    coming = select(Cycle).where(Cycle.opens_on > today).order_by(Cycle.opens_on)
    past = select(Cycle).order_by(Cycle.closes_on.desc())
    for query in (running, coming, past):
        cycle = db.session.scalar(query.limit(1).options(selectinload(Cycle.themes), selectinload(Cycle.milestones)))
        if cycle is not None:
            break
    else:
        return None
    upcoming = [milestone for milestone in cycle.milestones if milestone.ends_on >= today]
    group_count = db.session.scalar(
        select(func.count(WorkingGroup.id)).join(WorkingGroup.theme).where(Theme.cycle_id == cycle.id)
    )
    return CurrentCycle(cycle, list(cycle.themes), upcoming[:SHOWN], group_count or 0)


def published() -> list[Draft]:
    """Return the documents published last."""
    return newly_published(SHOWN)


def offices() -> int:
    """Return the number of offices."""
    return db.session.scalar(select(func.count(Office.id))) or 0


def members() -> int:
    """Return the number of members."""
    return counts.read("people")


def awaiting(person: Person) -> Awaiting:
    """Return what awaits `person`."""
    mine = list(
        db.session.scalars(
            select(Membership)
            .where(
                Membership.person_id == person.id,
                Membership.state.in_([MembershipState.ACTIVE, MembershipState.INVITED]),
            )
            .options(joinedload(Membership.group).joinedload(WorkingGroup.theme).joinedload(Theme.cycle))
            .order_by(Membership.since.desc())
            .limit(50)
        )
    )
    led = [m.group_id for m in mine if m.is_active and m.role in ("facilitator", "secretary")]
    requests = list(
        db.session.scalars(
            select(Membership)
            .where(Membership.group_id.in_(led), Membership.state == MembershipState.REQUESTED)
            .options(joinedload(Membership.group), joinedload(Membership.person))
            .limit(50)
        )
    )
    drafts = drafts_of_person(person)
    since = person.previous_visit_at
    moved = [draft for draft in drafts if since is None or draft.changed_at > since]
    return Awaiting(
        memberships=[m for m in mine if m.is_active],
        invitations=[m for m in mine if not m.is_active],
        requests=requests,
        moved=moved[:SHOWN],
        drafts=drafts,
        since=since,
        to_answer=_to_answer(drafts, set(led)),
        to_moderate=_to_moderate(person),
    )


def _to_answer(drafts: list[Draft], led: set[int]) -> list[tuple[Draft, int]]:
    mine = {draft.id: draft for draft in drafts if any(group.id in led for group in draft.groups)}
    return [(mine[key], number) for key, number in threads.waiting_by_draft(mine).items()]


def _to_moderate(person: Person) -> int:
    steers = exists().where(SteeringSeat.person_id == person.id)
    if not db.session.scalar(select(steers)):
        return 0
    return threads.count(threads.held(person)) + threads.count(threads.reported(person))


def is_empty() -> bool:
    """Say whether nobody has ever been registered: then the first page makes the first administrator."""
    return db.session.scalar(select(Person.id).limit(1)) is None
