"""Nothing typed in the editor is lost: without a network, over reloads, ended sessions, and a killed server."""

import re
import sys
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.journeys.browsers import Site, enter, fill_in_sign_in, live_section
from tests.journeys.serving import Server

pytestmark = pytest.mark.browser

DRAFT = "/drafts/information-et-gouvernance"
LIVE = f"{DRAFT}/live"


def text(page: Page, slug: str) -> Locator:
    """What is in the editor of a section."""
    return live_section(page, slug).locator(".cm-content")


def write(page: Page, slug: str) -> Locator:
    """Open a section in the editor, with the cursor at its beginning."""
    if not page.url.endswith(LIVE):
        page.goto(LIVE)
    live_section(page, slug).locator("[data-write]").click()
    expect(text(page, slug)).to_be_focused()
    page.keyboard.press("Control+Home")
    return text(page, slug)


def state(page: Page) -> Locator:
    return page.locator("[data-live-state]")


def is_saved(page: Page) -> None:
    expect(state(page)).to_have_attribute("data-kind", "saved")


def is_unsaved(page: Page) -> None:
    expect(state(page)).to_have_attribute("data-kind", "unsaved")


def is_kept(page: Page) -> None:
    """Wait until this page opens without a network."""
    page.evaluate(
        """address => new Promise(done => {
      const look = async () => (await caches.match(address, {ignoreSearch: true})) ? done() : setTimeout(look, 50);
      look();
    })""",
        LIVE,
    )


def saved_text(page: Page, slug: str) -> str:
    """The text of a section as the server has it, in its plain form."""
    other = page.context.new_page()
    other.goto(f"{LIVE}/{slug}/edit?plain=1")
    value = other.input_value("#text")
    other.close()
    return value


def all_have_once(pages: tuple[Page, ...], slug: str, *words: str) -> None:
    """Wait until every page shows these words in a section; the server must have them, and nothing twice."""
    for page in pages:
        for each in words:
            expect(text(page, slug)).to_contain_text(each)
    kept = saved_text(pages[0], slug)
    assert [kept.count(each) for each in words] == [1] * len(words)


def test_typed_in_a_tunnel_reloaded_there_and_merged_on_return(sign_in: Callable[..., Page]):
    page, other = sign_in("facilitator"), sign_in("participant")
    slug = "comptes-ouverts"
    write(page, slug)
    write(other, slug)
    is_kept(page)
    page.context.set_offline(True)
    page.keyboard.type("Depuis le tunnel. ")
    is_unsaved(page)
    page.reload()
    expect(text(page, slug)).to_contain_text("Depuis le tunnel.")
    text(page, slug).press("Control+Home")
    page.keyboard.type("Encore là : ")
    is_unsaved(page)
    other.keyboard.press("Control+End")
    other.keyboard.type(" À la fin.")
    is_saved(other)

    page.context.set_offline(False)
    is_saved(page)
    all_have_once((page, other), slug, "Encore là", "Depuis le tunnel.", "À la fin.")


def type_and_close(page: Page, slug: str, words: str) -> str:
    """Type without a network and close the window: the words are on this device alone. Return where it was."""
    write(page, slug)
    is_kept(page)
    page.context.set_offline(True)
    page.keyboard.type(words)
    is_unsaved(page)
    address = page.url
    page.close()
    return address


def test_unsent_text_comes_back_after_the_window_was_closed(sign_in: Callable[..., Page]):
    page = sign_in("facilitator")
    context, slug = page.context, "langues-et-clarte"
    address = type_and_close(page, slug, "Avant de fermer. ")
    again = context.new_page()
    again.goto(address)
    expect(text(again, slug)).to_contain_text("Avant de fermer.")
    is_unsaved(again)
    context.set_offline(False)
    is_saved(again)
    assert saved_text(again, slug).startswith("Avant de fermer.")


def test_what_did_not_leave_goes_wherever_one_comes_from(sign_in: Callable[..., Page]):
    """Nobody remembers the address: the page of the text brings it all the same."""
    page = sign_in("facilitator")
    context, slug = page.context, "langues-et-clarte"
    type_and_close(page, slug, "Resté sur l’appareil. ")
    context.set_offline(False)
    again = context.new_page()
    again.goto(LIVE)
    expect(again.locator("[data-live-bar]")).to_be_visible()
    is_saved(again)
    assert saved_text(again, slug).count("Resté sur l’appareil.") == 1
    again.goto(LIVE)
    expect(again.locator("[data-live-start] [data-live-follow]")).to_be_visible()
    again.wait_for_timeout(500)
    expect(again.locator("[data-live-bar]")).not_to_be_visible()  # there is nothing to be done any more


@pytest.mark.skipif(sys.platform != "linux", reason="finds the server's processes in /proc")
def test_a_server_killed_in_the_middle_of_a_word_loses_nothing(sign_in: Callable[..., Page], server: Server):
    page, other = sign_in("facilitator"), sign_in("participant")
    slug = "instances-lisibles"
    write(page, slug)
    write(other, slug)
    other.keyboard.press("Control+End")
    page.keyboard.type("Un mot avant. ", delay=15)
    other.keyboard.type(" Une fin avant.", delay=15)
    page.keyboard.type("Au milieu d’un m")
    other.keyboard.type(" Coupé à la f")
    server.kill()
    page.keyboard.type("ot. ")
    other.keyboard.type("in.")
    is_unsaved(page)
    server.start()
    is_saved(page)
    is_saved(other)
    all_have_once((page, other), slug, "Un mot avant. Au milieu d’un mot.", "Une fin avant. Coupé à la fin.")


def test_a_session_that_ended_goes_on_where_the_same_person_signs_in_again(sign_in: Callable[..., Page], site: Site):
    page = sign_in("facilitator")
    slug = "comptes-ouverts"
    write(page, slug)
    page.context.set_offline(True)
    page.keyboard.type("Sans session. ")
    is_unsaved(page)
    page.context.clear_cookies()
    page.context.set_offline(False)
    again = page.locator("[data-live-why] a")
    expect(again).to_have_attribute("href", re.compile("^/sign-in"))
    expect(text(page, slug)).to_contain_text("Sans session.")
    page.keyboard.type("Et plus loin. ")
    with page.context.expect_page() as opened:
        again.click()
    fill_in_sign_in(opened.value, "facilitator", site.password)
    opened.value.wait_for_url(re.compile(LIVE))
    page.bring_to_front()
    is_saved(page)
    assert "Sans session. Et plus loin. " in saved_text(page, slug)


def test_signing_out_elsewhere_is_noticed_and_leaves_no_page_for_the_next_person(
    open_context: Callable[..., BrowserContext], site: Site
):
    context = open_context()
    page = enter(context, site, "facilitator")
    slug = "comptes-ouverts"
    write(page, slug)
    is_kept(page)
    other = context.new_page()
    other.goto("/")
    other.click(".menu summary")
    other.click(".menu-panel form button")
    expect(page.locator("[data-live-why] a")).to_have_attribute("href", re.compile("^/sign-in"))
    page.keyboard.type("Resté ici. ")
    is_unsaved(page)
    assert other.evaluate("caches.keys()") == []
    page.close()

    # Somebody else sees none of it; the writer finds it again.
    other.goto("/sign-in")
    fill_in_sign_in(other, "participant", site.password)
    other.wait_for_url(site.address + "/")
    write(other, slug)
    expect(text(other, slug)).not_to_contain_text("Resté ici.")
    other.close()
    context.clear_cookies()
    back = enter(context, site, "facilitator")
    write(back, slug)
    expect(text(back, slug)).to_contain_text("Resté ici.")
    back.wait_for_timeout(1_500)  # the bar waits a moment before it speaks of trouble
    is_saved(back)
    assert "Resté ici." in saved_text(back, slug)


def test_two_windows_of_one_person_without_a_network_double_nothing(sign_in: Callable[..., Page]):
    page = sign_in("facilitator")
    slug = "langues-et-clarte"
    write(page, slug)
    is_kept(page)
    page.context.set_offline(True)
    page.keyboard.type("Première fenêtre. ")
    is_unsaved(page)
    second = page.context.new_page()
    second.goto(page.url)
    expect(text(second, slug)).to_contain_text("Première fenêtre.")
    is_unsaved(second)
    text(second, slug).press("Control+End")
    second.keyboard.type(" Seconde fenêtre.")
    is_unsaved(second)
    page.keyboard.type("Encore. ")
    page.context.set_offline(False)
    is_saved(page)
    is_saved(second)
    all_have_once((page, second), slug, "Première fenêtre. Encore.", "Seconde fenêtre.")


def test_after_a_version_was_frozen_one_is_asked_and_nothing_is_dropped(sign_in: Callable[..., Page]):
    page, other = sign_in("participant"), sign_in("facilitator")
    slug = "comptes-ouverts"
    write(page, slug)
    page.context.set_offline(True)
    page.keyboard.type("Écrit trop tard. ")
    is_unsaved(page)
    write(other, "langues-et-clarte")  # there is something new to freeze, also where this is walked again
    other.keyboard.type("Un mot. ")
    is_saved(other)
    other.goto(f"{DRAFT}/freeze")
    other.fill("#label", "Document de travail")
    other.locator("main form button[type=submit]").last.click()
    other.wait_for_url(re.compile("/versions/"))
    page.context.set_offline(False)
    asked = page.locator("dialog .choose")
    expect(asked).to_have_count(1)
    expect(asked).to_contain_text("Écrit trop tard.")
    assert "Écrit trop tard." not in saved_text(page, slug)

    # Also after a reload; then it goes in.
    page.reload()
    expect(asked).to_have_count(1)
    asked.locator(".button-primary").click()
    is_saved(page)
    expect(text(page, slug)).to_contain_text("Écrit trop tard.")
    assert saved_text(page, slug).count("Écrit trop tard.") == 1


def test_a_browser_that_keeps_nothing_is_told_of(open_context: Callable[..., BrowserContext], site: Site):
    context = open_context()
    context.add_init_script(
        "Object.defineProperty(window, 'indexedDB', {get() { throw new DOMException('private'); }})"
    )
    page = enter(context, site, "facilitator")
    slug = "instances-lisibles"
    write(page, slug)
    context.set_offline(True)
    page.keyboard.type("Seulement dans cette page. ")
    is_unsaved(page)
    expect(page.locator("[data-live-why] strong")).to_be_visible()
    context.set_offline(False)
    is_saved(page)
    assert "Seulement dans cette page." in saved_text(page, slug)


def test_signing_out_leaves_no_copy_of_a_text_that_is_saved(open_context: Callable[..., BrowserContext], site: Site):
    page = enter(open_context(), site, "facilitator")
    write(page, "comptes-ouverts")
    is_kept(page)
    page.keyboard.type("Bien rangé. ")
    page.locator("[data-live-done]").click()
    expect(page.locator(".cm-content")).to_have_count(0)
    names = "indexedDB.databases().then(all => all.map(({name}) => name).filter(name => name.startsWith('sip.live.')))"
    page.goto("/")
    assert len(page.evaluate(names)) == 1
    page.click(".menu summary")
    page.click(".menu-panel form button")
    expect(page.locator("body")).to_have_attribute("data-person", "")
    for _ in range(100):
        if not page.evaluate(names):
            break
        page.wait_for_timeout(50)
    assert page.evaluate(names) == []
