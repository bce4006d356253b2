"""A passage is chosen and talked about with a mouse, a finger, a keyboard, a screen reader."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.browsers import PHONE, axe_findings
from tests.journeys.test_keyboard import STEADY, tab_to
from tests.journeys.threads import DRAFT, PANEL, accessible, named, note_of, open_text, select, send_comment, words_of

pytestmark = pytest.mark.browser

TOOLS = ".passage-tools"
PARAGRAPH = "[id='introduction'] p:nth-of-type(3)"
# The text without what scripts and the page of a section put beside it.
_TEXT = """() => {
  const text = document.getElementById("document").cloneNode(true);
  for (const part of text.querySelectorAll("[data-not-text]")) part.remove();
  return text.textContent;
}"""


def test_with_the_keyboard_alone(sign_in):
    page = sign_in("member", **STEADY)
    open_text(page)
    tab_to(page, "[data-choose-passage]", most=40)
    page.keyboard.press("Enter")
    focused = page.locator("[role=option]:focus")
    expect(focused).to_have_attribute("aria-selected", "true")
    page.keyboard.press("PageDown")
    expect(focused).to_have_count(1)
    first = focused.inner_text()
    page.keyboard.press("ArrowDown")
    second = focused.inner_text()
    assert second != first
    page.keyboard.press("ArrowUp")
    assert focused.inner_text() == first
    page.keyboard.press("Shift+ArrowRight")
    assert words_of(page.locator(".sentence.is-chosen")) == first + second
    expect(page.locator("#announcer")).to_contain_text(re.compile(r"2.*" + re.escape(first[:12])))
    # A passage stays within its section, whatever is pressed.
    page.keyboard.press("Home")
    page.keyboard.press("Shift+ArrowUp")
    assert words_of(page.locator(".sentence.is-chosen")) == first
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Enter")

    panel = page.locator(PANEL)
    expect(panel.locator("h2").first).to_be_focused()
    expect(page.locator(".sentence")).to_have_count(0)
    assert words_of(page.locator("mark.passage-chosen")) == f"{first} {second}"
    tab_to(page, f"{PANEL} input[type=radio]", most=3)
    page.keyboard.press("Space")
    tab_to(page, f"{PANEL} textarea", most=3)
    page.keyboard.type("Écrit au clavier.")
    tab_to(page, f"{PANEL} .compose button[type=submit]", most=3)
    page.keyboard.press("Enter")
    thread = panel.locator("article.thread")
    expect(thread).to_contain_text("Écrit au clavier.")
    number = int(thread.get_attribute("data-thread"))
    expect(note_of(page, number)).to_be_attached()
    assert words_of(page.locator(f"mark[data-threads~='{number}']")) == f"{first} {second}"

    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(note_of(page, number)).to_be_focused()
    page.keyboard.press("Enter")
    expect(panel.locator("article.thread h2")).to_be_focused()
    expect(panel).to_contain_text("Écrit au clavier.")
    tab_to(page, f"{PANEL} .thread-reply textarea", most=20)
    page.keyboard.type("Et une réponse.")
    tab_to(page, f"{PANEL} .thread-reply button[type=submit]", most=3)
    page.keyboard.press("Enter")
    expect(panel.locator(".comment").last).to_be_focused()
    expect(panel.locator(".comment").last).to_contain_text("Et une réponse.")
    page.keyboard.press("Escape")
    expect(note_of(page, number)).to_be_focused()
    expect(note_of(page, number)).to_contain_text("2")


def test_leaving_gives_the_text_and_the_focus_back(sign_in):
    page = sign_in("member", **STEADY)
    open_text(page)
    expect(page.locator(".passage-note").first).to_be_attached()
    before = page.evaluate(_TEXT)
    page.locator("[data-choose-passage]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[role=option]:focus")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("[data-choose-passage]")).to_be_focused()
    expect(page.locator(".sentence, [role=listbox]")).to_have_count(0)
    expect(page.locator(TOOLS)).to_be_hidden()
    assert page.evaluate(_TEXT) == before


def test_with_the_mouse(sign_in):
    page = sign_in("member", **STEADY)
    open_text(page)
    paragraph = page.locator(PARAGRAPH)
    paragraph.scroll_into_view_if_needed()
    box = paragraph.bounding_box()
    page.mouse.move(box["x"] + 30, box["y"] + 15)
    page.mouse.down()
    page.mouse.move(box["x"] + 260, box["y"] + 50, steps=5)
    expect(page.locator(TOOLS)).to_be_hidden()
    page.mouse.up()
    selected = page.evaluate("getSelection().toString()").strip()
    assert selected
    tools = page.locator(TOOLS)
    expect(tools).to_be_visible()
    expect(tools.locator("[data-passage-extend]").first).to_be_hidden()
    beside = tools.bounding_box()
    assert beside["x"] > box["x"] + box["width"]
    assert abs(beside["y"] - box["y"]) < 100
    tools.locator("[data-comment-passage]").click()
    expect(page.locator(f"{PANEL} textarea")).to_be_visible()
    assert words_of(page.locator("mark.passage-chosen")).strip() == selected
    thread = send_comment(page, "Choisi à la souris.")
    assert words_of(page.locator(f"mark[data-threads~='{thread}']")).strip() == selected
    # The mark itself can be pressed too.
    page.locator(PANEL).get_by_role("button", name=re.compile("Fermer|Close")).click()
    page.locator(f"mark[data-threads='{thread}']").first.click()
    expect(page.locator(PANEL)).to_contain_text("Choisi à la souris.")


def test_a_click_elsewhere_takes_the_tools_away(sign_in):
    page = sign_in("member", **STEADY)
    open_text(page)
    page.locator(PARAGRAPH).scroll_into_view_if_needed()
    select(page, PARAGRAPH, 5, 30)
    expect(page.locator(TOOLS)).to_be_visible()
    page.locator("#introduction h2").click()
    expect(page.locator(TOOLS)).to_be_hidden()


def test_what_is_selected_over_two_sections_is_of_the_first(sign_in):
    page = sign_in("member", **STEADY)
    open_text(page)
    ending = page.evaluate("""() => {
      const range = document.createRange();
      const sections = document.querySelectorAll("#document > .doc-section");
      const last = [...sections[0].querySelectorAll(":scope > p")].pop();
      range.setStart(last.lastChild, last.lastChild.length - 20);
      range.setEnd(sections[1].querySelector("p").firstChild, 9);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      return last.lastChild.data.slice(-20);
    }""")
    page.locator("[data-comment-passage]").click()
    expect(page.locator(f"{PANEL} textarea")).to_be_visible()
    chosen = page.locator("mark.passage-chosen")
    assert words_of(chosen).startswith(ending)
    assert chosen.evaluate_all("parts => parts.every(part => part.closest('[id=introduction]'))")


def test_with_a_finger_on_a_phone(sign_in):
    page = sign_in("member", **PHONE, **STEADY)
    open_text(page)
    words = select(page, "[id='introduction'] p:nth-of-type(5)", 10, 60)
    tools = page.locator(TOOLS)
    expect(tools).to_be_visible()
    button = tools.locator("[data-comment-passage]")
    assert button.bounding_box()["height"] >= 44
    box = tools.bounding_box()
    assert box["y"] + box["height"] == 844, "at the foot, where the thumb is"
    button.tap()
    panel = page.locator(PANEL)
    expect(panel.locator("textarea")).to_be_visible()
    sheet = panel.bounding_box()
    assert sheet["y"] > 250
    chosen = page.locator("mark.passage-chosen")
    passage = chosen.last.bounding_box()
    assert passage["y"] >= 0
    assert passage["y"] + passage["height"] <= sheet["y"], "the passage is in sight above the sheet"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    thread = send_comment(page, "Écrit au téléphone.")
    assert words_of(page.locator(f"mark[data-threads~='{thread}']")) == words.strip()
    page.go_back()
    expect(panel).to_be_hidden()
    assert page.url.endswith(DRAFT)

    mark = page.locator(f"mark[data-threads='{thread}']").first
    mark.tap()
    expect(panel).to_contain_text("Écrit au téléphone.")
    assert mark.bounding_box()["y"] < panel.bounding_box()["y"]


def test_sentence_by_sentence_on_a_phone(sign_in):
    page = sign_in("member", **PHONE, **STEADY)
    open_text(page)
    page.locator("[data-comment-foot]").tap()
    expect(page.locator("[role=option]:focus")).to_have_count(1)
    sentence = page.locator("[id='introduction'] [data-sentence]").nth(3)
    sentence.tap()
    expect(sentence).to_have_attribute("aria-selected", "true")
    one = words_of(page.locator(".sentence.is-chosen"))
    tools = page.locator(TOOLS)
    for button in tools.get_by_role("button").all():
        assert button.bounding_box()["height"] >= 44
    more, fewer = (tools.locator(f"[data-passage-extend='{step}']") for step in (1, -1))
    more.tap()
    two = words_of(page.locator(".sentence.is-chosen"))
    assert two.startswith(one)
    assert len(two) > len(one)
    fewer.tap()
    fewer.tap()
    assert words_of(page.locator(".sentence.is-chosen")) == one
    tools.locator("[data-passage-leave]").tap()
    expect(page.locator(".sentence")).to_have_count(0)
    expect(page.locator(".foot-bar")).to_be_visible()


def test_what_a_screen_reader_reads_while_choosing(sign_in):
    page = sign_in("member", **STEADY)
    open_text(page)
    page.locator("[data-choose-passage]").press("Enter")
    nodes = accessible(page)
    lists = [node for node in nodes if node["role"]["value"] == "listbox"]
    options = [node for node in nodes if node["role"]["value"] == "option"]
    assert len(lists) > 5
    assert all("Introduction" in name for name in named(nodes, "listbox")[:1])
    sentences = page.locator("[role=option]")
    assert len(options) == sentences.count() > 50
    # Each sentence belongs to the list of its section and is called by its own words, also where a note stands in it.
    assert {node["parentId"] for node in options} == {node["nodeId"] for node in lists}
    words = page.evaluate("""() => [...document.querySelectorAll("[role=option]")].map(option =>
      [...document.querySelectorAll(`[data-sentence="${option.dataset.sentence}"]`)]
        .map(part => part.textContent).join(""))""")
    letters = [["".join(filter(str.isalnum, text)) for text in each] for each in (named(nodes, "option"), words)]
    assert letters[0] == letters[1]
    selected = [
        node for node in options
        if any(each["name"] == "selected" and each["value"]["value"] for each in node["properties"])
    ]  # fmt: skip
    assert len(selected) == 1
    # Headings and lists are still there for whoever looks around.
    assert len(named(nodes, "heading")) > 10


def test_marks_and_threads_lead_to_each_other(sign_in):
    page = sign_in("member", **STEADY)
    open_text(page)
    page.locator(PARAGRAPH).scroll_into_view_if_needed()
    words = select(page, PARAGRAPH, 40, 75)
    page.locator("[data-comment-passage]").click()
    thread = send_comment(page, "Pour qui écoute.", "question")
    page.keyboard.press("Escape")
    expect(note_of(page, thread)).to_be_attached()

    nodes = accessible(page)
    marks = [
        (node, related)
        for node in nodes if node["role"]["value"] == "mark"
        for each in node.get("properties", []) if each["name"] == "details"
        for related in each["value"].get("relatedNodes", []) if related.get("idref") == f"note-{thread}"
    ]  # fmt: skip
    assert marks, "the mark refers to the link to its thread"
    mark, related = marks[0]
    assert "1" in mark["description"]["value"]
    link = next(node for node in nodes if node.get("backendDOMNodeId") == related["backendDOMNodeId"])
    assert link["role"]["value"] == "link"
    assert words[:20] in link["name"]["value"]

    note_of(page, thread).click()
    panel = page.locator(PANEL)
    expect(panel.locator("article.thread h2")).to_be_focused()
    dialog = [node for node in accessible(page) if node["role"]["value"] == "dialog"]
    assert "Introduction" in dialog[0]["name"]["value"]
    panel.locator(".panel-head button").first.click()
    expect(page.locator(f"mark[data-threads~='{thread}']").first).to_be_focused()


def test_axe_finds_nothing_in_any_state(sign_in):
    page = sign_in("member", bypass_csp=True, **STEADY)
    open_text(page)
    findings = {}

    def look(state: str) -> None:
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            if found := axe_findings(page, only_contrast=theme == "dark"):
                findings[f"{state}, {theme}"] = found
        page.emulate_media(color_scheme="null")

    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 844})
        open_text(page)
        expect(page.locator("mark.passage-mark").first).to_be_attached()
        look(f"{width}: marks")
        page.locator("[data-choose-passage], [data-comment-foot]").locator("visible=true").first.press("Enter")
        expect(page.locator("[role=option]:focus")).to_have_count(1)
        look(f"{width}: choosing")
        page.keyboard.press("Enter")
        expect(page.locator(f"{PANEL} textarea")).to_be_visible()
        look(f"{width}: writing")
        page.keyboard.press("Escape")
        page.locator(".passage-note[data-thread]").first.press("Enter")
        expect(page.locator(f"{PANEL} article.thread")).to_be_visible()
        look(f"{width}: reading")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert findings == {}


def test_the_page_of_a_section_does_the_same(sign_in):
    page = sign_in("member", **STEADY)
    page.on("dialog", lambda dialog: dialog.accept())
    open_text(page, f"{DRAFT}/langues-et-clarte")
    beside = page.locator(".beside-comment").nth(1)
    beside.click()
    panel = page.locator(PANEL)
    expect(panel.locator("textarea")).to_be_visible()
    chosen = words_of(page.locator("mark.passage-chosen"))
    assert chosen.strip() == beside.evaluate("""link => {
      const block = link.closest("p, li").cloneNode(true);
      block.querySelectorAll("[data-not-text], .footnote-ref").forEach(part => part.remove());
      return block.textContent.trim();
    }""")
    thread = send_comment(page, "Tout le paragraphe.", "for")
    assert words_of(page.locator(f"mark[data-threads~='{thread}']")).strip() == chosen.strip()
    page.keyboard.press("Escape")
    page.get_by_role("link", name=re.compile("toute la section|whole section")).first.click()
    expect(panel.locator("textarea")).to_be_visible()
    expect(page.locator("mark.passage-chosen")).to_have_count(0)


def test_an_address_leads_to_a_thread_and_a_comment_is_mended_in_place(sign_in):
    page = sign_in("member", **STEADY)
    open_text(page)
    page.locator(PARAGRAPH).scroll_into_view_if_needed()
    select(page, PARAGRAPH, 100, 140)
    page.locator("[data-comment-passage]").click()
    thread = send_comment(page, "Avec une fote.")
    page.goto("/drafts")
    page.goto(f"{DRAFT}#thread-mark-{thread}")
    panel = page.locator(PANEL)
    comment = panel.locator(".comment").first
    expect(comment).to_contain_text("Avec une fote.")
    expect(page.locator(f"mark[data-threads~='{thread}']").first).to_be_in_viewport()
    comment.locator(".more summary").click()
    comment.locator("a[href$='/edit']").click()
    field = panel.locator("textarea").first
    expect(field).to_have_value("Avec une fote.")
    field.fill("Sans faute.")
    panel.locator("form:has(textarea) button[type=submit]").first.click()
    expect(panel.locator(".comment").first).to_contain_text("Sans faute.")
    assert page.url.endswith(f"#thread-mark-{thread}")


def test_a_reaction_and_a_reply_to_one_comment_stay_in_the_panel(sign_in):
    page = sign_in("participant", **STEADY)
    open_text(page)
    page.locator(".passage-note[data-thread]").last.press("Enter")
    panel = page.locator(PANEL)
    reaction = panel.locator("button.reaction").first
    before = reaction.get_attribute("aria-pressed")
    reaction.press("Enter")
    expect(reaction).not_to_have_attribute("aria-pressed", before)
    expect(reaction).to_be_focused()
    panel.locator("a[data-reply-to]").first.click()
    expect(panel.locator(".thread-reply textarea")).to_be_focused()
    page.keyboard.type("À vous en particulier.")
    panel.locator(".thread-reply button[type=submit]").click()
    expect(panel.locator(".comment").last).to_contain_text("À vous en particulier.")
    expect(panel.locator(".comment").last.locator(".reply-to")).to_have_count(1)
    assert page.url.endswith(DRAFT)


def test_a_guest_is_told_to_open_the_letter(open_context):
    page = open_context(**PHONE, **STEADY).new_page()
    open_text(page)
    select(page, PARAGRAPH, 10, 40)
    page.locator("[data-comment-passage]").tap()
    panel = page.locator(PANEL)
    panel.locator("input[value=remark]").check()
    panel.locator("textarea").fill("De passage.")
    panel.locator("[name=name]").fill("Une voisine")
    panel.locator("[name=email]").fill("voisine@exemple.example")
    panel.locator(".compose button[type=submit]").tap()
    expect(panel).to_contain_text("voisine@exemple.example")
    expect(panel.locator("textarea")).to_have_count(0)
    assert page.url.endswith(DRAFT)
    expect(page.locator(".unsent .notice")).to_have_count(0)
