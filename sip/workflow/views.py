"""Where each recommendation of a document stands, how it came there, and where it goes next."""

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from sip.core.errors import Invalid
from sip.cycles.stages import LADDER, MOVES, STAGE_NAMES, Stage, is_onward
from sip.drafts import histories, policy
from sip.drafts.loading import load_draft
from sip.drafts.models import Draft, Section
from sip.web.guard import current_person, guard
from sip.web.i18n import translate
from sip.web.once import once
from sip.web.paging import paginate
from sip.workflow import actions, queries
from sip.workflow.conditions import Condition, conditions
from sip.workflow.forms import MoveForm

blueprint = Blueprint("workflow", __name__)


@dataclass(frozen=True)
class Group:
    """The recommendations of a document that stand at one stage, and how they can leave it."""

    stage: Stage
    sections: list[Section]
    form: MoveForm | None
    conditions: list[Condition]
    onward: Stage | None


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
    sections = _at(draft, stage) if stage else []
    if stage is None or not sections:
        flash(gettext("Somebody has moved these recommendations meanwhile. This is where they stand now."), "warning")
        return redirect(url_for(".show", slug=draft.slug), 303)
    form = MoveForm(prefix=stage.value)
    form.offer(stage, sections)
    if form.validate_on_submit():
        chosen = [section for section in sections if section.key in form.sections.data]
        try:
            to = Stage(form.to.data)
            closes_at = _end_of(form.closes_at.data) if to in LADDER else None
            actions.move(current_person(), draft, chosen, to, reason=form.reason.data, closes_at=closes_at)
        except Invalid as error:
            form.take(error)
        else:
            flash(_said(to, len(chosen)), "success")
            return redirect(url_for(".show", slug=draft.slug), 303)
    return _page(draft, (stage, form)), 422


def _page(draft: Draft, sent: tuple[Stage, MoveForm] | None) -> str:
    person = current_person()
    may_open = policy.may_open_stages(person, draft)
    stages = dict.fromkeys(Stage(section.stage) for section in _recommendations(draft))
    return render_template(
        "workflow/show.html",
        draft=draft,
        groups=[_group(draft, stage, sent, bool(may_open)) for stage in sorted(stages, key=list(Stage).index)],
        may_open=may_open,
        may_read_live=bool(policy.may_read_live(person, draft)),
        page=paginate(queries.moves_of(draft)),
        wrong=sent[1] if sent else None,
        stage=histories.least_far(histories.stages_of(draft)),
    )


def _group(draft: Draft, stage: Stage, sent: tuple[Stage, MoveForm] | None, may_open: bool) -> Group:
    sections = _at(draft, stage)
    onward = next((to for to in MOVES.get(stage, ()) if is_onward(stage, to)), None)
    may = may_open and any(policy.may_move(current_person(), sections[0], to) for to in MOVES.get(stage, ()))
    if not may:
        return Group(stage, sections, None, [], None)
    if sent and sent[0] == stage:
        form = sent[1]
    else:
        chosen = [section.key for section in sections]
        form = MoveForm(formdata=None, prefix=stage.value, sections=chosen, to=onward.value if onward else None)
        form.offer(stage, sections)
    return Group(stage, sections, form, conditions(draft, sections, onward) if onward else [], onward)


def _recommendations(draft: Draft) -> list[Section]:
    living = draft.living_sections
    return [section for section in living if section.is_recommendation] or living


def _at(draft: Draft, stage: Stage | None) -> list[Section]:
    return [section for section in _recommendations(draft) if section.stage == stage]


def _end_of(day: date | None) -> datetime | None:
    """Return the last second of a day for the people of this house."""
    if day is None:
        return None
    return datetime.combine(day, time(23, 59, 59), ZoneInfo(current_app.config["SETTINGS"].time_zone))


def _said(to: Stage, count: int) -> str:
    if to == Stage.WITHDRAWN:
        return gettext("Withdrawn. The text stays where it is, and can be taken up again.")
    return gettext("Done: now at the stage “%(stage)s”.", stage=translate(STAGE_NAMES[to]))
