"""Meetings of bodies: their list, one of them, and how they are called."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from sip.bodies import queries as bodies
from sip.bodies.models import Body
from sip.core import clock
from sip.core.errors import Conflict, Invalid
from sip.meetings import agenda_views, minutes_views, point_views, policy, queries
from sip.meetings.actions import calling, cancelling
from sip.meetings.blueprint import blueprint
from sip.meetings.forms import MeetingForm
from sip.meetings.loading import load_body, load_meeting
from sip.meetings.models import Meeting
from sip.web.guard import anyone, current_person, guard
from sip.web.once import once
from sip.web.paging import paginate

__all__ = ["agenda_views", "blueprint", "minutes_views", "point_views"]


@blueprint.get("/meetings")
@guard(anyone)
def index() -> str:
    """When do bodies meet? Those to come, the next first; with `?view=past` the others; `?body=` is one body's."""
    slug = request.args.get("body", "").replace("\0", "")
    body = bodies.body_by_slug(slug) if slug else None
    is_past = request.args.get("view") == "past"
    return render_template(
        "meetings/index.html",
        body=body,
        is_past=is_past,
        page=paginate(queries.meetings(is_past=is_past, body_id=body.id if body else None)),
        may_prepare=bool(body and policy.may_prepare_meetings(current_person(), body)),
        mine=bodies.bodies_of(current_person()) if body is None else [],
    )


@blueprint.get("/meetings/<int(max=2147483647):number>")
@guard(policy.may_see_meeting, load=load_meeting)
def show(meeting: Meeting) -> str:
    """When is it, what is on its agenda, what was said and decided?"""
    person = current_person()
    return render_template(
        "meetings/show.html",
        meeting=meeting,
        body=meeting.body,
        supported=queries.supported_by(person, meeting.points),
        may_read_agenda=policy.may_read_agenda(person, meeting),
        may_read_minutes=policy.may_read_minutes(person, meeting),
        may_prepare=policy.may_prepare(person, meeting),
        is_over=meeting.starts_at <= clock.now(),
    )


@blueprint.route("/bodies/<slug>/meetings/create", methods=["GET", "POST"])
@once
@guard(policy.may_prepare_meetings, load=load_body)
def create(body: Body) -> Any:
    """Call a meeting of a body."""
    form = MeetingForm()
    if form.validate_on_submit():
        try:
            meeting = calling.create_meeting(current_person(), body, form.values())
        except Invalid as error:
            form.take(error)
        else:
            flash(gettext("The meeting is there. Next: prepare its agenda."), "success")
            return redirect(url_for(".agenda", number=meeting.id), 303)
    return render_template("meetings/create.html", form=form, body=body), form.status


@blueprint.post("/meetings/<int(max=2147483647):number>/cancel")
@once
@guard(policy.may_prepare, load=load_meeting)
def cancel(meeting: Meeting) -> Any:
    """Say that a meeting does not take place."""
    cancelling.cancel_meeting(current_person(), meeting)
    flash(gettext("The meeting is cancelled. Its points wait for another one; those concerned get a mail."), "success")
    return redirect(url_for(".show", number=meeting.id), 303)


@blueprint.route("/meetings/<int(max=2147483647):number>/edit", methods=["GET", "POST"])
@guard(policy.may_prepare, load=load_meeting)
def edit(meeting: Meeting) -> Any:
    """Change when and where a meeting is."""
    form = MeetingForm(calling.meeting_values(meeting))
    if form.validate_on_submit():
        try:
            calling.edit_meeting(current_person(), meeting, form.values(), form.began_from.data or "")
        except Invalid as error:
            form.take(error)
        except Conflict as error:
            form.show_theirs(error, calling.meeting_values(meeting))
        else:
            flash(gettext("The meeting is saved."), "success")
            return redirect(url_for(".show", number=meeting.id), 303)
    return render_template("meetings/edit.html", form=form, meeting=meeting, body=meeting.body), form.status
