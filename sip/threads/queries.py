"""Lookups and lists of what people say of a draft; what a page needs is loaded here."""

from collections import Counter
from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select, true
from sqlalchemy.orm import contains_eager, joinedload

from sip.core import counts
from sip.core.db import db
from sip.core.errors import Missing
from sip.cycles.models import Cycle, SteeringSeat, Theme
from sip.drafts.models import (
    Draft,
    KeptPassage,
    PassagePlace,
    PlaceState,
    Section,
    Version,
    VersionSection,
)
from sip.drafts.policy import may_read_live
from sip.groups.models import WorkingGroup
from sip.people.models import Person
from sip.threads.models import (
    Comment,
    CommentRevision,
    Discussion,
    Guest,
    Position,
    Report,
    Stance,
    Thread,
    ThreadKind,
    ThreadState,
)
from sip.threads.policy import may_moderate

MOST_MARKS = 2_000
NO_DISPOSITION = "none"

# Names of stored counts are short.
_LETTERS = {Stance.IN_FAVOUR: "f", Stance.RESERVED: "r", Stance.AGAINST: "a", Stance.UNDECIDED: "u"}
_NOT_THERE = 1_000_000  # the position of sections that a version does not have: behind all others


class Mark(NamedTuple):
    """Where the thread `id` stands in the readable text of a version; `comments` are those that everybody sees."""

    id: int
    key: str
    shown_start: int
    shown_end: int
    kind: str
    state: str
    comments: int
    is_moved: bool
    place_state: str


# One thread, one comment


def _surroundings(draft: Any) -> list[Any]:
    """Load with the draft what policies ask about a person."""
    return [
        draft.joinedload(Draft.theme).joinedload(Theme.cycle).selectinload(Cycle.seats),
        draft.selectinload(Draft.groups).selectinload(WorkingGroup.memberships),
        draft.selectinload(Draft.sections),
    ]


def thread_by_id(id: int) -> Thread:
    """Return a thread with its people, its passage, and what its policies ask; raises Missing."""
    thread = db.session.scalar(
        select(Thread)
        .where(Thread.id == id)
        .options(
            *_surroundings(joinedload(Thread.draft)),
            joinedload(Thread.author).lazyload(Person.grants),
            joinedload(Thread.guest),
            joinedload(Thread.passage),
            joinedload(Thread.disposed_by).lazyload(Person.grants),
            joinedload(Thread.resolved_by).lazyload(Person.grants),
        )
    )
    if thread is None:
        raise Missing
    return thread


def comment_by_id(id: int) -> Comment:
    """Return a comment with its thread, its writer, and what its policies ask; raises Missing."""
    thread = joinedload(Comment.thread)
    comment = db.session.scalar(
        select(Comment)
        .where(Comment.id == id)
        .options(
            *_surroundings(thread.joinedload(Thread.draft)),
            joinedload(Comment.thread).joinedload(Thread.guest),
            joinedload(Comment.author).lazyload(Person.grants),
            joinedload(Comment.guest),
        )
    )
    if comment is None:
        raise Missing
    return comment


def comments_of(thread: Thread, person: Person | None) -> Select[Comment]:
    """Return the query of the comments of a thread that `person` may know of, with who wrote them, oldest first."""
    query = _with_writers(select(Comment).where(Comment.thread_id == thread.id)).order_by(Comment.id)
    return query if may_moderate(person, thread.draft) else query.where(Comment.is_held.is_(False))


def _with_writers(query: Select[Any]) -> Select[Any]:
    return query.options(joinedload(Comment.author).lazyload(Person.grants), joinedload(Comment.guest))


def revisions_of(comment: Comment) -> list[CommentRevision]:
    """Return what a comment said before, the oldest first."""
    query = select(CommentRevision).where(CommentRevision.comment_id == comment.id)
    return list(db.session.scalars(query.order_by(CommentRevision.id)))


# Threads of a draft


def _shown_to(person: Person | None, draft: Draft) -> ColumnElement[bool]:
    """`may_see_thread` for lists: what nobody sees is in none of them, also not for its author and moderators."""
    is_shown = and_(Thread.draft_id == draft.id, Thread.comments > 0)
    return is_shown if may_read_live(person, draft) else and_(is_shown, Thread.is_internal.is_(False))


def threads_of(
    person: Person | None,
    draft: Draft,
    *,
    version: Version | None,
    key: str | None = None,
    state: ThreadState | None = None,
    kind: ThreadKind | None = None,
    disposition: str | None = None,
    q: str | None = None,
    outdated: bool | None = None,
) -> Select[Thread]:
    """Return the query of the threads of a draft that `person` may see, in the order of a version's text.

    Those on the whole draft come first, in each section those on all of it; outdated ones, and those whose passage was
    marked in a later version, end their section. `key` is a section: that in which the passage stands in this version.
    `disposition` may be "none"; `q` is looked for in comments and in the words marked. Without a `version`: the order
    of the live text.
    """
    number = version.id if version is not None else None
    place = and_(PassagePlace.passage_id == Thread.passage_id, PassagePlace.version_id == number)
    now_in = func.coalesce(PassagePlace.key, Thread.key)
    query = (
        select(Thread)
        .outerjoin(PassagePlace, place)
        .outerjoin(KeptPassage, KeptPassage.id == Thread.passage_id)
        .where(_shown_to(person, draft))
        .options(
            contains_eager(Thread.passage),
            joinedload(Thread.author).lazyload(Person.grants),
            joinedload(Thread.guest),
            joinedload(Thread.disposed_by).lazyload(Person.grants),
            joinedload(Thread.resolved_by).lazyload(Person.grants),
        )
    )
    if key is not None:
        query = query.where(now_in == key)
    if state is not None:
        query = query.where(Thread.state == state)
    if kind is not None:
        query = query.where(Thread.kind == kind)
    if disposition is not None:
        wanted = None if disposition == NO_DISPOSITION else disposition
        query = query.where(Thread.disposition == wanted if wanted else Thread.disposition.is_(None))
    if outdated is not None:
        is_outdated = func.coalesce(PassagePlace.state, "") == PlaceState.OUTDATED
        query = query.where(is_outdated if outdated else ~is_outdated)
    if q:
        query = query.where(_says(q))
    return _in_text_order(query, version, draft, now_in)


def _says(q: str) -> ColumnElement[bool]:
    comment = exists().where(
        Comment.thread_id == Thread.id,
        Comment.text.icontains(q, autoescape=True),
        Comment.hidden_at.is_(None),
        Comment.is_held.is_(False),
    )
    return or_(comment, KeptPassage.shown.icontains(q, autoescape=True))


def _in_text_order(
    query: Select[Any], version: Version | None, draft: Draft, now_in: ColumnElement[Any]
) -> Select[Any]:
    if version is not None:
        sections: Any = VersionSection
        is_there = and_(VersionSection.version_id == version.id, VersionSection.key == now_in)
    else:
        sections = Section
        is_there = and_(Section.draft_id == draft.id, Section.key == now_in)
    has_no_place = and_(Thread.passage_id.is_not(None), PassagePlace.shown_start.is_(None))
    return query.outerjoin(sections, is_there).order_by(
        case((Thread.key.is_(None), 0), else_=1),
        func.coalesce(sections.position, _NOT_THERE),
        now_in,
        case((has_no_place, 1), else_=0),
        func.coalesce(PassagePlace.shown_start, -1),
        Thread.id,
    )


def marks_of(person: Person | None, draft: Draft, version: Version, keys: Collection[str] | None = None) -> list[Mark]:
    """Return where threads that `person` may see stand in a version, in text order; at most MOST_MARKS.

    Without those that are outdated there. `keys` are the sections asked for, all of them where it is None.
    """
    query = (
        select(
            Thread.id,
            PassagePlace.key,
            PassagePlace.shown_start,
            PassagePlace.shown_end,
            Thread.kind,
            Thread.state,
            Thread.comments,
            PassagePlace.is_moved,
            PassagePlace.state,
        )
        .join(Thread, Thread.passage_id == PassagePlace.passage_id)
        .where(
            PassagePlace.version_id == version.id,
            PassagePlace.shown_start.is_not(None),
            _shown_to(person, draft),
            PassagePlace.key.in_(keys) if keys is not None else true(),
        )
        .order_by(PassagePlace.key, PassagePlace.shown_start, Thread.id)
        .limit(MOST_MARKS)
    )
    return list(map(Mark._make, db.session.execute(query)))


def stamp_of(draft_id: int) -> int:
    """Return the stamp of a draft's discussion, which grows with every change; 0 before the first."""
    return db.session.scalar(select(Discussion.stamp).where(Discussion.draft_id == draft_id)) or 0


def number_of_threads(draft_id: int) -> int:
    """Return the stored number of threads that everybody who reads a draft sees."""
    return db.session.scalar(select(Discussion.threads).where(Discussion.draft_id == draft_id)) or 0


def counts_of(person: Person | None, draft: Draft, key: str | None = None) -> Counter[str]:
    """Count the threads that `person` may see, of a draft or of those begun in a section, in one statement.

    Under `all`, under each state and disposition, and under `waiting`: open ones that have no disposition yet.
    """
    query = select(Thread.state, Thread.disposition, func.count()).where(_shown_to(person, draft))
    if key is not None:
        query = query.where(Thread.key == key)
    found: Counter[str] = Counter()
    for state, disposition, number in db.session.execute(query.group_by(Thread.state, Thread.disposition)):
        names = {"all", state, f"disposition.{disposition or NO_DISPOSITION}"}
        if state == ThreadState.OPEN and disposition is None:
            names.add("waiting")
        for name in names:
            found[name] += number
    return found


def to_do(person: Person | None, of: Draft | WorkingGroup) -> Select[Thread]:
    """Return the query of what waits for an answer of the group: open, without a disposition, questions first.

    Of a draft, or of all drafts of a group; the caller has asked whether `person` may answer there.
    """
    waits = and_(Thread.state == ThreadState.OPEN, Thread.disposition.is_(None), Thread.comments > 0)
    query = select(Thread).join(Thread.draft).where(waits)
    if isinstance(of, Draft):
        query = query.where(_shown_to(person, of))
    else:
        query = query.where(Draft.groups.any(WorkingGroup.id == of.id))
        if not _is_in(person, of):
            query = query.where(Thread.is_internal.is_(False), Draft.published_number.is_not(None))
    return query.options(
        contains_eager(Thread.draft),
        joinedload(Thread.passage),
        joinedload(Thread.author).lazyload(Person.grants),
        joinedload(Thread.guest),
    ).order_by(case((Thread.kind == ThreadKind.QUESTION, 0), else_=1), Thread.id)


def waiting(person: Person | None, draft: Draft) -> int:
    """Count what waits for an answer of the group in a draft."""
    return count(to_do(person, draft))


def waiting_by_draft(draft_ids: Collection[int]) -> dict[int, int]:
    """Count what waits for an answer of the group in each of these drafts, for whoever answers in them."""
    if not draft_ids:
        return {}
    query = select(Thread.draft_id, func.count()).where(
        Thread.draft_id.in_(draft_ids),
        Thread.state == ThreadState.OPEN,
        Thread.disposition.is_(None),
        Thread.comments > 0,
    )
    return {row[0]: row[1] for row in db.session.execute(query.group_by(Thread.draft_id))}


def count(query: Select[Any]) -> int:
    """Count the rows of one of the queries of this module."""
    return db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0


def _is_in(person: Person | None, group: WorkingGroup) -> bool:
    return person is not None and any(m.person_id == person.id and m.is_active for m in group.memberships)


# Positions


def position_count(draft_id: int, key: str, stance: Stance) -> str:
    """Return the name of the stored count of a position on a recommendation."""
    return f"pos.{draft_id}.{key}.{_LETTERS[stance]}"


def positions_of(draft: Draft, key: str) -> dict[Stance, int]:
    """Return how many people take each position on a recommendation."""
    stored = counts.read_all(f"pos.{draft.id}.{key}.")
    return {stance: stored.get(position_count(draft.id, key, stance), 0) for stance in Stance}


def position_of(person: Person | None, draft: Draft, key: str) -> Stance | None:
    """Return the position that `person` takes on a recommendation, or None."""
    found = db.session.get(Position, (draft.id, key, person.id)) if person is not None else None
    return Stance(found.stance) if found is not None else None


# Moderation


def reported(person: Person) -> Select[Comment]:
    """Return the query of the comments with open reports that `person` moderates, the oldest first."""
    is_open = exists().where(Report.comment_id == Comment.id, Report.handled_at.is_(None))
    return _moderated(person, is_open & Comment.removed_at.is_(None))


def held(person: Person) -> Select[Comment]:
    """Return the query of the guests' comments that wait for `person` to let them through, the oldest first."""
    is_waiting = Comment.is_held & Comment.hidden_at.is_(None) & Guest.confirmed_at.is_not(None)
    return _moderated(person, is_waiting)


def _moderated(person: Person, condition: ColumnElement[bool]) -> Select[Comment]:
    thread = contains_eager(Comment.thread)
    query = (
        select(Comment)
        .join(Comment.thread)
        .join(Thread.draft)
        .outerjoin(Comment.guest)
        .where(
            condition,
            exists().where(SteeringSeat.cycle_id == Draft.cycle_id, SteeringSeat.person_id == person.id),
        )
    )
    return query.options(
        *_surroundings(thread.contains_eager(Thread.draft)),
        thread.joinedload(Thread.guest),
        contains_eager(Comment.guest),
        joinedload(Comment.author).lazyload(Person.grants),
    ).order_by(Comment.id)


def reports_on(ids: Collection[int]) -> dict[int, list[Report]]:
    """Return the open reports of comments with who made them, by the comment's id."""
    found: dict[int, list[Report]] = {}
    if ids:
        query = select(Report).where(Report.comment_id.in_(ids), Report.handled_at.is_(None)).order_by(Report.id)
        for report in db.session.scalars(query.options(joinedload(Report.person).lazyload(Person.grants))):
            found.setdefault(report.comment_id, []).append(report)
    return found
