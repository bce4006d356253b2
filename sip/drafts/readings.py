"""What the page that shows a version is made of, read as columns: it is opened far oftener than all others."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import Integer, and_, bindparam, case, func, select
from sqlalchemy.orm import undefer

from sip.core.db import db
from sip.core.errors import Missing
from sip.cycles.models import Cycle, SteeringSeat, Theme
from sip.cycles.stages import Stage
from sip.drafts.models import Draft, Section, SectionKind, Version, VersionSection, draft_groups
from sip.drafts.queries import MOST_VERSIONS
from sip.groups.models import Membership, MembershipState


@dataclass(frozen=True)
class Place:
    """Where a document belongs: its theme, which has a cycle; or that cycle."""

    title: str
    slug: str
    cycle: "Place | None" = None


@dataclass(frozen=True)
class Reading:
    """A document and one of its versions, as far as their page tells of them: equal readings make equal pages."""

    slug: str
    title: str
    theme: Place
    published_number: int | None
    latest_number: int
    version_id: int  # 0 where nothing is published
    number: int
    hash: str
    published_at: datetime | None
    counts: tuple[tuple[Stage, int], ...]
    closings: tuple[tuple[Stage, datetime | None], ...]  # when the stages of its recommendations close

    @property
    def stages(self) -> Counter[Stage]:
        """How many recommendations of the version stand at each stage."""
        return Counter(dict(self.counts))


@dataclass(frozen=True)
class Asked:
    """The same document as policies ask about it, for one person: anything they ask beyond that fails loudly."""

    draft: Draft
    version: Version


_drafts, _themes, _cycles, _seats = (model.__table__ for model in (Draft, Theme, Cycle, SteeringSeat))
_versions, _frozen, _sections, _members = (m.__table__ for m in (Version, VersionSection, Section, Membership))

_person = bindparam("person", type_=Integer)
_wanted = func.coalesce(bindparam("number", type_=Integer), _drafts.c.published_number)
# The statements are built once; columns of tables spare what objects cost.
_DOCUMENT = (
    select(
        _drafts.c.id,
        _drafts.c.slug,
        _drafts.c.title,
        _drafts.c.published_number,
        _drafts.c.latest_number,
        _themes.c.title.label("theme_title"),
        _themes.c.slug.label("theme_slug"),
        _cycles.c.title.label("cycle_title"),
        _cycles.c.slug.label("cycle_slug"),
        _cycles.c.guests_may_comment,
        _versions.c.id.label("version_id"),
        _versions.c.number,
        _versions.c.hash,
        _versions.c.published_at,
        _seats.c.person_id.label("seat"),
        _members.c.role,
        _members.c.state,
    )
    .select_from(
        _drafts.join(_themes, _themes.c.id == _drafts.c.theme_id)
        .join(_cycles, _cycles.c.id == _drafts.c.cycle_id)
        .outerjoin(_versions, and_(_versions.c.draft_id == _drafts.c.id, _versions.c.number == _wanted))
        .outerjoin(_seats, and_(_seats.c.cycle_id == _cycles.c.id, _seats.c.person_id == _person))
        .outerjoin(draft_groups, draft_groups.c.draft_id == _drafts.c.id)
        .outerjoin(_members, and_(_members.c.group_id == draft_groups.c.group_id, _members.c.person_id == _person))
    )
    .where(_drafts.c.slug == bindparam("slug"))
)
_is_counted = and_(_sections.c.kind == SectionKind.RECOMMENDATION, _frozen.c.id.is_not(None))
_STAGES = (
    select(
        _sections.c.stage,
        _sections.c.stage_closes_at,
        func.sum(case((_is_counted, 1), else_=0)).label("recommendations"),
        func.count(_frozen.c.id).label("frozen"),
        func.sum(case((_sections.c.retired_at.is_(None), 1), else_=0)).label("living"),
    )
    .select_from(_sections)
    .outerjoin(_frozen, and_(_frozen.c.version_id == bindparam("version"), _frozen.c.key == _sections.c.key))
    .where(_sections.c.draft_id == bindparam("draft"))
    .group_by(_sections.c.stage, _sections.c.stage_closes_at)
    .order_by(_sections.c.stage)
)


def reading_of(slug: str, number: int | None, person_id: int | None) -> tuple[Reading, Asked]:
    """Return version `number` of a draft, by default the published one, and what the person's rights depend on.

    Raises Missing where there is no such draft, or no version of a number that is given.
    """
    connection = db.session.connection()
    if number is not None and number > MOST_VERSIONS:
        raise Missing  # what no database can hold
    rows = connection.execute(_DOCUMENT, {"slug": slug, "number": number, "person": person_id or 0}).all()
    if not rows or (number is not None and rows[0].version_id is None):
        raise Missing
    row = rows[0]
    stages = connection.execute(_STAGES, {"draft": row.id, "version": row.version_id or 0}).all()
    counts: Counter[str] = Counter()
    # A text without any recommendation counts all its sections; what a version has not, its readers do not know of.
    counted = "recommendations" if any(each.recommendations for each in stages) else "frozen"
    for each in stages:
        counts[each.stage] += int(getattr(each, counted))
    reading = Reading(
        slug=row.slug,
        title=row.title,
        theme=Place(row.theme_title, row.theme_slug, Place(row.cycle_title, row.cycle_slug)),
        published_number=row.published_number,
        latest_number=row.latest_number,
        version_id=row.version_id or 0,
        number=row.number or 0,
        hash=row.hash or "",
        published_at=row.published_at,
        counts=tuple((Stage(stage), count) for stage, count in counts.items() if count),
        closings=tuple((Stage(each.stage), each.stage_closes_at) for each in stages if getattr(each, counted)),
    )
    living = [SimpleNamespace(stage=each.stage, stage_closes_at=each.stage_closes_at) for each in stages if each.living]
    return reading, _asked(rows, living, person_id)


def version_of(reading: Reading) -> Version:
    """Return the row of the version that is read, with its table of contents."""
    query = select(Version).where(Version.id == reading.version_id).options(undefer(Version.toc))
    return db.session.scalars(query).one()


def _asked(rows: Any, living: list[SimpleNamespace], person_id: int | None) -> Asked:
    """Stand in for a draft of which policies look at the person's own roles, and at the stages of its sections."""
    row = rows[0]
    mine = [each for each in rows if each.role is not None]
    draft = SimpleNamespace(
        id=row.id,
        published_number=row.published_number,
        groups=[
            SimpleNamespace(
                memberships=[
                    SimpleNamespace(person_id=person_id, role=each.role, is_active=each.state == MembershipState.ACTIVE)
                ]
            )
            for each in mine
        ],
        theme=SimpleNamespace(
            cycle=SimpleNamespace(
                seats=[SimpleNamespace(person_id=person_id)] if row.seat is not None else [],
                guests_may_comment=row.guests_may_comment,
            )
        ),
        living_sections=living,
    )
    version = SimpleNamespace(id=row.version_id, published_at=row.published_at, draft=draft)
    return Asked(cast(Draft, draft), cast(Version, version))
