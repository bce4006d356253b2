"""While one writes, nothing on the page jumps, reloads or goes silent."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.browsers import PHONE, live_section
from tests.journeys.writing import DRAFT, press_write, state_is, text_of, write_in

pytestmark = pytest.mark.browser


def top(text: Locator) -> float:
    return float(text.evaluate("text => text.getBoundingClientRect().top"))


def order(page: Page) -> list[str]:
    return list(page.locator("[data-live-section]").evaluate_all("all => all.map(one => one.dataset.slug)"))


def test_sections_are_moved_and_taken_out_without_closing_what_is_open(sign_in):
    page = sign_in("facilitator")
    text = write_in(page, "introduction")
    page.keyboard.type("Avant de ranger. ")
    page.evaluate("window.isTheSamePage = true")
    section = live_section(page, "conclusion")
    before = order(page)
    section.locator(".arrange summary").click()
    up = section.locator("button", has=page.locator("use[href$='#arrow-up']"))
    place = top(section)
    up.click()
    note = page.locator("[data-live-note='arranged']")
    expect(note).to_contain_text("est déplacée")
    moved = order(page)
    assert moved.index("conclusion") == before.index("conclusion") - 1
    expect(up).to_be_focused()
    assert abs(top(section) - place) < 3
    down = section.locator("button", has=page.locator("use[href$='#arrow-down']"))
    for step, tool in [(2, up), (1, down), (0, down)]:
        tool.press("Enter")
        place_now = page.locator("[data-live-section]").nth(before.index("conclusion") - step)
        expect(place_now).to_have_attribute("data-slug", "conclusion")
        if step:
            expect(tool).to_be_focused()
            expect(tool).not_to_have_attribute("aria-busy", "true")
    assert order(page) == before

    section.locator("form[action$='/retire'] button").click()
    expect(section).to_have_count(0)
    expect(note).to_contain_text("retirée du texte")
    note.locator("button").first.click()
    expect(section).to_be_visible()
    assert page.evaluate("window.isTheSamePage")
    text.focus()
    page.keyboard.type("Et après. ")
    state_is(page, "saved")
    expect(text).to_contain_text("Avant de ranger. Et après.")


def test_whoever_writes_on_before_the_answer_comes_is_left_there(sign_in):
    """Neither is the focus drawn from the text, nor does a space that was meant for it press what has it instead."""
    page = sign_in("facilitator")
    text = write_in(page, "introduction")
    section, note = live_section(page, "conclusion"), page.locator("[data-live-note='arranged']")
    waiting = []
    for address in ("retire", "bring-back"):
        page.route(f"**/{address}", lambda route: waiting.append(route))
    section.locator(".arrange summary").click()
    page.route("**/move", lambda route: waiting.append(route))
    up = section.locator("button", has=page.locator("use[href$='#arrow-up']"))
    place = up.locator("xpath=..").locator("input[name=place]")
    before = int(place.input_value())
    with page.expect_request(lambda request: request.method == "POST"):
        up.press("Enter")
    section.locator("form[action$='/retire'] button").focus()  # among the tools nobody writes: they are renewed
    waiting.pop().continue_()
    expect(place).to_have_value(str(before - 1))
    expect(up).to_be_focused()
    for press, typed, told, seen in (
        (section.locator("form[action$='/retire'] button"), "Un mot de plus. ", "retirée du texte", False),
        (note.locator("button").first, "Et encore un. ", "de retour", True),
    ):
        with page.expect_request(lambda request: request.method == "POST"):
            press.click()
        text.focus()
        page.keyboard.type(typed)
        waiting.pop().continue_()
        expect(note).to_contain_text(told)
        expect(section).to_have_count(int(seen))
        page.keyboard.type(typed)
        expect(text).to_contain_text(typed * 2)
    state_is(page, "saved")
    page.reload()
    expect(section).to_be_visible()


def test_a_move_that_does_not_reach_the_server_is_told_and_the_page_stays(sign_in):
    page = sign_in("facilitator")
    text = write_in(page, "introduction")
    section = live_section(page, "conclusion")
    section.locator(".arrange summary").click()
    page.context.set_offline(True)
    section.locator("button", has=page.locator("use[href$='#arrow-up']")).click()
    expect(page.locator("[data-live-note='arranged']")).to_contain_text("rien n’a changé")
    expect(text).to_be_visible()
    page.context.set_offline(False)


def test_the_text_stays_in_place_when_people_come_notes_appear_and_authors_are_shown(sign_in):
    ana, paul = sign_in("facilitator"), sign_in("participant", **PHONE)
    text = write_in(paul, "mesurer")
    write_in(ana, "mesurer")
    state_is(paul, "saved")
    expect(live_section(paul, "mesurer").locator(".live-here")).to_be_visible()
    place = top(text)
    wide = press_write(ana, "introduction")
    expect(live_section(paul, "introduction").locator(".live-here")).to_contain_text("écrit ici")
    assert abs(top(text) - place) < 3
    paul.locator(".live-people summary").click()
    expect(paul.locator("[data-live-people] li", has_text="(vous)")).to_contain_text("écrit dans")
    paul.locator(".live-people [data-live-authors]").click()
    expect(paul.locator(".live-legend")).to_have_count(1)
    expect(paul.locator(".live-people")).not_to_have_attribute("open", "")
    expect(paul.locator(".live-people summary")).to_be_focused()
    assert abs(top(text) - place) < 3

    ana.keyboard.press("Control+End")
    ana.context.set_offline(True)
    ana.keyboard.type("x")
    before = top(wide)
    expect(ana.locator("[data-live-why]")).to_be_hidden()
    expect(ana.locator("[data-live-why]")).to_be_visible()
    assert abs(top(wide) - before) < 3
    ana.context.set_offline(False)
    state_is(ana, "saved")


def test_with_a_keyboard_on_a_small_screen_the_bar_is_one_row(sign_in):
    page = sign_in("participant", viewport={"width": 320, "height": 568}, has_touch=True, is_mobile=True)
    write_in(page, "mesurer")
    page.context.set_offline(True)
    page.keyboard.type("x")
    state_is(page, "unsaved")
    bar = page.locator("[data-live-bar]")
    assert bar.bounding_box()["height"] > 80
    page.set_viewport_size({"width": 320, "height": 300})
    expect(page.locator("[data-live-why]")).to_be_hidden()
    assert bar.bounding_box()["height"] < 60
    expect(page.locator("[data-live-words]")).to_contain_text("Pas encore enregistré")
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.context.set_offline(False)
    state_is(page, "saved")


def test_what_was_decided_about_a_text_is_told_once_the_question_is_gone(sign_in):
    ana, paul = sign_in("facilitator"), sign_in("participant")
    write_in(paul, "accueil")
    paul.context.set_offline(True)
    paul.keyboard.type("Écrit en route. ")
    state_is(paul, "unsaved")
    ana.goto(f"{DRAFT}/freeze")
    ana.fill("#label", "Document de travail")
    ana.locator("main form.form button[type=submit]").click()
    ana.wait_for_url("**/versions/*")
    paul.context.set_offline(False)
    expect(paul.locator(".live-dialog h2")).to_be_focused()
    paul.locator(".live-dialog .choose .button-secondary").click()
    note = paul.locator("[data-live-note='settled']")
    expect(note).to_contain_text("gardé à part")
    expect(text_of(paul, "accueil")).to_be_focused()
    note.locator("button").first.click()
    expect(paul.locator(".live-dialog textarea")).to_have_value("Écrit en route. " + _rest(paul))
    paul.keyboard.press("Escape")
    expect(paul.locator(".live-people summary")).to_be_focused()


def _rest(page: Page) -> str:
    return str(page.locator(".live-dialog textarea").input_value()).removeprefix("Écrit en route. ")
