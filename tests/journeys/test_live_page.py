"""The page on which a group writes: sections open in place, are saved, and followed by everybody who is there."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.browsers import PHONE, change_words, live_section, look_at, save
from tests.journeys.writing import DRAFT, done, press_write, state_is, text_of, type_behind, write_in

pytestmark = pytest.mark.browser


def test_three_people_write_in_one_section_one_of_them_by_the_plain_form(sign_in):
    ana, paul, yann = sign_in("facilitator"), sign_in("participant", **PHONE), sign_in("secretary")
    yann.goto(f"{DRAFT}/live/repondre/edit")
    here, there = write_in(ana, "repondre"), write_in(paul, "repondre")
    expect(live_section(ana, "repondre").locator(".live-here")).to_contain_text("écrit ici")
    expect(ana.locator("[data-live-count]")).to_have_text("2")

    type_behind(here, "Nous avons retrouvé", " (Ana)")
    type_behind(there, "retrouvé", " [Paul]")
    for text in (here, there):
        expect(text).to_contain_text("(Ana)")
        expect(text).to_contain_text("[Paul]")
    for page in (ana, paul):
        state_is(page, "saved")

    yann.fill("#text", f"{yann.input_value('#text')}\n\nYann ajoute un mot.")
    save(yann)
    expect(yann.locator(".at-section .notice-success")).to_be_visible()
    for text in (here, there):
        expect(text).to_contain_text("Yann ajoute un mot.")

    done(ana)
    section = live_section(ana, "repondre")
    expect(section.locator("[data-write]")).to_be_focused()
    for words in ("(Ana)", "[Paul]", "Yann ajoute un mot."):
        expect(section.locator("[data-live-body]")).to_contain_text(words)
    assert ana.url.endswith(f"{DRAFT}/live")
    type_behind(there, "Yann ajoute", " aussi")
    expect(section.locator("[data-live-body]")).to_contain_text("Yann ajoute aussi un mot.")


def test_a_reader_of_the_published_text_gets_to_the_same_section_open(sign_in):
    page = sign_in("participant")
    page.goto(DRAFT)
    page.locator("#accueil .section-tools a[href*='write=']").click()
    expect(text_of(page, "accueil")).to_be_focused()
    expect(live_section(page, "accueil").locator(".doc-heading")).to_be_in_viewport()
    page.reload()
    expect(text_of(page, "accueil")).to_be_focused()


def test_the_page_follows_the_arrangement_while_one_types(sign_in):
    ana, paul = sign_in("facilitator"), sign_in("participant")
    text = write_in(paul, "publier-les-decisions")
    paul.keyboard.type("Avant. ")
    before = text.evaluate("text => text.getBoundingClientRect().top")
    ana.goto(f"{DRAFT}/live/add")
    ana.fill("#title", "Toute nouvelle")
    ana.locator("main form button[type=submit]").click()
    ana.wait_for_url(re.compile("/edit$"))
    ana.fill("#text", "### Une mesure\n\nFraîche.")
    save(ana)

    new = live_section(paul, "toute-nouvelle")
    expect(paul.locator("#contents")).to_contain_text("Une mesure")
    expect(new.locator("[data-write]")).to_be_visible()
    ana.goto(f"{DRAFT}/live/toute-nouvelle/heading")
    ana.fill("#title", "Nouvelle, et renommée")
    ana.locator("main form button[type=submit]").first.click()
    expect(new.locator(".doc-heading")).to_contain_text("Nouvelle, et renommée")
    for _ in range(2):
        section = live_section(ana, "toute-nouvelle")
        section.locator(".arrange summary").click()
        section.locator("button", has=ana.locator("use[href$='#arrow-up']")).click()
        expect(ana.locator(".at-section .notice-success")).to_be_visible()
    order = paul.locator("[data-live-section]")
    place = order.evaluate_all("all => all.findIndex(one => one.dataset.slug === 'toute-nouvelle')")
    expect(order.nth(order.count() - 3)).to_have_attribute("data-slug", "toute-nouvelle")
    assert place <= order.count() - 2

    expect(text).to_be_focused()
    assert abs(text.evaluate("text => text.getBoundingClientRect().top") - before) < 3
    paul.keyboard.type("Après. ")
    expect(text).to_contain_text("Avant. Après. ")

    new.scroll_into_view_if_needed()
    expect(new).to_contain_text("Fraîche.")
    press_write(paul, "toute-nouvelle")
    paul.keyboard.type("Encore. ")
    state_is(paul, "saved")
    ana.goto(f"{DRAFT}/live")
    section = live_section(ana, "toute-nouvelle")
    section.locator(".arrange summary").click()
    section.locator("form[action$='/retire'] button").click()
    expect(paul.locator("[data-live-notes]")).to_contain_text("a été retirée du texte")
    gone = text_of(paul, "toute-nouvelle")
    expect(gone).to_have_attribute("contenteditable", "false")
    expect(gone).to_contain_text("Encore.")
    done(paul)
    expect(paul.locator("[data-slug='toute-nouvelle']")).to_have_count(0)
    expect(text).to_be_visible()


def test_a_frozen_version_is_told_calmly_and_writing_goes_on(sign_in):
    ana, paul = sign_in("facilitator"), sign_in("participant")
    text = write_in(paul, "comptes-ouverts")
    paul.keyboard.type("Avant la version. ")
    state_is(paul, "saved")
    ana.goto(f"{DRAFT}/freeze")
    ana.fill("#label", "Document de travail au 22/11/2026")
    ana.click("main form.form button[type=submit]")
    ana.wait_for_url(re.compile(r"/versions/\d+$"))
    note = paul.locator("[data-live-note='frozen']")
    expect(note).to_contain_text("Document de travail au 22/11/2026")
    note.locator("button").click()
    expect(note).to_have_count(0)
    text.focus()
    paul.keyboard.type("Et après. ")
    state_is(paul, "saved")
    expect(text).to_contain_text("Avant la version. Et après. ")


def test_whoever_may_only_read_follows_what_is_written(sign_in):
    ana, stef = sign_in("facilitator"), sign_in("steering")
    stef.goto(f"{DRAFT}/live")
    expect(stef.locator("[data-write]")).to_have_count(0)
    stef.locator("[data-live-follow]").click()
    expect(stef.locator("[data-live-bar]")).to_be_visible()
    live_section(stef, "introduction-rennes").scroll_into_view_if_needed()
    write_in(ana, "introduction-rennes")
    ana.keyboard.type("Pour qui suit. ")
    section = live_section(stef, "introduction-rennes")
    expect(section.locator(".live-here")).to_contain_text("Maëlle Kerdoncuff")
    expect(section).to_contain_text("Pour qui suit.")
    expect(stef.locator(".cm-editor")).to_have_count(0)


def test_who_wrote_what_is_shown_where_one_reads_and_where_one_writes(sign_in):
    ana, paul = sign_in("facilitator"), sign_in("participant", bypass_csp=True)
    write_in(ana, "introduction-gand")
    ana.keyboard.type("Maëlle écrit ceci. ")
    state_is(ana, "saved")
    paul.goto(f"{DRAFT}/live")
    paul.locator(".live-start [data-live-authors]").click()
    section = live_section(paul, "introduction-gand")
    expect(section.locator("[data-live-body] .by").first).to_have_text(re.compile("Maëlle écrit ceci"))
    legend = paul.locator(".live-legend")
    expect(legend).to_contain_text(re.compile("Maëlle Kerdoncuff.*%"))
    legend.locator("input").check()
    expect(section.locator(".by-name").first).to_be_visible()
    assert look_at(paul) == []

    press_write(paul, "introduction-gand")
    expect(section.locator(".cm-author").first).to_have_text(re.compile("Maëlle écrit ceci"))
    legend.locator("button").click()
    expect(section.locator(".cm-author")).to_have_count(0)
    expect(paul.locator(".by")).to_have_count(0)


def test_several_sections_are_open_at_once_and_axe_finds_nothing(sign_in):
    ana, paul = sign_in("facilitator"), sign_in("participant", bypass_csp=True)
    write_in(ana, "introduction")
    write_in(paul, "introduction")
    press_write(paul, "introduction-rennes")
    ana.keyboard.type("Bonjour. ")
    expect(text_of(paul, "introduction")).to_contain_text("Bonjour.")
    expect(paul.locator(".cm-person")).to_have_count(1)
    assert look_at(paul) == []
    paul.locator(".live-people summary").click()
    expect(paul.locator("[data-live-people] li")).to_have_count(2)
    assert look_at(paul) == []
    done(paul)
    expect(paul.locator(".is-written")).to_have_count(1)
    done(paul)
    expect(paul.locator(".is-written")).to_have_count(0)


def test_on_a_narrow_phone_the_bar_stands_at_the_foot_and_the_tools_at_the_top(sign_in):
    page = sign_in("participant", viewport={"width": 320, "height": 568}, has_touch=True, is_mobile=True)
    write_in(page, "mesurer")
    bar, tools = page.locator("[data-live-bar]"), page.locator(".editor-bar")
    page.mouse.wheel(0, 600)
    expect(tools).to_be_in_viewport()
    box, height = bar.bounding_box(), page.viewport_size["height"]
    assert abs(box["y"] + box["height"] - height) < 1
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    assert page.locator("[data-live-done]").bounding_box()["height"] >= 44


def test_a_plain_save_shows_at_once_where_somebody_writes(sign_in):
    ana, paul = sign_in("facilitator"), sign_in("participant")
    text = write_in(paul, "mesurer")
    ana.goto(f"{DRAFT}/live/mesurer/edit")
    first = re.split(r"(?<=\.)\s", ana.input_value("#text"))[0]
    change_words(ana, first, f"{first} Ajouté par le formulaire.")
    save(ana)
    expect(text).to_contain_text("Ajouté par le formulaire.")
    expect(text).to_be_focused()
