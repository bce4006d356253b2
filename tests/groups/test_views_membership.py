"""Joining a group, answering, inviting, handing duties over and leaving, without JavaScript."""

import pytest
from sqlalchemy import select

from sip.core.db import db
from sip.groups.models import GroupRole, MembershipState, WorkingGroup
from sip.groups.policy import membership_of, role_in
from sip.people.models import Person
from tests.factories import make_group, make_membership, make_person
from tests.helpers import plain_text, sign_in_as, submit


def fresh(group):
    """The group as the database has it now."""
    db.session.expire_all()
    return db.session.get(WorkingGroup, group.id)


@pytest.mark.parametrize("path", ["join", "leave", "invite", "invitation/accept", "invitation/decline"])
def test_a_form_without_its_token_changes_nothing(client, path):
    person = make_person()
    group = make_group(facilitator=person)
    if path == "join":
        person = make_person()
    elif path.startswith("invitation"):
        person = make_person()
        make_membership(group, person, MembershipState.INVITED)
    sign_in_as(client, person)
    before = [(m.person_id, m.state) for m in group.memberships]
    assert client.post(f"/groups/{group.slug}/{path}", data={"email": "a@example.org"}).status_code == 400
    assert [(m.person_id, m.state) for m in fresh(group).memberships] == before


# Joining and leaving


def test_asking_being_accepted_and_leaving(client, facilitator, group):
    person = make_person(name="Tomasz")
    sign_in_as(client, person)
    assert submit(client, "/groups/rennes/join", {"message": "Bonjour"}, page="/groups/rennes").status_code == 303
    assert "You have asked to join" in client.get("/groups/rennes").text
    membership = membership_of(person, fresh(group))
    sign_in_as(client, facilitator)
    answer = {"answer": "accept", "words": "Bienvenue"}
    address = f"/groups/rennes/requests/{membership.id}"
    page = "/groups/rennes/members"
    assert "Bonjour" in client.get(page).text
    assert submit(client, address, answer, page=page).status_code == 303
    assert "Tomasz is in the group now" in client.get(page).text
    assert submit(client, address, answer, page=page).status_code == 303
    assert "answered already" in client.get(page).text
    sign_in_as(client, db.session.get(Person, person.id))
    assert "You are in this group: Participant" in client.get("/groups/rennes").text
    assert submit(client, "/groups/rennes/leave", {}, page="/groups/rennes").status_code == 303
    assert role_in(person, fresh(group)) is None
    sign_in_as(client, facilitator)
    history = plain_text(client.get("/groups/rennes/history").text)
    for words in ("Tomasz asked to join", "Tomasz joined the group", "Tomasz left the group"):
        assert words in history


def test_too_many_words_are_refused_and_kept(client, group):
    sign_in_as(client, make_person())
    words = "mot " * 300
    page = submit(client, "/groups/rennes/join", {"message": words}, page="/groups/rennes")
    assert page.status_code == 422
    assert "too long" in page.text
    assert words.strip() in page.text
    membership = make_membership(fresh(group), make_person(), MembershipState.REQUESTED)
    sign_in_as(client, fresh(group).memberships[0].person)
    address = f"/groups/rennes/requests/{membership.id}"
    for form in ({"answer": "accept", "words": words}, {"answer": "maybe"}, {}):
        page = submit(client, address, form, page="/groups/rennes/members")
        assert page.status_code == 422
    assert membership_of(membership.person, fresh(group)).state == MembershipState.REQUESTED


def test_who_asked_cannot_ask_again(client, group):
    person = make_person()
    make_membership(group, person, MembershipState.REQUESTED)
    sign_in_as(client, person)
    assert submit(client, "/groups/rennes/join", {}, page="/me/profile").status_code == 403


def test_the_answer_to_an_invitation_tells_nothing_about_the_address(client, group):
    known = make_person(name="Nom Connu")
    told = {}
    for email in (known.email, "unknown@example.org"):
        form = {"email": email, "role": "participant", "language": "fr", "name": ""}
        answer = submit(client, "/groups/rennes/invite", form, page="/groups/rennes/members")
        assert answer.status_code == 303
        page = plain_text(client.get("/groups/rennes/members").text)
        assert email in page
        told[email] = page.split("Skip to the content")[-1].split("What is this page for")[0].replace(email, "…")
    assert "Nom Connu" not in page
    assert len(set(told.values())) == 1
    assert {m.state for m in fresh(group).memberships if m.role == GroupRole.PARTICIPANT} == {MembershipState.INVITED}


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"email": "nobody"}, "not an email address"),
        ({"email": ""}, "Please fill this in"),
        ({"role": "referent"}, "must be a member of the board"),
        ({"role": "king"}, "valid choice"),
        ({"language": "xx"}, "valid choice"),
    ],
)
def test_a_wrong_invitation_keeps_what_was_typed(client, group, form, words):
    form = {"email": "a@example.org", "role": "participant", "language": "fr", "name": "Nom Tapé", **form}
    page = submit(client, "/groups/rennes/invite", form, page="/groups/rennes/members")
    assert page.status_code == 422
    assert words in page.text
    assert "Nom Tapé" in page.text
    assert db.session.scalar(select(Person).where(Person.email == "a@example.org")) is None


def test_accepting_an_invitation_to_facilitate(client, group):
    person = make_person()
    make_membership(group, person, MembershipState.INVITED, GroupRole.FACILITATOR)
    sign_in_as(client, person)
    page = client.get("/groups/rennes")
    assert "This group invites you" in page.text
    assert "Your role would be: Facilitator" in page.text
    assert submit(client, "/groups/rennes/invitation/accept", {}, page="/groups/rennes").status_code == 303
    page = client.get("/groups/rennes")
    assert "Welcome to Groupe de Rennes" in page.text
    assert "Maëlle Kerdoncuff hands the duty over (Facilitator)" in page.text
    assert role_in(person, fresh(group)) == GroupRole.FACILITATOR


def test_declining_an_invitation(client, group):
    person = make_person()
    make_membership(group, person, MembershipState.INVITED)
    sign_in_as(client, person)
    assert submit(client, "/groups/rennes/invitation/decline", {}, page="/groups/rennes").status_code == 303
    assert membership_of(person, fresh(group)).state == MembershipState.ENDED


# Duties


def test_giving_ones_own_duty_away_leads_back_to_the_group(client, facilitator):
    person = make_person(name="Youenn")
    group = make_group(facilitator=facilitator, participants=(person,))
    membership = membership_of(person, group)
    members = f"/groups/{group.slug}/members"
    form = {f"m{membership.id}-role": "facilitator"}
    answer = submit(client, f"{members}/{membership.id}/role", form, page=members)
    assert (answer.status_code, answer.location) == (303, f"/groups/{group.slug}")
    page = client.get(answer.location)
    assert "Youenn: Facilitator." in page.text
    assert "stays as a participant" in page.text


def test_a_duty_that_cannot_be_given_is_refused_beside_its_field(client, facilitator):
    group = make_group(facilitator=facilitator, participants=(make_person(),))
    membership = group.memberships[1]
    members = f"/groups/{group.slug}/members"
    for role, words in (
        ("referent", "must be a member of the board"),
        ("king", "valid choice"),
        ("", "Please fill this in"),
    ):
        form = {f"m{membership.id}-role": role}
        page = submit(client, f"{members}/{membership.id}/role", form, page=members)
        assert page.status_code == 422
        assert words in page.text
        assert f'id="m{membership.id}-role"' in page.text


def test_ending_a_participation_and_withdrawing_an_invitation(client, facilitator, group):
    participant = make_membership(group, make_person(name="Soizic"), MembershipState.ACTIVE)
    invited = make_membership(group, make_person(), MembershipState.INVITED)
    for membership in (participant, invited):
        address = f"/groups/rennes/members/{membership.id}/end"
        assert submit(client, address, {}, page="/groups/rennes/members").status_code == 303
    assert [m.state for m in fresh(group).memberships] == ["active", "ended", "ended"]
