"""Lookups for live editing: a text with all that a room needs, updates that others appended, rights of many people."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import selectinload

from sip.core.db import db
from sip.cycles.stages import Role, Stage, Verb, allows
from sip.drafts import queries
from sip.drafts.batches import LiveDraft, Rights, Row, SectionInfo
from sip.drafts.models import Draft, DraftUpdate, LiveClient, draft_groups
from sip.drafts.numbering import number_sections
from sip.drafts.policy import may_edit_sections, may_read_live
from sip.drafts.texts.diff import SectionText
from sip.people.models import Person

# Asked with every commit of the live editor: columns, not objects, and statements that are built once.
_updates: Any = DraftUpdate.__table__
_drafts: Any = Draft.__table__
_clients: Any = LiveClient.__table__
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
_BOUND = select(_clients.c.client_id, _clients.c.person_id).where(
    _clients.c.draft_id == bindparam("draft"), _clients.c.client_id.in_(bindparam("clients", expanding=True))
)


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
            is_open=not section.is_retired and allows(Stage(section.stage), {Role.PARTICIPANT}, Verb.EDIT_TEXT),
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
    need not.
    """
    newest = newest_updates(seen)
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


def bound_clients(draft_id: int, clients: Collection[int]) -> dict[int, int]:
    """Return whose some clients of a draft are, as far as they are anybody's: person by client id."""
    if not clients:
        return {}
    rows = db.session.connection().execute(_BOUND, {"draft": draft_id, "clients": list(clients)})
    return {row.client_id: row.person_id for row in rows}


def drafts_of_groups(group_ids: Collection[int]) -> set[int]:
    """Return the ids of the drafts that any of these groups writes."""
    if not group_ids:
        return set()
    query = select(draft_groups.c.draft_id).where(draft_groups.c.group_id.in_(group_ids))
    return set(db.session.scalars(query))


def rights_of(draft_id: int, people: Iterable[int]) -> dict[int, Rights]:
    """Return what each of these people may do with a draft; people and drafts that are gone have no rights."""
    wanted = set(people)
    draft = queries.draft_with_rights(draft_id)
    if draft is None:
        return {person: Rights(may_read=False) for person in wanted}
    rows = db.session.scalars(select(Person).where(Person.id.in_(wanted)).execution_options(populate_existing=True))
    rights = {person.id: _rights_of(person, draft) for person in rows}
    return {person: rights.get(person, Rights(may_read=False)) for person in wanted}


def _rights_of(person: Person, draft: Draft) -> Rights:
    if not may_read_live(person, draft):
        return Rights(may_read=False)
    answers = may_edit_sections(person, draft)
    return Rights(
        may_read=True,
        editable=frozenset(key for key, answer in answers.items() if answer),
        reasons={key: answer.reason for key, answer in answers.items() if answer.reason is not None},
    )
