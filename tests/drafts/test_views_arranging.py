"""Arranging the sections without scripts: added, renamed, moved, taken out, and each of these taken back."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from sip.core.db import db
from sip.drafts.actions import arranging
from sip.drafts.models import Section
from tests.drafts.forms_in_pages import fill, form_with, undo
from tests.factories import make_draft


def test_a_section_is_added_and_can_be_undone(client, house, sign_in):
    sign_in(house.people["secretary"])
    address = f"{house.address}/live/add?after={house.draft.living_sections[0].key}"
    form = form_with(client.get(address), "after")
    assert form["after"] == str(house.draft.living_sections[0].id)
    answer = fill(client, address, "after", title="Neuve", kind=["recommendation"])
    assert answer.status_code == 303
    assert answer.location == f"{house.address}/live/neuve/edit"
    assert [section.title for section in house.sections_now()] == [
        "Introduction",
        "Neuve",
        "Rendre visible",
        "Budget local",
    ]
    assert undo(client, client.get(answer.location)).status_code == 303
    assert "Neuve" not in [section.title for section in house.sections_now()]


def test_a_section_is_added_at_the_beginning(client, house, sign_in):
    sign_in(house.people["facilitator"])
    fill(client, f"{house.address}/live/add", "after", title="Avant tout", after="0", kind=["prose"])
    assert house.sections_now()[0].title == "Avant tout"


@pytest.mark.parametrize(
    "values", [{"title": ""}, {"title": "x" * 301}, {"kind": ["poem"]}, {"after": "99999"}, {"after": "x"}]
)
def test_a_wrong_section_is_told_and_loses_nothing(client, house, sign_in, values):
    sign_in(house.people["facilitator"])
    answer = fill(client, f"{house.address}/live/add", "after", **{"title": "Une bonne", **values})
    assert answer.status_code == 422
    assert "Something needs your attention" in answer.text
    assert form_with(answer, "title")["title"] == values.get("title", "Une bonne")
    assert len(house.sections_now()) == 3


def test_a_heading_changes_and_numbers_follow(client, house, sign_in):
    sign_in(house.people["facilitator"])
    address = f"{house.address}/live/rendre-visible/heading"
    answer = fill(client, address, "slug", title="Rendre tout visible", kind=["prose"], group=str(house.group.id))
    assert answer.status_code == 303
    section = house.sections_now()[1]
    assert (section.title, section.kind, section.group_id) == ("Rendre tout visible", "prose", house.group.id)
    page = client.get(f"{house.address}/live").text
    assert "recommandation 1.b" in page
    assert '<p class="doc-attribution">Groupe de Rennes</p>' in page


@pytest.mark.parametrize(
    ("slug", "message"),
    [("budget-local", "Another section of this document has this address."), ("live", "is the address of a page here")],
)
def test_a_heading_cannot_take_an_address_that_is_taken(client, house, sign_in, slug, message):
    sign_in(house.people["facilitator"])
    answer = fill(client, f"{house.address}/live/rendre-visible/heading", "slug", slug=slug, title="Gardé")
    assert answer.status_code == 422
    assert message in answer.text
    assert form_with(answer, "slug")["title"] == "Gardé"


def test_a_section_moves_by_a_choice_by_steps_and_back(client, house, sign_in):
    sign_in(house.people["facilitator"])
    move = f"{house.address}/live/budget-local/move"
    first = house.draft.living_sections[0]
    answer = fill(client, move, "after", after=str(first.id))
    assert answer.status_code == 303
    titles = ["Introduction", "Budget local", "Rendre visible"]
    assert [section.title for section in house.sections_now()] == titles
    assert undo(client, client.get(answer.location)).status_code == 303
    assert [section.title for section in house.sections_now()] == ["Introduction", "Rendre visible", "Budget local"]
    # One step up and to the beginning, with the buttons that the keyboard reaches.
    fill(client, f"{house.address}/live/rendre-visible/move", "place")
    assert [section.title for section in house.sections_now()] == ["Rendre visible", "Introduction", "Budget local"]
    fill(client, move, "after", after="0")
    assert house.sections_now()[0].title == "Budget local"


@pytest.mark.parametrize("values", [{"after": "999999"}, {"after": ""}])
def test_a_wrong_place_is_told(client, house, sign_in, values):
    sign_in(house.people["facilitator"])
    answer = fill(client, f"{house.address}/live/budget-local/move", "after", **values)
    assert answer.status_code == 422
    assert [section.title for section in house.sections_now()][-1] == "Budget local"


def test_a_section_is_taken_out_and_brought_back_where_it_was(client, house, sign_in):
    sign_in(house.people["facilitator"])
    page = client.get(f"{house.address}/live")
    token = form_with(page, "csrf_token")["csrf_token"]
    answer = client.post(f"{house.address}/live/rendre-visible/retire", data={"csrf_token": token})
    assert answer.status_code == 303
    page = client.get(answer.location)
    assert "1 section taken out" in page.text
    assert "recommandation 1.b" in page.text
    assert client.get(f"{house.address}/live/rendre-visible/edit").status_code == 403
    assert undo(client, page).status_code == 303
    assert [section.title for section in house.sections_now()] == ["Introduction", "Rendre visible", "Budget local"]


def test_a_retired_section_is_not_moved(client, house, sign_in):
    arranging.retire_section(house.people["facilitator"], house.draft.living_sections[2])
    db.session.commit()
    sign_in(house.people["facilitator"])
    answer = fill(client, f"{house.address}/live/budget-local/move", "after", after="0")
    assert answer.status_code == 422
    assert "Bring it back before you move it" in answer.text


def test_a_section_of_another_document_is_not_reached(client, house, sign_in):
    other = make_draft(house.group, title="Autre document", sections=(("Ailleurs", "x"),))
    sign_in(house.people["facilitator"])
    section = other.living_sections[0]
    for page in ("edit", "heading", "move"):
        assert client.get(f"{house.address}/live/{section.slug}/{page}").status_code == 404
        assert client.get(f"{house.address}/live/{section.key}/{page}").status_code == 404
    assert db.session.scalar(select(Section.id).where(Section.id == section.id))


def test_limits_of_the_settings_hold(client, house, sign_in, monkeypatch, app):
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], max_sections=3))
    sign_in(house.people["facilitator"])
    answer = fill(client, f"{house.address}/live/add", "after", title="De trop")
    assert answer.status_code == 422
    assert "3 sections at most" in answer.text
