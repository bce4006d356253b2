"""Where a document or one of its sections stands, as the band of stages on top of a page tells it."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sip.core import clock
from sip.cycles.stages import Stage
from sip.drafts import policy
from sip.drafts.histories import least_far
from sip.drafts.models import Draft, Section
from sip.people.models import Person


def standing_of(person: Person | None, draft: Draft, section: Section | None = None) -> dict[str, Any]:
    """Return what `drafts/_stage.html` needs of a document, or of one of its sections, for `person` on any page."""
    living = draft.living_sections
    shown = [section] if section else [each for each in living if each.is_recommendation] or living
    stages = Counter(Stage(each.stage) for each in shown)
    stage = least_far(stages)
    return {
        "stage": stage,
        "stages": None if section else stages,
        "may_read_live": bool(policy.may_read_live(person, draft)),
        "may_write": policy.may_write(person, draft),
        **until(stage, ((Stage(each.stage), each.stage_closes_at) for each in shown)),
    }


def until(stage: Stage, closings: Iterable[tuple[Stage, datetime | None]]) -> dict[str, Any]:
    """Return when `stage` closes first, of what stands there, as `until`, and as `is_over` whether that has passed."""
    first = min((moment for at, moment in closings if at == stage and moment is not None), default=None)
    return {"until": first, "is_over": first is not None and first <= clock.now()}
