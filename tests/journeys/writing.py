"""What the journeys do on the page of the live text: open a section, type, see whether it is saved."""

from playwright.sync_api import Locator, Page, expect

from tests.journeys.browsers import live_section

DRAFT = "/drafts/information-et-gouvernance"
# Puts the cursor behind some words of the text that is open, as a touch or a click there does.
BEHIND = """(text, words) => {
  const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const at = walker.currentNode.data.indexOf(words);
    if (at < 0) continue;
    text.focus();
    return getSelection().collapse(walker.currentNode, at + words.length);
  }
  throw new Error(words + " is not in the text");
}"""


def text_of(page: Page, slug: str) -> Locator:
    """The text of a section that is open on the page."""
    return live_section(page, slug).locator(".cm-content")


def write_in(page: Page, slug: str) -> Locator:
    """Open a section of the live text in place, and return its text."""
    page.goto(f"{DRAFT}/live")
    return press_write(page, slug)


def press_write(page: Page, slug: str) -> Locator:
    """Press “Write here” on a page that is open."""
    live_section(page, slug).locator("[data-write]").click()
    text = text_of(page, slug)
    expect(text).to_be_focused()
    return text


def type_behind(text: Locator, words: str, typed: str) -> None:
    """Type something behind words that stand in the text."""
    text.evaluate(BEHIND, words)
    text.page.keyboard.type(typed)


def state_is(page: Page, kind: str) -> None:
    """Wait until the bar says so: saved, saving, unsaved, offline."""
    expect(page.locator("[data-live-state]")).to_have_attribute("data-kind", kind)


def done(page: Page) -> None:
    """Press “Done” in the bar."""
    page.locator("[data-live-done]").click()


def keep_page(page: Page) -> None:
    """Wait until the device has a copy of the page that is open, to show without a connection."""
    for _ in range(400):
        if page.evaluate("async () => Boolean(await caches.match(location.pathname))"):
            return
        page.wait_for_timeout(100)
    raise AssertionError("the page is not kept on the device")


def key_of(page: Page, slug: str) -> str:
    """Open the live text, and return the key of one of its sections."""
    page.goto(f"{DRAFT}/live")
    return live_section(page, slug).get_attribute("data-live-section")
