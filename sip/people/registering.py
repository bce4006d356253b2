"""People added or made administrators from the command line: whoever can run it owns the machine."""

from sip.core import journal, outbox
from sip.core.db import db
from sip.core.errors import Invalid
from sip.core.journal import Event
from sip.core.messages import message
from sip.people import queries
from sip.people.actions import Profile, add_person
from sip.people.models import Person, PersonRole, RoleGrant


def register(email: str, name: str | None, language: str, *, is_administrator: bool) -> Person:
    """Find somebody by address, or add and invite them (then `name` is needed); make them an administrator if asked."""
    person = queries.person_by_email(email)
    if person is None:
        if not name:
            raise Invalid(message("Nobody has the address %(email)s; give a name to add somebody.", email=email))
        person = add_person(None, Profile(name, language), email)
        outbox.post(person.email, person.language, "invitation", inviter="")
        journal.record(None, Event.PERSON_INVITED, person.id)
    if is_administrator and not person.is_administrator:
        person.grants.append(RoleGrant(role=PersonRole.ADMINISTRATOR))
        journal.record(None, Event.PERSON_ROLES_CHANGED, person.id, given=[PersonRole.ADMINISTRATOR], taken=[])
    db.session.flush()
    return person
