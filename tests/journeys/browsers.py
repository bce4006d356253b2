"""How the journeys' browsers are opened, who they sign in, and what axe says of their pages."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}

# Milliseconds that a browser is waited for, on a slow machine too.
SLOWEST = 40_000

_AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# No page has frames, and no rule that is asked needs the style sheets fetched once more.
_RUN = "options => axe.run(document, {resultTypes: ['violations'], iframes: false, preload: false, ...options})"


@dataclass
class Site:
    """A running site: its address, its data folder, the demo people's password."""

    address: str
    data: Path
    password: str


def new_context(browser: Browser, **options: Any) -> BrowserContext:
    """Open a browser of one person's own; with `bypass_csp`, its pages can be looked at."""
    context = browser.new_context(**{"locale": "fr-FR", **DESKTOP, **options})
    if options.get("bypass_csp"):
        # Brought once: sending it to every page anew takes as long as a look at it.
        context.add_init_script(path=_AXE)
    return context


def enter(context: BrowserContext, site: Site, who: str) -> Page:
    """Sign a demo person in by the form, and return the page that they are on."""
    page = context.new_page()
    page.goto("/sign-in")
    fill_in_sign_in(page, who, site.password)
    page.wait_for_url(site.address + "/")
    return page


def arrive(context: BrowserContext, site: Site, who: str) -> Page:
    """Sign a demo person in without showing the form, and return the first page that they see."""
    form = context.request.get("/sign-in").text()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form)
    assert token, form
    answer = context.request.post(
        "/sign-in",
        form={"csrf_token": token[1], "email": f"{who}@demo.example", "password": site.password},
        max_redirects=0,
    )
    assert answer.status == 303, answer.text()
    page = context.new_page()
    page.goto("/")
    return page


def fill_in_sign_in(page: Page, who: str, password: str) -> None:
    """Fill in address and password of a demo person on a page that asks for them, and send."""
    page.fill("#email", f"{who}@demo.example")
    page.fill("#password", password)
    page.press("#password", "Enter")


def axe_findings(page: Page, *, only_contrast: bool = False) -> list[str]:
    """Return what axe finds wrong with the page that is open, as it looks now; empty where it is fine."""
    rules = {"type": "rule", "values": ["color-contrast"]} if only_contrast else {"type": "tag", "values": _RULES}
    found = page.evaluate(_RUN, {"runOnly": rules})
    return [
        f"{rule['id']}: {node['target']} {node.get('failureSummary', '')[:300]}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def look_at(page: Page, widths: tuple[int, ...] = (1280, 320)) -> list[str]:
    """Return what is wrong with the page that is open, at each width; in the dark theme, contrast at the last one.

    The page's content security policy must be bypassed for that, as in `open_context(bypass_csp=True)`.
    """
    troubles = []
    before = page.viewport_size
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        actual = page.evaluate("document.documentElement.scrollWidth")
        if actual > width:
            troubles.append(f"at {width} px the page is {actual} px wide")
        for theme in ("light", "dark") if width == widths[-1] else ("light",):  # colours do not know how wide a page is
            page.emulate_media(color_scheme=theme)
            findings = axe_findings(page, only_contrast=theme == "dark")
            troubles += [f"at {width} px, {theme}: {finding}" for finding in findings]
    page.emulate_media(color_scheme="null")
    if before:
        page.set_viewport_size(before)
    return troubles


def change_words(page: Page, old: str, new: str) -> None:
    """In the form of a section that is open, write `new` where `old` stands, as somebody at the keyboard would."""
    text = page.input_value("#text")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the text"
    page.fill("#text", text.replace(old, new))


def save(page: Page) -> None:
    """Send the form of a section that is open."""
    # By the keyboard: what appears above the button while one types must not move it away from under the pointer.
    page.press("button[name=action][value=save]", "Enter")


def live_section(page: Page, slug: str) -> Locator:
    """Return one section on the page of the text being written, with its tools and messages."""
    return page.locator(".live-section", has=page.locator(f"[id='{slug}']"))
