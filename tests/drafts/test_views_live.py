"""What the page of the live text asks for while people write: parts of it as they read now, and who wrote what."""

import pytest

from sip.core.db import db
from sip.cycles.stages import Stage
from sip.drafts.actions import arranging
from sip.drafts.actions.text import edit_section
from sip.drafts.models import SectionKind


def parts(client, house, *places: int) -> dict:
    keys = ",".join(house.draft.living_sections[place].key for place in places)
    answer = client.get(f"{house.address}/live/parts?keys={keys}")
    assert answer.status_code == 200
    return answer.json


def test_only_the_sections_asked_for_are_rendered_and_all_are_listed_in_order(client, house, sign_in):
    sign_in(house.people["participant"])
    answer = parts(client, house, 1)
    assert [part["slug"] for part in answer["sections"]] == ["introduction", "rendre-visible", "budget-local"]
    html = [part["html"] for part in answer["sections"]]
    assert html[0] is None
    assert html[2] is None
    assert "Texte de la carte." in html[1]
    assert 'class="doc-number">1<' in html[1]
    assert 'data-write="' in html[1]
    assert [part["length"] for part in answer["sections"]] == [len(s.body) for s in house.draft.living_sections]


def test_a_part_is_what_the_page_itself_shows(client, house, sign_in):
    sign_in(house.people["facilitator"])
    edit_section(house.people["participant"], house.draft.living_sections[2], house.draft.living_sections[2].body, "Z.")
    db.session.commit()
    page = client.get(f"{house.address}/live").text
    told = parts(client, house, 0, 1, 2)

    def plain(html: str) -> str:
        lines = [line for line in html.splitlines() if 'name="once"' not in line and 'name="csrf_token"' not in line]
        return "\n".join(line.strip() for line in lines if line.strip())

    for part in told["sections"]:
        assert plain(part["html"]) in plain(page)
    assert "Paul Participe" in told["sections"][2]["html"]
    assert plain(told["contents"]) in plain(page)


def test_numbers_and_references_follow_the_arrangement(client, house, sign_in):
    sign_in(house.people["participant"])
    arranging.move_section(house.people["facilitator"], house.draft.living_sections[2], 1)
    db.session.commit()
    answer = parts(client, house, 0, 1)
    assert [part["slug"] for part in answer["sections"]] == ["introduction", "budget-local", "rendre-visible"]
    assert "1.b" in answer["sections"][0]["html"]
    assert answer["contents"].index("Budget local") < answer["contents"].index("Rendre visible")


def test_what_was_taken_out_is_told_to_those_who_can_bring_it_back(client, house, sign_in):
    section = house.draft.living_sections[1]
    arranging.retire_section(house.people["facilitator"], section)
    db.session.commit()
    sign_in(house.people["participant"])
    assert "Rendre visible" not in str(parts(client, house))
    sign_in(house.people["secretary"])
    assert f"/live/{section.key}/bring-back" in parts(client, house)["retired"]


def test_parts_show_only_the_tools_that_one_may_use(client, house, sign_in):
    house.draft.living_sections[1].stage = Stage.UNDER_REVIEW
    db.session.commit()
    sign_in(house.people["facilitator"])
    still, moving = (parts(client, house, 1, 2)["sections"][place]["html"] for place in (1, 2))
    assert "data-write" not in still
    assert "/heading" not in still
    assert "data-write" in moving
    assert "/heading" in moving


@pytest.mark.parametrize("address", ["parts", "authors"])
@pytest.mark.parametrize(
    ("who", "status"), [("participant", 200), ("steering", 200), ("member", 404), ("board", 404), (None, 404)]
)
def test_who_may_read_the_live_text_may_ask(client, house, sign_in, address, who, status):
    if who:
        sign_in(house.people[who])
    assert client.get(f"{house.address}/live/{address}").status_code == status


@pytest.mark.parametrize("address", ["parts", "authors"])
def test_readers_of_the_published_text_are_told_why_not(client, published, sign_in, address):
    sign_in(published.people["member"])
    assert client.get(f"{published.address}/live/{address}").status_code == 403


def test_who_wrote_what_is_counted_as_browsers_count(client, house, sign_in):
    section = house.draft.living_sections[2]
    edit_section(house.people["participant"], section, section.body, "🌱🌱 vert")
    db.session.commit()
    section = house.section_now(2)
    edit_section(house.people["other participant"], section, section.body, "🌱🌱 vert et 🐝")
    db.session.commit()
    sign_in(house.people["participant"])
    answer = client.get(f"{house.address}/live/authors").json
    paul, bea = house.people["participant"], house.people["other participant"]
    told = answer["sections"][section.key]
    assert told["text"] == "🌱🌱 vert et 🐝"
    assert [tuple(run) for run in told["runs"]] == [(paul.id, 9), (bea.id, 6)]
    shares = {person["name"]: person["share"] for person in answer["people"]}
    assert shares[bea.name] == pytest.approx(5 / 12)
    assert shares[paul.name] == pytest.approx(7 / 12)


def test_a_text_that_was_imported_has_no_authors(client, house, sign_in):
    for section in house.draft.living_sections:
        section.authorship = [(None, len(section.body))]
    db.session.commit()
    sign_in(house.people["participant"])
    answer = client.get(f"{house.address}/live/authors").json
    assert answer["people"] == []
    assert all(run[0] is None for told in answer["sections"].values() for run in told["runs"])


@pytest.mark.parametrize(("address", "most"), [("parts?keys=all", 14), ("authors", 12)])
def test_it_asks_the_database_a_few_times_however_many_sections_there_are(
    client, house, sign_in, queries, address, most
):
    sign_in(house.people["facilitator"])
    client.get(f"{house.address}/live/authors")  # notes the visit
    counted = []
    for _ in range(2):
        keys = ",".join(section.key for section in house.draft.living_sections)
        db.session.commit()
        with queries() as statements:
            assert client.get(f"{house.address}/live/{address.replace('all', keys)}").status_code == 200
        counted.append(len(statements))
        for number in range(5):
            arranging.add_section(
                house.people["facilitator"], house.draft, f"Encore {number}", SectionKind.RECOMMENDATION
            )
        db.session.commit()
    assert counted[0] == counted[1] <= most, counted


def test_the_page_leads_to_the_plain_form_and_carries_what_the_editor_needs(client, house, sign_in):
    sign_in(house.people["participant"])
    page = client.get(f"{house.address}/live").text
    section = house.draft.living_sections[1]
    assert f'href="{house.edit_address(1)}" data-write="{section.key}"' in page
    assert f'data-socket="{house.address}/live/socket"' in page
    assert "/static/dist/editor.js?v=" in page
    assert '<script src="/static/dist/editor.js' not in page
    form = client.get(f"{house.edit_address(1)}?plain=1").text
    assert "The editor could not be opened" in form
    assert "The editor could not be opened" not in client.get(house.edit_address(1)).text


def test_a_published_text_leads_its_writers_to_the_same_section_of_the_live_one(client, published, sign_in):
    section = published.draft.living_sections[1]
    wanted = f"{published.address}/live?write={section.key}"
    sign_in(published.people["participant"])
    assert wanted in client.get(f"{published.address}/{section.slug}").text
    assert f'data-write-links="{published.address}/live"' in client.get(published.address).text
    sign_in(published.people["member"])
    assert wanted not in client.get(f"{published.address}/{section.slug}").text
    assert "data-write-links" not in client.get(published.address).text
