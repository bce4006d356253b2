"""How a recommendation came to the board: its versions, what was said of it, its ballots, gathered for the file."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from sip.amendments.models import Amendment, AmendmentState
from sip.ballots.models import Ballot, BallotState, Vote
from sip.ballots.queries import Opinion, ballots_of_section, minority_opinions, objections
from sip.core.db import db
from sip.core.errors import Missing
from sip.drafts.models import StageMove, Version, VersionSection
from sip.people.models import Person
from sip.reviews.contributors import amendments_of, comments_on, count_people
from sip.reviews.models import BoardResponse, Review
from sip.reviews.queries import measures_of, responses_of, section_of
from sip.threads.models import Disposition, Stance
from sip.threads.queries import NO_DISPOSITION, counts_of, positions_of

MOST_STEPS = 300  # of each kind


@dataclass(frozen=True)
class Figures:
    """How much was said of a recommendation, by how many people, and what the group made of it."""

    threads: int
    comments: int
    people: int
    positions: dict[Stance, int]
    dispositions: dict[Disposition | None, int]
    amendments: dict[AmendmentState, int]
    supports: int


@dataclass(frozen=True)
class BallotStory:
    """One ballot on a recommendation, with what should not be lost of it."""

    ballot: Ballot
    objections: list[Vote]
    opinions: list[Opinion]


@dataclass(frozen=True)
class Step:
    """One thing that happened to a recommendation: that of its four fields which `kind` names is set.

    `is_changed` says of a version whether the recommendation's text is another than in the version before.
    """

    kind: Literal["version", "move", "ballot", "answer"]
    at: datetime
    version: Version | None = None
    is_changed: bool = False
    move: StageMove | None = None
    ballot: BallotStory | None = None
    response: BoardResponse | None = None


@dataclass(frozen=True)
class File:
    """All that a board file shows of a recommendation, as the version under review has it."""

    section: VersionSection
    measures: list[dict[str, Any]]
    figures: Figures
    steps: list[Step]
    ballots: list[BallotStory]
    first: Version
    is_changed: bool  # since the version that members saw first

    @property
    def number(self) -> str | None:
        return self.section.number


def file_of(review: Review) -> File:
    """Gather the file of a recommendation, in a number of statements that only its ballots add to; raises Missing."""
    section = section_of(review)
    if section is None:
        raise Missing
    versions = _versions(review)
    ballots = _ballots(review)
    steps = [Step("version", _moment(version), version=version, is_changed=changed) for version, changed in versions]
    steps += [Step("move", move.at, move=move) for move in _moves(review)]
    steps += [Step("ballot", story.ballot.closed_at or story.ballot.opens_at, ballot=story) for story in ballots]
    steps += [Step("answer", _moment(response), response=response) for response in responses_of(review)]
    seen = [(version, changed) for version, changed in versions if version.number <= review.version.number]
    return File(
        section=section,
        measures=measures_of(review),
        figures=_figures(review),
        steps=sorted(steps, key=lambda step: step.at),
        ballots=ballots,
        first=next((version for version, _changed in seen), review.version),
        is_changed=any(changed for _version, changed in seen[1:]),
    )


def _moment(thing: Version | BoardResponse) -> datetime:
    """Return when something that everybody can read was published."""
    assert thing.published_at is not None
    return thing.published_at


def _versions(review: Review) -> list[tuple[Version, bool]]:
    """Return the published versions that have the section, the first one first, and whether each changed its text."""
    title = func.lag(VersionSection.title).over(order_by=Version.number)
    body = func.lag(VersionSection.body).over(order_by=Version.number)
    query = (
        select(Version, or_(title != VersionSection.title, body != VersionSection.body))
        .join(VersionSection, VersionSection.version_id == Version.id)
        .where(
            Version.draft_id == review.draft_id,
            Version.published_at.is_not(None),
            VersionSection.key == review.key,
        )
        .order_by(Version.number)
        .limit(MOST_STEPS)
    )
    return [(version, bool(changed)) for version, changed in db.session.execute(query)]


def _moves(review: Review) -> list[StageMove]:
    query = select(StageMove).where(StageMove.section_id == review.section_id).order_by(StageMove.id.desc())
    options = joinedload(StageMove.actor).lazyload(Person.grants)
    return list(db.session.scalars(query.options(options).limit(MOST_STEPS)))


def _ballots(review: Review) -> list[BallotStory]:
    """Return the ballots on a recommendation that were held or are to be, round after round."""
    found = []
    for ballot in reversed(ballots_of_section(review.draft, review.key)):
        if ballot.state == BallotState.CLOSED:
            found.append(BallotStory(ballot, objections(ballot), minority_opinions(ballot)))
        else:
            found.append(BallotStory(ballot, [], []))
    return found


def _figures(review: Review) -> Figures:
    counts = counts_of(None, review.draft, review.key)
    amendments = amendments_of(review).with_only_columns(
        Amendment.state, func.count(Amendment.id), func.sum(Amendment.supports)
    )
    rows = db.session.execute(amendments.group_by(Amendment.state)).all()
    given: dict[Disposition | None, int] = {
        disposition: counts[f"disposition.{disposition.value}"] for disposition in Disposition
    }
    return Figures(
        threads=counts["all"],
        comments=db.session.scalar(comments_on(review).with_only_columns(func.count())) or 0,
        people=count_people(review),
        positions=positions_of(review.draft, review.key),
        dispositions={**given, None: counts[f"disposition.{NO_DISPOSITION}"]},
        amendments={AmendmentState(row[0]): row[1] for row in rows},
        supports=sum(row[2] for row in rows),
    )
