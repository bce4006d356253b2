"""Amendments in real browsers: by the keyboard alone, on a phone without JavaScript, and what axe says of it all."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.browsers import PHONE, look_at
from tests.journeys.test_keyboard import STEADY, follow, tab_to

pytestmark = pytest.mark.browser

DRAFT = "/drafts/information-et-gouvernance"
KEY = "j1s7e4g9lo"  # « L’Établi rend ses instances lisibles et ses élu·es joignables »
MARKS = 'a[href*="/amendments/"]'


def test_an_amendment_by_the_keyboard_alone(sign_in):
    page = sign_in("member", **STEADY)
    page.goto(f"{DRAFT}/amendments/choose?key={KEY}")
    tab_to(page, 'input[name="s"]')
    page.keyboard.press("Space")
    follow(page, '.choose-form button[name="choose"]', most=120)
    page.wait_for_url(re.compile("/amendments/new"))
    tab_to(page, "#proposed")
    page.keyboard.press("End")
    page.keyboard.type(" Et les instances se présentent.")
    # What would change is shown while one types, without taking the focus.
    expect(page.locator("#preview ins")).to_contain_text("Et les instances se présentent.")
    assert page.evaluate("document.activeElement.id") == "proposed"
    tab_to(page, "#reason")
    page.keyboard.type("Pour que l’on sache à qui l’on parle.")
    follow(page, '.form .actions button[type="submit"]')
    page.wait_for_url(re.compile(r"/amendments/\d+$"))
    number = page.url.rsplit("/", 1)[1]
    expect(page.locator(".amendment-main .amendment-diff ins").first).to_contain_text("Et les instances")
    improving = sign_in("member", bypass_csp=True)
    assert improving.goto(f"/amendments/{number}/improve").status == 200
    assert look_at(improving) == []

    leader = sign_in("secretary", **STEADY)
    leader.goto(f"/amendments/{number}")
    follow(leader, f'a[href="/amendments/{number}/answer?as=accept"]')
    leader.wait_for_url(re.compile("/answer"))
    expect(leader.locator("#text")).to_be_hidden()  # it is taken up as it is
    tab_to(leader, "#reason")
    leader.keyboard.type("Oui, merci.")
    follow(leader, '.form .actions button[type="submit"]')
    leader.wait_for_url(re.compile(rf"/amendments/{number}$"))
    expect(leader.locator("#answer")).to_contain_text("Oui, merci.")
    leader.goto(f"{DRAFT}/live")
    expect(leader.locator("main")).to_contain_text("Et les instances se présentent.")
    leader.goto(f"/amendments/{number}")
    follow(leader, 'form[action^="/amendments/answers/"] button')
    expect(leader.locator("#to-answer")).to_be_visible()
    leader.goto(f"{DRAFT}/live")
    expect(leader.locator("main")).not_to_contain_text("Et les instances se présentent.")


def test_alternatives_are_merged_on_a_phone_without_javascript(sign_in):
    page = sign_in("secretary", java_script_enabled=False, **PHONE)
    page.goto(f"{DRAFT}/amendments?state=open")
    group = page.locator(".alternatives").first
    assert group.locator(".amendment-card").count() == 3
    group.locator(".alternatives-foot button").tap()
    page.wait_for_url(re.compile("/merge"))
    ticks = page.locator('input[name="with"]')
    ticks.nth(0).check()
    ticks.nth(2).check()
    page.locator('button[value="join"]').tap()
    expect(page.locator("#text")).to_have_value(re.compile("vingt-cinq membres"))
    text = page.locator("#text").input_value()
    assert "trois fois parmi les questions" in text
    reasons = page.locator('textarea[name^="reason-"]')
    for place, answer in enumerate(("accepted", "declined", "accepted")):
        page.locator(f'input[name^="state-"][value="{answer}"]').nth(place).check()
        reasons.nth(place).fill(f"Raison {place}.")
    page.locator(".merge-form > .actions button").tap()
    page.wait_for_url(re.compile("/amendments$"))
    page.goto(f"{DRAFT}/live")
    expect(page.locator("main")).to_contain_text(text)


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize(
    ("who", "addresses"),
    [
        (None, [f"{DRAFT}/amendments", f"{DRAFT}/amendments?q=xyzzy", "/amendments/1", "/amendments/7"]),
        (
            "member",
            [
                f"{DRAFT}/amendments/choose",
                f"{DRAFT}/amendments/choose?key={KEY}",
                f"{DRAFT}/amendments/new?key={KEY}&start=0&end=120",
                f"{DRAFT}/amendments/new?key={KEY}&start=0&end=120&kind=strike",
                f"{DRAFT}/amendments/new?key={KEY}&kind=new_measure",
                f"{DRAFT}/amendments/new?kind=new_recommendation",
                "/amendments/10",
                "/drafts/antennes-vivantes/amendments",
            ],
        ),
        (
            "facilitator",
            [
                f"{DRAFT}/amendments",
                "/amendments/5",
                "/amendments/6",
                "/amendments/6/answer",
                "/amendments/6/answer?as=change",
            ],
        ),
        ("steering", ["/amendments/6/hide"]),
    ],
)
def test_axe_finds_nothing(open_context, sign_in, who, addresses):
    page = sign_in(who, bypass_csp=True) if who else open_context(bypass_csp=True).new_page()
    troubles = {}
    for address in addresses:
        status = page.goto(address).status
        found = look_at(page) + ([] if fits(page) else ["it scrolls sideways"])
        if found or status != 200:
            troubles[address] = [status, *found]
    assert troubles == {}
