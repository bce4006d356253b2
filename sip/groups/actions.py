"""Everything that changes working groups and who belongs to them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sip.core import clock, journal, markdown, outbox
from sip.core.access import require
from sip.core.db import db, hold
from sip.core.errors import Invalid
from sip.core.journal import Event
from sip.core.messages import message
from sip.core.slugs import UniqueSlugs, slugify
from sip.cycles.checks import check_slug, too_long
from sip.cycles.models import Cycle, Office, Theme
from sip.cycles.queries import offices_by_slug
from sip.cycles.settling import settle
from sip.groups import queries
from sip.groups.files import GroupFile
from sip.groups.models import GroupRole, Membership, MembershipState, WorkingGroup
from sip.groups.policy import (
    LEADING_ROLES,
    may_answer_invitation,
    may_ask_to_join,
    may_create_group,
    may_edit_group,
    may_leave,
    may_manage_members,
    membership_of,
)
from sip.people.actions import Profile, add_person
from sip.people.models import Person
from sip.people.names import clean_name, normal_email
from sip.people.queries import person_by_email

MAX_NAME = 120
MAX_PRESENTATION = 20_000
MAX_MESSAGE = 1_000
MAX_REFERENTS = 2
MAX_OFFICES = 30
MAX_WAITING = 60
# Inviting the same address again within a day changes the role offered, but sends no second mail.
BETWEEN_MAILS = timedelta(days=1)


# Groups


def group_values(group: WorkingGroup) -> dict[str, Any]:
    """Return what `edit_group` may change, as it is now; offices by their slugs."""
    return {
        "name": group.name,
        "presentation": group.presentation,
        "offices": sorted(office.slug for office in group.offices),
    }


def create_group(actor: Person | None, theme: Theme, values: Mapping[str, Any]) -> WorkingGroup:
    """Make a group for a theme, of the values that `group_values` names; raises Invalid."""
    require(may_create_group(actor, theme))
    db.session.refresh(theme, with_for_update={"of": Theme})
    offices = _check_group(theme, None, values)
    hold("groups.slug")
    slug = slugify(values["name"], "group")
    return _new_group(actor, UniqueSlugs(queries.slugs_like(slug)).claim(slug), theme, values, offices)


def _new_group(
    actor: Person | None, slug: str, theme: Theme, values: Mapping[str, Any], offices: list[Office]
) -> WorkingGroup:
    group = WorkingGroup(slug=slug, theme=theme, created_at=clock.now(), memberships=[])
    _assign(group, values, offices)
    db.session.add(group)
    db.session.flush()
    _record(actor, Event.GROUP_CREATED, group, group.id, cycle_id=theme.cycle_id)
    return group


def edit_group(
    actor: Person | None, group: WorkingGroup, values: Mapping[str, Any], began_from: str | None = None
) -> None:
    """Change a group; its address stays. Raises Invalid, or Conflict (see `settle`) where `began_from` is stale."""
    _lock(group)
    require(may_edit_group(actor, group))
    _update_group(actor, group, settle(began_from, group_values(group), values))


def _update_group(actor: Person | None, group: WorkingGroup, values: Mapping[str, Any]) -> None:
    offices = _check_group(group.theme, group, values)
    before = group_values(group)
    _assign(group, values, offices)
    changed = [name for name, value in group_values(group).items() if value != before[name]]
    if changed:
        _record(actor, Event.GROUP_UPDATED, group, group.id, changed=changed)


def _assign(group: WorkingGroup, values: Mapping[str, Any], offices: list[Office]) -> None:
    group.name = values["name"]
    if group.presentation != values["presentation"]:
        group.presentation = values["presentation"]
        group.presentation_html = markdown.render(group.presentation, id_prefix="presentation", heading_offset=2)
    if set(group.offices) != set(offices):
        group.offices = offices


def _check_group(theme: Theme, group: WorkingGroup | None, values: Mapping[str, Any]) -> list[Office]:
    """Refuse what a group cannot be, and return its offices; raises Invalid."""
    name = values["name"]
    if not name.strip() or "\n" in name:
        raise Invalid(message("A group needs a name of one line."), "name")
    if len(name) > MAX_NAME:
        raise Invalid(too_long(MAX_NAME), "name")
    others = {other for id, other in queries.names_in_theme(theme).items() if group is None or id != group.id}
    if name.casefold() in {other.casefold() for other in others}:
        raise Invalid(message("Another group of this theme has this name."), "name")
    if len(values["presentation"]) > MAX_PRESENTATION:
        raise Invalid(too_long(MAX_PRESENTATION), "presentation")
    slugs = list(dict.fromkeys(values["offices"]))
    if not slugs:
        raise Invalid(message("Choose at least one office: members of it find the group there."), "offices")
    if len(slugs) > MAX_OFFICES:
        raise Invalid(message("Choose %(most)s offices at most.", most=MAX_OFFICES), "offices")
    found = offices_by_slug(slugs)
    for slug in slugs:
        if slug not in found:
            raise Invalid(message("There is no office “%(slug)s”.", slug=slug), "offices")
    return [found[slug] for slug in slugs]


# Joining


def ask_to_join(actor: Person | None, group: WorkingGroup, words: str = "") -> None:
    """Ask to join; whoever leads the group is told by mail. Raises Invalid."""
    _lock(group)
    require(may_ask_to_join(actor, group))
    assert actor is not None
    if len(words) > MAX_MESSAGE:
        raise Invalid(too_long(MAX_MESSAGE), "message")
    membership = _put(group, actor, MembershipState.REQUESTED, GroupRole.PARTICIPANT)
    membership.message = words
    _record_member(actor, Event.MEMBERSHIP_REQUESTED, membership)
    for leader in _leaders(group):
        _mail(leader, "group_request", group, name=actor.name, message=words)


def answer_request(actor: Person | None, membership: Membership, *, is_accepted: bool, words: str = "") -> None:
    """Accept somebody who asked to join, or decline; they are told by mail, with `words`. Raises Invalid."""
    group = membership.group
    _lock(group)
    require(may_manage_members(actor, group))
    if len(words) > MAX_MESSAGE:
        raise Invalid(too_long(MAX_MESSAGE), "words")
    if membership.state != MembershipState.REQUESTED:
        raise Invalid(message("This request has been answered already."))
    if is_accepted:
        _begin(actor, membership)
        _mail(membership.person, "group_request_accepted", group, message=words)
    else:
        _close(membership)
        _record_member(actor, Event.MEMBERSHIP_DECLINED, membership)
        _mail(membership.person, "group_request_declined", group, message=words)


def invite(
    actor: Person | None,
    group: WorkingGroup,
    email: str,
    *,
    language: str,
    role: GroupRole = GroupRole.PARTICIPANT,
    name: str = "",
) -> None:
    """Invite whoever has this address; somebody without an account gets one to complete, in `language`.

    Nothing tells the caller whether the address was known. Raises Invalid.
    """
    _lock(group)
    require(may_manage_members(actor, group))
    address = normal_email(email)
    if address is None:
        raise Invalid(message("This is not an email address."), "email")
    waiting = sum(1 for other in group.memberships if other.state == MembershipState.INVITED)
    if waiting >= MAX_WAITING:
        raise Invalid(
            message("%(most)s invitations wait for an answer: withdraw some first.", most=MAX_WAITING), "email"
        )
    person = person_by_email(address)
    _check_role(group, person, role, "role")
    if person is None:
        person = add_person(actor, Profile(clean_name(name) or address.partition("@")[0], language), address)
    membership = membership_of(person, group)
    if membership is not None and membership.is_active:
        return
    if membership is not None and membership.state == MembershipState.REQUESTED:
        answer_request(actor, membership, is_accepted=True)
        return
    is_again = membership is not None and membership.state == MembershipState.INVITED
    if is_again and membership is not None and clock.now() - membership.since < BETWEEN_MAILS:
        membership.role = role
        db.session.flush()
        return
    membership = _put(group, person, MembershipState.INVITED, role)
    _record_member(actor, Event.MEMBERSHIP_INVITED, membership, with_name=False)
    _mail_invitation(actor, person, group, role)


def _mail_invitation(actor: Person | None, person: Person, group: WorkingGroup, role: GroupRole) -> None:
    inviter = actor.name if actor else ""
    if person.joined_at is None:
        outbox.post(person.email, person.language, "invitation", inviter=inviter, group=group.name)
    else:
        _mail(person, "group_invitation", group, inviter=inviter, role=role.value)
    db.session.flush()


def accept_invitation(actor: Person | None, group: WorkingGroup) -> Person | None:
    """Accept one's own invitation; return whoever hands their duty over by it, or None. Raises Invalid."""
    membership = _invitation(actor, group)
    _check_role(group, membership.person, GroupRole(membership.role), None)
    return _begin(actor, membership)


def decline_invitation(actor: Person | None, group: WorkingGroup) -> None:
    """Decline one's own invitation."""
    membership = _invitation(actor, group)
    _close(membership)
    _record_member(actor, Event.MEMBERSHIP_DECLINED, membership)


def _invitation(actor: Person | None, group: WorkingGroup) -> Membership:
    _lock(group)
    require(may_answer_invitation(actor, group))
    membership = membership_of(actor, group)
    assert membership is not None
    return membership


# Duties, and leaving


def change_role(actor: Person | None, membership: Membership, role: GroupRole) -> Person | None:
    """Give a duty; return whoever hands it over by that (a participant from now on), or None. Raises Invalid."""
    group = membership.group
    _lock(group)
    require(may_manage_members(actor, group))
    if not membership.is_active:
        raise Invalid(message("%(name)s is not in the group any more.", name=membership.person.name))
    if membership.role == role:
        return None
    _check_role(group, membership.person, role, "role")
    former = _hand_over(actor, membership, role)
    _set_role(actor, membership, role)
    return former


def leave(actor: Person | None, group: WorkingGroup) -> None:
    """Leave a group."""
    _lock(group)
    require(may_leave(actor, group))
    membership = membership_of(actor, group)
    assert membership is not None
    _end(actor, membership)


def end_membership(actor: Person | None, membership: Membership) -> None:
    """Take somebody out of the group and tell them by mail, or withdraw an invitation; raises Invalid."""
    group = membership.group
    _lock(group)
    require(may_manage_members(actor, group))
    if membership.state == MembershipState.INVITED:
        _close(membership)
        _record_member(actor, Event.MEMBERSHIP_DECLINED, membership, with_name=False, is_withdrawn=True)
        return
    if not membership.is_active:
        raise Invalid(message("%(name)s is not in the group any more.", name=membership.person.name))
    _end(actor, membership)
    if actor is None or actor.id != membership.person_id:
        _mail(membership.person, "group_membership_ended", group)


def _begin(actor: Person | None, membership: Membership) -> Person | None:
    """Let a membership begin; return whoever hands their duty over by it, or None."""
    former = _hand_over(actor, membership, GroupRole(membership.role))
    membership.state, membership.since = MembershipState.ACTIVE, clock.now()
    _record_member(actor, Event.MEMBERSHIP_BEGUN, membership, role=membership.role)
    return former


def _end(actor: Person | None, membership: Membership) -> None:
    role = membership.role
    _close(membership)
    _record_member(actor, Event.MEMBERSHIP_ENDED, membership, role=role)


def _close(membership: Membership) -> None:
    membership.state, membership.role, membership.since = MembershipState.ENDED, GroupRole.PARTICIPANT, clock.now()
    membership.message = ""


def _hand_over(actor: Person | None, membership: Membership, role: GroupRole) -> Person | None:
    """Make room for a new facilitator or secretary: there is one of each at most."""
    if role not in LEADING_ROLES:
        return None
    for other in membership.group.memberships:
        if other.is_active and other.role == role and other is not membership:
            _set_role(actor, other, GroupRole.PARTICIPANT)
            return other.person
    return None


def _set_role(actor: Person | None, membership: Membership, role: GroupRole) -> None:
    before, membership.role = membership.role, role
    _record_member(actor, Event.MEMBERSHIP_ROLE_CHANGED, membership, role=role.value, old_role=before)
    if actor is None or actor.id != membership.person_id:
        _mail(membership.person, "group_role", membership.group, role=role.value)


def _check_role(group: WorkingGroup, person: Person | None, role: GroupRole, field: str | None) -> None:
    """Refuse a referent who is not on the board, and a third one; raises Invalid."""
    if role != GroupRole.REFERENT:
        return
    if person is None or not person.is_board_member:
        raise Invalid(message("A referent administrator must be a member of the board."), field)
    states = (MembershipState.ACTIVE, MembershipState.INVITED)
    others = [m for m in group.memberships if m.role == role and m.state in states and m.person_id != person.id]
    if len(others) >= MAX_REFERENTS:
        raise Invalid(message("A group has two referent administrators at most."), field)


def _put(group: WorkingGroup, person: Person, state: MembershipState, role: GroupRole) -> Membership:
    """Bring the membership of `person` into a state, and make it where there is none."""
    membership = membership_of(person, group)
    if membership is None:
        membership = Membership(person=person, person_id=person.id)
        group.memberships.append(membership)
    membership.state, membership.role, membership.since, membership.message = state, role, clock.now(), ""
    db.session.flush()
    return membership


def _leaders(group: WorkingGroup) -> list[Person]:
    return [m.person for m in group.memberships if m.is_active and m.role in LEADING_ROLES]


def _record(actor: Person | None, event: Event, group: WorkingGroup, subject_id: int, **data: Any) -> None:
    journal.record(actor, event, subject_id, group_id=group.id, group=group.slug, group_name=group.name, **data)
    db.session.flush()


def _record_member(
    actor: Person | None, event: Event, membership: Membership, *, with_name: bool = True, **data: Any
) -> None:
    """Record what happened to a membership; who was invited is not told before they answer."""
    who = {"name": membership.person.name, "person_id": membership.person_id} if with_name else {}
    _record(actor, event, membership.group, membership.id, **who, **data)


def _mail(person: Person, kind: str, group: WorkingGroup, **data: Any) -> None:
    outbox.post(
        person.email, person.language, kind, to_name=person.name, group=group.name, group_slug=group.slug, **data
    )
    db.session.flush()


def _lock(group: WorkingGroup) -> None:
    """Hold other writers back until the transaction ends, and see what they did before."""
    db.session.refresh(group, with_for_update={"of": WorkingGroup})
    db.session.refresh(group, ["offices"])
    queries.reload_memberships(group)


# From and to files. An actor of None is the command line, which may do everything.


def store_group(actor: Person | None, cycle: Cycle, file: GroupFile) -> WorkingGroup:
    """Make or change the group with the slug of `file`, so that it is as the file says; raises Invalid."""
    check_slug(file.slug)
    theme = next((theme for theme in cycle.themes if theme.slug == file.theme), None)
    if theme is None:
        raise Invalid(message("There is no theme “%(slug)s” in this cycle.", slug=file.theme), "theme")
    group = db.session.scalar(db.select(WorkingGroup).where(WorkingGroup.slug == file.slug))
    if actor is not None:
        require(may_create_group(actor, theme) if group is None else may_edit_group(actor, group))
    values = {"name": file.name, "presentation": file.presentation, "offices": list(file.offices)}
    if group is None:
        return _new_group(actor, file.slug, theme, values, _check_group(theme, None, values))
    if group.theme.cycle_id != cycle.id:
        raise Invalid(message("A group of another cycle has the name “%(slug)s”.", slug=file.slug))
    group.theme = theme
    _update_group(actor, group, values)
    return group


def group_file(group: WorkingGroup) -> GroupFile:
    """Return a group as a file; who belongs to it is no part of that."""
    offices = tuple(sorted(office.slug for office in group.offices))
    return GroupFile(group.slug, group.name, group.theme.slug, offices, group.presentation)
