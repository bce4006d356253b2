"""Writing together when something fails: no connection, no session, no right any more, no editor. No word is lost."""

import re

import pytest
from playwright.sync_api import WebSocketRoute, expect

from tests.journeys.browsers import fill_in_sign_in, live_section, save
from tests.journeys.writing import DRAFT, keep_page, key_of, state_is, text_of, write_in

pytestmark = pytest.mark.browser


def test_what_is_typed_without_a_connection_outlives_the_page(sign_in):
    ana, paul = sign_in("facilitator"), sign_in("participant")
    text = write_in(paul, "instances-lisibles")
    state_is(paul, "saved")
    expect(paul.locator("[data-live-count]")).to_have_text("1")
    keep_page(paul)
    paul.context.set_offline(True)
    paul.keyboard.type("Écrit dans le train. ")
    state_is(paul, "unsaved")
    expect(paul.locator("[data-live-why]")).to_contain_text("Pas de connexion")
    other = write_in(ana, "instances-lisibles")
    ana.keyboard.press("Control+End")
    ana.keyboard.type(" Écrit au bureau.")
    state_is(ana, "saved")

    paul.reload()
    expect(text_of(paul, "instances-lisibles")).to_contain_text("Écrit dans le train.")
    state_is(paul, "unsaved")
    paul.context.set_offline(False)
    state_is(paul, "saved")
    for each in (text, other):
        expect(each).to_contain_text("Écrit dans le train.")
        expect(each).to_contain_text("Écrit au bureau.")


def test_saved_is_said_only_once_the_server_has_said_so(sign_in):
    page = sign_in("participant")
    held, isolated = [], {"now": False}

    def between(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        held.append(socket)
        server.on_message(lambda frame: None if isolated["now"] else socket.send(frame))

    page.route_web_socket("**/live/socket*", between)
    text = write_in(page, "introduction-gand")
    state_is(page, "saved")
    isolated["now"] = True
    page.keyboard.type("Sans réponse. ")
    state_is(page, "saving")
    page.wait_for_timeout(2_000)
    state_is(page, "saving")
    expect(page.locator("[data-live-state]")).to_have_attribute("data-kind", "unsaved")
    expect(page.locator("[data-live-why]")).to_contain_text("Le serveur n’enregistre rien")
    isolated["now"] = False
    held[-1].close(code=1012)
    expect(page.locator("[data-live-state]")).to_have_attribute("data-kind", "saved")
    expect(page.locator("[data-live-why]")).to_be_hidden()
    assert text.inner_text().count("Sans réponse.") == 1


def test_whoever_was_signed_out_signs_in_elsewhere_and_goes_on(sign_in, site):
    page = sign_in("participant")
    text = write_in(page, "langues-et-clarte")
    page.context.set_offline(True)
    page.context.clear_cookies()
    page.context.set_offline(False)
    page.keyboard.type("Sans session. ")
    why = page.locator("[data-live-why]")
    expect(why.locator("a[href^='/sign-in']")).to_be_visible(timeout=20_000)
    state_is(page, "unsaved")
    with page.context.expect_page() as opened:
        why.locator("a").click()
    other = opened.value
    fill_in_sign_in(other, "participant", site.password)
    other.wait_for_url(re.compile("/live$"))
    page.bring_to_front()
    state_is(page, "saved")
    expect(why).to_be_hidden()
    expect(text).to_contain_text("Sans session.")
    other.reload()
    expect(live_section(other, "langues-et-clarte")).to_contain_text("Sans session.")


def test_whoever_loses_the_right_to_write_stops_at_once_and_loses_no_word(sign_in):
    ana, yann = sign_in("facilitator"), sign_in("secretary")
    text = write_in(yann, "accueil")
    yann.keyboard.type("Mes derniers mots. ")
    state_is(yann, "saved")
    name = yann.locator(".site-header .menu summary").inner_text().strip()
    ana.goto("/groups/rennes/members")
    row = ana.locator("li", has_text=name).locator("details")
    row.locator("summary").click()
    row.locator("button.button-danger").click()
    row.locator(".second-step .button-danger").click()
    expect(text).to_have_attribute("contenteditable", "false")
    yann.keyboard.type("De trop.")
    expect(text).to_contain_text("Mes derniers mots.")
    expect(text).not_to_contain_text("De trop.")
    expect(yann.locator("[data-live-notes], [data-live-why]").filter(visible=True)).not_to_have_count(0)


def test_where_the_editor_does_not_load_the_plain_form_opens_and_says_so(sign_in):
    page = sign_in("participant")
    page.route("**/dist/editor.js*", lambda route: route.abort())
    page.goto(f"{DRAFT}/live")
    live_section(page, "mesurer").locator("[data-write]").click()
    page.wait_for_url(re.compile(r"/live/mesurer/edit\?plain=1$"))
    expect(page.locator("main .notice").first).to_contain_text("formulaire simple")


def test_where_no_socket_comes_through_the_plain_form_opens(sign_in):
    page = sign_in("participant")
    page.route_web_socket("**/live/socket*", lambda socket: socket.close(code=3000))
    page.goto(f"{DRAFT}/live?write={key_of(page, 'mesurer')}")
    page.wait_for_url(re.compile(r"/live/mesurer/edit\?plain=1$"))


def test_what_was_typed_goes_along_to_the_plain_form_and_is_not_sent_twice(sign_in):
    page = sign_in("participant")
    write_in(page, "mesurer")
    page.keyboard.type("Une fois. ")
    state_is(page, "saved")
    page.wait_for_timeout(1_500)  # what is kept of others' text is written a moment later
    page.route_web_socket("**/live/socket*", lambda socket: socket.close(code=3000))
    page.reload()
    expect(text_of(page, "mesurer")).to_contain_text("Une fois.")
    page.keyboard.type("Sans liaison. ")
    button = page.locator("[data-live-why] button")
    expect(button).to_be_visible(timeout=40_000)
    state_is(page, "unsaved")
    button.click()
    page.wait_for_url(re.compile(r"/edit\?plain=1$"))
    expect(page.locator("#text")).to_have_value(re.compile("Sans liaison. "))
    save(page)
    expect(page.locator(".at-section .notice-success")).to_be_visible()

    again = page.context.new_page()
    written = write_in(again, "mesurer")
    state_is(again, "saved")
    again.wait_for_timeout(1_000)
    assert written.inner_text().count("Sans liaison.") == 1
