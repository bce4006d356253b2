"""Working groups from and to their file form."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from sip.core.db import db
from sip.core.errors import Denied, Invalid
from sip.core.journal import JournalEntry
from sip.cycles import actions as cycles
from sip.cycles.files import read_cycle, read_offices, read_theme
from sip.groups import actions
from sip.groups.files import GroupFile, read_group, write_group
from tests.factories import make_cycle, make_group, make_office, make_person, make_theme

DEMO = Path(__file__).parents[2] / "drafts"


@pytest.fixture
def theme(app):
    for slug in ("gand", "rennes"):
        make_office(slug=slug)
    return make_theme(make_cycle(), slug="comprendre")


FILE = GroupFile("rennes", "Groupe de Rennes", "comprendre", ("gand", "rennes"), "Le jeudi.\n\n- soupe")


def test_a_group_comes_back_as_it_was_stored(theme):
    assert actions.group_file(actions.store_group(None, theme.cycle, FILE)) == FILE


def test_storing_twice_changes_nothing_and_keeps_the_people(theme):
    group = actions.store_group(None, theme.cycle, FILE)
    count = select(func.count(JournalEntry.id))
    before = db.session.scalar(count)
    assert actions.store_group(None, theme.cycle, FILE) is group
    assert db.session.scalar(count) == before


def test_a_group_is_brought_to_what_its_file_says(theme):
    group = actions.store_group(None, theme.cycle, FILE)
    make_theme(theme.cycle, slug="autre")
    db.session.expire(theme.cycle)
    changed = replace(FILE, name="Autre", theme="autre", offices=("gand",), presentation="Neuf")
    assert actions.store_group(None, theme.cycle, changed) is group
    assert actions.group_file(group) == changed
    assert "Neuf" in group.presentation_html


@pytest.mark.parametrize(
    "change", [{"theme": "missing"}, {"offices": ("missing",)}, {"offices": ()}, {"name": ""}, {"slug": "create"}]
)
def test_a_file_that_does_not_fit_is_refused(theme, change):
    with pytest.raises(Invalid):
        actions.store_group(None, theme.cycle, replace(FILE, **change))


def test_a_group_of_another_cycle_is_not_taken_over(theme):
    make_group(slug="rennes")
    with pytest.raises(Invalid):
        actions.store_group(None, theme.cycle, FILE)


def test_a_person_needs_the_right_to_store(theme):
    with pytest.raises(Denied):
        actions.store_group(make_person(), theme.cycle, FILE)


def test_the_groups_of_the_demo_cycle_survive_the_database(app):
    cycles.store_offices(None, read_offices((DEMO / "offices.yml").read_text("utf-8")))
    folder = DEMO / "2026"
    cycle = cycles.store_cycle(None, read_cycle((folder / "cycle.md").read_text("utf-8"), "2026"))
    for path in sorted((folder / "themes").glob("*.md")):
        cycles.store_theme(None, cycle, read_theme(path.read_text("utf-8"), path.stem))
    paths = sorted((folder / "groups").glob("*.md"))
    assert paths
    for path in paths:
        file = read_group(path.read_text("utf-8"), path.stem)
        assert write_group(actions.group_file(actions.store_group(None, cycle, file))) == write_group(file)
