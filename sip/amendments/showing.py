"""What pages show of amendments: each with the text that it would change, compared by words, in few statements."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import undefer

from sip.amendments import chain, policy, queries
from sip.amendments.models import Amendment, AmendmentKind, AmendmentState
from sip.amendments.writing import paragraphs_around, replaced, source_of, with_measure
from sip.core.access import Answer
from sip.core.db import db
from sip.core.markdown import Resolve, render
from sip.drafts import passages
from sip.drafts.models import Draft, PassagePlace, PlaceState, Version, VersionSection
from sip.drafts.numbering import Measure, NumberedSection, Numbering
from sip.drafts.references import resolver
from sip.drafts.texts.compare import ComparedPiece, compare_texts
from sip.people.models import Person
from sip.threads import showing as thread_showing
from sip.threads.models import Thread
from sip.web.guard import current_person

_NOTE_MARK = re.compile(r"\[\^[^\]\s]+\]")


@dataclass(frozen=True)
class Reader:
    """How the texts of one document are shown: its language, and what its cross-references are called."""

    language: str
    resolve: Resolve | None = None
    sections: dict[str, VersionSection] = field(default_factory=dict)

    def compare(self, old: str, new: str) -> list[ComparedPiece]:
        """Compare two Markdown texts by words, as they are read."""
        return compare_texts(old, new, old_resolve=self.resolve, new_resolve=self.resolve, language=self.language)

    def read(self, text: str) -> str:
        """Return the HTML of a Markdown text."""
        return render(text, language=self.language, resolve=self.resolve, heading_offset=2)

    def change(self, body: str, start: int, end: int, text: str) -> list[ComparedPiece]:
        """Compare the paragraphs around body[start:end] with what they would be with `text` in its place."""
        first, last = paragraphs_around(body, start, end)
        around = body[first:last]
        changed = replaced(around, start - first, end - first, text).body
        # The notes stand elsewhere in the section: without them, their marks would be signs that nobody typed for us.
        marks = {mark for mark in _NOTE_MARK.findall(around) if f"{mark}:" not in around}
        for mark in marks:
            around, changed = around.replace(mark, ""), changed.replace(mark, "")
        return self.compare(around, changed)


def reader_of(draft: Draft, version: Version | None) -> Reader:
    """Return how texts are shown beside a version, whose contents and sections are read for it."""
    if version is None:
        return Reader(draft.language)
    numbering = Numbering(
        NumberedSection(
            key="",
            slug=entry["slug"],
            title=entry["title"],
            number=entry["number"],
            measures=tuple(Measure(each["letter"], each["slug"], each["title"], 0) for each in entry["measures"]),
        )
        for entry in version.toc
    )
    query = select(VersionSection).where(VersionSection.version_id == version.id).order_by(VersionSection.position)
    sections = {section.key: section for section in db.session.scalars(query)}
    return Reader(version.language, resolver(numbering, version.language), sections)


@dataclass(frozen=True)
class Shown:
    """An amendment as pages show it; `place` is where its passage stands in the version shown."""

    amendment: Amendment
    place: PassagePlace | None
    section: VersionSection | None
    base: str  # the section's Markdown that the amendment was made on
    reader: Reader
    supported: int | None = None  # the wording that the person supports
    may_support: Answer | None = None

    @property
    def is_gone(self) -> bool:
        return self.place is not None and self.place.state == PlaceState.OUTDATED

    @property
    def is_changed(self) -> bool:
        return self.place is not None and self.place.state == PlaceState.CHANGED

    @property
    def is_open(self) -> bool:
        return self.amendment.state == AmendmentState.OPEN

    @property
    def is_supported(self) -> bool:
        """Whether the person supports the wording of now."""
        return self.supported == self.amendment.revision

    @property
    def waits_for_confirmation(self) -> bool:
        """Whether the person supported an earlier wording, and has not said what they think of this one."""
        return self.supported is not None and not self.is_supported

    @cached_property
    def pieces(self) -> list[ComparedPiece]:
        """The text as it was, compared with what is proposed."""
        return self.compared(source_of(self.amendment.kind, self.amendment.title, self.amendment.proposed))

    @cached_property
    def written_pieces(self) -> list[ComparedPiece]:
        """The text as it was, compared with what the group wrote; nothing where it answered several with one text."""
        answer = self.amendment.answer
        return self.compared(answer.text) if answer is not None and answer.text is not None else []

    def proposed_as(self, title: str, proposed: str) -> list[ComparedPiece]:
        """The text as it was, compared with another wording of the amendment."""
        return self.compared(source_of(self.amendment.kind, title, proposed))

    def compared(self, text: str) -> list[ComparedPiece]:
        """Compare the text as it was with what it would be by `text`."""
        passage = self.amendment.passage
        if passage is None:
            return self.reader.compare("", text)
        if self.base[passage.start : passage.end] != passage.quote:
            return self.reader.compare(passage.quote, text)
        return self.reader.change(self.base, passage.start, passage.end, text)

    def earlier(self, title: str, proposed: str) -> list[ComparedPiece]:
        """Compare an earlier wording with the one of now."""
        kind = self.amendment.kind
        now = source_of(kind, self.amendment.title, self.amendment.proposed)
        return self.reader.compare(source_of(kind, title, proposed), now)


def shown(
    person: Person | None, draft: Draft, version: Version | None, reader: Reader, amendments: Sequence[Amendment]
) -> list[Shown]:
    """Return amendments as pages show them, in three statements whatever their number."""
    marked = [amendment.passage_id for amendment in amendments if amendment.passage_id is not None]
    places = passages.places_in(version.id, marked) if version is not None and marked else {}
    bases = _bases(amendments)
    supported = queries.supported_by(person, amendments)
    found = []
    for amendment in amendments:
        place = places.get(amendment.passage_id or 0)
        key = place.key if place is not None else amendment.key
        passage = amendment.passage
        base = bases.get((passage.version_id or 0, passage.key), "") if passage else ""
        found.append(
            Shown(
                amendment,
                place,
                reader.sections.get(key or ""),
                base,
                reader,
                supported.get(amendment.id),
                policy.may_support(person, amendment),
            )
        )
    return found


def _bases(amendments: Iterable[Amendment]) -> dict[tuple[int, str], str]:
    """Return the Markdown of the sections that passages were marked in, by version and key."""
    wanted = {
        (amendment.passage.version_id or 0, amendment.passage.key)
        for amendment in amendments
        if amendment.passage is not None
    }
    if not wanted:
        return {}
    query = select(VersionSection).where(tuple_(VersionSection.version_id, VersionSection.key).in_(wanted))
    rows = db.session.scalars(query.options(undefer(VersionSection.body)))
    return {(row.version_id, row.key): row.body for row in rows}


@dataclass(frozen=True)
class OfSection:
    """The amendments of one section that its page shows, how many there are, and whether one more is welcome."""

    shown: list[Shown]
    total: int
    may_amend: Answer


def section_amendments(draft: Draft, version: Version, key: str, most: int = 10) -> OfSection:
    """Return the amendments of a section, in the order of its text, for the person who asks."""
    person = current_person()
    query = queries.amendments_of(person, draft, version=version, chosen=queries.Chosen(key=key))
    found = db.session.scalars(query.limit(most)).all()
    total = len(found)
    if total == most:
        total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    may_amend = policy.may_amend(person, draft, key)
    return OfSection(shown(person, draft, version, reader_of(draft, version), found) if found else [], total, may_amend)


@dataclass(frozen=True)
class OfThread:
    """The amendments that were made from a discussion, and whether one more is welcome."""

    amendments: list[Amendment]
    may_amend: Answer


def thread_amendments(thread: Thread) -> OfThread:
    """Return what was proposed from a discussion, for the person who asks."""
    may_amend = policy.may_amend(current_person(), thread.draft, thread.key)
    return OfThread(queries.from_thread(thread.id), may_amend)


def reasons_of(old: Version, new: Version) -> tuple[chain.Reasons, dict[int, thread_showing.Shown]]:
    """Return what was taken up between two versions, and the discussions among it as lists show them, by number."""
    reasons = chain.reasons_between(current_person(), old, new)
    shown_threads = thread_showing.shown(reasons.threads, new) if reasons.threads else []
    return reasons, {item.thread.id: item for item in shown_threads}


def grouped(items: Sequence[Shown]) -> list[list[Shown]]:
    """Put open amendments that follow each other and overlap together, as alternatives; the others stand alone."""
    groups: list[list[Shown]] = []
    reach: tuple[str, int] | None = None
    for item in items:
        place = item.place
        if place is None or place.start is None or place.end is None or not item.is_open:
            groups.append([item])
            reach = None
            continue
        if reach is not None and reach[0] == place.key and place.start < reach[1]:
            groups[-1].append(item)
            reach = place.key, max(reach[1], place.end)
        else:
            groups.append([item])
            reach = place.key, place.end
    return groups


def preview(
    reader: Reader, section: VersionSection | None, kind: str, stretch: tuple[int, int] | None, title: str, text: str
) -> list[ComparedPiece]:
    """Compare a section with what it would be by an amendment that is being written."""
    source = source_of(kind, title or "…", text)
    if kind == AmendmentKind.NEW_RECOMMENDATION or section is None:
        return reader.compare("", source)
    if stretch is None:
        written = with_measure(section.body, source)
        return reader.compare("", written.body[written.start : written.end])
    return reader.change(section.body, *stretch, source)
