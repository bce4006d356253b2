"""States of the live text on the way, and its arrangements: every moment is what a replay of the whole log gives."""

import itertools
import zlib

import pycrdt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from sip.core import clock
from sip.core.db import db
from sip.drafts import checking, live_text, moments, queries
from sip.drafts.actions import arranging, checkpoints, sittings, versions
from sip.drafts.actions.text import append_update, edit_section, replace_body, take_snapshot
from sip.drafts.models import Draft, DraftArrangement, DraftCheckpoint, DraftUpdate
from tests.drafts.conftest import freeze
from tests.factories import make_draft

KEYS = ("premiere22", "deuxieme22")
WORDS = st.sampled_from(["é", "mot ", "👩‍💻", "\n\n", "fin.", "ô "])
# Who writes (each on a device of their own), in which section, where, how much is deleted there, and what is written.
STEPS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 1), st.integers(0, 60), st.integers(0, 9), WORDS, st.booleans()),
    min_size=1,
    max_size=30,
)


def log_of(steps) -> list[bytes]:
    """Return the updates of three people who write at once, and now and then receive what the others wrote."""
    devices = [pycrdt.Doc(client_id=number + 1) for number in range(3)]
    log: list[bytes] = []
    for who, key, place, length, words, hears in steps:
        device = devices[who]
        if hears:
            for other in log:
                device.apply_update(other)
        text = device.get(KEYS[key], type=pycrdt.Text)
        before = device.get_state()
        with device.transaction():
            characters = str(text)
            start = min(place, len(characters))
            end = min(start + length, len(characters))
            if start < end:
                del text[len(characters[:start].encode()) : len(characters[:end].encode())]
            text.insert(len(characters[:start].encode()), words)
        log.append(device.get_update(before))
    return log


def append(draft: Draft, data: bytes) -> int:
    row = append_update(None, draft, data, origin="live")
    sittings.note_change(draft.id, None, {}, update_id=row.id, at=row.at, origin="live")
    return row.id


@settings(max_examples=25)
@given(STEPS, st.integers(1, 6))
def test_every_moment_is_what_a_replay_of_the_whole_log_gives(house, steps, every):
    draft = make_draft(house.group)
    for number, data in enumerate(log_of(steps)):
        last = append(draft, data)
        if number % every == 0:
            assert checkpoints.keep_checkpoint(draft.id, last, queries.all_updates(draft.id), is_due=True)
    log = db.session.execute(
        select(DraftUpdate.id, DraftUpdate.data).where(DraftUpdate.draft_id == draft.id).order_by(DraftUpdate.id)
    ).all()
    for update_id, _data in log:
        whole = live_text.texts([row.data for row in log if row.id <= update_id])
        assert moments.texts_at(draft.id, update_id) == whole
    assert moments.texts_at(draft.id, log[0].id - 1) == {}


def kept(draft: Draft) -> list[int]:
    query = select(DraftCheckpoint.update_id).where(DraftCheckpoint.draft_id == draft.id)
    return list(db.session.scalars(query.order_by(DraftCheckpoint.update_id)))


def test_a_state_is_kept_every_so_many_updates(house, monkeypatch):
    monkeypatch.setattr(checkpoints, "SOONEST", 6)
    ids = kept(house.draft)
    for number in range(40):
        replace_body(None, house.section_now(0), f"Texte {number}.", origin="form")
        if number % 3 == 0:
            take_snapshot(house.draft)
    found = kept(house.draft)
    assert len(found) == len(ids) + 6
    counts = [between(house.draft, *pair) for pair in itertools.pairwise(found)]
    assert all(6 <= count <= 9 for count in counts)
    assert list(checking.problems()) == []


def between(draft: Draft, first: int, last: int) -> int:
    query = select(DraftUpdate.id).where(DraftUpdate.draft_id == draft.id, DraftUpdate.id > first)
    return len(db.session.scalars(query.where(DraftUpdate.id <= last)).all())


def test_states_of_a_long_text_are_kept_less_often_but_not_too_seldom(house, monkeypatch):
    monkeypatch.setattr(checkpoints, "SOONEST", 2)
    monkeypatch.setattr(checkpoints, "LATEST", 20)
    long = " ".join(f"{number:x}" for number in range(7_919, 80_000, 7))  # does not shrink to nothing when packed
    first = replace_body(None, house.section_now(0), long, origin="form")
    take_snapshot(house.draft)
    before = kept(house.draft)
    for number in range(45):
        replace_body(None, house.section_now(1), f"Texte {number}.", origin="form")
        take_snapshot(house.draft)
    new = kept(house.draft)[len(before) :]
    assert len(new) == 2
    assert between(house.draft, before[-1] or first.id, new[0]) == 20


def test_a_frozen_version_keeps_its_state(house):
    update_id = edit_section(house.people["participant"], house.section_now(0), house.section_now(0).body, "A.")
    freeze(house, "Une")
    assert kept(house.draft)[-1] == update_id.update_id
    again = freeze_after_renaming(house)
    assert moments.texts_at(house.draft.id, kept(house.draft)[-1])[house.section_now(0).key] == "A."
    assert again.number == 2


def freeze_after_renaming(house):
    arranging.rename_draft(house.people["facilitator"], house.draft, "Un autre titre")
    return freeze(house, "Deux")


def test_deleted_text_is_not_kept_in_states(house):
    secret = "un mot de passe collé par mégarde"
    replace_body(None, house.section_now(0), secret, origin="form")
    replace_body(None, house.section_now(0), "Rien.", origin="form")
    checkpoints.keep_checkpoint(
        house.draft.id, moments.last_update(house.draft.id), queries.all_updates(house.draft.id), is_due=True
    )
    row = db.session.get(DraftCheckpoint, (house.draft.id, kept(house.draft)[-1]))
    assert "mégarde".encode() not in zlib.decompress(row.state)


def arrangements(draft: Draft) -> list[list[str]]:
    query = select(DraftArrangement).where(DraftArrangement.draft_id == draft.id).order_by(DraftArrangement.update_id)
    return [[section["title"] for section in row.sections] for row in db.session.scalars(query)]


@pytest.fixture
def moved(house):
    """The house's document, arranged anew between two edits in every way that there is."""
    facilitator = house.people["facilitator"]
    first = replace_body(None, house.section_now(0), "Un.", origin="form").id
    section = house.section_now(1)
    arranging.update_section(facilitator, section, title="Montrer", kind=section.kind, group=None)
    arranging.move_section(facilitator, house.section_now(2), 0)
    new = arranging.add_section(facilitator, house.draft, "Nouveau", section.kind)
    second = replace_body(None, new, "Deux.", origin="form").id
    arranging.retire_section(facilitator, section)
    db.session.commit()
    return house, first, second


def titles_at(draft: Draft, update_id: int) -> list[str]:
    return [section["title"] for section in moments.arrangement_at(draft, update_id).sections]


def test_arrangements_are_those_of_the_moment(moved):
    house, first, second = moved
    draft = house.draft
    assert titles_at(draft, first - 1) == ["Introduction", "Rendre visible", "Budget local"]
    assert titles_at(draft, first) == ["Budget local", "Introduction", "Montrer", "Nouveau"]
    assert titles_at(draft, second) == ["Budget local", "Introduction", "Nouveau"]
    retired = next(section for section in draft.sections if section.is_retired)
    arranging.bring_back_section(house.people["facilitator"], retired)
    assert titles_at(draft, second) == ["Budget local", "Introduction", "Montrer", "Nouveau"]
    assert list(checking.problems()) == []


def test_a_version_taken_back_brings_its_arrangement_and_one_update(moved):
    house, _first, _second = moved
    first_version = freeze(house, "Une")
    arranging.retire_section(house.people["facilitator"], house.section_now(0))
    for place in (0, 1):
        replace_body(None, house.section_now(place), f"Autre {place}.", origin="form")
    db.session.commit()
    before = moments.last_update(house.draft.id)
    versions.restore_version(house.people["facilitator"], first_version)
    last = moments.last_update(house.draft.id)
    assert between(house.draft, before, last) == 1
    assert titles_at(house.draft, last) == ["Budget local", "Introduction", "Nouveau"]
    assert list(checking.problems()) == []


def test_a_text_without_any_update_has_an_arrangement(house):
    draft = make_draft(house.group, sections=())
    arranging.add_section(house.people["facilitator"], draft, "Introduction", "prose")
    assert titles_at(draft, moments.last_update(draft.id)) == ["Introduction"]


@pytest.mark.parametrize("harm", ["state", "bytes", "arrangement"])
def test_what_was_kept_wrongly_is_found(house, harm):
    with clock.at(clock.now()):
        replace_body(None, house.section_now(0), "Un.", origin="form")
    freeze(house, "Une")
    assert list(checking.problems()) == []
    if harm == "arrangement":
        row = db.session.scalars(select(DraftArrangement).order_by(DraftArrangement.update_id.desc())).first()
        row.sections = row.sections[:1]
    else:
        wrong = zlib.compress(live_text.replace_text(live_text.EMPTY, house.section_now(0).key, "Faux."))
        state = wrong if harm == "state" else b"nothing of the kind"
        db.session.execute(update(DraftCheckpoint).values(state=state))
    db.session.commit()
    (found,) = checking.problems()
    assert "arrangement" in found if harm == "arrangement" else "differs from the update log" in found
