"""Stages: a section goes from one to another, and what it opens may end at a set time."""

from collections.abc import Sequence
from datetime import datetime

from sip.core import clock, journal
from sip.core.access import require
from sip.core.db import db
from sip.core.errors import Denied, Invalid
from sip.core.journal import Event
from sip.core.messages import message
from sip.core.record import RecordKind, seal
from sip.cycles.checks import LAST_DAY
from sip.cycles.stages import WAY, Stage, is_onward
from sip.drafts import queries
from sip.drafts.models import Draft, Section, StageMove
from sip.drafts.moves import content_of
from sip.drafts.policy import leads_to, may_move
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
    closing time that is past or far away.
    """
    queries.lock(draft)
    for section in sections:
        require(may_move(actor, section, to))
    if not reason.strip() and not all(is_onward(Stage(section.stage), to) for section in sections):
        raise Invalid(message("Say why: those who took part will want to know."), "reason")
    if closes_at is not None and closes_at <= clock.now():
        raise Invalid(message("This moment has passed already."), "closes_at")
    if closes_at is not None and closes_at.date() > LAST_DAY:
        raise Invalid(message("Choose a day before %(day)s.", day=LAST_DAY), "closes_at")
    return _move_all(actor, draft, sections, to, reason, closes_at)


def move_along(actor: Person, draft: Draft, sections: Sequence[Section], to: Stage) -> list[StageMove]:
    """Move sections because of something that `actor` was allowed to do: an answer, a first report of progress.

    Raises Denied where the table of moves does not lead there; what the act itself demands, its own policy has asked.
    """
    queries.lock(draft)
    if not all(leads_to(section, to) for section in sections):
        raise Denied(message("From the stage where this recommendation stands, that is not the next step."))
    return _move_all(actor, draft, sections, to, "", None)


def open_information(actor: Person, draft: Draft, sections: Sequence[Section]) -> list[StageMove]:
    """Open sections in drafting to everybody, once the version that shows them is published; the draft is locked."""
    moves = [_move(actor, section, Stage.INFORMATION, "", None) for section in sections]
    return moves + _carry_along(actor, draft)


def _move_all(
    actor: Person, draft: Draft, sections: Sequence[Section], to: Stage, reason: str, closes_at: datetime | None
) -> list[StageMove]:
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


def _move(actor: Person | None, section: Section, to: Stage, reason: str, closes_at: datetime | None) -> StageMove:
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
    section.stage, section.stage_since, section.stage_closes_at = to.value, move.at, closes_at
    db.session.add(move)
    db.session.flush()
    seal(
        RecordKind.MOVE,
        move.id,
        cycle_id=section.draft.cycle_id,
        draft_id=section.draft_id,
        content=content_of(move, section.draft),
    )
    return move


def _carry_along(actor: Person, draft: Draft) -> list[StageMove]:
    """Let running text stand where the recommendation stands that is least far, so that people can talk about it."""
    living = draft.living_sections
    found = [section for section in living if section.is_recommendation and section.stage in WAY]
    if not found:
        return []
    least = min(found, key=lambda section: WAY.index(Stage(section.stage)))
    stage = Stage(least.stage)
    prose = [section for section in living if not section.is_recommendation and section.stage in WAY]
    return [_move(actor, section, stage, "", least.stage_closes_at) for section in prose if section.stage != stage]
