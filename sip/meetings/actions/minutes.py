"""Minutes of a meeting, and what it decided on each point."""

from collections.abc import Mapping
from typing import Any

from sip.core import clock, markdown
from sip.core.access import require
from sip.core.db import db
from sip.core.errors import Invalid
from sip.core.journal import Event
from sip.core.messages import message
from sip.cycles.checks import too_long
from sip.cycles.settling import settle
from sip.meetings.actions.agenda import back_to_waiting
from sip.meetings.actions.recording import lock, record, record_point, tell_backers
from sip.meetings.models import AgendaPoint, Meeting, PointState
from sip.meetings.policy import may_prepare
from sip.people.models import Person

MAX_MINUTES = 60_000
MAX_DECISION = 5_000
CARRIED_OVER = "carried_over"  # why a point left an agenda, as the journal and the letters have it


def field_of(point: AgendaPoint) -> str:
    """Return the name under which the decision on a point is written."""
    return f"decision_{point.id}"


def minutes_values(meeting: Meeting) -> dict[str, Any]:
    """Return what `write_minutes` may change, as it is now: the minutes, and the decision on each point."""
    return {"minutes": meeting.minutes, **{field_of(point): point.decision for point in meeting.points}}


def write_minutes(
    actor: Person | None, meeting: Meeting, values: Mapping[str, Any], began_from: str | None = None
) -> None:
    """Keep minutes and decisions, for the body alone until they are published.

    Raises Invalid, or Conflict (see `settle`) where `began_from` is stale.
    """
    lock(meeting)
    require(may_prepare(actor, meeting))
    before = minutes_values(meeting)
    # What was taken off the agenda meanwhile needs no decision.
    values = settle(began_from, before, {name: text for name, text in values.items() if name in before})
    for name, text in values.items():
        most = MAX_MINUTES if name == "minutes" else MAX_DECISION
        if len(text) > most:
            raise Invalid(too_long(most), name)
    if values.get("minutes", meeting.minutes) != meeting.minutes:
        meeting.minutes = values["minutes"]
        meeting.minutes_html = markdown.render(meeting.minutes, id_prefix="minutes", heading_offset=1)
    for point in meeting.points:
        decision = values.get(field_of(point), point.decision)
        if decision != point.decision:
            point.decision = decision
            point.decision_html = markdown.render(decision, id_prefix=f"decision-{point.id}", heading_offset=2)
    if minutes_values(meeting) != before:
        record(actor, Event.MEETING_UPDATED, meeting, changed=["minutes"])


def publish_minutes(actor: Person | None, meeting: Meeting) -> None:
    """Let every member read minutes and decisions, which stay as they are; the backers of points are told.

    A point without a decision waits for another meeting. Raises Invalid.
    """
    lock(meeting)
    require(may_prepare(actor, meeting))
    now = clock.now()
    if meeting.starts_at > now:
        raise Invalid(message("The meeting has not taken place yet."))
    if not meeting.minutes.strip() and not any(point.decision.strip() for point in meeting.points):
        raise Invalid(message("Write the minutes, or a decision on a point, first."), "minutes")
    meeting.minutes_published_at = now
    # Minutes tell what was on the agenda.
    meeting.agenda_published_at = meeting.agenda_published_at or now
    record(actor, Event.MINUTES_PUBLISHED, meeting)
    for point in list(meeting.points):
        if point.decision.strip():
            point.state = PointState.TREATED
            record_point(actor, Event.POINT_DECIDED, point)
            tell_backers(actor, point, "point_decided")
        else:
            record_point(actor, Event.POINT_TAKEN_OFF_AGENDA, point, why=CARRIED_OVER)
            back_to_waiting(point)
            tell_backers(actor, point, "point_back", why=CARRIED_OVER)
    db.session.expire(meeting, ["points"])
