"""The pages of working groups, as a browser without JavaScript sees and uses them."""

import re

import pytest
from flask import g
from sqlalchemy import select

from sip.core import clock, journal
from sip.core.db import db
from sip.core.journal import Event
from sip.drafts.models import Draft
from sip.groups.models import GroupRole, Membership, MembershipState, WorkingGroup
from sip.groups.policy import membership_of, role_in
from sip.people.models import Person
from tests.factories import make_administrator, make_cycle, make_group, make_office, make_person, make_theme, publish
from tests.helpers import sign_in_as, submit


def become(client, person):
    """Go on as somebody else; requests of one test share the application context, which remembers who asked."""
    for name in list(g):
        g.pop(name)
    sign_in_as(client, person)


def plain(page):
    """The words of a page, without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split())


def fresh(group):
    """The group as the database has it now."""
    db.session.expire_all()
    return db.session.get(WorkingGroup, group.id)


@pytest.fixture(autouse=True)
def _english(client):
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"


@pytest.fixture
def facilitator(client):
    person = make_person(name="Maëlle Kerdoncuff")
    sign_in_as(client, person)
    return person


@pytest.fixture
def group(facilitator):
    return make_group(facilitator=facilitator, name="Groupe de Rennes", slug="rennes")


# The list


def test_an_empty_list_says_what_would_fill_it(client):
    assert "No working group yet" in client.get("/groups").text


def test_groups_are_found_by_theme_and_by_office(client):
    office = make_office(slug="gand", name="Antenne de Gand")
    theme = make_theme()
    here = make_group(theme, name="Ici", offices=[office])
    make_group(name="Ailleurs")
    assert "2 working groups" in client.get("/groups").text
    address = f"/groups?theme={theme.cycle.slug}/{theme.slug}&office=gand"
    page = client.get(address)
    assert "1 working group" in page.text
    assert f'href="/groups/{here.slug}"' in page.text
    assert "Ailleurs" not in page.text
    assert "selected" in page.text
    for filters in ("office=nowhere", "theme=x/y", "office=%27"):
        assert "No group fits" in client.get(f"/groups?{filters}").text


def test_the_list_has_pages(client):
    theme = make_theme()
    for _ in range(31):
        make_group(theme)
    page = client.get("/groups")
    assert "31 working groups" in page.text
    assert "/groups?page=2" in page.text
    assert client.get("/groups?page=2").status_code == 200
    assert client.get("/groups?page=3").status_code == 404


def test_lists_do_not_ask_more_when_there_are_more_groups(client, queries):
    office, theme, numbers = make_office(), make_theme(), []
    for total in (2, 40):
        while len(db.session.scalars(select(WorkingGroup)).all()) < total:
            make_group(theme, facilitator=make_person(), participants=(make_person(),), offices=[office])
        with queries() as statements:
            assert client.get("/groups").status_code == 200
        numbers.append(len(statements))
    assert numbers[0] == numbers[1] < 15


def test_a_group_does_not_ask_more_when_it_has_more_people_and_texts(client, queries, facilitator):
    client.get("/groups")  # the day's first visit is written down
    numbers = {}
    for total in (2, 40):
        people = tuple(make_person() for _ in range(total))
        group = make_group(facilitator=facilitator, participants=people)
        for index in range(total):
            make_document(group, slug=f"texte-{total}-{index}", title="Texte", is_published=True)
            put(group, make_person(), MembershipState.REQUESTED)
        for page in ("", "/members", "/history"):
            with queries() as statements:
                assert client.get(f"/groups/{group.slug}{page}").status_code == 200
            numbers.setdefault(page, set()).add(len(statements))
    assert all(len(counts) == 1 for counts in numbers.values()), numbers
    assert max(max(counts) for counts in numbers.values()) < 25


def make_document(group, *, is_published, **values):
    draft = Draft(
        theme=group.theme,
        cycle_id=group.theme.cycle_id,
        groups=[group],
        created_at=clock.now(),
        changed_at=clock.now(),
        listed_at=clock.now(),
        **values,
    )
    db.session.add(draft)
    db.session.commit()
    return publish(draft) if is_published else draft


def put(group, person, state, role=GroupRole.PARTICIPANT, **values):
    membership = Membership(person=person, role=role, state=state, since=clock.now(), **values)
    group.memberships.append(membership)
    db.session.commit()
    return membership


# One group


def test_visitors_see_who_leads_and_how_many_take_part(client):
    leader, participant = make_person(name="Maëlle"), make_person(name="Soizic Prigent")
    group = make_group(facilitator=leader, participants=(participant,), presentation_html="<p>Le jeudi</p>")
    make_document(group, slug="public", title="Texte public", is_published=True)
    make_document(group, slug="secret", title="Texte secret", is_published=False)
    page = client.get(f"/groups/{group.slug}")
    assert page.status_code == 200
    for words in ("Maëlle", "2 people take part", "<p>Le jeudi</p>", "Texte public", "Sign in to join"):
        assert words in page.text
    for words in ("Soizic", "Texte secret", "Edit the group"):
        assert words not in page.text
    sign_in = client.get(f"/groups/{group.slug}/history")
    assert sign_in.status_code == 302
    become(client, make_person())
    page = client.get(f"/groups/{group.slug}")
    assert "Soizic" in page.text
    assert "Texte secret" not in page.text
    become(client, participant)
    assert "Texte secret" in client.get(f"/groups/{group.slug}").text


def test_many_people_come_in_pages(client, facilitator):
    group = make_group(facilitator=facilitator, participants=tuple(make_person() for _ in range(60)))
    page = client.get(f"/groups/{group.slug}")
    assert "61 people take part" in page.text
    assert f"/groups/{group.slug}?page=2" in page.text
    assert client.get(f"/groups/{group.slug}?page=2").status_code == 200


def test_the_desk_shows_what_waits(client, facilitator, group):
    put(group, make_person(name="Tomasz"), MembershipState.REQUESTED, message="Je code")
    page = client.get("/groups/rennes")
    for words in ("1 person asks to join", "Tomasz", "Je code", "Answer the requests", "Begin a document"):
        assert words in page.text
    become(client, make_person())
    page = client.get("/groups/rennes")
    assert "Tomasz" not in page.text
    assert "Je code" not in page.text


def test_what_is_not_there_is_missing(client, facilitator, group):
    assert client.get("/groups/none").status_code == 404
    assert client.get("/groups/none/members").status_code == 404
    other = put(make_group(), make_person(), MembershipState.REQUESTED)
    for path in (f"requests/{other.id}", f"members/{other.id}/role", f"members/{other.id}/end", f"requests/{10**12}"):
        answer = submit(client, f"/groups/rennes/{path}", {"answer": "accept"}, page="/groups/rennes/members")
        assert answer.status_code == 404


@pytest.mark.parametrize("path", ["edit", "members"])
def test_doors_open_to_those_who_may(client, path):
    facilitator, participant, steering = make_person(), make_person(), make_person()
    group = make_group(
        make_theme(make_cycle(steering=(steering,))), facilitator=facilitator, participants=(participant,)
    )
    address = f"/groups/{group.slug}/{path}"
    assert client.get(address).status_code == 302
    for person, status in (
        (make_person(), 403),
        (participant, 403),
        (facilitator, 200),
        (steering, 200),
        (make_administrator(), 200),
    ):
        become(client, person)
        assert client.get(address).status_code == status


@pytest.mark.parametrize("path", ["join", "leave", "invite", "invitation/accept", "invitation/decline"])
def test_a_form_without_its_token_changes_nothing(client, path):
    person = make_person()
    group = make_group(facilitator=person)
    if path == "join":
        person = make_person()
    elif path.startswith("invitation"):
        person = make_person()
        put(group, person, MembershipState.INVITED)
    sign_in_as(client, person)
    before = [(m.person_id, m.state) for m in group.memberships]
    assert client.post(f"/groups/{group.slug}/{path}", data={"email": "a@example.org"}).status_code == 400
    assert [(m.person_id, m.state) for m in fresh(group).memberships] == before


# Making and changing


def test_making_a_group(client):
    steering, office = make_person(), make_office(slug="gand")
    theme = make_theme(make_cycle(steering=(steering,)))
    sign_in_as(client, steering)
    address = f"/cycles/{theme.cycle.slug}/themes/{theme.slug}/groups/create"
    form = {"name": "Groupe de Gand", "offices": office.slug, "presentation": "On se **voit**."}
    answer = submit(client, address, form)
    assert (answer.status_code, answer.location) == (303, "/groups/groupe-de-gand/members")
    assert "<strong>voit</strong>" in client.get("/groups/groupe-de-gand").text
    page = submit(client, address, form)
    assert page.status_code == 422
    assert "Another group of this theme has this name" in page.text
    for wrong in ({"offices": []}, {"offices": "nowhere"}, {"name": ""}):
        page = submit(client, address, {**form, "name": "Autre", **wrong})
        assert page.status_code == 422
        assert "On se **voit**." in page.text


def test_without_offices_the_page_says_what_is_missing(client):
    theme = make_theme()
    sign_in_as(client, make_administrator())
    page = client.get(f"/cycles/{theme.cycle.slug}/themes/{theme.slug}/groups/create")
    assert "There is no office yet" in page.text


def test_a_clash_shows_both_texts_and_loses_none(client, facilitator, group):
    office = make_office()
    address = "/groups/rennes/edit"
    began_from = re.search(r'name="began_from"[^>]*value="([^"]*)"', client.get(address).text).group(1)
    form = {"name": "Groupe de Rennes", "offices": office.slug, "began_from": began_from}
    assert submit(client, address, {**form, "presentation": "La leur"}).status_code == 303
    page = submit(client, address, {**form, "presentation": "La mienne"})
    assert page.status_code == 409
    assert "La leur" in page.text
    assert "La mienne" in page.text
    assert fresh(group).presentation == "La leur"


# Joining and leaving


def test_asking_being_accepted_and_leaving(client, facilitator, group):
    person = make_person(name="Tomasz")
    become(client, person)
    assert submit(client, "/groups/rennes/join", {"message": "Bonjour"}, page="/groups/rennes").status_code == 303
    assert "You have asked to join" in client.get("/groups/rennes").text
    membership = membership_of(person, fresh(group))
    become(client, facilitator)
    answer = {"answer": "accept", "words": "Bienvenue"}
    address = f"/groups/rennes/requests/{membership.id}"
    page = "/groups/rennes/members"
    assert "Bonjour" in client.get(page).text
    assert submit(client, address, answer, page=page).status_code == 303
    assert "Tomasz is in the group now" in client.get(page).text
    assert submit(client, address, answer, page=page).status_code == 303
    assert "answered already" in client.get(page).text
    become(client, db.session.get(Person, person.id))
    assert "You are in this group: Participant" in client.get("/groups/rennes").text
    assert submit(client, "/groups/rennes/leave", {}, page="/groups/rennes").status_code == 303
    assert role_in(person, fresh(group)) is None
    become(client, facilitator)
    history = plain(client.get("/groups/rennes/history"))
    for words in ("Tomasz asked to join", "Tomasz joined the group", "Tomasz left the group"):
        assert words in history


def test_too_many_words_are_refused_and_kept(client, group):
    become(client, make_person())
    words = "mot " * 300
    page = submit(client, "/groups/rennes/join", {"message": words}, page="/groups/rennes")
    assert page.status_code == 422
    assert "too long" in page.text
    assert words.strip() in page.text
    membership = put(fresh(group), make_person(), MembershipState.REQUESTED)
    become(client, fresh(group).memberships[0].person)
    address = f"/groups/rennes/requests/{membership.id}"
    for form in ({"answer": "accept", "words": words}, {"answer": "maybe"}, {}):
        page = submit(client, address, form, page="/groups/rennes/members")
        assert page.status_code == 422
    assert membership_of(membership.person, fresh(group)).state == MembershipState.REQUESTED


def test_who_asked_cannot_ask_again(client, group):
    person = make_person()
    put(group, person, MembershipState.REQUESTED)
    become(client, person)
    assert submit(client, "/groups/rennes/join", {}, page="/me/profile").status_code == 403


def test_the_answer_to_an_invitation_tells_nothing_about_the_address(client, group):
    known = make_person(name="Nom Connu")
    told = {}
    for email in (known.email, "unknown@example.org"):
        form = {"email": email, "role": "participant", "language": "fr", "name": ""}
        answer = submit(client, "/groups/rennes/invite", form, page="/groups/rennes/members")
        assert answer.status_code == 303
        page = plain(client.get("/groups/rennes/members"))
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
    put(group, person, MembershipState.INVITED, GroupRole.FACILITATOR)
    become(client, person)
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
    put(group, person, MembershipState.INVITED)
    become(client, person)
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
    participant = put(group, make_person(name="Soizic"), MembershipState.ACTIVE)
    invited = put(group, make_person(), MembershipState.INVITED)
    for membership in (participant, invited):
        address = f"/groups/rennes/members/{membership.id}/end"
        assert submit(client, address, {}, page="/groups/rennes/members").status_code == 303
    assert [m.state for m in fresh(group).memberships] == ["active", "ended", "ended"]


# History


def test_history_tells_each_what_they_may_know(client, facilitator, group):
    member, participant = make_person(), make_person()
    put(group, participant, MembershipState.ACTIVE)
    draft = make_document(group, slug="texte", title="Texte", is_published=True)
    hidden = make_document(group, slug="cache", title="Caché", is_published=False)
    for event, data in (
        (Event.DRAFT_CREATED, {"draft_id": hidden.id, "title": "Caché"}),
        (Event.SECTION_EDITED, {"draft_id": draft.id, "title": "Une section"}),
        (Event.VERSION_PUBLISHED, {"draft_id": draft.id, "number": 1}),
        (Event.MEMBERSHIP_REQUESTED, {"group_id": group.id, "name": "Tomasz"}),
        (Event.GROUP_UPDATED, {"group_id": group.id, "changed": ["name"]}),
    ):
        journal.record(facilitator, event, 1, **data)
    db.session.commit()
    told = {}
    people = {"member": member, "participant": participant, "facilitator": facilitator}
    for name, person in {**people, "administrator": make_administrator()}.items():
        become(client, person)
        told[name] = plain(client.get("/groups/rennes/history"))
    everywhere = ("published version 1", "changed the group: the name")
    inside = ("began the document “ Caché ”", "wrote in the section “Une section”")
    for name, words in {
        "member": everywhere,
        "participant": (*everywhere, *inside),
        "facilitator": (*everywhere, *inside, "asked to join the group"),
        "administrator": (*everywhere, "asked to join the group"),
    }.items():
        said = told[name]
        for sentence in (*everywhere, *inside, "asked to join the group"):
            assert (sentence in said) == (sentence in words), (name, sentence, said)
