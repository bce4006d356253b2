"""What the hub's database thread does: opens texts, commits changes, looks for news, asks for rights.

Every function runs inside an application context, in one thread, and makes a transaction of its own.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import bindparam, func, select

from sip.core.db import begin_reading, begin_writing, db, transaction
from sip.core.journal import Event, JournalEntry
from sip.drafts import live_queries
from sip.drafts.actions.live import OpenText, Withdrawn, commit_live
from sip.drafts.batches import Batch, LiveDraft, Outcome, Rights, Row, SectionInfo
from sip.people.models import Person

# Journal entries with lower ids may be committed after ones with higher ids: so many are looked at again.
_LOOK_BACK = 500

# What leaves everybody's rights and every arrangement as they were.
_TALK = {"thread", "comment", "position", "amendment", "vote", "proxy", "point", "referral", "meeting"}
_HARMLESS = {
    Event.SECTION_EDITED,
    Event.PERSON_CREATED,
    Event.PERSON_INVITED,
    Event.PERSON_JOINED,
    Event.PERSON_SIGNED_IN,
    Event.PERSON_SIGNED_OUT,
    Event.PEOPLE_IMPORTED,
    Event.OFFICE_CREATED,
    Event.OFFICE_UPDATED,
    Event.MILESTONE_ADDED,
    Event.MILESTONE_UPDATED,
    Event.MILESTONE_REMOVED,
    Event.MEMBERSHIP_REQUESTED,
    *(event for event in Event if event.split(".")[0] in _TALK),
}
# Asked with every commit: columns, not objects, and a statement that is built once.
_journal: Any = JournalEntry.__table__
_AFTER = select(*(_journal.c[name] for name in ("id", "event", "subject_id", "group_id", "draft_id"))).where(
    _journal.c.id > bindparam("last"), _journal.c.event.not_in(sorted(_HARMLESS))
)


class _Entry(Protocol):
    """What an entry of the journal concerns."""

    event: Any
    subject_id: Any
    group_id: Any
    draft_id: Any


@dataclass(frozen=True)
class Frozen:
    """A version that was frozen."""

    draft_id: int
    number: int
    label: str
    by: str


@dataclass(frozen=True)
class News:
    """What happened in the database: updates by draft; whose rights to ask again; arrangements to send again."""

    updates: Mapping[int, Sequence[Row]] = field(default_factory=dict)  # by draft id; give each to `Room.foreign`
    rights: frozenset[int] = frozenset()  # drafts: ask `rights` again for everybody in these rooms
    people: frozenset[int] = frozenset()  # people: ask again whether their sessions hold, and their rights everywhere
    devices: frozenset[str] = frozenset()  # of sessions that somebody signed out of
    sections: Mapping[int, Sequence[SectionInfo]] = field(default_factory=dict)  # give each to `Room.set_sections`
    frozen: Sequence[Frozen] = ()


class Log:
    """The database as the hub sees it; one object per hub, used in one thread."""

    def __init__(self) -> None:
        self._texts: dict[int, OpenText] = {}
        self._seen: set[int] | None = None  # the last journal entries that were looked at
        # The same, of which the rooms know; and what they knew of when they took in whatever is not stored.
        self._known: set[int] | None = None
        self._told: set[int] | None = None

    def load(self, draft_id: int) -> LiveDraft | None:
        """Return what a room opens with; None where the draft is gone."""
        with _reading():
            if self._seen is None:
                _fresh, self._seen = self._entries()
                self._known = self._told = self._seen
            return live_queries.live_draft(draft_id)

    def commit(self, batches: Sequence[Batch]) -> dict[int, Outcome]:
        """Commit all batches in one transaction; by draft id, what became of each.

        Give each to `Room.settle`, also those that were not committed because something was before them.
        Raises sqlalchemy's errors where the database refuses; nothing is written then: `Room.put_back` each batch.
        """
        try:
            with transaction():
                return commit_live(batches, self._texts, self._withdrawn)
        except BaseException:
            for batch in batches:
                self.forget(batch.draft_id)
            raise

    def news(self, seen: Mapping[int, int]) -> News:
        """Return what happened since the last call; `seen` maps the open drafts to `Room.last`.

        Results must reach the rooms in the order in which `commit` and `news` were called.
        """
        with _reading():
            updates = live_queries.rows_after(seen)
            fresh, looked_at = self._entries()
            entries = [entry for entry in fresh if entry.event not in _HARMLESS]
            drafts = _drafts_of(entries, seen.keys())
            news = News(
                updates=updates,
                rights=frozenset(drafts),
                people=frozenset(_people_of(entries)),
                devices=frozenset(
                    str(entry.data["device"])
                    for entry in fresh
                    if entry.event == Event.PERSON_SIGNED_OUT and entry.data.get("device")
                ),
                sections=live_queries.arrangements(drafts) if drafts else {},
                frozen=[_frozen(entry) for entry in entries if _freezes(entry) and entry.draft_id in seen],
            )
            self._seen = looked_at  # now that nothing can fail any more: what could not be told is told next time
            return news

    def rights(self, asked: Mapping[int, Collection[int]]) -> dict[int, dict[int, Rights]]:
        """Return what people may do, by draft and person id; few queries, however many people and drafts."""
        with _reading():
            return live_queries.rights_of(asked)

    def has_told(self, *, is_all_stored: bool) -> None:
        """Note that the rooms know of all that `news` told, and of rights since; nothing waits if `is_all_stored`."""
        self._known = self._seen
        if is_all_stored:
            self._told = self._known

    def has_stored(self) -> None:
        """Note that all is stored that the rooms had taken in when they were told last."""
        self._told = self._known

    def ended_sessions(self, sessions: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
        """Return those (person id, epoch) whose session is over: signed out everywhere, or gone."""
        asked = set(sessions)
        with _reading():
            query = select(Person.id, Person.session_epoch).where(Person.id.in_({person for person, _ in asked}))
            return asked - {(row.id, row.session_epoch) for row in db.session.execute(query)}

    def forget(self, draft_id: int) -> None:
        """Let go of what is remembered of a draft, as its room is closed."""
        self._texts.pop(draft_id, None)

    def _withdrawn(self, batches: Sequence[Batch]) -> Withdrawn:
        """Return what authors of these batches may not change any more, by draft and person, as it is now.

        Asked inside the transaction that stores them: a right that was withdrawn before counts as withdrawn, whether or
        not the room was told of it. As long as the journal has nothing new, this is one query.
        """
        if self._told is None:
            return {}
        last = max(self._told, default=0)
        if db.session.get_bind().dialect.name != "sqlite":  # which has one writer at a time: ids come in order
            last -= _LOOK_BACK
        rows = db.session.connection().execute(_AFTER, {"last": last})
        entries = [row for row in rows if row.id not in self._told]
        if not entries:
            return {}
        drafts = _drafts_of(entries, {batch.draft_id for batch in batches})
        people = _people_of(entries)
        asked = {
            batch.draft_id: set(batch.keys) if batch.draft_id in drafts else batch.keys.keys() & people
            for batch in batches
        }
        rights = live_queries.rights_of({draft_id: some for draft_id, some in asked.items() if some})
        found: dict[int, Mapping[int, frozenset[str]]] = {}
        for batch in batches:
            allowed = rights.get(batch.draft_id, {})
            barred = {person: batch.keys[person] - allowed[person].editable for person in allowed}
            if any(barred.values()):
                found[batch.draft_id] = barred
        return found

    def _entries(self) -> tuple[list[JournalEntry], set[int]]:
        """Return the journal entries that are not among `_seen`, none the first time; and what `_seen` will be then."""
        newest = db.session.scalar(select(func.max(JournalEntry.id))) or 0
        first = (max(self._seen, default=newest) if self._seen is not None else newest) - _LOOK_BACK
        ids = set(db.session.scalars(select(JournalEntry.id).where(JournalEntry.id > first)))
        looked_at = set(sorted(ids)[-_LOOK_BACK:])
        fresh = ids - self._seen if self._seen is not None else set()
        if not fresh:
            return [], looked_at
        query = select(JournalEntry).where(JournalEntry.id.in_(fresh)).order_by(JournalEntry.id)
        return list(db.session.scalars(query)), looked_at


@contextmanager
def _reading() -> Iterator[None]:
    """Look at the database as it is now, and let go of it."""
    db.session.rollback()
    db.session.expire_all()
    begin_reading()
    try:
        yield
    finally:
        db.session.rollback()
        begin_writing()


def _drafts_of(entries: Sequence[_Entry], among: Set[int]) -> set[int]:
    """Return those of some drafts in which somebody's rights, or the arrangement, may be others after these entries."""
    if any(_is_everywhere(entry) for entry in entries):
        return set(among)
    drafts = {entry.draft_id for entry in entries if entry.draft_id is not None}
    drafts |= live_queries.drafts_of_groups({entry.group_id for entry in entries if entry.group_id is not None})
    return drafts & among


def _people_of(entries: Sequence[_Entry]) -> set[int]:
    """Return the people whom these entries are about."""
    about = [entry for entry in entries if entry.event.startswith("person.")]
    return {entry.subject_id for entry in about if entry.subject_id is not None}


def _is_everywhere(entry: _Entry) -> bool:
    """Tell whether an entry concerns more than one draft, group or person: a cycle, whose committee reads along."""
    return entry.draft_id is None and entry.group_id is None and not entry.event.startswith("person.")


def _freezes(entry: JournalEntry) -> bool:
    return entry.event in (Event.VERSION_FROZEN, Event.VERSION_RESTORED)


def _frozen(entry: JournalEntry) -> Frozen:
    label = entry.data.get("label", "")
    return Frozen(entry.draft_id or 0, int(entry.data["number"]), str(label), entry.actor_name or "")
