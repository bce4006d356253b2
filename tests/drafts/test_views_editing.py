"""Writing without scripts: one form a section, several people at once, nothing lost."""

import re

import pytest

from sip.core.db import db
from sip.cycles.stages import Stage
from sip.drafts import checking
from sip.drafts.actions import arranging
from sip.drafts.actions.text import edit_section
from sip.drafts.models import SectionKind
from sip.people.passwords import hash_password
from tests.drafts.forms_in_pages import action_of, fill, form_with, send, undo

PASSWORD = "trois pommes et un vélo"


def test_the_form_holds_the_text_twice_to_write_in_and_to_begin_from(client, house, sign_in):
    sign_in(house.people["participant"])
    form = form_with(client.get(house.edit_address(0)), "text")
    assert form["text"] == form["began_from"] == house.draft.living_sections[0].body


def test_a_text_is_saved_and_who_wrote_it_is_shown(client, house, sign_in):
    sign_in(house.people["participant"])
    answer = fill(client, house.edit_address(1), "text", text="Un début.\r\n\r\n### La carte {#carte}\r\n\r\nPlus.")
    assert answer.status_code == 303
    assert answer.location == f"{house.address}/live?at={house.section_now(1).key}#rendre-visible"
    assert house.section_now(1).body == "Un début.\n\n### La carte {#carte}\n\nPlus."
    page = client.get(f"{house.address}/live")
    assert "Saved. The group sees it at once" in page.text
    assert f'data-kept-saved="section:{house.section_now(1).key}"' in page.text
    assert "Paul Participe, " in page.text
    assert list(checking.problems()) == []


def test_a_text_goes_under_nobody_elses_name(client, house, sign_in):
    """Two people at one computer: the form of the one is still open when the other has signed in."""
    sign_in(house.people["participant"])
    opened = client.get(house.edit_address(0))
    sign_in(house.people["other participant"])
    token = form_with(client.get(house.edit_address(0)), "text")["csrf_token"]
    before = house.section_now(0).body
    fields = {**form_with(opened, "text"), "text": "Les mots de Paul.\n\nEn deux lignes."}
    for sent in (fields, {**fields, "csrf_token": token}):
        refused = client.post(house.edit_address(0), data=sent)
        assert refused.status_code == 422
        assert "Somebody else began this text" in refused.text
        assert "Les mots de Paul." in refused.text
        assert "Send it now" not in refused.text
        assert house.section_now(0).body == before
    sign_in(house.people["participant"])
    token = form_with(client.get(house.edit_address(0)), "text")["csrf_token"]
    assert client.post(house.edit_address(0), data={**fields, "csrf_token": token}).status_code == 303


def test_the_form_keeps_a_first_empty_line(client, house, sign_in):
    sign_in(house.people["participant"])
    fill(client, house.edit_address(0), "text", text="\n\nTexte")
    assert form_with(client.get(house.edit_address(0)), "text")["text"] == "\n\nTexte"


def test_texts_of_two_people_are_joined_where_they_touch_different_passages(client, house, sign_in):
    sign_in(house.people["participant"])
    opened = client.get(house.edit_address(0))
    sign_in(house.people["other participant"])
    body = house.draft.living_sections[0].body
    fill(client, house.edit_address(0), "text", text=body.replace("Un second", "Le second"))
    sign_in(house.people["participant"])
    answer = send_as(client, house, "participant", sign_in, opened, text=body + "\n\nEt un troisième.")
    assert answer.status_code == 303
    assert house.section_now(0).body == body.replace("Un second", "Le second") + "\n\nEt un troisième."
    page = client.get(answer.location)
    assert "Your text was joined with what Bea Aussi wrote meanwhile" in page.text


def send_as(client, house, role, sign_in, opened, **values):
    """Send a form that `role` opened before somebody else used this browser."""
    sign_in(house.people[role])
    token = form_with(client.get(house.edit_address(0)), "text")["csrf_token"]
    return send(client, opened, "text", csrf_token=token, **values)


@pytest.fixture
def clash(client, house, sign_in):
    """The page that shows two texts: Bea wrote « Le premier », Paul « Notre premier », and Paul changed more."""
    body = "Un premier paragraphe.\n\nUn second paragraphe."
    edit_section(house.people["facilitator"], house.draft.living_sections[0], house.draft.living_sections[0].body, body)
    db.session.commit()
    sign_in(house.people["participant"])
    opened = client.get(house.edit_address(0))
    edit_section(
        house.people["other participant"], house.section_now(0), body, body.replace("Un premier", "Le premier")
    )
    db.session.commit()
    mine = body.replace("Un premier", "Notre premier").replace("Un second", "Et le second")
    return send_as(client, house, "participant", sign_in, opened, text=mine)


def test_a_clash_shows_both_texts_and_saves_nothing(clash, house):
    assert clash.status_code == 409
    assert "You and Bea Aussi changed the same words" in clash.text
    assert "Passage 1 of 1" in clash.text
    assert "Notre" in clash.text
    assert "Le premier" in form_with(clash, "theirs")["theirs"]
    assert house.section_now(0).body == "Le premier paragraphe.\n\nUn second paragraphe."


@pytest.mark.parametrize(
    ("choice", "first"), [("mine", "Notre premier"), ("theirs", "Le premier"), ("both", "Le Notre premier")]
)
def test_a_clash_is_resolved_by_choosing(client, clash, house, choice, first):
    answer = send(client, clash, "theirs", action="resolve", **{"clash-0": choice})
    assert answer.status_code == 303
    assert house.section_now(0).body == f"{first} paragraphe.\n\nEt le second paragraphe."


def test_a_clash_without_a_choice_asks_again_and_loses_nothing(client, clash, house):
    answer = send(client, clash, "theirs", action="resolve")
    assert answer.status_code == 422
    assert "Choose a text for each passage" in answer.text
    fields = form_with(answer, "theirs")
    before = form_with(clash, "theirs")
    assert {name: fields[name] for name in ("text", "theirs", "began_from")} == {
        name: before[name] for name in ("text", "theirs", "began_from")
    }
    assert send(client, answer, "theirs", action="resolve", **{"clash-0": "mine"}).status_code == 303


def test_a_clash_can_be_edited_by_hand_with_both_texts_in_it(client, clash, house):
    answer = send(client, clash, "theirs", action="by_hand")
    assert answer.status_code == 200
    assert "data-not-saved" in answer.text
    form = form_with(answer, "text")
    assert form["text"] == "Le Notre premier paragraphe.\n\nEt le second paragraphe."
    answer = send(client, answer, "text", text="Notre tout premier paragraphe.\n\nEt le second paragraphe.")
    assert answer.status_code == 303
    assert house.section_now(0).body == "Notre tout premier paragraphe.\n\nEt le second paragraphe."


def test_who_writes_while_a_clash_is_resolved_is_joined_too(client, clash, house):
    section = house.section_now(0)
    edit_section(house.people["other participant"], section, section.body, section.body + "\n\nEncore Bea.")
    db.session.commit()
    answer = send(client, clash, "theirs", action="resolve", **{"clash-0": "mine"})
    assert answer.status_code == 303
    assert house.section_now(0).body == "Notre premier paragraphe.\n\nEt le second paragraphe.\n\nEncore Bea."


def test_a_second_clash_shows_both_texts_again(client, clash, house):
    section = house.section_now(0)
    edit_section(house.people["other participant"], section, section.body, section.body.replace("Le", "Ce"))
    db.session.commit()
    answer = send(client, clash, "theirs", action="resolve", **{"clash-0": "mine"})
    assert answer.status_code == 409
    assert "Ce premier" in form_with(answer, "theirs")["theirs"]
    assert "Notre premier" in form_with(answer, "theirs")["text"]


def test_an_edit_is_taken_back_and_what_others_did_since_stays(client, house, sign_in):
    sign_in(house.people["participant"])
    body = house.section_now(0).body
    page = client.get(fill(client, house.edit_address(0), "text", text=body.replace("Un second", "Mon")).location)
    section = house.section_now(0)
    edit_section(house.people["other participant"], section, section.body, section.body + "\n\nEt Bea.")
    db.session.commit()
    answer = undo(client, page)
    assert answer.status_code == 303
    assert house.section_now(0).body == body + "\n\nEt Bea."
    page = client.get(answer.location)
    assert "Your change is taken back." in page.text
    assert undo(client, page).status_code == 303  # and that can be taken back too
    assert house.section_now(0).body == body.replace("Un second", "Mon") + "\n\nEt Bea."
    assert list(checking.problems()) == []


def test_an_edit_that_others_wrote_into_is_not_taken_back_silently(client, house, sign_in):
    sign_in(house.people["participant"])
    body = house.section_now(0).body
    page = client.get(fill(client, house.edit_address(0), "text", text=body.replace("Un second", "Mon beau")).location)
    section = house.section_now(0)
    edit_section(
        house.people["other participant"], section, section.body, section.body.replace("Mon beau", "Mon grand")
    )
    db.session.commit()
    answer = undo(client, page)
    assert "Others have changed the same words since" in client.get(answer.location).text
    assert "Mon grand" in house.section_now(0).body
    # Nor is what somebody else wrote.
    sign_in(house.people["other participant"])
    token = form_with(client.get(house.edit_address(0)), "text")["csrf_token"]
    address = f"{house.address}/live/introduction/undo"
    number = re.search(r'name="update" value="(\d+)"', page.text)[1]
    for update in (number, "", "x", "9" * 30, "999999"):
        assert client.post(address, data={"csrf_token": token, "update": update}).status_code == 404


def test_a_preview_shows_the_text_and_saves_nothing(client, house, sign_in):
    sign_in(house.people["participant"])
    before = house.section_now(1).body
    answer = fill(
        client, house.edit_address(1), "text", action="preview",
        text="Voir la [[budget-local]] et [[nulle-part]].\n\n### Neuve\n\n<b>x</b>",
    )  # fmt: skip
    assert answer.status_code == 200
    preview = answer.text.partition('<section id="preview"')[2]
    assert "recommandation 2</a>" in preview
    assert '<span class="broken-reference">[[nulle-part]]</span>' in preview
    assert '<span class="doc-letter">a.</span> <span class="doc-title">Neuve</span>' in preview
    assert "&lt;b&gt;x&lt;/b&gt;" in preview
    assert form_with(answer, "text")["text"].startswith("Voir la")
    assert form_with(answer, "text")["began_from"] == before
    assert house.section_now(1).body == before


def test_the_editor_offers_references_to_copy(client, house, sign_in):
    sign_in(house.people["participant"])
    text = client.get(house.edit_address(0)).text
    assert "<code>[[budget-local]]</code> <span>2. Budget local</span>" in text
    assert "<code>[[budget-local#caisse]]</code> <span>2.b La caisse</span>" in text


@pytest.mark.parametrize("action", ["save", "preview"])
def test_too_long_a_text_is_told_and_stays(client, house, sign_in, action):
    sign_in(house.people["participant"])
    answer = fill(client, house.edit_address(0), "text", text="é" * 200_001, action=action)
    assert answer.status_code == 422
    assert "200,001 characters, 200,000 are possible" in answer.text
    assert form_with(answer, "text")["text"] == "é" * 200_001
    assert len(house.section_now(0).body) < 200


def test_hostile_fields_do_no_harm(client, house, sign_in):
    sign_in(house.people["participant"])
    answer = fill(client, house.edit_address(0), "text", seen="9" * 40, began_from="\x00", text="\x00Bon")
    assert answer.status_code in (303, 409)
    answer = fill(client, house.edit_address(0), "text", action="resolve", text="a", began_from="b")
    assert answer.status_code in (303, 409, 422)


def test_a_session_that_ended_keeps_the_text_and_it_is_saved_after_signing_in(client, house, sign_in):
    """In drafting the text is hidden from visitors, and all the same nothing is lost."""
    paul = house.people["participant"]
    paul.password_hash = hash_password(PASSWORD)
    db.session.commit()
    sign_in(paul)
    opened = client.get(house.edit_address(0))
    with client.session_transaction() as session:
        session.clear()
    mine = "Un long texte, tapé le soir à onze heures.\n\nEt encore un paragraphe."
    answer = send(client, opened, "text", text=mine)
    assert answer.status_code == 401
    assert "Nothing is lost" in answer.text
    assert mine in answer.text.replace("\r\n", "\n")
    answer = send(client, answer, "kept", email=paul.email, password=PASSWORD)
    assert "Send again what you typed" in answer.text
    assert action_of(answer, "text") == f"{house.address}/live/{house.section_now(0).key}/edit"
    answer = send(client, answer, "text")
    assert answer.status_code == 303
    assert house.section_now(0).body == mine


def test_a_form_of_an_older_session_can_be_sent_again(client, house, sign_in):
    sign_in(house.people["participant"])
    opened = client.get(house.edit_address(0))
    mine = "Un texte tapé avant de se reconnecter,\nsur deux lignes."
    answer = send(client, opened, "text", text=mine, csrf_token="vieux")
    assert answer.status_code == 400
    assert send(client, answer, "text").status_code == 303
    assert house.section_now(0).body == mine


@pytest.mark.parametrize("what", ["retired", "stands still"])
def test_a_text_that_may_not_be_saved_any_more_is_shown_to_be_copied(client, house, sign_in, what):
    sign_in(house.people["participant"])
    opened = client.get(house.edit_address(0))
    section = house.section_now(0)
    if what == "retired":
        arranging.retire_section(house.people["facilitator"], section)
    else:
        section.stage = Stage.CODECISION
    db.session.commit()
    mine = "Un long texte, tapé pendant que d’autres rangeaient.\n\nEt encore un paragraphe."
    answer = send(client, opened, "text", text=mine)
    assert answer.status_code == 403
    assert mine in answer.text.replace("\r\n", "\n")


def test_a_text_is_saved_though_the_section_was_renamed_meanwhile(client, house, sign_in):
    sign_in(house.people["participant"])
    opened = client.get(house.edit_address(1))
    arranging.update_section(
        house.people["facilitator"], house.section_now(1), title="Autre", kind=SectionKind.PROSE, group=None, slug="b"
    )
    db.session.commit()
    assert send(client, opened, "text", text="Neuf.").status_code == 303
    assert house.section_now(1).body == "Neuf."


def test_the_live_page_flags_references_that_lead_nowhere(client, house, sign_in):
    section = house.draft.living_sections[0]
    edit_section(house.people["facilitator"], section, section.body, "Voir la [[perdue]].")
    db.session.commit()
    sign_in(house.people["participant"])
    page = client.get(f"{house.address}/live").text
    assert "1 cross-reference leads nowhere" in page
    assert f'<code>[[perdue]]</code> — <a href="{house.edit_address(0)}">Introduction</a>' in page
