"""What the journeys through discussions do on the page of a text."""

from typing import Any

from playwright.sync_api import Locator, Page, expect

DRAFT = "/drafts/information-et-gouvernance"
PANEL = ".thread-panel"
# Which words stand marked or chosen, in the order of the text.
_WORDS = "parts => parts.map(part => part.textContent).join('')"


def open_text(page: Page, address: str = DRAFT) -> None:
    """Open a text, and return when its discussion is there."""
    page.goto(address)
    expect(page.locator("[data-choose-passage]")).to_be_attached()


def words_of(parts: Locator) -> str:
    """Return the words of several parts of a text."""
    words: str = parts.evaluate_all(_WORDS)
    return words


def select(page: Page, selector: str, start: int, end: int) -> str:
    """Select characters of an element's text, as a finger held on them does; return the words."""
    script = """(element, places) => {
      const isText = node => !node.parentElement.closest("[data-not-text], .footnote-ref");
      const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT, node => isText(node) ? 1 : 2);
      const found = [];
      for (let at = 0; walker.nextNode(); at += walker.currentNode.length)
        for (const place of places.slice(found.length))
          if (place <= at + walker.currentNode.length) found.push([walker.currentNode, place - at]);
      const range = document.createRange();
      range.setStart(...found[0]);
      range.setEnd(...found[1]);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      return range.toString();
    }"""
    words: str = page.locator(selector).first.evaluate(script, [start, end])
    return words


def send_comment(page: Page, text: str, kind: str = "remark") -> int:
    """Fill in the form in the panel, send it, and return the number of the thread that it made."""
    panel = page.locator(PANEL)
    panel.locator(f"input[type=radio][value={kind}]").check()
    panel.locator("textarea").fill(text)
    panel.locator(".compose button[type=submit]").click()
    thread = panel.locator("article.thread")
    expect(thread).to_contain_text(text)
    number = int(thread.get_attribute("data-thread") or 0)
    expect(note_of(page, number)).to_be_attached()
    return number


def note_of(page: Page, thread: int) -> Locator:
    """Return the link in the text that leads to a thread."""
    return page.locator(f"#note-{thread}")


def accessible(page: Page) -> list[dict[str, Any]]:
    """Return the accessibility tree of the page, as assistive technology reads it."""
    session = page.context.new_cdp_session(page)
    nodes: list[dict[str, Any]] = session.send("Accessibility.getFullAXTree")["nodes"]
    return [node for node in nodes if not node["ignored"]]


def named(nodes: list[dict[str, Any]], role: str) -> list[str]:
    """Return the names of all nodes of one role."""
    return [node.get("name", {}).get("value", "") for node in nodes if node["role"]["value"] == role]
