"""A form that is on its way is not sent twice; when the page comes back, it can be sent again."""

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

ADD = "/drafts/information-et-gouvernance/live/add"
BUTTON = "main form.form button[type=submit]"


@pytest.fixture
def page(sign_in) -> Page:
    """The form of a new section, filled in; forms that leave it are counted, and stay on their way for good."""
    page = sign_in("facilitator")
    page.goto(ADD)
    page.fill("#title", "Une section de plus")
    page.evaluate(
        """() => window.addEventListener("submit", (event) => {
            event.preventDefault();
            document.body.dataset.left = Number(document.body.dataset.left ?? 0) + 1;
        })"""
    )
    return page


def test_two_clicks_send_one_form(page):
    button = page.locator(BUTTON)
    said = button.inner_text()
    button.dblclick()
    expect(button).to_have_attribute("aria-disabled", "true")
    expect(button).to_have_text(f"{said}…")
    page.press("#title", "Enter")
    expect(page.locator("body")).to_have_attribute("data-left", "1")


def test_a_page_that_comes_back_can_be_sent_again(page):
    button = page.locator(BUTTON)
    said = button.inner_text()
    button.click()
    expect(button).to_have_attribute("aria-disabled", "true")
    # As browsers do that keep a page whole while another is shown.
    page.evaluate("() => { window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })); }")
    expect(button).not_to_have_attribute("aria-disabled", "true")
    expect(button).to_have_text(said)
    button.click()
    expect(page.locator("body")).to_have_attribute("data-left", "2")


@pytest.mark.parametrize("has_scripts", [True, False])
def test_two_clicks_make_one_thing(sign_in, has_scripts):
    page = sign_in("facilitator", java_script_enabled=has_scripts)
    page.goto(ADD)
    title = f"Une seule {has_scripts}"
    page.fill("#title", title)
    page.locator(BUTTON).dblclick()
    page.wait_for_url("**/edit")
    page.goto("/drafts/information-et-gouvernance/live")
    expect(page.locator(".doc-title", has_text=title)).to_have_count(1)
