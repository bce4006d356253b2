"""Points that members propose to a body: their list, one of them, and what the body does with it."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from sip.bodies.models import Body
from sip.bodies.policy import sits_in
from sip.core.errors import Invalid
from sip.meetings import policy, queries
from sip.meetings.actions import agenda, points
from sip.meetings.blueprint import blueprint
from sip.meetings.forms import DeclineForm, PointForm, PutForm
from sip.meetings.loading import load_body, load_point
from sip.meetings.models import AgendaPoint, PointState
from sip.web.guard import current_person, guard
from sip.web.once import once
from sip.web.paging import paginate

# What the list shows under each name in its address; under any other, what members propose.
VIEWS = {"treated": (PointState.TREATED,), "declined": (PointState.DECLINED, PointState.WITHDRAWN)}


@blueprint.get("/bodies/<slug>/points")
@guard(policy.may_list_points, load=load_body)
def points_of_body(body: Body) -> str:
    """What do members want this body to speak about, and what became of it?"""
    person = current_person()
    view = request.args.get("view", "")
    states = VIEWS.get(view)
    page = paginate(queries.points_of(body, *states) if states else queries.proposals_of(body))
    return render_template(
        "meetings/points.html",
        body=body,
        view=view if states else "waiting",
        page=page,
        sits=sits_in(person, body),
        supported=queries.supported_by(person, page.items),
    )


@blueprint.route("/bodies/<slug>/points/new", methods=["GET", "POST"])
@once
@guard(policy.may_propose_point, load=load_body)
def propose_point(body: Body) -> Any:
    """Propose something for a body to speak about."""
    form = PointForm()
    if form.validate_on_submit():
        try:
            point = points.propose(current_person(), body, form.title.data, form.text.data)
        except Invalid as error:
            form.take(error)
        else:
            flash(gettext("Your point is there: others can support it. You get a mail when it is taken up."), "success")
            return redirect(url_for(".point", number=point.id), 303)
    page = render_template("meetings/propose.html", form=form, body=body)
    return page, 422 if form.is_submitted() else 200


@blueprint.get("/points/<int(max=2147483647):number>")
@guard(policy.may_see_point, load=load_point)
def point(point: AgendaPoint) -> str:
    """What is this point about, who supports it, what became of it?"""
    return _page(point)


def _page(point: AgendaPoint, declining: DeclineForm | None = None, putting: PutForm | None = None) -> str:
    person = current_person()
    may_handle = policy.may_handle_point(person, point)
    if putting is None and may_handle and point.state == PointState.PROPOSED:
        putting = PutForm(queries.meetings_to_fill(point.body), formdata=None)
    return render_template(
        "meetings/point.html",
        point=point,
        body=point.body,
        is_supported=point.id in queries.supported_by(person, [point]),
        may_support=policy.may_support_point(person, point),
        may_handle=may_handle,
        may_withdraw=policy.may_withdraw_point(person, point),
        sits=sits_in(person, point.body),
        declining=declining or DeclineForm(formdata=None),
        putting=putting,
    )


@blueprint.post("/points/<int(max=2147483647):number>/support")
@guard(policy.may_support_point, load=load_point)
def support(point: AgendaPoint) -> Any:
    """Say that one wants this spoken about."""
    points.support(current_person(), point)
    flash(gettext("You support this point. You can end that as long as it is not treated."), "success")
    return _back(point)


@blueprint.post("/points/<int(max=2147483647):number>/unsupport")
@guard(policy.may_support_point, load=load_point)
def unsupport(point: AgendaPoint) -> Any:
    """Take one's support back."""
    points.unsupport(current_person(), point)
    flash(gettext("You do not support this point any more."), "success")
    return _back(point)


def _back(point: AgendaPoint) -> Any:
    """Go back to the list where one came from there, else to the point."""
    if request.form.get("list"):
        return redirect(url_for(".points_of_body", slug=point.body.slug, _anchor=f"point-{point.id}"), 303)
    return redirect(url_for(".point", number=point.id), 303)


@blueprint.post("/points/<int(max=2147483647):number>/withdraw")
@once
@guard(policy.may_withdraw_point, load=load_point)
def withdraw(point: AgendaPoint) -> Any:
    """Take back what one proposed."""
    points.withdraw(current_person(), point)
    flash(gettext("Your point is withdrawn. It stays here to be read."), "success")
    return redirect(url_for(".point", number=point.id), 303)


@blueprint.post("/points/<int(max=2147483647):number>/decline")
@once
@guard(policy.may_decline_point, load=load_point)
def decline(point: AgendaPoint) -> Any:
    """Say why the body will not speak about a point."""
    form = DeclineForm()
    if form.validate():
        try:
            points.decline(current_person(), point, form.reason.data)
        except Invalid as error:
            form.take(error)
        else:
            flash(gettext("Whoever proposed or supports it gets a mail with your reason."), "success")
            return redirect(url_for(".point", number=point.id), 303)
    return _page(point, declining=form), 422


@blueprint.post("/points/<int(max=2147483647):number>/put")
@once
@guard(policy.may_handle_point, load=load_point)
def put_point(point: AgendaPoint) -> Any:
    """Put a point on the agenda of the meeting that was chosen."""
    form = PutForm(queries.meetings_to_fill(point.body))
    if form.validate():
        try:
            agenda.put(current_person(), point, queries.meeting_by_id(form.meeting.data))
        except Invalid as error:
            form.take(error)
        else:
            flash(gettext("“%(title)s” is on the agenda.", title=point.title), "success")
            return redirect(url_for(".agenda", number=form.meeting.data), 303)
    return _page(point, putting=form), 422
