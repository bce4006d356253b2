"""Voting in real browsers: by the keyboard alone, without JavaScript on a phone, and for somebody who gave a proxy."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.browsers import PHONE
from tests.journeys.test_keyboard import STEADY, follow, tab_to

pytestmark = pytest.mark.browser

SECRET = "une salle sans appel ni réunion"
ROUND = "confier des clés dans ces conditions"


def waiting(page: Page, question: str) -> str:
    """Return the address of the ballot that the first page shows as waiting for a vote."""
    page.goto("/")
    return page.locator(".notice a", has_text=question).first.get_attribute("href") or ""


def test_a_secret_vote_by_the_keyboard_alone(sign_in):
    page = sign_in("member", **STEADY)
    follow(page, f"main a[href='{waiting(page, SECRET)}']")
    page.wait_for_url(re.compile("/ballots/"))
    tab_to(page, "input[name=choice]")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    expect(page.locator("input[name=choice][value=against]")).to_be_focused()
    follow(page, "#vote form button[type=submit]")
    code = page.locator(".receipt-code").inner_text()
    follow(page, ".receipt form button[type=submit]")
    expect(page.locator("main form")).to_have_count(0)
    expect(page.locator(".receipt-code")).to_have_text(code)
    follow(page, ".receipt .actions a")
    page.wait_for_url(re.compile(r"/ballots/\d+$"))
    # It is final, and its page tells nobody what it was.
    expect(page.locator(".ballot-head .ballot-mine")).to_be_visible()
    expect(page.locator("#vote form")).to_have_count(0)
    expect(page.locator("main")).not_to_contain_text(code)


def test_an_objection_is_made_and_taken_back_on_a_phone_without_javascript(sign_in):
    page = sign_in("secretary", java_script_enabled=False, **PHONE)
    page.goto(waiting(page, ROUND))
    page.locator("input[name=choice][value=objection]").check()
    page.locator("#vote form button[type=submit]").tap()
    expect(page.locator(".error-summary")).to_be_visible()
    expect(page.locator("input[name=choice][value=objection]")).to_be_checked()
    page.fill("#opinion", "Il manque un registre des clés.")
    page.locator("#vote form button[type=submit]").tap()
    expect(page.locator("#vote .notice-success")).to_be_visible()

    # It is a discussion at once, which leads back to the round.
    page.goto("/drafts/lieux-partages/discussion?q=registre")
    page.locator(".thread-card", has_text="Il manque un registre").locator(".thread-foot a").tap()
    page.wait_for_url(re.compile(r"/threads/\d+"))
    thread = page.url
    expect(page.locator(".thread-state.is-waiting")).to_be_visible()
    page.locator("main a[href^='/ballots/']").tap()
    page.locator("input[name=choice][value=consent]").check()
    page.fill("#opinion", "")
    page.locator("#vote form button[type=submit]").tap()
    expect(page.locator("#vote .notice-success")).to_be_visible()
    page.goto(thread)
    expect(page.locator(".thread-state")).to_be_visible()
    expect(page.locator(".thread-state.is-waiting")).to_have_count(0)


def test_a_proxy_is_given_used_and_seen(sign_in):
    giver = sign_in("participant", java_script_enabled=False, **PHONE)
    giver.goto(waiting(giver, SECRET))
    giver.locator("main a[href*='/me/proxies']").tap()
    giver.fill("#q", "Youenn")
    giver.locator("form[role=search] button").last.tap()
    giver.locator("#holder input").check()
    giver.locator("main form[method=post] button[type=submit]").last.tap()
    expect(giver.locator("#given")).to_contain_text("Youenn Le Goff")

    holder = sign_in("secretary", **STEADY)
    holder.goto("/")
    holder.locator(".notice", has_text="Soizic Prigent").locator("a[href*='/ballots/']").click()
    holder.check("input[name=choice][value=for]")
    holder.locator("#vote form button[type=submit]").click()
    holder.locator(".receipt form button[type=submit]").click()
    expect(holder.locator("h1")).to_contain_text("Soizic Prigent")

    address = giver.locator("#given a").first.get_attribute("href") or ""
    giver.goto(address)
    expect(giver.locator("#vote form")).to_have_count(0)
    expect(giver.locator(".ballot-mine")).to_be_visible()
