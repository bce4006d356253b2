"""Positions on recommendations: everybody has one at most, and may change it."""

from sip.core import clock, counts, journal
from sip.core.access import require
from sip.core.db import db, hold
from sip.core.journal import Event
from sip.drafts.models import Draft
from sip.people.models import Person
from sip.threads.actions.stamps import bump
from sip.threads.models import Position, Stance
from sip.threads.policy import may_take_position
from sip.threads.queries import position_count


def take_position(actor: Person | None, draft: Draft, key: str, stance: Stance | None) -> None:
    """Say what one thinks of the recommendation `key`, or (None) take that back; the same again changes nothing."""
    require(may_take_position(actor, draft, key))
    assert actor is not None
    hold(f"position.{draft.id}.{key}.{actor.id}")
    found = db.session.get(Position, (draft.id, key, actor.id), populate_existing=True)
    before = Stance(found.stance) if found is not None else None
    if before == stance:
        return
    if found is None:
        found = Position(draft_id=draft.id, key=key, person_id=actor.id)
        db.session.add(found)
    if stance is None:
        db.session.delete(found)
    else:
        found.stance, found.at = stance.value, clock.now()
    # What everybody thinks is counted and not listed: the record says that somebody took part, not how, and it is not
    # among what happened to the document.
    journal.record(actor, Event.POSITION_TAKEN, draft.id, group_id=draft.groups[0].id, draft=draft.slug, key=key)
    db.session.flush()
    # One after the other in the same order, so that two people who change sides at once do not wait for each other.
    for each in sorted({before, stance} - {None}, key=str):
        if each is not None:
            counts.add(position_count(draft.id, key, each), 1 if each == stance else -1)
    bump(draft.id)
