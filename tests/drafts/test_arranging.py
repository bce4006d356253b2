"""Sections added, renamed, moved, retired and brought back; numbers follow the order."""

import pytest
from flask import Flask

from sip.core.db import db
from sip.core.errors import Denied, Invalid
from sip.drafts.actions import arranging
from sip.drafts.models import SectionKind
from tests.factories import make_draft, make_group, make_person


@pytest.fixture
def draft(app: Flask):
    group = make_group(facilitator=make_person("Ana"), participants=(make_person("Béa"),))
    return make_draft(group, sections=(("Introduction", "i"), ("Un", "1"), ("Deux", "2"), ("Trois", "3")))


@pytest.fixture
def ana(draft):
    return draft.groups[0].memberships[0].person


def titles(draft):
    db.session.expire(draft)
    return [section.title for section in draft.living_sections]


def test_a_section_is_added_after_another(draft, ana):
    section = arranging.add_section(ana, draft, "Un", SectionKind.RECOMMENDATION, after=draft.sections[1])
    assert titles(draft) == ["Introduction", "Un", "Un", "Deux", "Trois"]
    assert section.slug == "un-2"
    assert len(section.key) == 10


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (0, ["Deux", "Introduction", "Un", "Trois"]),
        (1, ["Introduction", "Deux", "Un", "Trois"]),
        (2, ["Introduction", "Un", "Deux", "Trois"]),
        (99, ["Introduction", "Un", "Trois", "Deux"]),
        (-5, ["Deux", "Introduction", "Un", "Trois"]),
    ],
)
def test_a_section_moves_to_its_place(draft, ana, place, expected):
    arranging.move_section(ana, draft.sections[2], place)
    assert titles(draft) == expected


def test_a_retired_section_comes_back_at_the_end(draft, ana):
    section = draft.sections[1]
    arranging.retire_section(ana, section)
    assert titles(draft) == ["Introduction", "Deux", "Trois"]
    with pytest.raises(Invalid):
        arranging.move_section(ana, section, 0)
    arranging.bring_back_section(ana, section)
    assert titles(draft) == ["Introduction", "Un", "Deux", "Trois"]
    assert section.body == "1"


def test_a_renamed_section_keeps_its_address_unless_asked(draft, ana):
    section = draft.sections[1]
    arranging.update_section(ana, section, title="Premier", kind=SectionKind.PROSE, group=None)
    assert (section.title, section.slug, section.kind) == ("Premier", "un", "prose")
    with pytest.raises(Invalid):
        arranging.update_section(ana, section, title="Premier", kind=SectionKind.PROSE, group=None, slug="deux")
    with pytest.raises(Invalid):
        arranging.update_section(ana, section, title=" ", kind=SectionKind.PROSE, group=None)


def test_a_section_comes_only_from_a_group_of_the_document(draft, ana):
    with pytest.raises(Invalid):
        arranging.add_section(ana, draft, "X", SectionKind.PROSE, group=make_group())


def test_participants_write_but_do_not_arrange(draft):
    bea = draft.groups[0].memberships[1].person
    with pytest.raises(Denied):
        arranging.move_section(bea, draft.sections[2], 0)
    with pytest.raises(Denied):
        arranging.retire_section(bea, draft.sections[2])
    with pytest.raises(Denied):
        arranging.add_section(bea, draft, "X", SectionKind.PROSE)
