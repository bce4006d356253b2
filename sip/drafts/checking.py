"""What must always hold of stored drafts; `sip check` reads it all and names what does not."""

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import undefer, undefer_group

from sip.core import counts
from sip.core.db import db
from sip.core.deflate import Deflated, holds
from sip.drafts import checking_history, checking_moves, checking_passages, live_text, queries
from sip.drafts.actions.filing import version_files
from sip.drafts.actions.versions import rendered_anew
from sip.drafts.files import version_hash
from sip.drafts.models import Draft, Section, Version, VersionPage


def problems() -> Iterator[str]:
    """Yield one English sentence per problem, draft by draft; nothing when all is well."""
    for draft in db.session.scalars(select(Draft).order_by(Draft.id)):
        broken = list(_broken_chain(draft))
        yield from broken
        yield from _wrong_pages(draft, is_text_right=not broken)
        yield from _strayed_texts(draft)
        yield from checking_history.problems(draft)
        yield from checking_passages.problems(draft)
    yield from checking_moves.problems()
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


def _wrong_pages(draft: Draft, *, is_text_right: bool) -> Iterator[str]:
    """Versions whose page is missing, or leaves the house as another text than it is stored as, or than theirs gives.

    Where the text is right, pages are rendered again and compared: the chain of hashes vouches for the Markdown alone,
    and nothing stored beside a page could tell that both were changed alike.
    """
    versions = select(Version).where(Version.draft_id == draft.id).order_by(Version.number)
    for version in db.session.scalars(versions.options(undefer(Version.toc))):
        page = db.session.scalar(select(VersionPage).where(VersionPage.version_id == version.id).options(undefer("*")))
        if page is None or not holds(Deflated(page.deflated, page.length, page.checksum), page.html.encode()):
            yield f"{draft.slug}: the stored page of version {version.number} is damaged"
        elif is_text_right and not _is_what_the_text_gives(version, page.html):
            yield (
                f"{draft.slug}: the stored page of version {version.number} is not what its text gives; "
                "it was changed, or this program renders otherwise than the one that froze it"
            )


def _is_what_the_text_gives(version: Version, html: str) -> bool:
    sections = queries.sections_of_version(version)
    rendered, contents, page = rendered_anew(version)
    return (
        html == page
        and version.toc == contents
        and version.words == sum(len(section.body.split()) for section in sections)
        and [(section.number, section.html) for section in sections] == [(done.number, done.html) for done in rendered]
    )


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
