"""Lookups and lists of amendments, those who support them, and their answers; what a page needs is loaded here."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from sip.amendments.models import (
    Amendment,
    AmendmentAnswer,
    AmendmentKind,
    AmendmentRevision,
    AmendmentState,
    Support,
)
from sip.amendments.policy import section_of
from sip.core.db import db
from sip.core.errors import Missing
from sip.cycles.models import Cycle, Theme
from sip.cycles.stages import Verb
from sip.drafts.models import Draft, PassagePlace, PlaceState, Version, VersionSection
from sip.drafts.policy import opens, roles_on
from sip.groups.models import WorkingGroup
from sip.people.models import Person

MOST_ALTERNATIVES = 50  # shown together
_MOST_IDS = 2**31 - 1


@dataclass(frozen=True)
class Chosen:
    """Which amendments of a document are asked for: all, or those that fulfil what is given."""

    key: str | None = None
    state: str | None = None
    kind: str | None = None
    is_gone: bool | None = None
    author_id: int | None = None
    words: str = ""


def _loaded() -> list[Any]:
    return [
        joinedload(Amendment.passage),
        joinedload(Amendment.author),
        joinedload(Amendment.answer).joinedload(AmendmentAnswer.by),
    ]


def amendment_by_id(amendment_id: int) -> Amendment:
    """Return an amendment with all that rights and its page depend on; raises Missing."""
    draft = joinedload(Amendment.draft)
    amendment = db.session.scalar(
        select(Amendment)
        .where(Amendment.id == min(amendment_id, _MOST_IDS))
        .options(
            *_loaded(),
            joinedload(Amendment.thread),
            draft.joinedload(Draft.theme).joinedload(Theme.cycle).selectinload(Cycle.seats),
            draft.selectinload(Draft.groups).selectinload(WorkingGroup.memberships),
            draft.selectinload(Draft.sections),
        )
    )
    if amendment is None:
        raise Missing
    return amendment


def amendments_by_id(draft: Draft, ids: Collection[int]) -> list[Amendment]:
    """Return those of a document's amendments, the most supported first."""
    query = select(Amendment).where(Amendment.draft_id == draft.id, Amendment.id.in_(ids))
    return list(db.session.scalars(query.options(*_loaded()).order_by(Amendment.supports.desc(), Amendment.id)))


def is_moderator(person: Person | None, draft: Draft) -> bool:
    """Say whether hidden amendments of this document are shown to `person`."""
    roles = roles_on(person, draft)
    return any(opens(section, roles, Verb.MODERATE) for section in draft.living_sections)


def _visible(person: Person | None, draft: Draft) -> list[ColumnElement[bool]]:
    """Return what amendments that `person` may see fulfil: `may_see_amendment` as SQL."""
    if is_moderator(person, draft):
        return []
    if person is None:
        return [Amendment.hidden_at.is_(None)]
    return [or_(Amendment.hidden_at.is_(None), Amendment.author_id == person.id)]


def amendments_of(
    person: Person | None, draft: Draft, *, version: Version | None, chosen: Chosen | None = None
) -> Select[Any]:
    """Return the query of a document's amendments that `person` may see, in the order of the text of `version`."""
    chosen = chosen or Chosen()
    number = version.id if version else 0
    place, section = aliased(PassagePlace), aliased(VersionSection)
    stands_in = func.coalesce(place.key, Amendment.key)
    query = (
        select(Amendment)
        .outerjoin(place, and_(place.passage_id == Amendment.passage_id, place.version_id == number))
        .outerjoin(section, and_(section.version_id == number, section.key == stands_in))
        .where(Amendment.draft_id == draft.id, *_visible(person, draft))
        .order_by(
            section.position.is_(None), section.position, place.start.is_(None), place.start, place.end, Amendment.id
        )
        .options(*_loaded())
    )
    if chosen.key is not None:
        query = query.where(stands_in == chosen.key)
    if chosen.state:
        query = query.where(Amendment.state.in_(states_named(chosen.state)))
    if chosen.kind:
        query = query.where(Amendment.kind == chosen.kind)
    if chosen.is_gone is not None:
        is_gone = func.coalesce(place.state, "") == PlaceState.OUTDATED
        query = query.where(is_gone if chosen.is_gone else ~is_gone)
    if chosen.author_id is not None:
        query = query.where(Amendment.author_id == chosen.author_id)
    if chosen.words:
        held = [column.icontains(chosen.words, autoescape=True) for column in _SEARCHED]
        query = query.where(or_(*held))
    return query


_SEARCHED = (Amendment.title, Amendment.proposed, Amendment.reason, Amendment.answer_reason)


def states_named(name: str) -> list[str]:
    """Return the states that a filter means: `accepted` also those that were changed on the way."""
    if name == AmendmentState.ACCEPTED:
        return [AmendmentState.ACCEPTED, AmendmentState.ACCEPTED_CHANGED]
    return [name]


def counts_of(person: Person | None, draft: Draft) -> dict[str, int]:
    """Return how many amendments of each state `person` may see, in one statement."""
    query = select(Amendment.state, func.count(Amendment.id)).where(
        Amendment.draft_id == draft.id, *_visible(person, draft)
    )
    return {row[0]: row[1] for row in db.session.execute(query.group_by(Amendment.state))}


def open_by_section(draft: Draft) -> dict[str | None, int]:
    """Return how many amendments wait for an answer in each section, in one statement; None: new recommendations."""
    query = select(Amendment.key, func.count(Amendment.id)).where(
        Amendment.draft_id == draft.id, Amendment.state == AmendmentState.OPEN, Amendment.hidden_at.is_(None)
    )
    return {row[0]: row[1] for row in db.session.execute(query.group_by(Amendment.key))}


def waiting_by_draft(draft_ids: Collection[int]) -> dict[int, int]:
    """Count the amendments that wait for an answer in each of these documents that has some, in one statement."""
    if not draft_ids:
        return {}
    query = select(Amendment.draft_id, func.count(Amendment.id)).where(
        Amendment.draft_id.in_(draft_ids), Amendment.state == AmendmentState.OPEN, Amendment.hidden_at.is_(None)
    )
    return {row[0]: row[1] for row in db.session.execute(query.group_by(Amendment.draft_id))}


def alternatives_of(person: Person | None, amendment: Amendment, version: Version | None) -> list[Amendment]:
    """Return the other open amendments on overlapping passages of `version`, the most supported first."""
    if amendment.passage_id is None or version is None:
        return []
    mine, other = aliased(PassagePlace), aliased(PassagePlace)
    query = (
        select(Amendment)
        .join(other, and_(other.passage_id == Amendment.passage_id, other.version_id == version.id))
        .join(mine, and_(mine.version_id == version.id, mine.passage_id == amendment.passage_id))
        .where(
            Amendment.draft_id == amendment.draft_id,
            Amendment.id != amendment.id,
            Amendment.state == AmendmentState.OPEN,
            Amendment.hidden_at.is_(None),
            other.key == mine.key,
            other.start < mine.end,
            mine.start < other.end,
            *_visible(person, amendment.draft),
        )
        .order_by(Amendment.supports.desc(), Amendment.id)
        .limit(MOST_ALTERNATIVES)
        .options(*_loaded())
    )
    return list(db.session.scalars(query))


def of_passages(draft: Draft, passage_ids: Collection[int]) -> list[Amendment]:
    """Return the amendments that were made on any of these passages."""
    query = select(Amendment).where(Amendment.draft_id == draft.id, Amendment.passage_id.in_(passage_ids))
    return list(db.session.scalars(query.order_by(Amendment.id).options(*_loaded())))


def marks_of(person: Person | None, draft: Draft, version: Version, most: int = 2_000) -> list[tuple[Any, ...]]:
    """Return (id, key, shown start, shown end, kind, state, supports) of the amendments that stand in a version."""
    query = (
        select(
            Amendment.id,
            PassagePlace.key,
            PassagePlace.shown_start,
            PassagePlace.shown_end,
            Amendment.kind,
            Amendment.state,
            Amendment.supports,
        )
        .join(PassagePlace, PassagePlace.passage_id == Amendment.passage_id)
        .where(
            Amendment.draft_id == draft.id,
            PassagePlace.version_id == version.id,
            PassagePlace.shown_start.is_not(None),
            Amendment.state == AmendmentState.OPEN,
            *_visible(person, draft),
        )
        .order_by(PassagePlace.key, PassagePlace.shown_start, Amendment.id)
        .limit(most)
    )
    return [tuple(row) for row in db.session.execute(query)]


def supported_by(person: Person | None, amendments: Sequence[Amendment]) -> dict[int, int]:
    """Return which of these amendments `person` supports, and in which wording."""
    if person is None or not amendments:
        return {}
    query = select(Support.amendment_id, Support.revision).where(
        Support.person_id == person.id, Support.amendment_id.in_([amendment.id for amendment in amendments])
    )
    return {row[0]: row[1] for row in db.session.execute(query)}


def supporters_of(amendment: Amendment, *, only_of_this_wording: bool = True) -> Select[Any]:
    """Return the query of those who support an amendment, in the order in which they did."""
    query = select(Person).join(Support, Support.person_id == Person.id).where(Support.amendment_id == amendment.id)
    if only_of_this_wording:
        query = query.where(Support.revision == amendment.revision)
    return query.order_by(Support.at, Person.id)


def unconfirmed(amendment: Amendment) -> int:
    """Count those who supported an earlier wording, and have not said what they think of this one."""
    query = select(func.count()).select_from(Support)
    found = db.session.scalar(query.where(Support.amendment_id == amendment.id, Support.revision < amendment.revision))
    return found or 0


def revisions_of(amendment: Amendment) -> list[AmendmentRevision]:
    """Return the earlier wordings, the latest first."""
    query = select(AmendmentRevision).where(AmendmentRevision.amendment_id == amendment.id)
    return list(db.session.scalars(query.order_by(AmendmentRevision.number.desc())))


def answer_by_id(answer_id: int) -> AmendmentAnswer:
    """Return an answer with its document; raises Missing."""
    draft = joinedload(AmendmentAnswer.draft)
    answer = db.session.scalar(
        select(AmendmentAnswer)
        .where(AmendmentAnswer.id == min(answer_id, _MOST_IDS))
        .options(
            draft.joinedload(Draft.theme).joinedload(Theme.cycle).selectinload(Cycle.seats),
            draft.selectinload(Draft.groups).selectinload(WorkingGroup.memberships),
            draft.selectinload(Draft.sections),
        )
    )
    if answer is None:
        raise Missing
    return answer


def answered_by(answer: AmendmentAnswer) -> list[Amendment]:
    """Return the amendments that one answer is for."""
    query = select(Amendment).where(Amendment.answer_id == answer.id).order_by(Amendment.id)
    return list(db.session.scalars(query.options(joinedload(Amendment.author))))


def from_thread(thread_id: int) -> list[Amendment]:
    """Return the amendments that were made from a discussion, hidden ones left out."""
    query = select(Amendment).where(Amendment.thread_id == thread_id, Amendment.hidden_at.is_(None))
    return list(db.session.scalars(query.order_by(Amendment.id)))


def title_of(draft: Draft, amendment: Amendment) -> str:
    """Return the title of the section that an amendment is about, or of the recommendation that it would add."""
    if amendment.kind == AmendmentKind.NEW_RECOMMENDATION:
        return amendment.title
    section = section_of(draft, amendment.key)
    return section.title if section else ""
