"""The pages of working groups, as a browser without JavaScript sees them, and how a group is made and changed."""

import re

import pytest
from sqlalchemy import select

from sip.core import journal
from sip.core.db import db
from sip.core.journal import Event
from sip.cycles.stages import Stage
from sip.groups.models import MembershipState, WorkingGroup
from tests.factories import (
    let_stand,
    make_administrator,
    make_cycle,
    make_draft,
    make_group,
    make_membership,
    make_office,
    make_person,
    make_theme,
    publish,
)
from tests.helpers import plain_text, sign_in_as, submit

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
            publish(make_draft(group, slug=f"texte-{total}-{index}", title="Texte"))
            make_membership(group, make_person(), MembershipState.REQUESTED)
        for page in ("", "/members", "/history"):
            with queries() as statements:
                assert client.get(f"/groups/{group.slug}{page}").status_code == 200
            numbers.setdefault(page, set()).add(len(statements))
    assert all(len(counts) == 1 for counts in numbers.values()), numbers
    assert max(max(counts) for counts in numbers.values()) < 25


# One group


def test_visitors_see_who_leads_and_how_many_take_part(client):
    leader, participant = make_person(name="Maëlle"), make_person(name="Soizic Prigent")
    group = make_group(facilitator=leader, participants=(participant,), presentation_html="<p>Le jeudi</p>")
    publish(make_draft(group, slug="public", title="Texte public"))
    make_draft(group, slug="secret", title="Texte secret")
    page = client.get(f"/groups/{group.slug}")
    assert page.status_code == 200
    for words in ("Maëlle", "2 people take part", "<p>Le jeudi</p>", "Texte public", "Sign in to join"):
        assert words in page.text
    for words in ("Soizic", "Texte secret", "Edit the group"):
        assert words not in page.text
    sign_in = client.get(f"/groups/{group.slug}/history")
    assert sign_in.status_code == 302
    sign_in_as(client, make_person())
    page = client.get(f"/groups/{group.slug}")
    assert "Soizic" in page.text
    assert "Texte secret" not in page.text
    sign_in_as(client, participant)
    assert "Texte secret" in client.get(f"/groups/{group.slug}").text


def test_the_way_to_write_is_shown_to_those_who_may_write_now(client, facilitator, group):
    draft = make_draft(group, slug="texte", title="Texte")
    publish(draft)
    shown = []
    for reader, stage in ((facilitator, Stage.CONCERTATION), (make_person(), None), (facilitator, Stage.UNDER_REVIEW)):
        if stage:
            let_stand(draft, stage)
        sign_in_as(client, reader)
        shown.append('href="/drafts/texte/live"' in client.get(f"/groups/{group.slug}").text)
    assert shown == [True, False, False]


def test_many_people_come_in_pages(client, facilitator):
    group = make_group(facilitator=facilitator, participants=tuple(make_person() for _ in range(60)))
    page = client.get(f"/groups/{group.slug}")
    assert "61 people take part" in page.text
    assert f"/groups/{group.slug}?page=2" in page.text
    assert client.get(f"/groups/{group.slug}?page=2").status_code == 200


def test_the_desk_shows_what_waits(client, facilitator, group):
    make_membership(group, make_person(name="Tomasz"), MembershipState.REQUESTED, message="Je code")
    page = client.get("/groups/rennes")
    for words in ("1 person asks to join", "Tomasz", "Je code", "Answer the requests", "Begin a document"):
        assert words in page.text
    sign_in_as(client, make_person())
    page = client.get("/groups/rennes")
    assert "Tomasz" not in page.text
    assert "Je code" not in page.text


def test_what_is_not_there_is_missing(client, facilitator, group):
    assert client.get("/groups/none").status_code == 404
    assert client.get("/groups/none/members").status_code == 404
    other = make_membership(make_group(), make_person(), MembershipState.REQUESTED)
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
        sign_in_as(client, person)
        assert client.get(address).status_code == status


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
    db.session.refresh(group)
    assert group.presentation == "La leur"


# History


def test_history_tells_each_what_they_may_know(client, facilitator, group):
    member, participant = make_person(), make_person()
    make_membership(group, participant, MembershipState.ACTIVE)
    draft = publish(make_draft(group, slug="texte", title="Texte"))
    hidden = make_draft(group, slug="cache", title="Caché")
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
        sign_in_as(client, person)
        told[name] = plain_text(client.get("/groups/rennes/history").text)
    everywhere = ("published version 1", "changed the group: the name")
    inside = ("began the document “Caché”", "wrote in the section “Une section”")
    for name, words in {
        "member": everywhere,
        "participant": (*everywhere, *inside),
        "facilitator": (*everywhere, *inside, "asked to join the group"),
        "administrator": (*everywhere, "asked to join the group"),
    }.items():
        said = told[name]
        for sentence in (*everywhere, *inside, "asked to join the group"):
            assert (sentence in said) == (sentence in words), (name, sentence, said)
