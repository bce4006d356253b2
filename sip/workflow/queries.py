"""Lookups of how recommendations went from stage to stage."""

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from sip.drafts.models import Draft, Section, SectionKind, StageMove


def moves_of(draft: Draft) -> Select[StageMove]:
    """Return the query of a draft's moves, the latest first; running text goes along and is left out."""
    return (
        select(StageMove)
        .where(StageMove.draft_id == draft.id, StageMove.section.has(Section.kind == SectionKind.RECOMMENDATION))
        .order_by(StageMove.id.desc())
        .options(joinedload(StageMove.section), joinedload(StageMove.actor))
    )
