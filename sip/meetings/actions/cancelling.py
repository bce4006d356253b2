"""Meetings that do not take place."""

from sip.core import clock
from sip.core.access import require
from sip.core.db import db
from sip.core.journal import Event
from sip.meetings.actions.agenda import leave
from sip.meetings.actions.recording import lock, record
from sip.meetings.models import Meeting
from sip.meetings.policy import may_prepare
from sip.people.models import Person

CANCELLED = "cancelled"  # why a point left an agenda, as the journal and the letters have it


def cancel_meeting(actor: Person | None, meeting: Meeting) -> None:
    """Say that a meeting does not take place: its points wait for another one, and whoever read of them is told."""
    lock(meeting)
    require(may_prepare(actor, meeting))
    for point in list(meeting.points):
        leave(actor, point, meeting, CANCELLED)
    meeting.cancelled_at = clock.now()
    db.session.expire(meeting, ["points"])
    record(actor, Event.MEETING_CANCELLED, meeting)
