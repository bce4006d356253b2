"""Where each recommendation of a document stands, how it came there, and where it goes next."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from sip.core.errors import Invalid
from sip.cycles.stages import LADDER, MOVES, STAGE_NAMES, Right, Role, Stage, Verb, allows, is_onward, right
from sip.cycles.words import ROLE_NAMES, VERB_NAMES
from sip.drafts import policy
from sip.drafts.loading import load_draft
from sip.drafts.models import Draft, Section, VersionSection
from sip.drafts.standing import standing_of
from sip.web.guard import current_person, guard
from sip.web.i18n import translate
from sip.web.once import once
from sip.web.paging import paginate
from sip.workflow import actions, queries, record_views
from sip.workflow.blueprint import blueprint
from sip.workflow.conditions import Condition, adopted, conditions
from sip.workflow.forms import MoveForm
from sip.workflow.words import MOVE_NAMES, NEXT_STEPS

__all__ = ["blueprint", "record_views"]

# Here the board's own acts lead: its answer, its first report of progress.
_BY_ITSELF = (Stage.ANSWERED, Stage.FOLLOWED_UP)


@dataclass(frozen=True)
class Entry:
    """A recommendation under the name that everybody reads; `published` is None where nobody but its group reads it."""

    section: Section
    published: VersionSection | None

    @property
    def title(self) -> str:
        return self.published.title if self.published else self.section.title

    @property
    def number(self) -> str | None:
        return self.published.number if self.published else None

    @property
    def is_over(self) -> bool:
        return policy.is_over(self.section)

    @property
    def name(self) -> str:
        """Number and title, as in lists."""
        return f"{self.number}. {self.title}" if self.number else self.title


@dataclass(frozen=True)
class Group:
    """The recommendations of a document that stand at one stage, and how they can leave it."""

    stage: Stage
    entries: list[Entry]
    form: MoveForm | None
    conditions: list[Condition]
    onward: Stage | None
    adopted: Collection[str] = ()  # keys of those that can be handed over before the others

    @property
    def is_ready(self) -> bool:
        """Whether nothing is left to do before all of them go on."""
        return self.onward is not None and all(condition.is_met for condition in self.conditions)


@blueprint.get("/drafts/<slug>/workflow")
@guard(policy.may_read_draft, load=load_draft)
def show(draft: Draft) -> ResponseReturnValue:
    """Where does each recommendation stand, and how did it come there?"""
    return _page(draft, None), 200


@blueprint.post("/drafts/<slug>/workflow")
@once
@guard(policy.may_open_stages, load=load_draft)
def move(draft: Draft) -> ResponseReturnValue:
    """Move the recommendations that were chosen."""
    stage = Stage(request.args.get("from", "")) if request.args.get("from", "") in set(MOVES) else None
    entries = [entry for entry in _entries(draft) if entry.section.stage == stage]
    if stage is None or not entries:
        flash(gettext("Somebody has moved these recommendations meanwhile. This is where they stand now."), "warning")
        return redirect(url_for(".show", slug=draft.slug), 303)
    form = MoveForm(prefix=stage.value)
    form.offer(stage, _by_hand(draft, entries), _names(entries))
    if form.validate_on_submit():
        chosen = [entry.section for entry in entries if entry.section.key in form.sections.data]
        try:
            to = Stage(form.to.data)
            closes_at = _end_of(form.closes_at.data) if to in LADDER else None
            actions.move(current_person(), draft, chosen, to, reason=form.reason.data, closes_at=closes_at)
        except Invalid as error:
            form.take(error)
        else:
            flash(_said(to), "success")
            return redirect(url_for(".show", slug=draft.slug), 303)
    return _page(draft, (stage, form)), 422


def _page(draft: Draft, sent: tuple[Stage, MoveForm] | None) -> str:
    may_open = policy.may_open_stages(current_person(), draft)
    by_stage: dict[Stage, list[Entry]] = {}
    entries = _entries(draft)
    for entry in entries:
        by_stage.setdefault(Stage(entry.section.stage), []).append(entry)
    return render_template(
        "workflow/show.html",
        draft=draft,
        groups=[
            _group(draft, stage, by_stage[stage], sent, is_moving=bool(may_open))
            for stage in Stage
            if stage in by_stage
        ],
        rights=_rights(draft, [stage for stage in Stage if stage in by_stage]),
        roles=[role for role in Role if role in policy.roles_on(current_person(), draft)],
        MOVE_NAMES=MOVE_NAMES,
        VERB_NAMES=VERB_NAMES,
        ROLE_NAMES=ROLE_NAMES,
        names={entry.section.id: entry.name for entry in entries},
        may_open=may_open,
        **standing_of(current_person(), draft),
        page=paginate(queries.moves_of(draft)),
        wrong=sent[1] if sent else None,
    )


def _group(
    draft: Draft, stage: Stage, entries: list[Entry], sent: tuple[Stage, MoveForm] | None, *, is_moving: bool
) -> Group:
    sections = [entry.section for entry in entries]
    ways = [to for to in MOVES.get(stage, ()) if is_moving and policy.may_move(current_person(), sections[0], to)]
    if not ways:
        return Group(stage, entries, None, [], None)
    onward = next((to for to in ways if is_onward(stage, to)), None)
    by_hand = _by_hand(draft, entries)
    ready = adopted(draft, sections) if onward == Stage.UNDER_REVIEW else set()
    form: MoveForm | None
    if sent and sent[0] == stage:
        form = sent[1]
    else:
        chosen = [section.key for section in sections if not ready or section.key in ready]
        first = onward.value if onward in by_hand else None
        form = MoveForm(formdata=None, prefix=stage.value, sections=chosen, to=first)
        form.offer(stage, by_hand, _names(entries))
    if not by_hand:
        form = None
    return Group(stage, entries, form, conditions(draft, sections, onward) if onward else [], onward, ready)


def _by_hand(draft: Draft, entries: list[Entry]) -> list[Stage]:
    """Return where recommendations of one stage can be moved here; further on, something else may have to move them."""
    sections = [entry.section for entry in entries]
    return [
        to
        for to in MOVES.get(Stage(sections[0].stage), ())
        if to not in _BY_ITSELF or all(condition.is_met for condition in conditions(draft, sections, to))
    ]


def _rights(draft: Draft, stages: list[Stage]) -> list[tuple[Verb, list[Right]]]:
    """Return, for all that the reader may do at one of the stages of a way, how that stands at each of `stages` now."""
    roles = policy.roles_on(current_person(), draft)
    wider = roles | {Role.MEMBER}
    verbs = [verb for verb in Verb if any(allows(stage, wider, verb) for stage in Stage)]
    over = {
        stage: all(policy.is_over(section) for section in draft.living_sections if section.stage == stage)
        for stage in stages
    }
    return [(verb, [right(stage, roles, verb, is_over=over[stage]) for stage in stages]) for verb in verbs]


def _entries(draft: Draft) -> list[Entry]:
    """Return the recommendations of a document that the reader may know of, in the order in which everybody reads."""
    published = queries.published_sections(draft)
    may_read_live = policy.may_read_live(current_person(), draft)
    living = draft.living_sections
    entries = [
        Entry(section, published.get(section.key))
        for section in [section for section in living if section.is_recommendation] or living
        if section.key in published or may_read_live
    ]
    return sorted(entries, key=lambda entry: entry.published.position if entry.published else len(published))


def _names(entries: list[Entry]) -> dict[str, str]:
    return {entry.section.key: entry.name for entry in entries}


def _end_of(day: date | None) -> datetime | None:
    """Return the last second of a day for the people of this house."""
    if day is None:
        return None
    return datetime.combine(day, time(23, 59, 59), ZoneInfo(current_app.config["SETTINGS"].time_zone))


def _said(to: Stage) -> str:
    if to == Stage.WITHDRAWN:
        return gettext("Withdrawn. The text stays where it is, and can be taken up again.")
    said = gettext("Done: now at the stage “%(stage)s”.", stage=translate(STAGE_NAMES[to]))
    return f"{said} {NEXT_STEPS[to]}" if to in NEXT_STEPS else said
