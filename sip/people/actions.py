"""What changes people: the first administrator, invitations, profiles, roles."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError

from sip.core import clock, counts, journal, outbox
from sip.core.access import require
from sip.core.db import db
from sip.core.errors import Invalid
from sip.core.journal import Event
from sip.core.messages import message
from sip.people import passwords, policy, queries
from sip.people.models import Person, PersonRole, RoleGrant, SearchKey, Stakeholder
from sip.people.names import MAX_NAME, clean_name, name_key, normal_email, search_keys


@dataclass(frozen=True)
class Profile:
    """What is said about a person, as typed; `office_id` and `stakeholder` may be left open."""

    name: str
    language: str
    office_id: int | None = None
    stakeholder: Stakeholder | None = None


def make_first_administrator(profile: Profile, email: str, password: str) -> Person:
    """Make the first person of the installation; raises Missing where somebody was faster."""
    # Everybody who adds a person changes this row: of two at once the second waits here, and then sees the first.
    counts.add("people", 0)
    require(policy.may_start(None, queries.has_people()))
    return add_person(None, profile, email, roles=(PersonRole.ADMINISTRATOR,), password=password)


def add_person(
    actor: Person | None,
    profile: Profile,
    email: str,
    *,
    roles: Iterable[PersonRole] = (),
    password: str | None = None,
) -> Person:
    """Add somebody, joined if a password is given; asks no policy, since the command line has nobody to ask about."""
    address = normal_email(email)
    if address is None:
        raise Invalid(message("This is not an email address."), "email")
    person = Person(email=address, created_at=clock.now(), grants=[RoleGrant(role=role) for role in roles])
    _fill(person, profile)
    if password is not None:
        passwords.check_new(password, email=address, name=person.name)
        person.password_hash = passwords.hash_password(password)
        person.joined_at = clock.now()
    try:
        with db.session.begin_nested():
            db.session.add(person)
    except IntegrityError:
        raise Invalid(message("Somebody has an account with this address already."), "email") from None
    counts.add("people")
    counts.add(queries.office_count(person.office_id))
    journal.record(actor, Event.PERSON_CREATED, person.id, roles=sorted(roles))
    db.session.flush()
    return person


def invite(actor: Person | None, profile: Profile, email: str) -> Person:
    """Add somebody and mail an invitation."""
    require(policy.may_invite_people(actor))
    person = add_person(actor, profile, email)
    _mail_invitation(actor, person)
    return person


def invite_again(actor: Person | None, person: Person) -> None:
    """Mail the invitation once more."""
    require(policy.may_invite_again(actor, person))
    _mail_invitation(actor, person)


def _mail_invitation(actor: Person | None, person: Person) -> None:
    outbox.post(person.email, person.language, "invitation", inviter=actor.name if actor else "")
    journal.record(actor, Event.PERSON_INVITED, person.id)
    db.session.flush()


def change_profile(actor: Person | None, person: Person, profile: Profile) -> None:
    """Change one's own profile."""
    require(policy.may_edit_profile(actor, person))
    _lock(person)
    before = _facts(person)
    _fill(person, profile)
    changed = [name for name, value in _facts(person).items() if value != before[name]]
    if changed:
        journal.record(actor, Event.PERSON_UPDATED, person.id, fields=changed)
    db.session.flush()


def choose_language(person: Person, language: str) -> None:
    """Keep the language that somebody chose in passing; `language` is one of those offered."""
    person.language = language
    db.session.flush()


def change_roles(actor: Person | None, person: Person, roles: set[PersonRole]) -> None:
    """Give exactly these roles; the last administrator stays one."""
    require(policy.may_change_roles(actor, person))
    _lock(person)
    before = person.roles
    if roles == before:
        return
    is_leaving = PersonRole.ADMINISTRATOR in before - roles
    if is_leaving and not queries.has_other_administrator(person):
        raise Invalid(message("Somebody must administer this place: make another administrator first."), "roles")
    person.grants = [grant for grant in person.grants if grant.role in roles]
    person.grants += [RoleGrant(role=role) for role in sorted(roles - before)]
    journal.record(
        actor, Event.PERSON_ROLES_CHANGED, person.id, given=sorted(roles - before), taken=sorted(before - roles)
    )
    db.session.flush()


def count_move(old: int | None, new: int | None) -> None:
    """Keep the stored counts of offices right when somebody changes from one to another (None: to or from none)."""
    changes = {queries.office_count(old): -1, queries.office_count(new): 1}
    for name in sorted(changes):  # always in this order, so that two people who swap offices do not wait for each other
        counts.add(name, changes[name])


def fill_profile(person: Person, profile: Profile) -> None:
    """Take over what somebody says about themselves while joining; part of another action, which records it."""
    _lock(person)
    _fill(person, profile)


def _fill(person: Person, profile: Profile) -> None:
    name = clean_name(profile.name)
    if not name:
        raise Invalid(message("Please fill this in."), "name")
    if len(name) > MAX_NAME:
        raise Invalid(message("This is too long: %(max)s characters at most.", max=MAX_NAME), "name")
    person.name = name
    person.name_key = name_key(name)
    person.search_keys = [SearchKey(key=key) for key in search_keys(name, person.email)]
    person.language = profile.language
    if person.id is not None and person.office_id != profile.office_id:
        count_move(person.office_id, profile.office_id)
    person.office_id = profile.office_id
    person.stakeholder = profile.stakeholder


def _lock(person: Person) -> None:
    """Hold other writers of this account back until the transaction ends, and see what they did before."""
    db.session.refresh(person, with_for_update={"of": Person})
    db.session.refresh(person, ["grants", "search_keys"])


def _facts(person: Person) -> dict[str, object]:
    return {name: getattr(person, name) for name in ("name", "language", "office_id", "stakeholder")}
