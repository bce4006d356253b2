"""The editor by itself, in a real browser: its tools, keys, preview, undo and typography on real text."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.editor_page import ROOT, EditorPage, editors, labels

SENTENCE = "Une antenne est une porte ouverte."


@pytest.fixture
def editor(browser: Browser) -> Iterator[EditorPage]:
    with editors(browser) as make:
        yield make()


# -- What is typed is what the shared text holds ----------------------------------------------------------------------


def test_what_is_typed_is_the_markdown_itself(editor):
    editor.open("", language="en")
    words = "Wëre e\u0301te\u0301 👩‍👩‍👧 🇧🇪 *not closed [x] <b> & \\ `code` — ’t Établi"
    editor.type(words)
    assert editor.text() == words


def test_a_paragraph_is_begun_by_enter_once_or_twice(editor):
    editor.open("")
    editor.type("Un")
    editor.press("Enter")
    editor.type("Deux")
    editor.press("Enter", "Enter")
    editor.type("Trois")
    editor.press("Shift+Enter")
    editor.type("Quatre")
    assert editor.text() == "Un\n\nDeux\n\nTrois\\\nQuatre"
    editor.select(len("Un\n\n"))
    editor.press("Backspace")
    assert editor.text() == "UnDeux\n\nTrois\\\nQuatre"


def test_enter_splits_a_paragraph_and_keeps_paragraphs_apart(editor):
    editor.open("Un deux\n\nTrois\nquatre", at=3)
    editor.press("Enter")
    assert editor.text() == "Un\n\ndeux\n\nTrois\nquatre"
    editor.select_words("deux")
    editor.press("ArrowRight", "Enter")
    editor.type("et")
    assert editor.text() == "Un\n\ndeux\n\net\n\nTrois\nquatre"
    editor.select_words("Trois")
    editor.press("ArrowRight", "Enter")
    editor.type("puis")
    assert editor.text() == "Un\n\ndeux\n\net\n\nTrois\n\npuis\n\nquatre"


def test_enter_goes_on_with_a_list_and_leaves_it(editor):
    editor.open("- un")
    editor.press("Enter")
    editor.type("deux")
    editor.press("Control+]", "Enter")
    editor.type("trois")
    editor.press("Enter", "Enter", "Enter")
    editor.type("Fin")
    assert editor.text() == "- un\n    - deux\n    - trois\n\nFin"


def test_enter_numbers_the_items_and_leaves_a_quotation(editor):
    editor.open("1. un\n2. deux", at=5)
    editor.press("Enter")
    editor.type("et")
    assert editor.text() == "1. un\n2. et\n3. deux"
    editor.page.evaluate("shared.delete(0, shared.length)")
    editor.type("> dit")
    editor.press("Enter")
    editor.type("encore")
    editor.press("Enter", "Enter")
    editor.type("Fin")
    assert editor.text() == "> dit\n> encore\n\nFin"


def test_no_half_of_a_character_and_no_nul_enters_the_text(editor):
    editor.open("a😀b")
    editor.page.evaluate(
        "editor.view.dispatch({ changes: { from: 2, to: 3, insert: '😁'[1] }, userEvent: 'input.type' })"
    )
    assert editor.text() == "a😁b"
    editor.page.evaluate("editor.view.dispatch({ changes: { from: 2, to: 3 }, userEvent: 'delete' })")
    assert editor.text() == "ab"
    editor.paste("", "x\0y\r\nz\ud83d")
    assert "\0" not in editor.text()
    assert "\r" not in editor.text()
    assert editor.text().encode("utf-8")


def test_words_that_are_composed_are_left_alone_until_they_stand(editor):
    page = editor.open("Oui")
    device = page.context.new_cdp_session(page)
    for composed in ("e", "et", "et'", "eté"):
        device.send(
            "Input.imeSetComposition",
            {"text": composed, "selectionStart": len(composed), "selectionEnd": len(composed)},
        )
        assert editor.text() == f"Oui{composed}"
    device.send("Input.insertText", {"text": "été !"})
    page.wait_for_function("editor.view.state.doc.toString() === 'Ouiété\u202f!'")
    editor.press("Control+z")
    assert editor.text() == "Ouiété !"


def test_the_page_gives_the_labels_that_the_editor_asks_for():
    template = (ROOT / "templates" / "drafts" / "_live_texts.html").read_text(encoding="utf-8")
    given = template.split('id="editor-labels"', 1)[1].split("</template>", 1)[0]
    assert dict.fromkeys(re.findall(r"data-(\w+)=", given)) == dict.fromkeys(labels())


# -- Tools and shortcuts ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tool", "keys", "expected"),
    [
        ("Bold", "Control+b", "Une antenne est une **porte ouverte**."),
        ("Italic", "Control+i", "Une antenne est une *porte ouverte*."),
        ("Heading", "Control+Shift+6", "### Une antenne est une porte ouverte."),
        ("List", "Control+Shift+8", "- Une antenne est une porte ouverte."),
        ("Numbers", "Control+Shift+7", "1. Une antenne est une porte ouverte."),
        ("Quote", "Control+Shift+9", "> Une antenne est une porte ouverte."),
    ],
)
def test_a_tool_sets_and_takes_back_what_its_shortcut_does(editor, tool, keys, expected):
    page = editor.open(SENTENCE)
    button = page.get_by_role("button", name=tool, exact=True)
    editor.select_words("porte ouverte")
    expect(button).to_have_attribute("aria-pressed", "false")
    editor.use(tool)
    assert editor.text() == expected
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".cm-content")).to_be_focused()
    editor.press(keys)
    assert editor.text() == SENTENCE
    editor.press(keys)
    assert editor.text() == expected
    editor.press("Control+z")
    assert editor.text() == SENTENCE
    editor.press("Control+Shift+z")
    assert editor.text() == expected


def test_bold_without_a_selection_takes_the_word_or_waits_for_one(editor):
    editor.open("Une porte ouverte", at=6)
    editor.press("Control+b")
    assert editor.text() == "Une **porte** ouverte"
    editor.select(len("Une **porte** ouverte"))
    editor.type(" ")
    editor.press("Control+b")
    editor.type("ici")
    assert editor.text() == "Une **porte** ouverte **ici**"
    editor.type("x")
    editor.press("Backspace")
    editor.select(0)
    editor.press("Control+i", "Control+i")
    assert editor.text() == "Une **porte** ouverte **ici**"


def test_bold_over_several_paragraphs_keeps_markers_outside(editor):
    editor.open("Un deux \n\n- trois\n- quatre")
    editor.press("Control+a", "Control+b")
    assert editor.text() == "**Un deux** \n\n- **trois**\n- **quatre**"


def test_paragraphs_become_one_list_and_paragraphs_again(editor):
    editor.open("Avant\n\nUn\n\nDeux\n\nTrois\nAprès")
    text = editor.text()
    editor.select(text.index("Un"), text.index("Trois") + 5)
    editor.use("List")
    assert editor.text() == "Avant\n\n- Un\n- Deux\n- Trois\n\nAprès"
    editor.use("Numbers")
    assert editor.text() == "Avant\n\n1. Un\n2. Deux\n3. Trois\n\nAprès"
    editor.use("Numbers")
    assert editor.text() == "Avant\n\nUn\n\nDeux\n\nTrois\n\nAprès"


def test_a_link_is_set_changed_and_removed_in_a_form(editor):
    page = editor.open(SENTENCE)
    editor.select_words("porte ouverte")
    editor.press("Control+k")
    address = page.get_by_label("Address")
    expect(address).to_be_focused()
    address.fill("javascript:alert(1)")
    editor.press("Enter")
    expect(page.get_by_text("This is no address.")).to_be_visible()
    assert editor.text() == SENTENCE
    address.fill("exemple.org/a (b)")
    editor.press("Enter")
    assert address.get_attribute("aria-invalid") == "true"
    editor.others_write(0, "Oui. ")
    address.fill("exemple.org/a(b)")
    editor.press("Enter")
    assert editor.text() == "Oui. Une antenne est une [porte ouverte](https://exemple.org/a%28b%29)."
    expect(page.locator(".cm-content")).to_be_focused()
    editor.press("ArrowLeft", "ArrowLeft")
    editor.use("Link")
    expect(page.get_by_label("Text of the link")).to_have_value("porte ouverte")
    page.get_by_label("Text of the link").fill("porte [fermée]")
    address.fill("accueil@exemple.org")
    editor.press("Enter")
    assert editor.text() == "Oui. Une antenne est une [porte \\[fermée\\]](mailto:accueil@exemple.org)."
    editor.press("ArrowLeft")
    editor.use("Link")
    editor.use("Remove the link")
    assert editor.text() == "Oui. Une antenne est une porte \\[fermée\\]."
    editor.use("Link")
    editor.press("Escape")
    expect(page.locator(".editor-link")).to_be_hidden()
    expect(page.locator(".cm-content")).to_be_focused()


def test_a_table_is_put_in_walked_through_and_grown(editor):
    page = editor.open("Avant")
    editor.use("Table")
    editor.type("Poste")
    head = "Avant\n\n| Poste | Column 2 |\n| --- | --- |\n"
    assert editor.text() == head + "|  |  |\n|  |  |\n"
    editor.press("Enter")
    editor.type("Café")
    editor.press("Enter")
    editor.type("Thé")
    assert editor.text() == head + "| Café |  |\n| Thé |  |\n"
    editor.press("Enter")
    assert editor.text() == head + "| Café |  |\n| Thé |  |\n|  |  |\n"
    editor.press("Enter")
    editor.type("Après")
    assert editor.text() == head + "| Café |  |\n| Thé |  |\n\nAprès\n"
    editor.select_words("Café")
    expect(page.get_by_role("button", name="Table", exact=True)).to_have_attribute("aria-disabled", "true")
    editor.use("Add a column")
    table = "Avant\n\n| Poste |  | Column 2 |\n| --- | --- | --- |\n| Café |  |  |\n| Thé |  |  |\n\nAprès\n"
    assert editor.text() == table
    editor.use("Add a row")
    assert "| Café |  |  |\n|  |  |  |\n| Thé" in editor.text()
    editor.use("Remove the row")
    assert editor.text() == table
    editor.select_words("Café")
    editor.use("Remove the column")
    assert editor.text() == "Avant\n\n|  | Column 2 |\n| --- | --- |\n|  |  |\n|  |  |\n\nAprès\n"
    editor.select_words("Après")
    expect(page.get_by_role("toolbar", name="Tools for the table")).to_be_hidden()


def test_a_footnote_is_named_after_its_word_and_leads_back(editor):
    editor.open("Ces appels comptent.\n\n[^autre]: Déjà là.", at=len("Ces appels"))
    editor.use("Note")
    assert editor.text() == "Ces appels[^appels] comptent.\n\n[^autre]: Déjà là.\n[^appels]: "
    editor.type("Vingt-deux.")
    editor.use("Note")
    editor.type("!")
    assert editor.text() == "Ces appels[^appels]! comptent.\n\n[^autre]: Déjà là.\n[^appels]: Vingt-deux."
    editor.select(len("Ces appels"))
    editor.use("Note")
    assert "Ces appels[^appels-2][^appels]! comptent." in editor.text()


# -- Undo -------------------------------------------------------------------------------------------------------------


def test_undo_takes_back_only_what_one_typed_oneself(editor):
    page = editor.open(SENTENCE)
    undo = page.get_by_role("button", name="Undo", exact=True)
    expect(undo).to_have_attribute("aria-disabled", "true")
    editor.type(" À moi.")
    editor.others_write(0, "Eux. ")
    assert editor.text() == f"Eux. {SENTENCE} À moi."
    expect(undo).not_to_have_attribute("aria-disabled", "true")
    editor.use("Undo")
    assert editor.text() == f"Eux. {SENTENCE}"
    editor.use("Redo")
    assert editor.text() == f"Eux. {SENTENCE} À moi."
    editor.press("Control+z", "Control+z", "Control+z")
    assert editor.text() == f"Eux. {SENTENCE}"
    expect(undo).to_have_attribute("aria-disabled", "true")


def test_a_tool_is_a_step_of_its_own_and_the_cursor_returns(editor):
    editor.open(SENTENCE, at=0)
    editor.type("Oui. ")
    editor.press("Control+Shift+8")
    editor.type("Ah, ")
    editor.press("Control+z")
    assert editor.text() == f"- Oui. {SENTENCE}"
    editor.press("Control+z")
    assert editor.text() == f"Oui. {SENTENCE}"
    assert editor.place() == (5, 5)
    editor.press("Control+z")
    assert editor.text() == SENTENCE
    assert editor.place() == (0, 0)
