"""The pages of cycles, themes and offices, as a browser without JavaScript sees and uses them."""

import re
from datetime import date

import pytest
from flask import g
from sqlalchemy import select

from sip.core import clock, journal
from sip.core.db import db
from sip.core.journal import Event
from sip.cycles.models import Cycle, Milestone, Office, Theme
from sip.drafts.models import Draft
from tests.factories import (
    make_administrator,
    make_cycle,
    make_group,
    make_milestone,
    make_office,
    make_person,
    make_theme,
    publish,
)
from tests.helpers import sign_in_as, submit


def make_document(theme, groups=(), *, is_published=True, **values):
    draft = Draft(
        theme=theme,
        cycle_id=theme.cycle_id,
        groups=list(groups),
        created_at=clock.now(),
        changed_at=clock.now(),
        listed_at=clock.now(),
        **values,
    )
    db.session.add(draft)
    db.session.commit()
    return publish(draft) if is_published else draft


def become(client, person):
    """Go on as somebody else; requests of one test share the application context, which remembers who asked."""
    for name in list(g):
        g.pop(name)
    sign_in_as(client, person)


def cycle_form(**values):
    return {
        "title": "Cycle 2026",
        "introduction": "Bonjour",
        "opens_on": "2026-09-14",
        "closes_on": "2027-06-19",
        **values,
    }


def theme_form(**values):
    return {"title": "Des antennes vivantes", "question": "Que faire ?", "context": "Avant", "position": "1", **values}


def field_of(page, name):
    return re.search(rf'name="{name}"[^>]*value="([^"]*)"', page.text).group(1)


@pytest.fixture(autouse=True)
def _english(client):
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"


@pytest.fixture
def admin(client):
    person = make_administrator(name="Camille")
    sign_in_as(client, person)
    return person


@pytest.fixture
def steering(client):
    person = make_person(name="Hugo")
    sign_in_as(client, person)
    return person


# Reading


def test_the_list_of_cycles_says_what_would_fill_it(client):
    page = client.get("/cycles")
    assert page.status_code == 200
    assert "No cycle yet" in page.text


def test_the_list_of_cycles_counts_and_links(client):
    cycle = make_cycle(title="Faire œuvre commune")
    page = client.get("/cycles")
    assert "1 cycle" in page.text
    assert f'href="/cycles/{cycle.slug}"' in page.text


def test_a_cycle_tells_where_it_stands(client):
    cycle = make_cycle(introduction_html="<p>Bonjour</p>")
    today = date.today()
    make_milestone(cycle, title="Consultation", on=today, until=today)
    make_milestone(cycle, title="Assemblée")
    theme = make_theme(cycle, question="Que faire ?")
    person = make_person(name="Maëlle")
    group = make_group(theme, facilitator=person)
    draft = make_document(theme, [group], slug="texte", title="Notre texte")
    page = client.get(f"/cycles/{cycle.slug}")
    assert page.status_code == 200
    told = ("Consultation", "Next: Assemblée", "Que faire ?", group.name, "Maëlle", draft.title, "<p>Bonjour</p>")
    for words in told:
        assert words in page.text
    assert "1 of them works in a group of this cycle" in page.text
    assert "/edit" not in page.text


def test_a_text_in_drafting_is_not_told_to_those_outside(client):
    cycle = make_cycle()
    theme = make_theme(cycle)
    member = make_person()
    group = make_group(theme, facilitator=member)
    make_document(theme, [group], slug="secret", title="Encore secret", is_published=False)
    addresses = (f"/cycles/{cycle.slug}", f"/cycles/{cycle.slug}/themes/{theme.slug}")
    assert not any("Encore secret" in client.get(address).text for address in addresses)
    become(client, make_person())
    assert not any("Encore secret" in client.get(address).text for address in addresses)
    become(client, member)
    assert all("Encore secret" in client.get(address).text for address in addresses)


def test_figures_count_a_person_in_two_groups_once(client):
    office, other = make_office(name="Antenne de Gand"), make_office()
    cycle, person = make_cycle(), make_person(office_id=office.id)
    make_group(make_theme(cycle), facilitator=person)
    make_group(make_theme(cycle), facilitator=person, participants=(make_person(office_id=other.id),))
    make_group(participants=(make_person(),))
    page = client.get(f"/cycles/{cycle.slug}")
    assert "2 of them work in a group of this cycle, from 2 of our offices" in page.text
    assert "Antenne de Gand" in page.text


def test_a_theme_shows_its_brief_its_groups_and_the_other_themes(client):
    cycle = make_cycle()
    theme = make_theme(cycle, question="Que faire ?", brief_html={"context": "<p>Le contexte</p>", "objectives": ""})
    other = make_theme(cycle)
    group = make_group(theme)
    page = client.get(f"/cycles/{cycle.slug}/themes/{theme.slug}")
    assert page.status_code == 200
    for words in ("Que faire ?", "<p>Le contexte</p>", group.name, other.title, "no facilitator yet"):
        assert words in page.text
    assert "Objectives" not in page.text


@pytest.mark.parametrize(
    "address",
    [
        "/cycles/none",
        "/cycles/none/history",
        "/cycles/{cycle}/themes/none",
        "/cycles/none/themes/{theme}",
        "/cycles/{cycle}/milestones/999999999999999999999",
    ],
)
def test_what_is_not_there_is_missing(client, admin, address):
    theme = make_theme()
    address = address.format(cycle=theme.cycle.slug, theme=theme.slug)
    assert client.get(address).status_code in (404, 405)


def test_pages_of_a_cycle_do_not_ask_more_when_it_grows(client, queries):
    cycle, theme = make_cycle(), None
    numbers = {}
    for total in (2, 40):
        while len(db.session.scalars(select(Theme)).all()) < total:
            theme = make_theme(cycle)
            group = make_group(theme, facilitator=make_person(), participants=(make_person(),))
            make_document(theme, [group], slug=theme.slug, title="Texte")
        for address in ("/cycles", f"/cycles/{cycle.slug}", f"/cycles/{cycle.slug}/themes/{theme.slug}"):
            with queries() as statements:
                assert client.get(address).status_code == 200
            numbers.setdefault(address.rpartition("/")[0], set()).add(len(statements))
    assert all(len(counts) == 1 for counts in numbers.values()), numbers
    assert max(max(counts) for counts in numbers.values()) < 25


def test_history_tells_what_was_published_and_not_what_is_being_written(client):
    cycle = make_cycle()
    theme = make_theme(cycle)
    group = make_group(theme)
    out = make_document(theme, [group], slug="texte", title="Texte")
    hidden = make_document(theme, [group], slug="cache", title="Caché", is_published=False)
    elsewhere = make_document(make_theme(), slug="ailleurs", title="Ailleurs")
    for draft, number in ((out, 7), (hidden, 8), (elsewhere, 9)):
        journal.record(None, Event.VERSION_PUBLISHED, 1, draft_id=draft.id, number=number)
    journal.record(None, Event.DRAFT_CREATED, hidden.id, draft_id=hidden.id, cycle_id=cycle.id, title="Caché")
    journal.record(None, Event.MEMBERSHIP_REQUESTED, 1, group_id=group.id, cycle_id=cycle.id, name="Tomasz")
    db.session.commit()
    page = client.get(f"/cycles/{cycle.slug}/history")
    assert 'href="/drafts/texte/versions/7"' in page.text
    for words in ("versions/8", "versions/9", "Caché", "Tomasz", "Ailleurs"):
        assert words not in page.text


# Making and changing cycles


def test_making_a_cycle(client, admin):
    answer = submit(client, "/cycles/create", cycle_form())
    assert (answer.status_code, answer.location) == (303, "/cycles/cycle-2026")
    page = client.get(answer.location)
    assert "The cycle is there" in page.text
    assert "No theme yet" in page.text


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"title": ""}, "Please fill this in."),
        ({"title": "a" * 201}, "This is too long"),
        ({"opens_on": "demain"}, "This is not a day"),
        ({"opens_on": "2026-02-30"}, "This is not a day"),
        ({"opens_on": ""}, "Please fill this in."),
        ({"closes_on": "2026-01-01"}, "cannot close before it opens"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(client, admin, values, words):
    page = submit(client, "/cycles/create", cycle_form(introduction="Tapé longuement", **values))
    assert page.status_code == 422
    assert words in page.text
    assert 'aria-invalid="true"' in page.text
    assert "Tapé longuement" in page.text
    assert db.session.scalar(select(Cycle)) is None


def test_days_may_be_written_as_people_write_them(client, admin):
    assert submit(client, "/cycles/create", cycle_form(opens_on="14/09/2026")).status_code == 303
    assert db.session.scalars(select(Cycle.opens_on)).one() == date(2026, 9, 14)


def test_changing_a_cycle(client, steering):
    cycle = make_cycle(steering=(steering,), guests_may_comment=True)
    address = f"/cycles/{cycle.slug}/edit"
    began_from = field_of(client.get(address), "began_from")
    answer = submit(client, address, cycle_form(began_from=began_from))
    assert answer.status_code == 303
    db.session.refresh(cycle)
    assert (cycle.title, cycle.guests_may_comment) == ("Cycle 2026", False)


def test_a_clash_shows_both_texts_and_loses_none(client, steering):
    cycle = make_cycle(steering=(steering,), introduction="Au début")
    address = f"/cycles/{cycle.slug}/edit"
    began_from = field_of(client.get(address), "began_from")
    assert submit(client, address, cycle_form(introduction="La leur", began_from=began_from)).status_code == 303
    page = submit(client, address, cycle_form(introduction="La mienne", began_from=began_from))
    assert page.status_code == 409
    assert "La leur" in page.text
    assert "La mienne" in page.text
    db.session.refresh(cycle)
    assert cycle.introduction == "La leur"
    seen = field_of(page, "began_from")
    answer = submit(client, address, cycle_form(introduction="La leur et la mienne", began_from=seen))
    assert answer.status_code == 303
    db.session.refresh(cycle)
    assert cycle.introduction == "La leur et la mienne"


@pytest.mark.parametrize("began_from", [None, "", "introduction:0"])
def test_a_form_without_a_true_mark_overwrites_nothing(client, steering, began_from):
    cycle = make_cycle(steering=(steering,), introduction="Au début")
    values = cycle_form(introduction="Autre")
    if began_from is not None:
        values["began_from"] = began_from
    assert submit(client, f"/cycles/{cycle.slug}/edit", values).status_code == 409
    db.session.refresh(cycle)
    assert cycle.introduction == "Au début"


PAGES = [
    ("/cycles/create", "administrator"),
    ("/cycles/manage", "steering"),
    ("/cycles/{cycle}/edit", "steering"),
    ("/cycles/{cycle}/milestones", "steering"),
    ("/cycles/{cycle}/steering", "administrator"),
    ("/cycles/{cycle}/themes/create", "steering"),
    ("/cycles/{cycle}/themes/{theme}/edit", "steering"),
    ("/offices", "administrator"),
    ("/offices/create", "administrator"),
    ("/offices/{office}/edit", "administrator"),
]


@pytest.mark.parametrize(("address", "needed"), PAGES)
def test_doors_open_to_those_who_may(client, address, needed):
    person = make_person()
    theme, office = make_theme(make_cycle(steering=(person,))), make_office()
    address = address.format(cycle=theme.cycle.slug, theme=theme.slug, office=office.slug)
    assert client.get(address).status_code == 302
    become(client, make_person())
    assert client.get(address).status_code == 403
    become(client, person)
    assert client.get(address).status_code == (200 if needed == "steering" else 403)
    become(client, make_administrator())
    assert client.get(address).status_code == 200


def test_a_form_without_its_token_changes_nothing(client, admin):
    assert client.post("/cycles/create", data=cycle_form()).status_code == 400
    assert db.session.scalar(select(Cycle)) is None


# Milestones


def milestone_form(prefix="", **values):
    fields = {"title": "Lancement", "on": "2026-09-14", "until": "", "note": "", **values}
    return {prefix + name: value for name, value in fields.items()}


@pytest.fixture
def timeline(steering):
    cycle = make_cycle(steering=(steering,), opens_on=date(2026, 9, 14), closes_on=date(2027, 6, 19))
    return cycle, f"/cycles/{cycle.slug}/milestones"


def test_adding_changing_and_removing_a_milestone(client, timeline):
    cycle, address = timeline
    assert submit(client, address, milestone_form()).status_code == 303
    milestone = db.session.scalars(select(Milestone)).one()
    form = milestone_form(f"m{milestone.id}-", title="Ouverture", until="2026-09-20")
    assert submit(client, f"{address}/{milestone.id}", form, page=address).status_code == 303
    db.session.refresh(milestone)
    assert (milestone.title, milestone.until) == ("Ouverture", date(2026, 9, 20))
    assert "Ouverture" in client.get(f"/cycles/{cycle.slug}").text
    assert submit(client, f"{address}/{milestone.id}/remove", {}, page=address).status_code == 303
    assert db.session.scalar(select(Milestone)) is None
    history = re.sub(r"<[^>]+>", "", client.get(f"/cycles/{cycle.slug}/history").text)
    for words in ("put “Lancement” on the timeline", "changed “Ouverture”", "took “Ouverture” off the timeline"):
        assert f"Hugo {words}" in history


def test_a_wrong_milestone_keeps_what_was_typed(client, timeline):
    cycle, address = timeline
    page = submit(client, address, milestone_form(note="Tapé", until="2026-09-01"))
    assert page.status_code == 422
    assert "cannot come before the first" in page.text
    assert "Tapé" in page.text
    milestone = make_milestone(cycle, title="Là")
    form = milestone_form(f"m{milestone.id}-", on="2050-01-01", note="Tapé aussi")
    page = submit(client, f"{address}/{milestone.id}", form, page=address)
    assert page.status_code == 422
    assert "far from the cycle" in page.text
    assert "Tapé aussi" in page.text


def test_a_milestone_of_another_cycle_is_not_reached_through_mine(client, timeline):
    _cycle, address = timeline
    other = make_milestone(make_cycle())
    for path in (f"{address}/{other.id}", f"{address}/{other.id}/remove"):
        assert submit(client, path, milestone_form(), page=address).status_code == 404
    assert db.session.get(Milestone, other.id) is not None


# Steering committee


def test_somebody_is_looked_up_added_and_removed(client, admin):
    cycle, person = make_cycle(), make_person(name="Élodie Martin", name_key="elodie martin")
    address = f"/cycles/{cycle.slug}/steering"
    for words in ("elodie", "MARTIN", person.email[:12]):
        assert "Élodie Martin" in client.get(address, query_string={"q": words}).text
    assert "Nobody was found" in client.get(f"{address}?q=zzz").text
    assert submit(client, address, {"person": person.id}).status_code == 303
    assert "Élodie Martin" in client.get(f"/cycles/{cycle.slug}").text
    assert submit(client, f"{address}/remove", {"person": person.id}, page=address).status_code == 303
    assert "does not steer the cycle any more" in client.get(address).text
    assert "Élodie Martin" not in client.get(f"/cycles/{cycle.slug}").text


@pytest.mark.parametrize("person", ["", "abc", "-1", "9" * 30, "999999"])
def test_nobody_is_added_by_a_forged_number(client, admin, person):
    cycle = make_cycle()
    assert submit(client, f"/cycles/{cycle.slug}/steering", {"person": person}).status_code == 404


# Themes


def test_making_and_changing_a_theme(client, steering):
    cycle = make_cycle(steering=(steering,))
    answer = submit(client, f"/cycles/{cycle.slug}/themes/create", theme_form())
    assert (answer.status_code, answer.location) == (303, f"/cycles/{cycle.slug}/themes/des-antennes-vivantes")
    page = client.get(answer.location)
    assert "<p" in page.text
    assert "Avant" in page.text
    address = answer.location + "/edit"
    began_from = field_of(client.get(address), "began_from")
    assert submit(client, address, theme_form(context="Après", began_from=began_from)).status_code == 303
    page = submit(client, address, theme_form(context="Autrement", began_from=began_from))
    assert page.status_code == 409
    assert "Après" in page.text
    assert "Autrement" in page.text


@pytest.mark.parametrize("position", ["", "un", "-1", "1000", "9" * 40, "1.5"])
def test_a_place_that_is_no_number_is_refused(client, steering, position):
    cycle = make_cycle(steering=(steering,))
    page = submit(client, f"/cycles/{cycle.slug}/themes/create", theme_form(position=position))
    assert page.status_code == 422
    assert "Avant" in page.text


# Offices


def test_making_and_changing_an_office(client, admin):
    form = {"name": "Antenne de Gand", "town": "Gand", "country": "BE"}
    assert submit(client, "/offices/create", form).status_code == 303
    assert "Antenne de Gand" in client.get("/offices").text
    assert submit(client, "/offices/gand/edit", {**form, "town": "Gent"}).status_code == 303
    assert db.session.scalars(select(Office.town)).one() == "Gent"
    assert submit(client, "/offices/create", form).status_code == 422
    assert submit(client, "/offices/gand/edit", {**form, "country": "XX"}).status_code == 422


def test_the_desk_shows_only_what_one_looks_after(client, steering):
    mine, other = make_cycle(steering=(steering,)), make_cycle()
    page = client.get("/cycles/manage")
    assert mine.title in page.text
    assert f"/cycles/{other.slug}/edit" not in page.text
    assert "/offices" not in page.text
