"""What the addresses of this room name; guards load it, and 404 answers where it is not there."""

from sip.bodies.loading import load_body
from sip.meetings import queries
from sip.meetings.models import AgendaPoint, Meeting

__all__ = ["load_body", "load_meeting", "load_point"]


def load_meeting(number: int) -> Meeting:
    """Find `/meetings/<number>`."""
    return queries.meeting_by_id(number)


def load_point(number: int) -> AgendaPoint:
    """Find `/points/<number>`; whoever is not signed in is asked to do that first."""
    return queries.point_by_id(number)
