"""The public record: moves, closed ballots and answers in one line, each sealed with the hash of the one before."""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from sip.core import clock
from sip.core.db import Model, db, hold


class RecordKind(StrEnum):
    """What is recorded; `subject_id` is the id of its row."""

    MOVE = "move"
    BALLOT = "ballot"
    RESPONSE = "response"


class RecordEntry(Model):
    """One decision as it was made; `content` is JSON that says all of it, in a form that a person can check."""

    __tablename__ = "record_entries"
    __table_args__ = (
        Index("ix_record_entries_kind_subject_id", "kind", "subject_id"),
        Index("ix_record_entries_draft_id_number", "draft_id", "number"),
    )

    # 1, 2, … without a gap, so that nothing can be taken out unnoticed.
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(20))
    # No foreign keys: the record stays whatever becomes of the things it names.
    subject_id: Mapped[int]
    cycle_id: Mapped[int]
    draft_id: Mapped[int]
    content: Mapped[str] = mapped_column(Text)
    previous_hash: Mapped[str | None] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)


def seal(kind: RecordKind, subject_id: int, *, cycle_id: int, draft_id: int, content: dict[str, Any]) -> RecordEntry:
    """Add a decision to the record, in the running transaction; `content` holds only what JSON can."""
    hold("record")
    last = db.session.scalar(select(RecordEntry).order_by(RecordEntry.number.desc()).limit(1))
    entry = RecordEntry(
        number=last.number + 1 if last else 1,
        at=clock.now(),
        kind=kind.value,
        subject_id=subject_id,
        cycle_id=cycle_id,
        draft_id=draft_id,
        content=canonical(content),
        previous_hash=last.hash if last else None,
    )
    entry.hash = hash_of(entry)
    db.session.add(entry)
    db.session.flush()
    return entry


def canonical(content: dict[str, Any]) -> str:
    """Return the one JSON text that stands for `content`: keys sorted, no spaces, nothing escaped needlessly."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def hash_of(entry: RecordEntry) -> str:
    """Return the SHA-256 that an entry must have: of the one before, its number, moment, kind, subject and content."""
    parts = (
        entry.previous_hash or "",
        str(entry.number),
        entry.at.isoformat(),
        entry.kind,
        str(entry.subject_id),
        str(entry.cycle_id),
        str(entry.draft_id),
        entry.content,
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def entries(batch: int = 500) -> Iterator[RecordEntry]:
    """Yield all entries, the first one first, without holding them all at once."""
    after = 0
    query = select(RecordEntry).order_by(RecordEntry.number).limit(batch)
    while found := db.session.scalars(query.where(RecordEntry.number > after)).all():
        yield from found
        after = found[-1].number


def problems() -> Iterator[str]:
    """Yield one English sentence where the record is broken: it names the first link that does not hold."""
    previous: str | None = None
    for number, entry in enumerate(entries(), 1):
        if entry.number != number:
            yield f"the public record: entry {number} is missing"
            return
        if entry.previous_hash != previous:
            yield f"the public record: entry {number} does not follow the one before it"
            return
        if entry.hash != hash_of(entry):
            yield f"the public record: entry {number} was changed after it was sealed"
            return
        previous = entry.hash


def differences(
    kind: RecordKind, things: Iterable[tuple[int, str, dict[str, Any]]], may_change: Collection[str] = ()
) -> Iterator[str]:
    """Yield one English sentence for each thing that the record tells otherwise, twice, or not at all, and for more.

    `things` are (id, what it is called, content) of all that should be recorded; `may_change` names parts of a content
    that need not be as they were.
    """
    query = select(RecordEntry.subject_id, RecordEntry.number, RecordEntry.content)
    recorded: dict[int, list[tuple[int, str]]] = {}
    for row in db.session.execute(query.where(RecordEntry.kind == kind.value).order_by(RecordEntry.number)):
        recorded.setdefault(row.subject_id, []).append((row.number, row.content))
    for subject, name, content in things:
        found = recorded.pop(subject, [])
        if not found:
            yield f"{name} is not in the public record"
        elif len(found) > 1:
            yield f"{name} is in the public record twice: entries {found[0][0]} and {found[1][0]}"
        elif _kept(json.loads(found[0][1]), may_change) != _kept(content, may_change):
            yield f"{name} is not what entry {found[0][0]} of the public record says"
    for subject, found in sorted(recorded.items()):
        yield f"the public record: entry {found[0][0]} tells of {kind.value} {subject}, which is not there"


def _kept(content: dict[str, Any], may_change: Collection[str]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if name not in may_change}
