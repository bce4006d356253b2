"""The history of the live text on its pages: read, filtered, compared, and earlier texts taken back."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from sip.core import clock
from sip.core.db import db
from sip.cycles.stages import Stage
from sip.drafts import checking, live_text, moments, queries
from sip.drafts.actions import arranging, sittings
from sip.drafts.actions.text import append_update, edit_section
from sip.drafts.models import DraftSitting, DraftUpdate
from tests.drafts.conftest import freeze
from tests.drafts.forms_in_pages import undo
from tests.factories import make_draft
from tests.helpers import count_queries, plain_text, submit


def write(house, role, place, text):
    """Save a text by the form, a quarter of an hour after what was there before."""
    section = house.section_now(place)
    saved = edit_section(house.people[role], section, section.body, text)
    db.session.commit()
    return saved.update_id


@pytest.fixture
def written(house):
    """The house's document with three changes: Paul's, Bea's, and Paul's again."""
    first = write(house, "participant", 0, "Paul écrit ici.")
    second = write(house, "other participant", 1, "Bea écrit là.")
    third = write(house, "participant", 0, "Paul écrit autre chose.")
    return house, (first, second, third)


def history(house):
    return f"{house.address}/live/history"


def take_back(client, house, update, **fields):
    """Press a button of the page that shows a moment: `section` says which one."""
    page = f"{history(house)}/{update}?view=text"
    shown = client.get(page).text
    seen = re.search(r'name="seen" value="(\d+)"', shown)
    data = {"section": "", "seen": seen[1] if seen else "", **fields}
    return submit(client, f"{history(house)}/{update}/take-back", data, page=page)


def test_the_list_says_who_wrote_when_and_where(client, written, sign_in):
    house, _updates = written
    sign_in(house.people["participant"])
    page = client.get(history(house))
    text = plain_text(page.text)
    assert "4 pieces of work" in text
    assert text.index("· Bea Aussi Rendre") < text.index("· imported Introduction, Rendre visible, and Budget local")
    assert re.search(r"· Bea Aussi Rendre visible · \d+ characters added, \d+ removed", text)
    assert page.text.count("data-stop=") == 4


def test_many_sections_are_named_in_one_line(client, house, sign_in):
    draft = make_draft(house.group, sections=tuple((f"Partie {number}", "Texte.") for number in range(9)))
    sign_in(house.people["participant"])
    page = plain_text(client.get(f"/drafts/{draft.slug}/live/history").text)
    assert "imported Partie 0, Partie 1, and 7 other sections · 54 characters added" in page


def test_the_list_is_filtered_by_person_and_section(client, written, sign_in):
    house, updates = written
    sign_in(house.people["participant"])
    bea, key = house.people["other participant"].id, house.section_now(0).key
    page = client.get(f"{history(house)}?person={bea}").text
    assert "1 piece of work" in page
    assert f"{history(house)}/{updates[1]}?person={bea}" in page
    page = client.get(f"{history(house)}?section={key}").text
    assert "3 pieces of work" in page
    assert "Nothing was written here" in client.get(f"{history(house)}?section={key}&person={bea}").text
    assert "4 pieces of work" in client.get(f"{history(house)}?section=nosuch&person=x").text


def test_the_list_is_paged(client, house, sign_in, monkeypatch):
    monkeypatch.setattr("sip.drafts.live_history_views.PER_PAGE", 2)
    for number in range(4):
        write(house, "participant", 0, f"Texte {number}.")
    sign_in(house.people["participant"])
    page = client.get(history(house)).text
    assert "5 pieces of work" in page
    assert page.count("data-stop=") == 2
    assert "page=2" in page
    assert client.get(f"{history(house)}?page=3").text.count("data-stop=") == 1
    assert client.get(f"{history(house)}?page=4").status_code == 404


def test_a_moment_shows_what_changed_then_with_ways_to_its_neighbours(client, written, sign_in):
    house, (first, second, third) = written
    sign_in(house.people["participant"])
    page = client.get(f"{history(house)}/{second}").text
    assert "<ins>Bea écrit là.</ins>" in page
    assert "<del>Un début.</del>" in page
    assert "Paul écrit" not in plain_text(page).partition("Other moments")[0].partition("What changed then")[2]
    assert re.search(rf'href="{history(house)}/{first}"[^>]* rel="prev"', page)
    assert re.search(rf'href="{history(house)}/{third}"[^>]* rel="next"', page)
    assert "This is the last change." in client.get(f"{history(house)}/{third}").text


def test_a_moment_shows_the_whole_text_as_it_was(client, written, sign_in):
    house, (_first, second, _third) = written
    sign_in(house.people["participant"])
    page = client.get(f"{history(house)}/{second}?view=text").text
    assert "Paul écrit ici." in page
    assert "Bea écrit là." in page
    assert "autre chose" not in page
    key = house.section_now(1).key
    one = client.get(f"{history(house)}/{second}?view=text&section={key}").text
    assert "Bea écrit là." in one
    assert "Paul écrit ici." not in one


def test_a_long_sitting_is_gone_through_step_by_step(client, house, sign_in):
    draft, section, updates = house.draft, house.section_now(0), []
    state = live_text.merge_updates(queries.all_updates(draft.id))
    for number in range(30):
        data = live_text.replace_text(state, section.key, f"Ligne {number}.")
        row = append_update(house.people["participant"], draft, data, origin="live")
        sittings.note_change(draft.id, row.author_id, {section.key: (1, 1)}, update_id=row.id, at=row.at, origin="live")
        state = live_text.merge_updates([state, data])
        updates.append(row.id)
    db.session.commit()
    sign_in(house.people["participant"])
    page = client.get(f"{history(house)}/{updates[-1]}").text
    assert "change 3 of 30" in page
    assert f'href="{history(house)}/{updates[2]}"' in page
    then = client.get(f"{history(house)}/{updates[2]}").text
    assert "<ins>Ligne 2.</ins>" in then
    assert "Ligne 29." not in then


def test_a_moment_is_compared_with_now_and_with_another(client, written, sign_in):
    house, (first, _second, third) = written
    sign_in(house.people["participant"])
    now = client.get(f"{history(house)}/{first}?view=now").text
    assert "<ins>Bea écrit là.</ins>" in now
    assert re.search(r"Paul écrit <del>ici</del><ins>autre chose</ins>", now)
    for one, other in ((first, third), (third, first)):
        page = client.get(f"{history(house)}/{one}?with={other}").text
        assert "<ins>Bea écrit là.</ins>" in page
    assert "No word of the text changed." in client.get(f"{history(house)}/{third}?with={third}").text
    assert client.get(f"{history(house)}/{first}?with=999999").status_code == 404


def test_titles_and_order_are_those_of_the_moment(client, written, sign_in):
    house, (_first, second, _third) = written
    facilitator = house.people["facilitator"]
    section = house.section_now(1)
    arranging.update_section(facilitator, section, title="Montrer", kind=section.kind, group=None)
    arranging.move_section(facilitator, house.section_now(2), 0)
    arranging.retire_section(facilitator, house.section_now(1))
    db.session.commit()
    fourth = write(house, "participant", 0, "Le budget d'abord.")
    sign_in(house.people["participant"])
    then = plain_text(client.get(f"{history(house)}/{second}?view=text").text)
    assert then.index("Paul écrit ici.") < then.index("Rendre visible") < then.index("Budget local")
    after = plain_text(client.get(f"{history(house)}/{fourth}?view=text").text)
    assert after.index("Budget local") < after.index("Montrer")
    assert "Paul écrit" not in after
    assert "how they were before was not kept" not in then


def test_a_text_from_before_there_was_a_history_gets_one(client, written, sign_in):
    house, updates = written
    before = [moments.texts_at(house.draft.id, update) for update in updates]
    for table in ("sitting_parts", "draft_sittings", "draft_checkpoints", "draft_arrangements"):
        db.session.execute(db.text(f"DELETE FROM {table}"))
    db.session.commit()
    sign_in(house.people["participant"])
    assert "4 pieces of work" in client.get(history(house)).text
    db.session.expire_all()
    assert [moments.texts_at(house.draft.id, update) for update in updates] == before
    page = client.get(f"{history(house)}/{updates[1]}").text
    assert "<ins>Bea écrit là.</ins>" in page
    assert "how they were before was not kept" in page
    assert list(checking.problems()) == []


def test_a_text_is_taken_back_as_a_new_edit(client, written, sign_in):
    house, (first, _second, _third) = written
    log = log_of(house)
    sign_in(house.people["other participant"])
    answer = take_back(client, house, first, section=house.section_now(0).key)
    assert answer.status_code == 303
    page = client.get(answer.location)
    assert "“Introduction” says again what was written there then, as a new edit." in plain_text(page.text)
    assert house.section_now(0).body == "Paul écrit ici."
    assert house.section_now(1).body == "Bea écrit là."
    assert log_of(house)[:-1] == log
    last = db.session.scalars(select(DraftUpdate).order_by(DraftUpdate.id.desc())).first()
    assert (last.origin, last.author_id) == ("restore", house.people["other participant"].id)
    assert "an earlier text taken back" in client.get(history(house)).text
    assert "took an earlier text of the section “Introduction” back" in plain_text(
        client.get(f"{house.address}/history").text
    )
    undo(client, page)
    assert house.section_now(0).body == "Paul écrit autre chose."
    assert list(checking.problems()) == []


def log_of(house):
    query = select(DraftUpdate.id, DraftUpdate.data).where(DraftUpdate.draft_id == house.draft.id)
    return db.session.execute(query.order_by(DraftUpdate.id)).all()


def test_the_whole_text_is_taken_back_in_one_edit_and_undone(client, written, sign_in):
    house, (_first, _second, _third) = written
    imported = db.session.scalar(select(func.min(DraftUpdate.id)).where(DraftUpdate.draft_id == house.draft.id))
    sign_in(house.people["participant"])
    log = log_of(house)
    assert "Take all of it back" in client.get(f"{history(house)}/{imported}?view=now").text
    page = client.get(take_back(client, house, imported).location)
    assert len(log_of(house)) == len(log) + 1
    assert house.section_now(0).body.startswith("Voir la [[budget-local#caisse]]")
    assert house.section_now(1).body.startswith("Un début.")
    write(house, "other participant", 1, house.section_now(1).body + "\n\nEt encore Bea.")
    undo(client, page)
    assert house.section_now(0).body == "Paul écrit autre chose."
    assert "Et encore Bea." in house.section_now(1).body
    assert list(checking.problems()) == []


def test_undoing_says_where_others_changed_the_same_words_since(client, written, sign_in):
    house, (first, _second, _third) = written
    sign_in(house.people["participant"])
    page = client.get(take_back(client, house, first, section=house.section_now(0).key).location)
    write(house, "other participant", 0, "Bea écrit partout.")
    answer = undo(client, page)
    assert "these stay as they are: Introduction" in client.get(answer.location).text
    assert house.section_now(0).body == "Bea écrit partout."


def test_what_somebody_wrote_meanwhile_is_not_taken_away_unseen(client, written, sign_in):
    house, (first, _second, third) = written
    sign_in(house.people["participant"])
    write(house, "other participant", 0, "Bea écrit pendant ce temps.")
    answer = take_back(client, house, first, section=house.section_now(0).key, seen=third)
    assert answer.location == f"{history(house)}/{first}?view=now"
    page = client.get(answer.location).text
    assert "Somebody wrote in this text meanwhile: Introduction." in page
    assert "pendant ce temps" in page
    assert house.section_now(0).body == "Bea écrit pendant ce temps."
    # Another section stayed as it was seen, so that nothing stands in its way.
    assert take_back(client, house, first, section=house.section_now(1).key, seen=third).status_code == 303
    assert house.section_now(1).body.startswith("Un début.")


def test_the_same_form_sent_twice_takes_back_once(client, written, sign_in):
    house, (first, _second, third) = written
    sign_in(house.people["participant"])
    page = client.get(f"{history(house)}/{first}?view=text").text
    token, once = (re.search(rf'name="{name}" value="([^"]+)"', page)[1] for name in ("csrf_token", "once"))
    data = {"csrf_token": token, "once": once, "section": house.section_now(0).key, "seen": third}
    before = len(log_of(house))
    answers = [client.post(f"{history(house)}/{first}/take-back", data=data) for _ in range(2)]
    assert answers[0].location == answers[1].location
    assert len(log_of(house)) == before + 1


def test_who_may_not_write_may_look_and_not_take_back(client, written, sign_in):
    house, (first, _second, third) = written
    key = house.section_now(0).key
    sign_in(house.people["steering"])
    page = client.get(f"{history(house)}/{first}?view=text")
    assert page.status_code == 200
    assert "/take-back" not in page.text
    assert "Only people of the working group write in this text." in page.text
    data = {"section": key, "seen": third}
    assert submit(client, f"{history(house)}/{first}/take-back", data, page=history(house)).status_code == 403
    assert submit(client, f"{history(house)}/{first}/undo", {}, page=history(house)).status_code == 403
    assert house.section_now(0).body == "Paul écrit autre chose."


def test_a_section_that_stands_still_or_is_retired_is_not_taken_back(client, written, sign_in):
    house, (first, _second, third) = written
    house.section_now(0).stage = Stage.ANSWERED
    db.session.commit()
    arranging.retire_section(house.people["facilitator"], house.section_now(1))
    db.session.commit()
    retired = next(section for section in house.draft.sections if section.is_retired)
    sign_in(house.people["participant"])
    page = client.get(f"{history(house)}/{first}?view=text").text
    assert "The text stands still at this stage." in page
    assert "This section was retired." in page
    for key in (house.section_now(0).key, retired.key):
        assert take_back(client, house, first, section=key, seen=third).status_code == 403
    assert take_back(client, house, first, seen=third).status_code == 303
    assert house.section_now(0).body == "Paul écrit autre chose."
    assert take_back(client, house, first, section="nosuch", seen=third).status_code == 404


def test_a_section_added_since_stays_when_the_whole_text_is_taken_back(client, written, sign_in):
    house, (first, _second, _third) = written
    arranging.add_section(house.people["facilitator"], house.draft, "Nouveau", house.section_now(1).kind)
    db.session.commit()
    write(house, "participant", 3, "Un texte nouveau.")
    sign_in(house.people["participant"])
    take_back(client, house, first)
    assert house.section_now(0).body == "Paul écrit ici."
    assert house.section_now(3).body == "Un texte nouveau."


@pytest.mark.parametrize("role", [None, "member", "board"])
def test_the_history_of_a_text_in_drafting_is_its_groups(client, written, sign_in, role):
    house, (first, *_rest) = written
    if role:
        sign_in(house.people[role])
    addresses = [history(house), f"{history(house)}/{first}", f"{house.address}/live/shares"]
    assert {client.get(address).status_code for address in addresses} == {404}
    freeze(house, "Une version", is_published=True)
    assert {client.get(address).status_code for address in addresses} == {403 if role else 302}
    assert client.get(f"{history(house)}/999999").status_code == (403 if role else 302)


def test_a_moment_of_another_text_or_of_none_is_not_there(client, written, sign_in):
    house, updates = written
    sign_in(house.people["participant"])
    for number in (0, updates[-1] + 1, 2**31, 10**20):
        assert client.get(f"{history(house)}/{number}").status_code == 404
    assert client.get(f"{house.address}/live").text.count(f'href="{history(house)}"') == 1


def test_an_empty_text_says_what_would_fill_its_history(client, house, sign_in):
    draft = house.draft
    db.session.execute(db.text("DELETE FROM sitting_parts"))
    db.session.execute(db.text("DELETE FROM draft_sittings"))
    db.session.execute(db.text("DELETE FROM draft_updates"))
    db.session.commit()
    sign_in(house.people["participant"])
    assert "Nothing was written yet" in client.get(f"/drafts/{draft.slug}/live/history").text


def test_shares_of_the_whole_text_and_of_its_sections(client, house, sign_in):
    sign_in(house.people["participant"])
    assert "Nobody has written yet" in client.get(f"{house.address}/live/shares").text
    write(house, "participant", 0, "abc def ghi jkl mno")
    write(house, "other participant", 1, "x")
    page = plain_text(client.get(f"{house.address}/live/shares").text)
    assert "Paul Participe 95%" in page
    assert "Bea Aussi 5%" in page
    assert "Paul Participe 100%" in page
    assert re.search(r"\d+% of the text was imported or taken back, and counts for nobody.", page)
    assert "so that it counts for nobody: Budget local." in page


def test_somebody_who_left_is_not_named(client, house, sign_in):
    update = write(house, "other participant", 1, "Bea écrit là.")
    db.session.execute(db.text("UPDATE sitting_parts SET person_id = NULL"))
    db.session.commit()
    sign_in(house.people["participant"])
    page = plain_text(client.get(f"{history(house)}/{update}").text)
    assert "somebody" in page
    assert "Bea Aussi" not in page


def test_the_number_of_queries_does_not_grow_with_the_history(client, house, sign_in):
    update = write(house, "participant", 0, "Un.")
    sign_in(house.people["participant"])
    addresses = [history(house), f"{history(house)}/{update}", f"{history(house)}/{update}?view=text"]
    for address in addresses:
        client.get(address)
    counts = []
    for _round in range(2):
        counts.append([])
        for address in addresses:
            with count_queries() as statements:
                assert client.get(address).status_code == 200
            counts[-1].append(len(statements))
        with clock.at(clock.now() + timedelta(days=1)):
            for number in range(12):
                write(house, ("participant", "secretary")[number % 2], number % 3, f"Texte {number}.")
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 25
    assert db.session.scalar(select(func.count(DraftSitting.id))) == 26
