"""Drafts from and to their file form, with keys, slugs, stages and versions; for the command line."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import undefer_group

from sip.core import clock, journal
from sip.core.db import db
from sip.core.errors import Invalid
from sip.core.journal import Event
from sip.core.messages import message
from sip.cycles.models import Theme
from sip.cycles.stages import Stage
from sip.drafts import queries
from sip.drafts.actions.documents import new_draft, write_texts
from sip.drafts.actions.versions import count_published, section_file, store
from sip.drafts.addresses import SECTION_WORDS
from sip.drafts.files import BadDraftFile, DraftFile, SectionFile, VersionFile, version_hash
from sip.drafts.models import Draft, Section, Version
from sip.groups.models import WorkingGroup


def store_draft(
    theme: Theme, file: DraftFile, versions: Sequence[VersionFile], groups: Sequence[WorkingGroup]
) -> Draft:
    """Store a document that is not there yet; raises Invalid where a version does not fit its hash or the one before,
    and BadDraftFile for what no document can be.

    Versions written by hand, without hashes, are chained here.
    """
    draft = new_draft(theme, file.title, groups, file.language, slug=file.slug)
    for section in file.sections:
        if section.slug in SECTION_WORDS:
            raise Invalid(message("“%(slug)s” is the address of a page here; choose another.", slug=section.slug))
        _check_stage(section)
    by_slug = {group.slug: group for group in groups}
    rows = [
        Section(
            draft=draft,
            key=section.key,
            slug=section.slug,
            title=section.title,
            kind=section.kind,
            position=position,
            group=by_slug.get(section.group or ""),
            stage=section.stage or Stage.DRAFTING,
            stage_since=max((moment for _number, moment in file.published), default=clock.now())
            if section.stage
            else None,
            retired_at=clock.now() if section.is_retired else None,
            changed_at=clock.now(),
        )
        for position, section in enumerate(file.sections, 1)
    ]
    write_texts(draft, zip(rows, (section.body for section in file.sections), strict=True))
    previous: str | None = None
    for version in sorted(versions, key=lambda version: version.number):
        for section in version.sections:
            _check_stage(section)
        previous = _store_version(draft, version, previous).hash
    _publish(draft, file)
    journal.record(None, Event.DRAFT_IMPORTED, draft.id, draft_id=draft.id, title=draft.title, sections=len(rows))
    db.session.flush()
    return draft


def draft_file(draft: Draft) -> DraftFile:
    """Return the live text and the publications of a draft as a file."""
    sections = db.session.scalars(
        select(Section)
        .where(Section.draft_id == draft.id)
        .order_by(Section.position, Section.id)
        .options(undefer_group("text"))
    )
    published = db.session.scalars(queries.versions(draft, only_published=True)).all()
    return DraftFile(
        slug=draft.slug,
        title=draft.title,
        theme=draft.theme.slug,
        groups=tuple(sorted(group.slug for group in draft.groups)),
        language=draft.language,
        sections=tuple(section_file(section) for section in sections),
        published=tuple(
            (version.number, version.published_at) for version in reversed(published) if version.published_at
        ),
    )


def version_files(draft: Draft) -> Iterator[VersionFile]:
    """Yield the versions of a draft as files, the first one first."""
    for version in db.session.scalars(select(Version).where(Version.draft_id == draft.id).order_by(Version.number)):
        yield version_file(version)


def version_file(version: Version) -> VersionFile:
    """Return a version as a file; its text is what the version's hash was made of."""
    return VersionFile(
        title=version.title,
        theme=version.draft.theme.slug,
        groups=tuple(group["slug"] for group in version.groups),
        language=version.language,
        sections=tuple(
            SectionFile(
                section.key,
                section.slug,
                section.title,
                section.kind,
                group=section.group_slug,
                stage=None if section.stage == Stage.DRAFTING else section.stage,
                body=section.body,
            )
            for section in queries.sections_of_version(version)
        ),
        number=version.number,
        label=version.label,
        note=version.note,
        frozen_at=version.frozen_at,
        frozen_by=version.frozen_by,
        contributors=tuple((item["name"], item["share"]) for item in version.contributors),
        restored_from=version.restored_from,
        previous_hash=version.previous_hash,
        hash=version.hash,
    )


def _check_stage(section: SectionFile) -> None:
    if section.stage is not None and section.stage not in set(Stage):
        raise BadDraftFile(f"“{section.stage}” is no stage")


def _store_version(draft: Draft, file: VersionFile, previous: str | None) -> Version:
    if file.hash is None:
        file = replace(file, previous_hash=previous)
    elif file.hash != version_hash(file):
        raise Invalid(
            message("Version %(number)d was changed after it was frozen: its hash differs.", number=file.number)
        )
    if file.previous_hash != previous:
        raise Invalid(message("Version %(number)d does not follow the one before it.", number=file.number))
    return store(draft, file, None)


def _publish(draft: Draft, file: DraftFile) -> None:
    """Set the publications that the file tells of."""
    for number, moment in sorted(file.published):
        version = queries.version_with_contents(draft, number)
        if version is None:
            raise Invalid(message("Version %(number)d is said to be published, but is missing.", number=number))
        version.published_at = moment
        draft.publish(number, moment)
    if file.published:
        count_published(draft)
