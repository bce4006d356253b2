"""What the public record says of a move."""

from typing import Any

from sqlalchemy import and_, select

from sip.core.db import db
from sip.drafts.models import Draft, StageMove, Version, VersionSection


def content_of(move: StageMove, draft: Draft) -> dict[str, Any]:
    """Return what is sealed of a move: of the text, only what the version says that everybody read then."""
    read = db.session.execute(
        select(Version.hash, VersionSection.title)
        .outerjoin(
            VersionSection,
            and_(VersionSection.version_id == Version.id, VersionSection.key == move.section.key),
        )
        .where(Version.draft_id == draft.id, Version.number == move.number)
    ).first()
    return {
        "draft": draft.slug,
        "section": move.section.key,
        "title": read.title if read else None,
        "before": move.before,
        "after": move.after,
        "at": move.at.isoformat(),
        "actor": move.actor.name if move.actor else None,
        "reason": move.reason,
        "version": move.number,
        "version_hash": read.hash if read else None,
        "closes_at": move.closes_at.isoformat() if move.closes_at else None,
    }
