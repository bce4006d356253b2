"""Everything by the keyboard alone; one always sees where one is."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser

DRAFT = "/drafts/information-et-gouvernance"
VOTES = "/drafts/lieux-partages/ballots/new"  # a form with every kind of field
# Nothing glides: what has the focus is where it is looked for.
STEADY = {"reduced_motion": "reduce"}

# What is wrong with how the focused element shows that it has the focus; empty where nothing is.
_FOCUS = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return "nothing has the focus";
  const box = element.getBoundingClientRect();
  const name = element.outerHTML.slice(0, 160);
  const clear = /^transparent$|, 0\\)$/;
  const outlines = style =>
    style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && !clear.test(style.outlineColor);
  // The link of a card outlines all of the card.
  const outlined = [element, element.closest(".card")].filter(Boolean);
  if (!outlined.some(shown => outlines(getComputedStyle(shown)))) return "no outline: " + name;
  const left = Math.max(box.left, 0), right = Math.min(box.right, innerWidth);
  const top = Math.max(box.top, 0), bottom = Math.min(box.bottom, innerHeight);
  if (right - left < 1 || bottom - top < 1) return "out of sight: " + name;
  for (const x of [0.1, 0.5, 0.9]) for (const y of [0.1, 0.5, 0.9]) {
    const found = document.elementFromPoint(left + x * (right - left), top + y * (bottom - top));
    if (found && (element.contains(found) || found.contains(element))) return "";
  }
  return "covered: " + name;
}"""


def tab_to(page: Page, selector: str, most: int = 60) -> None:
    """Press Tab until an element has the focus that `selector` finds; each one on the way must show its focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        assert page.evaluate(_FOCUS) == ""
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} was not reached from {page.url} by {most} times Tab")


def follow(page: Page, selector: str, most: int = 60) -> None:
    """Reach something by Tab and press Enter on it."""
    tab_to(page, selector, most)
    page.keyboard.press("Enter")


def sign_in_by_keyboard(page: Page, who: str, password: str) -> None:
    page.goto("/")
    follow(page, ".account a[href*='sign-in']")
    page.wait_for_url(re.compile("/sign-in"))
    tab_to(page, "#email")
    page.keyboard.type(f"{who}@demo.example")
    tab_to(page, "#password")
    page.keyboard.type(password)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r":\d+/$"))


def test_a_visitor_skips_to_the_text_and_walks_through_its_contents(open_context):
    page = open_context(**STEADY).new_page()
    page.goto("/")
    page.keyboard.press("Tab")
    skip = page.locator(".skip-link")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    assert page.evaluate(_FOCUS) == ""
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.getElementById('main').contains(document.activeElement)")

    page.goto("/drafts")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    follow(page, f"a[href='{DRAFT}']")
    page.wait_for_url(re.compile(DRAFT))
    follow(page, ".contents a[href='#langues-et-clarte']")
    expect(page.locator("#langues-et-clarte h2").first).to_be_in_viewport()
    # The next Tab goes on from there.
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.getElementById('langues-et-clarte').contains(document.activeElement)")


def test_every_stop_of_a_page_shows_the_focus(sign_in):
    page = sign_in("facilitator", **STEADY)
    for address in ("/", f"{DRAFT}/versions/2..3", f"{DRAFT}/live/accueil/edit", "/me/profile", VOTES):
        page.goto(address)
        page.keyboard.press("Tab")
        assert page.evaluate(_FOCUS) == "", address
        tab_to(page, ".site-footer button[name=theme][value=dark]", most=150)


def test_the_contents_on_a_phone_open_and_close(open_context):
    page = open_context(**STEADY, viewport={"width": 390, "height": 844}).new_page()
    page.goto(DRAFT)
    opener = page.locator("[data-opens-sheet]")
    opener.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#contents")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator(".contents-close")).to_be_focused()
    assert page.evaluate(_FOCUS) == ""
    page.keyboard.press("Escape")
    expect(page.locator("#contents")).not_to_be_visible()
    expect(opener).to_be_focused()
    assert page.evaluate(_FOCUS) == ""
    page.keyboard.press("Enter")
    expect(page.locator("#contents")).to_be_focused()
    follow(page, ".contents a[href='#accueil']")
    expect(page.locator("#contents")).not_to_be_visible()
    expect(page.locator("#accueil h2").first).to_be_in_viewport()


def test_a_facilitator_signs_in_writes_moves_a_section_and_mends_a_form(open_context, site):
    page = open_context(**STEADY).new_page()
    sign_in_by_keyboard(page, "facilitator", site.password)

    page.goto(f"{DRAFT}/live")
    follow(page, ".contents a[href='#accueil']")
    follow(page, "a[href$='/live/accueil/edit']", most=3)
    expect(page.locator(".cm-content")).to_be_focused()
    page.keyboard.type("Écrit sur place. ")
    expect(page.locator("[data-live-state]")).to_have_attribute("data-kind", "saved")
    page.keyboard.press("Escape")
    expect(page.locator(".live-end button")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("a[href$='/live/accueil/edit']")).to_be_focused()
    expect(page.locator("#accueil")).to_contain_text("Écrit sur place. ")

    page.goto(f"{DRAFT}/live/accueil/edit")
    tab_to(page, "#text")
    page.keyboard.press("Control+Home")
    page.keyboard.type("Écrit au clavier. ")
    follow(page, "button[value=save]", most=1)
    expect(page.locator(".at-section .notice-success")).to_be_visible()
    expect(page.locator("#document")).to_contain_text("Écrit au clavier. ")
    # What was done stands where one is: undoing it is near.
    follow(page, "button[form=undo]", most=3)
    expect(page.locator(".at-section .notice-success")).to_be_visible()
    expect(page.locator("#document")).not_to_contain_text("Écrit au clavier. ")

    order = section_order(page)
    place = order.index("accueil")
    follow(page, ".live-section:has([id='accueil']) .arrange summary", most=8)
    follow(page, ".arrange[open] form[action$='/move'] button", most=1)
    expect(section_at(page, place - 1)).to_be_visible()
    page.wait_for_load_state()
    moved = section_order(page)
    assert moved.index("accueil") == place - 1
    follow(page, "button[form=undo]", most=3)
    expect(section_at(page, place)).to_be_visible()
    page.wait_for_load_state()
    assert section_order(page) == order

    page.goto(f"{DRAFT}/live/accueil/heading")
    tab_to(page, "#title")
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    page.keyboard.press("Enter")
    expect(page.locator(".error-summary")).to_be_focused()
    follow(page, ".error-summary a[href='#title']", most=1)
    expect(page.locator("#title")).to_be_focused()
    assert page.evaluate(_FOCUS) == ""


def section_at(page: Page, place: int) -> Locator:
    """Return the section on "accueil" if it stands at this place, counted from 0."""
    return page.locator(".live-section").nth(place).locator("[id='accueil']")


def section_order(page: Page) -> list[str]:
    """Return the addresses of the sections of the text being written, in their order."""
    return page.locator(".live-section .doc-heading").evaluate_all(
        "headings => headings.map(heading => heading.id.replace(/\\.title$/, ''))"
    )
