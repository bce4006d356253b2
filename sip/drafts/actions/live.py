"""Commits what was written live: updates, and in the same transaction all that follows from them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, case, func, insert, select, text, update

from sip.core import clock, journal
from sip.core.db import announce, db
from sip.core.journal import Event, JournalEntry
from sip.drafts import authorship, live_queries
from sip.drafts.actions.checkpoints import keep_checkpoint
from sip.drafts.actions.sittings import Change, note_changes
from sip.drafts.batches import AnotherLog, Batch, Outcome, Row
from sip.drafts.models import Draft, DraftUpdate, LiveClient, Section
from sip.drafts.written_text import Parts, WrittenText
from sip.people.models import Person

Bindings = Mapping[tuple[int, int], int]  # person by draft and client id
Withdrawn = Mapping[int, Mapping[int, frozenset[str]]]  # keys of sections, by draft and person

ORIGIN = "live"
SNAPSHOT_EVERY = 200  # updates to replay at most when a text is opened
JOURNAL_EVERY = timedelta(minutes=10)  # who goes on writing in a section is named once in so long

# Made several times a second while people write: columns, not objects, and statements that are built once.
_drafts: Any = Draft.__table__
_updates: Any = DraftUpdate.__table__
_sections: Any = Section.__table__
_HOLD = (
    select(_drafts.c.id)
    .where(_drafts.c.id.in_(bindparam("drafts", expanding=True)))
    .order_by(_drafts.c.id)
    .with_for_update()
)
_APPEND = insert(_updates)
_WRITE = (
    update(_sections)
    .where(_sections.c.draft_id == bindparam("of_draft"), _sections.c.key == bindparam("of_key"))
    .values({name: bindparam(name) for name in ("body", "authorship", "changed_at")})
)
_TOUCH = (
    update(_drafts)
    .where(_drafts.c.id.in_(bindparam("drafts", expanding=True)))
    .values(
        changed_at=bindparam("at"),
        listed_at=case((_drafts.c.published_at.is_(None), bindparam("at")), else_=_drafts.c.listed_at),
    )
)
_SNAPSHOT = text(
    "INSERT INTO draft_snapshots (draft_id, update_id, state) VALUES (:draft_id, :update_id, :state) "
    "ON CONFLICT (draft_id) DO UPDATE SET update_id = excluded.update_id, state = excluded.state"
)


@dataclass
class OpenText:
    """A text kept between commits: `last` is the update up to which it goes; `named` when the journal named whom."""

    text: WrittenText
    last: int
    since_snapshot: int
    named: dict[tuple[int, str], datetime] = field(default_factory=dict)


@dataclass(frozen=True)
class _Work:
    """One batch as it goes to the database."""

    batch: Batch
    open: OpenText
    parts: Sequence[Parts]  # of each row


def commit_live(
    batches: Sequence[Batch], texts: dict[int, OpenText], withdrawn: Callable[[Sequence[Batch]], Withdrawn]
) -> dict[int, Outcome]:
    """Append what was written live in several drafts; by draft id, what became of each batch.

    Nothing of a draft is written where its log holds updates that its room has not seen, where a client is somebody
    else's, and where the text would not be read back as it is. `texts` belongs to the caller, who keeps it from commit
    to commit, and drops what was in these batches when the transaction fails. Policy was asked before, for each;
    `withdrawn` is asked, once nobody else can write in these drafts, what the authors may not change any more. Raises
    AnotherLog where the log ends before what a room has seen.
    """
    batches = sorted(batches, key=lambda batch: batch.draft_id)
    newest = _hold([batch.draft_id for batch in batches])
    barred = withdrawn(batches)
    outcomes = {batch.draft_id: Outcome(batch.after, is_gone=True) for batch in batches}
    batches = [batch for batch in batches if batch.draft_id in newest]
    if any(newest[batch.draft_id] < batch.after for batch in batches):
        raise AnotherLog
    bound = live_queries.bound_clients({batch.draft_id: batch.clients for batch in batches})
    _open_missing(batches, texts)
    work: list[_Work] = []
    for batch in batches:
        seen = min(batch.after, texts[batch.draft_id].last)
        rows = live_queries.updates_after(batch.draft_id, seen) if newest[batch.draft_id] > seen else []
        if foreign := [row for row in rows if row.id > batch.after]:
            outcomes[batch.draft_id] = Outcome(batch.after, foreign=foreign)
        elif batch.draft_id in barred:
            outcomes[batch.draft_id] = Outcome(batch.after, withdrawn=barred[batch.draft_id])
        elif taken := _taken(batch, bound):
            outcomes[batch.draft_id] = Outcome(batch.after, taken=taken)
        elif (done := _written(batch, rows, texts)) is None:
            outcomes[batch.draft_id] = Outcome(batch.after, is_unreadable=True)
        else:
            work.append(done)
    if work:
        outcomes |= _store(work, newest, bound, clock.now())
    return outcomes


def _hold(draft_ids: Sequence[int]) -> dict[int, int]:
    """Hold other writers of these drafts back, the lowest id first; return the id of each one's last update."""
    connection = db.session.connection()
    if connection.dialect.name != "sqlite":  # which has one writer at a time
        connection.execute(_HOLD, {"drafts": draft_ids}).all()
    return live_queries.newest_updates(draft_ids)


def _taken(batch: Batch, bound: Bindings) -> dict[int, int]:
    """Return the clients of a batch that are somebody else's by now: person by client id."""
    owners = ((client, bound.get((batch.draft_id, client), person)) for client, person in batch.clients.items())
    return {client: owner for client, owner in owners if owner != batch.clients[client]}


def _open_missing(batches: Sequence[Batch], texts: dict[int, OpenText]) -> None:
    """Open what is not at hand, or is at hand as it was after updates that the room has not seen."""
    missing = [
        batch.draft_id for batch in batches if batch.draft_id not in texts or texts[batch.draft_id].last > batch.after
    ]
    for draft_id, stored in live_queries.stored_texts(missing).items():
        written = WrittenText(stored.updates, stored.runs)
        texts[draft_id] = OpenText(written, stored.last, stored.since_snapshot)


def _written(batch: Batch, missed: Sequence[Row], texts: dict[int, OpenText]) -> _Work | None:
    """Write a batch into the text at hand; None where it would be read back differently."""
    opened = texts.pop(batch.draft_id)  # and put back when all went well
    if missed:
        _catch_up(batch.draft_id, opened, missed)
    parts = [opened.text.append(authorship.credited(author, ORIGIN), update) for author, update in batch.rows]
    if batch.is_doubtful and not opened.text.reads_back(opened.text.state()):
        return None
    texts[batch.draft_id] = opened
    return _Work(batch, opened, parts)


def _catch_up(draft_id: int, opened: OpenText, rows: Sequence[Row]) -> None:
    """Take in what others appended; who wrote it, they have stored."""
    keys = {key for row in rows for key in opened.text.append(None, row.data)}
    query = select(Section.key, Section.authorship).where(Section.draft_id == draft_id, Section.key.in_(keys))
    for key, runs in db.session.execute(query):
        opened.text.credit(key, [(who, length) for who, length in runs])
    opened.last = rows[-1].id
    opened.since_snapshot += len(rows)


def _store(work: Sequence[_Work], newest: Mapping[int, int], bound: Bindings, at: datetime) -> dict[int, Outcome]:
    ids = _append(work, newest, at)
    _bind(work, bound)
    _store_sections(work, at)
    _touch([one.batch.draft_id for one in work], at)
    note_changes(
        [
            Change(one.batch.draft_id, author, parts, row_id, at, ORIGIN)
            for one, row_ids in zip(work, ids, strict=True)
            for (author, _data), parts, row_id in zip(one.batch.rows, one.parts, row_ids, strict=True)
        ]
    )
    _journal(work, at)
    outcomes = {}
    for one, row_ids in zip(work, ids, strict=True):
        draft_id = one.batch.draft_id
        one.open.last = row_ids[-1]
        one.open.since_snapshot += len(row_ids)
        if one.open.since_snapshot >= SNAPSHOT_EVERY:
            _take_snapshot(one)
        outcomes[draft_id] = Outcome(one.open.last)
    return outcomes


def _append(work: Sequence[_Work], newest: Mapping[int, int], at: datetime) -> list[list[int]]:
    """Add all rows to the log, and return their ids, batch by batch.

    Whoever appends to a draft holds it, so that later ids in these drafts than the `newest` of them are those.
    """
    rows = [
        {"draft_id": one.batch.draft_id, "author_id": author, "origin": ORIGIN, "at": at, "data": data}
        for one in work
        for author, data in one.batch.rows
    ]
    db.session.connection().execute(_APPEND, rows)
    announce(db.session())
    drafts = [one.batch.draft_id for one in work]
    ids = live_queries.ids_after(drafts, max(newest[draft_id] for draft_id in drafts))
    return [ids[draft_id] for draft_id in drafts]


def _bind(work: Sequence[_Work], bound: Bindings) -> None:
    new = [
        {"draft_id": one.batch.draft_id, "client_id": client, "person_id": person}
        for one in work
        for client, person in one.batch.clients.items()
        if (one.batch.draft_id, client) not in bound
    ]
    if new:
        db.session.execute(insert(LiveClient), new)


def _store_sections(work: Sequence[_Work], at: datetime) -> None:
    rows = [
        {
            "of_draft": one.batch.draft_id,
            "of_key": key,
            "body": one.open.text.body(key),
            "authorship": one.open.text.authorship(key),
            "changed_at": at,
        }
        for one in work
        for key in {key for parts in one.parts for key in parts}
    ]
    if rows:
        db.session.connection().execute(_WRITE, rows)


def _touch(draft_ids: Sequence[int], at: datetime) -> None:
    """Note that texts changed, as `Draft.touch` does."""
    db.session.connection().execute(_TOUCH, {"drafts": draft_ids, "at": at})


def _take_snapshot(one: _Work) -> None:
    draft_id, state = one.batch.draft_id, one.open.text.state()
    values = {"draft_id": draft_id, "update_id": one.open.last, "state": state}
    db.session.connection().execute(_SNAPSHOT, values)
    one.open.since_snapshot = 0
    keep_checkpoint(draft_id, one.open.last, [state])


def _journal(work: Sequence[_Work], at: datetime) -> None:
    """Name who wrote where, unless the journal did not long ago."""
    since = at - JOURNAL_EVERY
    pairs = {
        (one.batch.draft_id, author, key)
        for one in work
        for (author, _data), parts in zip(one.batch.rows, one.parts, strict=True)
        for key in parts
        if one.open.named.get((author, key), since) <= since
    }
    if not pairs:
        return
    opened = {one.batch.draft_id: one.open for one in work}
    drafts, authors = {draft_id for draft_id, _author, _key in pairs}, {author for _draft_id, author, _key in pairs}
    query = select(_sections.c.draft_id, _sections.c.key, _sections.c.id, _sections.c.title)
    rows = db.session.execute(query.where(_sections.c.draft_id.in_(drafts)))
    sections = {(row.draft_id, row.key): row for row in rows}
    people = {person.id: person for person in db.session.scalars(select(Person).where(Person.id.in_(authors)))}
    named = _last_named(drafts, authors, since)
    for draft_id, author, key in sorted(pairs):
        if author not in people or (draft_id, key) not in sections:
            continue
        section = sections[draft_id, key]
        before = named.get((author, section.id))
        opened[draft_id].named[author, key] = before or at
        if before is None:
            journal.record(
                people[author], Event.SECTION_EDITED, section.id, draft_id=draft_id, title=section.title, key=key
            )
    db.session.flush()


def _last_named(drafts: Collection[int], authors: Collection[int], since: datetime) -> dict[tuple[int, int], datetime]:
    """Return when the journal last named each of these people as writing in a section, by person and section id."""
    query = (
        select(JournalEntry.actor_id, JournalEntry.subject_id, func.max(JournalEntry.at))
        .where(
            JournalEntry.draft_id.in_(drafts),
            JournalEntry.event == Event.SECTION_EDITED,
            JournalEntry.actor_id.in_(authors),
            JournalEntry.at > since,
        )
        .group_by(JournalEntry.actor_id, JournalEntry.subject_id)
    )
    return {(row[0] or 0, row[1] or 0): row[2] for row in db.session.execute(query)}
