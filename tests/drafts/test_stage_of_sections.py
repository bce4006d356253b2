"""What changes a section asks the stage of that section, whatever the stages of the others."""

import pytest
from flask import Flask

from sip.core.db import db
from sip.core.errors import Denied
from sip.cycles.stages import Role, Stage, Verb, allows
from sip.drafts import policy
from sip.drafts.actions import arranging, versions
from sip.drafts.actions.text import edit_section
from sip.drafts.models import SectionKind
from tests.drafts.forms_in_pages import fill
from tests.factories import make_draft, make_group, make_person

SECTIONS = (("Introduction", "Un mot."), ("Agir", "Un."), ("Former", "Deux."), ("Compter", "Trois."))
WRITABLE = [stage for stage in Stage if allows(stage, {Role.FACILITATOR}, Verb.ARRANGE)]


@pytest.fixture
def ana(app: Flask):
    return make_person("Ana")


@pytest.fixture
def draft(ana):
    """Four sections in drafting."""
    return make_draft(make_group(facilitator=ana, participants=(make_person("Paul"),)), sections=SECTIONS)


def stand_still(section, stage=Stage.UNDER_REVIEW):
    section.stage = stage
    db.session.flush()
    return section


def rename(ana, section, title="Autrement"):
    arranging.update_section(ana, section, title=title, kind=SectionKind(section.kind), group=None)


@pytest.mark.parametrize("stage", list(Stage))
def test_arranging_asks_the_stage_of_the_section(draft, ana, stage):
    section, other = stand_still(draft.sections[1], stage), draft.sections[2]
    assert bool(policy.may_arrange_section(ana, section)) == (stage in WRITABLE)
    assert policy.may_arrange_section(ana, other)
    assert policy.may_arrange(ana, draft), "adding a section is a right of the document"
    assert policy.may_freeze(ana, draft), "and so is freezing"
    paul = draft.groups[0].memberships[1].person
    assert not policy.may_arrange_section(paul, other)


@pytest.mark.parametrize(
    "act",
    [rename, lambda ana, section: arranging.move_section(ana, section, 0), arranging.retire_section],
    ids=["rename", "move", "retire"],
)
def test_a_section_that_stands_still_is_not_arranged(draft, ana, act):
    section = stand_still(draft.sections[1])
    with pytest.raises(Denied, match="stands still"):
        act(ana, section)
    act(ana, draft.sections[2])


def test_a_section_that_stands_still_is_not_brought_back(draft, ana):
    section, other = draft.sections[1], draft.sections[2]
    arranging.retire_section(ana, section)
    arranging.retire_section(ana, other)
    stand_still(section)
    with pytest.raises(Denied, match="stands still"):
        arranging.bring_back_section(ana, section)
    arranging.bring_back_section(ana, other)


def frozen(ana, draft):
    return versions.freeze_version(ana, draft, "un")


def write(ana, section):
    edit_section(ana, section, section.body, "Un autre texte.")


@pytest.mark.parametrize(
    "change",
    [
        write,
        rename,
        arranging.retire_section,
        lambda ana, section: arranging.update_section(
            ana, section, title=section.title, kind=SectionKind.PROSE, group=None
        ),
        lambda ana, section: arranging.update_section(
            ana, section, title=section.title, kind=SectionKind(section.kind), group=section.draft.groups[0]
        ),
    ],
    ids=["text", "title", "retirement", "kind", "group"],
)
def test_a_version_is_not_restored_over_a_section_that_stands_still(draft, ana, change):
    version = frozen(ana, draft)
    section = draft.sections[1]
    change(ana, section)
    write(ana, draft.sections[2])
    assert versions.may_take_back(ana, version)
    stand_still(section)
    with pytest.raises(Denied) as refused:
        versions.restore_version(ana, version)
    assert str(refused.value).endswith(f": {section.title}."), "it names the section in the way, and no other"
    assert draft.latest_number == 1


def test_a_version_before_a_section_that_stands_still_is_not_restored(draft, ana):
    version = frozen(ana, draft)
    new = arranging.add_section(ana, draft, "Nouvelle", SectionKind.RECOMMENDATION)
    stand_still(new)
    with pytest.raises(Denied, match="Nouvelle"):
        versions.restore_version(ana, version)


def test_a_version_is_restored_where_what_stands_still_stays_as_it_is(draft, ana):
    version = frozen(ana, draft)
    still, other = stand_still(draft.sections[1]), draft.sections[2]
    write(ana, other)
    arranging.move_section(ana, other, 0)  # past the one that stands still, which is not moved by that
    assert versions.restore_version(ana, version).number == 2
    assert [section.title for section in draft.living_sections] == [title for title, _text in SECTIONS]
    assert (still.body, other.body) == ("Un.", "Deux.")


def test_sections_that_stand_still_do_not_change_places(draft, ana):
    version = frozen(ana, draft)
    arranging.move_section(ana, draft.living_sections[1], 2)
    for section in draft.living_sections[1:3]:
        stand_still(section)
    with pytest.raises(Denied, match="Former, Agir"):
        versions.restore_version(ana, version)


def test_a_retired_section_that_stands_still_and_was_not_there_is_in_nobodys_way(draft, ana):
    version = frozen(ana, draft)
    new = arranging.add_section(ana, draft, "Nouvelle", SectionKind.RECOMMENDATION)
    arranging.retire_section(ana, new)
    stand_still(new)
    write(ana, draft.sections[2])
    assert versions.restore_version(ana, version).number == 2


def test_a_document_in_which_all_stands_still_keeps_its_text(draft, ana):
    version = frozen(ana, draft)
    write(ana, draft.sections[1])
    for section in draft.sections:
        stand_still(section)
    with pytest.raises(Denied, match=r"^The text stands still at this stage\.$"):
        versions.restore_version(ana, version)


def test_in_codecision_those_who_lead_take_an_earlier_text_back_but_no_earlier_order(draft, ana):
    version = frozen(ana, draft)
    section = draft.sections[1]
    write(ana, section)
    stand_still(section, Stage.CODECISION)
    assert versions.restore_version(ana, version).number == 2
    assert section.body == "Un."
    stand_still(section, Stage.INFORMATION)
    rename(ana, section)
    stand_still(section, Stage.CODECISION)
    with pytest.raises(Denied, match="Autrement"):
        versions.restore_version(ana, version)
    with pytest.raises(Denied):
        rename(ana, section, "Encore autrement")


# The same on the pages


@pytest.fixture
def site(published, client, sign_in):
    """The published document of the house, whose second section stands still, seen by the facilitator."""
    sign_in(published.people["facilitator"])
    stand_still(published.draft.sections[1])
    db.session.commit()
    return published


def test_pages_offer_what_the_stage_of_each_section_lets_do(client, site):
    page = client.get(f"{site.address}/live").text
    still, other = site.draft.sections[1:3]
    assert f"/live/{other.key}/retire" in page
    assert f"/live/{still.key}/retire" not in page
    for action in ("heading", "move"):
        assert client.get(f"{site.address}/live/{still.slug}/{action}").status_code == 403
        assert client.get(f"{site.address}/live/{other.slug}/{action}").status_code == 200
    assert client.get(f"{site.address}/live/add").status_code == 200


def test_a_restore_that_cannot_be_says_so_before_it_is_tried(client, site):
    address = f"{site.address}/versions/1/restore"
    still, other = site.draft.sections[1:3]
    facilitator = site.people["facilitator"]
    edit_section(facilitator, other, other.body, "Un autre texte.")
    db.session.commit()
    assert "This version cannot be taken back now." not in client.get(address).text
    still.stage = Stage.INFORMATION
    edit_section(facilitator, still, still.body, "Un autre texte.")
    stand_still(still)
    db.session.commit()
    page = client.get(address)
    assert page.status_code == 200
    assert "This version cannot be taken back now." in page.text
    assert f"stand still at their stage: {still.title}." in page.text
    assert 'name="note"' not in page.text
    token = fill(client, f"{site.address}/live/add", "after", title="").text.partition('csrf_token" value="')[2]
    answer = client.post(address, data={"csrf_token": token.partition('"')[0], "note": ""})
    assert answer.status_code == 403
    assert f"stand still at their stage: {still.title}." in answer.text
