"""Calling a ballot: planned, changed while it is not open, cancelled, and followed by another round."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from sip.ballots import policy, queries
from sip.ballots.actions import planning
from sip.ballots.ballot_page import frame
from sip.ballots.blueprint import blueprint
from sip.ballots.forms import BallotForm, CancelForm, DatesForm, RoundForm, written
from sip.ballots.loading import load_ballot, load_draft
from sip.ballots.models import Ballot
from sip.core import clock
from sip.core.errors import Invalid
from sip.core.messages import message
from sip.cycles import queries as cycle_queries
from sip.drafts import queries as draft_queries
from sip.drafts.models import Draft, Section, Version
from sip.groups.policy import role_in
from sip.web.guard import current_person, guard
from sip.web.i18n import say_moment
from sip.web.once import once
from sip.web.telling import tell

_USUAL = timedelta(days=10)  # that a ballot stays open, unless somebody says otherwise


@blueprint.route("/drafts/<slug>/ballots/new", methods=["GET", "POST"])
@once
@guard(policy.may_plan_ballot, load=load_draft)
def new(draft: Draft) -> ResponseReturnValue:
    """Put recommendations to the vote."""
    form, keep = BallotForm(), f"ballot:{draft.id}"
    version, names = _offer(form, draft)
    if request.method == "GET":
        mine = [group for group in draft.groups if role_in(current_person(), group)]
        form.group.data = str(mine[0].id) if mine else form.group.data
        asked = [section.key for section in draft.living_sections if section.slug == request.args.get("section")]
        form.sections.data = [key for key in asked or names if key in names]
        form.closes_at.data = _usual_end()
    if form.validate_on_submit():
        try:
            chosen = _chosen(draft, form)
            ballot = planning.plan(current_person(), draft, chosen, _published(version, form), _plan(draft, form))
        except Invalid as error:
            form.take(error)
        else:
            tell(_said(ballot), saved=keep)
            return redirect(url_for(".show", number=ballot.id), 303)
    page = render_template(
        "ballots/new.html", draft=draft, form=form, keep=keep, version=version, has_sections=bool(names), **frame(draft)
    )
    return page, 422 if form.errors else 200


def _offer(form: BallotForm, draft: Draft, ballot: Ballot | None = None) -> tuple[Version | None, dict[str, str]]:
    """Let the form offer what can be decided on; return the published version, and those recommendations' names.

    What another ballot decides on already, planned or open, is left out.
    """
    version = _current(draft, form)
    keys = {section.key for section in queries.sections_to_decide(draft)}
    others = [each for each in queries.running_on(draft, keys) if ballot is None or each.id != ballot.id]
    keys -= {section.key for each in others for section in each.section_list}
    frozen = draft_queries.sections_of_version(version) if version is not None else []
    names = {
        each.key: f"{each.number}. {each.title}" if each.number else each.title for each in frozen if each.key in keys
    }
    form.offer(
        names,
        {str(group.id): group.name for group in draft.groups},
        {str(office.id): office.name for office in cycle_queries.offices()},
    )
    return version, names


def _chosen(draft: Draft, form: BallotForm) -> list[Section]:
    return [section for section in draft.living_sections if section.key in (form.sections.data or [])]


def _current(draft: Draft, form: DatesForm) -> Version | None:
    """Return the published version, and let the form say that its page spoke of it."""
    version = draft_queries.version_with_contents(draft, draft.published_number or 0)
    if version is not None and not form.seen_version.data:
        form.seen_version.data = str(version.number)
    return version


def _published(version: Version | None, form: DatesForm) -> Version:
    """Return the version that whoever calls the ballot has seen; raises Invalid where there is none, or another now."""
    if version is None:
        raise Invalid(message("Publish a version first: a ballot is on a text that everybody can read."))
    seen, form.seen_version.data = form.seen_version.data, str(version.number)
    if seen != form.seen_version.data:
        raise Invalid(
            message(
                "Version %(number)s was published meanwhile. Read it, then send this once more.", number=version.number
            )
        )
    return version


def _plan(draft: Draft, form: BallotForm) -> planning.Plan:
    return form.plan(draft.groups, cycle_queries.offices())


def _usual_end() -> datetime:
    """Return the evening on which a ballot that opens now would usually close."""
    house = ZoneInfo(current_app.config["SETTINGS"].time_zone)
    day = (clock.now() + _USUAL).astimezone(house).date()
    return datetime.combine(day, time(20, 0), house)


def _said(ballot: Ballot) -> str:
    if ballot.opens_at <= clock.now():
        return gettext("The ballot is open. Whoever stands on its roll gets a mail.")
    return gettext(
        "The ballot is planned. It opens by itself on %(moment)s, and whoever may vote gets a mail then.",
        moment=say_moment(ballot.opens_at),
    )


@blueprint.route("/ballots/<int:number>/edit", methods=["GET", "POST"])
@once
@guard(policy.may_change_ballot, load=load_ballot)
def edit(ballot: Ballot) -> ResponseReturnValue:
    """Change a ballot that is not open yet."""
    draft, keep = ballot.draft, f"ballot:edit-{ballot.id}"
    form = BallotForm(data=_values(ballot))
    version, names = _offer(form, draft, ballot)
    if form.validate_on_submit():
        try:
            chosen = _chosen(draft, form)
            planning.change(current_person(), ballot, chosen, _published(version, form), _plan(draft, form))
        except Invalid as error:
            form.take(error)
        else:
            tell(gettext("The ballot is changed."), saved=keep)
            return redirect(url_for(".show", number=ballot.id), 303)
    page = render_template(
        "ballots/edit.html",
        draft=draft,
        ballot=ballot,
        form=form,
        keep=keep,
        version=version,
        has_sections=bool(names),
        **frame(draft),
    )
    return page, 422 if form.errors else 200


def _values(ballot: Ballot) -> dict[str, Any]:
    """Return a ballot as the form has it."""
    return {
        "sections": [section.key for section in ballot.section_list],
        "question": ballot.question,
        "explanation": ballot.explanation,
        "method": ballot.method,
        "rule": ballot.rule,
        "alternatives": written(ballot.alternatives),
        "electorate": ballot.electorate,
        "group": str(ballot.group_id or ""),
        "offices": [str(each.office_id) for each in ballot.offices],
        "quorum": ballot.quorum,
        "secrecy": ballot.secrecy,
        "shows_interim": ballot.shows_interim,
        "opens_at": ballot.opens_at,
        "closes_at": ballot.closes_at,
    }


@blueprint.route("/ballots/<int:number>/cancel", methods=["GET", "POST"])
@once
@guard(policy.may_cancel_ballot, load=load_ballot)
def cancel(ballot: Ballot) -> ResponseReturnValue:
    """Call a ballot off, with the reason that everybody reads."""
    form, keep = CancelForm(), f"ballot:cancel-{ballot.id}"
    if form.validate_on_submit():
        try:
            planning.cancel(current_person(), ballot, form.reason.data)
        except Invalid as error:
            form.take(error)
        else:
            tell(gettext("The ballot is cancelled. The reason stands on its page."), saved=keep)
            return redirect(url_for(".show", number=ballot.id), 303)
    page = render_template(
        "ballots/cancel.html", draft=ballot.draft, ballot=ballot, form=form, keep=keep, **frame(ballot.draft)
    )
    return page, 422 if form.errors else 200


@blueprint.route("/ballots/<int:number>/next-round", methods=["GET", "POST"])
@once
@guard(policy.may_start_next_round, load=load_ballot)
def next_round(ballot: Ballot) -> ResponseReturnValue:
    """Put the question to the vote again, on the text as it is published now."""
    planning.require_last_round(ballot)
    draft, keep = ballot.draft, f"ballot:next-{ballot.id}"
    form = RoundForm(data={"question": ballot.question, "explanation": ballot.explanation, "closes_at": _usual_end()})
    version = _current(draft, form)
    if form.validate_on_submit():
        try:
            following = planning.next_round(
                current_person(),
                ballot,
                _published(version, form),
                opens_at=form.opens_at.data,
                closes_at=form.closes_at.data,
                question=form.question.data,
                explanation=form.explanation.data,
            )
        except Invalid as error:
            form.take(error)
        else:
            tell(_said(following), saved=keep)
            return redirect(url_for(".show", number=following.id), 303)
    page = render_template(
        "ballots/next_round.html", draft=draft, ballot=ballot, form=form, keep=keep, version=version, **frame(draft)
    )
    return page, 422 if form.errors else 200
