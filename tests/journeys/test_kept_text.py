"""What somebody types stays on their device until it is saved: over a reload, a crash, another person's visit."""

import re

import pytest
from playwright.sync_api import Error, Page, expect

from tests.journeys.browsers import enter, live_section, save

pytestmark = pytest.mark.browser

LIVE = "/drafts/information-et-gouvernance/live"
NOTE = "form .notice-info"
# Resolves once something is kept; scripts of the page store it shortly after the last key.
KEPT = """() => new Promise(done => {
  const look = () => Object.keys(localStorage).some(key => key.startsWith("sip.keep.")) ? done() : setTimeout(look, 20);
  look();
})"""


def begin(page: Page, section: str, words: str) -> str:
    """Open a section, type `words` at its beginning; return its text as it was."""
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"{LIVE}/{section}/edit")
    before = page.input_value("#text")
    page.locator("#text").press("Control+Home")
    page.keyboard.type(words)
    return before


def kept_keys(page: Page) -> int:
    return page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('sip.keep.')).length")


def test_typed_text_comes_back_after_a_reload_and_goes_once_it_is_saved(sign_in):
    page = sign_in("facilitator")
    before = begin(page, "introduction", "Encore en chantier. ")
    page.reload()
    expect(page.locator(NOTE)).to_be_visible()
    expect(page.locator("#text")).to_have_value("Encore en chantier. " + before)
    save(page)
    expect(live_section(page, "introduction")).to_contain_text("Encore en chantier. ")
    expect(page.locator(".at-section .notice-success")).to_be_visible()
    assert kept_keys(page) == 0
    page.goto(f"{LIVE}/introduction/edit")
    expect(page.locator("#text")).to_have_value(re.compile("^Encore en chantier"))
    expect(page.locator(NOTE)).to_have_count(0)


def test_a_text_that_came_back_is_joined_with_what_others_wrote_since(sign_in):
    page, other = sign_in("facilitator"), sign_in("participant")
    begin(page, "conclusion", "Pour finir : ")
    page.evaluate(KEPT)
    other.goto(f"{LIVE}/conclusion/edit")
    other.locator("#text").press("Control+End")
    other.keyboard.type(" Et c’est à nous de jouer.")
    save(other)
    expect(live_section(other, "conclusion")).to_contain_text("à nous de jouer.")
    page.reload()
    expect(page.locator(NOTE)).to_be_visible()
    save(page)
    expect(live_section(page, "conclusion")).to_contain_text("Pour finir : ")
    expect(live_section(page, "conclusion")).to_contain_text("à nous de jouer.")


def test_typed_text_comes_back_after_a_crash_of_the_tab(sign_in):
    page = sign_in("facilitator")
    before = begin(page, "introduction-rennes", "Avant la panne. ")
    page.evaluate(KEPT)
    with pytest.raises(Error, match="crash"):
        page.goto("chrome://crash")
    again = page.context.new_page()
    again.goto(f"{LIVE}/introduction-rennes/edit")
    expect(again.locator(NOTE)).to_be_visible()
    expect(again.locator("#text")).to_have_value("Avant la panne. " + before)

    # Whoever does not want it drops it for good.
    again.click(f"{NOTE} button")
    expect(again.locator("#text")).to_have_value(before)
    expect(again.locator("#text")).to_be_focused()
    again.reload()
    expect(again.locator("#text")).to_have_value(before)
    expect(again.locator(NOTE)).to_have_count(0)


def test_the_next_person_on_a_shared_device_sees_none_of_it(sign_in, site):
    page = sign_in("facilitator")
    context = page.context
    before = begin(page, "introduction-gand", "Entre nous. ")
    page.reload()
    page.goto("/")
    page.click(".menu summary")
    page.click(".menu-panel form button")
    page = enter(context, site, "participant")
    page.goto(f"{LIVE}/introduction-gand/edit")
    expect(page.locator("#text")).to_have_value(before)
    expect(page.locator(NOTE)).to_have_count(0)
    context.clear_cookies()
    page = enter(context, site, "facilitator")
    page.goto(f"{LIVE}/introduction-gand/edit")
    expect(page.locator("#text")).to_have_value("Entre nous. " + before)


def test_text_that_came_back_is_joined_with_what_others_wrote_since(sign_in):
    page, other = sign_in("facilitator"), sign_in("participant")
    begin(page, "conclusion", "Au début. ")
    page.reload()
    other.goto(f"{LIVE}/conclusion/edit")
    other.locator("#text").press("Control+End")
    other.keyboard.type("\n\nÀ la fin.")
    save(other)
    expect(other.locator(".at-section .notice-success")).to_be_visible()
    page.goto(f"{LIVE}/conclusion/edit")
    expect(page.locator(NOTE)).to_be_visible()
    save(page)
    expect(page.locator(".at-section .notice-success")).to_contain_text("Soizic Prigent")
    expect(live_section(page, "conclusion")).to_contain_text("Au début. ")
    expect(live_section(page, "conclusion")).to_contain_text("À la fin.")
