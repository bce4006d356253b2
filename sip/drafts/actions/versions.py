"""Versions: frozen, published, restored; never changed."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sip.core import clock, counts, journal
from sip.core.access import Answer, require
from sip.core.db import db
from sip.core.deflate import deflate
from sip.core.errors import Conflict, Invalid
from sip.core.journal import Event
from sip.core.messages import message
from sip.core.slugs import UniqueSlugs
from sip.cycles.stages import Stage
from sip.drafts import authorship, queries
from sip.drafts.actions.checkpoints import keep_checkpoint, note_arrangement
from sip.drafts.actions.passages import carry_to
from sip.drafts.actions.stages import open_information
from sip.drafts.actions.text import replace_bodies, take_snapshot
from sip.drafts.comparing import store_comparison
from sip.drafts.files import SectionFile, VersionFile, version_hash
from sip.drafts.models import Draft, Section, Version, VersionPage, VersionSection
from sip.drafts.numbering import number_sections
from sip.drafts.pages import document_html
from sip.drafts.policy import (
    may_freeze,
    may_publish,
    may_restore,
    may_restore_over,
    sections_kept_in_place,
    sections_standing_still,
)
from sip.drafts.references import broken_references
from sip.drafts.rendering import RenderedSection, SectionToRender, render_sections, table_of_contents
from sip.people.models import Person
from sip.people.queries import names_of

_RESTORED_LABEL = 100  # characters of the label of the version restored; the rest of what fits is for its number


def freeze_version(actor: Person, draft: Draft, label: str, note: str = "") -> Version:
    """Freeze the live text as the next version; raises Invalid: empty, unchanged, or with broken references."""
    queries.lock(draft)
    require(may_freeze(actor, draft))
    queries.load_texts(draft)
    if not draft.living_sections:
        raise Invalid(message("There is nothing to freeze yet: add a section first."))
    broken = broken_in(draft)
    if broken:
        raise Invalid(
            message(
                "Some cross-references lead nowhere: %(references)s. Mend them, then freeze the version.",
                references=", ".join(sorted({f"{reference} ({section.title})" for section, reference in broken})),
            )
        )
    last = queries.last_version(draft)
    if last is not None and not differs(draft, last):
        raise Invalid(message("Nothing has changed since version %(number)d.", number=last.number))
    version = store(draft, _file_of_live_text(actor, draft, label, note), actor)
    journal.record(actor, Event.VERSION_FROZEN, version.id, draft_id=draft.id, number=version.number, label=label)
    db.session.flush()
    return version


def publish_version(actor: Person, version: Version) -> None:
    """Let everybody read a version; what was in drafting is then open for information."""
    draft = version.draft
    queries.lock(draft)
    db.session.refresh(version, ["published_at"])
    require(may_publish(actor, version))
    if draft.published_number is not None and version.number < draft.published_number:
        raise Conflict(
            message("Version %(number)d, which is newer, is published already.", number=draft.published_number)
        )
    is_first = draft.published_number is None
    version.published_at = clock.now()
    draft.publish(version.number, version.published_at)
    if is_first:
        count_published(draft)
    opened = {section.key for section in queries.sections_of_version(version)}
    in_drafting = [section for section in draft.living_sections if section.stage == Stage.DRAFTING]
    open_information(actor, draft, [section for section in in_drafting if section.key in opened])
    journal.record(
        actor, Event.VERSION_PUBLISHED, version.id, draft_id=draft.id, number=version.number, title=draft.title
    )
    db.session.flush()


def restore_version(actor: Person, version: Version, note: str = "") -> Version:
    """Take the text of an earlier version back, as the next version; the one restored and those since stay.

    Raises Invalid where the last version, and the live text, say the same already.
    """
    draft = version.draft
    queries.lock(draft)
    require(may_take_back(actor, version))
    last = queries.last_version(draft)
    if last is not None and not differs(draft, last) and _has_sections_of(draft, version):
        raise Invalid(message("Nothing has changed since version %(number)d.", number=last.number))
    wanted = queries.sections_of_version(version)
    by_key = {section.key: section for section in draft.sections}
    _give_back_slugs(draft, wanted)
    for section in draft.sections:
        section.retired_at = section.retired_at or clock.now()
    for frozen in wanted:
        section = by_key[frozen.key]  # sections are never deleted
        section.retired_at = None
        section.title, section.kind, section.position = frozen.title, frozen.kind, frozen.position
        section.group = next((group for group in draft.groups if group.slug == frozen.group_slug), None)
    replace_bodies(actor, draft, {by_key[frozen.key]: frozen.body for frozen in wanted}, origin="restore")
    db.session.flush()
    db.session.expire(draft, ["sections"])
    note_arrangement(draft)
    label = f"{version.label[:_RESTORED_LABEL]} ({version.number})"
    version_file = _file_of_live_text(actor, draft, label, note, restored_from=version.number)
    restored = store(draft, version_file, actor)
    journal.record(
        actor,
        Event.VERSION_RESTORED,
        restored.id,
        draft_id=draft.id,
        number=restored.number,
        restored_from=version.number,
    )
    db.session.flush()
    return restored


def may_take_back(actor: Person | None, version: Version) -> Answer:
    """Restore a version over the live text as it is now; the reason of a no names the sections in the way."""
    answer = may_restore(actor, version)
    if not answer:
        return answer
    queries.load_texts(version.draft)
    in_place = sections_kept_in_place(actor, version.draft)
    if not in_place:
        return answer
    return may_restore_over(
        actor, version, _changed_by(version, in_place, sections_standing_still(actor, version.draft))
    )


def _changed_by(version: Version, sections: Sequence[Section], still: Collection[Section]) -> list[Section]:
    """Return those of `sections` whose heading, group, retirement or order among them `version` would change.

    Of those that stand `still`, whose text must not change, the ones with another text too.
    """
    wanted = {section.key: section for section in queries.sections_of_version(version)}
    groups = {group.slug for group in version.draft.groups}
    changed = []
    for section in sections:
        now, then = _state(section), _state_in(wanted.get(section.key), groups)
        if now != then and (section in still or now is None or then is None or now[:-1] != then[:-1]):
            changed.append(section)
    kept = [section for section in sections if not section.is_retired and section.key in wanted]
    turned = sorted(kept, key=lambda section: wanted[section.key].position)
    return [*changed, *(before for before, after in zip(kept, turned, strict=True) if before is not after)]


def _state(section: Section) -> tuple[str | None, ...] | None:
    """Return what a section is, its text last; None where it is retired."""
    if section.is_retired:
        return None
    group = section.group.slug if section.group else None
    return section.slug, section.title, section.kind, group, section.body


def _state_in(frozen: VersionSection | None, groups: Collection[str]) -> tuple[str | None, ...] | None:
    """Return what a section would be by a version in which it may not be; groups that write no more are left out."""
    if frozen is None:
        return None
    group = frozen.group_slug if frozen.group_slug in groups else None
    return frozen.slug, frozen.title, frozen.kind, group, frozen.body


def count_published(draft: Draft) -> None:
    """Add a draft that everybody may read for the first time to the stored counts."""
    for name in queries.counts_of(draft.cycle_id, draft.theme_id):
        counts.add(name)


def broken_in(draft: Draft) -> list[tuple[Section, str]]:
    """Return (section, reference) for every cross-reference of the live text that leads nowhere."""
    numbering = number_sections(map(to_render_live, draft.living_sections))
    return [
        (section, reference.text)
        for section in draft.living_sections
        if "[[" in section.body
        for reference in broken_references(section.body, numbering)
    ]


def section_file(section: Section) -> SectionFile:
    """Return the file form of a section of the live text."""
    return SectionFile(
        section.key,
        section.slug,
        section.title,
        section.kind,
        group=section.group.slug if section.group else None,
        stage=None if section.stage == Stage.DRAFTING else section.stage,
        is_retired=section.is_retired,
        body=section.body,
    )


def to_render_live(section: Section, text: str | None = None) -> SectionToRender:
    """Return what rendering needs of a section of the live text, or of what its text would be."""
    group = section.group.name if section.group else None
    body = section.body if text is None else text
    return SectionToRender(section.key, section.slug, section.title, section.kind, body, group)


def _give_back_slugs(draft: Draft, wanted: list[VersionSection]) -> None:
    """Let every section have the address it had, which the text refers to; whoever has it now gives way."""
    slugs = UniqueSlugs(section.slug for section in wanted)
    old = {section.key: section.slug for section in wanted}
    for section in draft.sections:
        section.slug, kept = f"-{section.key}", section.slug  # out of the way of the unique constraint
        old.setdefault(section.key, slugs.claim(kept))
    db.session.flush()
    for section in draft.sections:
        section.slug = old[section.key]


def differs(draft: Draft, last: Version) -> bool:
    """Tell whether the live text is another than that of a version."""
    return last.title != draft.title or not _has_sections_of(draft, last)


def _has_sections_of(draft: Draft, version: Version) -> bool:
    frozen = [(s.key, s.slug, s.title, s.kind, s.body, s.group_slug) for s in queries.sections_of_version(version)]
    live = [(s.key, s.slug, s.title, s.kind, s.body, s.group.slug if s.group else None) for s in draft.living_sections]
    return frozen == live


def _file_of_live_text(
    actor: Person, draft: Draft, label: str, note: str, *, restored_from: int | None = None
) -> VersionFile:
    last = queries.last_version(draft)
    shares = authorship.shares(section.authorship for section in draft.living_sections)
    names = names_of(shares)
    return VersionFile(
        title=draft.title,
        theme=draft.theme.slug,
        groups=tuple(group.slug for group in draft.groups),
        language=draft.language,
        sections=tuple(section_file(section) for section in draft.living_sections),
        number=(last.number if last else 0) + 1,
        label=label,
        note=note,
        frozen_at=clock.now().replace(microsecond=0),
        frozen_by=actor.name,
        contributors=tuple((names[person], round(share, 4)) for person, share in shares.items() if person in names),
        restored_from=restored_from,
        previous_hash=last.hash if last else None,
    )


def store(draft: Draft, file: VersionFile, actor: Person | None) -> Version:
    """Write a version with all that is rendered from it, and set the draft's counters."""
    group_names = {group.slug: group.name for group in draft.groups}
    to_render = [
        SectionToRender(s.key, s.slug, s.title, s.kind, s.body, group_names.get(s.group or "", s.group))
        for s in file.sections
    ]
    rendered = render_sections(to_render, file.language)
    version = _version_of(file, group_names)
    version.draft = draft
    version.frozen_by_id = actor.id if actor else None
    version.toc = table_of_contents(to_render, file.language)
    version.sections = [
        _frozen_section(section, position, rendering.group, done)
        for position, (section, rendering, done) in enumerate(zip(file.sections, to_render, rendered, strict=True), 1)
    ]
    db.session.add(version)
    db.session.flush()
    _store_page(version, rendered)
    before = queries.version_with_contents(draft, version.number - 1)
    if before is not None:
        store_comparison(before, version)
    draft.latest_number = max(draft.latest_number, version.number)
    take_snapshot(draft)
    _keep_state(draft)
    carry_to(version)
    return version


def _keep_state(draft: Draft) -> None:
    """Let the history begin anew from here: what a version froze is looked at oftener than what lies between."""
    snapshot, updates, last = queries.updates_to_load(draft.id)
    keep_checkpoint(draft.id, last, [*([snapshot] if snapshot else []), *updates], is_due=True)


def _version_of(file: VersionFile, group_names: Mapping[str, str]) -> Version:
    """Return what a file tells of a version, its sections left out."""
    return Version(
        number=file.number,
        label=file.label,
        note=file.note,
        title=file.title,
        language=file.language,
        groups=[{"slug": slug, "name": group_names.get(slug, slug)} for slug in file.groups],
        contributors=[{"name": name, "share": share} for name, share in file.contributors],
        frozen_at=file.frozen_at,
        frozen_by=file.frozen_by,
        restored_from=file.restored_from,
        previous_hash=file.previous_hash,
        hash=file.hash or version_hash(file),
        words=sum(len(section.body.split()) for section in file.sections),
    )


def _frozen_section(
    section: SectionFile, position: int, group_name: str | None, rendered: RenderedSection
) -> VersionSection:
    return VersionSection(
        key=section.key,
        slug=section.slug,
        title=section.title,
        kind=section.kind,
        position=position,
        number=rendered.number,
        group_slug=section.group,
        group_name=group_name,
        stage=section.stage or Stage.DRAFTING,
        body=section.body,
        html=rendered.html,
    )


def rendered_anew(version: Version) -> tuple[list[RenderedSection], list[dict[str, Any]], str]:
    """Return what the frozen Markdown of a version gives today: its sections, its contents and its whole page."""
    to_render = [
        SectionToRender(s.key, s.slug, s.title, s.kind, s.body, s.group_name)
        for s in queries.sections_of_version(version)
    ]
    rendered = render_sections(to_render, version.language)
    return (
        rendered,
        table_of_contents(to_render, version.language),
        document_html(version.draft.slug, version, rendered),
    )


def _store_page(version: Version, rendered: Sequence[RenderedSection]) -> None:
    """Keep the whole document as HTML, packed as browsers take it, so that reading it renders nothing."""
    html = document_html(version.draft.slug, version, rendered)
    packed = deflate(html.encode())
    db.session.add(
        VersionPage(
            version_id=version.id, html=html, deflated=packed.data, length=packed.length, checksum=packed.checksum
        )
    )
