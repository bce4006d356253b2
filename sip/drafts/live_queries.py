"""Lookups for live editing: a text with all that a room needs, updates that others appended, rights of many people."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session, joinedload, load_only, selectinload

from sip.core.db import db
from sip.core.errors import Missing
from sip.cycles.models import Cycle, SteeringSeat, Theme
from sip.cycles.stages import Stage, Verb, who_may
from sip.drafts import queries
from sip.drafts.authorship import Run
from sip.drafts.batches import AnotherLog, LiveDraft, Rights, Row, SectionInfo
from sip.drafts.models import Draft, DraftSnapshot, DraftUpdate, LiveClient, Section, draft_groups
from sip.drafts.numbering import number_sections
from sip.drafts.policy import may_edit_sections, may_read_live
from sip.drafts.texts.diff import SectionText
from sip.groups.models import Membership, WorkingGroup
from sip.people.models import Person

# Asked with every commit of the live editor: columns, not objects, and statements that are built once.
_updates: Any = DraftUpdate.__table__
_drafts: Any = Draft.__table__
_clients: Any = LiveClient.__table__
_snapshots: Any = DraftSnapshot.__table__
_sections: Any = Section.__table__
_NEWEST = select(
    _drafts.c.id,
    select(func.max(_updates.c.id)).where(_updates.c.draft_id == _drafts.c.id).scalar_subquery(),
).where(_drafts.c.id.in_(bindparam("drafts", expanding=True)))
_AFTER = (
    select(_updates.c.id, _updates.c.author_id, _updates.c.origin, _updates.c.data)
    .where(_updates.c.draft_id == bindparam("draft"), _updates.c.id > bindparam("last"))
    .order_by(_updates.c.id)
)
_LATER = (
    select(_updates.c.draft_id, _updates.c.id)
    .where(_updates.c.draft_id.in_(bindparam("drafts", expanding=True)), _updates.c.id > bindparam("last"))
    .order_by(_updates.c.id)
)
_BOUND = select(_clients.c.draft_id, _clients.c.client_id, _clients.c.person_id).where(
    _clients.c.draft_id.in_(bindparam("drafts", expanding=True)),
    _clients.c.client_id.in_(bindparam("clients", expanding=True)),
)
_STATES = select(_snapshots.c.draft_id, _snapshots.c.update_id, _snapshots.c.state).where(
    _snapshots.c.draft_id.in_(bindparam("drafts", expanding=True))
)
_SINCE = (
    select(_updates.c.draft_id, _updates.c.id, _updates.c.data)
    .where(
        _updates.c.draft_id.in_(bindparam("drafts", expanding=True)),
        _updates.c.id
        > func.coalesce(
            select(_snapshots.c.update_id).where(_snapshots.c.draft_id == _updates.c.draft_id).scalar_subquery(), 0
        ),
    )
    .order_by(_updates.c.id)
)
_RUNS = select(_sections.c.draft_id, _sections.c.key, _sections.c.authorship).where(
    _sections.c.draft_id.in_(bindparam("drafts", expanding=True))
)


# Rights are asked for whenever somebody comes: with each draft, the seats and memberships of these people alone.
_SEATS = Cycle.seats.and_(SteeringSeat.person_id.in_(bindparam("people", expanding=True)))
_MEMBERSHIPS = WorkingGroup.memberships.and_(Membership.person_id.in_(bindparam("people", expanding=True)))
_RIGHTS = (
    load_only(Draft.id, Draft.published_number),
    joinedload(Draft.theme).load_only(Theme.id).joinedload(Theme.cycle).load_only(Cycle.id).joinedload(_SEATS),
    joinedload(Draft.groups).load_only(WorkingGroup.id).joinedload(_MEMBERSHIPS),
)
_WITH_RIGHTS = (
    select(Draft)
    .where(Draft.id.in_(bindparam("drafts", expanding=True)))
    .options(*_RIGHTS, selectinload(Draft.sections))
)
_DRAFT_FOR = select(Draft).where(Draft.slug == bindparam("slug")).options(*_RIGHTS)
_PEOPLE = select(Person).where(Person.id.in_(bindparam("people", expanding=True))).options(selectinload(Person.grants))


class StoredText(NamedTuple):
    """A text as the log has it: updates that make it, the id of the last one, and who wrote it, by section key."""

    updates: list[bytes]
    since_snapshot: int
    last: int
    runs: dict[str, list[Run]]


def live_draft(draft_id: int) -> LiveDraft | None:
    """Return what a room opens with, None where there is no such draft."""
    draft = db.session.get(Draft, draft_id, options=[selectinload(Draft.sections)])
    if draft is None:
        return None
    state, updates, last = queries.updates_to_load(draft_id)
    clients = select(LiveClient.client_id, LiveClient.person_id).where(LiveClient.draft_id == draft_id)
    return LiveDraft(
        draft_id=draft_id,
        updates=[*([state] if state else []), *updates],
        last=last,
        sections=section_infos(draft),
        clients={row.client_id: row.person_id for row in db.session.execute(clients)},
        latest=draft.latest_number,
    )


def section_infos(draft: Draft) -> list[SectionInfo]:
    """Return the sections in their order, numbered as readers see them, the retired ones behind."""
    living = draft.living_sections
    numbering = number_sections(SectionText(s.key, s.slug, s.title, s.kind, "") for s in living)
    numbers = {section.key: section.number for section in numbering.sections}
    return [
        SectionInfo(
            key=section.key,
            slug=section.slug,
            title=section.title,
            number=numbers.get(section.key),
            kind=section.kind,
            stage=section.stage,
            is_retired=section.is_retired,
            is_open=not section.is_retired and bool(who_may(Stage(section.stage), Verb.EDIT_TEXT)),
        )
        for section in (*living, *draft.retired_sections)
    ]


def arrangements(draft_ids: Collection[int]) -> dict[int, list[SectionInfo]]:
    """Return the sections of several drafts, by draft id."""
    query = select(Draft).where(Draft.id.in_(draft_ids)).options(selectinload(Draft.sections))
    return {draft.id: section_infos(draft) for draft in db.session.scalars(query)}


def newest_updates(draft_ids: Collection[int]) -> dict[int, int]:
    """Return the id of the last update of each of these drafts, 0 before the first; without drafts that are gone."""
    if not draft_ids:
        return {}
    rows = db.session.connection().execute(_NEWEST, {"drafts": list(draft_ids)})
    return {draft_id: newest or 0 for draft_id, newest in rows}


def rows_after(seen: Mapping[int, int]) -> dict[int, list[Row]]:
    """Return the updates of several drafts with ids above the one given for each, in order; drafts with none left out.

    Ids of one draft come in the order of commits, because whoever appends holds the draft; those of different drafts
    need not. Raises AnotherLog where the last one is before what was seen.
    """
    newest = newest_updates(seen)
    if any(newest[draft_id] < seen[draft_id] for draft_id in newest):
        raise AnotherLog
    return {
        draft_id: updates_after(draft_id, seen[draft_id]) for draft_id in newest if newest[draft_id] > seen[draft_id]
    }


def updates_after(draft_id: int, last: int) -> list[Row]:
    """Return the updates of a draft with ids above `last`, in order."""
    rows = db.session.connection().execute(_AFTER, {"draft": draft_id, "last": last})
    return [Row(*row) for row in rows]


def ids_after(draft_ids: Collection[int], last: int) -> dict[int, list[int]]:
    """Return the ids above `last` of the updates of these drafts, by draft id and in order."""
    found: dict[int, list[int]] = {draft_id: [] for draft_id in draft_ids}
    for draft_id, update_id in db.session.connection().execute(_LATER, {"drafts": list(draft_ids), "last": last}):
        found[draft_id].append(update_id)
    return found


def bound_clients(clients: Mapping[int, Collection[int]]) -> dict[tuple[int, int], int]:
    """Return whose some clients are, as far as they are anybody's: person by draft and client id.

    `clients` are asked for by draft id; the answer may hold those of one draft in another one too.
    """
    asked = {client for some in clients.values() for client in some}
    if not asked:
        return {}
    drafts = [draft_id for draft_id, some in clients.items() if some]
    rows = db.session.connection().execute(_BOUND, {"drafts": drafts, "clients": list(asked)})
    return {(row.draft_id, row.client_id): row.person_id for row in rows}


def stored_texts(draft_ids: Collection[int]) -> dict[int, StoredText]:
    """Return the texts of several drafts, by draft id."""
    if not draft_ids:
        return {}
    connection, drafts = db.session.connection(), {"drafts": list(draft_ids)}
    found = {draft_id: StoredText([], 0, 0, {}) for draft_id in draft_ids}
    for draft_id, last, state in connection.execute(_STATES, drafts):
        found[draft_id] = StoredText([state], 0, last, {})
    for draft_id, update_id, data in connection.execute(_SINCE, drafts):
        text = found[draft_id]
        text.updates.append(data)
        found[draft_id] = text._replace(since_snapshot=text.since_snapshot + 1, last=update_id)
    for draft_id, key, runs in connection.execute(_RUNS, drafts):
        found[draft_id].runs[key] = [(who, length) for who, length in runs]
    return found


def drafts_of_groups(group_ids: Collection[int]) -> set[int]:
    """Return the ids of the drafts that any of these groups writes."""
    if not group_ids:
        return set()
    query = select(draft_groups.c.draft_id).where(draft_groups.c.group_id.in_(group_ids))
    return set(db.session.scalars(query))


def rights_of(asked: Mapping[int, Collection[int]]) -> dict[int, dict[int, Rights]]:
    """Return what people may do, by draft and person id, for the people asked for by draft id.

    People and drafts that are gone have no rights. Few queries, however many people and drafts.
    """
    if not asked:
        return {}
    wanted = list({person for people in asked.values() for person in people})
    nothing = Rights(may_read=False)
    # Objects remember how they were loaded, and these with nobody's rights but theirs: so they are kept apart.
    with Session(db.session.connection()) as session:
        people = {person.id: person for person in session.scalars(_PEOPLE, {"people": wanted})}
        found = session.scalars(_WITH_RIGHTS, {"drafts": list(asked), "people": wanted}).unique()
        drafts = {draft.id: draft for draft in found}
        return {
            number: {
                one: _rights_of(people[one], drafts[number]) if one in people and number in drafts else nothing
                for one in some
            }
            for number, some in asked.items()
        }


def draft_for(slug: str, person_id: int | None) -> Draft:
    """Return a draft with what one person's right to read it depends on, and nobody else's; raises Missing.

    For requests that ask nothing else about groups and cycles: one query, which is built once.
    """
    people = [] if person_id is None else [person_id]
    rows = db.session.scalars(_DRAFT_FOR, {"slug": slug, "people": people}).unique().all()
    if not rows:
        raise Missing
    return rows[0]


def _rights_of(person: Person, draft: Draft) -> Rights:
    if not may_read_live(person, draft):
        return Rights(may_read=False)
    answers = may_edit_sections(person, draft)
    return Rights(
        may_read=True,
        editable=frozenset(key for key, answer in answers.items() if answer),
        reasons={key: answer.reason for key, answer in answers.items() if answer.reason is not None},
    )
