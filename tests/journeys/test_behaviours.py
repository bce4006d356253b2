"""What each script of the pages does, on the page that shows all parts and on a document."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.browsers import PHONE, change_words, look_at

pytestmark = pytest.mark.browser

DESIGN = "/design"
DRAFT = "/drafts/information-et-gouvernance"


@pytest.fixture
def page(open_context):
    """A page of a visitor who may use the clipboard, with every question of leaving answered by yes."""
    page = open_context(permissions=["clipboard-read", "clipboard-write"]).new_page()
    page.questions = []
    page.on("dialog", lambda dialog: (page.questions.append(dialog.type), dialog.accept()))
    return page


def test_an_explanation_that_was_folded_stays_folded(page):
    page.goto(DESIGN)
    text = page.locator(".purpose p")
    expect(text).to_be_visible()
    page.click(".purpose summary")
    expect(text).not_to_be_visible()
    page.reload()
    expect(text).not_to_be_visible()
    page.click(".purpose summary")
    expect(text).to_be_visible()
    page.reload()
    expect(text).to_be_visible()


def test_a_link_is_copied_and_the_copying_is_said(page):
    page.goto(DESIGN)
    page.click(".copy-link")
    expect(page.locator(".copied")).to_be_visible()
    expect(page.locator("#announcer")).to_have_text(page.locator(".copied").inner_text())
    assert page.evaluate("navigator.clipboard.readText()").endswith("/design#part-buttons")
    page.click("#budget .permalink")
    expect(page.locator("#budget .copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").endswith("/design#budget")
    assert page.url.endswith("#budget")


def test_where_the_browser_refuses_to_copy_the_address_is_shown(open_context):
    page = open_context().new_page()
    page.goto(DESIGN)
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('refused')); }")
    page.click(".copy-link")
    expect(page.locator(".copied input")).to_have_value(re.compile(r"/design#part-buttons$"))


def test_what_cannot_be_undone_is_asked_again_in_the_page(page):
    page.goto(DESIGN)
    button = page.locator("[data-confirm]")
    step = page.locator(".second-step")
    button.click()
    expect(step).to_contain_text(button.get_attribute("data-confirm"))
    expect(step.locator(".button-secondary")).to_be_focused()
    page.keyboard.press("Escape")
    expect(step).to_have_count(0)
    expect(button).to_be_focused()
    assert page.url.endswith(DESIGN)

    button.click()
    step.locator(".button-secondary").click()
    expect(button).to_be_focused()
    assert page.url.endswith(DESIGN)

    button.click()
    step.locator(".button-danger").click()
    page.wait_for_url(re.compile(r":\d+/$"))


def test_characters_left_are_counted(page):
    page.goto(DESIGN)
    counter = page.locator("#reason-count")
    page.fill("#reason", "x" * 390)
    expect(counter).to_contain_text("10")
    expect(page.locator("#announcer")).to_contain_text("10")
    # A line break is one character, and so is a letter of two code units.
    page.fill("#reason", "𝄞\n" * 200)
    expect(counter).to_contain_text(re.compile(r"^0\D"))
    expect(counter).not_to_have_class(re.compile("is-over"))
    page.fill("#reason", "x" * 405)
    expect(counter).to_contain_text("5")
    expect(counter).to_have_class(re.compile("is-over"))


def test_a_menu_closes_by_escape_and_by_a_click_beside_it(sign_in):
    page = sign_in("member")
    panel = page.locator(".menu-panel")
    page.click(".menu summary")
    expect(panel).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel).not_to_be_visible()
    expect(page.locator(".menu summary")).to_be_focused()
    page.click(".menu summary")
    page.click("h1")
    expect(panel).not_to_be_visible()


def test_the_summary_of_errors_takes_the_focus_and_leads_to_the_fields(page):
    page.goto(f"{DESIGN}?errors=1")
    summary = page.locator(".error-summary")
    expect(summary).to_be_focused()
    summary.locator("a[href='#title']").click()
    expect(page.locator("#title")).to_be_focused()
    expect(page.locator("label[for=title]")).to_be_in_viewport()
    summary.locator("a[href='#answer']").click()
    expect(page.locator("#answer-0")).to_be_focused()


def test_a_filter_chosen_with_the_pointer_is_applied_at_once(page):
    page.goto(DESIGN)
    office = page.locator("#filter-office")
    office.focus()
    page.keyboard.press("ArrowDown")
    expect(office).to_have_value("Lyon")
    assert "office" not in page.url
    office.dispatch_event("pointerdown")
    office.select_option("Liège")
    page.wait_for_url(re.compile("office=Li"))


def test_the_contents_follow_the_reading(page):
    page.goto(DRAFT)
    page.locator("#repondre").evaluate("section => section.scrollIntoView({behavior: 'instant'})")
    expect(page.locator(".contents [aria-current]")).to_have_attribute("href", re.compile(r"^#repondre"))
    page.locator("#conclusion").evaluate("section => section.scrollIntoView({behavior: 'instant'})")
    expect(page.locator(".contents [aria-current]")).to_have_attribute("href", "#conclusion")


def test_the_contents_rise_on_a_phone_and_leave_the_reader_in_place(open_context):
    page = open_context(**PHONE).new_page()
    page.goto(DRAFT)
    page.evaluate("document.fonts.ready.then(() => null)")  # with another font, all lines are elsewhere
    page.evaluate("window.scrollTo({top: 3000, behavior: 'instant'})")
    contents, opener = page.locator("#contents"), page.locator("[data-opens-sheet]")
    for close in (lambda: page.keyboard.press("Escape"), lambda: page.tap(".contents-close")):
        before = page.evaluate("window.scrollY")
        opener.tap()
        expect(contents).to_be_focused()
        close()
        expect(contents).not_to_be_visible()
        expect(opener).to_be_focused()
        page.wait_for_function("before => Math.abs(window.scrollY - before) < 3", arg=before)


def test_the_contents_close_once_however_often_it_is_asked_for(open_context):
    page = open_context(**PHONE).new_page()
    page.goto(DRAFT)
    page.locator("[data-opens-sheet]").tap()
    expect(page.locator("#contents")).to_be_focused()
    page.evaluate("[1, 2].forEach(() => document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' })))")
    expect(page.locator("#contents")).not_to_be_visible()
    page.locator("[data-opens-sheet]").tap()  # the page is still there, and opens its contents again
    expect(page.locator("#contents")).to_be_focused()


def test_leaving_with_something_unsaved_is_asked(sign_in):
    page = sign_in("facilitator")
    questions = []
    page.on("dialog", lambda dialog: (questions.append(dialog.type), dialog.accept()))
    page.goto(f"{DRAFT}/live/conclusion/edit")
    page.goto(f"{DRAFT}/live")
    assert questions == []
    page.goto(f"{DRAFT}/live/conclusion/edit")
    page.locator("#text").press_sequentially("Un mot. ")
    page.goto(f"{DRAFT}/live")
    assert questions == ["beforeunload"]


def test_a_file_of_the_wrong_kind_or_size_is_told_at_once(sign_in, tmp_path):
    large = tmp_path / "a.md"
    large.write_bytes(b"x" * 12_000_000)
    page = sign_in("facilitator")
    page.goto("/drafts/import?theme=2")
    told = page.locator("#file-file-error")
    page.set_input_files("#file", {"name": "a.exe", "mimeType": "application/x-msdownload", "buffer": b"x"})
    expect(told).to_contain_text(".docx")
    expect(page.locator("#file")).to_have_attribute("aria-invalid", "true")
    page.set_input_files("#file", large)
    expect(told).to_contain_text("12")
    page.set_input_files("#file", {"name": "a.md", "mimeType": "text/markdown", "buffer": b"# x"})
    expect(told).to_have_count(0)
    assert page.locator("#file").get_attribute("aria-invalid") is None


def test_a_preview_is_shown_in_the_page_and_its_failures_are_said(sign_in):
    page = sign_in("facilitator", bypass_csp=True)
    page.goto(f"{DRAFT}/live/publier-les-decisions/edit")
    change_words(page, "L’an dernier, sept personnes l’ont fait.", "L’an dernier, **neuf** personnes l’ont fait.")
    preview = page.locator("button[value=preview]")
    preview.click()
    expect(page.locator("#preview strong", has_text="neuf")).to_be_visible()
    assert look_at(page) == []
    failed = page.locator("[data-request-failed]")

    page.context.set_offline(True)
    preview.click()
    expect(failed).to_be_visible()
    said_offline = failed.inner_text()
    page.context.set_offline(False)
    preview.click()
    expect(failed).to_have_count(0)

    page.context.clear_cookies()
    preview.click()
    expect(failed).to_be_visible()
    assert failed.inner_text() != said_offline
    assert "**neuf**" in page.input_value("#text")
