"""What one sees and hears of the text in the editor: the preview, screen readers, other people, phones, completion."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.browsers import PHONE, look_at
from tests.journeys.editor_page import EditorPage, editors, labels

TOOLS = ["Bold", "Italic", "Heading", "List", "Numbers", "Quote", "Link", "Table", "Note", "Reference", "Undo", "Redo"]
REFERENCES = [("bouilloire", "1 Acheter une bouilloire"), ("salle", "2 Prêter la salle"), ("salle#cle", "2.a Les clés")]
NARROW, WIDE = "\u202f", "\u00a0"
TEXT = """Une **porte** *ouverte*[^appels] : voir [[salle#cle]], [[nulle-part]] ou [le site](https://exemple.org).

### Une mesure {#mesure}

- un \\*point\\*
    - dedans

> cité

| Poste | Coût |
| --- | --- |
| Café | 35 € |

[^appels]: Vingt-deux."""


@pytest.fixture
def make_editor(browser: Browser) -> Iterator[Callable[..., EditorPage]]:
    with editors(browser) as make:
        yield make


@pytest.fixture
def editor(make_editor: Callable[..., EditorPage]) -> EditorPage:
    return make_editor()


def leave(page: Page) -> None:
    page.locator("#before").focus()


# -- The preview ------------------------------------------------------------------------------------------------------


def test_the_text_reads_like_the_document_and_markers_show_at_the_cursor(editor):
    page = editor.open(TEXT, references=REFERENCES)
    leave(page)
    assert editor.seen() == [
        "Une porte ouverte‹1› : voir ‹2.a Les clés›, [[nulle-part]] ou le site.", "", "Une mesure", "", "- un *point*",
        "- dedans", "", "cité", "", "PosteCoût", "| --- | --- |", "Café35 €", "", "‹1.› Vingt-deux.",
    ]  # fmt: skip
    editor.select(TEXT.index("porte"))
    assert editor.seen()[0].startswith("Une **porte** ouverte‹1› :")
    editor.select(TEXT.index("[[salle"))
    assert "voir [[salle#cle]], [[nulle-part]]" in editor.seen()[0]
    editor.select(TEXT.index("mesure {#"))
    assert editor.seen()[2] == "### Une mesure {#mesure}"
    editor.select(TEXT.index("Café"))
    assert editor.seen()[11] == "| Café | 35 € |"
    assert page.locator(".cm-broken").all_inner_texts() == ["[[nulle-part]]"]
    cells = [box["x"] for cell in page.locator(".cm-cell").all() if (box := cell.bounding_box())]
    assert cells[0] == cells[2]
    assert cells[1] == cells[3]


def test_what_the_server_does_not_render_stays_as_it_is(editor):
    page = editor.open("a ~b~ ^c^ :smile: - [x] <u>d</u> https://exemple.org [e](javascript:f) [sic]")
    leave(page)
    assert editor.seen() == [editor.text()]
    assert page.locator(".cm-link").count() == 0


def test_references_follow_a_new_numbering(editor):
    page = editor.open("Voir [[salle]] ici.", references=REFERENCES)
    leave(page)
    assert editor.seen() == ["Voir ‹2 Prêter la salle› ici."]
    page.evaluate("references = [{ target: 'salle', label: '7 Autre titre' }]")
    page.evaluate("editor.refresh()")
    assert editor.seen() == ["Voir ‹7 Autre titre› ici."]


@pytest.mark.parametrize("key", ["ArrowDown", "ArrowUp"])
def test_up_and_down_pass_through_every_line_that_is_seen(editor, key):
    page = editor.open(TEXT.replace("voir [[salle#cle]], [[nulle-part]] ou ", ""))
    count = len(editor.text().split("\n"))
    editor.select(0 if key == "ArrowDown" else len(editor.text()))
    numbers = []
    for _ in range(count + 2):
        numbers.append(page.evaluate("editor.view.state.doc.lineAt(editor.view.state.selection.main.head).number"))
        editor.press(key)
    ruling = 11
    seen = [number for number in range(1, count + 1) if number != ruling]
    assert list(dict.fromkeys(numbers)) == (seen if key == "ArrowDown" else seen[::-1])


# -- Keyboard and screen readers --------------------------------------------------------------------------------------


def test_tab_leaves_the_text_and_escape_too(editor):
    page = editor.open("Une porte", at=3)
    editor.press("Tab")
    expect(page.locator("#after")).to_be_focused()
    editor.press("Shift+Tab")
    expect(page.locator(".cm-content")).to_be_focused()
    editor.press("Shift+Tab")
    expect(page.locator('[data-tool="bold"]')).to_be_focused()
    editor.press("Shift+Tab")
    expect(page.locator("#before")).to_be_focused()
    page.locator(".cm-content").focus()
    editor.press("Escape")
    expect(page.locator("#after")).to_be_focused()
    assert editor.text() == "Une porte"


def test_the_tools_are_one_stop_with_arrows_between_them(editor):
    page = editor.open("Une porte", references=REFERENCES)
    tools = page.get_by_role("toolbar", name="Tools for the text").get_by_role("button")
    assert [tool.inner_text() for tool in tools.all()] == TOOLS
    editor.press("Alt+F10")
    walked = []
    for _ in range(len(TOOLS)):
        walked.append(page.evaluate("document.activeElement.textContent"))
        editor.press("ArrowRight")
    assert walked == TOOLS
    assert page.evaluate("document.activeElement.textContent") == TOOLS[0]
    editor.press("End")
    assert page.evaluate("document.activeElement.textContent") == TOOLS[-1]
    editor.press("Home", "Escape")
    expect(page.locator(".cm-content")).to_be_focused()
    editor.press("Control+a", "Alt+F10", "Enter")
    expect(page.locator(".cm-content")).to_be_focused()
    assert editor.text() == "**Une porte**"


def test_the_textbox_says_what_it_is(editor):
    page = editor.open("Une porte", language="fr-BE")
    box = page.get_by_role("textbox", name="Text of “Introduction”")
    for name, value in [
        ("aria-multiline", "true"),
        ("lang", "fr-BE"),
        ("spellcheck", "true"),
        ("autocapitalize", "sentences"),
    ]:
        expect(box).to_have_attribute(name, value)
    expect(box).to_have_accessible_description(labels()["help"])


def test_the_whole_text_is_in_the_page_and_stays_there_while_one_writes(editor):
    paragraphs = [
        f"Paragraphe {number}, assez long pour remplir une ligne ou deux de ce texte." for number in range(600)
    ]
    text = "\n\n".join([*paragraphs, "mot " * 8_000 + "fin", "### Dernière mesure"])
    page = editor.open(text, at=0)

    def missing() -> int:
        shown = page.locator(".cm-content").evaluate("(node) => node.textContent")
        return sum(paragraph not in shown for paragraph in [*paragraphs, "mot " * 8_000 + "fin", "Dernière mesure"])

    assert missing() == 0
    editor.type("Début. ")
    editor.others_write(len("Début. ") + len(text), "\n\nAjout d’une autre personne")
    page.evaluate("scrollTo(0, 3000)")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.wait_for_timeout(700)
    editor.press("Enter")
    assert missing() == 0
    expect(page.get_by_text("Ajout d’une autre personne")).to_have_count(1)


def test_headings_are_headings(editor):
    page = editor.open("### Une mesure\n\nTexte\n\n#### Un détail")
    expect(page.get_by_role("heading", name="Une mesure", level=3)).to_have_count(1)
    expect(page.get_by_role("heading", name="Un détail", level=4)).to_have_count(1)
    editor.select(0)
    editor.use("Heading")
    expect(page.get_by_role("heading", name="Une mesure", level=3)).to_have_count(0)


def test_who_watches_reads_and_follows_but_cannot_write(editor):
    page = editor.open("Une porte", is_read_only=True)
    box = page.locator(".cm-content")
    expect(box).to_have_attribute("aria-readonly", "true")
    box.focus()
    editor.type("x")
    editor.press("Control+b")
    editor.paste("<b>non</b>", "non")
    editor.others_write(0, "Eux : ")
    assert editor.text() == "Eux : Une porte"
    for tool in TOOLS:
        expect(page.get_by_role("button", name=tool, exact=True)).to_have_attribute("aria-disabled", "true")
    page.evaluate("editor.setReadOnly(false)")
    editor.select(0)
    editor.type("Oui. ")
    assert editor.text() == "Oui. Eux : Une porte"
    page.evaluate("editor.setReadOnly(true)")
    editor.press("Control+z", "Enter", "Delete")
    page.get_by_role("button", name="Undo", exact=True).click(force=True)
    assert editor.text() == "Oui. Eux : Une porte"


# -- French -----------------------------------------------------------------------------------------------------------


def test_french_spaces_come_as_one_types_and_go_with_one_key(editor):
    editor.open("")
    editor.type("Qui ? Moi ! « Oui » : l'été ; aujourd'hui")
    assert editor.text() == (
        f"Qui{NARROW}? Moi{NARROW}! «{NARROW}Oui{NARROW}»{WIDE}: l’été{NARROW}; aujourd’hui"
    )  # fmt: skip
    editor.page.evaluate("shared.delete(0, shared.length)")
    editor.type("Quoi ?")
    assert editor.text() == f"Quoi{NARROW}?"
    editor.press("Backspace")
    assert editor.text() == "Quoi ?"
    editor.press("Backspace")
    assert editor.text() == "Quoi "
    editor.type("!")
    editor.press("Control+z")
    assert editor.text() == "Quoi !"
    editor.type(" d'accord")
    assert editor.text() == "Quoi ! d’accord"


@pytest.mark.parametrize(
    "typed",
    ["`a ! b`", "[a](http://b.c/ ?d", "- ! a", "[[a ! b", "https://a.b/l'c", "### Titre {#a :", "12:30", "mot!"],
)
def test_french_spaces_keep_out_of_code_links_and_markers(editor, typed):
    editor.open("")
    editor.type(typed)
    assert editor.text() == typed


def test_other_languages_are_typed_as_they_are(editor):
    editor.open("", language="nl")
    editor.type("Wat ? 't is « zo » : ja !")
    assert editor.text() == "Wat ? 't is « zo » : ja !"


# -- Cross-references -------------------------------------------------------------------------------------------------


def test_a_cross_reference_is_chosen_by_its_number_or_title(editor):
    page = editor.open("Voir ", references=REFERENCES)
    editor.type("[[")
    choices = page.get_by_role("listbox", name="Sections and measures").get_by_role("option")
    expect(choices).to_have_text([label for _, label in REFERENCES])
    editor.type("preter")
    expect(choices).to_have_count(1)
    box = page.locator(".cm-content")
    expect(box).to_have_attribute("aria-activedescendant", str(choices.first.get_attribute("id")))
    page.wait_for_timeout(300)  # choices that have just come are not taken: the key may have been meant for the text
    editor.press("Enter")
    assert editor.text() == "Voir [[salle]]"
    editor.type(" et ")
    editor.use("Reference")
    expect(choices).to_have_count(3)
    editor.press("ArrowDown", "ArrowDown", "Enter")
    assert editor.text() == "Voir [[salle]] et [[salle#cle]]"
    editor.press("Control+z")
    editor.type(" [[")
    expect(choices).to_have_count(3)
    editor.press("Escape")
    expect(choices).to_have_count(0)
    expect(box).to_be_focused()


def test_a_cross_reference_is_chosen_by_touch_within_brackets(make_editor):
    editor = make_editor(**PHONE)
    page = editor.open("Voir [[]] ici", at=7, references=REFERENCES)
    editor.type("2.a")
    page.get_by_role("option").first.tap()
    assert editor.text() == "Voir [[salle#cle]] ici"


# -- Other people -----------------------------------------------------------------------------------------------------


def test_other_people_are_drawn_over_the_text_and_move_with_it(editor):
    page = editor.open("Une **porte** ouverte", at=0)
    page.evaluate(
        """editor.setCursors([
          { id: 7, name: "Inès", colour: 1, anchor: 14, head: 21 },
          { id: 8, name: "Tom", colour: 14, anchor: 5, head: 5 },
        ])"""
    )
    cursor = page.locator(".cm-person.person-1")
    expect(cursor).to_have_count(1)
    expect(page.locator(".cm-person.person-2")).to_have_count(1)
    expect(page.locator(".cm-person-selection.person-1")).to_have_count(1)
    expect(cursor.locator(".cm-person-name")).to_have_attribute("data-name", "Inès")
    assert editor.seen() == ["Une porte ouverte"]
    before = cursor.bounding_box()
    assert before
    editor.type("Oui. ")
    page.wait_for_function(
        "([css, x]) => document.querySelector(css).getBoundingClientRect().x > x",
        arg=[".cm-person.person-1", before["x"]],
    )
    page.evaluate("editor.setCursors([])")
    expect(cursor).to_have_count(0)


def test_who_wrote_what_is_coloured_on_demand(editor):
    page = editor.open("Une porte ouverte")
    page.evaluate("editor.setAuthors([{ person: 3, colour: 3, length: 9 }, { person: 4, colour: null, length: 8 }])")
    assert page.locator(".cm-author.person-3").all_inner_texts() == ["Une porte"]
    editor.others_write(0, "Oui. ")
    assert page.locator(".cm-author").all_inner_texts() == ["Une porte"]
    page.evaluate("editor.setAuthors(null)")
    expect(page.locator(".cm-author")).to_have_count(0)


def test_the_page_is_told_where_one_is(editor):
    page = editor.open("Une porte", at=3)
    editor.type("e")
    editor.press("Shift+ArrowLeft")
    editor.others_write(0, "Oui. ")
    assert page.evaluate("told.slice(-2)") == [[4, 4], [4, 3]]


# -- Phones and looks -------------------------------------------------------------------------------------------------


def test_on_the_smallest_phone_every_tool_can_be_reached(make_editor):
    editor = make_editor(**{**PHONE, "viewport": {"width": 320, "height": 480}})
    page = editor.open(TEXT + "\n\nmot" * 40, references=REFERENCES)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    bar = page.locator(".editor-bar")
    for tool in TOOLS:
        button = page.get_by_role("button", name=tool, exact=True)
        box = button.bounding_box()
        assert box
        assert box["width"] >= 44
        assert box["height"] >= 44
        button.scroll_into_view_if_needed()
        expect(button).to_be_in_viewport(ratio=0.9)
    # At the end of a long text the tools are still in sight, and the cursor is not behind them.
    editor.select(len(editor.text()))
    editor.press("Enter")
    expect(bar).to_be_in_viewport()
    editor.select(editor.text().index("Une mesure"))
    editor.press("ArrowLeft")
    page.wait_for_function("""editor.view.coordsAtPos(editor.view.state.selection.main.head).top
        >= document.querySelector(".editor-bar").getBoundingClientRect().bottom""")


def test_a_tap_and_a_long_press_select_in_the_text(make_editor):
    editor = make_editor(**PHONE)
    page = editor.open("Une porte ouverte", at=0)
    page.locator(".cm-line").first.tap(position={"x": 90, "y": 12})
    # The browser tells of a new selection a moment later.
    page.wait_for_function("editor.view.state.selection.main.head > 0")
    page.evaluate("getSelection().modify('extend', 'forward', 'word')")
    page.wait_for_function("!editor.view.state.selection.main.empty")
    editor.page.locator('[data-tool="bold"]').tap()
    assert editor.text().count("**") == 2


def test_axe_finds_nothing_wrong_with_the_editor(browser):
    with editors(browser) as make:
        editor = make(bypass_csp=True)
        page = editor.open(TEXT, references=REFERENCES)
        assert look_at(page) == []
        editor.select(TEXT.index("Café"))
        page.evaluate("editor.setAuthors([{ person: 3, colour: 3, length: 90 }])")
        editor.use("Link")
        assert look_at(page) == []
        editor.press("Escape")
        editor.select(0)
        editor.type("[[")
        expect(page.get_by_role("option")).to_have_count(3)
        assert look_at(page) == []
