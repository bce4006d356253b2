"""The same way without JavaScript: write, arrange, freeze, read on a phone, choose language and colours."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.browsers import PHONE, change_words, fill_in_sign_in, live_section, save

pytestmark = pytest.mark.browser

DRAFT = "/drafts/information-et-gouvernance"
PLAIN = {"java_script_enabled": False}


def test_a_section_is_previewed_written_and_taken_back(sign_in):
    page = sign_in("facilitator", **PLAIN)
    page.goto(f"{DRAFT}/live")
    live_section(page, "accueil").locator("a.edit-link").click()
    change_words(page, "poussé la porte", "**poussé deux fois** la porte")
    page.click("button[value=preview]")
    expect(page.locator("#preview strong", has_text="poussé deux fois")).to_be_visible()
    expect(page.locator("#text")).to_have_value(re.compile("deux fois"))
    save(page)
    section = live_section(page, "accueil")
    expect(section.locator(".notice-success")).to_be_visible()
    expect(section).to_contain_text("poussé deux fois la porte")
    section.locator("button[form=undo]").click()
    expect(section).to_contain_text("poussé la porte")


def test_two_texts_that_clash_are_put_together(sign_in):
    page, other = sign_in("facilitator", **PLAIN), sign_in("participant", **PLAIN)
    for each in (page, other):
        each.goto(f"{DRAFT}/live/accueil/edit")
    change_words(page, "la première facture payée", "le premier devis signé")
    change_words(other, "la première facture payée", "la première fiche de paie")
    save(other)
    save(page)
    expect(page.locator(".clash")).to_have_count(1)
    page.check("input[value=theirs]")
    page.click("button[value=resolve]")
    section = live_section(page, "accueil")
    expect(section).to_contain_text("la première fiche de paie")
    expect(section).not_to_contain_text("le premier devis signé")


def test_a_session_that_ended_loses_no_text(sign_in, site):
    page = sign_in("facilitator", **PLAIN)
    page.goto(f"{DRAFT}/live/accueil/edit")
    change_words(page, "le premier ennui", "le premier vrai ennui")
    page.context.clear_cookies()
    save(page)
    fill_in_sign_in(page, "facilitator", site.password)
    page.click("main form[action*=edit] button[type=submit]")
    expect(live_section(page, "accueil")).to_contain_text("le premier vrai ennui")


def test_sections_are_added_moved_taken_out_and_the_text_is_frozen(sign_in):
    page = sign_in("facilitator", **PLAIN)
    page.goto(f"{DRAFT}/live/add")
    page.click("main form.form button[type=submit]")
    expect(page.locator(".error-summary a[href='#title']")).to_be_visible()
    page.fill("#title", "Un essai sans script")
    page.click("main form.form button[type=submit]")
    page.fill("#text", "Nous essayons.")
    save(page)
    added = live_section(page, "un-essai-sans-script")
    expect(added).to_contain_text("Nous essayons.")

    sections = page.locator(".live-section")
    last = sections.count() - 1
    expect(sections.nth(last)).to_contain_text("Un essai sans script")
    added.locator(".arrange summary").click()
    added.locator("form[action$='/move'] button").click()
    expect(sections.nth(last - 1)).to_contain_text("Un essai sans script")
    added.locator("button[form=undo]").click()
    expect(sections.nth(last)).to_contain_text("Un essai sans script")
    added.locator(".arrange summary").click()
    added.locator("a[href$='/move']").click()
    page.select_option("#after", "0")
    page.click("main form.form button[type=submit]")
    expect(sections.nth(0)).to_contain_text("Un essai sans script")

    added.locator(".arrange summary").click()
    added.locator("form[action$='/retire'] button").click()
    expect(added).to_have_count(0)
    page.click("#retired summary")
    page.click("#retired form[action$='/bring-back'] button")
    expect(added).to_contain_text("Nous essayons.")

    page.locator(".reading-margin a[href$='/freeze']").click()
    page.fill("#label", "Sans script")
    page.click("main form.form button[type=submit]")
    page.wait_for_url(re.compile(r"/versions/\d+$"))
    expect(page.locator("#un-essai-sans-script")).to_contain_text("Nous essayons.")
    page.goto(f"{DRAFT}/versions")
    page.select_option("#choose-old", "1")
    page.click("main form.filters button")
    page.wait_for_url(re.compile(r"/versions/1\.\.\d+$"))
    expect(page.locator(".compared #un-essai-sans-script")).to_contain_text("Nous essayons.")


def test_a_visitor_reads_on_a_phone(open_context):
    page = open_context(**PLAIN, **PHONE).new_page()
    page.goto(DRAFT)
    words = page.locator(".stage-words")
    expect(words).not_to_be_visible()
    page.locator(".stage-fold summary").tap()
    expect(words).to_be_visible()

    contents = page.locator("#contents")
    expect(contents).not_to_be_visible()
    page.locator("[data-opens-sheet]").tap()
    expect(contents).to_be_visible()
    page.tap(".contents-close")
    expect(contents).not_to_be_visible()
    page.locator("[data-opens-sheet]").tap()
    contents.locator("a[href='#repondre']").tap()
    expect(contents).not_to_be_visible()
    expect(page.locator("#repondre h2").first).to_be_in_viewport()


def test_language_and_colours_are_chosen_in_the_footer(open_context):
    page = open_context(**PLAIN).new_page()
    page.goto(DRAFT)
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    paper = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    page.click("button[name=language][value=nl]")
    expect(page.locator("html")).to_have_attribute("lang", "nl")
    page.click("button[name=theme][value=dark]")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") != paper
    # Both stay, and one is led back to where one was; the text itself is not translated.
    assert page.url.endswith(DRAFT)
    expect(page.locator("#document, .reading-text").first).to_contain_text("savoir pour décider")
    page.goto("/cycles")
    expect(page.locator("html")).to_have_attribute("lang", "nl")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_what_cannot_be_undone_works_without_its_second_step(sign_in):
    page = sign_in("member", **PLAIN)
    page.goto("/me/profile")
    page.click("form[action$='/sign-out/everywhere'] button")
    expect(page.locator(".account a[href*='sign-in']")).to_be_visible()
