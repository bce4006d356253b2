"""The pages of cycles, themes and offices, as a browser without JavaScript sees them, and whom they let in."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from sip.core import journal
from sip.core.db import db
from sip.core.journal import Event
from sip.cycles.models import Theme
from sip.cycles.stages import Stage
from tests.factories import (
    make_administrator,
    make_cycle,
    make_draft,
    make_group,
    make_milestone,
    make_office,
    make_person,
    make_theme,
    publish,
)
from tests.helpers import plain_text, sign_in_as


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
    draft = publish(make_draft(group, title="Notre texte"))
    page = client.get(f"/cycles/{cycle.slug}")
    assert page.status_code == 200
    told = ("Consultation", "Next: Assemblée", "Que faire ?", group.name, "Maëlle", draft.title, "<p>Bonjour</p>")
    for words in told:
        assert words in page.text
    assert "1 of them works in a group of this cycle" in page.text
    assert "/edit" not in page.text


def test_the_timeline_tells_when_stages_close(client):
    cycle = make_cycle()
    draft = publish(make_draft(make_group(make_theme(cycle)), sections=(("Mot", "Un."), ("Agir", "Deux."))))
    end = datetime.combine(date.today() + timedelta(days=9), time(23, 30), UTC)
    hidden = make_draft(make_group(make_theme(cycle)), title="Encore secret")
    for section in (draft.sections[1], hidden.sections[0]):
        section.stage, section.stage_closes_at = Stage.CONSULTATION, end
    db.session.commit()
    page = plain_text(client.get(f"/cycles/{cycle.slug}").text)
    # The day is that of the house, where it is past midnight already.
    day = end.date() + timedelta(days=1)
    assert f"{day:%B} {day.day}, {day.year} The stage “Consultation” closes {draft.title}" in page
    assert "Encore secret" not in page


def test_a_text_in_drafting_is_not_told_to_those_outside(client):
    cycle = make_cycle()
    theme = make_theme(cycle)
    member = make_person()
    group = make_group(theme, facilitator=member)
    make_draft(group, title="Encore secret")
    addresses = (f"/cycles/{cycle.slug}", f"/cycles/{cycle.slug}/themes/{theme.slug}")
    assert not any("Encore secret" in client.get(address).text for address in addresses)
    sign_in_as(client, make_person())
    assert not any("Encore secret" in client.get(address).text for address in addresses)
    sign_in_as(client, member)
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
            publish(make_draft(group, title="Texte"))
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
    out = publish(make_draft(group, title="Texte"))
    hidden = make_draft(group, title="Caché")
    elsewhere = publish(make_draft(title="Ailleurs"))
    for draft, number in ((out, 7), (hidden, 8), (elsewhere, 9)):
        journal.record(None, Event.VERSION_PUBLISHED, 1, draft_id=draft.id, number=number)
    journal.record(None, Event.DRAFT_CREATED, hidden.id, draft_id=hidden.id, cycle_id=cycle.id, title="Caché")
    journal.record(None, Event.MEMBERSHIP_REQUESTED, 1, group_id=group.id, cycle_id=cycle.id, name="Tomasz")
    db.session.commit()
    page = client.get(f"/cycles/{cycle.slug}/history")
    assert 'href="/drafts/texte/versions/7"' in page.text
    for words in ("versions/8", "versions/9", "Caché", "Tomasz", "Ailleurs"):
        assert words not in page.text


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
    sign_in_as(client, make_person())
    assert client.get(address).status_code == 403
    sign_in_as(client, person)
    assert client.get(address).status_code == (200 if needed == "steering" else 403)
    sign_in_as(client, make_administrator())
    assert client.get(address).status_code == 200


def test_the_desk_shows_only_what_one_looks_after(client, steering):
    mine, other = make_cycle(steering=(steering,)), make_cycle()
    page = client.get("/cycles/manage")
    assert mine.title in page.text
    assert f"/cycles/{other.slug}/edit" not in page.text
    assert "/offices" not in page.text
