"""Cycles, themes and offices from and to their file form."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from sip.core.db import db
from sip.core.errors import Denied, Invalid
from sip.core.journal import JournalEntry
from sip.cycles import actions
from sip.cycles.files import (
    CycleFile,
    MilestoneFile,
    OfficeFile,
    ThemeFile,
    read_cycle,
    read_offices,
    read_theme,
    write_cycle,
    write_theme,
)
from sip.cycles.models import Milestone
from tests.factories import make_person

DEMO = Path(__file__).parents[2] / "drafts"

CYCLE = CycleFile(
    "2026",
    "Faire œuvre commune",
    date(2026, 9, 14),
    date(2027, 6, 19),
    guests_may_comment=True,
    milestones=(
        MilestoneFile("Lancement", date(2026, 9, 14), note="Dans les antennes."),
        MilestoneFile("Consultation", date(2026, 12, 7), date(2027, 1, 31)),
    ),
    introduction="Bonjour.\n\n- un\n- deux",
)
THEME = ThemeFile("comprendre", "Comprendre", 2, "Quoi ?", "Contexte", "Réflexion", "Objectifs", "- Question")


def journal_length():
    return db.session.scalar(select(func.count(JournalEntry.id)))


def test_a_cycle_comes_back_as_it_was_stored(app):
    assert actions.cycle_file(actions.store_cycle(None, CYCLE)) == CYCLE


def test_storing_a_cycle_twice_changes_nothing(app):
    cycle = actions.store_cycle(None, CYCLE)
    kept, length = [milestone.id for milestone in cycle.milestones], journal_length()
    assert actions.store_cycle(None, CYCLE) is cycle
    assert [milestone.id for milestone in cycle.milestones] == kept
    assert journal_length() == length


def test_a_cycle_is_brought_to_what_its_file_says(app):
    cycle = actions.store_cycle(None, CYCLE)
    other = MilestoneFile("Assemblée", date(2027, 6, 19))
    changed = replace(CYCLE, title="Autre", introduction="Neuf", milestones=(CYCLE.milestones[1], other))
    assert actions.store_cycle(None, changed) is cycle
    assert actions.cycle_file(cycle) == changed
    assert "Neuf" in cycle.introduction_html
    assert db.session.scalar(select(func.count(Milestone.id))) == 2


def test_a_theme_comes_back_and_is_changed_in_place(app):
    cycle = actions.store_cycle(None, CYCLE)
    theme = actions.store_theme(None, cycle, THEME)
    assert actions.theme_file(theme) == THEME
    length = journal_length()
    assert actions.store_theme(None, cycle, THEME) is theme
    assert journal_length() == length
    changed = replace(THEME, context="Neuf")
    assert actions.theme_file(actions.store_theme(None, cycle, changed)) == changed
    assert "Neuf" in theme.brief_html["context"]


def test_offices_keep_the_order_of_the_list_and_are_changed_in_place(app):
    files = [OfficeFile("rennes", "Antenne de Rennes", "Rennes", "FR"), OfficeFile("gand", "Antenne de Gand")]
    stored = actions.store_offices(None, files)
    assert [office.id for office in stored] == sorted(office.id for office in stored)
    assert [actions.office_file(office) for office in actions.store_offices(None, files)] == files
    again = actions.store_offices(None, [replace(files[1], town="Gand")])
    assert (again[0], again[0].town) == (stored[1], "Gand")


@pytest.mark.parametrize("slug", ["Cycle 2026", "create", "", "a/b", "é"])
def test_a_name_that_cannot_stand_in_an_address_is_refused(app, slug):
    with pytest.raises(Invalid):
        actions.store_cycle(None, replace(CYCLE, slug=slug))


def test_files_obey_the_same_rules_as_forms(app):
    with pytest.raises(Invalid):
        actions.store_cycle(None, replace(CYCLE, closes=date(2026, 9, 13)))
    with pytest.raises(Invalid):
        actions.store_cycle(None, replace(CYCLE, milestones=(MilestoneFile("Loin", date(2040, 1, 1)),)))


def test_a_person_needs_the_right_to_store(app):
    cycle = actions.store_cycle(None, CYCLE)
    person = make_person()
    for store in (
        lambda: actions.store_cycle(person, CYCLE),
        lambda: actions.store_theme(person, cycle, THEME),
        lambda: actions.store_offices(person, []),
    ):
        with pytest.raises(Denied):
            store()


def test_the_demo_cycle_survives_the_database(app):
    actions.store_offices(None, read_offices((DEMO / "offices.yml").read_text("utf-8")))
    file = read_cycle((DEMO / "2026" / "cycle.md").read_text("utf-8"), "2026")
    cycle = actions.store_cycle(None, file)
    assert write_cycle(actions.cycle_file(cycle)) == write_cycle(file)
    paths = sorted((DEMO / "2026" / "themes").glob("*.md"))
    assert paths
    for path in paths:
        theme = read_theme(path.read_text("utf-8"), path.stem)
        assert write_theme(actions.theme_file(actions.store_theme(None, cycle, theme))) == write_theme(theme)
