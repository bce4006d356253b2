"""Whole documents: begun empty, or imported from other formats."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sip.core import clock, counts, journal
from sip.core.access import require
from sip.core.db import db, hold
from sip.core.errors import Invalid
from sip.core.journal import Event
from sip.core.messages import message
from sip.core.slugs import slugify
from sip.cycles.models import Theme
from sip.cycles.stages import Stage
from sip.drafts import live_text, queries
from sip.drafts.actions.arranging import new_key
from sip.drafts.actions.checkpoints import note_arrangement
from sip.drafts.actions.sittings import note_change
from sip.drafts.actions.text import append_update, take_snapshot
from sip.drafts.addresses import DRAFT_WORDS, draft_slugs, section_slugs
from sip.drafts.models import Draft, Section, SectionKind
from sip.drafts.policy import may_create_draft
from sip.groups.models import WorkingGroup
from sip.people.models import Person


@dataclass(frozen=True)
class NewSection:
    """A section of a document that is imported; `group` is one of the draft's."""

    title: str
    kind: SectionKind
    body: str
    slug: str = ""
    group: WorkingGroup | None = None


def create_draft(
    actor: Person, theme: Theme, title: str, groups: Sequence[WorkingGroup], *, language: str = "fr"
) -> Draft:
    """Begin an empty document for a theme, written by `groups`."""
    require(may_create_draft(actor, theme, queries.groups_of_theme(theme)))
    _check_groups(theme, groups)
    draft = new_draft(theme, title, groups, language)
    journal.record(actor, Event.DRAFT_CREATED, draft.id, draft_id=draft.id, cycle_id=theme.cycle_id, title=title)
    return draft


def import_document(
    actor: Person,
    theme: Theme,
    title: str,
    groups: Sequence[WorkingGroup],
    sections: Sequence[NewSection],
    **limits: Any,
) -> Draft:
    """Begin a document with the sections of an imported one; raises Invalid. The rest is as in `store_document`."""
    require(may_create_draft(actor, theme, queries.groups_of_theme(theme)))
    return store_document(actor, theme, title, groups, sections, **limits)


def store_document(
    actor: Person | None,
    theme: Theme,
    title: str,
    groups: Sequence[WorkingGroup],
    sections: Sequence[NewSection],
    *,
    language: str = "fr",
    max_length: int = 200_000,
    max_sections: int = 300,
) -> Draft:
    """Store a document with the sections of an imported one; nobody of the house is credited with its text.

    Asks no policy: the command line has nobody to ask about.
    """
    if not sections:
        raise Invalid(message("No section was found in this document."))
    if len(sections) > max_sections:
        raise Invalid(message("A document has %(max)d sections at most.", max=max_sections))
    for section in sections:
        if len(section.body) > max_length:
            raise Invalid(message("The section “%(title)s” is too long; split it first.", title=section.title[:80]))
    _check_groups(theme, groups)
    draft = new_draft(theme, title, groups, language)
    slugs = section_slugs()
    rows = [
        Section(
            draft=draft,
            key=new_key(),
            slug=slugs.claim(slugify(section.slug or section.title)),
            title=section.title[:300],
            kind=section.kind,
            position=position,
            group=section.group,
            changed_at=clock.now(),
            stage=Stage.DRAFTING,
        )
        for position, section in enumerate(sections, 1)
    ]
    # An address that is reserved here was given another; what refers to it follows.
    new_slugs = {
        old.slug: row.slug for old, row in zip(sections, rows, strict=True) if old.slug and old.slug != row.slug
    }
    bodies = (_readdressed(section.body, new_slugs) for section in sections)
    write_texts(draft, zip(rows, bodies, strict=True))
    journal.record(actor, Event.DRAFT_IMPORTED, draft.id, draft_id=draft.id, title=title, sections=len(rows))
    db.session.flush()
    return draft


def _readdressed(body: str, new_slugs: Mapping[str, str]) -> str:
    for old, new in new_slugs.items():
        body = body.replace(f"[[{old}]]", f"[[{new}]]").replace(f"[[{old}#", f"[[{new}#")
    return body


def group_named(name: str | None, groups: Sequence[WorkingGroup]) -> WorkingGroup | None:
    """Return the group that a heading names, whole or in part ("Rennes" of "Groupe de Rennes"), or None."""
    wanted = (name or "").casefold()
    return next((group for group in groups if wanted and wanted in group.name.casefold()), None)


def _check_groups(theme: Theme, groups: Sequence[WorkingGroup]) -> None:
    if not groups:
        raise Invalid(message("Choose the working group that writes this document."), "groups")
    if any(group.theme_id != theme.id for group in groups):
        raise Invalid(message("This group works on another theme."), "groups")


def new_draft(theme: Theme, title: str, groups: Sequence[WorkingGroup], language: str, *, slug: str = "") -> Draft:
    """Add a draft without sections; the caller has asked whether the actor may, and writes the journal."""
    if not title.strip():
        raise Invalid(message("A document needs a title."), "title")
    if not slug:
        hold("drafts.slug")  # who begins one of the same name meanwhile gets the next address
        wanted = slugify(title)
        taken = db.session.scalars(db.select(Draft.slug).where(Draft.slug.startswith(wanted)))
        slug = draft_slugs(taken).claim(wanted)
    elif slug in DRAFT_WORDS:
        raise Invalid(message("“%(slug)s” is the address of a page here; choose another.", slug=slug), "slug")
    now = clock.now()
    draft = Draft(
        slug=slug,
        theme=theme,
        cycle_id=theme.cycle_id,
        title=title[:200],
        language=language,
        groups=list(groups),
        created_at=now,
        changed_at=now,
        listed_at=now,
    )
    db.session.add(draft)
    counts.add("drafts")
    db.session.flush()
    return draft


def write_texts(draft: Draft, texts: Iterable[tuple[Section, str]]) -> None:
    """Give new sections their first text, as one update of the log."""
    bodies: dict[str, str] = {}
    for section, text in texts:
        section.body = live_text.clean_text(text)
        section.authorship = [[None, len(section.body)]] if section.body else []
        bodies[section.key] = section.body
        db.session.add(section)
    row = append_update(None, draft, live_text.replace_texts(live_text.EMPTY, bodies), origin="import")
    take_snapshot(draft)
    parts = {key: (len(body), 0) for key, body in bodies.items() if body}
    note_change(draft.id, None, parts, update_id=row.id, at=row.at, origin=row.origin)
    db.session.expire(draft, ["sections"])
    note_arrangement(draft)
