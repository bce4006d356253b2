"""A group writes together, freezes, compares and publishes; a visitor reads it on a phone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.browsers import PHONE, change_words, fill_in_sign_in, live_section, look_at, save

pytestmark = pytest.mark.browser

DRAFT = "/drafts/information-et-gouvernance"


Change = tuple[str, str]


def change_both(first: Page, second: Page, slug: str, change: Change, *changes: Change) -> None:
    """Let two people open one section, make their changes (old words, new words) and save, one after the other."""
    for page in (first, second):
        page.goto(f"{DRAFT}/live/{slug}/edit")
    change_words(first, *change)
    for other in changes:
        change_words(second, *other)
    save(first)
    expect(first.locator(".at-section .notice-success")).to_be_visible()
    save(second)


def test_edits_of_two_people_are_joined(sign_in):
    participant = sign_in("participant")
    change_both(
        sign_in("facilitator"),
        participant,
        "comptes-ouverts",
        ("Presque personne ne sait", "Une personne sur douze sait"),
        ("il est certifié", "il est certifié sans réserve"),
    )
    told = participant.locator(".at-section .notice-success")
    expect(told).to_contain_text("Maëlle Kerdoncuff")
    section = live_section(participant, "comptes-ouverts")
    expect(section).to_contain_text("Une personne sur douze sait")
    expect(section).to_contain_text("il est certifié sans réserve")

    told.locator("button[form=undo]").click()
    expect(section).not_to_contain_text("sans réserve")
    expect(section).to_contain_text("Une personne sur douze sait")


def test_where_two_people_changed_the_same_words_both_are_shown_and_one_chooses(sign_in):
    facilitator, participant = sign_in("facilitator"), sign_in("participant", bypass_csp=True)
    change_both(
        facilitator,
        participant,
        "langues-et-clarte",
        ("vingt-quatre membres", "trente membres"),
        ("vingt-quatre membres", "quarante membres"),
        ("On s’y inscrit pour un an.", "On s’y inscrit pour deux ans."),
    )

    clash = participant.locator(".clash")
    expect(clash).to_have_count(1)
    expect(clash).to_contain_text("trente")
    expect(clash).to_contain_text("quarante")
    expect(participant.locator("h1")).to_contain_text("Maëlle Kerdoncuff")
    assert "deux ans" in participant.locator("details textarea").input_value()
    assert look_at(participant) == []

    choose = participant.locator("button[value=resolve]")
    choose.click()
    expect(participant.locator(".error-summary")).to_be_focused()
    clash.locator("input[value=mine]").check()
    choose.click()
    section = live_section(participant, "langues-et-clarte")
    expect(participant.locator(".at-section .notice-success")).to_be_visible()
    expect(section).to_contain_text("quarante membres")
    expect(section).not_to_contain_text("trente membres")
    expect(section).to_contain_text("deux ans")


def test_both_texts_of_a_clash_can_be_edited_by_hand(sign_in):
    participant = sign_in("participant")
    change_both(
        sign_in("facilitator"),
        participant,
        "instances-lisibles",
        ("entre 17 et 20 heures", "entre 16 et 19 heures"),
        ("entre 17 et 20 heures", "entre 18 et 21 heures"),
    )
    participant.locator("button[value=by_hand]").click()
    change_words(participant, "entre 16 et 19 18 et 21 heures", "entre 16 et 21 heures")
    save(participant)
    expect(live_section(participant, "instances-lisibles")).to_contain_text("entre 16 et 21 heures")


def test_a_session_that_ended_loses_no_text(sign_in, site):
    page = sign_in("facilitator", bypass_csp=True)
    page.goto(f"{DRAFT}/live/repondre/edit")
    change_words(page, "Nous avons retrouvé les réponses", "À la cave, nous avons retrouvé les réponses")
    page.context.clear_cookies()
    save(page)
    expect(page.locator("textarea[readonly]")).to_have_value(re.compile("À la cave, nous avons retrouvé"))
    assert look_at(page) == []

    fill_in_sign_in(page, "facilitator", "not the password")
    expect(page.locator(".error-summary")).to_be_focused()
    fill_in_sign_in(page, "facilitator", site.password)
    expect(page.locator("textarea[readonly]")).to_have_value(re.compile("À la cave, nous avons retrouvé"))
    assert look_at(page) == []

    page.click("main form[action*=edit] button[type=submit]")
    expect(page.locator(".at-section .notice-success")).to_be_visible()
    expect(live_section(page, "repondre")).to_contain_text("À la cave, nous avons retrouvé les réponses")


def test_a_version_is_frozen_compared_published_and_read_on_a_phone(sign_in, open_context):
    page = sign_in("facilitator", bypass_csp=True)
    page.goto(f"{DRAFT}/live/mesurer/edit")
    change_words(page, "deux mi-temps de coordination", "trois mi-temps de coordination")
    save(page)
    page.locator(".reading-margin a[href$='/freeze']").click()
    expect(page.locator(".split")).to_contain_text("se donne les moyens")
    assert look_at(page) == []
    page.fill("#label", "Document de travail au 30/11/2026")
    page.fill("#note", "Trois mi-temps au lieu de deux.")
    page.click("main form.form button[type=submit]")
    page.wait_for_url(re.compile(r"/versions/\d+$"))
    number = int(page.url.rpartition("/")[2])
    about = page.locator(".about-text")
    expect(about).to_contain_text("Document de travail au 30/11/2026")
    expect(about).to_contain_text("Trois mi-temps au lieu de deux.")
    assert look_at(page) == []

    visitor = open_context(**PHONE, permissions=["clipboard-read", "clipboard-write"]).new_page()
    assert visitor.goto(f"{DRAFT}/versions/{number}").status == 404
    _compare(page, number)
    page.goto(f"{DRAFT}/versions/{number}")
    page.click("form[action$='/publish'] button")
    page.wait_for_url(re.compile(f"{DRAFT}$"))
    expect(page.locator("#mesurer")).to_contain_text("trois mi-temps de coordination")
    _read_on_a_phone(visitor)


def _compare(page: Page, number: int) -> None:
    page.locator(f".about-text a[href$='/versions/{number - 1}..{number}']").click()
    section = page.locator(".compared-inline #mesurer")
    expect(section.locator("del", has_text="deux")).to_have_count(1)
    expect(section.locator("ins", has_text="trois")).to_have_count(1)
    page.locator(".tabs a[href*='view=side']").click()
    row = page.locator(".compared-side #mesurer .side-row", has_text="mi-temps de coordination")
    expect(row.locator(".is-old del")).to_have_text("deux")
    expect(row.locator(".is-new ins")).to_have_text("trois")
    expect(row.locator(".is-old ins")).to_have_count(0)


def _read_on_a_phone(page: Page) -> None:
    page.goto("/drafts")
    page.locator(f"main a[href='{DRAFT}']").tap()
    expect(page.locator("h1")).to_be_in_viewport()
    contents = page.locator("#contents")
    expect(contents).not_to_be_visible()
    page.locator("[data-opens-sheet]").tap()
    expect(contents).to_be_visible()
    expect(contents).to_be_focused()
    contents.locator("a[href='#mesurer']").tap()
    expect(contents).not_to_be_visible()
    expect(page.locator("#mesurer h2").first).to_be_in_viewport()
    expect(page.locator("#mesurer")).to_contain_text("trois mi-temps de coordination")

    # A cross-reference leads to its measure, and a permanent link to it can be kept.
    page.locator("#mesurer a.reference[href='#instances-lisibles.permanences']").tap()
    measure = page.locator("[id='instances-lisibles.permanences']")
    expect(measure).to_be_in_viewport()
    measure.locator(".permalink").tap()
    expect(measure.locator(".copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.endswith(f"{DRAFT}#instances-lisibles.permanences")
    kept = page.context.new_page()
    kept.goto(link)
    expect(kept.locator("[id='instances-lisibles.permanences']")).to_be_in_viewport()
