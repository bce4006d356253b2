"""What pages show of ballots: the text that is voted on, counts as bars, duels of a ranking, turnout by office."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext

from sip.ballots import policy, queries, rolls
from sip.ballots.models import Ballot, Choice, Method
from sip.ballots.tally import CHOICES, parse_ranking
from sip.ballots.words import CHOICE_NAMES
from sip.core.access import Answer
from sip.cycles import queries as cycle_queries
from sip.drafts.models import Draft, VersionSection
from sip.drafts.rendering import linked
from sip.threads.models import Thread, ThreadKind
from sip.web.guard import current_person
from sip.web.i18n import say_list, translate

SHOWN = 5  # ballots on the page of a section
AWAITING = 5  # ballots on the first page


@dataclass(frozen=True)
class Text:
    """A recommendation as the ballot's version has it; `html` is its text for a page without the others."""

    section: VersionSection
    html: str

    @property
    def name(self) -> str:
        """Number and title, as in lists."""
        section = self.section
        return f"{section.number}. {section.title}" if section.number else section.title


def texts_of(ballot: Ballot) -> list[Text]:
    """Return what a ballot decides on, in the words that are voted on, in one statement."""
    page = url_for("drafts.version", slug=ballot.draft.slug, number=ballot.version.number)
    return [Text(section, linked(section.html, section.slug, page)) for section in queries.voted_on(ballot)]


@dataclass(frozen=True)
class Bar:
    """How many gave one answer, and which share of all votes that is."""

    choice: Choice
    count: int
    share: float


def bars_of(result: dict[str, Any]) -> list[Bar]:
    """Return the counts of a consent round or a majority; nothing for a ranking."""
    method = Method(result["method"])
    if method not in CHOICES:
        return []
    counts, voted = result["counts"], max(result["voted"], 1)
    return [Bar(choice, counts[choice.value], counts[choice.value] / voted) for choice in CHOICES[method]]


@dataclass(frozen=True)
class Duel:
    """Two alternatives side by side: how many prefer `first`, and how many `second`."""

    first: str
    second: str
    for_first: int
    for_second: int


@dataclass(frozen=True)
class Ranked:
    """What a ranking came to: places from the best on, the pairwise table, and each pair in words."""

    order: list[list[str]]
    titles: list[str]
    rows: list[list[tuple[int, int] | None]]  # votes for the row, and for the column; None on the diagonal
    duels: list[Duel]


def title_of(ballot: Ballot, number: int) -> str:
    """Return what an alternative is called."""
    if number == 0:
        return gettext("Leave everything as it is")
    return next((each.title for each in ballot.alternatives if each.number == number), str(number))


def ranked(ballot: Ballot, result: dict[str, Any]) -> Ranked | None:
    """Return the outcome of a ranking in its alternatives' words; None for other methods."""
    if result["method"] != Method.RANKING:
        return None
    numbers: list[int] = result["alternatives"]
    pairwise: list[list[int]] = result["pairwise"]
    titles = [title_of(ballot, number) for number in numbers]
    places = range(len(numbers))
    best_first = [number for place in result["order"] for number in place]
    at = {number: place for place, number in enumerate(numbers)}
    duels = [
        Duel(titles[at[one]], titles[at[other]], pairwise[at[one]][at[other]], pairwise[at[other]][at[one]])
        for place, one in enumerate(best_first)
        for other in best_first[place + 1 :]
    ]
    return Ranked(
        order=[[title_of(ballot, number) for number in place] for place in result["order"]],
        titles=titles,
        rows=[[None if i == j else (pairwise[i][j], pairwise[j][i]) for j in places] for i in places],
        duels=duels,
    )


@dataclass(frozen=True)
class OfficeTurnout:
    """How many of one office, or of several together, voted."""

    name: str
    on_roll: int
    voted: int


def offices_of(result: dict[str, Any]) -> list[OfficeTurnout]:
    """Return the turnout by office, in which nothing tells of fewer than five people; often nothing at all."""
    cells: list[list[Any]] = result.get("offices", [])
    if not cells:
        return []
    names = {office.id: office.name for office in cycle_queries.offices()}
    return [
        OfficeTurnout(say_list(names.get(number, gettext("no office")) for number in ids), on_roll, voted)
        for ids, on_roll, voted in cells
    ]


def said(ballot: Ballot, choice: str) -> str:
    """Say a vote in words: a choice, or the alternatives in the voter's order."""
    if ballot.method != Method.RANKING:
        return translate(CHOICE_NAMES[Choice(choice)])
    places = parse_ranking(choice, [each.number for each in ballot.alternatives])
    return " › ".join(" = ".join(title_of(ballot, number) for number in place) for place in places)


@dataclass(frozen=True)
class OfSection:
    """The ballots of one section that its page shows, the latest first, and whether one may be called."""

    ballots: Sequence[Ballot]
    may_plan: Answer


def section_ballots(draft: Draft, key: str) -> OfSection:
    """Return the ballots of a section for the person who asks."""
    person = current_person()
    sections = [section for section in draft.living_sections if section.key == key]
    return OfSection(queries.ballots_of_section(draft, key)[:SHOWN], policy.may_plan_on(person, draft, sections))


def objected_in(thread: Thread) -> Ballot | None:
    """Return the consent round in which an objection began this discussion, if one did."""
    is_like_one = thread.kind == ThreadKind.CONCERN and thread.passage is None
    return queries.ballot_of_objection(thread) if is_like_one else None


def ballots_awaiting() -> list[rolls.Waiting]:
    """Return what waits for the reader's vote, for themselves and for those whose proxy they hold."""
    person = current_person()
    return rolls.open_for(person, limit=AWAITING) if person else []
