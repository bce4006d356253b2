"""From a remark to the text and back: where a passage comes from, and why one version differs from another."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import undefer_group

from sip.amendments import queries
from sip.amendments.models import Amendment, AmendmentAnswer, AmendmentState
from sip.core.db import db
from sip.core.errors import Invalid, Missing
from sip.core.messages import message
from sip.drafts.models import (
    Draft,
    DraftSitting,
    DraftUpdate,
    PassagePlace,
    Section,
    SittingPart,
    Version,
    VersionSection,
)
from sip.drafts.texts.carrying import Carrier, Landing, same_words
from sip.drafts.texts.readable import trimmed
from sip.drafts.texts.sourcemap import SourceMap
from sip.people.models import Person
from sip.people.queries import names_of
from sip.threads import queries as thread_queries
from sip.threads.models import Disposition, Thread

TAKEN_UP = (AmendmentState.ACCEPTED, AmendmentState.ACCEPTED_CHANGED)
HEARD = (Disposition.TAKEN_UP, Disposition.PARTLY)
MOST_VERSIONS = 200  # that are looked through, from the one asked about backwards
MOST_REASONS = 100  # of each kind, shown at once
_SECOND = timedelta(seconds=1)  # versions note when they were frozen without its fractions


@dataclass(frozen=True)
class Spot:
    """A passage in one version: the key of its section, and positions in its Markdown."""

    version: Version
    key: str
    start: int
    end: int
    quote: str

    def meets(self, place: PassagePlace) -> bool:
        """Tell whether another passage of the same version has a character, or its only place, in common with it."""
        if (place.version_id, place.key) != (self.version.id, self.key) or place.start is None or place.end is None:
            return False
        return place.start < self.end and self.start < max(place.end, place.start + 1)


@dataclass
class Step:
    """A version in which a passage was written, or written otherwise (`before`), and what was behind that."""

    version: Version
    shown: str
    before: str | None
    people: list[str] = field(default_factory=list)  # who wrote in its section then, whoever wrote most first
    amendments: list[Amendment] = field(default_factory=list)
    threads: list[Thread] = field(default_factory=list)


@dataclass(frozen=True)
class Origins:
    """Where the words `shown` of a version come from: the latest step first, the last one brought them.

    `authors` are those whose words they are, with their shares, where the live text still has them. `is_whole` is false
    where there are more versions than were looked through.
    """

    section: VersionSection
    shown: str
    steps: list[Step]
    authors: list[tuple[str, float]]
    is_whole: bool


def origins_of(
    person: Person | None, version: Version, key: str, start: int, end: int, words: str, *, only_published: bool
) -> Origins:
    """Follow a passage, chosen in the readable text, back through the versions that `person` may read.

    Raises Missing for a section that the version has not, Invalid for positions without words, or with other ones.
    """
    section = _section(version, key)
    source_map = SourceMap(section.body, section.html)
    start, end = trimmed(source_map.text, start, end) if 0 <= start < end <= len(source_map.text) else (0, 0)
    shown = source_map.text[start:end]
    if not shown or (words and not same_words(words, shown)):
        raise Invalid(message("These words do not stand there in this version. Please choose the passage again."))
    first, last = source_map.to_source(start, end)
    spots = _followed(version, Landing(key, first, last, section.body[first:last]), only_published=only_published)
    steps = _steps(spots, shown)
    _explain(person, version.draft, spots, steps)
    return Origins(section, shown, steps, _authors(version, spots[0]), len(spots) < MOST_VERSIONS)


def _section(version: Version, key: str) -> VersionSection:
    query = select(VersionSection).where(VersionSection.version_id == version.id, VersionSection.key == key)
    section = db.session.scalar(query.options(undefer_group("text")))
    if section is None:
        raise Missing
    return section


def _followed(version: Version, landing: Landing, *, only_published: bool) -> list[Spot]:
    """Return where a passage stood in each version, from the one asked about back to the one that brought it."""
    query = select(Version).where(Version.draft_id == version.draft_id, Version.number < version.number)
    if only_published:
        query = query.where(Version.published_at.is_not(None))
    spots = [Spot(version, *landing)]
    for earlier in db.session.scalars(query.order_by(Version.number.desc()).limit(MOST_VERSIONS - 1)):
        later = spots[-1]
        if _body(earlier.id, later.key) != _body(later.version.id, later.key):
            found = Carrier(_texts(later.version.id), _texts(earlier.id)).carry(later.key, later.start, later.end)
            if found is None:
                break
            spots.append(Spot(earlier, *found))
        else:
            spots.append(Spot(earlier, later.key, later.start, later.end, later.quote))
    return spots


def _body(version_id: int, key: str) -> str | None:
    query = select(VersionSection.body).where(VersionSection.version_id == version_id, VersionSection.key == key)
    return db.session.scalar(query)


def _texts(version_id: int) -> dict[str, str]:
    query = select(VersionSection.key, VersionSection.body).where(VersionSection.version_id == version_id)
    return {row.key: row.body for row in db.session.execute(query.order_by(VersionSection.position))}


def _steps(spots: Sequence[Spot], shown: str) -> list[Step]:
    """Return the versions that wrote a passage: those in which it says something else than in the one before."""
    steps = []
    for later, earlier in zip(spots, [*spots[1:], None], strict=True):
        if earlier is not None and same_words(later.quote, earlier.quote):
            continue
        before = _shown(earlier) if earlier is not None else None
        if before is None or not same_words(shown, before):
            steps.append(Step(later.version, shown, before, _writers(later, earlier)))
        shown = before or shown
    return steps


def _shown(spot: Spot) -> str:
    section = _section(spot.version, spot.key)
    source_map = SourceMap(section.body, section.html)
    return source_map.text[slice(*source_map.to_readable(spot.start, spot.end))]


def _writers(spot: Spot, before: Spot | None) -> list[str]:
    """Return who wrote in a passage's section between two versions, whoever wrote most first."""
    query = (
        select(SittingPart.person_id)
        .join(DraftSitting, SittingPart.sitting_id == DraftSitting.id)
        .where(
            SittingPart.draft_id == spot.version.draft_id,
            SittingPart.key == spot.key,
            SittingPart.person_id.is_not(None),
            SittingPart.added > 0,
            DraftSitting.origin.in_(("form", "live", "amendment")),
            DraftSitting.began_at < spot.version.frozen_at + _SECOND,
        )
    )
    if before is not None:
        query = query.where(DraftSitting.ended_at >= before.version.frozen_at + _SECOND)
    grouped = query.group_by(SittingPart.person_id).order_by(func.sum(SittingPart.added).desc())
    people = [person for person in db.session.scalars(grouped) if person is not None]
    names = names_of(people)
    return [names[person] for person in people if person in names]


def _authors(version: Version, spot: Spot) -> list[tuple[str, float]]:
    """Return whose words a passage holds, with their shares, as far as they still stand in the live text."""
    query = select(Section).where(Section.draft_id == version.draft_id, Section.retired_at.is_(None))
    sections = {section.key: section for section in db.session.scalars(query.options(undefer_group("text")))}
    live = {key: section.body for key, section in sections.items()}
    landing = Carrier(_texts(version.id), live).carry(spot.key, spot.start, spot.end)
    if landing is None or not same_words(landing.quote, spot.quote):
        return []
    counted: Counter[int] = Counter()
    at = 0
    for person, length in sections[landing.key].authorship:
        inside = min(at + length, landing.end) - max(at, landing.start)
        if person is not None and inside > 0:
            counted[person] += inside
        at += length
    names = names_of(counted)
    size = landing.end - landing.start
    return [(names[person], number / size) for person, number in counted.most_common() if person in names]


def _explain(person: Person | None, draft: Draft, spots: Sequence[Spot], steps: Sequence[Step]) -> None:
    """Put with each step the amendments and the discussions that led to it."""
    by_version = {spot.version.id: spot for spot in spots}
    met: set[int] = set()
    places = select(PassagePlace).where(
        PassagePlace.version_id.in_(by_version), PassagePlace.key.in_({spot.key for spot in spots})
    )
    for place in db.session.scalars(places):
        if by_version[place.version_id].meets(place):
            met.add(place.passage_id)
    amendments = _amendments(person, draft, met)
    numbers = _first_numbers(each.answer.passage_id for each in amendments if each.answer is not None)
    led_to = {}
    for amendment in amendments:
        if amendment.answer is not None:
            number = numbers.get(amendment.answer.passage_id or 0) or _number_at(spots, amendment.answer.at)
            led_to[amendment.thread_id] = step = _step_from(steps, number)
            step.amendments.append(amendment)
    from_amendments = {amendment.thread_id for amendment in amendments if amendment.thread_id is not None}
    heard = and_(Thread.passage_id.in_(met), Thread.disposition.in_(HEARD))
    query = thread_queries.threads_of(person, draft, version=spots[0].version)
    threads = query.where(or_(heard, Thread.id.in_(from_amendments))).limit(MOST_REASONS)
    for thread in db.session.scalars(threads).unique():
        (led_to.get(thread.id) or _step_of(thread, steps)).threads.append(thread)


def _amendments(person: Person | None, draft: Draft, passages: Collection[int]) -> list[Amendment]:
    """Return the amendments that were taken up and that concerned, or wrote, one of these passages."""
    query = queries.amendments_of(person, draft, version=None).where(
        Amendment.state.in_(TAKEN_UP),
        Amendment.answer.has(
            and_(
                AmendmentAnswer.undone_at.is_(None),
                or_(AmendmentAnswer.passage_id.in_(passages), Amendment.passage_id.in_(passages)),
            )
        ),
    )
    return list(db.session.scalars(query.limit(MOST_REASONS)).unique())


def _first_numbers(passages: Iterable[int | None]) -> dict[int, int]:
    """Return the number of the version in which each of these passages stood first, where there is one."""
    query = (
        select(PassagePlace.passage_id, func.min(Version.number))
        .join(Version, PassagePlace.version_id == Version.id)
        .where(PassagePlace.passage_id.in_([passage for passage in passages if passage is not None]))
    )
    return {row[0]: row[1] for row in db.session.execute(query.group_by(PassagePlace.passage_id))}


def _number_at(spots: Sequence[Spot], moment: datetime) -> int:
    """Return the number of the first version frozen after a moment, 0 where there is none."""
    numbers = (spot.version.number for spot in spots if moment < spot.version.frozen_at + _SECOND)
    return min(numbers, default=0)


def _step_of(thread: Thread, steps: Sequence[Step]) -> Step:
    """Return the step in which a discussion was taken up: as the group said, else the next after it was begun."""
    return _step_from(steps, thread.change_number or (thread.version_number or 0) + 1)


def _step_from(steps: Sequence[Step], number: int) -> Step:
    """Return the earliest step from a version on; the latest where there is none."""
    return next((step for step in reversed(steps) if step.version.number >= number), steps[0])


@dataclass(frozen=True)
class Reasons:
    """Why a version differs from an earlier one: what the group took up in between."""

    amendments: list[Amendment]
    threads: list[Thread]

    def __bool__(self) -> bool:
        return bool(self.amendments or self.threads)


def reasons_between(person: Person | None, old: Version, new: Version) -> Reasons:
    """Return the amendments and discussions taken up between two versions that `person` may see, in text order."""
    first, last = old.frozen_at + _SECOND, new.frozen_at + _SECOND
    number = (
        select(func.min(Version.number))
        .join(PassagePlace, PassagePlace.version_id == Version.id)
        .where(PassagePlace.passage_id == AmendmentAnswer.passage_id)
        .scalar_subquery()
    )
    # What was struck has no place in any version.
    was_written = case(
        (number.is_not(None), and_(number > old.number, number <= new.number)),
        else_=and_(AmendmentAnswer.at >= first, AmendmentAnswer.at < last),
    )
    amendments = queries.amendments_of(person, new.draft, version=new).where(
        Amendment.state.in_(TAKEN_UP),
        Amendment.answer.has(and_(AmendmentAnswer.undone_at.is_(None), was_written)),
    )
    changed_at = select(DraftUpdate.at).where(DraftUpdate.id == Thread.change_update_id).scalar_subquery()
    moment = func.coalesce(changed_at, Thread.disposed_at)
    was_heard = case(
        (
            Thread.change_number.is_not(None),
            and_(Thread.change_number > old.number, Thread.change_number <= new.number),
        ),
        else_=and_(moment >= first, moment < last),
    )
    threads = thread_queries.threads_of(person, new.draft, version=new).where(Thread.disposition.in_(HEARD), was_heard)
    return Reasons(
        list(db.session.scalars(amendments.limit(MOST_REASONS)).unique()),
        list(db.session.scalars(threads.limit(MOST_REASONS)).unique()),
    )


def threads_in(steps: Iterable[Step]) -> list[Thread]:
    """Return all discussions of a chain."""
    return [thread for step in steps for thread in step.threads]
