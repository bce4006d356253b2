"""What must be done before a recommendation leaves its stage, as the list that people see before they move it."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from sip.amendments.models import Amendment, AmendmentState
from sip.ballots import queries as ballots
from sip.core import clock
from sip.core.db import db
from sip.core.messages import N_, Message, message
from sip.cycles.stages import Stage, is_onward
from sip.drafts.models import Draft, Section
from sip.reviews import queries as reviews
from sip.threads.models import Thread, ThreadKind


@dataclass(frozen=True)
class Condition:
    """One thing that must hold; `page` and `arguments` are the endpoint where it can be done, or looked at.

    `left` counts what is still to be done; what waits for a day alone has none, and tells it in its text.
    """

    text: str | Message
    is_met: bool
    page: str
    arguments: dict[str, Any] = field(default_factory=dict)
    left: int = 0


def conditions(draft: Draft, sections: Collection[Section], to: Stage) -> list[Condition]:
    """Return what going on to `to` demands of `sections`; going back or out demands nothing but a reason."""
    sections = [section for section in sections if is_onward(Stage(section.stage), to)]
    stages = {Stage(section.stage) for section in sections}
    keys, here = _keys(draft, sections), {"slug": draft.slug}
    found = _open_long_enough(draft, sections)
    if Stage.INFORMATION in stages:
        left = _threads(draft, keys, Thread.kind == ThreadKind.QUESTION)
        filters = {"kind": ThreadKind.QUESTION.value, "disposition": "none"}
        found.append(_counted(N_("Every question is answered"), left, "threads.discussion", here | filters))
    if Stage.CONSULTATION in stages:
        left = _threads(draft, keys)
        text = N_("The group has said what becomes of every thread")
        found.append(_counted(text, left, "threads.discussion", here | {"disposition": "none"}))
    if Stage.CONCERTATION in stages:
        left, filters = _amendments(draft, keys), {"state": AmendmentState.OPEN.value}
        found.append(_counted(N_("Every amendment is answered"), left, "amendments.index", here | filters))
    named = {section.key for section in sections}
    if Stage.CODECISION in stages:
        left = len(named - ballots.adopted_on(draft, named))
        text = N_("A closed ballot has adopted the text that is published")
        found.append(_counted(text, left, "ballots.index", here))
        if running := ballots.running_on(draft, named):
            text = N_("No ballot on it is planned or open any more")
            found.append(Condition(text, False, "ballots.show", {"number": running[0].id}))
    if Stage.UNDER_REVIEW in stages:
        missing = named - reviews.answered_keys(draft, named)
        found.append(_of_the_board(N_("The board has published its answer"), sections, missing))
    if Stage.ANSWERED in stages:
        missing = named - reviews.reported_keys(draft, named)
        found.append(_of_the_board(N_("The board has reported on one of its commitments"), sections, missing))
    return found


def adopted(draft: Draft, sections: Collection[Section]) -> set[str]:
    """Return the keys of those that a ballot has adopted as they are published, and that wait for no other ballot."""
    named = {section.key for section in sections}
    awaited = {section.key for ballot in ballots.running_on(draft, named) for section in ballot.section_list}
    return ballots.adopted_on(draft, named) - awaited


def _counted(text: str, left: int, page: str, arguments: dict[str, Any]) -> Condition:
    return Condition(text, not left, page, arguments, left)


def _of_the_board(text: str, sections: list[Section], missing: set[str]) -> Condition:
    """Lead to the file of the first recommendation that waits for the board, or where none does to the first one."""
    first = next((section for section in sections if section.key in missing), sections[0])
    return _counted(text, len(missing), "reviews.file", {"slug": first.draft.slug, "section": first.slug})


def _open_long_enough(draft: Draft, sections: list[Section]) -> list[Condition]:
    """Return one condition for each stage that the cycle lets nobody leave before a number of days."""
    cycle, found = draft.theme.cycle, []
    for stage in Stage:
        days = cycle.minimum_days.get(stage, 0)
        began = [s.stage_since for s in sections if s.stage == stage and s.stage_since is not None]
        if days and began:
            until: datetime = max(began) + timedelta(days=days)
            text = message("Open for %(days)d days at least: until %(moment)s", days=days, moment=until)
            found.append(Condition(text, until <= clock.now(), "cycles.show", {"slug": cycle.slug}))
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
