"""Who may make and change bodies, and who may read and answer what is referred to them."""

from sip.bodies.models import Body, BodyKind, Referral, ReferralState
from sip.core.access import HIDDEN, YES, Answer, no
from sip.core.messages import N_
from sip.cycles.policy import is_steering
from sip.people.models import Person

# Who sits in these is told by a role; all other bodies have seats of their own.
SEATED_ELSEWHERE = (BodyKind.BOARD, BodyKind.STEERING)


def sits_in(person: Person | None, body: Body) -> bool:
    """Say whether `person` sits in `body`: board members in the board, a cycle's steering committee in its own."""
    if person is None:
        return False
    if body.kind == BodyKind.BOARD:
        return person.is_board_member
    if body.kind == BodyKind.STEERING:
        return body.cycle is not None and is_steering(person, body.cycle)
    return any(seat.person_id == person.id for seat in body.seats)


def may_read_body(person: Person | None, body: Body) -> Answer:
    """Read what a body is for, who sits in it, and what it published: everybody."""
    return YES


def may_manage_bodies(person: Person | None) -> Answer:
    """Make bodies: administrators."""
    if person is not None and person.is_administrator:
        return YES
    return no(N_("Only administrators may do this."))


def may_edit_body(person: Person | None, body: Body) -> Answer:
    """Change a body's name and role: administrators."""
    return may_manage_bodies(person)


def may_choose_seats(person: Person | None, body: Body) -> Answer:
    """Say who sits in a body: administrators, where it has seats of its own."""
    answer = may_manage_bodies(person)
    if not answer:
        return answer
    if body.kind == BodyKind.BOARD:
        return no(N_("Whoever has the role of board member sits in the board: give it on the page of the person."))
    if body.kind == BodyKind.STEERING:
        return no(N_("Whoever steers the cycle sits in this body: choose them on the cycle’s own page."))
    return YES


def may_refer(person: Person | None, body: Body) -> Answer:
    """Refer a matter to a body: every member, where the body takes matters."""
    if person is None:
        return no(N_("Sign in to refer a matter."))
    if not body.takes_referrals:
        return no(N_("This body does not take matters from members here."))
    return YES


def may_list_referrals(person: Person | None) -> Answer:
    """Open the list of one's own matters, and of those of one's bodies: every member."""
    return YES if person is not None else no(N_("Sign in to follow your matters."))


def may_see_referral(person: Person | None, referral: Referral) -> Answer:
    """Read a matter and what was said: its author and whoever sits in the body; nobody else may know of it."""
    if person is not None and (person.id == referral.author_id or sits_in(person, referral.body)):
        return YES
    return HIDDEN


def may_handle_referral(person: Person | None, referral: Referral) -> Answer:
    """Say how far a matter is, write and read notes for the body alone: whoever sits in it, on matters of others."""
    answer = may_see_referral(person, referral)
    if not answer:
        return answer
    if person is not None and person.id == referral.author_id:
        return no(N_("This is your own matter: somebody else of the body handles it."))
    return YES


def may_write_in_referral(person: Person | None, referral: Referral) -> Answer:
    """Write about a matter: whoever may read it; once it is closed, only the body, which can take it up again."""
    answer = may_see_referral(person, referral)
    if answer and referral.state == ReferralState.CLOSED and not may_handle_referral(person, referral):
        return no(N_("This matter is closed. If something new has come up, refer it again."))
    return answer
