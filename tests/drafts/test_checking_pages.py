"""`sip check` finds stored pages that are not what the frozen text gives, however well they agree with themselves."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import undefer

from sip import paths
from sip.core.db import db
from sip.core.deflate import deflate
from sip.drafts import checking
from sip.drafts.models import Version, VersionPage, VersionSection
from sip.exports.folder import import_folder


def change_page(replace):
    """Change the page of the only version, with all that is derived from it."""
    page = db.session.scalars(select(VersionPage).options(undefer("*"))).one()
    page.html = replace(page.html)
    packed = deflate(page.html.encode())
    page.deflated, page.length, page.checksum = packed.data, packed.length, packed.checksum
    db.session.flush()


def change_section():
    section = db.session.scalars(select(VersionSection).order_by(VersionSection.position)).first()
    section.html = section.html.replace("paragraphe", "PARAGRAPHE")
    db.session.flush()


def change_number():
    section = db.session.scalars(select(VersionSection).where(VersionSection.number == "2")).one()
    section.number = "3"
    db.session.flush()


def change_contents():
    version = db.session.scalars(select(Version).options(undefer(Version.toc))).one()
    version.toc = [{**entry, "title": entry["title"].upper()} for entry in version.toc]
    db.session.flush()


def change_length():
    version = db.session.scalars(select(Version)).one()
    version.words += 1_000
    db.session.flush()


def change_length_and_page():
    """The number of words stands on the title page."""
    version = db.session.scalars(select(Version)).one()
    before = version.words
    change_length()
    change_page(lambda html: html.replace(f"{before} mots", f"1\u202f{before:03} mots"))


@pytest.mark.parametrize(
    "change",
    [
        lambda: change_page(lambda html: html.replace("Un budget.", "Un gros budget.")),
        change_section,
        change_number,
        change_contents,
        change_length,
        change_length_and_page,
    ],
    ids=["page", "section", "number", "contents", "length", "length and page"],
)
def test_a_rendering_that_was_changed_is_named(published, change):
    assert list(checking.problems()) == []
    change()
    db.session.expire_all()
    assert list(checking.problems()) == [
        f"{published.draft.slug}: the stored page of version 1 is not what its text gives; "
        "it was changed, or this program renders otherwise than the one that froze it"
    ]


def test_a_page_that_is_gone_is_named(published):
    db.session.delete(db.session.scalars(select(VersionPage)).one())
    db.session.flush()
    assert list(checking.problems()) == [f"{published.draft.slug}: the stored page of version 1 is damaged"]


def test_versions_from_files_are_what_their_text_gives(app):
    """The demo's documents were written by hand, and rendered when they were imported."""
    import_folder(paths.DEMO_DRAFTS)
    db.session.flush()
    assert db.session.scalars(select(Version.id)).first()
    assert list(checking.problems()) == []
