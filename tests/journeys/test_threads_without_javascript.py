"""Taking part without JavaScript, on a phone: choose a passage, comment, reply, answer for the group, moderate."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.browsers import PHONE, look_at

pytestmark = pytest.mark.browser

DRAFT = "/drafts/information-et-gouvernance"
PLAIN = {"java_script_enabled": False}


def test_a_member_comments_the_group_answers_and_all_of_it_can_be_read(sign_in, open_context):
    member = sign_in("member", **PLAIN, **PHONE)
    member.goto(f"{DRAFT}/comptes-ouverts")
    paragraph = member.locator("#document p", has_text="Une première séance d’essai a réuni dix-neuf personnes")
    paragraph.locator(".beside-comment").tap()
    expect(member.locator(".about-passage")).to_contain_text("dix-neuf personnes à Rennes")
    member.locator("main form.form button[type=submit]").tap()
    expect(member.locator(".error-summary")).to_be_visible()
    member.check("input[name=kind][value=question]")
    member.fill("#text", "Où se tient la **prochaine** ?")
    member.locator("main form.form button[type=submit]").tap()
    member.wait_for_url(re.compile(r"/threads/\d+$"))
    address = member.url
    expect(member.locator(".notice-success")).to_be_visible()
    expect(member.locator(".comment strong")).to_have_text("prochaine")

    member.goto(f"{DRAFT}/comptes-ouverts")
    expect(paragraph.locator(".beside-count")).to_have_text(re.compile("1"))
    expect(member.locator("#discussion .thread-card", has_text="prochaine")).to_be_visible()

    secretary = sign_in("secretary", **PLAIN, **PHONE)
    secretary.goto("/")
    secretary.locator(".notice a[href*=discussion]").first.tap()
    secretary.locator(".thread-card", has_text="prochaine").locator(".thread-foot a").tap()
    secretary.check("input[name=disposition][value=answered]")
    secretary.fill("#disposition_reason", "À Gand, le 3 décembre.")
    secretary.locator(".desk form button[type=submit]").tap()
    expect(secretary.locator(".disposition")).to_contain_text("À Gand, le 3 décembre.")

    member.goto(address)
    expect(member.locator(".disposition")).to_contain_text("Youenn Le Goff")
    member.locator("details.resolve summary").tap()
    member.locator("details.resolve form button[type=submit]").tap()
    expect(member.locator("#reply")).to_have_count(0)

    visitor = open_context(**PLAIN, **PHONE).new_page()
    visitor.goto(f"{DRAFT}/discussion?section=comptes-ouverts")
    expect(visitor.locator(".thread-card", has_text="prochaine")).to_contain_text("À Gand, le 3 décembre.")


def test_a_passage_is_chosen_by_its_first_and_last_sentence(sign_in):
    page = sign_in("member", **PLAIN, **PHONE)
    page.goto(DRAFT)
    page.locator(".foot-bar .is-main").tap()
    page.locator(".choose-list a", has_text="accueille").tap()
    sentences = page.locator(".choose-block input")
    sentences.nth(0).check()
    sentences.nth(2).check()
    page.locator("button[name=choose]").tap()
    words = page.locator(".about-passage .passage").inner_text()
    assert words.startswith("On entre à L’Établi pour facturer.")
    assert "un contrat doit partir le lundi." in words


def test_a_position_is_taken_and_taken_back(sign_in):
    page = sign_in("participant", **PLAIN)
    page.goto(f"{DRAFT}/repondre")
    count = page.locator(".stance-in-favour .stance-count b")
    before = int(count.inner_text())
    page.locator(".stance-in-favour button").click()
    expect(count).to_have_text(str(before + 1))
    expect(page.locator(".stance-in-favour button")).to_have_attribute("aria-pressed", "true")
    page.locator(".stance-in-favour button").click()
    expect(count).to_have_text(str(before))


def test_a_moderator_lets_the_guest_through_and_may_hide_it(sign_in, open_context):
    page = sign_in("steering", **PLAIN)
    page.goto("/moderation")
    expect(page.locator(".waiting")).to_contain_text("Claire Marsac")
    page.locator(".waiting form button").click()
    expect(page.locator(".empty")).to_be_visible()
    visitor = open_context(**PLAIN).new_page()
    visitor.goto("/drafts/protections-communes/discussion")
    card = visitor.locator(".thread-card", has_text="Claire Marsac")
    expect(card).to_contain_text("Je tiens une petite librairie")
    page.goto(visitor.url)
    page.locator(".thread-card", has_text="Claire Marsac").locator(".thread-foot a").click()
    page.locator(".comment .more summary").click()
    page.locator(".more-tools a[href$='/hide']").click()
    page.fill("#reason", "Un essai.")
    page.locator("main form.form button[type=submit]").click()
    visitor.reload()
    expect(card).to_have_count(0)


def test_nothing_is_wrong_with_the_page_on_which_a_comment_is_changed(sign_in):
    page = sign_in("member", bypass_csp=True)
    page.goto(f"{DRAFT}/discussion/new")
    page.check("input[name=kind][value=remark]")
    page.fill("#text", "Merci pour ce travail.")
    page.locator("main form.form button[type=submit]").click()
    page.wait_for_url(re.compile(r"/threads/\d+"))
    page.locator(".comment .more summary").click()
    page.locator(".more-tools a[href$='/edit']").click()
    expect(page.locator("#text")).to_have_value("Merci pour ce travail.")
    assert look_at(page) == []
