"""What other programs put on the clipboard comes in as clean Markdown, in one step of undo."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from sip.core.markdown import render
from tests.journeys import clipboards
from tests.journeys.editor_page import EditorPage, editors


@pytest.fixture
def editor(browser: Browser) -> Iterator[EditorPage]:
    with editors(browser) as make:
        yield make()


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (clipboards.WORD, clipboards.WORD_AS_MARKDOWN),
        (clipboards.GOOGLE_DOCS, clipboards.GOOGLE_DOCS_AS_MARKDOWN),
        (clipboards.MAIL, clipboards.MAIL_AS_MARKDOWN),
        (clipboards.WEB_PAGE, clipboards.WEB_PAGE_AS_MARKDOWN),
    ],
    ids=["word", "google docs", "mail", "web page"],
)
def test_markup_becomes_markdown_in_one_step(editor, html, expected):
    editor.open("Avant\n\nAprès", at=len("Avant\n\n"))
    editor.paste(html, "sans balises")
    assert editor.text() == f"Avant\n\n{expected}\n\nAprès"
    editor.press("Control+z")
    assert editor.text() == "Avant\n\nAprès"


def test_what_was_pasted_is_rendered_as_it_was():
    word = render(clipboards.WORD_AS_MARKDOWN)
    assert "<strong>une adresse</strong> sur une <em>fiche de paie</em>" in word
    assert word.count("<li") == 6
    assert 'href="https://example.org/?page=2"' in word
    assert "Café | thé</td>" in word
    mail = render(clipboards.MAIL_AS_MARKDOWN)
    assert "- la salle 2 * 3<br />" in mail.replace("<br>", "<br />")
    assert "<h1" not in mail
    assert "javascript" not in mail
    assert "<strong>une porte <em>ouverte</em></strong>" in render(clipboards.GOOGLE_DOCS_AS_MARKDOWN)
    assert "[[pas une référence]] _ni_ ceci" in render(clipboards.WEB_PAGE_AS_MARKDOWN)


def test_words_with_marks_stay_in_their_line(editor):
    editor.open("Une  ouverte", at=4)
    editor.paste("<span><b>porte</b></span>", "porte")
    assert editor.text() == "Une **porte** ouverte"


@pytest.mark.parametrize(
    ("html", "plain"),
    [("", "# a\n- **b** <i>c</i>\r\n\td"), (clipboards.CODE_EDITOR, "### Titre\n\n- **un**")],
    ids=["no markup", "markup that says nothing"],
)
def test_plain_text_stays_as_it_is(editor, html, plain):
    editor.open("")
    editor.paste(html, plain)
    assert editor.text() == plain.replace("\r\n", "\n")


def test_an_address_over_words_makes_them_a_link(editor):
    editor.open("Voir le site ici")
    editor.select_words("le site")
    editor.paste("", "https://exemple.org/a?utm_source=x&b=1")
    assert editor.text() == "Voir [le site](https://exemple.org/a?b=1) ici"


def test_pasting_into_code_and_tables_keeps_them_whole(editor):
    editor.open("```\n\n```\n\n| a | b |\n| --- | --- |\n| c |  |", at=4)
    editor.paste("<h2>Titre</h2>", "Titre\nsuite")
    assert editor.text().startswith("```\nTitre\nsuite\n```\n")
    editor.select(editor.text().index("| c |") + 6)
    editor.paste("<p>un</p><p>deux</p>", "un\ndeux")
    assert editor.text().endswith("| c | un deux |")


def test_what_is_pasted_over_a_selection_takes_its_place_and_blocks_stand_apart(editor):
    editor.open("Une porte ouverte")
    editor.select_words("porte ")
    editor.paste("<ul><li>un</li><li>deux</li></ul>", "un deux")
    assert editor.text() == "Une \n\n- un\n- deux\n\nouverte"
    editor.type("!")
    assert editor.text() == "Une \n\n- un\n- deux!\n\nouverte"
