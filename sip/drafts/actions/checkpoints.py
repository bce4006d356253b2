"""What the history of a live text stands on: states kept on the way, and every arrangement that the text had."""

import zlib
from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select

from sip.core import clock
from sip.core.db import db
from sip.drafts import live_text
from sip.drafts.models import Draft, DraftArrangement, DraftCheckpoint, DraftUpdate

# A state is kept after so many updates at the soonest, and at the latest. In between it depends on what they weigh, so
# that all states of a long text together stay in proportion to its log.
SOONEST = 500
LATEST = 4_000
_SHARE = 4


def keep_checkpoint(draft_id: int, update_id: int, updates: Iterable[bytes], *, is_due: bool | None = None) -> bool:
    """Keep the state after an update where one is due, or where the caller says so; tells whether it was kept.

    Called from time to time with what is at hand, as each snapshot is taken: a state, or updates that make one.
    """
    if is_due is None:
        is_due = _is_due(draft_id, update_id)
    if not is_due or db.session.get(DraftCheckpoint, (draft_id, update_id)) is not None:
        return False
    packed = zlib.compress(live_text.compacted(updates))
    db.session.add(DraftCheckpoint(draft_id=draft_id, update_id=update_id, at=clock.now(), state=packed))
    db.session.flush()
    return True


def _is_due(draft_id: int, update_id: int) -> bool:
    last = db.session.execute(
        select(DraftCheckpoint.update_id, func.length(DraftCheckpoint.state))
        .where(DraftCheckpoint.draft_id == draft_id, DraftCheckpoint.update_id <= update_id)
        .order_by(DraftCheckpoint.update_id.desc())
        .limit(1)
    ).first()
    since, size = (last[0], last[1]) if last else (0, 0)
    count, weight = db.session.execute(
        select(func.count(), func.coalesce(func.sum(func.length(DraftUpdate.data)), 0)).where(
            DraftUpdate.draft_id == draft_id, DraftUpdate.id > since, DraftUpdate.id <= update_id
        )
    ).one()
    return bool(count >= LATEST or (count >= SOONEST and weight * _SHARE >= size))


def note_arrangement(draft: Draft) -> None:
    """Keep which sections the text has now; called in the transaction that changed their order, titles or kinds."""
    db.session.flush()
    last = db.session.scalar(select(func.max(DraftUpdate.id)).where(DraftUpdate.draft_id == draft.id)) or 0
    store_arrangement(draft.id, last, arrangement_of(draft))


def store_arrangement(draft_id: int, update_id: int, sections: list[dict[str, Any]]) -> None:
    """Keep an arrangement from an update on, instead of another one from the same."""
    row = DraftArrangement(draft_id=draft_id, update_id=update_id, at=clock.now(), sections=sections)
    db.session.merge(row)
    db.session.flush()


def arrangement_of(draft: Draft) -> list[dict[str, Any]]:
    """Return the living sections as an arrangement keeps them."""
    return [
        {
            "key": section.key,
            "slug": section.slug,
            "title": section.title,
            "kind": section.kind,
            "group": section.group.name if section.group else None,
        }
        for section in draft.living_sections
    ]
