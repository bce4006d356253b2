"""Lookups of how recommendations went from stage to stage, of what everybody calls them, and of the public record."""

from collections.abc import Collection

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from sip.core.db import db
from sip.core.errors import Missing
from sip.core.record import RecordEntry
from sip.cycles.models import Cycle
from sip.drafts.models import Draft, Section, SectionKind, StageMove, Version, VersionSection


def moves_of(draft: Draft) -> Select[StageMove]:
    """Return the query of a draft's moves, the latest first; running text goes along and is left out."""
    return (
        select(StageMove)
        .where(StageMove.draft_id == draft.id, StageMove.section.has(Section.kind == SectionKind.RECOMMENDATION))
        .order_by(StageMove.id.desc())
        .options(joinedload(StageMove.section), joinedload(StageMove.actor))
    )


def published_sections(draft: Draft) -> dict[str, VersionSection]:
    """Return the sections of the version that everybody reads, without their text, by their keys; empty without one."""
    query = (
        select(VersionSection)
        .join(Version, VersionSection.version_id == Version.id)
        .where(Version.draft_id == draft.id, Version.number == draft.published_number)
    )
    return {section.key: section for section in db.session.scalars(query)}


def record_of(draft: Draft | None, cycle: Cycle | None, kind: str | None) -> Select[RecordEntry]:
    """Return the query of the public record, the latest entry first: of a document, of a cycle, of one kind, or all."""
    query = select(RecordEntry).order_by(RecordEntry.number.desc())
    if draft is not None:
        query = query.where(RecordEntry.draft_id == draft.id)
    if cycle is not None:
        query = query.where(RecordEntry.cycle_id == cycle.id)
    return query.where(RecordEntry.kind == kind) if kind else query


def drafts_of(entries: Collection[RecordEntry]) -> dict[int, Draft]:
    """Return the published documents of entries by their ids."""
    wanted = {entry.draft_id for entry in entries}
    query = select(Draft).where(Draft.id.in_(wanted), Draft.published_number.is_not(None))
    return {draft.id: draft for draft in db.session.scalars(query)}


def draft_named(slug: str | None) -> Draft | None:
    """Return the published document with an address, None where none is given; raises Missing."""
    if not slug:
        return None
    draft = db.session.scalar(select(Draft).where(Draft.slug == slug, Draft.published_number.is_not(None)))
    if draft is None:
        raise Missing
    return draft


def cycle_named(slug: str | None) -> Cycle | None:
    """Return the cycle with an address, None where none is given; raises Missing."""
    if not slug:
        return None
    cycle = db.session.scalar(select(Cycle).where(Cycle.slug == slug))
    if cycle is None:
        raise Missing
    return cycle
