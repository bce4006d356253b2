"""How the editor behaves at its edges: leaving it, running out of room, names before what people wrote."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.editor_page import EditorPage, editors

pytestmark = pytest.mark.browser


@pytest.fixture
def editor(browser: Browser) -> Iterator[EditorPage]:
    with editors(browser) as make:
        yield make()


def test_escape_leaves_the_text_at_once_also_right_after_a_keystroke(editor):
    page = editor.open("Bonjour.")
    editor.type(" Oui")
    editor.press("Escape")
    expect(page.locator("#after")).to_be_focused()


def test_escape_closes_the_list_of_references_first(editor):
    page = editor.open("Voir ", references=[("introduction", "Introduction")])
    editor.type("[[")
    choices = page.locator(".editor-choices")
    expect(choices).to_be_visible()
    editor.press("Escape")
    expect(choices).to_have_count(0)
    expect(page.locator(".cm-content")).to_be_focused()
    editor.press("Escape")
    expect(page.locator("#after")).to_be_focused()


def test_what_would_go_beyond_the_longest_text_is_not_put_in_and_is_told(editor):
    page = editor.open("Douze signes")
    page.evaluate("window.most = 14")
    editor.type("🙂🙂")
    assert editor.text() == "Douze signes🙂🙂"
    assert page.evaluate("full") == 0
    editor.type("!")
    editor.paste("", "un long collage")
    assert editor.text() == "Douze signes🙂🙂"
    assert page.evaluate("full") == 2
    editor.others_write(0, "Et d’autres : ")
    assert editor.text() == "Et d’autres : Douze signes🙂🙂"
    editor.press("Backspace")
    assert editor.text() == "Et d’autres : Douze signes🙂"


def test_a_name_stands_before_what_somebody_wrote_and_not_between_the_cells_of_a_table(editor):
    table = "| a | b |\n| - | - |\n| c | d |"
    page = editor.open(f"Une porte ouverte\n\n{table}")
    ana = '{ person: 3, colour: 3, name: "Ana", words: "Ana :" }'
    zoe = '{ person: 4, colour: 4, name: "Zoé", words: "Zoé :" }'
    runs = f"[{{ ...{ana}, length: 9 }}, {{ ...{zoe}, length: 8 }}, {{ ...{ana}, length: 31 }}]"
    page.evaluate(f"editor.setAuthors({runs}, true)")
    names = page.locator(".cm-author-name")
    expect(names).to_have_text(["Ana :", "Zoé :", "Ana :"])
    expect(page.locator(".cm-author").first).to_have_attribute("title", "Ana")
    assert editor.text() == f"Une porte ouverte\n\n{table}"
    runs = f"[{{ ...{ana}, length: 23 }}, {{ ...{zoe}, length: 25 }}]"
    page.evaluate(f"editor.setAuthors({runs}, true)")
    expect(names).to_have_text(["Ana :"])
    page.evaluate(f"editor.setAuthors({runs})")
    expect(names).to_have_count(0)
