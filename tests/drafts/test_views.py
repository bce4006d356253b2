"""Reading: the list, the published text, one recommendation, the journal; beginning a document and naming it."""

import re
import zlib

import pytest
from sqlalchemy import select

from sip.core.db import db
from sip.core.errors import Invalid
from sip.cycles.stages import Stage
from sip.drafts import queries
from sip.drafts.actions import arranging, versions
from sip.drafts.actions.filing import store_draft
from sip.drafts.actions.text import edit_section
from sip.drafts.files import DraftFile, SectionFile
from sip.drafts.models import Draft, SectionKind
from tests.drafts.conftest import freeze
from tests.drafts.forms_in_pages import fill, form_with
from tests.factories import make_draft, make_group, make_theme, publish


def test_visitors_read_the_published_text(client, published):
    page = client.get(published.address)
    assert page.status_code == 200
    assert "<h1>Savoir pour décider</h1>" in page.text
    assert 'href="#budget-local.caisse">recommandation 2.b</a>' in page.text
    assert "You are reading version 1" in page.text
    assert "Document de travail au 12/10/2026" in page.text
    assert "Text being written" not in page.text


def test_the_page_has_contents_and_permanent_links_to_recommendations_and_measures(client, published):
    text = client.get(published.address).text
    contents, _, document = text.partition('</nav><div class="reading-text"')
    assert re.findall(r'<a href="(#[^"]+)"><b>([^<]*)</b>', contents.partition('id="contents"')[2]) == [
        ("#introduction", ""),
        ("#rendre-visible", "1"),
        ("#rendre-visible.carte", "a."),
        ("#budget-local", "2"),
        ("#budget-local.une-regle", "a."),
        ("#budget-local.caisse", "b."),
    ]
    for anchor in ("introduction", "rendre-visible", "rendre-visible.carte", "budget-local.caisse"):
        assert f' id="{anchor}"' in document
        assert f'href="#{anchor}"' in document


def test_ids_are_unique(client, published):
    ids = re.findall(r'\sid="([^"]+)"', client.get(published.address).text)
    assert sorted(ids) == sorted(set(ids))


def test_the_stored_document_is_spliced_in_compressed(client, published):
    plain = client.get(published.address)
    packed = client.get(published.address, headers={"Accept-Encoding": "gzip, deflate"})
    assert packed.headers["Content-Encoding"] == "deflate"
    assert "Accept-Encoding" in packed.headers["Vary"]

    def without_secrets(text: str) -> str:
        return re.sub(r'(nonce|value)="[^"]*"', "", text)

    assert without_secrets(zlib.decompress(packed.data).decode()) == without_secrets(plain.text)


def test_the_number_of_queries_does_not_grow_with_the_text(client, house, sign_in, queries):
    group = house.group

    def count(draft: Draft, page: str) -> int:
        with queries() as statements:
            assert client.get(f"/drafts/{draft.slug}{page}").status_code == 200
        return len(statements)

    drafts = []
    for number in (2, 40):
        sections = tuple((f"Section {index}", f"Voir la [[section-1]].\n\n### M\n\n{index}") for index in range(number))
        draft = make_draft(group, sections=sections, title=f"Document {number}")
        version = versions.freeze_version(house.people["facilitator"], draft, "un")
        versions.publish_version(house.people["facilitator"], version)
        db.session.commit()
        drafts.append(draft)
    visitor = [count(draft, "") for draft in drafts]
    assert visitor[0] == visitor[1] <= 5
    sign_in(house.people["facilitator"])
    count(drafts[0], "")  # notes the visit
    for page in (
        "", "/section-1", "/live", "/live/section-1/edit", "/versions", "/versions/1", "/freeze", "/history",
        "/versions/1/restore",
    ):  # fmt: skip
        few, many = (count(draft, page) for draft in drafts)
        assert few == many, page
        assert many < 25, page


def test_a_document_without_a_published_version_leads_its_group_to_the_text_being_written(client, house, sign_in):
    assert client.get(house.address).status_code == 404
    sign_in(house.people["participant"])
    answer = client.get(house.address)
    assert answer.status_code == 302
    assert answer.location == f"{house.address}/live"


def test_one_recommendation_has_its_page(client, published):
    page = client.get(f"{published.address}/rendre-visible")
    assert page.status_code == 200
    assert re.search(r'<h1 class="doc-heading" id="rendre-visible.title"><span class="doc-number">1</span>', page.text)
    assert re.search(r'<h2[^>]* id="rendre-visible.carte"', page.text)
    assert f'href="{published.address}/introduction" rel="prev"' in page.text
    assert f'href="{published.address}/budget-local" rel="next"' in page.text
    assert "Information" in page.text


def test_references_on_the_page_of_a_section_lead_to_the_document(client, published):
    page = client.get(f"{published.address}/introduction")
    assert f'<a class="reference" href="{published.address}#budget-local.caisse">recommandation 2.b</a>' in page.text


def test_a_section_tells_its_life_from_version_to_version(client, published, sign_in):
    ana = published.people["facilitator"]
    section = published.draft.living_sections[1]
    edit_section(ana, section, section.body, "Un autre début.")
    freeze(published, "deux", is_published=True)
    freeze_again = published.draft.living_sections[2]
    edit_section(ana, freeze_again, freeze_again.body, freeze_again.body + "\n\nFin.")
    freeze(published, "trois")
    life = client.get(f"{published.address}/rendre-visible").text.partition('class="life"')[2]
    assert life.index("text changed: see how") < life.index("first written")
    assert "same text" not in life
    sign_in(ana)
    life = client.get(f"{published.address}/rendre-visible").text.partition('class="life"')[2]
    assert life.index("same text") < life.index("text changed: see how")


def test_an_address_that_changed_still_leads_to_its_section(client, published):
    ana = published.people["facilitator"]
    section = published.draft.living_sections[1]
    arranging.update_section(
        ana, section, title=section.title, kind=SectionKind.RECOMMENDATION, group=None, slug="montrer"
    )
    freeze(published, "deux", is_published=True)
    answer = client.get(f"{published.address}/rendre-visible")
    assert answer.status_code == 301
    assert answer.location == f"{published.address}/montrer"
    assert client.get(f"{published.address}/nulle-part").status_code == 404


def test_a_section_added_since_has_no_public_page(client, published):
    ana = published.people["facilitator"]
    section = arranging.add_section(ana, published.draft, "Encore secret", SectionKind.RECOMMENDATION)
    db.session.commit()
    assert client.get(f"{published.address}/{section.slug}").status_code == 404
    assert "Encore secret" not in client.get(published.address).text


@pytest.mark.parametrize("word", ["live", "versions", "settings", "freeze", "history", "Contents", "main"])
def test_no_section_takes_the_address_of_a_page_or_of_a_place(house, word):
    ana = house.people["facilitator"]
    section = arranging.add_section(ana, house.draft, word, SectionKind.PROSE)
    assert section.slug == f"{word.lower()}-2"


def test_no_file_takes_the_address_of_a_page(house):
    theme = house.group.theme
    with pytest.raises(Invalid, match="address of a page"):
        store_draft(theme, DraftFile("new", "Titre", theme.slug, (), "fr", ()), (), (house.group,))
    section = SectionFile("abc", "versions", "Versions", "prose")
    with pytest.raises(Invalid, match="address of a page"):
        store_draft(theme, DraftFile("titre", "Titre", theme.slug, (), "fr", (section,)), (), (house.group,))


def test_hostile_titles_and_texts_are_shown_and_not_run(client, house, sign_in):
    ana = house.people["facilitator"]
    evil = "<script>alert(1)</script> & \"'><img src=x onerror=alert(2)>"
    section = arranging.add_section(ana, house.draft, evil, SectionKind.RECOMMENDATION)
    edit_section(ana, section, "", f"{evil}\n\n[x](javascript:alert(3)) {{{{ 7*7 }}}} <!--stored-piece-->")
    arranging.rename_draft(ana, house.draft, evil)
    freeze(house, f"{evil}"[:100], is_published=True)
    sign_in(ana)
    for page in ("", "/live", "/versions", "/versions/1", f"/{section.slug}", f"/live/{section.slug}/edit", "/history",
                 f"/live/{section.slug}/heading", f"/live/{section.slug}/move", "/settings"):  # fmt: skip
        text = client.get(house.address + page).text
        assert "&lt;script&gt;" in text, page
        assert "<script>alert" not in text, page
        assert "<img src=x" not in text, page
        assert 'href="javascript:' not in text, page
        assert text.count("</html>") == 1, page


def test_the_list_shows_what_one_may_know_of(client, published, sign_in):
    hidden = make_draft(published.group, title="Encore caché")
    page = client.get("/drafts")
    assert "Savoir pour décider" in page.text
    assert "1 document<" in re.sub(r"\s+<", "<", page.text)
    assert hidden.title not in page.text
    sign_in(published.people["member"])
    assert hidden.title not in client.get("/drafts").text
    sign_in(published.people["participant"])
    page = client.get("/drafts")
    assert hidden.title in page.text
    assert "not published: for the group and the steering committee only" in page.text


def test_the_list_is_filtered_by_theme_and_cycle(client, published):
    theme = published.group.theme
    assert "Savoir pour décider" in client.get(f"/drafts?theme={theme.slug}&cycle={theme.cycle.slug}").text
    other = client.get("/drafts?theme=autre")
    assert "Savoir pour décider" not in other.text.partition("<main")[2]
    assert "No document of this choice is published" in other.text


def test_the_list_is_paged(client, house, queries):
    for number in range(31):
        publish(make_draft(house.group, title=f"Document {number}"))
    with queries() as statements:
        assert "Page 1 of 2" in client.get("/drafts").text
    assert len(statements) <= 6
    assert client.get("/drafts?page=2").status_code == 200
    assert client.get("/drafts?page=3").status_code == 404


def test_an_empty_list_says_what_would_fill_it(client, app):
    assert "appears here once the group publishes a version" in client.get("/drafts").text


def test_a_document_begins_empty(client, house, sign_in):
    sign_in(house.people["secretary"])
    address = f"/drafts/new?theme={house.group.theme_id}"
    form = form_with(client.get(address), "title")
    assert form["groups"] == [str(house.group.id)]
    answer = fill(client, address, "title", title="  Un nouveau document ", language="fr")
    draft = db.session.scalars(select(Draft).where(Draft.title == "Un nouveau document")).one()
    assert answer.status_code == 303
    assert answer.location == f"/drafts/{draft.slug}/live/add"
    assert [group.id for group in draft.groups] == [house.group.id]
    assert "The text is still empty" in client.get(f"/drafts/{draft.slug}/live").text


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"title": " "}, "Please fill this in."),
        ({"title": "x" * 201}, "This is too long: 200 characters at most."),
        ({"title": "Bon", "groups": []}, "Please fill this in."),
        ({"title": "Bon", "groups": ["999999"]}, "not a valid choice"),
        ({"title": "Bon", "language": "xx"}, "Not a valid choice"),
    ],
)
def test_a_wrong_beginning_is_told_and_loses_nothing(client, house, sign_in, values, message):
    sign_in(house.people["facilitator"])
    answer = fill(client, f"/drafts/new?theme={house.group.theme_id}", "title", **values)
    assert answer.status_code == 422
    assert message in answer.text
    assert form_with(answer, "title")["title"] == values["title"].strip()
    assert "Bon" not in db.session.scalars(select(Draft.title)).all()


def test_a_group_of_another_theme_cannot_be_chosen(client, house, sign_in):
    other = make_group(make_theme())
    sign_in(house.people["facilitator"])
    answer = fill(client, f"/drafts/new?theme={house.group.theme_id}", "title", title="Bon", groups=[str(other.id)])
    assert answer.status_code == 422


@pytest.mark.parametrize("theme", ["", "x", "0", "99999999", "9" * 30, "-1", "１"])
def test_a_theme_that_is_not_there(client, house, sign_in, theme):
    sign_in(house.people["facilitator"])
    assert client.get(f"/drafts/new?theme={theme}").status_code == 404
    assert client.get(f"/drafts/import?theme={theme}").status_code == 404


def test_the_title_changes_and_the_address_stays(client, published, sign_in):
    sign_in(published.people["secretary"])
    answer = fill(client, f"{published.address}/settings", "title", title="Autre titre")
    assert answer.status_code == 303
    assert "Autre titre" in client.get(f"{published.address}/live").text
    # Readers see the frozen title until the next version.
    assert "<h1>Savoir pour décider</h1>" in client.get(published.address).text
    assert fill(client, f"{published.address}/settings", "title", title="").status_code == 422


def test_the_journal_tells_what_was_done(client, published, sign_in):
    sign_in(published.people["participant"])
    page = client.get(f"{published.address}/history")
    assert "Ana Facilite" in page.text
    assert "published" in page.text


def test_the_band_shows_the_stage_that_is_least_far_and_names_the_others(client, published):
    published.draft.living_sections[1].stage = Stage.CONSULTATION
    db.session.commit()
    page = client.get(published.address).text
    assert 'class="stage-band stage-information"' in page
    assert "Not all recommendations stand at the same stage" in page
    assert "1 in “Consultation”" in page


def test_nothing_is_written_by_reading(client, published):
    before = queries.all_updates(published.draft.id)
    for page in ("", "/versions", "/rendre-visible", "/versions/1", "/versions/1.md"):
        assert client.get(published.address + page).status_code == 200
    assert queries.all_updates(published.draft.id) == before
