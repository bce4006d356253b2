"""Who may see, invite and change people."""

from sip.core.access import HIDDEN, YES, Answer, no
from sip.core.messages import N_
from sip.people.models import Person, Token


def may_administer_people(person: Person | None) -> Answer:
    """List and open the accounts of all members: administrators."""
    if person is not None and person.is_administrator:
        return YES
    return no(N_("Only administrators may do this."))


def may_invite_people(person: Person | None) -> Answer:
    """Invite somebody, or import a list: administrators."""
    return may_administer_people(person)


def may_see_account(person: Person | None, other: Person) -> Answer:
    """Open somebody's account: administrators."""
    return may_administer_people(person)


def may_change_roles(person: Person | None, other: Person) -> Answer:
    """Give and take the roles that hold everywhere: administrators."""
    return may_administer_people(person)


def may_invite_again(person: Person | None, other: Person) -> Answer:
    """Mail the invitation once more: administrators, as long as it was not accepted."""
    answer = may_administer_people(person)
    if answer and other.joined_at is not None:
        return no(N_("This person has already joined."))
    return answer


def may_edit_profile(person: Person | None, other: Person) -> Answer:
    """Change a profile and a password: one's own."""
    if person is None:
        return no(N_("Please sign in first."))
    return YES if person.id == other.id else no(N_("Only the person concerned may do this."))


def may_start(person: Person | None, has_people: bool) -> Answer:
    """Make the first administrator: whoever comes first, as long as there is nobody."""
    return HIDDEN if has_people else YES


def may_use_link(person: Person | None, token: Token | None) -> Answer:
    """Use a mailed link: whoever holds it; it is itself the right."""
    return YES
