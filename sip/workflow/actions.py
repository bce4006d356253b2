"""Moving recommendations to another stage, once what their stage demands is done."""

from collections.abc import Sequence
from datetime import datetime

from sip.ballots.actions.planning import cancel_running, hold_running
from sip.core.errors import Invalid
from sip.core.messages import message
from sip.cycles.stages import Stage
from sip.drafts import queries
from sip.drafts.actions.stages import move_sections
from sip.drafts.models import Draft, Section, StageMove
from sip.people.models import Person
from sip.reviews.actions.receiving import receive
from sip.threads.actions.stamps import bump
from sip.workflow.conditions import conditions


def move(
    actor: Person,
    draft: Draft,
    sections: Sequence[Section],
    to: Stage,
    *,
    reason: str = "",
    closes_at: datetime | None = None,
) -> list[StageMove]:
    """Move recommendations to `to`; raises Invalid where none is chosen, or where a condition is not met."""
    if not sections:
        raise Invalid(message("Choose at least one recommendation."), "sections")
    # What the conditions count must not change between the look and the move.
    queries.lock(draft)
    if not all(condition.is_met for condition in conditions(draft, sections, to)):
        raise Invalid(message("Something is still to be done before this stage can be left: see the list."))
    decided = [section for section in sections if section.stage == Stage.CODECISION]
    # Before the move is sealed: whoever counts a ballot holds it first, and then the public record.
    running = hold_running(draft, decided) if decided and to != Stage.UNDER_REVIEW else []
    moves = move_sections(actor, draft, sections, to, reason=reason, closes_at=closes_at)
    cancel_running(actor, running, reason)
    if to == Stage.UNDER_REVIEW:
        receive(actor, draft, sections)
    bump(draft.id)
    return moves
