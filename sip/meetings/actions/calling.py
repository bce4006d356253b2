"""Meetings: called, changed, and their agendas published."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sip.bodies.models import Body
from sip.core import clock
from sip.core.access import require
from sip.core.db import db
from sip.core.errors import Invalid
from sip.core.journal import Event
from sip.core.messages import message
from sip.cycles.checks import too_long
from sip.cycles.settling import settle
from sip.meetings.actions.recording import lock, record, record_point, tell_backers
from sip.meetings.models import Meeting
from sip.meetings.policy import may_prepare, may_prepare_meetings
from sip.people.models import Person

MAX_TITLE = 200
MAX_PLACE = 200
# Minutes of old meetings may be brought in; nobody plans further ahead.
FURTHEST_BACK = timedelta(days=10 * 366)
FURTHEST_AHEAD = timedelta(days=3 * 366)


def meeting_values(meeting: Meeting) -> dict[str, Any]:
    """Return what `edit_meeting` may change, as it is now."""
    return {"title": meeting.title, "starts_at": meeting.starts_at, "place": meeting.place}


def create_meeting(actor: Person | None, body: Body, values: Mapping[str, Any]) -> Meeting:
    """Call a meeting of a body, of the values that `meeting_values` names; raises Invalid."""
    require(may_prepare_meetings(actor, body))
    meeting = Meeting(body=body, created_at=clock.now(), points=[], **_checked(values))
    db.session.add(meeting)
    db.session.flush()
    record(actor, Event.MEETING_CREATED, meeting)
    return meeting


def edit_meeting(
    actor: Person | None, meeting: Meeting, values: Mapping[str, Any], began_from: str | None = None
) -> None:
    """Change a meeting; raises Invalid, or Conflict (see `settle`) where `began_from` is stale."""
    lock(meeting)
    require(may_prepare(actor, meeting))
    values = _checked(settle(began_from, meeting_values(meeting), values))
    changed = [name for name, value in values.items() if getattr(meeting, name) != value]
    for name in changed:
        setattr(meeting, name, values[name])
    if changed:
        record(actor, Event.MEETING_UPDATED, meeting, changed=changed)


def publish_agenda(actor: Person | None, meeting: Meeting) -> None:
    """Let every member read the agenda from now on; whoever proposed or supported a point on it is told.

    Raises Invalid."""
    lock(meeting)
    require(may_prepare(actor, meeting))
    if meeting.agenda_published_at is not None:
        return
    if not meeting.points:
        raise Invalid(message("There is no point on this agenda yet: add one first."))
    meeting.agenda_published_at = clock.now()
    record(actor, Event.AGENDA_PUBLISHED, meeting)
    for point in meeting.points:
        if point.review_id is not None:
            # What is on an agenda that is being prepared is not told; from now on the document tells it.
            record_point(actor, Event.POINT_PUT_ON_AGENDA, point)
        tell_backers(actor, point, "point_on_agenda")


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values as they are stored, the hour to the minute; raises Invalid."""
    if not values["title"].strip() or "\n" in values["title"]:
        raise Invalid(message("A meeting needs a title of one line."), "title")
    if len(values["title"]) > MAX_TITLE:
        raise Invalid(too_long(MAX_TITLE), "title")
    if len(values["place"]) > MAX_PLACE:
        raise Invalid(too_long(MAX_PLACE), "place")
    now = clock.now()
    if not now - FURTHEST_BACK <= values["starts_at"] <= now + FURTHEST_AHEAD:
        raise Invalid(
            message(
                "Choose a day between %(first)s and %(last)s.",
                first=(now - FURTHEST_BACK).date(),
                last=(now + FURTHEST_AHEAD).date(),
            ),
            "starts_at",
        )
    return {**values, "starts_at": values["starts_at"].replace(second=0, microsecond=0)}
