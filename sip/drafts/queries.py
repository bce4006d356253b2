"""Lookups and lists of drafts, sections and versions; what a page needs is loaded here."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, false, func, or_, select, union_all
from sqlalchemy.orm import joinedload, selectinload, undefer, undefer_group

from sip.core import counts
from sip.core.db import db
from sip.core.errors import Missing
from sip.cycles.models import Cycle, SteeringSeat, Theme
from sip.cycles.stages import LADDER
from sip.drafts.models import (
    Draft,
    DraftSnapshot,
    DraftUpdate,
    Section,
    SectionKind,
    StoredComparison,
    Version,
    VersionPage,
    VersionSection,
    draft_groups,
)
from sip.groups.models import Membership, MembershipState, WorkingGroup
from sip.groups.policy import LEADING_ROLES
from sip.people.models import Person

MOST_VERSIONS = 1_000_000
MOST_THEMES = 100  # of a cycle whose documents are shown at once


def _rights(start: Any = None) -> list[Any]:
    """Load with a draft, or with the thing at whose `start` it stands, what policies ask about a person."""
    theme = start.joinedload(Draft.theme) if start else joinedload(Draft.theme)
    groups = start.selectinload(Draft.groups) if start else selectinload(Draft.groups)
    return [theme.joinedload(Theme.cycle).selectinload(Cycle.seats), groups.selectinload(WorkingGroup.memberships)]


def draft_by_slug(slug: str, *, for_member: bool = True) -> Draft:
    """Return the draft, with what a member's rights depend on (a visitor has none that do); raises Missing."""
    options = _rights() if for_member else [joinedload(Draft.theme).joinedload(Theme.cycle)]
    draft = db.session.scalar(select(Draft).where(Draft.slug == slug).options(*options))
    if draft is None:
        raise Missing
    return draft


def lock(draft: Draft) -> None:
    """Hold other writers of this draft back until the transaction ends, and see what they did before."""
    db.session.refresh(draft, with_for_update={"of": Draft})
    # What the ORM remembers of the sections may be older than the lock; their texts are read again when asked for.
    query = select(Section).where(Section.draft_id == draft.id).options(joinedload(Section.group))
    for section in db.session.scalars(query.execution_options(populate_existing=True)):
        db.session.expire(section, ["body", "authorship"])
    db.session.expire(draft, ["sections"])


def load_texts(draft: Draft) -> None:
    """Read the texts of all sections at once, before they are asked for one by one."""
    held = draft.sections  # the session itself would forget them
    query = select(Section).where(Section.id.in_([section.id for section in held])).options(undefer_group("text"))
    db.session.scalars(query).all()


def live_draft(slug: str) -> Draft:
    """Return the draft with the texts of its sections, for pages that show all of it; raises Missing."""
    draft = db.session.scalar(
        select(Draft)
        .where(Draft.slug == slug)
        .options(
            selectinload(Draft.sections).options(undefer(Section.body), joinedload(Section.group)),
            *_rights(),
        )
    )
    if draft is None:
        raise Missing
    return draft


def section_by_slug(draft_slug: str, slug: str) -> Section:
    """Return a section of the live text, named by its slug or its key, with its body; raises Missing."""
    draft = joinedload(Section.draft)
    query = (
        select(Section)
        .join(Section.draft)
        .where(Draft.slug == draft_slug, or_(Section.slug == slug, Section.key == slug))
        .order_by(Section.slug != slug)
        .options(*_rights(draft), joinedload(Section.group), undefer_group("text"))
    )
    section = db.session.scalars(query).first()
    if section is None:
        raise Missing
    return section


def version_by_number(draft_slug: str, number: int) -> Version:
    """Return a version; raises Missing."""
    if number > MOST_VERSIONS:
        raise Missing  # what no database can hold
    version = db.session.scalar(
        select(Version)
        .join(Version.draft)
        .where(Draft.slug == draft_slug, Version.number == number)
        .options(*_rights(joinedload(Version.draft)))
    )
    if version is None:
        raise Missing
    return version


def version_with_contents(draft: Draft, number: int) -> Version | None:
    """Return a version with its table of contents, or None."""
    query = select(Version).where(Version.draft_id == draft.id, Version.number == number)
    return db.session.scalar(query.options(undefer(Version.toc)))


def page_html(version_id: int) -> str:
    """Return the stored HTML of the whole document."""
    return db.session.scalars(select(VersionPage.html).where(VersionPage.version_id == version_id)).one()


def deflated_page(version_id: int) -> tuple[bytes, int, int]:
    """Return the stored document deflated, its length and its checksum."""
    row = db.session.execute(
        select(VersionPage.deflated, VersionPage.length, VersionPage.checksum).where(
            VersionPage.version_id == version_id
        )
    ).one()
    return row[0], row[1], row[2]


def section_of_version(version: Version, slug: str) -> VersionSection | None:
    """Return one section of a version with its HTML, or None."""
    query = select(VersionSection).where(VersionSection.version_id == version.id, VersionSection.slug == slug)
    return db.session.scalar(query.options(undefer_group("text")))


def sections_of_version(version: Version) -> list[VersionSection]:
    """Return the sections of a version in order, with their texts."""
    query = select(VersionSection).where(VersionSection.version_id == version.id).order_by(VersionSection.position)
    return list(db.session.scalars(query.options(undefer_group("text"))))


def versions(draft: Draft, *, only_published: bool) -> Select[Version]:
    """Return the query of a draft's versions, the latest first."""
    query = select(Version).where(Version.draft_id == draft.id).order_by(Version.number.desc())
    return query.where(Version.published_at.is_not(None)) if only_published else query


def version_choices(draft: Draft, *, only_published: bool) -> list[tuple[int, str]]:
    """Return number and label of the last versions, to choose among, the latest first."""
    query = versions(draft, only_published=only_published).with_only_columns(Version.number, Version.label).limit(300)
    return [(row[0], row[1]) for row in db.session.execute(query)]


def number_before(version: Version, *, only_published: bool) -> int | None:
    """Return the number of the version before this one, or None."""
    query = select(func.max(Version.number)).where(
        Version.draft_id == version.draft_id, Version.number < version.number
    )
    return db.session.scalar(query.where(Version.published_at.is_not(None)) if only_published else query)


def last_version(draft: Draft) -> Version | None:
    """Return the version frozen last, or None."""
    return db.session.scalar(
        select(Version).where(Version.draft_id == draft.id).order_by(Version.number.desc()).limit(1)
    )


def stored_comparison(draft: Draft, old: int, new: int) -> StoredComparison | None:
    """Return the comparison of two versions if it was computed before."""
    return db.session.scalar(
        select(StoredComparison).where(
            StoredComparison.draft_id == draft.id,
            StoredComparison.old_number == old,
            StoredComparison.new_number == new,
        )
    )


def updates_to_load(draft_id: int) -> tuple[bytes | None, list[bytes], int]:
    """Return the last snapshot's state, the updates since, and the id of the last one (0 where there is none)."""
    snapshot = db.session.get(DraftSnapshot, draft_id, populate_existing=True)
    rows = db.session.execute(
        select(DraftUpdate.id, DraftUpdate.data)
        .where(DraftUpdate.draft_id == draft_id, DraftUpdate.id > (snapshot.update_id if snapshot else 0))
        .order_by(DraftUpdate.id)
    ).all()
    last = rows[-1].id if rows else (snapshot.update_id if snapshot else 0)
    return (snapshot.state if snapshot else None), [row.data for row in rows], last


def all_updates(draft_id: int) -> list[bytes]:
    """Return every update of a draft, for checks."""
    query = select(DraftUpdate.data).where(DraftUpdate.draft_id == draft_id).order_by(DraftUpdate.id)
    return list(db.session.scalars(query))


def _in_group(person: Person) -> ColumnElement[bool]:
    return exists().where(
        draft_groups.c.draft_id == Draft.id,
        Membership.group_id == draft_groups.c.group_id,
        Membership.person_id == person.id,
        Membership.state == MembershipState.ACTIVE,
    )


def _steers(person: Person) -> ColumnElement[bool]:
    return exists().where(SteeringSeat.cycle_id == Draft.cycle_id, SteeringSeat.person_id == person.id)


def _not_published(person: Person | None) -> Select[Draft]:
    """Return the query of the drafts that are not published, and that `person` may know of all the same."""
    query = select(Draft).where(Draft.published_number.is_(None))
    return query.where(or_(_in_group(person), _steers(person))) if person is not None else query.where(false())


def known_to(person: Person | None) -> Select[Draft]:
    """Return the query of the drafts that `person` may know of: `may_read_draft` as SQL."""
    # Few are not published yet: naming them keeps lists in the order of their index.
    mine = db.session.scalars(_not_published(person).with_only_columns(Draft.id)).all() if person else []
    return select(Draft).where(or_(Draft.published_number.is_not(None), Draft.id.in_(mine)))


def drafts_of_group(person: Person | None, group: WorkingGroup, *, with_rights: bool = False) -> list[Draft]:
    """Return the drafts of a group that `person` may know of, `with_rights` loaded with what `may_write` asks."""
    query = known_to(person).where(Draft.groups.any(WorkingGroup.id == group.id)).order_by(Draft.title)
    if with_rights:
        query = query.options(*_rights(), selectinload(Draft.sections))
    return list(db.session.scalars(query))


def drafts_of_person(person: Person, limit: int = 20) -> list[Draft]:
    """Return the drafts of the person's groups, the one that changed last first."""
    query = (
        select(Draft)
        .where(_in_group(person))
        .order_by(Draft.changed_at.desc())
        .limit(limit)
        .options(selectinload(Draft.groups))
    )
    return list(db.session.scalars(query))


def newly_published(limit: int) -> list[Draft]:
    """Return the drafts published last, for everybody."""
    query = select(Draft).where(Draft.published_at.is_not(None)).order_by(Draft.published_at.desc()).limit(limit)
    return list(db.session.scalars(query.options(selectinload(Draft.groups), joinedload(Draft.theme))))


def documents(person: Person | None, *, cycle_id: int | None = None, theme_id: int | None = None) -> Select[Draft]:
    """Return the query of the documents that `person` may know of, of all cycles, of one, or of one theme."""
    query = known_to(person).options(selectinload(Draft.groups), joinedload(Draft.theme).joinedload(Theme.cycle))
    if theme_id is not None:
        query = query.where(Draft.theme_id == theme_id)
    elif cycle_id is not None:
        query = query.where(Draft.cycle_id == cycle_id)
    return query.order_by(Draft.listed_at.desc(), Draft.id.desc())


def latest_of_themes(person: Person | None, theme_ids: Sequence[int], each: int) -> list[Draft]:
    """Return the `each` latest documents of every theme that `person` may know of, in one statement."""
    if not theme_ids:
        return []
    known = known_to(person).with_only_columns(Draft.id).order_by(Draft.listed_at.desc(), Draft.id.desc()).limit(each)
    # A short walk along the index for each theme: together they cost the same however many documents there are.
    walks = [select(known.where(Draft.theme_id == theme_id).subquery().c.id) for theme_id in theme_ids[:MOST_THEMES]]
    query = select(Draft).where(Draft.id.in_(union_all(*walks))).order_by(Draft.listed_at.desc(), Draft.id.desc())
    return list(db.session.scalars(query.options(selectinload(Draft.groups))))


def counts_of(cycle_id: int, theme_id: int) -> tuple[str, str, str]:
    """Return the names of the stored counts of published documents: of all, of a cycle, of a theme."""
    return "published", f"published.cycle.{cycle_id}", f"published.theme.{theme_id}"


def count_documents(person: Person | None, *, cycle_id: int | None = None, theme_id: int | None = None) -> int:
    """Count what `documents` finds: a stored count, and the few that are not published yet."""
    of_all, of_cycle, of_theme = counts_of(cycle_id or 0, theme_id or 0)
    total = counts.read(of_theme if theme_id is not None else of_cycle if cycle_id is not None else of_all)
    if person is None:
        return total
    query = _not_published(person)
    if theme_id is not None:
        query = query.where(Draft.theme_id == theme_id)
    elif cycle_id is not None:
        query = query.where(Draft.cycle_id == cycle_id)
    mine = query.with_only_columns(func.count(Draft.id))
    return total + (db.session.scalar(mine) or 0)


def groups_of_theme(theme: Theme) -> list[WorkingGroup]:
    """Return the working groups of a theme."""
    query = select(WorkingGroup).where(WorkingGroup.theme_id == theme.id).order_by(WorkingGroup.name)
    return list(db.session.scalars(query))


def slugs_taken(draft: Draft) -> set[str]:
    """Return the slugs of all sections of a draft, the retired ones too."""
    return set(db.session.scalars(select(Section.slug).where(Section.draft_id == draft.id)))


def themes_led_by(person: Person) -> list[Theme]:
    """Return the themes of the groups that `person` facilitates or is the secretary of."""
    query = (
        select(Theme)
        .where(
            exists().where(
                WorkingGroup.theme_id == Theme.id,
                Membership.group_id == WorkingGroup.id,
                Membership.person_id == person.id,
                Membership.state == MembershipState.ACTIVE,
                Membership.role.in_(LEADING_ROLES),
            )
        )
        .order_by(Theme.title)
        .limit(50)
    )
    return list(db.session.scalars(query))


def key_of_slug(draft: Draft, slug: str) -> str | None:
    """Return the key of the section that has this address in the live text."""
    return db.session.scalar(select(Section.key).where(Section.draft_id == draft.id, Section.slug == slug))


def published_slug(draft: Draft, key: str) -> str | None:
    """Return the address that a section has in the last published version."""
    return db.session.scalar(
        select(VersionSection.slug)
        .join(Version, VersionSection.version_id == Version.id)
        .where(Version.draft_id == draft.id, Version.number == draft.published_number, VersionSection.key == key)
    )


def closings(cycle: Cycle, since: datetime, limit: int = 200) -> Sequence[Row[datetime | None, str, str, str, int]]:
    """Return when stages of a cycle's published recommendations close, from `since` on, the first one first.

    Rows have closes_at, stage, slug and title of the document, and recommendations, how many of them.
    """
    query = (
        select(
            Section.stage_closes_at.label("closes_at"),
            Section.stage,
            Draft.slug,
            Draft.title,
            func.count(Section.id).label("recommendations"),
        )
        .join(Section.draft)
        .where(
            Draft.cycle_id == cycle.id,
            Draft.published_number.is_not(None),
            Section.stage_closes_at >= since,
            Section.stage.in_(LADDER),
            Section.retired_at.is_(None),
            Section.kind == SectionKind.RECOMMENDATION,
        )
        .group_by(Section.stage_closes_at, Section.stage, Draft.id, Draft.slug, Draft.title)
        .order_by(Section.stage_closes_at, Draft.title, Draft.id)
        .limit(limit)
    )
    return db.session.execute(query).all()
