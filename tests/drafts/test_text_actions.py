"""Saving a section: alone, together, in a clash; nothing typed is lost, and the log says what the text says."""

import pytest
from flask import Flask

from sip.core.db import db
from sip.core.errors import Denied, Invalid
from sip.cycles.stages import Stage
from sip.drafts import checking, live_text, queries
from sip.drafts.actions import text as text_actions
from sip.drafts.actions.text import edit_section
from sip.drafts.texts.merge import Conflict
from tests.factories import make_draft, make_group, make_person

TEXT = "Les coopérateur·rices se réunissent à Rennes.\n\nLe second paragraphe parle d’un 🍐 poirier."


@pytest.fixture
def group(app: Flask):
    return make_group(facilitator=make_person("Ana"), participants=(make_person("Béa"), make_person("Cyr")))


@pytest.fixture
def section(group):
    return make_draft(group, sections=(("Introduction", TEXT),)).sections[0]


def people_of(group):
    return [membership.person for membership in group.memberships]


def test_saving_an_edit_changes_text_and_log(group, section):
    ana = people_of(group)[0]
    saved = edit_section(ana, section, TEXT, TEXT.replace("Rennes", "Gand"))
    assert saved.is_saved
    assert not saved.met_others
    assert section.body == TEXT.replace("Rennes", "Gand")
    assert live_text.texts(queries.all_updates(section.draft_id))[section.key] == section.body
    assert list(checking.problems()) == []


def test_edits_of_different_passages_are_joined(group, section):
    ana, bea, _ = people_of(group)
    edit_section(ana, section, TEXT, TEXT.replace("Rennes", "Gand"))
    saved = edit_section(bea, section, TEXT, TEXT.replace("poirier", "pommier"))
    assert saved.is_saved
    assert saved.met_others
    assert section.body == TEXT.replace("Rennes", "Gand").replace("poirier", "pommier")


def test_a_clash_stores_nothing_and_shows_both(group, section):
    ana, bea, _ = people_of(group)
    edit_section(ana, section, TEXT, TEXT.replace("Rennes", "Gand"))
    before = queries.all_updates(section.draft_id)
    saved = edit_section(bea, section, TEXT, TEXT.replace("Rennes", "Lille"))
    assert not saved.is_saved
    assert "Gand" in section.body
    assert queries.all_updates(section.draft_id) == before
    clash = next(piece for piece in saved.merge.pieces if isinstance(piece, Conflict))
    assert "Lille" in clash.mine
    assert "Gand" in clash.theirs


def test_saving_the_same_twice_changes_once(group, section):
    ana = people_of(group)[0]
    text = TEXT.replace("Rennes", "Gand")
    edit_section(ana, section, TEXT, text)
    count = len(queries.all_updates(section.draft_id))
    assert edit_section(ana, section, TEXT, text).is_saved
    assert len(queries.all_updates(section.draft_id)) == count
    assert section.body == text


def test_who_wrote_what_is_kept(group, section):
    ana, bea, _ = people_of(group)
    edit_section(ana, section, TEXT, TEXT + "\n\n" + "a" * 30)
    edit_section(bea, section, section.body, section.body + "\n\n" + "b" * 10)
    lengths = {who: length for who, length in section.authorship if who is not None}
    assert lengths[ana.id] == 32
    assert lengths[bea.id] == 12


def test_a_long_log_is_read_from_its_snapshot(group, section, monkeypatch):
    monkeypatch.setattr(text_actions, "SNAPSHOT_EVERY", 5)
    ana = people_of(group)[0]
    for number in range(12):
        edit_section(ana, section, section.body, section.body + f" {number}")
    _snapshot, since, _last = queries.updates_to_load(section.draft_id)
    assert len(since) < 5
    assert section.body.endswith(" 10 11")
    assert list(checking.problems()) == []


def test_who_is_not_in_the_group_may_not_write(section):
    stranger = make_person()
    section.stage = Stage.CONCERTATION
    db.session.commit()
    with pytest.raises(Denied):
        edit_section(stranger, section, TEXT, "autre chose")


def test_a_text_that_is_too_long_is_refused(group, section):
    with pytest.raises(Invalid):
        edit_section(people_of(group)[0], section, TEXT, "x" * 11, max_length=10)


def test_carriage_returns_and_nul_never_enter_the_text(group, section):
    edit_section(people_of(group)[0], section, TEXT, "un\r\ndeux\x00\rtrois")
    assert section.body == "un\ndeux\ntrois"
