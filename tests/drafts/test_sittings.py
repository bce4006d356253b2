"""Sittings: what people wrote in one go, whoever they were, with its size; kept as the log grows."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from sip.core import clock
from sip.core.db import db
from sip.drafts import checking, live_text, moments
from sip.drafts.actions import sittings
from sip.drafts.actions.documents import NewSection, import_document
from sip.drafts.actions.text import append_update, edit_section, undo_edit
from sip.drafts.models import DraftSitting, DraftUpdate, SittingPart
from sip.drafts.moments import Chosen
from tests.factories import make_draft

BEGIN = datetime(2026, 3, 12, 14, 5, tzinfo=UTC)


def write_live(draft, person, key, minutes, *, added=1, removed=0):
    """Append an update as the live editor does, so many minutes after `BEGIN`."""
    with clock.at(BEGIN + timedelta(minutes=minutes)):
        row = append_update(person, draft, live_text.EMPTY, origin="live")
    parts = {key: (added, removed)}
    sittings.note_change(draft.id, row.author_id, parts, update_id=row.id, at=row.at, origin="live")
    return row.id


def sittings_of(draft):
    query = select(DraftSitting).where(DraftSitting.draft_id == draft.id).order_by(DraftSitting.number)
    return db.session.scalars(query.execution_options(populate_existing=True)).all()


def parts_of(sitting):
    found = moments.parts_of([sitting])[sitting.id]
    return {(part.person_id, part.key): (part.added, part.removed) for part in found}


@pytest.fixture
def three(house):
    """The document, two people of its group, and the keys of its first two sections."""
    keys = [section.key for section in house.draft.living_sections]
    return house.draft, house.people["participant"], house.people["other participant"], keys


def test_an_import_is_the_first_sitting(three):
    draft, _paul, _bea, _keys = three
    (first,) = sittings_of(draft)
    assert (first.number, first.origin, first.updates) == (1, "import", 1)
    assert parts_of(first) == {(None, section.key): (len(section.body), 0) for section in draft.living_sections}


def test_people_who_write_at_the_same_time_are_in_one_sitting(three):
    draft, paul, bea, (here, there, *_rest) = three
    write_live(draft, paul, here, 0, added=3)
    write_live(draft, bea, there, 4, added=5)
    last = write_live(draft, paul, here, 9, added=1, removed=2)
    _import, sitting = sittings_of(draft)
    assert parts_of(sitting) == {(paul.id, here): (4, 2), (bea.id, there): (5, 0)}
    assert (sitting.updates, sitting.last_update_id) == (3, last)
    assert (sitting.began_at, sitting.ended_at) == (BEGIN, BEGIN + timedelta(minutes=9))


def test_a_pause_ends_a_sitting(three):
    draft, paul, _bea, (here, *_rest) = three
    for minutes in (0, 9, 18, 28, 29):
        write_live(draft, paul, here, minutes)
    assert [sitting.updates for sitting in sittings_of(draft)] == [1, 3, 2]


def test_a_sitting_ends_after_an_hour_however_busy_people_are(three):
    draft, paul, _bea, (here, *_rest) = three
    for minutes in range(0, 130, 5):
        write_live(draft, paul, here, minutes)
    assert [sitting.updates for sitting in sittings_of(draft)] == [1, 12, 12, 2]


def test_a_clock_that_goes_back_does_not_turn_a_sitting_around(three):
    draft, paul, _bea, (here, *_rest) = three
    write_live(draft, paul, here, 5)
    write_live(draft, paul, here, 4)
    sitting = sittings_of(draft)[-1]
    assert sitting.ended_at == BEGIN + timedelta(minutes=5)


def test_a_saved_form_stands_alone_and_ends_what_was_written_live(three):
    draft, paul, bea, (here, *_rest) = three
    section = draft.living_sections[0]
    write_live(draft, bea, here, 0)
    with clock.at(BEGIN + timedelta(minutes=1)):
        saved = edit_section(paul, section, section.body, section.body + " Et voilà.")
    write_live(draft, bea, here, 2)
    with clock.at(BEGIN + timedelta(minutes=3)):
        undo_edit(paul, section, saved.update_id)
    assert [(sitting.origin, sitting.updates) for sitting in sittings_of(draft)][1:] == [
        ("live", 1), ("form", 1), ("live", 1), ("undo", 1),
    ]  # fmt: skip
    assert parts_of(sittings_of(draft)[2]) == {(paul.id, here): (len(" Et voilà."), 0)}
    assert parts_of(sittings_of(draft)[4]) == {(paul.id, here): (0, len(" Et voilà."))}


def test_texts_do_not_share_sittings(house, three):
    draft, paul, _bea, (here, *_rest) = three
    other = make_draft(house.group)
    write_live(draft, paul, here, 0)
    write_live(other, paul, other.living_sections[0].key, 1)
    write_live(draft, paul, here, 2)
    assert [sitting.updates for sitting in sittings_of(draft)] == [1, 2]
    assert [sitting.updates for sitting in sittings_of(other)] == [1, 1]
    assert list(checking.problems()) == []


def test_sittings_are_chosen_by_person_and_section(three):
    draft, paul, bea, (here, there, *_rest) = three
    write_live(draft, paul, here, 0)
    write_live(draft, bea, there, 30)
    write_live(draft, paul, there, 60)

    def numbers(**chosen):
        found = db.session.scalars(moments.sittings(draft.id, Chosen(**chosen))).all()
        assert moments.count_sittings(draft.id, Chosen(**chosen)) == len(found)
        return [sitting.number for sitting in found]

    assert numbers() == [4, 3, 2, 1]
    assert numbers(person_id=paul.id) == [4, 2]
    assert numbers(key=there) == [4, 3, 1]
    assert numbers(person_id=bea.id, key=here) == []
    assert sorted(moments.people_of(draft.id)) == sorted([paul.id, bea.id])


def test_the_neighbours_of_a_sitting_are_those_chosen(three):
    draft, paul, bea, (here, *_rest) = three
    for number in range(7):
        write_live(draft, bea if number % 3 else paul, here, number * 30)
    middle = sittings_of(draft)[4]

    def around(each, **chosen):
        return [sitting.number for sitting in moments.around(middle, Chosen(**chosen), each)]

    assert around(2) == [3, 4, 5, 6, 7]
    assert around(50) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert around(1, person_id=paul.id) == [2, 5, 8]


def test_a_sitting_is_found_by_any_of_its_updates(three):
    draft, paul, _bea, (here, *_rest) = three
    ids = [write_live(draft, paul, here, minutes) for minutes in (0, 1, 2, 40, 41)]
    assert [moments.sitting_of(draft.id, update_id).number for update_id in ids] == [2, 2, 2, 3, 3]


def test_the_moments_of_a_long_sitting_are_spread_over_it(three):
    draft, paul, bea, (here, *_rest) = three
    ids = [write_live(draft, paul if number % 2 else bea, here, number / 10) for number in range(25)]
    sitting = sittings_of(draft)[-1]
    steps = moments.steps_of(sitting, 10)
    assert [step.place for step in steps] == [2, 5, 7, 10, 12, 15, 17, 20, 22, 25]
    assert [step.update_id for step in steps] == [ids[step.place - 1] for step in steps]
    assert steps[0].at == BEGIN + timedelta(minutes=0.1)
    assert len(moments.steps_of(sittings_of(draft)[0], 10)) == 1


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1), st.integers(0, 40), st.integers(0, 9)), max_size=20))
def test_nothing_that_was_written_is_left_out(house, steps):
    draft = make_draft(house.group, sections=(("Une", ""), ("Deux", "")))
    keys = [section.key for section in draft.living_sections]
    people = [house.people["participant"], house.people["other participant"]]
    minutes = 0
    for who, key, pause, added in steps:
        minutes += pause
        write_live(draft, people[who], keys[key], minutes, added=added)
    found = sittings_of(draft)
    total = db.session.scalars(select(SittingPart.added).where(SittingPart.draft_id == draft.id)).all()
    assert sum(total) == sum(added for _who, _key, _pause, added in steps)
    assert sum(sitting.updates for sitting in found) == len(steps) + 1
    for before, after in itertools.pairwise(found[1:]):
        pause = after.began_at - before.ended_at
        assert pause >= sittings.PAUSE or after.began_at - before.began_at >= sittings.LONGEST
    assert list(checking.problems()) == []


def test_a_history_written_afterwards_is_the_one_that_was_kept(house, three):
    draft, paul, bea, _keys = three
    for number, person in enumerate((paul, bea, paul)):
        section = house.section_now(number % 2)
        edit_section(person, section, section.body, f"{section.body} Plus {number}.")
    kept = [(s.number, s.first_update_id, s.last_update_id, s.origin, parts_of(s)) for s in sittings_of(draft)]
    for table in ("sitting_parts", "draft_sittings", "draft_checkpoints", "draft_arrangements"):
        db.session.execute(db.text(f"DELETE FROM {table}"))
    sittings.write_history(draft.id)
    assert [(s.number, s.first_update_id, s.last_update_id, s.origin, parts_of(s)) for s in sittings_of(draft)] == kept
    sittings.write_history(draft.id)  # a second time there is nothing to do
    assert len(sittings_of(draft)) == len(kept)
    assert list(checking.problems()) == []


def test_the_first_change_of_an_old_text_writes_what_was_before(house, three):
    draft, paul, _bea, (_here, *_rest) = three
    section = house.section_now(0)
    edit_section(paul, section, section.body, "Autre.")
    for table in ("sitting_parts", "draft_sittings"):
        db.session.execute(db.text(f"DELETE FROM {table}"))
    edit_section(paul, section, section.body, "Encore autre.")
    assert [sitting.origin for sitting in sittings_of(draft)] == ["import", "form", "form"]
    assert list(checking.problems()) == []


def test_an_imported_document_has_a_history(house):
    sections = [NewSection("Une", "prose", "Un texte."), NewSection("Deux", "recommendation", "")]
    draft = import_document(house.people["facilitator"], house.group.theme, "Importé", [house.group], sections)
    (first,) = sittings_of(draft)
    assert parts_of(first) == {(None, draft.living_sections[0].key): (9, 0)}


def test_a_history_that_misses_something_is_found(three):
    draft, paul, _bea, (here, *_rest) = three
    write_live(draft, paul, here, 0)
    write_live(draft, paul, here, 30)
    assert list(checking.problems()) == []
    sitting = sittings_of(draft)[1]
    sitting.updates = 2
    db.session.flush()
    assert any("sitting 2 of its history" in problem for problem in checking.problems())
    sitting.updates = 1
    db.session.delete(sittings_of(draft)[2])
    db.session.flush()
    assert any("the last changes are missing" in problem for problem in checking.problems())
    db.session.execute(db.delete(DraftUpdate).where(DraftUpdate.id == sitting.last_update_id))
    assert any("sitting 2 of its history" in problem for problem in checking.problems())
