"""Matters that members refer to a body: each is between its author and whoever sits there."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from sip.bodies import policy, queries
from sip.bodies.actions import referring
from sip.bodies.blueprint import blueprint
from sip.bodies.forms import HandlingForm, MessageForm, ReferralForm
from sip.bodies.loading import load_body, load_referral
from sip.bodies.models import Body, Referral, ReferralState
from sip.core.errors import Invalid
from sip.web.guard import current_person, guard
from sip.web.once import once
from sip.web.paging import paginate


@blueprint.route("/bodies/<slug>/refer", methods=["GET", "POST"])
@once
@guard(policy.may_refer, load=load_body)
def refer(body: Body) -> Any:
    """Refer a matter to a body, in private."""
    form = ReferralForm()
    if form.validate_on_submit():
        try:
            referral = referring.refer(current_person(), body, form.subject.data, form.text.data)
        except Invalid as error:
            form.take(error)
        else:
            flash(gettext("%(body)s has your matter. You get a mail when it answers.", body=body.name), "success")
            return redirect(url_for(".referral", number=referral.id), 303)
    page = render_template("bodies/refer.html", form=form, body=body, people=queries.people_of(body))
    return page, 422 if form.is_submitted() else 200


@blueprint.get("/referrals")
@guard(policy.may_list_referrals)
def referrals() -> str:
    """My matters, and with `?view=received` those that others refer to the bodies I sit in."""
    person = current_person()
    sits_in = queries.bodies_of(person)
    view = "received" if request.args.get("view") == "received" and sits_in else "mine"
    state = next((state for state in ReferralState if state == request.args.get("state")), None)
    return render_template(
        "bodies/referrals.html",
        view=view,
        state=state,
        sits_in=sits_in,
        page=paginate(queries.referrals(person, sits_in if view == "received" else None, state=state)),
    )


@blueprint.route("/referrals/<int(max=2147483647):number>", methods=["GET", "POST"])
@once
@guard(policy.may_see_referral, load=load_referral)
def referral(referral: Referral) -> Any:
    """What was said of a matter, and how far is it? Posting adds to it."""
    person = current_person()
    may_handle = policy.may_handle_referral(person, referral)
    form = HandlingForm(data={"state": _next_state(referral)}) if may_handle else MessageForm()
    if form.validate_on_submit():
        try:
            referring.answer(person, referral, form.text.data, **_handled(form))
        except Invalid as error:
            form.take(error)
        else:
            flash(_said(referral, form), "success")
            return redirect(url_for(".referral", number=referral.id), 303)
    return _page(referral, form), 422 if form.is_submitted() else 200


def _next_state(referral: Referral) -> str:
    """Whoever answers what was just received has it in hand."""
    return ReferralState.IN_HAND.value if referral.state == ReferralState.RECEIVED else referral.state


def _handled(form: MessageForm) -> dict[str, Any]:
    if not isinstance(form, HandlingForm):
        return {}
    return {"state": form.chosen, "is_internal": form.is_internal.data}


def _said(referral: Referral, form: MessageForm) -> str:
    if not isinstance(form, HandlingForm):
        return gettext("%(body)s has your message.", body=referral.body.name)
    if form.is_internal.data:
        return gettext("The note is kept, for the body alone.")
    return gettext("%(name)s gets a mail that there is an answer.", name=referral.author.name)


def _page(referral: Referral, form: MessageForm) -> str:
    person = current_person()
    may_handle = policy.may_handle_referral(person, referral)
    return render_template(
        "bodies/referral.html",
        referral=referral,
        body=referral.body,
        form=form,
        page=paginate(queries.messages_of(referral, with_internal=bool(may_handle))),
        may_write=policy.may_write_in_referral(person, referral),
        may_handle=may_handle,
        is_mine=person.id == referral.author_id,
    )
