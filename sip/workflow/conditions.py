"""What must be done before a recommendation leaves its stage, as the list that people see before they move it."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from sip.amendments.models import Amendment, AmendmentState
from sip.core.db import db
from sip.core.messages import N_
from sip.cycles.stages import Stage, is_onward
from sip.drafts.models import Draft, Section
from sip.threads.models import Thread, ThreadKind


@dataclass(frozen=True)
class Condition:
    """One thing that must hold: `left` counts what is still to be done, `filters` find it in the list of all."""

    text: str
    left: int
    page: str
    filters: dict[str, str]

    @property
    def is_met(self) -> bool:
        return self.left == 0


def conditions(draft: Draft, sections: Collection[Section], to: Stage) -> list[Condition]:
    """Return what going on to `to` demands of `sections`; going back or out demands nothing but a reason."""
    found = []
    keys = _keys(draft, sections)
    stages = {Stage(section.stage) for section in sections if is_onward(Stage(section.stage), to)}
    if Stage.INFORMATION in stages:
        left = _threads(draft, keys, Thread.kind == ThreadKind.QUESTION)
        filters = {"kind": ThreadKind.QUESTION.value, "disposition": "none"}
        found.append(Condition(N_("Every question is answered"), left, "threads.discussion", filters))
    if Stage.CONSULTATION in stages:
        left = _threads(draft, keys)
        text = N_("The group has said what becomes of every thread")
        found.append(Condition(text, left, "threads.discussion", {"disposition": "none"}))
    if Stage.CONCERTATION in stages:
        filters = {"state": AmendmentState.OPEN.value}
        left = _amendments(draft, keys)
        found.append(Condition(N_("Every amendment is answered"), left, "amendments.index", filters))
    return found


def _keys(draft: Draft, sections: Collection[Section]) -> set[str | None]:
    """Return the sections that count: with the last recommendations, the running text and the document as a whole."""
    keys: set[str | None] = {section.key for section in sections}
    stages = {section.stage for section in sections}
    rest = [
        section
        for section in draft.living_sections
        if section.is_recommendation and section.key not in keys and section.stage in stages
    ]
    if not rest:
        keys |= {None, *(section.key for section in draft.living_sections if not section.is_recommendation)}
    return keys


def _threads(draft: Draft, keys: set[str | None], *more: ColumnElement[bool]) -> int:
    """Count what everybody sees and nobody has answered for the group."""
    return _count(
        select(func.count(Thread.id)).where(
            Thread.draft_id == draft.id,
            _in(Thread.key, keys),
            Thread.disposition.is_(None),
            Thread.comments > 0,
            ~Thread.is_internal,
            *more,
        )
    )


def _amendments(draft: Draft, keys: set[str | None]) -> int:
    return _count(
        select(func.count(Amendment.id)).where(
            Amendment.draft_id == draft.id,
            _in(Amendment.key, keys),
            Amendment.state == AmendmentState.OPEN,
            Amendment.hidden_at.is_(None),
        )
    )


def _in(column: InstrumentedAttribute[str | None], keys: set[str | None]) -> ColumnElement[bool]:
    named = column.in_([key for key in keys if key is not None])
    return or_(named, column.is_(None)) if None in keys else named


def _count(query: Select[int]) -> int:
    return db.session.scalar(query) or 0
