"""Lookups of how recommendations went from stage to stage, and of what everybody calls them."""

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from sip.core.db import db
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
