"""axe finds nothing on any page, in both themes, on a phone and on a desk; no page scrolls sideways."""

from pathlib import Path

import pytest

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"

VISITOR = (
    "/", "/cycles", "/cycles/2026", "/cycles/2026/themes/comprendre", "/groups", "/groups/rennes", "/drafts",
    "/drafts/information-et-gouvernance", "/drafts/information-et-gouvernance/accueil",
    "/drafts/information-et-gouvernance/versions", "/drafts/information-et-gouvernance/versions/2..3",
    "/drafts/information-et-gouvernance/versions/2..3?view=side", "/help/rights", "/help/words", "/design", "/sign-in",
    "/reset-password", "/nowhere",
)  # fmt: skip
FACILITATOR = (
    "/", "/me/profile", "/groups/rennes", "/groups/rennes/members", "/groups/rennes/edit",
    "/drafts/information-et-gouvernance/live", "/drafts/information-et-gouvernance/live/accueil/edit",
    "/drafts/information-et-gouvernance/freeze", "/drafts/information-et-gouvernance/versions/1",
    "/drafts/information-et-gouvernance/history",
)  # fmt: skip
ADMINISTRATOR = (
    "/people", "/people/invite", "/people/import", "/cycles/manage", "/cycles/2026/edit", "/cycles/2026/milestones",
    "/cycles/2026/steering", "/cycles/2026/themes/comprendre/edit", "/cycles/offices",
)  # fmt: skip
WIDTHS = (320, 1280)
THEMES = ("light", "dark")


def violations(page) -> list[str]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "() => axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})"
    )
    return [
        f"{rule['id']}: {node['target']} {node.get('failureSummary', '')[:300]}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def look_at(page, address: str) -> None:
    page.goto(address)
    assert violations(page) == []
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"], f"{address} is {width} px wide"


@pytest.mark.browser
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    ("who", "addresses"), [(None, VISITOR), ("facilitator", FACILITATOR), ("admin", ADMINISTRATOR)]
)
def test_axe_finds_nothing(open_context, sign_in, who, addresses, width, theme):
    options = {"viewport": {"width": width, "height": 900}, "color_scheme": theme, "bypass_csp": True}
    page = sign_in(who, **options) if who else open_context(**options).new_page()
    troubles = {}
    for address in addresses:
        try:
            look_at(page, address)
        except AssertionError as error:
            troubles[address] = str(error)[:1500]
    assert troubles == {}
