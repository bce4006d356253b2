"""What must always hold of stored drafts; `sip check` reads it all and names what does not."""

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import undefer_group

from sip.core import counts
from sip.core.db import db
from sip.core.deflate import Deflated, holds
from sip.drafts import live_text, queries
from sip.drafts.actions.filing import version_files
from sip.drafts.files import version_hash
from sip.drafts.models import Draft, Section, Version, VersionPage


def problems() -> Iterator[str]:
    """Yield one English sentence per problem, draft by draft; nothing when all is well."""
    for draft in db.session.scalars(select(Draft).order_by(Draft.id)):
        yield from _broken_chain(draft)
        yield from _damaged_pages(draft)
        yield from _strayed_texts(draft)
    yield from counts.wrong("drafts", {"drafts": _number_of_drafts()})
    yield from counts.wrong("published", _published_counts())


def _broken_chain(draft: Draft) -> Iterator[str]:
    """The first version whose content, or link to the one before, does not fit its hash."""
    previous = None
    for number, version in enumerate(version_files(draft), 1):
        if version.number != number:
            yield f"{draft.slug}: version {number} is missing"
            return
        if version.previous_hash != previous or version.hash != version_hash(version):
            yield f"{draft.slug}: version {number} was changed after it was frozen"
            return
        previous = version.hash


def _damaged_pages(draft: Draft) -> Iterator[str]:
    """Versions whose page leaves the house as another text, deflated, than it is stored as."""
    pages = (
        select(Version.number, VersionPage.html, VersionPage.deflated, VersionPage.length, VersionPage.checksum)
        .join(VersionPage, VersionPage.version_id == Version.id)
        .where(Version.draft_id == draft.id)
        .order_by(Version.number)
    )
    for number, html, data, length, checksum in db.session.execute(pages):
        if not holds(Deflated(data, length, checksum), html.encode()):
            yield f"{draft.slug}: the stored page of version {number} is damaged"


def _number_of_drafts() -> int:
    return db.session.scalar(select(func.count(Draft.id))) or 0


def _published_counts() -> Counter[str]:
    counted: Counter[str] = Counter()
    published = select(Draft.cycle_id, Draft.theme_id).where(Draft.published_number.is_not(None))
    for cycle_id, theme_id in db.session.execute(published):
        counted.update(queries.counts_of(cycle_id, theme_id))
    return counted


def _strayed_texts(draft: Draft) -> Iterator[str]:
    """Sections whose stored text or authorship is not what the update log says."""
    texts = live_text.texts(queries.all_updates(draft.id))
    snapshot, since, _last = queries.updates_to_load(draft.id)
    from_snapshot = live_text.texts(since, snapshot)
    sections = select(Section).where(Section.draft_id == draft.id).options(undefer_group("text"))
    for section in db.session.scalars(sections):
        if section.body != texts.get(section.key, ""):
            yield f"{draft.slug}: the text of section {section.slug} differs from its update log"
        if section.body != from_snapshot.get(section.key, ""):
            yield f"{draft.slug}: the snapshot differs from the update log in section {section.slug}"
        if sum(length for _who, length in section.authorship) != len(section.body):
            yield f"{draft.slug}: the authorship of section {section.slug} does not cover its text"
