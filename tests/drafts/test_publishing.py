"""What publishing opens and what stays the group's; what `sip check` finds of pages and counts that were changed."""

from sqlalchemy import select

from sip.core import counts
from sip.core.db import db
from sip.cycles.stages import Stage
from sip.drafts import checking
from sip.drafts.actions import arranging, versions
from sip.drafts.models import SectionKind, VersionPage
from tests.drafts.conftest import freeze


def add_section(house, title: str) -> None:
    arranging.add_section(house.people["facilitator"], house.draft, title, SectionKind.RECOMMENDATION)
    db.session.commit()


def test_readers_are_not_told_of_sections_that_are_not_published(client, published):
    before = client.get(published.address).text
    add_section(published, "Encore secrète")
    page = client.get(published.address).text
    assert "In drafting" not in page
    assert "Not all recommendations stand at the same stage" not in page
    assert page.count("Everybody can read the recommendation") == before.count("Everybody can read the recommendation")


def test_a_publication_opens_what_it_shows_and_nothing_else(published):
    add_section(published, "Dans la version")
    version = freeze(published, "deux")
    add_section(published, "Après la version")
    versions.publish_version(published.people["facilitator"], version)
    stages = {section.title: section.stage for section in published.draft.living_sections}
    assert stages["Dans la version"] == Stage.INFORMATION
    assert stages["Après la version"] == Stage.DRAFTING


def test_a_long_label_can_be_restored(published):
    first = freeze_long(published)
    add_section(published, "De trop")
    freeze(published, "trois")
    restored = versions.restore_version(published.people["facilitator"], first)
    assert len(restored.label) <= 120
    assert restored.label.endswith("(2)")


def freeze_long(house):
    add_section(house, "Une de plus")
    return freeze(house, "Document de travail " * 6)


def test_a_restore_that_changes_nothing_is_refused(client, published, sign_in):
    sign_in(published.people["facilitator"])
    page = client.get(f"{published.address}/versions/1/restore")
    token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    answer = client.post(f"{published.address}/versions/1/restore", data={"csrf_token": token, "note": "Pour rien."})
    assert answer.status_code == 422
    assert "Nothing has changed since version 1." in answer.text
    assert "Pour rien." in answer.text


def test_check_names_damaged_pages_and_counts(published):
    assert list(checking.problems()) == []
    page = db.session.scalars(select(VersionPage)).one()
    page.html = page.html.replace("budget", "BUDGET")
    counts.add("published")
    counts.add("drafts", 2)
    db.session.flush()
    assert list(checking.problems()) == [
        f"{published.draft.slug}: the stored page of version 1 is damaged",
        "the stored count drafts is 3 instead of 1",
        "the stored count published is 2 instead of 1",
    ]
