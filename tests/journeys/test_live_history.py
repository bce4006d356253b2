"""The history of the live text as people use it: by the slider, by links alone, and to take a text back."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.browsers import PHONE, live_section, look_at, save

pytestmark = pytest.mark.browser

DRAFT = "/drafts/information-et-gouvernance"
HISTORY = f"{DRAFT}/live/history"
SECTION = "introduction-gand"


def write(page: Page, text: str) -> None:
    """Add a paragraph by the plain form."""
    page.goto(f"{DRAFT}/live/{SECTION}/edit?plain=1")
    page.fill("#text", f"{page.input_value('#text')}\n\n{text}")
    save(page)
    expect(page.locator(".at-section .notice-success")).to_be_visible()


def test_the_slider_steps_from_sitting_to_sitting(sign_in):
    page = sign_in("facilitator", bypass_csp=True)
    write(page, "Un premier ajout.")
    write(page, "Un second ajout.")
    page.locator(f"a[href='{HISTORY}']").click()
    slider = page.get_by_role("slider")
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r"20\d\d.* – Maëlle Kerdoncuff\s: Introduction"))
    assert page.locator("[data-moment] h2").count() == 0

    slider.focus()
    expect(page.locator("[data-moment] ins", has_text="Un second ajout.")).to_be_visible()
    said = slider.get_attribute("aria-valuetext")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("[data-moment] ins", has_text="Un premier ajout.")).to_be_visible()
    expect(page.locator("[data-moment]", has_text="Un second ajout.")).to_have_count(0)
    expect(slider).to_be_focused()
    assert slider.get_attribute("aria-valuetext") == page.locator("[data-stop]").nth(1).get_attribute("data-stop")
    page.keyboard.press("Home")
    expect(page.locator("[data-moment] h2").first).to_be_visible()
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r"– importé\s:"))
    page.keyboard.press("End")
    expect(slider).to_have_attribute("aria-valuetext", said)
    expect(page.locator("[data-moment] ins", has_text="Un second ajout.")).to_be_visible()
    assert look_at(page) == []


def test_the_page_of_a_moment_follows_the_slider_in_its_address(sign_in):
    page = sign_in("facilitator", bypass_csp=True)
    write(page, "Un troisième ajout.")
    page.goto(HISTORY)
    page.locator("[data-stop]").first.click()
    last = page.url
    title = page.title()
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("[data-moment]", has_text="Un troisième ajout.")).to_have_count(0)
    page.wait_for_url(lambda address: address != last)
    before = page.url
    shown = page.locator("[data-moment] h2").first.inner_text()
    page.reload()
    assert page.url == before
    expect(page.locator("[data-moment] h2").first).to_have_text(shown)
    assert page.title().startswith(title.split(" ")[0])
    assert look_at(page) == []


def test_a_text_is_taken_back_and_that_is_undone(sign_in):
    page = sign_in("facilitator", bypass_csp=True)
    write(page, "Un ajout de trop.")
    page.goto(HISTORY)
    page.locator("[data-stop]").nth(1).click()
    page.locator(".tabs a[href*='view=now']").click()
    expect(page.locator(".compared ins", has_text="Un ajout de trop.")).to_be_visible()
    assert look_at(page) == []
    page.locator(".compared-section .take-back button").click()
    told = page.locator(".at-section .notice-success")
    expect(told).to_contain_text("dit de nouveau ce qui y était écrit alors")
    expect(live_section(page, SECTION)).not_to_contain_text("Un ajout de trop.")
    told.locator("button[form=undo]").click()
    expect(live_section(page, SECTION)).to_contain_text("Un ajout de trop.")


def test_without_scripts_links_lead_from_moment_to_moment(sign_in):
    page = sign_in("facilitator", java_script_enabled=False, **PHONE)
    page.goto(HISTORY)
    expect(page.get_by_role("slider")).to_have_count(0)
    page.locator("[data-stop]").last.tap()
    expect(page.locator("a[rel=prev]")).to_have_count(0)
    first = page.url
    page.locator("a[rel=next]").tap()
    page.wait_for_url(lambda address: address != first)
    page.locator("a[rel=prev]").tap()
    page.wait_for_url(first)
    page.locator(".tabs a[href*='view=text']").tap()
    expect(page.locator(".moment-text h2").first).to_be_visible()
