"""Who may make, change, join and lead working groups."""

from sip.core.access import YES, Answer, no
from sip.core.messages import N_
from sip.cycles.models import Theme
from sip.cycles.policy import may_edit_cycle
from sip.groups.models import GroupRole, Membership, MembershipState, WorkingGroup
from sip.people.models import Person

LEADING_ROLES = (GroupRole.FACILITATOR, GroupRole.SECRETARY)


def membership_of(person: Person | None, group: WorkingGroup) -> Membership | None:
    """Return the membership of `person` in `group` in whatever state, or None."""
    if person is None:
        return None
    return next((m for m in group.memberships if m.person_id == person.id), None)


def role_in(person: Person | None, group: WorkingGroup) -> GroupRole | None:
    """Return the role that `person` holds in `group` now, or None."""
    membership = membership_of(person, group)
    return GroupRole(membership.role) if membership and membership.is_active else None


def may_create_group(person: Person | None, theme: Theme) -> Answer:
    """Make a group for a theme: the cycle's steering committee and administrators."""
    return may_edit_cycle(person, theme.cycle)


def may_edit_group(person: Person | None, group: WorkingGroup) -> Answer:
    """Change a group's name, offices and presentation: whoever leads it, or the cycle's steering committee."""
    if role_in(person, group) in LEADING_ROLES or may_edit_cycle(person, group.theme.cycle):
        return YES
    return no(N_("Only the facilitator and the secretary of the group may do this."))


def may_manage_members(person: Person | None, group: WorkingGroup) -> Answer:
    """Invite people, answer requests, give roles, end memberships: as `may_edit_group`."""
    return may_edit_group(person, group)


def may_see_members(person: Person | None, group: WorkingGroup) -> Answer:
    """See everybody in the group by name; visitors see only those who lead it."""
    return YES if person is not None else no(N_("Sign in to see everybody who takes part."))


def may_ask_to_join(person: Person | None, group: WorkingGroup) -> Answer:
    """Ask to join: every member who is not in the group and has not asked yet."""
    if person is None:
        return no(N_("Sign in to join this group."))
    membership = membership_of(person, group)
    if membership is None or membership.state == MembershipState.ENDED:
        return YES
    if membership.state == MembershipState.REQUESTED:
        return no(N_("You have asked to join; the group will answer you."))
    if membership.state == MembershipState.INVITED:
        return no(N_("The group has invited you: accept or decline the invitation."))
    return no(N_("You are already in this group."))


def may_answer_invitation(person: Person | None, group: WorkingGroup) -> Answer:
    """Accept or decline one's own invitation."""
    membership = membership_of(person, group)
    if membership is not None and membership.state == MembershipState.INVITED:
        return YES
    return no(N_("There is no invitation waiting for you in this group."))


def may_leave(person: Person | None, group: WorkingGroup) -> Answer:
    """Leave a group one is in."""
    if role_in(person, group) is not None:
        return YES
    return no(N_("You are not in this group."))


def may_read_group(person: Person | None, group: WorkingGroup) -> Answer:
    """Read what a group is and who leads it: everybody."""
    return YES


def may_manage_membership(person: Person | None, membership: Membership) -> Answer:
    """Answer a request, give a role, end a membership: as `may_manage_members` of its group."""
    return may_manage_members(person, membership.group)
