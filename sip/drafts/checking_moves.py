"""Whether every move stands in the public record as it was made, and no section stands where no move led it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from sip.core.db import db
from sip.core.record import RecordKind, differences
from sip.drafts.models import Draft, Section, StageMove
from sip.drafts.moves import content_of

# People may change their name; what they did then stays under the name that they had.
_MAY_CHANGE = ("actor",)


def problems() -> Iterator[str]:
    """Yield one English sentence per problem; nothing when all is well."""
    yield from differences(RecordKind.MOVE, _moves(), _MAY_CHANGE)
    yield from _strayed_sections()


def _moves() -> Iterator[tuple[int, str, dict[str, Any]]]:
    query = select(StageMove, Draft).join(Draft, Draft.id == StageMove.draft_id).order_by(StageMove.id)
    options = joinedload(StageMove.section), joinedload(StageMove.actor)
    for move, draft in db.session.execute(query.options(*options)):
        yield move.id, f"{draft.slug}: move {move.id}", content_of(move, draft)


def _strayed_sections() -> Iterator[str]:
    """Sections that stand elsewhere, since another moment or until another one, than their last move says."""
    last: dict[int, tuple[str, datetime, datetime | None]] = {}
    query = select(StageMove.section_id, StageMove.after, StageMove.at, StageMove.closes_at).order_by(StageMove.id)
    for row in db.session.execute(query):
        last[row.section_id] = row.after, row.at, row.closes_at
    sections = select(Section.id, Section.slug, Section.stage, Section.stage_since, Section.stage_closes_at, Draft.slug)
    for id, slug, stage, since, closes_at, draft in db.session.execute(sections.join(Section.draft)):
        if id in last and last[id] != (stage, since, closes_at):
            yield f"{draft}: the stage of section {slug} is not what its last move says"
