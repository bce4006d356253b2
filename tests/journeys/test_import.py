"""A document of a word processor comes in on the web: looked at, corrected, stored, read."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.documents import made
from tests.journeys.browsers import live_section, look_at

pytestmark = pytest.mark.browser

TEXT = """# Des ateliers partagés

## Avant-propos

Nous avons visité onze ateliers.[^1]

[^1]: Entre mars et mai.

## Recommandation 1 : Ouvrir les ateliers le soir

Voir recommandation 2.a et recommandation 9.

### a. Deux soirs par semaine

Le mardi et le jeudi.

## Recommandation 2 : Prêter les outils

Chacun·e rend ce qu’il ou elle a pris.

### a. Un carnet

| Outil | Jours |
|-------|-------|
| Scie  | 3     |

## Brouillon

À jeter.
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A document as a word processor writes it."""
    path = tmp_path / "ateliers.docx"
    path.write_bytes(made("docx", TEXT))
    return path


@pytest.mark.parametrize("who", ["facilitator", "secretary"])
def test_a_word_document_is_looked_at_corrected_stored_and_read(sign_in, file, who):
    options = {"java_script_enabled": False} if who == "secretary" else {}
    page = sign_in(who, bypass_csp=True, **options)
    page.goto("/drafts")
    page.click("main a[href='/drafts/import?theme=2']")
    page.set_input_files("#file", file)
    page.click("main form.form button[type=submit]")

    expect(page.locator("#title")).to_have_value("Des ateliers partagés")
    found = page.locator(".found-sections > li")
    expect(found).to_have_count(4)
    expect(page.locator("#kind-1")).to_have_value("recommendation")
    expect(page.locator("#title-1")).to_have_value("Ouvrir les ateliers le soir")
    expect(page.locator(".notice-warning")).to_contain_text("recommandation 9")
    found.nth(1).locator("summary").click()
    expect(found.nth(1)).to_contain_text("Le mardi et le jeudi.")
    if not options:
        assert look_at(page) == []

    page.fill("#title", f"Des ateliers partagés ({who})")
    page.select_option("#kind-0", "prose")
    page.fill("#title-0", "Introduction")
    page.select_option("#kind-2", "prose")
    page.select_option("#kind-3", "left_out")
    page.click("main form.form .actions button[type=submit]")

    page.wait_for_url(re.compile("/live$"))
    expect(page.locator("h1")).to_have_text(f"Des ateliers partagés ({who})")
    sections = page.locator(".live-section")
    expect(sections).to_have_count(3)
    expect(sections.nth(0)).to_contain_text("Introduction")
    expect(sections.nth(0)).to_contain_text("Entre mars et mai.")
    expect(live_section(page, "ouvrir-ateliers-soir").locator(".doc-number")).to_have_text("1")
    # What was made running text has no number any more, and a reference to its measure leads nowhere.
    lending = live_section(page, "preter-outils")
    expect(lending.locator(".doc-number")).to_have_count(0)
    expect(lending.locator("table")).to_contain_text("Scie")
    expect(page.locator(".document-top .notice-warning")).to_contain_text("[[preter-outils#carnet]]")
    expect(page.locator("#document")).not_to_contain_text("À jeter.")


def test_an_administrator_imports_for_a_group(sign_in, file):
    page = sign_in("admin")
    page.goto("/drafts/import?theme=2")
    page.set_input_files("#file", file)
    page.click("main form.form button[type=submit]")
    page.fill("#title", "Ateliers, pour Rennes")
    page.get_by_label("Groupe de Rennes").first.check()
    page.click("main form.form .actions button[type=submit]")
    # The text is the group's: whoever stored it for them sees that it is there, not the text.
    expect(page.locator(".notice-success")).to_be_visible()
    expect(page).to_have_url(re.compile("/cycles/2026/themes/comprendre$"))

    reader = sign_in("participant")
    reader.goto("/drafts/ateliers-pour-rennes/live")
    expect(reader.locator(".live-section")).to_have_count(4)


def test_an_administrator_begins_a_document_for_a_group(sign_in):
    page = sign_in("admin")
    page.goto("/drafts/new?theme=2")
    page.fill("#title", "À écrire par Rennes")
    page.get_by_label("Groupe de Rennes").check()
    page.click("main form.form button[type=submit]")
    expect(page.locator(".notice-success")).to_be_visible()
    expect(page).to_have_url(re.compile("/cycles/2026/themes/comprendre$"))


def test_a_file_that_cannot_be_read_is_told(sign_in, tmp_path):
    page = sign_in("facilitator")
    page.goto("/drafts/import?theme=2")
    page.click("main form.form button[type=submit]")
    expect(page.locator(".error-summary")).to_be_focused()
    file = tmp_path / "casse.docx"
    file.write_bytes(b"PK\x03\x04 no word processor wrote this")
    page.set_input_files("#file", file)
    page.click("main form.form button[type=submit]")
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator("#file-error")).to_be_visible()
