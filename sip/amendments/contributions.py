"""All that people contributed to a document, discussions and amendments in one list, with what became of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Subquery, and_, func, literal, null, select, union_all
from sqlalchemy.orm import aliased, joinedload

from sip.amendments import queries
from sip.amendments.models import Amendment, AmendmentAnswer, AmendmentState
from sip.core.db import db
from sip.drafts import passages
from sip.drafts.models import Draft, PassagePlace, PlaceState, Version, VersionSection
from sip.people.models import Person
from sip.threads import queries as thread_queries
from sip.threads import showing
from sip.threads.models import Comment, Disposition, Thread, ThreadKind

AMENDMENT = "amendment"
THREAD = "thread"
NONE = "none"

# What became of an amendment, in the words that are used for discussions.
_OF_STATE = {
    AmendmentState.ACCEPTED: Disposition.TAKEN_UP,
    AmendmentState.ACCEPTED_CHANGED: Disposition.PARTLY,
    AmendmentState.DECLINED: Disposition.NOT_TAKEN_UP,
}


@dataclass(frozen=True)
class Wanted:
    """Which contributions are asked for: all, or those that fulfil what is given.

    `kind` is that of a discussion, `thread` or `amendment`; `disposition` may be `none`.
    """

    kind: str | None = None
    key: str | None = None
    disposition: str | None = None
    words: str | None = None


@dataclass(frozen=True)
class Contribution:
    """A discussion or an amendment, with the section and the passage that it is about."""

    section: VersionSection | None
    place: PassagePlace | None
    thread: Thread | None = None
    first: Comment | None = None
    amendment: Amendment | None = None

    @property
    def disposition(self) -> str | None:
        """What the group made of it, or None where it has not said so yet."""
        if self.thread is not None:
            return self.thread.disposition
        return _OF_STATE.get(AmendmentState(self.amendment.state)) if self.amendment is not None else None

    @property
    def quote(self) -> str:
        """The words that it is about, as they were marked."""
        about = self.thread or self.amendment
        return about.passage.shown if about is not None and about.passage is not None else ""

    @property
    def is_gone(self) -> bool:
        return self.place is not None and self.place.state == PlaceState.OUTDATED


def contributions(person: Person | None, draft: Draft, version: Version | None, wanted: Wanted) -> Select[Any]:
    """Return the query of the marks of contributions that `person` may see, in the order of a version's text."""
    parts = []
    if wanted.kind in (None, THREAD, *ThreadKind):
        parts.append(_threads(person, draft, version, wanted))
    disposition = wanted.disposition
    if wanted.kind in (None, AMENDMENT) and disposition != Disposition.ANSWERED:
        parts.append(_amendments(person, draft, version, wanted))
    if not parts:
        return select(literal(0)).where(literal(False))
    rows = union_all(*parts).subquery()
    return select(rows.c.mark).order_by(
        rows.c.key.is_not(None), rows.c.position.is_(None), rows.c.position, rows.c.start.is_(None), rows.c.start,
        rows.c.mark,
    )  # fmt: skip


def _threads(person: Person | None, draft: Draft, version: Version | None, wanted: Wanted) -> Select[Any]:
    kind = ThreadKind(wanted.kind) if wanted.kind in set(ThreadKind) else None
    found = thread_queries.threads_of(
        person, draft, version=version, key=wanted.key, kind=kind, disposition=wanted.disposition, q=wanted.words
    )
    return _rows(found, version, 0)


def _amendments(person: Person | None, draft: Draft, version: Version | None, wanted: Wanted) -> Select[Any]:
    chosen = queries.Chosen(key=wanted.key, words=wanted.words or "")
    found = queries.amendments_of(person, draft, version=version, chosen=chosen)
    if wanted.disposition == NONE:
        found = found.where(Amendment.state == AmendmentState.OPEN)
    elif wanted.disposition is not None:
        found = found.where(
            Amendment.state.in_([state for state, is_ in _OF_STATE.items() if is_ == wanted.disposition])
        )
    return _rows(found, version, 1)


def _rows(found: Select[Any], version: Version | None, kind: int) -> Select[Any]:
    """Return mark (twice the id, and one more for an amendment), section, its position, and the place in it."""
    of: Subquery = found.order_by(None).subquery()
    place, section = aliased(PassagePlace), aliased(VersionSection)
    mark = (of.c.id * 2 + kind).label("mark")
    if version is None:
        return select(mark, of.c.key.label("key"), null().label("position"), null().label("start"))
    return (
        select(mark, of.c.key.label("key"), section.position.label("position"), place.shown_start.label("start"))
        .select_from(of)
        .outerjoin(place, and_(place.passage_id == of.c.passage_id, place.version_id == version.id))
        .outerjoin(section, and_(section.version_id == version.id, section.key == func.coalesce(place.key, of.c.key)))
    )


def loaded(marks: Sequence[int], version: Version | None) -> list[Contribution]:
    """Return the contributions with these marks, in their order, in a bounded number of statements."""
    threads = {thread.id: thread for thread in _by_ids(Thread, [mark // 2 for mark in marks if mark % 2 == 0])}
    amendments = {each.id: each for each in _by_ids(Amendment, [mark // 2 for mark in marks if mark % 2])}
    sections = showing.sections_by_key(version)
    shown = {item.thread.id: item for item in showing.shown(list(threads.values()), version, sections)}
    marked = [each.passage_id for each in amendments.values() if each.passage_id is not None]
    places = passages.places_in(version.id, marked) if version is not None and marked else {}
    result = []
    for mark in marks:
        if mark % 2 == 0:
            item = shown[mark // 2]
            result.append(Contribution(item.section, item.place, thread=item.thread, first=item.first))
        else:
            amendment = amendments[mark // 2]
            place = places.get(amendment.passage_id or 0)
            key = place.key if place is not None else amendment.key
            result.append(Contribution(sections.get(key or ""), place, amendment=amendment))
    return result


def _by_ids(model: Any, ids: Sequence[int]) -> list[Any]:
    if not ids:
        return []
    options = [joinedload(model.passage), joinedload(model.author)]
    if model is Amendment:
        options.append(joinedload(Amendment.answer).joinedload(AmendmentAnswer.by))
    else:
        options += [joinedload(Thread.guest), joinedload(Thread.disposed_by)]
    return list(db.session.scalars(select(model).where(model.id.in_(ids)).options(*options)).unique())
