"""Versions are frozen, chained, published and restored, and never change."""

import pytest
from flask import Flask
from sqlalchemy import select

from sip.core.db import db
from sip.core.errors import Conflict, Denied, Invalid
from sip.cycles.stages import Stage
from sip.drafts import checking, queries
from sip.drafts.actions import arranging, versions
from sip.drafts.actions.text import edit_section
from sip.drafts.models import SectionKind, Version, VersionSection
from sip.drafts.policy import may_read_draft, may_read_version
from tests.factories import make_draft, make_group, make_person

SECTIONS = (
    ("Introduction", "Voir la [[budget-local]] et la [[budget-local#caisse]]."),
    ("Rendre visible", "Un début.\n\n### La carte {#carte}\n\nTexte."),
    ("Budget local", "Un budget.\n\n### Une règle\n\nA.\n\n### La caisse {#caisse}\n\nB."),
)


@pytest.fixture
def draft(app: Flask):
    group = make_group(facilitator=make_person("Ana"), participants=(make_person("Béa"),))
    return make_draft(group, sections=SECTIONS)


@pytest.fixture
def ana(draft):
    return draft.groups[0].memberships[0].person


def test_a_version_is_rendered_and_numbered_when_frozen(draft, ana):
    version = versions.freeze_version(ana, draft, "Document de travail", "Premier jet")
    db.session.commit()
    html = queries.page_html(version.id)
    assert version.number == 1
    assert "recommandation 2.b" in html
    assert 'href="#budget-local.caisse"' in html
    assert '<span class="doc-letter">a.</span> <span class="doc-title">La carte</span>' in html
    assert [section.number for section in queries.sections_of_version(version)] == [None, "1", "2"]
    assert [entry["number"] for entry in queries.version_with_contents(draft, 1).toc] == [None, "1", "2"]


def test_broken_references_are_refused(draft, ana):
    edit_section(ana, draft.sections[0], draft.sections[0].body, "Voir la [[nulle-part]].")
    with pytest.raises(Invalid, match="nulle-part"):
        versions.freeze_version(ana, draft, "x")


def test_nothing_to_freeze_twice(draft, ana):
    versions.freeze_version(ana, draft, "x")
    with pytest.raises(Invalid):
        versions.freeze_version(ana, draft, "y")


def test_versions_form_a_chain_that_check_verifies(draft, ana):
    first = versions.freeze_version(ana, draft, "un")
    edit_section(ana, draft.sections[1], draft.sections[1].body, "Autre début.")
    second = versions.freeze_version(ana, draft, "deux")
    assert second.previous_hash == first.hash
    assert list(checking.problems()) == []
    section = db.session.scalars(select(VersionSection).where(VersionSection.version_id == first.id)).first()
    section.title = "Autre titre"
    db.session.flush()
    assert list(checking.problems()) == [f"{draft.slug}: version 1 was changed after it was frozen"]


def test_contributors_are_credited_with_their_share(draft, ana):
    bea = draft.groups[0].memberships[1].person
    body = draft.sections[1].body
    edit_section(ana, draft.sections[1], body, body + "\n\n" + "mot " * 30)
    edit_section(bea, draft.sections[2], draft.sections[2].body, draft.sections[2].body + "\n\n" + "mot " * 10)
    version = versions.freeze_version(ana, draft, "x")
    assert [item["name"] for item in version.contributors] == ["Ana", "Béa"]
    assert sum(item["share"] for item in version.contributors) == pytest.approx(1, abs=0.001)
    assert version.contributors[0]["share"] > 0.7


def test_publishing_opens_the_version_to_everybody(draft, ana):
    version = versions.freeze_version(ana, draft, "x")
    assert not may_read_draft(None, draft)
    assert may_read_version(make_person(), version).is_hidden
    versions.publish_version(ana, version)
    assert may_read_draft(None, draft)
    assert may_read_version(None, version)
    assert {section.stage for section in draft.sections} == {Stage.INFORMATION}
    with pytest.raises(Denied):
        versions.publish_version(ana, version)


def test_an_older_version_is_not_published_over_a_newer_one(draft, ana):
    first = versions.freeze_version(ana, draft, "un")
    edit_section(ana, draft.sections[1], draft.sections[1].body, "Autre début.")
    second = versions.freeze_version(ana, draft, "deux")
    versions.publish_version(ana, second)
    with pytest.raises(Conflict):
        versions.publish_version(ana, first)


def article(version: Version) -> str:
    """The text of a version's page, without its title page, which bears the version's label."""
    return queries.page_html(version.id).partition("<article")[2]


def test_restoring_makes_a_new_version(draft, ana):
    first = versions.freeze_version(ana, draft, "un")
    before = article(first)
    edit_section(ana, draft.sections[1], draft.sections[1].body, "Autre début.")
    arranging.retire_section(ana, draft.sections[2])
    edit_section(ana, draft.sections[0], draft.sections[0].body, "Sans renvoi.")
    added = arranging.add_section(ana, draft, "Nouvelle", SectionKind.RECOMMENDATION)
    arranging.update_section(
        ana, draft.sections[1], title="Autre titre", kind=SectionKind.RECOMMENDATION, group=None, slug="autre"
    )
    versions.freeze_version(ana, draft, "deux")
    third = versions.restore_version(ana, first)
    db.session.commit()
    assert third.number == 3
    assert third.restored_from == 1
    assert article(third) == before
    assert added.is_retired
    assert db.session.scalar(select(Version.hash).where(Version.id == first.id)) == first.hash
    assert list(checking.problems()) == []
