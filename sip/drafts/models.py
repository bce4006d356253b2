"""Drafts with their sections and update log; versions, which never change; stored comparisons."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary, String, Table, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from sip.core.db import Base, Model
from sip.cycles.models import Theme
from sip.cycles.stages import Stage
from sip.groups.models import WorkingGroup
from sip.people.models import Person


class SectionKind(StrEnum):
    """What a section is; only recommendations are numbered and have a stage of their own."""

    PROSE = "prose"
    RECOMMENDATION = "recommendation"


draft_groups = Table(
    "draft_groups",
    Base.metadata,
    Column("draft_id", ForeignKey("drafts.id", ondelete="CASCADE"), primary_key=True),
    Column("group_id", ForeignKey("working_groups.id", ondelete="CASCADE"), primary_key=True, index=True),
)


class Draft(Model):
    """A recommendation document of a theme. Its text is the update log; what stands here is arranged by the server."""

    __tablename__ = "drafts"
    __table_args__ = (
        Index("ix_drafts_theme_id_listed_at", "theme_id", "listed_at"),
        Index("ix_drafts_cycle_id_listed_at", "cycle_id", "listed_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    theme_id: Mapped[int] = mapped_column(ForeignKey("themes.id"))
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycles.id"))  # the theme's
    title: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(5), default="fr")
    created_at: Mapped[datetime]
    # Denormalised when things change, so that lists and the reading page look at one row.
    changed_at: Mapped[datetime] = mapped_column(index=True)  # last change of the live text
    published_at: Mapped[datetime | None] = mapped_column(index=True)  # last publication
    listed_at: Mapped[datetime] = mapped_column(index=True)  # orders lists: last publication, before it the last change
    published_number: Mapped[int | None]  # the published version with the highest number
    latest_number: Mapped[int] = mapped_column(default=0)  # the last frozen version
    theme: Mapped[Theme] = relationship()
    groups: Mapped[list[WorkingGroup]] = relationship(secondary=draft_groups, order_by=WorkingGroup.name)
    sections: Mapped[list["Section"]] = relationship(
        back_populates="draft", cascade="all, delete-orphan", order_by="Section.position, Section.id"
    )

    def touch(self, at: datetime) -> None:
        """Note that the live text, or its arrangement, changed."""
        self.changed_at = at
        if self.published_at is None:
            self.listed_at = at

    def publish(self, number: int, at: datetime) -> None:
        """Note that version `number` is open to everybody."""
        self.published_number = number
        self.published_at = self.listed_at = at

    @property
    def living_sections(self) -> list["Section"]:
        """The sections that are part of the text, in order."""
        return [section for section in self.sections if not section.is_retired]

    @property
    def retired_sections(self) -> list["Section"]:
        return [section for section in self.sections if section.is_retired]


class Section(Model):
    """One part of a draft; `key` names its text in the shared document and never changes.

    `body` and `authorship` are derived from the update log in the transaction that appends to it.
    """

    __tablename__ = "sections"
    __table_args__ = (
        UniqueConstraint("draft_id", "key"),
        UniqueConstraint("draft_id", "slug"),
        Index("ix_sections_stage_closes_at", "stage_closes_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("drafts.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(20))
    slug: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(300))
    kind: Mapped[str] = mapped_column(String(20))
    position: Mapped[int]
    group_id: Mapped[int | None] = mapped_column(ForeignKey("working_groups.id", ondelete="SET NULL"))
    stage: Mapped[str] = mapped_column(String(20), default=Stage.DRAFTING)
    stage_since: Mapped[datetime | None]  # when it came to its stage; None in drafting
    stage_closes_at: Mapped[datetime | None]  # what the stage opens to members ends then
    retired_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]
    body: Mapped[str] = mapped_column(Text, default="", deferred=True, deferred_group="text")
    # Runs of [person id or None, number of characters], end to end over `body`.
    authorship: Mapped[list[Any]] = mapped_column(default=list, deferred=True, deferred_group="text")
    draft: Mapped[Draft] = relationship(back_populates="sections")
    group: Mapped[WorkingGroup | None] = relationship()

    @property
    def is_retired(self) -> bool:
        return self.retired_at is not None

    @property
    def is_recommendation(self) -> bool:
        return self.kind == SectionKind.RECOMMENDATION


class StageMove(Model):
    """That a section went from one stage to another: by whom, why, and on which version."""

    __tablename__ = "stage_moves"
    __table_args__ = (Index("ix_stage_moves_draft_id_id", "draft_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("drafts.id", ondelete="CASCADE"))
    section_id: Mapped[int] = mapped_column(ForeignKey("sections.id", ondelete="CASCADE"), index=True)
    before: Mapped[str] = mapped_column(String(20))
    after: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    reason: Mapped[str] = mapped_column(String(2000), default="")
    number: Mapped[int | None]  # of the version that readers saw then
    closes_at: Mapped[datetime | None]  # when what the new stage opens was to end
    section: Mapped[Section] = relationship()
    actor: Mapped[Person | None] = relationship()


class DraftUpdate(Model):
    """One change of a draft's live text, as a Yjs update; rows are only ever added."""

    __tablename__ = "draft_updates"
    is_news = True
    __table_args__ = (Index("ix_draft_updates_draft_id_id", "draft_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("drafts.id", ondelete="CASCADE"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    origin: Mapped[str] = mapped_column(String(20))  # live, form, amendment, import, restore, undo
    at: Mapped[datetime]
    data: Mapped[bytes] = mapped_column(LargeBinary)


class LiveClient(Model):
    """That a client id of the shared document is one person's: nobody else writes under it."""

    __tablename__ = "live_clients"

    draft_id: Mapped[int] = mapped_column(ForeignKey("drafts.id", ondelete="CASCADE"), primary_key=True)
    client_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)


class DraftSnapshot(Model):
    """The live text as it is after update `update_id`, so that opening it replays few updates."""

    __tablename__ = "draft_snapshots"

    draft_id: Mapped[int] = mapped_column(ForeignKey("drafts.id", ondelete="CASCADE"), primary_key=True)
    update_id: Mapped[int]
    state: Mapped[bytes] = mapped_column(LargeBinary)


class Version(Model):
    """An immutable, numbered state of a draft. Only its publication may be added later."""

    __tablename__ = "versions"
    __table_args__ = (UniqueConstraint("draft_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("drafts.id", ondelete="CASCADE"))
    number: Mapped[int]
    label: Mapped[str] = mapped_column(String(120))
    note: Mapped[str] = mapped_column(String(2000), default="")
    title: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(5))
    groups: Mapped[list[Any]] = mapped_column(default=list)  # [{slug, name}] as they were
    contributors: Mapped[list[Any]] = mapped_column(default=list)  # [{name, share}], the largest share first
    frozen_at: Mapped[datetime]
    frozen_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    frozen_by: Mapped[str] = mapped_column(String(120), default="")
    published_at: Mapped[datetime | None]
    restored_from: Mapped[int | None]  # the number of the version whose text this one took back
    previous_hash: Mapped[str | None] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    words: Mapped[int] = mapped_column(default=0)
    toc: Mapped[list[Any]] = mapped_column(default=list, deferred=True)  # [{slug, number, title, kind, measures: […]}]
    draft: Mapped[Draft] = relationship()
    sections: Mapped[list["VersionSection"]] = relationship(
        cascade="all, delete-orphan", order_by="VersionSection.position"
    )


class VersionSection(Model):
    """One section as a version froze it: Markdown and the HTML it was rendered to."""

    __tablename__ = "version_sections"
    __table_args__ = (
        UniqueConstraint("version_id", "key"),
        Index("ix_version_sections_version_id_slug", "version_id", "slug"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(20))
    slug: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(300))
    kind: Mapped[str] = mapped_column(String(20))
    position: Mapped[int]
    number: Mapped[str | None] = mapped_column(String(10))  # computed when frozen; None for prose
    group_slug: Mapped[str | None] = mapped_column(String(60))
    group_name: Mapped[str | None] = mapped_column(String(120))
    stage: Mapped[str] = mapped_column(String(20))
    body: Mapped[str] = mapped_column(Text, deferred=True, deferred_group="text")
    html: Mapped[str] = mapped_column(Text, deferred=True, deferred_group="text")


class VersionPage(Model):
    """The whole document of a version as HTML, as it stands in its reading page, also deflated for sending."""

    __tablename__ = "version_pages"

    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id", ondelete="CASCADE"), primary_key=True)
    html: Mapped[str] = mapped_column(Text, deferred=True)
    deflated: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)  # raw deflate, ended by a full flush
    length: Mapped[int]  # of the UTF-8 bytes of `html`
    checksum: Mapped[int] = mapped_column(BigInteger)  # Adler-32 of the same


class StoredComparison(Model):
    """What changed between two versions of a draft, computed once (`comparison.Comparison` as JSON)."""

    __tablename__ = "comparisons"
    __table_args__ = (UniqueConstraint("draft_id", "old_number", "new_number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("drafts.id", ondelete="CASCADE"))
    old_number: Mapped[int]
    new_number: Mapped[int]
    result: Mapped[dict[str, Any]]


class DraftSitting(Model):
    """Updates that follow one another in the log, and that readers of the history see as one piece of work.

    What was written live is one sitting until the pen rests; a saved form, an import or a text taken back is one alone.
    """

    __tablename__ = "draft_sittings"
    __table_args__ = (
        UniqueConstraint("draft_id", "number"),
        Index("ix_draft_sittings_draft_id_first_update_id", "draft_id", "first_update_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("drafts.id", ondelete="CASCADE"))
    number: Mapped[int]  # 1, 2, … in each draft, so that the last one's is their count
    first_update_id: Mapped[int]
    last_update_id: Mapped[int]
    updates: Mapped[int]  # how many
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    origin: Mapped[str] = mapped_column(String(20))  # that of its updates


class SittingPart(Model):
    """What one person did to one section in a sitting, in characters."""

    __tablename__ = "sitting_parts"
    __table_args__ = (
        UniqueConstraint("sitting_id", "person_id", "key"),
        Index("ix_sitting_parts_draft_id_person_id_sitting_id", "draft_id", "person_id", "sitting_id"),
        Index("ix_sitting_parts_draft_id_key_sitting_id", "draft_id", "key", "sitting_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sitting_id: Mapped[int] = mapped_column(ForeignKey("draft_sittings.id", ondelete="CASCADE"))
    draft_id: Mapped[int] = mapped_column(ForeignKey("drafts.id", ondelete="CASCADE"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    key: Mapped[str] = mapped_column(String(20))
    added: Mapped[int]
    removed: Mapped[int]


class DraftCheckpoint(Model):
    """The live text as it was after update `update_id`, so that an earlier state is rebuilt from few updates."""

    __tablename__ = "draft_checkpoints"

    draft_id: Mapped[int] = mapped_column(ForeignKey("drafts.id", ondelete="CASCADE"), primary_key=True)
    update_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    state: Mapped[bytes] = mapped_column(LargeBinary)  # a Yjs update without what was deleted, zlib-packed


class DraftArrangement(Model):
    """Which sections the text had, in order, from update `update_id` on until the next arrangement."""

    __tablename__ = "draft_arrangements"

    draft_id: Mapped[int] = mapped_column(ForeignKey("drafts.id", ondelete="CASCADE"), primary_key=True)
    update_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 0 before the first one
    at: Mapped[datetime]
    sections: Mapped[list[Any]] = mapped_column(default=list)  # [{key, slug, title, kind, group}], the living ones


class KeptPassage(Model):
    """A stretch of a section's Markdown that somebody marked, in code points; it stays as it was marked.

    Of a version (`version_id`), or of the live text as it was after an update (`update_id`).
    """

    __tablename__ = "passages"
    __table_args__ = (Index("ix_passages_draft_id_id", "draft_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("drafts.id", ondelete="CASCADE"))
    version_id: Mapped[int | None] = mapped_column(ForeignKey("versions.id", ondelete="CASCADE"))
    update_id: Mapped[int | None]
    key: Mapped[str] = mapped_column(String(20))  # the section's
    start: Mapped[int]
    end: Mapped[int]
    quote: Mapped[str] = mapped_column(Text)
    prefix: Mapped[str] = mapped_column(String(64), default="")
    suffix: Mapped[str] = mapped_column(String(64), default="")
    shown: Mapped[str] = mapped_column(Text)  # the same words as readers see them, without marks


class PlaceState(StrEnum):
    """What became of a passage in a later text."""

    IN_PLACE = "in_place"
    CHANGED = "changed"
    OUTDATED = "outdated"


class PassagePlace(Model):
    """Where a passage stands in a version: computed once, when the version is frozen or the passage marked.

    `start` and `end` count code points of the section's Markdown, `shown_start` and `shown_end` those of its readable
    text (`texts/readable.py`); an outdated passage has none.
    """

    __tablename__ = "passage_places"
    __table_args__ = (Index("ix_passage_places_version_id_key", "version_id", "key"),)

    passage_id: Mapped[int] = mapped_column(ForeignKey("passages.id", ondelete="CASCADE"), primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[str] = mapped_column(String(12))
    is_moved: Mapped[bool] = mapped_column(default=False)  # into another section, or with its section
    key: Mapped[str] = mapped_column(String(20))  # of the section that it stands in, or stood in last
    start: Mapped[int | None]
    end: Mapped[int | None]
    shown_start: Mapped[int | None]
    shown_end: Mapped[int | None]
    shown: Mapped[str | None] = mapped_column(Text)  # the words of a changed passage as readers see them now
    last_number: Mapped[int]  # the last version in which it stood: this one's own number unless it is outdated
