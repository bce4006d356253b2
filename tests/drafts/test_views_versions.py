"""Versions: frozen, listed, read, published, restored, compared; and the file that anybody can verify."""

import hashlib
import re
from datetime import date

import pytest
from sqlalchemy import func, select

from sip.core.db import db
from sip.cycles.stages import Stage
from sip.drafts import queries
from sip.drafts.actions import arranging
from sip.drafts.actions.text import edit_section
from sip.drafts.labels import proposed_label
from sip.drafts.models import SectionKind, StoredComparison, Version
from tests.drafts.conftest import freeze
from tests.drafts.forms_in_pages import fill, form_with, send


def press(client, page, address, **data):
    """Press a button of a page, which sends a form to `address`."""
    assert f'action="{address}"' in page.text
    return client.post(address, data={"csrf_token": form_with(page, "csrf_token")["csrf_token"], **data})


def change(house, place: int, text: str) -> None:
    section = house.draft.living_sections[place]
    edit_section(house.people["facilitator"], section, section.body, text)
    db.session.commit()


@pytest.fixture
def three(published):
    """Three versions: the second published, with a section moved, renamed and reworded, one new and one taken out."""
    ana, draft = published.people["facilitator"], published.draft
    change(published, 1, "Un début, et des mots ajoutés.\n\n### La carte {#carte}\n\nTexte de la carte.")
    arranging.move_section(ana, draft.living_sections[2], 1)
    budget = draft.living_sections[1]
    arranging.update_section(ana, budget, title="Budget de l’antenne", kind=SectionKind.RECOMMENDATION, group=None)
    arranging.add_section(ana, draft, "Conclusion", SectionKind.PROSE)
    freeze(published, "deux", is_published=True)
    arranging.retire_section(ana, next(s for s in draft.living_sections if s.title == "Conclusion"))
    freeze(published, "trois")
    return published


def test_a_version_is_frozen_with_a_proposed_name(client, house, sign_in):
    sign_in(house.people["secretary"])
    form = form_with(client.get(f"{house.address}/freeze"), "label")
    assert re.fullmatch(r"Document de travail au \d\d/\d\d/\d{4}", form["label"])
    answer = fill(client, f"{house.address}/freeze", "label", note="Premier jet.")
    assert answer.status_code == 303
    assert answer.location == f"{house.address}/versions/1"
    page = client.get(answer.location)
    assert "Version 1 is frozen: it will not change any more." in page.text
    assert "It is not published: only the group and the steering committee read it." in page.text
    assert "Premier jet." in page.text
    assert "Sam Secrète" in page.text


@pytest.mark.parametrize(
    ("language", "label"),
    [("fr", "Document de travail au 21/04/2026"), ("nl", "Werkdocument van 21/04/2026"),
     ("en", "Working document of 21/04/2026"), ("de", "Document de travail au 21/04/2026")],
)  # fmt: skip
def test_the_proposed_name_is_in_the_language_of_the_document(language, label):
    assert proposed_label(language, date(2026, 4, 21)) == label


def test_the_page_to_freeze_says_what_changed(client, published, sign_in):
    sign_in(published.people["facilitator"])
    assert "Nothing has changed since version 1" in client.get(f"{published.address}/freeze").text
    change(published, 1, "Un autre début.\n\n### La carte {#carte}\n\nTexte de la carte.")
    page = client.get(f"{published.address}/freeze").text
    assert "Since version 1" in page
    assert re.search(r"Rendre visible</p>\s*<p[^>]*>1 change<", page)
    assert "Budget local</p>" not in page


@pytest.mark.parametrize("values", [{"label": " "}, {"label": "x" * 121}, {"note": "x" * 2001}])
def test_a_wrong_version_is_told_and_loses_nothing(client, house, sign_in, values):
    sign_in(house.people["facilitator"])
    answer = fill(client, f"{house.address}/freeze", "label", **{"note": "Gardée", **values})
    assert answer.status_code == 422
    assert "Something needs your attention" in answer.text
    assert form_with(answer, "label")["note"] == values.get("note", "Gardée")
    assert queries.last_version(house.draft) is None


def test_broken_references_are_listed_with_links_and_refused(client, house, sign_in):
    sign_in(house.people["facilitator"])
    opened = client.get(f"{house.address}/freeze")
    change(house, 0, "Voir la [[perdue]].")
    answer = send(client, opened, "label")
    assert answer.status_code == 422
    assert "Some cross-references lead nowhere: [[perdue]] (Introduction)" in answer.text
    assert f'<code>[[perdue]]</code> — <a href="{house.address}/live/introduction/edit">' in answer.text
    assert queries.last_version(house.draft) is None


def test_publishing_lets_everybody_read(client, house, sign_in):
    freeze(house, "un")
    sign_in(house.people["facilitator"])
    page = client.get(f"{house.address}/versions/1")
    assert "Everybody will read it" in page.text
    answer = press(client, page, f"{house.address}/versions/1/publish")
    assert answer.status_code == 303
    assert "Version 1 is published: everybody can read it now." in client.get(house.address).text
    db.session.expire_all()
    assert {section.stage for section in house.draft.living_sections} == {Stage.INFORMATION}
    sign_in(house.people["member"])
    assert client.get(house.address).status_code == 200
    sign_in(house.people["facilitator"])
    assert "/publish" not in client.get(f"{house.address}/versions/1").text


def test_an_older_version_is_not_published_after_a_newer_one(client, house, sign_in):
    freeze(house, "un")
    change(house, 0, "Autre.")
    freeze(house, "deux", is_published=True)
    sign_in(house.people["facilitator"])
    page = client.get(f"{house.address}/versions/1")
    assert "/versions/1/publish" not in page.text
    token = form_with(page, "csrf_token")["csrf_token"]
    assert client.post(f"{house.address}/versions/1/publish", data={"csrf_token": token}).status_code == 409
    db.session.expire_all()
    assert queries.version_by_number(house.draft.slug, 1).published_at is None


def test_the_list_shows_each_reader_what_they_may_read(client, three, sign_in):
    visitor = client.get(f"{three.address}/versions").text
    assert "2 versions" in visitor
    assert "trois" not in visitor
    assert "everybody reads this one" in visitor
    sign_in(three.people["participant"])
    group = client.get(f"{three.address}/versions").text
    assert "3 versions" in group
    assert "not published: for the group and the steering committee only" in group


def test_a_version_that_is_not_the_last_says_so(client, three):
    page = client.get(f"{three.address}/versions/1").text
    assert "A newer one is published: version 2." in page
    assert "It is the text that everybody reads now." in client.get(f"{three.address}/versions/2").text
    assert client.get(f"{three.address}/versions/3").status_code == 404
    assert client.get(f"{three.address}/versions/9").status_code == 404
    assert client.get(f"{three.address}/versions/99999999999999999999").status_code == 404


def test_the_file_of_a_version_can_be_verified(client, three):
    page = client.get(f"{three.address}/versions/2")
    fingerprint = re.search(r'class="fingerprint">([0-9a-f]{64})<', page.text)[1]
    answer = client.get(f"{three.address}/versions/2.md")
    assert answer.mimetype == "text/markdown"
    assert answer.text.startswith("---\nhash: ")
    lines = answer.data.split(b"\n")
    assert hashlib.sha256(b"\n".join(lines[:1] + lines[2:])).hexdigest() == fingerprint
    again = client.get(f"{three.address}/versions/2.md", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert client.get(f"{three.address}/versions/3.md").status_code == 404


def test_a_restore_makes_a_new_version_and_changes_none(client, three, sign_in):
    first = queries.version_by_number(three.draft.slug, 1)
    hashes = db.session.scalars(select(Version.hash).order_by(Version.number)).all()
    sign_in(three.people["facilitator"])
    assert "Take this text back" in client.get(f"{three.address}/versions/1").text
    answer = fill(client, f"{three.address}/versions/1/restore", "note", note="On revient.")
    assert answer.status_code == 303
    assert answer.location == f"{three.address}/versions/4"
    page = client.get(answer.location)
    assert "To undo it, restore version 3." in page.text
    db.session.expire_all()
    bodies = [(s.title, s.body) for s in queries.sections_of_version(queries.version_by_number(three.draft.slug, 4))]
    assert bodies == [(s.title, s.body) for s in queries.sections_of_version(first)]
    assert db.session.scalars(select(Version.hash).order_by(Version.number)).all()[:3] == hashes
    assert [section.title for section in three.draft.living_sections] == [
        "Introduction",
        "Rendre visible",
        "Budget local",
    ]


def test_a_restore_warns_of_what_no_version_holds(client, three, sign_in):
    sign_in(three.people["facilitator"])
    warning = "The text being written has changes that no version holds yet."
    assert warning not in client.get(f"{three.address}/versions/1/restore").text
    change(three, 0, "Pas encore figé.")
    assert warning in client.get(f"{three.address}/versions/1/restore").text
    assert fill(client, f"{three.address}/versions/1/restore", "note", note="x" * 2001).status_code == 422


def test_any_two_versions_are_compared_in_one_text_and_side_by_side(client, three, sign_in):
    page = client.get(f"{three.address}/versions/1..2").text
    assert "4 sections changed" in page or "3 sections changed" in page
    summary = page.partition('class="summary-list"')[2].partition("</ul>")[0]
    assert re.search(r"Budget de l’antenne</a>\s*<span[^>]*>moved and renamed<", summary) or "renamed" in summary
    assert re.search(r"Rendre visible</a>\s*<span[^>]*>[^<]*1 change<", summary)
    assert re.search(r"Conclusion</a>\s*<span[^>]*>new<", summary)
    assert re.search(r"<ins>[^<]*et des mots ajoutés[^<]*</ins>", page)
    side = client.get(f"{three.address}/versions/1..2?view=side").text
    assert side.count('class="side-row"') >= 1
    assert re.search(r"<ins>[^<]*et des mots ajoutés[^<]*</ins>", side)
    assert client.get(f"{three.address}/versions/1..2?view=upside-down").status_code == 200
    assert client.get(f"{three.address}/versions/1..3").status_code == 404
    sign_in(three.people["participant"])
    gone = client.get(f"{three.address}/versions/2..3").text
    assert re.search(r"Conclusion</a>\s*<span[^>]*>taken out<", gone)
    assert "Budget de l’antenne" not in gone.partition('class="summary-list"')[2].partition("</ul>")[0]


def test_a_comparison_is_computed_once(client, three, sign_in):
    def stored() -> list[tuple[int, int]]:
        rows = db.session.execute(
            select(StoredComparison.old_number, StoredComparison.new_number).order_by(StoredComparison.id)
        )
        return [tuple(row) for row in rows]

    assert stored() == [(1, 2), (2, 3)]  # made when the versions were frozen
    sign_in(three.people["participant"])
    first = client.get(f"{three.address}/versions/1..3").text.partition("<main")[2]
    assert stored() == [(1, 2), (2, 3), (1, 3)]
    assert client.get(f"{three.address}/versions/1..3").text.partition("<main")[2].count("<ins>") == first.count(
        "<ins>"
    )
    assert db.session.scalar(select(func.count(StoredComparison.id))) == 3


def test_a_stored_comparison_costs_no_look_at_the_texts(client, three, queries):
    with queries() as statements:
        client.get(f"{three.address}/versions/1..2")
    assert not [statement for statement in statements if "version_sections.body" in statement]


def test_two_versions_are_chosen(client, three):
    form = form_with(client.get(f"{three.address}/versions"), "old")
    assert (form["old"], form["new"]) == ("1", "2")
    answer = client.get(f"{three.address}/versions/compare?old=2&new=1")
    assert answer.location == f"{three.address}/versions/1..2"
    assert client.get(f"{three.address}/versions/compare?old=2&new=2").location == f"{three.address}/versions"
    assert client.get(f"{three.address}/versions/2..1").status_code == 302
    for bad in ("", "?old=x&new=1", "?old=-1&new=2", "?old=1", f"?old={'9' * 99}&new=1"):
        assert client.get(f"{three.address}/versions/compare{bad}").status_code == 404
    assert client.get(f"{three.address}/versions/1..77").status_code == 404


def test_the_list_of_versions_of_a_text_without_any_says_what_would_fill_it(client, house, sign_in):
    sign_in(house.people["participant"])
    page = client.get(f"{house.address}/versions").text
    assert "No version yet" in page
    assert "/freeze" not in page.partition("<main")[2]
    sign_in(house.people["facilitator"])
    assert f'href="{house.address}/freeze"' in client.get(f"{house.address}/versions").text
