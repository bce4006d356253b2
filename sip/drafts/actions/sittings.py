"""The log of a live text in pieces that people recognise: who wrote when, where, and how much."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, insert, select, text, update

from sip.core.db import db
from sip.drafts import live_text
from sip.drafts.actions.checkpoints import SOONEST, arrangement_of, keep_checkpoint, store_arrangement
from sip.drafts.models import Draft, DraftSitting, DraftUpdate, SittingPart, Version, VersionSection
from sip.drafts.texts.diff import Op, diff_texts

PAUSE = timedelta(minutes=10)  # so long without a change ends a sitting
LONGEST = timedelta(hours=1)  # and so does this, however busy people are: the history stays fine enough to look at
LIVE = "live"  # the origin of what was written in the live editor; everything else stands alone

# Characters added and removed, by the key of the section.
Parts = Mapping[str, tuple[int, int]]


class Change(NamedTuple):
    """An update of the log, as the history is told of it."""

    draft_id: int
    person_id: int | None
    parts: Parts
    update_id: int
    at: datetime
    origin: str


@dataclass
class _Sitting:
    """One as it grows; `id` is None until it is stored."""

    id: int | None
    draft_id: int
    number: int
    first_update_id: int
    last_update_id: int
    updates: int
    began_at: datetime
    ended_at: datetime
    origin: str
    parts: defaultdict[tuple[int | None, str], list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))


# Written with every commit of the live editor: columns, not objects, and statements that are built once.
_sittings: Any = DraftSitting.__table__
_parts: Any = SittingPart.__table__
_STORED = [one.name for one in fields(_Sitting) if one.name not in ("id", "parts")]
_others = _sittings.alias()
_LAST = select(_sittings.c.id, *(_sittings.c[name] for name in _STORED)).where(
    _sittings.c.draft_id.in_(bindparam("drafts", expanding=True)),
    _sittings.c.number
    == select(func.max(_others.c.number)).where(_others.c.draft_id == _sittings.c.draft_id).scalar_subquery(),
)
_GO_ON = (
    update(_sittings)
    .where(_sittings.c.id == bindparam("sitting"))
    .values({name: bindparam(name) for name in ("last_update_id", "updates", "ended_at")})
)
_BEGIN = insert(_sittings).returning(_sittings.c.id)
# Nobody has two lines of one section; lines without a person never meet, since they stand in sittings of one update.
_ADD = text(
    "INSERT INTO sitting_parts (sitting_id, draft_id, person_id, key, added, removed) "
    "VALUES (:sitting_id, :draft_id, :person_id, :key, :added, :removed) "
    "ON CONFLICT (sitting_id, person_id, key) DO UPDATE "
    "SET added = sitting_parts.added + excluded.added, removed = sitting_parts.removed + excluded.removed"
)


def note_change(
    draft_id: int, person_id: int | None, parts: Parts, *, update_id: int, at: datetime, origin: str
) -> None:
    """Tell the history of one update, as `note_changes` does of many."""
    note_changes([Change(draft_id, person_id, parts, update_id, at, origin)])


def note_changes(changes: Sequence[Change]) -> None:
    """Tell the history of updates, each draft's in the order of its log, in the transaction that appends them.

    `parts` say how many characters each added and removed, by section key. The caller holds the drafts.
    """
    drafts = {change.draft_id: change.update_id for change in reversed(changes)}
    last = _last_sittings(drafts)
    missing = [draft_id for draft_id in drafts if draft_id not in last]
    for draft_id in missing:
        write_history(draft_id, before=drafts[draft_id])
    if missing:
        last |= _last_sittings(missing)
    _append(changes, last)


def _last_sittings(draft_ids: Iterable[int]) -> dict[int, _Sitting]:
    rows = db.session.connection().execute(_LAST, {"drafts": list(draft_ids)})
    return {row.draft_id: _Sitting(*row) for row in rows}


def _append(changes: Iterable[Change], last: dict[int, _Sitting]) -> None:
    """Let sittings go on or begin, `last` being that of each draft, and store them."""
    touched: list[_Sitting] = []
    for change in changes:
        sitting = last.get(change.draft_id)
        if sitting is None or not _goes_on(sitting, change):
            number = sitting.number + 1 if sitting else 1
            sitting = last[change.draft_id] = _Sitting(
                None, change.draft_id, number, change.update_id, change.update_id, 0, change.at, change.at,
                change.origin,
            )  # fmt: skip
        sitting.last_update_id, sitting.updates = change.update_id, sitting.updates + 1
        sitting.ended_at = max(sitting.ended_at, change.at)
        for key, (added, removed) in change.parts.items():
            sizes = sitting.parts[change.person_id, key]
            sizes[0] += added
            sizes[1] += removed
        if not touched or touched[-1] is not sitting:
            touched.append(sitting)
    _store({id(sitting): sitting for sitting in touched}.values())


def _store(touched: Collection[_Sitting]) -> None:
    connection = db.session.connection()
    old = [
        {"sitting": s.id, "last_update_id": s.last_update_id, "updates": s.updates, "ended_at": s.ended_at}
        for s in touched
        if s.id is not None
    ]
    if old:
        connection.execute(_GO_ON, old)
    for sitting in touched:
        if sitting.id is None:
            values = {name: getattr(sitting, name) for name in _STORED}
            sitting.id = connection.execute(_BEGIN, values).scalar_one()
    parts = [
        {
            "sitting_id": sitting.id,
            "draft_id": sitting.draft_id,
            "person_id": person_id,
            "key": key,
            "added": sizes[0],
            "removed": sizes[1],
        }
        for sitting in touched
        for (person_id, key), sizes in sitting.parts.items()
    ]
    if parts:
        connection.execute(_ADD, parts)


def _goes_on(last: _Sitting, change: Change) -> bool:
    if not change.origin == last.origin == LIVE:
        return False
    return change.at - last.ended_at < PAUSE and change.at - last.began_at < LONGEST


def size_of(ops: Iterable[Op]) -> tuple[int, int]:
    """Return how many characters a difference adds and removes."""
    sizes: defaultdict[str, int] = defaultdict(int)
    for op in ops:
        sizes[op.kind] += len(op.text)
    return sizes["insert"], sizes["delete"]


def write_history(draft_id: int, *, before: int | None = None) -> None:
    """Write sittings, checkpoints and arrangements of a log that has none yet, all of it or up to update `before`.

    Documents from before there was a history are caught up with this way. In the log of those, each update is one
    sitting. Of their arrangement only what versions kept is known, and what it is now.
    """
    query = select(DraftUpdate).where(DraftUpdate.draft_id == draft_id).order_by(DraftUpdate.id)
    if before is not None:
        query = query.where(DraftUpdate.id < before)
    rows = list(db.session.scalars(query))
    if not rows or _last_sittings([draft_id]):
        return
    _append(_changes_of(draft_id, rows), {})
    _write_arrangements(draft_id, rows)


def _changes_of(draft_id: int, rows: Sequence[DraftUpdate]) -> Iterator[Change]:
    """Replay a log, keep states on the way, and give what each update changed."""
    state = live_text.EMPTY
    texts: dict[str, str] = {}
    for place, row in enumerate(rows):
        state = live_text.compacted([state, row.data])
        now = live_text.texts([state])
        parts = {
            key: size_of(diff_texts(texts.get(key, ""), said)) for key, said in now.items() if said != texts.get(key)
        }
        texts = now
        yield Change(draft_id, row.author_id, parts, row.id, row.at, row.origin)
        if place % SOONEST == 0:
            keep_checkpoint(draft_id, row.id, [state], is_due=True)


def _write_arrangements(draft_id: int, rows: Sequence[DraftUpdate]) -> None:
    query = (
        select(Version.number, Version.frozen_at, VersionSection)
        .join(VersionSection, VersionSection.version_id == Version.id)
        .where(Version.draft_id == draft_id)
        .order_by(Version.number, VersionSection.position)
    )
    versions: dict[int, tuple[datetime, list[dict[str, Any]]]] = {}
    for number, at, section in db.session.execute(query):
        told = {name: getattr(section, name) for name in ("key", "slug", "title", "kind")}
        versions.setdefault(number, (at, []))[1].append({**told, "group": section.group_name})
    for at, sections in versions.values():
        then = [row.id for row in rows if row.at <= at]
        if then:
            store_arrangement(draft_id, then[-1], sections)
    store_arrangement(draft_id, rows[-1].id, arrangement_of(db.session.get_one(Draft, draft_id)))
