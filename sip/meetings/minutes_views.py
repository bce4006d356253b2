"""Writing the minutes of a meeting, with its decisions, and publishing them."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from sip.core import clock
from sip.core.errors import Conflict, Invalid
from sip.cycles.forms import EditForm
from sip.meetings import policy
from sip.meetings.actions import minutes as actions
from sip.meetings.blueprint import blueprint
from sip.meetings.forms import minutes_form
from sip.meetings.loading import load_meeting
from sip.meetings.models import Meeting
from sip.web.guard import current_person, guard
from sip.web.i18n import translate
from sip.web.once import once


@blueprint.route("/meetings/<int(max=2147483647):number>/minutes", methods=["GET", "POST"])
@guard(policy.may_prepare, load=load_meeting)
def minutes(meeting: Meeting) -> Any:
    """Write what was said, and what was decided on each point."""
    form = minutes_form(meeting.points, actions.minutes_values(meeting))
    homeless = [text for name, text in request.form.items() if name.startswith("decision_") and name not in form]
    if form.validate_on_submit() and _keep_homeless(form, homeless):
        try:
            actions.write_minutes(current_person(), meeting, form.values(), form.began_from.data or "")
        except Invalid as error:
            form.take(error)
        except Conflict as error:
            form.show_theirs(error, actions.minutes_values(meeting))
        else:
            flash(gettext("The minutes are kept. Only your body reads them until you publish them."), "success")
            return redirect(url_for(".minutes", number=meeting.id), 303)
    page = render_template(
        "meetings/minutes.html",
        form=form,
        meeting=meeting,
        body=meeting.body,
        fields=[form[actions.field_of(point)] for point in meeting.points],
        undecided=[point for point in meeting.points if not point.decision.strip()],
        is_over=meeting.starts_at <= clock.now(),
        is_written=any(actions.minutes_values(meeting).values()),
    )
    return page, form.status


def _keep_homeless(form: EditForm, texts: list[str]) -> bool:
    """Show what was written on points that left the agenda meanwhile, so that it is not lost; say if there is none."""
    for text in filter(str.strip, texts):
        said = gettext("A point left the agenda while you were writing. You wrote on it: “%(text)s”", text=text)
        form.form_errors.append(said)
    return not form.form_errors


@blueprint.post("/meetings/<int(max=2147483647):number>/minutes/publish")
@once
@guard(policy.may_prepare, load=load_meeting)
def publish_minutes(meeting: Meeting) -> Any:
    """Let every member read the minutes and the decisions."""
    try:
        actions.publish_minutes(current_person(), meeting)
    except Invalid as error:
        flash(translate(error.message), "warning")
        return redirect(url_for(".minutes", number=meeting.id), 303)
    flash(
        gettext("Every member can read the minutes now. Whoever proposed or supports a point gets a mail."), "success"
    )
    return redirect(url_for(".show", number=meeting.id), 303)
