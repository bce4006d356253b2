"""Lookups and lists of ballots, what was voted in them, and what they decided; what a page needs is loaded here."""

import json
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, joinedload, selectinload, undefer_group

from sip.ballots import tally
from sip.ballots.codes import normal_code
from sip.ballots.models import (
    Alternative,
    Ballot,
    BallotOffice,
    BallotSection,
    BallotState,
    Choice,
    MajorityRule,
    Method,
    Urn,
    Vote,
)
from sip.core import clock
from sip.core.db import db
from sip.core.errors import Missing
from sip.cycles.models import Cycle, Theme
from sip.cycles.stages import Stage
from sip.drafts.models import Draft, Section, Version, VersionSection
from sip.groups.models import WorkingGroup
from sip.people.models import Person
from sip.threads.models import Thread

URN_ROW = 500  # codes in one row of an urn, once they are counted and sorted
_MOST_IDS = 2**31 - 1
_MOST_ROUNDS = 20
_UNFINISHED = (BallotState.PLANNED, BallotState.OPEN)


@dataclass(frozen=True)
class Opinion:
    """What a voter wanted to stand in the result; `name` is None in secret ballots."""

    choice: str
    text: str
    name: str | None


def _around() -> list[Any]:
    """Load what pages and policies ask of a ballot, but for the rights on its draft."""
    return [
        joinedload(Ballot.version),
        joinedload(Ballot.group),
        selectinload(Ballot.sections).joinedload(BallotSection.section),
        selectinload(Ballot.alternatives),
        selectinload(Ballot.offices).joinedload(BallotOffice.office),
    ]


def _rights() -> list[Any]:
    draft = joinedload(Ballot.draft)
    return [
        draft.joinedload(Draft.theme).joinedload(Theme.cycle).selectinload(Cycle.seats),
        draft.selectinload(Draft.groups).selectinload(WorkingGroup.memberships),
        draft.selectinload(Draft.sections),
    ]


def ballot_by_id(number: int) -> Ballot:
    """Return a ballot with all that rights and its page depend on; raises Missing."""
    query = select(Ballot).where(Ballot.id == min(number, _MOST_IDS)).options(*_around(), *_rights())
    ballot = db.session.scalar(query)
    if ballot is None:
        raise Missing
    return ballot


def lock(ballot: Ballot) -> None:
    """Hold other writers of this ballot back until the transaction ends, and see what they did before."""
    columns = [name for name in Ballot.__table__.columns.keys() if name != "result"]  # noqa: SIM118
    db.session.refresh(ballot, columns, with_for_update={"of": Ballot})
    if ballot.state == BallotState.PLANNED:  # afterwards they stay as they are
        db.session.expire(ballot, ["sections", "alternatives", "offices"])


def due() -> list[int]:
    """Return the ids of ballots whose time to open, or to be counted, has come."""
    now = clock.now()
    planned = and_(Ballot.state == BallotState.PLANNED, Ballot.opens_at <= now)
    over = and_(Ballot.state == BallotState.OPEN, Ballot.closes_at <= now)
    return list(db.session.scalars(select(Ballot.id).where(or_(planned, over)).order_by(Ballot.id).limit(100)))


# Ballots of a document


def ballots_of(draft: Draft) -> Select[Ballot]:
    """Return the query of a draft's ballots, the latest first."""
    query = select(Ballot).where(Ballot.draft_id == draft.id).order_by(Ballot.id.desc())
    return query.options(*_around(), joinedload(Ballot.draft))


def ballots_of_section(draft: Draft, key: str, limit: int = _MOST_ROUNDS) -> list[Ballot]:
    """Return the last ballots on one recommendation, the latest first."""
    on_it = Ballot.sections.any(BallotSection.section.has(and_(Section.key == key, Section.draft_id == draft.id)))
    return list(db.session.scalars(ballots_of(draft).where(on_it).limit(limit)))


def ballot_of_objection(thread: Thread) -> Ballot | None:
    """Return the consent round in which an objection began a discussion; None for all other discussions."""
    query = select(Ballot).join(Vote, Vote.ballot_id == Ballot.id)
    rounds = query.where(Ballot.draft_id == thread.draft_id, Ballot.method == Method.CONSENT)
    return db.session.scalar(rounds.where(Vote.thread_id == thread.id).limit(1))


def rounds_of(ballot: Ballot) -> list[Ballot]:
    """Return a ballot with the rounds before and after it, the first one first."""
    before: dict[int, int | None] = {
        row.id: row.previous_id
        for row in db.session.execute(
            select(Ballot.id, Ballot.previous_id).where(Ballot.draft_id == ballot.draft_id).order_by(Ballot.id)
        )
    }
    chain = {ballot.id}
    at = before.get(ballot.id)
    while at is not None and at not in chain:
        chain.add(at)
        at = before.get(at)
    for number, previous in before.items():  # a round comes after the one that it follows
        if previous in chain:
            chain.add(number)
    query = select(Ballot).where(Ballot.id.in_(chain)).order_by(Ballot.round, Ballot.id).options(*_around())
    return list(db.session.scalars(query))


def is_followed(ballot: Ballot) -> bool:
    """Say whether another round was planned after this one, whatever became of it."""
    return db.session.scalar(select(Ballot.id).where(Ballot.previous_id == ballot.id).limit(1)) is not None


def running_on(draft: Draft, keys: Collection[str]) -> list[Ballot]:
    """Return the ballots, planned or open, on any of these sections."""
    on_one = Ballot.sections.any(BallotSection.section.has(Section.key.in_(keys)))
    query = select(Ballot).where(Ballot.draft_id == draft.id, Ballot.state.in_(_UNFINISHED), on_one)
    return list(db.session.scalars(query.order_by(Ballot.id).options(*_around())))


def adopted_on(draft: Draft, keys: Collection[str]) -> set[str]:
    """Return those of `keys` whose last counted ballot adopted the very text that is published."""
    query = (
        select(Section.key, Ballot.is_adopted, Ballot.version_id)
        .join(BallotSection, BallotSection.section_id == Section.id)
        .join(Ballot, Ballot.id == BallotSection.ballot_id)
        .where(Ballot.draft_id == draft.id, Ballot.state == BallotState.CLOSED, Section.key.in_(keys))
        .order_by(Ballot.id)  # one after the other: a section has one running ballot at most
    )
    last = {key: version_id if is_adopted else None for key, is_adopted, version_id in db.session.execute(query)}
    published = db.session.scalar(
        select(Version.id).where(Version.draft_id == draft.id, Version.number == draft.published_number)
    )
    versions = {published, *last.values()} - {None}
    rows = db.session.execute(
        select(VersionSection.version_id, VersionSection.key, VersionSection.title, VersionSection.body).where(
            VersionSection.version_id.in_(versions), VersionSection.key.in_(last)
        )
    )
    texts = {(row.version_id, row.key): (row.title, row.body) for row in rows}
    return {
        key
        for key, version_id in last.items()
        if (version_id, key) in texts and texts[version_id, key] == texts.get((published, key))
    }


def sections_to_decide(draft: Draft) -> list[Section]:
    """Return the recommendations that can be put to the vote now, in their order."""
    return [
        section for section in draft.living_sections if section.is_recommendation and section.stage == Stage.CODECISION
    ]


def keys_in(version: Version) -> set[str]:
    """Return the keys of a version's sections."""
    return set(db.session.scalars(select(VersionSection.key).where(VersionSection.version_id == version.id)))


def voted_on(ballot: Ballot) -> list[VersionSection]:
    """Return the sections that a ballot decides on as its version froze them, with their texts, in their order."""
    keys = [section.key for section in ballot.section_list]
    query = select(VersionSection).where(VersionSection.version_id == ballot.version_id, VersionSection.key.in_(keys))
    found = db.session.scalars(query.order_by(VersionSection.position).options(undefer_group("text")))
    return list(found)


# Votes, and what came out


def choices_of(ballot: Ballot) -> Counter[str]:
    """Return how many gave each answer."""
    if ballot.is_secret:
        return Counter(choice for _code, choice in _urned(ballot))
    query = select(Vote.choice, func.count()).where(Vote.ballot_id == ballot.id).group_by(Vote.choice)
    return Counter({choice: times for choice, times in db.session.execute(query)})  # noqa: C416 - typed


def _urned(ballot: Ballot) -> list[tuple[str, str]]:
    rows = db.session.scalars(select(Urn.votes).where(Urn.ballot_id == ballot.id))
    return sorted((code, choice) for row in rows for code, choice in json.loads(row))


def count(ballot: Ballot) -> dict[str, Any]:
    """Count what is in the ballot now; the shape is told in `tally.py`."""
    votes = choices_of(ballot)
    if ballot.method == Method.CONSENT:
        return tally.consent(votes, ballot.on_roll, ballot.quorum)
    if ballot.method == Method.MAJORITY:
        return tally.majority(votes, MajorityRule(ballot.rule), ballot.on_roll, ballot.quorum)
    return tally.ranking(votes, numbers_of(ballot), ballot.on_roll, ballot.quorum)


def numbers_of(ballot: Ballot) -> list[int]:
    """Return the numbers of what is ranked, the status quo first."""
    query = select(Alternative.number).where(Alternative.ballot_id == ballot.id).order_by(Alternative.number)
    return list(db.session.scalars(query))


def interim_of(ballot: Ballot) -> dict[str, Any]:
    """Return what would come out if the ballot closed now, as `result_of`."""
    return count(ballot)


def result_of(ballot: Ballot) -> dict[str, Any]:
    """Return what was counted when the ballot closed (`tally.py`), with `offices` (`tally.office_cells`), the number of
    `opinions` that voters left to stand in it, and the `salt` of an open ballot's list; empty before.
    """
    return db.session.scalar(select(Ballot.result).where(Ballot.id == ballot.id)) or {}


def votes_of(ballot: Ballot) -> Select[Vote]:
    """Return the query of an open ballot's votes, by name."""
    query = select(Vote).join(Vote.person).where(Vote.ballot_id == ballot.id)
    return query.order_by(Person.name_key, Person.id).options(joinedload(Vote.person))


def objections(ballot: Ballot, limit: int = 100) -> list[Vote]:
    """Return the objections of a consent round with their threads, by name."""
    query = votes_of(ballot).where(Vote.choice == Choice.OBJECTION).options(joinedload(Vote.thread))
    return list(db.session.scalars(query.limit(limit)))


def minority_opinions(ballot: Ballot, offset: int = 0, limit: int = 30) -> list[Opinion]:
    """Return what voters wanted to stand in the result, by what they voted; of secret ballots once they are counted."""
    if ballot.is_secret:
        return [Opinion(choice, text, None) for choice, text in _poured(ballot, Urn.opinions, offset, limit)]
    query = (
        select(Vote.choice, Vote.opinion, Person.name)
        .join(Vote.person)
        .where(Vote.ballot_id == ballot.id, Vote.is_minority, Vote.opinion != "")
        .order_by(Vote.choice, Person.name_key, Person.id)
    )
    return [Opinion(*row) for row in db.session.execute(query.offset(offset).limit(limit))]


def count_opinions(ballot: Ballot) -> int:
    """Return how many opinions voters left to stand in the result."""
    if ballot.is_secret:
        rows = db.session.scalars(select(Urn.opinions).where(Urn.ballot_id == ballot.id))
        return sum(len(json.loads(row)) for row in rows)
    query = select(func.count()).where(Vote.ballot_id == ballot.id, Vote.is_minority, Vote.opinion != "")
    return db.session.scalar(query) or 0


def codes_of(ballot: Ballot, offset: int, limit: int) -> list[tuple[str, str]]:
    """Return a part of a counted secret ballot's list of codes with votes, sorted by code."""
    return _poured(ballot, Urn.votes, offset, limit)


def _poured(ballot: Ballot, column: InstrumentedAttribute[str], offset: int, limit: int) -> list[tuple[str, str]]:
    """Return a part of what a counted secret ballot has in one column of its urns, without reading the rest."""
    first, last = offset // URN_ROW, (offset + limit) // URN_ROW
    rows = db.session.scalars(
        select(column).where(Urn.ballot_id == ballot.id, Urn.number.between(first, last)).order_by(Urn.number)
    )
    found = [(one, other) for row in rows for one, other in json.loads(row)]
    return found[offset - first * URN_ROW :][:limit]


def vote_of_code(ballot: Ballot, typed: str) -> tuple[str, str] | None:
    """Return the vote of a counted secret ballot that has this receipt code, however it was typed, or None."""
    code = normal_code(typed)
    return _vote_under(ballot, code) if code else None


def holds_code(ballot: Ballot, code: str) -> bool:
    """Say whether a secret vote with this receipt code is cast, also while the ballot is open."""
    return _vote_under(ballot, code) is not None


def _vote_under(ballot: Ballot, code: str) -> tuple[str, str] | None:
    rows = db.session.scalars(select(Urn.votes).where(Urn.ballot_id == ballot.id, Urn.votes.contains(code)))
    return next(((each, choice) for row in rows for each, choice in json.loads(row) if each == code), None)


def listed_votes(ballot: Ballot) -> Iterator[tuple[str, str, str, str | None]]:
    """Yield (code, choice, "", None) of a secret ballot, (name, choice, reason, mark of the member) of an open one."""
    if ballot.is_secret:
        for code, choice in _urned(ballot):
            yield code, choice, "", None
        return
    salt = salt_of(ballot)
    columns = (Person.name, Vote.choice, Vote.opinion, Person.id)
    query = select(*columns).join(Vote.person).where(Vote.ballot_id == ballot.id)
    rows = db.session.execute(query.order_by(Person.name_key, Person.id).execution_options(yield_per=1_000))
    for name, choice, opinion, person_id in rows:
        yield name, choice, opinion, _mark(person_id, salt)


def salt_of(ballot: Ballot) -> str:
    """Return what was drawn for the list of a counted open ballot, which visitors do not see.

    Without it, the hash of that list would let anybody try out who voted what, where few people voted.
    """
    return str(result_of(ballot).get("salt", ""))


def _mark(person_id: int, salt: str) -> str:
    return f"{person_id}-{salt}"


def hash_of_votes(ballot: Ballot) -> str:
    """Return the hash of a counted ballot's list, as `tally.list_hash`: by receipt code, or by the member's mark."""
    if ballot.is_secret:
        return tally.list_hash(_urned(ballot))
    salt = salt_of(ballot)
    rows = db.session.execute(select(Vote.person_id, Vote.choice).where(Vote.ballot_id == ballot.id))
    return tally.list_hash((_mark(person_id, salt), choice) for person_id, choice in rows)
