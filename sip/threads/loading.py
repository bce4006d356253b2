"""What the addresses of this room name; guards load it, and 404 answers where it is not there."""

from dataclasses import dataclass

from flask import request
from sqlalchemy import select
from sqlalchemy.orm import undefer_group

from sip.core.access import Answer, require
from sip.core.db import db
from sip.core.errors import Missing
from sip.drafts import policy as draft_policy
from sip.drafts import queries as draft_queries
from sip.drafts.loading import load_draft, number_of
from sip.drafts.models import Draft, Version, VersionSection
from sip.people.models import Person
from sip.threads import queries
from sip.threads.models import Comment, Thread
from sip.web.guard import current_person

__all__ = [
    "Target",
    "load_comment",
    "load_draft",
    "load_thread",
    "may_read_place",
    "shown_version",
    "target_of",
    "ticked",
]


@dataclass(frozen=True)
class Target:
    """What somebody wants to talk about: a draft, a section of a version, or the words from `start` to `end` in it."""

    draft: Draft
    version: Version | None
    section: VersionSection | None = None
    start: int | None = None
    end: int | None = None

    @property
    def key(self) -> str | None:
        return self.section.key if self.section else None

    @property
    def has_passage(self) -> bool:
        return self.start is not None and self.end is not None


def load_thread(id: int) -> Thread:
    """Find `/threads/<id>`."""
    return queries.thread_by_id(id)


def load_comment(id: int) -> Comment:
    """Find `/comments/<id>`."""
    return queries.comment_by_id(id)


def may_read_place(person: Person | None, draft: Draft, key: str) -> Answer:
    """Meet one section of a document: as the document."""
    return draft_policy.may_read_draft(person, draft)


def shown_version(draft: Draft) -> Version | None:
    """Return the version that everybody reads; where there is none, the last one that the person may read."""
    person = current_person()
    number = draft.published_number
    if number is None and draft_policy.may_read_live(person, draft):
        number = draft.latest_number
    return draft_queries.version_with_contents(draft, number) if number else None


def target_of(draft: Draft) -> Target:
    """Return what `version`, `key`, `start` and `end` of the address name; raises Missing where it is not there."""
    number = number_of(request.values.get("version", ""))
    version = draft_queries.version_with_contents(draft, number) if number else shown_version(draft)
    if version is None:
        if number:
            raise Missing
        return Target(draft, None)
    require(draft_policy.may_read_version(current_person(), version))
    key = request.values.get("key", "")
    if not key:
        return Target(draft, version)
    section = db.session.scalar(
        select(VersionSection)
        .where(VersionSection.version_id == version.id, VersionSection.key == key)
        .options(undefer_group("text"))
    )
    if section is None:
        raise Missing
    start, end = (request.values.get(name, "") for name in ("start", "end"))
    if start.isdecimal() and end.isdecimal():
        return Target(draft, version, section, number_of(start), number_of(end))
    return Target(draft, version, section)


def ticked(length: int) -> tuple[int, int] | None:
    """Return the stretch from the first sentence that was ticked to the last one."""
    found = []
    for value in request.args.getlist("s"):
        start, _, end = value.partition("-")
        if start.isdecimal() and end.isdecimal() and len(value) < 20 and int(start) < int(end) <= length:
            found.append((int(start), int(end)))
    return (min(start for start, _ in found), max(end for _, end in found)) if found else None
