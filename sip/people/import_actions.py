"""Taking over a list of members: all of it, or nothing."""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from sip.core import clock, counts, journal, outbox
from sip.core.access import require
from sip.core.db import db
from sip.core.errors import Conflict, Invalid
from sip.core.journal import Event
from sip.core.messages import message
from sip.people import policy
from sip.people.importing import Members, Problem, Row
from sip.people.models import Person, SearchKey
from sip.people.names import name_key, search_keys
from sip.people.queries import office_count

_CHUNK = 500
_ASKED = 500
_FACTS = ("name", "office_id", "language", "stakeholder")

T = TypeVar("T")


@dataclass(frozen=True)
class Change:
    """What a line changes in somebody's account: per fact, what it was and what it becomes."""

    row: Row
    person_id: int
    name: str
    facts: dict[str, tuple[Any, Any]]


@dataclass
class Plan:
    """What taking over a list would do."""

    new: list[Row] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    same: int = 0
    problems: list[Problem] = field(default_factory=list)


def plan_import(members: Members, *, is_final: bool = False) -> Plan:
    """Compare a list with the accounts there are; an empty cell changes nothing.

    With `is_final`, these accounts are held until the transaction ends, so that they stay what the plan says.
    """
    plan = Plan(problems=list(members.problems))
    known = _known([row.email for row in members.rows], is_final=is_final)
    for row in members.rows:
        _compare(plan, row, known.get(row.email))
    plan.problems.sort(key=lambda problem: problem.line)
    return plan


def _known(emails: list[str], *, is_final: bool) -> dict[str, Any]:
    columns = [getattr(Person, name) for name in _FACTS]
    query = select(Person.id, Person.email, *columns).order_by(Person.id)
    # Beyond that, reading everybody once costs less than asking for each; and databases plan long lists badly.
    if len(emails) <= _ASKED:
        query = query.where(Person.email.in_(emails))
    # Who is named may go on writing meanwhile, as what refers to a person asks for their number only.
    final = query.with_for_update(key_share=True)
    return {row.email: row for row in db.session.execute(final if is_final else query)}


def _compare(plan: Plan, row: Row, known: Any) -> None:
    if known is None:
        if row.name is None:
            plan.problems.append(Problem(row.line, message("The name is missing; somebody new needs one.")))
        else:
            plan.new.append(row)
        return
    wishes = {name: getattr(row, name) for name in _FACTS}
    facts = {
        name: (getattr(known, name), wish)
        for name, wish in wishes.items()
        if wish is not None and wish != getattr(known, name)
    }
    if facts:
        plan.changed.append(Change(row, known.id, known.name, facts))
    else:
        plan.same += 1


def import_members(actor: Person | None, members: Members, *, language: str, mails_invitations: bool = False) -> Plan:
    """Take over the whole list and return what was done; raises Invalid, and changes nothing, if one line is bad.

    `language` is that of new people whose line names none. Invitations go to new people only, and only if wished.
    """
    require(policy.may_invite_people(actor))
    plan = plan_import(members, is_final=True)
    if plan.problems:
        raise Invalid(message("Nothing was imported: some lines must be mended first."), "text")
    try:
        with db.session.begin_nested():
            _add(actor, plan.new, language, mails_invitations)
    except IntegrityError:
        raise Conflict(message("Somebody added people at the same moment. Nothing was imported; try again.")) from None
    _change(plan.changed)
    _count(plan)
    if plan.new or plan.changed:
        figures = {"new": len(plan.new), "changed": len(plan.changed), "same": plan.same}
        journal.record(actor, Event.PEOPLE_IMPORTED, invited=mails_invitations, **figures)
    db.session.flush()
    return plan


def _add(actor: Person | None, rows: list[Row], language: str, mails_invitations: bool) -> None:
    now = clock.now()
    inviter = actor.name if actor else ""
    places = itertools.count()
    for chunk in _chunks(rows):
        values = [
            {
                "email": row.email,
                "name": row.name,
                "name_key": name_key(row.name or ""),
                "office_id": row.office_id,
                "stakeholder": row.stakeholder,
                "language": row.language or language,
                "created_at": now,
            }
            for row in chunk
        ]
        added = db.session.execute(insert(Person).returning(Person.id, Person.name, Person.email), values)
        db.session.execute(insert(SearchKey), keys_of(added))
        if mails_invitations:
            for row in chunk:
                letter = outbox.post(row.email, row.language or language, "invitation", inviter=inviter)
                letter.due_at = outbox.due_in_lots(next(places))
            db.session.flush()


def _count(plan: Plan) -> None:
    """Keep the stored counts right: each once, in the order in which others change them, so that nobody is stuck."""
    if plan.new:
        counts.add("people", len(plan.new))
    offices = Counter(office_count(row.office_id) for row in plan.new)
    for change in plan.changed:
        before, after = change.facts.get("office_id", (None, None))
        offices.update([office_count(after)])
        offices.subtract([office_count(before)])
    for name, number in sorted(offices.items()):
        if number:
            counts.add(name, number)


def _change(changes: list[Change]) -> None:
    for change in changes:
        values = {name: after for name, (_before, after) in change.facts.items()}
        if "name" in values:
            values["name_key"] = name_key(values["name"])
            db.session.execute(delete(SearchKey).where(SearchKey.person_id == change.person_id))
            db.session.execute(insert(SearchKey), keys_of([(change.person_id, values["name"], change.row.email)]))
        db.session.execute(update(Person).where(Person.id == change.person_id).values(**values))


def keys_of(people: Iterable[Any]) -> list[dict[str, Any]]:
    """Return the rows by which people, given as (id, name, address), are found."""
    return [{"person_id": number, "key": key} for number, name, email in people for key in search_keys(name, email)]


def _chunks(things: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(things), _CHUNK):
        yield things[start : start + _CHUNK]
