"""Lookups of how a live text came about: its sittings, and its texts and arrangement at any moment of its log."""

import zlib
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import aliased

from sip.core.db import db
from sip.drafts import live_text
from sip.drafts.models import Draft, DraftArrangement, DraftCheckpoint, DraftSitting, DraftUpdate, SittingPart

_MOST_UPDATES = 2**31 - 1  # what no database numbers beyond


class Update(NamedTuple):
    """When, by whom and how the log was continued."""

    at: datetime
    author_id: int | None
    origin: str


class Step(NamedTuple):
    """A moment of a sitting: after which update, the how manyth of the sitting's, and when."""

    update_id: int
    place: int
    at: datetime


@dataclass(frozen=True)
class Chosen:
    """Which sittings are asked for: all, those of one person, those that touched one section, or both."""

    person_id: int | None = None
    key: str = ""

    def __bool__(self) -> bool:
        return self.person_id is not None or bool(self.key)

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        """What the parts of such a sitting fulfil."""
        asked = []
        if self.person_id is not None:
            asked.append(SittingPart.person_id == self.person_id)
        if self.key:
            asked.append(SittingPart.key == self.key)
        return asked


@dataclass(frozen=True)
class Arrangement:
    """The sections that the text had at a moment, in order; `known_from` is set where that is known only from later."""

    sections: tuple[dict[str, Any], ...]
    known_from: datetime | None = None


def sittings(draft_id: int, chosen: Chosen) -> Select[Any]:
    """Return the query of a text's sittings, the latest first."""
    query = select(DraftSitting).where(DraftSitting.draft_id == draft_id).order_by(DraftSitting.number.desc())
    if chosen:
        query = query.where(exists().where(SittingPart.sitting_id == DraftSitting.id, *chosen.conditions))
    return query


def count_sittings(draft_id: int, chosen: Chosen) -> int:
    """Count what `sittings` finds."""
    if chosen:
        counted = select(func.count(SittingPart.sitting_id.distinct()))
        query = counted.where(SittingPart.draft_id == draft_id, *chosen.conditions)
    else:
        query = select(func.max(DraftSitting.number)).where(DraftSitting.draft_id == draft_id)
    return db.session.scalar(query) or 0


def has_history(draft_id: int) -> bool:
    """Tell whether the log of a text was cut into sittings; one without any change needs none."""
    has_updates = exists().where(DraftUpdate.draft_id == draft_id)
    has_sittings = exists().where(DraftSitting.draft_id == draft_id)
    return not db.session.scalar(select(has_updates & ~has_sittings))


def sitting_of(draft_id: int, update_id: int) -> DraftSitting | None:
    """Return the sitting to which an update belongs."""
    query = select(DraftSitting).where(DraftSitting.draft_id == draft_id, DraftSitting.first_update_id <= update_id)
    return db.session.scalar(query.order_by(DraftSitting.first_update_id.desc()).limit(1))


def steps_of(sitting: DraftSitting, most: int) -> list[Step]:
    """Return up to `most` moments of a sitting, evenly spread over its changes, the last one among them."""
    count = min(most, sitting.updates)
    places = [sitting.updates * number // count for number in range(1, count + 1)]
    update = aliased(DraftUpdate)
    place = func.row_number().over(order_by=update.id).label("place")
    inside = update.id.between(sitting.first_update_id, sitting.last_update_id)
    numbered = select(update.id, place).where(update.draft_id == sitting.draft_id, inside).subquery()
    query = select(DraftUpdate.id, numbered.c.place, DraftUpdate.at).join(numbered, numbered.c.id == DraftUpdate.id)
    rows = db.session.execute(query.where(numbered.c.place.in_(places)).order_by(DraftUpdate.id))
    return [Step(*row) for row in rows]


def around(sitting: DraftSitting, chosen: Chosen, each: int) -> list[DraftSitting]:
    """Return a sitting with up to `each` of those chosen before and after it, the earliest first."""
    later = sittings(sitting.draft_id, chosen).where(DraftSitting.number > sitting.number)
    earlier = sittings(sitting.draft_id, chosen).where(DraftSitting.number < sitting.number)
    after = db.session.scalars(later.order_by(None).order_by(DraftSitting.number).limit(each)).all()
    before = db.session.scalars(earlier.limit(each)).all()
    return [*reversed(before), sitting, *after]


def parts_of(sittings: Collection[DraftSitting]) -> dict[int, list[SittingPart]]:
    """Return, by sitting, who did what where; one query whatever their number."""
    query = select(SittingPart).where(SittingPart.sitting_id.in_([sitting.id for sitting in sittings]))
    found: dict[int, list[SittingPart]] = defaultdict(list)
    for part in db.session.scalars(query.order_by(SittingPart.id)):
        found[part.sitting_id].append(part)
    return found


def people_of(draft_id: int) -> list[int]:
    """Return the ids of everybody who has a part in a text's history."""
    query = select(SittingPart.person_id).where(SittingPart.draft_id == draft_id, SittingPart.person_id.is_not(None))
    return [person for person in db.session.scalars(query.distinct()) if person is not None]


def update_of(draft_id: int, update_id: int) -> Update | None:
    """Return what is known of an update; None where the text has no such one."""
    if update_id > _MOST_UPDATES:
        return None
    query = select(DraftUpdate.at, DraftUpdate.author_id, DraftUpdate.origin)
    row = db.session.execute(query.where(DraftUpdate.draft_id == draft_id, DraftUpdate.id == update_id)).first()
    return Update(*row) if row else None


def last_update(draft_id: int) -> int:
    """Return the id of the last update of a text, 0 where it has none."""
    return db.session.scalar(select(func.max(DraftUpdate.id)).where(DraftUpdate.draft_id == draft_id)) or 0


def texts_at(draft_id: int, update_id: int) -> dict[str, str]:
    """Return the text of every section as it was after an update, or before the first one where `update_id` is 0.

    Whatever the length of the log, it replays no more of it than lies behind a checkpoint.
    """
    kept = db.session.execute(
        select(DraftCheckpoint.update_id, DraftCheckpoint.state)
        .where(DraftCheckpoint.draft_id == draft_id, DraftCheckpoint.update_id <= update_id)
        .order_by(DraftCheckpoint.update_id.desc())
        .limit(1)
    ).first()
    since = select(DraftUpdate.data).where(
        DraftUpdate.draft_id == draft_id, DraftUpdate.id > (kept[0] if kept else 0), DraftUpdate.id <= update_id
    )
    updates: Sequence[bytes] = db.session.scalars(since.order_by(DraftUpdate.id)).all()
    return live_text.texts(updates, zlib.decompress(kept[1]) if kept else None)


def arrangement_at(draft: Draft, update_id: int) -> Arrangement:
    """Return the sections as they were arranged after an update; where that was not kept, as soon as it is known."""
    query = select(DraftArrangement).where(DraftArrangement.draft_id == draft.id)
    earlier = query.where(DraftArrangement.update_id <= update_id).order_by(DraftArrangement.update_id.desc())
    row = db.session.scalar(earlier.limit(1))
    if row is not None:
        return Arrangement(tuple(row.sections))
    row = db.session.scalar(query.order_by(DraftArrangement.update_id).limit(1))
    return Arrangement(tuple(row.sections), row.at) if row else Arrangement(())
