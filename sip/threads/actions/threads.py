"""Threads: begun on a passage, a section or a whole document; resolved, and opened again."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, select

from sip.core import clock, journal
from sip.core.access import require
from sip.core.db import db
from sip.core.errors import Invalid, Missing
from sip.core.journal import Event
from sip.core.messages import message
from sip.drafts.actions.passages import mark_passage
from sip.drafts.models import Draft, KeptPassage, Section, Version, VersionSection
from sip.drafts.policy import may_read_live, may_read_version
from sip.people.models import Person
from sip.threads import texts
from sip.threads.actions.comments import count_comment, lock, new_comment, tell_of_comment
from sip.threads.actions.stamps import bump
from sip.threads.models import Guest, Thread, ThreadKind, ThreadState
from sip.threads.policy import may_open_thread, may_reopen, may_resolve

MAX_REASON = 1_000


@dataclass(frozen=True)
class Spot:
    """What a thread is about, checked; `number` is of the version that it was seen in, None in the live text."""

    key: str | None
    number: int | None
    passage: KeptPassage | None
    is_internal: bool


def open_thread(
    actor: Person | None,
    draft: Draft,
    kind: ThreadKind,
    text: str,
    *,
    version: Version | None = None,
    key: str | None = None,
    start: int | None = None,
    end: int | None = None,
    words: str = "",
    language: str = "",
    mentioned: Collection[int] = (),
) -> Thread:
    """Begin a thread with its first comment: on a passage (readable positions), on the section `key`, on the draft.

    `mentioned` are people whom the writer chose among those who may be named. Raises Invalid where the text is empty or
    too long, or where the passage is odd or not what `words` says; Missing for versions and sections of other drafts.
    """
    require(may_open_thread(actor, draft, key, kind))
    assert actor is not None
    text = texts.clean(text)
    spot = find_spot(actor, draft, version, key, start, end, words)
    return begin_thread(actor, draft, kind, spot, text, language=language, mentioned=mentioned)


def begin_thread(
    actor: Person,
    draft: Draft,
    kind: ThreadKind,
    spot: Spot,
    text: str,
    *,
    language: str = "",
    mentioned: Collection[int] = (),
) -> Thread:
    """Begin a thread that follows from something else that `actor` may do, such as an objection; `text` is clean."""
    thread = add_thread(draft, kind, spot, author=actor)
    comment = new_comment(thread, text, language, author=actor)
    shown = count_comment(thread, comment)
    tell_of_comment(actor, comment, mentioned)
    journal.record(
        actor,
        Event.THREAD_OPENED,
        thread.id,
        draft_id=draft.id,
        cycle_id=draft.cycle_id,
        thread=thread.id,
        kind=kind.value,
        key=spot.key,
        is_internal=spot.is_internal,
    )
    bump(draft.id, threads=shown)
    return thread


def find_spot(
    actor: Person | None,
    draft: Draft,
    version: Version | None,
    key: str | None,
    start: int | None,
    end: int | None,
    words: str,
) -> Spot:
    """Check what somebody wants to talk about, and mark the passage; raises Invalid or Missing."""
    if version is not None and (version.draft_id != draft.id or not may_read_version(actor, version)):
        raise Missing
    if start is not None or end is not None:
        if version is None or key is None or start is None or end is None:
            raise Invalid(message("Choose the passage again: its beginning or its end is missing."))
        passage = mark_passage(version, key, start, end, words)
        return Spot(key, version.number, passage, version.published_at is None)
    if version is None:
        version = _published(draft)
        if version is None or (key is not None and not _has_section(version, key)):
            return _live_spot(actor, draft, key)
    elif key is not None and not _has_section(version, key):
        raise Missing
    return Spot(key, version.number, None, version.published_at is None)


def _published(draft: Draft) -> Version | None:
    return db.session.scalar(
        select(Version).where(Version.draft_id == draft.id, Version.number == draft.published_number)
    )


def _has_section(version: Version, key: str) -> bool:
    query = select(exists().where(VersionSection.version_id == version.id, VersionSection.key == key))
    return bool(db.session.scalar(query))


def _live_spot(actor: Person | None, draft: Draft, key: str | None) -> Spot:
    """What is not published is talked about by those who may read the live text, among themselves."""
    if not may_read_live(actor, draft):
        raise Missing
    if key is not None and not db.session.scalar(
        select(exists().where(Section.draft_id == draft.id, Section.key == key))
    ):
        raise Missing
    return Spot(key, None, None, True)


def add_thread(
    draft: Draft, kind: ThreadKind, spot: Spot, *, author: Person | None = None, guest: Guest | None = None
) -> Thread:
    """Add a thread without comments."""
    now = clock.now()
    thread = Thread(
        draft=draft,
        draft_id=draft.id,
        key=spot.key,
        passage=spot.passage,
        version_number=spot.number,
        kind=kind.value,
        state=ThreadState.OPEN,
        is_internal=spot.is_internal,
        opened_at=now,
        last_comment_at=now,
        author=author,
        guest=guest,
    )
    db.session.add(thread)
    db.session.flush()
    return thread


def resolve(actor: Person | None, thread: Thread, reason: str = "") -> None:
    """Close a thread, with a reason if there is one to give; raises Invalid."""
    lock(thread)
    require(may_resolve(actor, thread))
    assert actor is not None
    end_thread(actor, thread, texts.clean_line(reason, MAX_REASON, "reason", is_needed=False))


def end_thread(actor: Person, thread: Thread, reason: str) -> None:
    """Close a thread, which the caller holds, as what `actor` may do demands; `reason` is clean."""
    thread.resolved_reason = reason
    thread.state, thread.resolved_at, thread.resolved_by = ThreadState.RESOLVED, clock.now(), actor
    _record(actor, Event.THREAD_RESOLVED, thread, reason=thread.resolved_reason)


def reopen(actor: Person | None, thread: Thread) -> None:
    """Open a resolved thread again; what the group made of it stays."""
    lock(thread)
    require(may_reopen(actor, thread))
    thread.state = ThreadState.ANSWERED if thread.disposition else ThreadState.OPEN
    thread.resolved_at, thread.resolved_by, thread.resolved_reason = None, None, ""
    _record(actor, Event.THREAD_REOPENED, thread)


def _record(actor: Person | None, event: Event, thread: Thread, **data: Any) -> None:
    draft = thread.draft
    journal.record(
        actor, event, thread.id, draft_id=draft.id, cycle_id=draft.cycle_id, thread=thread.id, kind=thread.kind,
        is_internal=thread.is_internal, **data,
    )  # fmt: skip
    db.session.flush()
    bump(draft.id)
