"""What changes working groups and who belongs to them, on a real database."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from sip.core import clock
from sip.core.db import db
from sip.core.errors import Conflict, Denied, Invalid
from sip.core.journal import Event, JournalEntry
from sip.core.outbox import Letter
from sip.cycles.settling import marks
from sip.groups import actions
from sip.groups.models import GroupRole, Membership, MembershipState
from sip.groups.policy import membership_of, role_in
from sip.people.models import Person, PersonRole
from tests.factories import make_cycle, make_group, make_membership, make_office, make_person, make_theme
from tests.helpers import journal_events


def letters():
    return [(letter.kind, letter.recipient) for letter in db.session.scalars(select(Letter).order_by(Letter.id))]


def invite(actor, group, email, **kwargs):
    actions.invite(actor, group, email, language="fr", **kwargs)


# Groups


def values(office, **more):
    return {"name": "Groupe de Rennes", "presentation": "On se **voit**.", "offices": [office.slug], **more}


def test_a_group_is_made_for_a_theme(app):
    steering, office = make_person(), make_office(slug="rennes")
    theme = make_theme(make_cycle(steering=(steering,)))
    group = actions.create_group(steering, theme, values(office))
    assert (group.slug, group.theme, group.offices) == ("groupe-de-rennes", theme, [office])
    assert "<strong>voit</strong>" in group.presentation_html
    assert journal_events() == [Event.GROUP_CREATED]
    other = actions.create_group(steering, make_theme(theme.cycle), values(office))
    assert other.slug == "groupe-de-rennes-2"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "a" * 121}, "name"),
        ({"name": "GROUPE de Rennes"}, "name"),
        ({"presentation": "a" * 20_001}, "presentation"),
        ({"offices": []}, "offices"),
        ({"offices": ["nowhere"]}, "offices"),
        ({"offices": [f"o{n}" for n in range(31)]}, "offices"),
    ],
)
def test_an_impossible_group_is_refused_beside_its_field(app, change, field):
    steering, office = make_person(), make_office()
    theme = make_theme(make_cycle(steering=(steering,)))
    make_group(theme, name="Groupe de Rennes")
    with pytest.raises(Invalid) as error:
        actions.create_group(steering, theme, values(office, **{"name": "Neuf", **change}))
    assert error.value.field == field


def test_members_and_facilitators_make_no_groups(facilitator, group):
    with pytest.raises(Denied):
        actions.create_group(facilitator, group.theme, values(make_office()))


def test_a_presentation_changed_in_between_is_not_overwritten(facilitator, group):
    office = make_office()
    actions.edit_group(facilitator, group, values(office))
    began_from = marks(actions.group_values(group))
    actions.edit_group(facilitator, group, values(office, presentation="La leur"))
    with pytest.raises(Conflict):
        actions.edit_group(facilitator, group, values(office, presentation="La mienne"), began_from)
    assert group.presentation == "La leur"
    other = make_office()
    actions.edit_group(facilitator, group, values(other), began_from)
    assert (group.presentation, group.offices) == ("La leur", [other])


# Joining


def test_asking_and_being_accepted(facilitator, group):
    person = make_person(name="Tomasz")
    actions.ask_to_join(person, group, "Bonjour")
    assert role_in(person, group) is None
    with pytest.raises(Denied):
        actions.ask_to_join(person, group)
    actions.answer_request(facilitator, membership_of(person, group), is_accepted=True, words="Bienvenue")
    assert role_in(person, group) == GroupRole.PARTICIPANT
    assert letters() == [("group_request", facilitator.email), ("group_request_accepted", person.email)]
    assert journal_events() == [Event.MEMBERSHIP_REQUESTED, Event.MEMBERSHIP_BEGUN]


def test_asking_and_being_declined_and_asking_again(facilitator, group):
    person = make_person()
    actions.ask_to_join(person, group)
    membership = membership_of(person, group)
    actions.answer_request(facilitator, membership, is_accepted=False, words="Pas cette fois")
    assert membership.state == MembershipState.ENDED
    assert letters()[-1] == ("group_request_declined", person.email)
    with pytest.raises(Invalid):
        actions.answer_request(facilitator, membership, is_accepted=True)
    actions.ask_to_join(person, group)
    assert len(db.session.scalars(select(Membership).where(Membership.person_id == person.id)).all()) == 1


def test_a_member_cannot_answer_requests(group):
    person = make_person()
    actions.ask_to_join(person, group)
    with pytest.raises(Denied):
        actions.answer_request(person, membership_of(person, group), is_accepted=True)


def test_words_have_a_limit(facilitator, group):
    with pytest.raises(Invalid):
        actions.ask_to_join(make_person(), group, "a" * 1001)


def test_somebody_known_is_invited_and_accepts(facilitator, group):
    person = make_person()
    invite(facilitator, group, f" {person.email.upper()} ", role=GroupRole.SECRETARY)
    assert role_in(person, group) is None
    assert letters() == [("group_invitation", person.email)]
    assert actions.accept_invitation(person, group) is None
    assert role_in(person, group) == GroupRole.SECRETARY
    with pytest.raises(Denied):
        actions.accept_invitation(person, group)


def test_somebody_unknown_gets_an_account_to_complete(facilitator, group):
    invite(facilitator, group, "neuf@example.org", name="Personne Neuve")
    person = db.session.scalars(select(Person).where(Person.email == "neuf@example.org")).one()
    assert (person.name, person.joined_at, person.language) == ("Personne Neuve", None, "fr")
    assert letters() == [("invitation", "neuf@example.org")]
    assert membership_of(person, group).state == MembershipState.INVITED


def test_the_journal_does_not_tell_who_was_invited(facilitator, group):
    person = make_person(name="Nom Secret")
    invite(facilitator, group, person.email)
    actions.end_membership(facilitator, membership_of(person, group))
    assert "Secret" not in str([entry.data for entry in db.session.scalars(select(JournalEntry))])
    assert journal_events() == [Event.MEMBERSHIP_INVITED, Event.MEMBERSHIP_DECLINED]


def test_inviting_again_sends_no_second_mail_within_a_day(facilitator, group):
    person = make_person()
    invite(facilitator, group, person.email)
    invite(facilitator, group, person.email, role=GroupRole.SECRETARY)
    assert len(letters()) == 1
    assert membership_of(person, group).role == GroupRole.SECRETARY
    with clock.at(clock.now() + timedelta(days=2)):
        invite(facilitator, group, person.email)
    assert len(letters()) == 2


def test_inviting_somebody_who_asked_lets_them_in(facilitator, group):
    person = make_person()
    actions.ask_to_join(person, group)
    invite(facilitator, group, person.email)
    assert role_in(person, group) == GroupRole.PARTICIPANT


def test_inviting_somebody_who_is_in_changes_nothing(facilitator, group):
    person = make_person()
    group = make_group(facilitator=facilitator, secretary=person)
    invite(facilitator, group, person.email)
    assert role_in(person, group) == GroupRole.SECRETARY
    assert letters() == []


@pytest.mark.parametrize("email", ["", "nobody", "a@", "a b@example.org", "@" * 300])
def test_what_is_no_address_is_refused(facilitator, group, email):
    with pytest.raises(Invalid) as error:
        invite(facilitator, group, email)
    assert error.value.field == "email"


def test_invitations_that_wait_have_a_limit(facilitator, group, monkeypatch):
    monkeypatch.setattr(actions, "MAX_WAITING", 1)
    invite(facilitator, group, "un@example.org")
    with pytest.raises(Invalid):
        invite(facilitator, group, "deux@example.org")


def test_declining_an_invitation(facilitator, group):
    person = make_person()
    invite(facilitator, group, person.email)
    actions.decline_invitation(person, group)
    assert membership_of(person, group).state == MembershipState.ENDED
    with pytest.raises(Denied):
        actions.accept_invitation(person, group)


# Duties


def test_a_new_facilitator_takes_over_and_the_former_stays_as_a_participant(facilitator, group):
    person = make_person()
    make_membership(group, person)
    former = actions.change_role(facilitator, membership_of(person, group), GroupRole.FACILITATOR)
    assert former is facilitator
    assert role_in(facilitator, group) == GroupRole.PARTICIPANT
    assert role_in(person, group) == GroupRole.FACILITATOR
    assert letters() == [("group_role", person.email)]
    assert journal_events() == [Event.MEMBERSHIP_ROLE_CHANGED] * 2


def test_accepting_an_invitation_to_facilitate_hands_the_duty_over(facilitator, group):
    person = make_person()
    invite(facilitator, group, person.email, role=GroupRole.FACILITATOR)
    assert role_in(facilitator, group) == GroupRole.FACILITATOR
    assert actions.accept_invitation(person, group) is facilitator
    assert role_in(facilitator, group) == GroupRole.PARTICIPANT
    assert letters()[-1] == ("group_role", facilitator.email)


def make_board_member():
    return make_person(roles=(PersonRole.BOARD_MEMBER,))


def test_a_referent_sits_on_the_board(facilitator):
    person = make_person()
    group = make_group(facilitator=facilitator, participants=(person,))
    with pytest.raises(Invalid) as error:
        actions.change_role(facilitator, membership_of(person, group), GroupRole.REFERENT)
    assert error.value.field == "role"
    for email in (make_person().email, "unknown@example.org"):
        with pytest.raises(Invalid):
            invite(facilitator, group, email, role=GroupRole.REFERENT)
    assert letters() == []
    assert db.session.scalar(select(Person).where(Person.email == "unknown@example.org")) is None


def test_a_group_has_two_referents_at_most(facilitator):
    board = [make_board_member() for _ in range(3)]
    group = make_group(facilitator=facilitator, referent=board[0], participants=(board[2],))
    invite(facilitator, group, board[1].email, role=GroupRole.REFERENT)
    with pytest.raises(Invalid):
        actions.change_role(facilitator, membership_of(board[2], group), GroupRole.REFERENT)
    actions.accept_invitation(board[1], group)
    roles = [membership.role for membership in group.memberships if membership.is_active]
    assert roles.count(GroupRole.REFERENT) == 2


def test_who_left_the_board_in_between_cannot_become_referent(facilitator, group):
    person = make_board_member()
    invite(facilitator, group, person.email, role=GroupRole.REFERENT)
    person.grants = []
    db.session.commit()
    with pytest.raises(Invalid):
        actions.accept_invitation(person, group)
    assert role_in(person, group) is None


def test_leaving_and_being_taken_out(facilitator):
    first, second = make_person(), make_person()
    group = make_group(facilitator=facilitator, participants=(first, second))
    actions.leave(first, group)
    actions.end_membership(facilitator, membership_of(second, group))
    assert [role_in(person, group) for person in (first, second)] == [None, None]
    assert letters() == [("group_membership_ended", second.email)]
    with pytest.raises(Denied):
        actions.leave(first, group)
    with pytest.raises(Invalid):
        actions.change_role(facilitator, membership_of(first, group), GroupRole.SECRETARY)


def test_who_comes_back_is_a_participant(facilitator):
    secretary = make_person()
    group = make_group(facilitator=facilitator, secretary=secretary)
    actions.leave(secretary, group)
    actions.ask_to_join(secretary, group)
    actions.answer_request(facilitator, membership_of(secretary, group), is_accepted=True)
    assert role_in(secretary, group) == GroupRole.PARTICIPANT


def test_a_right_lost_in_between_is_seen_under_the_lock(facilitator, group):
    """The facilitator was taken out by another transaction after this one had read the group."""
    person = make_person()
    actions.ask_to_join(person, group)
    table = Membership.__table__
    db.session.execute(table.update().where(table.c.person_id == facilitator.id).values(state=MembershipState.ENDED))
    assert role_in(facilitator, group) == GroupRole.FACILITATOR
    with pytest.raises(Denied):
        actions.answer_request(facilitator, membership_of(person, group), is_accepted=True)
