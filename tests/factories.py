"""Things that tests need, made in the running session and committed, with sensible values for what is not given."""

from datetime import date, timedelta
from itertools import count
from typing import Any

from sip.bodies.models import Body, BodyKind, BodySeat
from sip.core import clock, counts
from sip.core.db import db
from sip.core.slugs import slugify
from sip.cycles.models import Cycle, Milestone, Office, SteeringSeat, Theme
from sip.cycles.stages import Stage
from sip.drafts.actions import stages
from sip.drafts.actions.arranging import new_key
from sip.drafts.actions.documents import new_draft, write_texts
from sip.drafts.actions.versions import count_published
from sip.drafts.models import Draft, Section, SectionKind
from sip.groups.models import GroupRole, Membership, MembershipState, WorkingGroup
from sip.people.models import Person, PersonRole, RoleGrant, SearchKey
from sip.people.names import search_keys
from sip.people.queries import office_count

_numbers = count(1)


def _saved(thing: Any) -> Any:
    db.session.add(thing)
    db.session.commit()
    return thing


def make_person(name: str = "", *, roles: tuple[PersonRole, ...] = (), **values: Any) -> Person:
    """A member who has joined; `roles` hold everywhere."""
    number = next(_numbers)
    name = name or f"Personne {number}"
    values = {
        "email": f"personne{number}@example.org",
        "name": name,
        "name_key": name.lower(),
        "created_at": clock.now(),
        "joined_at": clock.now(),
        "language": "en",
        **values,
    }
    counts.add(office_count(values.get("office_id")))
    keys = [SearchKey(key=key) for key in search_keys(name, values["email"])]
    return _saved(Person(grants=[RoleGrant(role=role) for role in roles], search_keys=keys, **values))


def make_administrator(**values: Any) -> Person:
    """A person who administers the installation."""
    return make_person(roles=(PersonRole.ADMINISTRATOR,), **values)


def make_office(**values: Any) -> Office:
    """A local office."""
    number = next(_numbers)
    return _saved(
        Office(**{"slug": f"antenne-{number}", "name": f"Antenne {number}", "town": f"Ville {number}", **values})
    )


def make_body(*people: Person, kind: BodyKind = BodyKind.ETHICS, **values: Any) -> Body:
    """A body with a seat for each of `people`; board and steering committee have none."""
    number = next(_numbers)
    values = {"slug": f"instance-{number}", "name": f"Instance {number}", "created_at": clock.now(), **values}
    return _saved(Body(kind=kind, seats=[BodySeat(person=person, since=clock.now()) for person in people], **values))


def make_cycle(*, steering: tuple[Person, ...] = (), **values: Any) -> Cycle:
    """A running cycle, with a steering committee of `steering`."""
    number = next(_numbers)
    today = date.today()
    values = {
        "slug": f"cycle-{number}",
        "title": f"Cycle {number}",
        "opens_on": today - timedelta(days=60),
        "closes_on": today + timedelta(days=200),
        "created_at": clock.now(),
        **values,
    }
    return _saved(Cycle(seats=[SteeringSeat(person_id=person.id) for person in steering], **values))


def make_milestone(cycle: Cycle, **values: Any) -> Milestone:
    """A date on the cycle's timeline, in a week."""
    values = {"title": "Étape", "on": date.today() + timedelta(days=7), **values}
    return _saved(Milestone(cycle_id=cycle.id, **values))


def make_theme(cycle: Cycle | None = None, **values: Any) -> Theme:
    """A theme, in a cycle of its own unless one is given."""
    number = next(_numbers)
    cycle = cycle or make_cycle()
    return _saved(Theme(cycle=cycle, **{"slug": f"theme-{number}", "title": f"Thème {number}", **values}))


def make_group(
    theme: Theme | None = None,
    *,
    facilitator: Person | None = None,
    secretary: Person | None = None,
    referent: Person | None = None,
    participants: tuple[Person, ...] = (),
    **values: Any,
) -> WorkingGroup:
    """A working group with the people given, each active."""
    number = next(_numbers)
    group = WorkingGroup(
        theme=theme or make_theme(),
        **{"slug": f"groupe-{number}", "name": f"Groupe {number}", "created_at": clock.now(), **values},
    )
    people = [
        (facilitator, GroupRole.FACILITATOR),
        (secretary, GroupRole.SECRETARY),
        (referent, GroupRole.REFERENT),
        *((person, GroupRole.PARTICIPANT) for person in participants),
    ]
    group.memberships = [
        Membership(person=person, role=role, state=MembershipState.ACTIVE, since=clock.now())
        for person, role in people
        if person is not None
    ]
    return _saved(group)


def make_membership(
    group: WorkingGroup,
    person: Person,
    state: MembershipState = MembershipState.ACTIVE,
    role: GroupRole = GroupRole.PARTICIPANT,
    **values: Any,
) -> Membership:
    """What ties a person to a group, in the state given."""
    return _saved(Membership(group=group, person=person, state=state, role=role, since=clock.now(), **values))


def make_draft(
    *groups: WorkingGroup, sections: tuple[tuple[str, str], ...] = (("Introduction", "Un texte."),), **values: Any
) -> Draft:
    """A document written by `groups` (one of its own unless given), with sections of (title, text).

    The first section is prose, the others are recommendations.
    """
    groups = groups or (make_group(),)
    draft = new_draft(groups[0].theme, values.pop("title", "Un document"), groups, "fr", slug=values.pop("slug", ""))
    rows = [
        Section(
            draft=draft,
            key=new_key(),
            slug=slugify(title),
            title=title,
            kind=SectionKind.RECOMMENDATION if position > 1 else SectionKind.PROSE,
            position=position,
            changed_at=clock.now(),
            stage=values.get("stage", Stage.DRAFTING),
        )
        for position, (title, _text) in enumerate(sections, 1)
    ]
    write_texts(draft, zip(rows, (text for _title, text in sections), strict=True))
    db.session.commit()
    return draft


def let_stand(draft: Draft, stage: Stage, *sections: Section) -> None:
    """Let sections of a document (all unless some are given) stand at a stage, wherever they stood before."""
    for section in sections or draft.sections:
        if section.stage != stage:
            stages._move(None, section, stage, "", None)
    db.session.commit()


def publish(draft: Draft, number: int = 1) -> Draft:
    """Let everybody know of a document, without the version that a page would show."""
    draft.publish(number, clock.now())
    count_published(draft)
    db.session.commit()
    return draft
