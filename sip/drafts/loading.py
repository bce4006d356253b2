"""What the addresses of this room name; guards load it, and 404 answers where it is not there."""

from flask import request

from sip.core.access import Answer, require
from sip.core.db import db
from sip.core.errors import Missing
from sip.cycles.models import Theme
from sip.drafts import policy, queries
from sip.drafts.models import Draft, Section, Version
from sip.drafts.readings import Asked, Reading, reading_of
from sip.groups.models import WorkingGroup
from sip.people.models import Person
from sip.web.guard import current_person, current_reader


def load_draft(slug: str) -> Draft:
    """Find `/drafts/<slug>`."""
    return queries.draft_by_slug(slug, for_member=current_person() is not None)


def load_live_draft(slug: str) -> Draft:
    """Find `/drafts/<slug>` with all its texts."""
    return queries.live_draft(slug)


def load_section(slug: str, section: str) -> Section:
    """Find `/drafts/<slug>/live/<section>`, also by the key that never changes."""
    try:
        return queries.section_by_slug(slug, section)
    except Missing:
        # Whoever may not read the text being written is not told which sections it has, nor which it has not.
        require(policy.may_read_live(current_person(), load_draft(slug)))
        raise


def load_place(slug: str, section: str) -> tuple[Draft, str]:
    """Find `/drafts/<slug>/<section>`; whether a version has such a section shows later."""
    return load_draft(slug), section


def load_version(slug: str, number: int) -> Version:
    """Find `/drafts/<slug>/versions/<number>`."""
    return queries.version_by_number(slug, number)


def load_reading(slug: str, number: int | None = None) -> tuple[Reading, Asked]:
    """Find `/drafts/<slug>` or `/drafts/<slug>/versions/<number>` for reading."""
    reader = current_reader()
    return reading_of(slug, number, reader.id if reader else None)


def load_pair(slug: str, old: int, new: int) -> tuple[Version, Version]:
    """Find the two versions of `/drafts/<slug>/versions/<old>..<new>`."""
    return queries.version_by_number(slug, old), queries.version_by_number(slug, new)


def number_of(text: str) -> int:
    """Return the number that a request names; 0, which no row has, where it is none or no database can hold it."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def load_theme() -> tuple[Theme, list[WorkingGroup]]:
    """Find the theme that `?theme=` names by its number, and the groups that work on it."""
    theme = db.session.get(Theme, number_of(request.args.get("theme", "")))
    if theme is None:
        raise Missing
    return theme, queries.groups_of_theme(theme)


def may_read_place(person: Person | None, draft: Draft, section: str) -> Answer:
    """Read one section of a document: as the document."""
    return policy.may_read_draft(person, draft)


def may_read_published(person: Person | None, reading: Reading, asked: Asked) -> Answer:
    """Read what is published of a document: as the document."""
    return policy.may_read_draft(person, asked.draft)


def may_read_numbered(person: Person | None, reading: Reading, asked: Asked) -> Answer:
    """Read one version of a document: as the version."""
    return policy.may_read_version(person, asked.version)


def may_compare(person: Person | None, old: Version, new: Version) -> Answer:
    """Compare two versions: whoever may read both."""
    first = policy.may_read_version(person, old)
    return policy.may_read_version(person, new) if first else first
