"""What must always hold of the history of a live text: it says what the log says."""

import zlib
from collections.abc import Iterator
from itertools import islice

from sqlalchemy import select

from sip.core.db import db
from sip.drafts import live_text, moments
from sip.drafts.actions.checkpoints import arrangement_of
from sip.drafts.models import Draft, DraftCheckpoint, DraftSitting, DraftUpdate


def problems(draft: Draft) -> Iterator[str]:
    """Yield one English sentence per problem; nothing where a text from before there was a history has none yet."""
    if not moments.has_history(draft.id):
        return
    yield from _wrong_checkpoints(draft)
    yield from _wrong_sittings(draft)
    arrangement = moments.arrangement_at(draft, moments.last_update(draft.id))
    if arrangement.sections and list(arrangement.sections) != arrangement_of(draft):
        yield f"{draft.slug}: the last arrangement that was kept is not how the sections are arranged"


def _wrong_checkpoints(draft: Draft) -> Iterator[str]:
    """Checkpoints that are not what a replay of the whole log gives."""
    state, at = live_text.EMPTY, 0
    ids = select(DraftCheckpoint.update_id).where(DraftCheckpoint.draft_id == draft.id)
    for update_id in db.session.scalars(ids.order_by(DraftCheckpoint.update_id)).all():
        log = select(DraftUpdate.data).where(
            DraftUpdate.draft_id == draft.id, DraftUpdate.id > at, DraftUpdate.id <= update_id
        )
        state, at = live_text.compacted([state, *db.session.scalars(log.order_by(DraftUpdate.id))]), update_id
        kept = db.session.get_one(DraftCheckpoint, (draft.id, update_id))
        try:
            is_right = live_text.texts([], zlib.decompress(kept.state)) == live_text.texts([state])
        except (zlib.error, live_text.BadUpdate):
            is_right = False
        if not is_right:
            yield f"{draft.slug}: the state kept after update {update_id} differs from the update log"
        db.session.expunge(kept)


def _wrong_sittings(draft: Draft) -> Iterator[str]:
    """The first sitting that does not go on where the one before ended, or leaves out an update."""
    log = iter(
        db.session.scalars(
            select(DraftUpdate.id).where(DraftUpdate.draft_id == draft.id).order_by(DraftUpdate.id)
        ).all()
    )
    query = select(DraftSitting).where(DraftSitting.draft_id == draft.id).order_by(DraftSitting.number)
    for number, sitting in enumerate(db.session.scalars(query), 1):
        updates = list(islice(log, sitting.updates))
        ends = (sitting.first_update_id, sitting.last_update_id)
        if sitting.number != number or len(updates) != sitting.updates or (updates[0], updates[-1]) != ends:
            yield f"{draft.slug}: sitting {number} of its history is not what the update log holds"
            return
    if next(log, None) is not None:
        yield f"{draft.slug}: the last changes are missing in its history"
