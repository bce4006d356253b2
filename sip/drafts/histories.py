"""Lookups of what happened: who edited what and when, a section from version to version, stages of a document."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from sip.core.db import db
from sip.core.journal import Event, JournalEntry
from sip.cycles.stages import Stage
from sip.drafts.models import Draft, Section, SectionKind, Version, VersionSection

_TEXT_EVENTS = (Event.SECTION_EDITED, Event.SECTION_ADDED, Event.SECTION_UPDATED)


@dataclass(frozen=True)
class SectionState:
    """A section as one version has it; `is_new` and `is_changed` compare it with the version shown before."""

    number: int
    label: str
    frozen_at: datetime
    published_at: datetime | None
    slug: str
    title: str
    shown_number: str | None
    is_new: bool
    is_changed: bool


def journal_of(draft: Draft) -> Select[Any]:
    """Return the query of what happened to a draft, the latest first."""
    return select(JournalEntry).where(JournalEntry.draft_id == draft.id).order_by(JournalEntry.id.desc())


def last_edits(draft: Draft) -> dict[int, JournalEntry]:
    """Return, by section id, who touched each section last; one query whatever their number."""
    last = (
        select(func.max(JournalEntry.id))
        .where(JournalEntry.draft_id == draft.id, JournalEntry.event.in_(_TEXT_EVENTS))
        .group_by(JournalEntry.subject_id)
    )
    entries = db.session.scalars(select(JournalEntry).where(JournalEntry.id.in_(last)))
    return {entry.subject_id: entry for entry in entries if entry.subject_id is not None}


def last_entry(draft: Draft) -> int:
    """Return the number of the last thing that happened to a draft, 0 where nothing did."""
    return db.session.scalar(select(func.max(JournalEntry.id)).where(JournalEntry.draft_id == draft.id)) or 0


def editors_since(section: Section, entry: int, *, but: int) -> list[str]:
    """Return the names of those, other than the person `but`, who edited a section after journal entry `entry`."""
    names = db.session.scalars(
        select(JournalEntry.actor_name)
        .where(
            JournalEntry.draft_id == section.draft_id,
            JournalEntry.id > entry,
            JournalEntry.event == Event.SECTION_EDITED,
            JournalEntry.subject_id == section.id,
            JournalEntry.actor_id != but,
        )
        .order_by(JournalEntry.id.desc())
        .limit(50)
    )
    return list(dict.fromkeys(name for name in names if name))


def stages_of(draft: Draft) -> Counter[Stage]:
    """Count the recommendations of the live text at each stage; a text without any counts all its sections."""
    counted = func.sum(func.coalesce((Section.kind == SectionKind.RECOMMENDATION).cast(db.Integer), 0))
    query = select(Section.stage, counted, func.count()).group_by(Section.stage)
    rows = db.session.execute(query.where(Section.draft_id == draft.id, Section.retired_at.is_(None))).all()
    counts = Counter({Stage(row[0]): int(row[1]) for row in rows if row[1]})
    return counts or Counter({Stage(row[0]): int(row[2]) for row in rows})


def least_far(stages: Counter[Stage]) -> Stage:
    """Return the stage that a document's band shows: that of its recommendations that are least far."""
    return min(stages, key=list(Stage).index, default=Stage.DRAFTING)


def states_of_section(draft: Draft, key: str, *, only_published: bool) -> list[SectionState]:
    """Return what a section was in each version that has it, the latest first, without loading its texts."""
    here = Version.number
    before = func.lag(VersionSection.body).over(order_by=here)
    query = (
        select(
            here,
            Version.label,
            Version.frozen_at,
            Version.published_at,
            VersionSection.slug,
            VersionSection.title,
            VersionSection.number.label("shown_number"),
            before.is_(None).label("is_new"),
            (VersionSection.body != func.coalesce(before, VersionSection.body)).label("is_changed"),
        )
        .join(VersionSection, VersionSection.version_id == Version.id)
        .where(Version.draft_id == draft.id, VersionSection.key == key)
        .order_by(here.desc())
    )
    if only_published:
        query = query.where(Version.published_at.is_not(None))
    return [SectionState(**row._mapping) for row in db.session.execute(query)]


def key_of_former_slug(draft: Draft, slug: str) -> str | None:
    """Return the key of the section that had this address in a published version, the latest that did."""
    return db.session.scalar(
        select(VersionSection.key)
        .join(Version, VersionSection.version_id == Version.id)
        .where(Version.draft_id == draft.id, Version.published_at.is_not(None), VersionSection.slug == slug)
        .order_by(Version.number.desc())
        .limit(1)
    )


def neighbours(version: Version) -> Sequence[VersionSection]:
    """Return the sections of a version in order, without their texts."""
    query = select(VersionSection).where(VersionSection.version_id == version.id).order_by(VersionSection.position)
    return db.session.scalars(query).all()
