"""The forms of cycles, milestones, steering committees, themes and offices, filled in without JavaScript."""

import re
from datetime import date

import pytest
from sqlalchemy import select

from sip.core.db import db
from sip.cycles.actions import cycle_file
from sip.cycles.files import write_cycle
from sip.cycles.models import Cycle, Milestone, Office
from tests.factories import make_cycle, make_milestone, make_person
from tests.helpers import plain_text, submit


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


def test_stages_stay_open_as_many_days_as_the_committee_says(client, steering):
    cycle = make_cycle(steering=(steering,))
    address = f"/cycles/{cycle.slug}/edit"
    for typed, kept in (("14", {"consultation": 14}), ("", {}), ("0", {}), ("365", {"consultation": 365})):
        form = cycle_form(began_from=field_of(client.get(address), "began_from"), days_consultation=typed)
        assert submit(client, address, form).status_code == 303
        db.session.refresh(cycle)
        assert cycle.minimum_days == kept
    for wrong, words in (
        ("366", "between 0 and 365"),
        ("deux", "This is not a number"),
        ("-1", "This is not a number"),
    ):
        form = cycle_form(began_from=field_of(client.get(address), "began_from"), days_consultation=wrong)
        page = submit(client, address, form)
        assert (page.status_code, words in page.text) == (422, True)
    assert cycle_file(cycle).minimum_days == {"consultation": 365}
    assert "minimum_days: {consultation: 365}" in write_cycle(cycle_file(cycle))


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
    history = plain_text(client.get(f"/cycles/{cycle.slug}/history").text)
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
