"""People come in: invited by mail, signed in by a mailed link, imported from a list."""

import email
import email.policy
import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.browsers import Site, look_at

pytestmark = pytest.mark.browser


def link_for(site: Site, address: str, path: str) -> str:
    """Wait for a letter to `address` that holds a link to `path`, and return the newest such link."""
    pattern = re.compile(re.escape(site.address + path) + r"\S+")
    until = time.monotonic() + 80
    while time.monotonic() < until:
        for file in sorted(site.data.glob("mail/*.eml"), key=lambda file: file.stat().st_mtime_ns, reverse=True):
            letter = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            if letter["To"] and address in letter["To"] and (found := pattern.search(letter.get_content())):
                return found[0]
        time.sleep(0.1)
    raise AssertionError(f"no letter to {address} with a link to {path}")


def sign_out(page: Page) -> None:
    page.click(".menu summary")
    page.click(".menu-panel form[action='/sign-out'] button")
    expect(page.locator(".account a[href*='sign-in']")).to_be_visible()


def test_somebody_invited_makes_an_account_and_signs_in_by_mail(sign_in, open_context, site):
    administrator = sign_in("admin")
    administrator.goto("/people/invite")
    administrator.fill("#email", "Lise.Aubry@Demo.example")
    administrator.fill("#name", "Lise Aubry")
    administrator.click("main form.form button[type=submit]")
    expect(administrator.locator("h1")).to_have_text("Lise Aubry")

    page = open_context(bypass_csp=True).new_page()
    invitation = link_for(site, "lise.aubry@demo.example", "/invitation/")
    page.goto(invitation)
    expect(page.locator("#name")).to_have_value("Lise Aubry")
    assert look_at(page) == []
    page.fill("#password", "court")
    page.press("#password", "Enter")
    expect(page.locator(".error-summary")).to_be_focused()
    page.fill("#name", "Lise Aubry-Nguyen")
    page.fill("#password", "la fanfare du jeudi soir")
    page.press("#password", "Enter")
    page.wait_for_url(site.address + "/")
    expect(page.locator(".menu summary")).to_contain_text("Lise Aubry-Nguyen")
    sign_out(page)
    page.goto(invitation)
    expect(page.locator("main form")).to_have_count(0)

    page.goto("/sign-in")
    page.fill("#email", "lise.aubry@demo.example")
    page.click("button[formaction='/sign-in/link']")
    expect(page.locator("main")).to_contain_text("lise.aubry@demo.example")
    link = link_for(site, "lise.aubry@demo.example", "/link/")
    page.goto(link)
    assert look_at(page) == []
    page.click("main form button[type=submit]")
    page.wait_for_url(site.address + "/")
    expect(page.locator(".menu summary")).to_contain_text("Lise Aubry-Nguyen")

    # A link works once.
    other = open_context().new_page()
    assert other.goto(link).status == 410
    expect(other.locator("main form")).to_have_count(0)


def test_a_password_that_was_forgotten_is_chosen_again(open_context, site):
    page = open_context().new_page()
    page.goto("/sign-in")
    page.fill("#email", "board@demo.example")
    page.click("button[formaction='/reset-password']")
    page.goto(link_for(site, "board@demo.example", "/reset-password/"))
    page.fill("#password", site.password)
    page.press("#password", "Enter")
    page.wait_for_url(site.address + "/")
    expect(page.locator(".menu summary")).to_contain_text("Véronique Marchal")


def test_a_list_is_checked_then_imported(sign_in, open_context, site, tmp_path):
    page = sign_in("admin", bypass_csp=True)
    page.goto("/people/import")
    page.fill("#text", "courriel;nom;antenne\nana@demo.example;Ana Roux;rennes\npas une adresse;Bob;rennes\n")
    page.click("main form.form button[type=submit]")
    wrong = page.locator("main table tbody tr")
    expect(wrong).to_have_count(1)
    expect(wrong.locator("th")).to_have_text("3")
    expect(page.locator("button[name=confirm]")).to_have_count(0)
    assert look_at(page) == []

    file = tmp_path / "membres.csv"
    lines = "courriel;nom;antenne;langue", "ana@demo.example;Ana Roux;rennes;nl", "piet@demo.example;Piet Cœur;gand;nl"
    file.write_bytes("\r\n".join(lines).encode("cp1252"))
    page.goto("/people/import")
    page.set_input_files("#file", file)
    page.click("main form.form button[type=submit]")
    expect(page.locator(".figures dd").first).to_have_text("2")
    expect(page.locator("main")).to_contain_text("Piet Cœur")
    assert look_at(page) == []
    page.check("#mails_invitations")
    page.click("button[name=confirm]")
    page.wait_for_url(re.compile("/people$"))
    page.fill("#q", "coeur")
    page.press("#q", "Enter")
    expect(page.locator("main tbody tr")).to_have_count(1)
    expect(page.locator("main tbody tr")).to_contain_text("piet@demo.example")

    invited = open_context(locale="en").new_page()
    invited.goto(link_for(site, "piet@demo.example", "/invitation/"))
    expect(invited.locator("#name")).to_have_value("Piet Cœur")
    # Joining without a password is possible: links sign in.
    invited.click("main form button[type=submit]")
    invited.wait_for_url(site.address + "/")
    expect(invited.locator("html")).to_have_attribute("lang", "nl")

    page.goto("/people/import")
    page.set_input_files("#file", file)
    page.click("main form.form button[type=submit]")
    expect(page.locator("button[name=confirm]")).to_have_count(0)
    expect(page.locator(".notice-success")).to_be_visible()
