"""Import on the web: upload, see what was found, store; nothing is kept in between, and bad files get a clear word."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from sip.core.db import db
from sip.drafts import checking, import_views
from sip.drafts.models import Draft
from tests.documents import SAMPLE_NAMES, made, sample
from tests.drafts.forms_in_pages import form_with, send
from tests.factories import make_group

DOCUMENT = """# Vivre de son travail

Document de travail au 12/10/2026

Rédigé par Ana, Paul et Bea

## Introduction

Un mot d’accueil.[^1]

[^1]: Une note.

## Introduction par le groupe de Lille :

Nous sommes douze.

## Recommandation 1 : Ouvrir les comptes

Voir recommandation 2.a et recommandation 7.

### a. Publier le budget

Chaque année.

## Recommandation 2 : Accueillir

Bien.

### a. Un parrainage

Oui.
"""


def upload(client, house, data: bytes, name: str):
    address = f"/drafts/import?theme={house.group.theme_id}"
    token = form_with(client.get(address), "csrf_token")["csrf_token"]
    # Written by hand: for large files the test client would open a temporary file and leave it open.
    disposition = f'Content-Disposition: form-data; name="file"; filename="{name}"'
    lines = [
        b"--edge", b'Content-Disposition: form-data; name="csrf_token"', b"", token.encode(),
        b"--edge", disposition.encode(), b"", data, b"--edge--", b"",
    ]  # fmt: skip
    return client.post(address, data=b"\r\n".join(lines), content_type="multipart/form-data; boundary=edge")


@pytest.fixture
def lille(house):
    """A second group of the theme."""
    return make_group(house.group.theme, name="Groupe de Lille", secretary=house.people["secretary"])


@pytest.fixture
def preview(client, house, lille, sign_in):
    """What is shown of DOCUMENT."""
    sign_in(house.people["secretary"])
    return upload(client, house, DOCUMENT.encode(), "vivre.md")


def test_the_preview_shows_what_was_found_and_stores_nothing(preview, lille):
    assert preview.status_code == 200
    form = form_with(preview, "markdown")
    assert form["title"] == "Vivre de son travail"
    assert [form[f"title-{n}"] for n in range(4)] == [
        "Introduction",
        "Introduction par le groupe de Lille",
        "Ouvrir les comptes",
        "Accueillir",
    ]
    assert [form[f"kind-{n}"] for n in range(4)] == ["prose", "prose", "recommendation", "recommendation"]
    assert form["group-1"] == str(lille.id)
    assert "“1” was dropped: numbers come by themselves." in preview.text
    assert "1 reference could not be linked" in preview.text
    assert "<q>recommandation 7</q>" in preview.text
    assert "Document de travail au 12/10/2026" in preview.text
    assert db.session.scalar(select(Draft.id).where(Draft.title == "Vivre de son travail")) is None


def test_nobodys_writes_wait_for_the_conversion(client, house, lille, sign_in, monkeypatch):
    """It takes seconds for a large file, and SQLite has one writer."""
    held = []

    def slowly(data: bytes, name: str) -> str:
        held.append(db.session.registry().in_transaction())
        return DOCUMENT

    monkeypatch.setattr(import_views, "to_markdown", slowly)
    sign_in(house.people["secretary"])
    page = upload(client, house, b"", "vivre.odt")
    assert held == [False]
    assert "Groupe de Lille" in page.text


def test_what_is_stored_is_what_was_chosen(client, preview, house, lille):
    answer = send(
        client, preview, "markdown", title="Un autre titre", groups=[str(house.group.id), str(lille.id)],
        **{"title-2": " Ouvrir  tous les comptes ", "kind-0": "left_out", "kind-3": "prose"},
    )  # fmt: skip
    assert answer.status_code == 303
    page = client.get(answer.location)
    assert "The document is here, with 3 sections. Only your group and the steering committee see it." in page.text
    draft = db.session.scalars(select(Draft).where(Draft.title == "Un autre titre")).one()
    assert [(s.title, s.kind, s.group_id) for s in draft.living_sections] == [
        ("Introduction par le groupe de Lille", "prose", lille.id),
        ("Ouvrir tous les comptes", "recommendation", None),
        ("Accueillir", "prose", None),
    ]
    assert "recommandation 1" not in draft.living_sections[1].body
    assert "### Publier le budget {#publier-budget}" in draft.living_sections[1].body
    assert list(checking.problems()) == []


def test_references_lead_to_their_sections(client, preview):
    page = client.get(send(client, preview, "markdown").location)
    assert ">recommandation 2.a</a>" in page.text


def test_a_section_named_like_a_page_keeps_its_references(client, house, sign_in):
    sign_in(house.people["secretary"])
    text = "# T\n\n## Recommandation 1 : Versions\n\nX.\n\n## Recommandation 2 : Autre\n\nVoir recommandation 1.\n"
    answer = send(client, upload(client, house, text.encode(), "t.md"), "markdown", title="Nommé comme une page")
    draft = db.session.scalars(select(Draft).where(Draft.title == "Nommé comme une page")).one()
    assert draft.living_sections[0].slug == "versions-2"
    assert 'href="#versions-2">recommandation 1</a>' in client.get(answer.location).text


@pytest.mark.parametrize("kind", ["docx", "odt", "html"])
def test_documents_of_word_processors(client, house, lille, sign_in, kind):
    sign_in(house.people["facilitator"])
    preview = upload(client, house, made(kind, DOCUMENT), f"vivre.{kind}")
    assert preview.status_code == 200
    assert "Ouvrir les comptes" in form_with(preview, "markdown").values()
    assert send(client, preview, "markdown").status_code == 303


@pytest.mark.parametrize("name", SAMPLE_NAMES)
def test_real_documents(client, house, sign_in, name):
    sign_in(house.people["facilitator"])
    preview = upload(client, house, sample(name), name)
    assert preview.status_code == 200
    answer = send(client, preview, "markdown", title=f"Import de {name}")
    assert answer.status_code == 303
    assert client.get(answer.location).status_code == 200
    assert list(checking.problems()) == []


@pytest.mark.parametrize(
    ("data", "name", "message"),
    [
        (b"", "vide.md", "This file holds no text."),
        (b"%PDF-1.7 ...", "texte.pdf", "We read Markdown, plain text, Word"),
        (b"PK\x03\x04 not an archive", "texte.docx", "This file is damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "texte.doc", "We read Markdown, plain text, Word"),
        (b"a\x00b" * 40, "texte.txt", "This file is not a text."),
        (b"du texte", "texte.docx", "This file is damaged"),
        (b"x" * 10_500_000, "grand.md", "This file is larger than"),
        ("## Titre\n\nTexte.\n\n" * 301, "sections.md", "A document has 300 sections at most."),
    ],
)
def test_a_bad_file_gets_a_clear_word(client, house, sign_in, data, name, message):
    sign_in(house.people["facilitator"])
    answer = upload(client, house, data.encode() if isinstance(data, str) else data, name)
    assert answer.status_code == 422
    assert message in answer.text
    assert db.session.scalars(select(Draft.title)).all() == ["Savoir pour décider"]


def test_a_text_that_is_too_long_gets_a_clear_word(app, client, house, sign_in, monkeypatch):
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], max_section=1_000))
    sign_in(house.people["facilitator"])
    assert upload(client, house, b"mot " * 1_900, "court.md").status_code == 200
    answer = upload(client, house, b"mot " * 2_100, "long.md")
    assert answer.status_code == 422
    assert "This document is too long to be read at once." in answer.text


def test_no_file_at_all(client, house, sign_in):
    sign_in(house.people["facilitator"])
    address = f"/drafts/import?theme={house.group.theme_id}"
    answer = client.post(address, data={"csrf_token": form_with(client.get(address), "csrf_token")["csrf_token"]})
    assert answer.status_code == 422
    assert "Choose a file." in answer.text


def test_far_too_large_a_file_is_refused_with_a_word(client, house, sign_in):
    sign_in(house.people["facilitator"])
    answer = upload(client, house, b"x" * 12_000_000, "immense.md")
    assert answer.status_code == 413
    assert "That is too large" in answer.text


@pytest.mark.parametrize(
    "values",
    [
        {"title": ""},
        {"groups": []},
        {"title-2": "  "},
        {f"kind-{n}": "left_out" for n in range(4)},
        {"language": "xx"},
    ],
)
def test_what_cannot_be_stored_is_told_and_loses_nothing(client, preview, values):
    answer = send(client, preview, "markdown", **{"title-3": "Accueillir mieux", "kind-3": "prose", **values})
    assert answer.status_code == 422
    assert "Something needs your attention" in answer.text
    form = form_with(answer, "markdown")
    assert form["markdown"].replace("\r\n", "\n") == form_with(preview, "markdown")["markdown"].replace("\r\n", "\n")
    assert form["title-3"] == "Accueillir mieux"
    assert form["kind-3"] == values.get("kind-3", "prose")
    assert db.session.scalars(select(Draft.title)).all() == ["Savoir pour décider"]


def test_what_comes_back_is_checked_again(client, preview, house, lille, app, monkeypatch):
    foreign = make_group()
    answer = send(
        client, preview, "markdown",
        **{"kind-0": "poem", "group-0": str(foreign.id), "group-1": "9" * 40, "group-2": "x", "title-1": "x" * 5000},
    )  # fmt: skip
    assert answer.status_code == 303
    draft = db.session.scalars(select(Draft).where(Draft.title == "Vivre de son travail")).one()
    assert {section.group_id for section in draft.living_sections} <= {None, lille.id}
    assert {section.kind for section in draft.living_sections} == {"prose", "recommendation"}
    assert max(len(section.title) for section in draft.living_sections) == 300
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], max_sections=3))
    assert "A document has 3 sections at most." in send(client, preview, "markdown").text
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], max_section=20))
    assert "This document is too long to be read at once" in send(client, preview, "markdown").text


def test_hostile_documents_are_shown_and_not_run(client, house, sign_in):
    sign_in(house.people["facilitator"])
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    text = f"# {evil}\n\n## Recommandation 1 : {evil}\n\n{evil}\n\n[x](javascript:alert(3))\n"
    preview = upload(client, house, text.encode(), "mal.md")
    assert preview.status_code == 200
    for page in (preview, client.get(send(client, preview, "markdown", title=evil).location)):
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert 'href="javascript:' not in page.text
