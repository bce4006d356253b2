"""Preparing an agenda: what waits to be spoken about, what stands on it, and in which order."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from sip.core.db import db
from sip.core.errors import Invalid, Missing
from sip.drafts.loading import number_of
from sip.meetings import policy, queries
from sip.meetings.actions import agenda as actions
from sip.meetings.actions import calling
from sip.meetings.blueprint import blueprint
from sip.meetings.forms import OwnPointForm
from sip.meetings.loading import load_meeting, load_point
from sip.meetings.models import AgendaPoint, Meeting, PointState
from sip.web.guard import current_person, guard
from sip.web.i18n import translate
from sip.web.once import once
from sip.web.paging import paginate

SHOWN_REVIEWS = 60


@blueprint.get("/meetings/<int(max=2147483647):number>/agenda")
@guard(policy.may_prepare, load=load_meeting)
def agenda(meeting: Meeting) -> str:
    """Put points on the agenda, order them, publish it."""
    return _page(meeting, OwnPointForm(formdata=None))


def _page(meeting: Meeting, form: OwnPointForm) -> str:
    proposed = paginate(queries.points_of(meeting.body, PointState.PROPOSED))
    reviews = list(db.session.scalars(queries.reviews_to_discuss(meeting.body).limit(SHOWN_REVIEWS)))
    return render_template(
        "meetings/agenda.html",
        meeting=meeting,
        body=meeting.body,
        form=form,
        page=proposed,
        reviews=reviews,
        names=queries.names_of(reviews),
    )


@blueprint.post("/meetings/<int(max=2147483647):number>/agenda")
@once
@guard(policy.may_prepare, load=load_meeting)
def add_point(meeting: Meeting) -> Any:
    """Put something on the agenda that the body itself wants to speak about."""
    form = OwnPointForm()
    if form.validate():
        try:
            actions.add(current_person(), meeting, form.title.data, form.text.data)
        except Invalid as error:
            form.take(error)
        else:
            flash(gettext("“%(title)s” is on the agenda.", title=form.title.data), "success")
            return _to_agenda(meeting)
    return _page(meeting, form), 422


@blueprint.post("/meetings/<int(max=2147483647):number>/agenda/put")
@once
@guard(policy.may_prepare, load=load_meeting)
def put(meeting: Meeting) -> Any:
    """Put a point that waits on the agenda, or a recommendation under review (`point` or `review`, by its id)."""
    point, review = number_of(request.form.get("point", "")), number_of(request.form.get("review", ""))
    try:
        if review:
            title = actions.put_review(current_person(), queries.review_by_id(review), meeting).title
        else:
            chosen = queries.point_by_id(point)
            actions.put(current_person(), chosen, meeting)
            title = chosen.title
    except Invalid as error:
        # Nothing was typed: what is wrong is that somebody else was faster, as the page shows.
        flash(translate(error.message), "warning")
    else:
        flash(gettext("“%(title)s” is on the agenda.", title=title), "success")
    return _to_agenda(meeting)


@blueprint.post("/meetings/<int(max=2147483647):number>/agenda/publish")
@once
@guard(policy.may_prepare, load=load_meeting)
def publish_agenda(meeting: Meeting) -> Any:
    """Let every member read the agenda."""
    try:
        calling.publish_agenda(current_person(), meeting)
    except Invalid as error:
        flash(translate(error.message), "warning")
        return _to_agenda(meeting)
    flash(
        gettext("Every member can read the agenda now. Whoever proposed or supports a point on it gets a mail."),
        "success",
    )
    return redirect(url_for(".show", number=meeting.id), 303)


@blueprint.post("/points/<int(max=2147483647):number>/move")
@once
@guard(policy.may_handle_point, load=load_point)
def move_point(point: AgendaPoint) -> Any:
    """Move a point up or down on its agenda."""
    meeting = _meeting_of(point)
    actions.move(current_person(), point, -1 if request.form.get("to") == "up" else 1)
    return redirect(url_for(".agenda", number=meeting.id, _anchor=f"point-{point.id}"), 303)


@blueprint.post("/points/<int(max=2147483647):number>/take-off")
@once
@guard(policy.may_handle_point, load=load_point)
def take_off(point: AgendaPoint) -> Any:
    """Take a point off its agenda."""
    meeting, title = _meeting_of(point), point.title
    actions.take_off(current_person(), point)
    flash(gettext("“%(title)s” is off the agenda.", title=title), "success")
    return _to_agenda(meeting)


def _meeting_of(point: AgendaPoint) -> Meeting:
    """Return the meeting on whose agenda a point stands; raises Missing where it stands on none."""
    if point.meeting is None:
        raise Missing
    return point.meeting


def _to_agenda(meeting: Meeting) -> Any:
    return redirect(url_for(".agenda", number=meeting.id), 303)
