"""Who may prepare the meetings of a body, read their agendas and minutes, and propose and support points."""

from sip.bodies.models import Body
from sip.bodies.policy import sits_in
from sip.core.access import HIDDEN, YES, Answer, no
from sip.core.messages import N_
from sip.meetings.models import AgendaPoint, Meeting, PointState
from sip.people.models import Person

# While a point is in one of these states, it can still be put on an agenda, supported or declined.
WAITING = (PointState.PROPOSED, PointState.ON_AGENDA)


def may_see_meeting(person: Person | None, meeting: Meeting) -> Answer:
    """See that there is a meeting, when and where: everybody."""
    return YES


def may_prepare_meetings(person: Person | None, body: Body) -> Answer:
    """Call meetings of a body, arrange their agendas and write their minutes: whoever sits in it."""
    if sits_in(person, body):
        return YES
    return no(N_("Only those who sit in this body may do this."))


def may_prepare(person: Person | None, meeting: Meeting) -> Answer:
    """Change one meeting and its agenda, or cancel it: whoever sits in its body, until its minutes are published."""
    answer = may_prepare_meetings(person, meeting.body)
    if answer and meeting.minutes_published_at is not None:
        return no(N_("The minutes are published, so this meeting stays as it is. Corrections go to the next one."))
    if answer and meeting.cancelled_at is not None:
        return no(N_("This meeting is cancelled."))
    return answer


def may_read_agenda(person: Person | None, meeting: Meeting) -> Answer:
    """Read an agenda: whoever sits in the body, and every member once it is published."""
    if person is None:
        return no(N_("Sign in to read the agenda and the minutes."))
    if meeting.agenda_published_at is not None or sits_in(person, meeting.body):
        return YES
    return no(N_("The agenda is not published yet."))


def may_read_minutes(person: Person | None, meeting: Meeting) -> Answer:
    """Read minutes and decisions: whoever sits in the body, and every member once they are published."""
    if person is None:
        return no(N_("Sign in to read the agenda and the minutes."))
    if meeting.minutes_published_at is not None or sits_in(person, meeting.body):
        return YES
    return no(N_("The minutes are not published yet."))


def may_list_points(person: Person | None, body: Body) -> Answer:
    """Read what members propose to a body: every member."""
    return YES if person is not None else no(N_("Sign in to read the points that members propose."))


def may_propose_point(person: Person | None, body: Body) -> Answer:
    """Propose something for a body to speak about: every member."""
    return YES if person is not None else no(N_("Sign in to propose a point."))


def is_on_open_agenda(point: AgendaPoint) -> bool:
    """Say whether a point stands on an agenda that members read."""
    return point.meeting is not None and point.meeting.agenda_published_at is not None


def may_see_point(person: Person | None, point: AgendaPoint) -> Answer:
    """Read a point: every member; what the body itself puts on an agenda only once that is published."""
    if person is None:
        return no(N_("Sign in to read the points that members propose."))
    is_kept_back = point.author_id is None and point.state == PointState.ON_AGENDA and not is_on_open_agenda(point)
    return HIDDEN if is_kept_back and not sits_in(person, point.body) else YES


def may_support_point(person: Person | None, point: AgendaPoint) -> Answer:
    """Support a point that somebody else proposed, or end that, until it is treated or declined."""
    answer = may_see_point(person, point)
    if not answer:
        return answer
    if point.state not in WAITING:
        return no(N_("This point is closed."))
    if point.author_id is None:
        return no(N_("The body itself put this on its agenda: it needs no support."))
    if person is not None and person.id == point.author_id:
        return no(N_("This is your own point."))
    return YES


def may_withdraw_point(person: Person | None, point: AgendaPoint) -> Answer:
    """Withdraw a point: whoever proposed it, until it stands on an agenda that members read."""
    answer = may_see_point(person, point)
    if not answer:
        return answer
    if person is None or person.id != point.author_id:
        return no(N_("Only whoever proposed this point may do this."))
    if point.state not in WAITING:
        return no(N_("This point is closed."))
    # Whether it stands on an agenda that is being prepared is for the body alone to know.
    if is_on_open_agenda(point):
        return no(N_("The body will speak about it: this point is on a published agenda."))
    return YES


def may_handle_point(person: Person | None, point: AgendaPoint) -> Answer:
    """Put a point on an agenda, take it off, or decline it: whoever sits in the body, until it is treated."""
    may_see, may_prepare_it = may_see_point(person, point), may_prepare_meetings(person, point.body)
    if not may_see or not may_prepare_it:
        return may_prepare_it if may_see else may_see
    if point.state not in WAITING:
        return no(N_("This point is closed."))
    return YES


def may_decline_point(person: Person | None, point: AgendaPoint) -> Answer:
    """Decline a point that a member proposed: as `may_handle_point`, while it is on no agenda."""
    answer = may_handle_point(person, point)
    if answer and point.state != PointState.PROPOSED:
        return no(N_("This point is on an agenda: take it off first."))
    return answer
