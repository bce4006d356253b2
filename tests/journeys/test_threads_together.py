"""What others say reaches the pages that are open; what one types is never lost."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.journeys.browsers import enter, live_section
from tests.journeys.test_keyboard import STEADY
from tests.journeys.threads import DRAFT, PANEL, note_of, open_text, select, send_comment, words_of

pytestmark = pytest.mark.browser

PARAGRAPH = "[id='accueil'] > p"
ANOTHER = "[id='accueil'] > p >> nth=1"


def begin(page: Page, start: int, end: int, paragraph: str = PARAGRAPH) -> str:
    """Select words and open the form about them; return the words."""
    page.locator(paragraph).first.scroll_into_view_if_needed()
    words = select(page, paragraph, start, end)
    page.locator("[data-comment-passage]").click()
    expect(page.locator(f"{PANEL} textarea")).to_be_visible()
    return words.strip()


def open_with_clock(page: Page) -> None:
    """Open the text with a clock of the test's own: nothing is asked again until the test says so."""
    page.clock.install()
    page.goto(DRAFT)
    page.clock.run_for(5_000)
    expect(page.locator("[data-choose-passage]")).to_be_attached()
    expect(page.locator("mark.passage-mark").first).to_be_attached()


def test_what_one_says_another_sees_without_a_reload(sign_in):
    reader, writer = sign_in("participant", **STEADY), sign_in("member", **STEADY)
    open_with_clock(reader)
    place = reader.locator("#conclusion h2").first
    place.scroll_into_view_if_needed()
    before = place.bounding_box()

    open_text(writer)
    words = begin(writer, 20, 60)
    thread = send_comment(writer, "Vu sans recharger.")
    expect(note_of(reader, thread)).to_have_count(0)
    reader.clock.run_for(25_000)
    expect(note_of(reader, thread)).to_contain_text("1")
    assert words_of(reader.locator(f"mark[data-threads~='{thread}']")) == words
    expect(note_of(reader, thread)).to_have_class(re.compile("is-new"))
    reader.clock.run_for(1_000)
    expect(reader.locator("#announcer")).to_contain_text("1")
    # Nobody's place on the page moves for it.
    assert place.bounding_box() == before

    note_of(reader, thread).press("Enter")
    panel = reader.locator(PANEL)
    expect(panel).to_contain_text("Vu sans recharger.")
    expect(note_of(reader, thread)).not_to_have_class(re.compile("is-new"))
    panel.locator(".thread-reply textarea").fill("Je réponds, et ne suis pas dérangé.")
    writer.locator(f"{PANEL} .thread-reply textarea").fill("J’ajoute ceci.")
    writer.locator(f"{PANEL} .thread-reply button[type=submit]").click()
    expect(writer.locator(f"{PANEL} .comment")).to_have_count(2)
    reader.clock.run_for(25_000)
    news = panel.locator(".panel-news")
    expect(news).to_contain_text("1")
    expect(panel.locator(".thread-reply textarea")).to_have_value("Je réponds, et ne suis pas dérangé.")
    news.locator("button").click()
    expect(panel.locator(".comment")).to_have_count(2)
    expect(panel.locator(".comment").last).to_be_focused()
    # What was typed came along (the scripts keep it on the device).
    expect(panel.locator(".thread-reply textarea")).to_have_value("Je réponds, et ne suis pas dérangé.")


def test_nothing_is_asked_for_in_a_page_that_is_not_seen_and_nothing_comes_twice(sign_in):
    page = sign_in("member", **STEADY)
    statuses: list[int] = []
    page.on("response", lambda answer: statuses.append(answer.status) if "/discussion/marks" in answer.url else None)
    open_with_clock(page)
    assert statuses == [200]
    with page.expect_response(re.compile("/discussion/marks")):
        page.clock.run_for(25_000)
    assert statuses == [200, 304]
    page.evaluate("Object.defineProperty(document, 'hidden', { get: () => true, configurable: true })")
    page.clock.run_for(120_000)
    assert statuses == [200, 304]
    page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("mark.passage-mark").first).to_be_attached()
    page.wait_for_timeout(300)
    assert statuses[2:] == [304]


def test_what_was_typed_comes_back_after_the_page_was_left(sign_in):
    page = sign_in("member", **STEADY)
    page.on("dialog", lambda dialog: dialog.accept())
    open_text(page)
    words = begin(page, 5, 45, ANOTHER)
    page.locator(f"{PANEL} textarea").press_sequentially("Pas encore envoyé")
    page.wait_for_timeout(600)
    page.goto("/drafts")
    open_text(page)
    note = page.locator(".unsent .notice")
    expect(note).to_contain_text(words[:20])
    note.get_by_role("button").first.click()
    expect(page.locator(f"{PANEL} textarea")).to_have_value("Pas encore envoyé")
    assert words_of(page.locator("mark.passage-chosen")).strip() == words
    # Closing the panel is not dropping it either.
    page.keyboard.press("Escape")
    expect(note).to_have_count(1)
    note.get_by_role("button").first.click()
    expect(page.locator(f"{PANEL} textarea")).to_have_value("Pas encore envoyé")
    send_comment(page, "Envoyé enfin.")
    page.reload()
    expect(page.locator("[data-choose-passage]")).to_be_attached()
    expect(page.locator(".unsent .notice")).to_have_count(0)


def test_a_network_that_is_down_and_a_session_that_ends_cost_no_word(sign_in, site):
    page = sign_in("member", **STEADY)
    open_text(page)
    begin(page, 60, 90, ANOTHER)
    panel = page.locator(PANEL)
    panel.locator("input[value=concern]").check()
    panel.locator("textarea").fill("Malgré tout.")

    def refuse(route: Route) -> None:
        if route.request.method == "POST":
            route.abort()
        else:
            route.continue_()

    page.route("**/discussion/new*", refuse)
    panel.locator(".compose button[type=submit]").click()
    told = panel.get_by_role("alert")
    expect(told).to_be_visible()
    expect(panel.locator("textarea")).to_have_value("Malgré tout.")
    page.unroute("**/discussion/new*")

    page.context.clear_cookies()
    panel.locator(".compose button[type=submit]").click()
    expect(told).to_contain_text(re.compile("session", re.IGNORECASE))
    expect(panel.locator("textarea")).to_have_value("Malgré tout.")

    # Somebody else who signs in in the meantime does not say it in their name.
    other = enter(page.context, site, "participant")
    panel.locator(".compose button[type=submit]").click()
    expect(told).to_be_visible()
    expect(panel.locator("article.thread")).to_have_count(0)
    other.close()
    page.context.clear_cookies()
    enter(page.context, site, "member").close()
    panel.locator(".compose button[type=submit]").click()
    expect(panel.locator("article.thread")).to_contain_text("Malgré tout.")
    expect(panel.locator("article.thread")).to_contain_text("Tomasz Nowak")


def test_a_double_click_says_it_once(sign_in):
    page = sign_in("member", **STEADY)
    open_text(page)
    begin(page, 100, 130, ANOTHER)
    panel = page.locator(PANEL)
    panel.locator("input[value=for]").check()
    panel.locator("textarea").fill("Une seule fois.")
    panel.locator(".compose button[type=submit]").dblclick()
    expect(panel.locator("article.thread")).to_contain_text("Une seule fois.")
    page.goto(f"{DRAFT}/discussion?q=Une+seule+fois")
    expect(page.locator(".thread-card", has_text="Une seule fois.")).to_have_count(1)


def test_what_is_wrong_is_said_in_the_panel(sign_in):
    page = sign_in("member", **STEADY)
    open_text(page)
    begin(page, 5, 20)
    panel = page.locator(PANEL)
    panel.locator(".compose button[type=submit]").click()
    summary = panel.locator(".error-summary")
    expect(summary).to_be_focused()
    summary.get_by_role("link").last.click()
    expect(panel.locator("textarea")).to_be_focused()


def test_who_reads_only_sees_marks_and_reads_threads(open_context, sign_in):
    writer = sign_in("member", **STEADY)
    open_text(writer)
    begin(writer, 30, 55)
    thread = send_comment(writer, "Tout le monde le lit.")
    page = open_context(**STEADY).new_page()
    page.goto(DRAFT)
    note_of(page, thread).press("Enter")
    expect(page.locator(PANEL)).to_contain_text("Tout le monde le lit.")


def test_marks_in_the_text_being_written_move_with_the_typing(sign_in):
    page = sign_in("facilitator", **STEADY)
    open_text(page)
    words = begin(page, 12, 50)
    thread = send_comment(page, "À revoir en écrivant.")
    page.goto(f"{DRAFT}/live?write=")
    live_section(page, "accueil").locator("[data-write]").click()
    marked = page.locator(".cm-thread")
    expect(marked.first).to_be_visible()
    shown = [each for each in marked.all_inner_texts() if each]
    assert words in "".join(shown)
    editor = page.locator(".cm-content")
    editor.press("Control+Home")
    page.keyboard.type("Bonjour. ")
    assert "".join(marked.all_inner_texts()) == "".join(shown)
    # In the passage the cursor finds the way to its thread.
    page.locator(".cm-thread", has_text=words[:10]).first.click()
    link = page.locator(f".live-threads a[href='/threads/{thread}']")
    expect(link).to_be_visible()
    editor.press("Control+Home")
    for _ in "Bonjour. ":
        page.keyboard.press("Delete")
    expect(page.locator("[data-live-state]")).to_have_attribute("data-kind", "saved")
