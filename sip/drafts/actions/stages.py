"""Stages: a section goes from one to another, and what it opens may end at a set time."""

from collections.abc import Sequence
from datetime import datetime

from sip.core import clock, journal
from sip.core.access import require
from sip.core.db import db
from sip.core.errors import Invalid
from sip.core.journal import Event
from sip.core.messages import message
from sip.cycles.stages import LADDER, Stage, is_onward
from sip.drafts import queries
from sip.drafts.models import Draft, Section, StageMove
from sip.drafts.policy import may_move
from sip.people.models import Person

MAX_REASON = 2000


def move_sections(
    actor: Person,
    draft: Draft,
    sections: Sequence[Section],
    to: Stage,
    *,
    reason: str = "",
    closes_at: datetime | None = None,
) -> list[StageMove]:
    """Move sections to a stage, which closes at `closes_at` if that is given; running text follows the least far.

    Raises Denied where the table of moves does not lead there, Invalid without a reason where one is needed, or for a
    closing time that is past.
    """
    queries.lock(draft)
    for section in sections:
        require(may_move(actor, section, to))
    if not reason.strip() and not all(is_onward(Stage(section.stage), to) for section in sections):
        raise Invalid(message("Say why: those who took part will want to know."), "reason")
    if closes_at is not None and closes_at <= clock.now():
        raise Invalid(message("This moment has passed already."), "closes_at")
    moves = [_move(actor, section, to, reason, closes_at) for section in sections]
    moves += _carry_along(actor, draft)
    journal.record(
        actor,
        Event.STAGE_MOVED,
        draft.id,
        draft_id=draft.id,
        cycle_id=draft.cycle_id,
        stage=to.value,
        titles=[section.title for section in sections][:20],
        count=len(sections),
        reason=reason,
        number=draft.published_number,
        title=draft.title,
    )
    db.session.flush()
    return moves


def _move(actor: Person, section: Section, to: Stage, reason: str, closes_at: datetime | None) -> StageMove:
    move = StageMove(
        draft_id=section.draft_id,
        section=section,
        before=section.stage,
        after=to.value,
        at=clock.now(),
        actor=actor,
        reason=reason.strip()[:MAX_REASON],
        number=section.draft.published_number,
        closes_at=closes_at,
    )
    section.stage, section.stage_closes_at = to.value, closes_at
    db.session.add(move)
    return move


def _carry_along(actor: Person, draft: Draft) -> list[StageMove]:
    """Let running text stand where the recommendation stands that is least far, so that people can talk about it."""
    living = draft.living_sections
    found = [section for section in living if section.is_recommendation and section.stage in LADDER]
    if not found:
        return []
    least = min(found, key=lambda section: LADDER.index(Stage(section.stage)))
    stage = Stage(least.stage)
    prose = [section for section in living if not section.is_recommendation and section.stage in LADDER]
    return [_move(actor, section, stage, "", least.stage_closes_at) for section in prose if section.stage != stage]
