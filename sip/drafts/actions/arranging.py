"""The arrangement of a draft: its title, and its sections added, renamed, moved, retired and brought back."""

import secrets

from sip.core import clock, journal
from sip.core.access import require
from sip.core.db import db
from sip.core.errors import Invalid
from sip.core.journal import Event
from sip.core.messages import message
from sip.core.slugs import slugify
from sip.cycles.stages import Stage
from sip.drafts import queries
from sip.drafts.actions.checkpoints import note_arrangement
from sip.drafts.addresses import SECTION_WORDS, section_slugs
from sip.drafts.models import Draft, Section, SectionKind
from sip.drafts.policy import may_arrange, may_arrange_section
from sip.groups.models import WorkingGroup
from sip.people.models import Person

_KEY_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"


def new_key() -> str:
    """Return a fresh name for a section's text: ten letters and figures that are not mistaken for one another."""
    return "".join(secrets.choice(_KEY_LETTERS) for _ in range(10))


def rename_draft(actor: Person, draft: Draft, title: str) -> None:
    """Change the title; the address stays."""
    require(may_arrange(actor, draft))
    if title == draft.title:
        return
    journal.record(actor, Event.DRAFT_UPDATED, draft.id, draft_id=draft.id, title=title, old_title=draft.title)
    draft.title = title
    db.session.flush()


def add_section(
    actor: Person,
    draft: Draft,
    title: str,
    kind: SectionKind,
    *,
    after: Section | None = None,
    first: bool = False,
    group: WorkingGroup | None = None,
    max_sections: int = 300,
) -> Section:
    """Add an empty section: the first one, or after another, or at the end."""
    queries.lock(draft)
    require(may_arrange(actor, draft))
    _check_title(title)
    _check_group(draft, group)
    if len(draft.sections) >= max_sections:
        raise Invalid(message("A document has %(max)d sections at most, retired ones included.", max=max_sections))
    living = draft.living_sections
    place = 0 if first else living.index(after) + 1 if after in living else len(living)
    section = Section(
        draft=draft,
        key=new_key(),
        slug=section_slugs(queries.slugs_taken(draft)).claim(slugify(title)),
        title=title,
        kind=kind,
        position=0,
        group=group,
        stage=Stage.DRAFTING,  # also in a published document, until the next publication
        changed_at=clock.now(),
        body="",
        authorship=[],
    )
    db.session.add(section)
    _place(draft, [*living[:place], section, *living[place:]])
    db.session.flush()
    journal.record(actor, Event.SECTION_ADDED, section.id, draft_id=draft.id, title=title, key=section.key)
    return section


def update_section(
    actor: Person, section: Section, *, title: str, kind: SectionKind, group: WorkingGroup | None, slug: str = ""
) -> None:
    """Rename a section, say what it is and which group it comes from; its address changes only on demand."""
    queries.lock(section.draft)
    require(may_arrange_section(actor, section))
    _check_title(title)
    _check_group(section.draft, group)
    slug = slugify(slug) if slug else section.slug
    if slug != section.slug and slug in queries.slugs_taken(section.draft):
        raise Invalid(message("Another section of this document has this address."), "slug")
    if slug != section.slug and slug in SECTION_WORDS:
        raise Invalid(message("“%(slug)s” is the address of a page here; choose another.", slug=slug), "slug")
    if (title, kind, group, slug) == (section.title, section.kind, section.group, section.slug):
        return
    journal.record(
        actor,
        Event.SECTION_UPDATED,
        section.id,
        draft_id=section.draft_id,
        title=title,
        old_title=section.title,
        key=section.key,
    )
    section.title, section.kind, section.group, section.slug = title, kind, group, slug
    section.changed_at = clock.now()
    section.draft.touch(section.changed_at)
    note_arrangement(section.draft)


def move_section(actor: Person, section: Section, place: int) -> None:
    """Move a section to `place` among the living ones, counted from 0; beyond the end means the end."""
    queries.lock(section.draft)
    require(may_arrange_section(actor, section))
    others = [other for other in section.draft.living_sections if other is not section]
    if section.is_retired:
        raise Invalid(message("This section was retired. Bring it back before you move it."))
    place = max(0, min(place, len(others)))
    order = [*others[:place], section, *others[place:]]
    if order == section.draft.living_sections:
        return
    _place(section.draft, order)
    section.draft.touch(clock.now())
    journal.record(
        actor,
        Event.SECTION_MOVED,
        section.id,
        draft_id=section.draft_id,
        title=section.title,
        key=section.key,
        place=place + 1,
    )
    db.session.flush()


def retire_section(actor: Person, section: Section) -> None:
    """Take a section out of the text; it is kept and can be brought back."""
    queries.lock(section.draft)
    require(may_arrange_section(actor, section))
    if section.is_retired:
        return
    section.retired_at = clock.now()
    section.draft.touch(section.retired_at)
    journal.record(
        actor, Event.SECTION_RETIRED, section.id, draft_id=section.draft_id, title=section.title, key=section.key
    )
    note_arrangement(section.draft)


def bring_back_section(actor: Person, section: Section) -> None:
    """Put a retired section back where it stood."""
    queries.lock(section.draft)
    require(may_arrange_section(actor, section))
    if not section.is_retired:
        return
    living = section.draft.living_sections
    # Nobody else has had its position since, unless the text was arranged anew: then it comes back about there.
    place = sum(other.position < section.position for other in living)
    section.retired_at = None
    _place(section.draft, [*living[:place], section, *living[place:]])
    section.draft.touch(clock.now())
    journal.record(
        actor, Event.SECTION_BROUGHT_BACK, section.id, draft_id=section.draft_id, title=section.title, key=section.key
    )
    db.session.flush()


def _place(draft: Draft, order: list[Section]) -> None:
    """Give the sections of `order` the positions 1, 2, …"""
    for position, section in enumerate(order, 1):
        section.position = position
    draft.touch(clock.now())
    db.session.flush()
    db.session.expire(draft, ["sections"])
    note_arrangement(draft)


def _check_title(title: str) -> None:
    if not title.strip():
        raise Invalid(message("A section needs a title."), "title")
    if len(title) > 300 or "\n" in title:
        raise Invalid(message("A title is one line of 300 characters at most."), "title")


def _check_group(draft: Draft, group: WorkingGroup | None) -> None:
    if group is not None and group not in draft.groups:
        raise Invalid(message("This group does not write in this document."), "group")
