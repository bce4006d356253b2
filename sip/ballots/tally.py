"""What a ballot decides, counted from its votes alone: consent, majority, and ranking by Schulze's method.

Every count gives the same dictionary, which JSON can hold: `method`, `quorum` (per cent), `on_roll`, `voted`,
`is_quorate`, `decision` (a Decision), `is_adopted`; by consent and majority `counts`; by ranking what `ranking` says.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from sip.ballots.models import Choice, MajorityRule, Method

STATUS_QUO = 0
# Nothing is told of fewer people than these.
LEAST_IN_A_CELL = 5

CHOICES = {
    Method.CONSENT: (Choice.CONSENT, Choice.RESERVATIONS, Choice.OBJECTION, Choice.ABSTAIN),
    Method.MAJORITY: (Choice.FOR, Choice.AGAINST, Choice.ABSTAIN),
}

Matrix = list[list[int]]
Votes = Iterable[str] | Mapping[str, int]  # one by one, or how many gave each answer


class Decision(StrEnum):
    """What came out, and why."""

    ADOPTED = "adopted"
    DECLINED = "declined"
    NO_VOTES = "no_votes"
    NO_QUORUM = "no_quorum"
    OBJECTIONS = "objections"
    NO_CONSENT = "no_consent"  # nobody objected, and nobody consented
    TIE = "tie"
    STATUS_QUO = "status_quo"


def consent(votes: Votes, on_roll: int, quorum: int = 0) -> dict[str, Any]:
    """Count a consent round: adopted where somebody consents and nobody objects."""
    counts = _counts(votes, Method.CONSENT)
    if counts[Choice.OBJECTION]:
        decision = Decision.OBJECTIONS
    elif counts[Choice.CONSENT] + counts[Choice.RESERVATIONS]:
        decision = Decision.ADOPTED
    else:
        decision = Decision.NO_CONSENT
    return _result(Method.CONSENT, sum(counts.values()), on_roll, quorum, decision, counts=counts)


def majority(votes: Votes, rule: MajorityRule, on_roll: int, quorum: int = 0) -> dict[str, Any]:
    """Count votes for and against; what the rule demands is said where the rules are."""
    counts = _counts(votes, Method.MAJORITY)
    pro, contra, voted = counts[Choice.FOR], counts[Choice.AGAINST], sum(counts.values())
    is_reached = {
        MajorityRule.SIMPLE: pro > contra,
        MajorityRule.ABSOLUTE: 2 * pro > voted,
        MajorityRule.TWO_THIRDS: pro > 0 and 3 * pro >= 2 * (pro + contra),
    }[rule]
    if is_reached:
        decision = Decision.ADOPTED
    else:
        decision = Decision.TIE if rule is MajorityRule.SIMPLE and pro == contra else Decision.DECLINED
    return _result(Method.MAJORITY, voted, on_roll, quorum, decision, counts=counts, rule=rule.value)


def _counts(votes: Votes, method: Method) -> dict[str, int]:
    """Return how many gave each answer; raises ValueError for what is none."""
    found = Counter(votes)
    counts = {choice.value: found.pop(choice.value, 0) for choice in CHOICES[method]}
    if found:
        raise ValueError(f"no answer by {method.value}: {min(found)!r}")
    return counts


def ranking(votes: Votes, alternatives: Sequence[int], on_roll: int, quorum: int = 0) -> dict[str, Any]:
    """Count rankings (`parse_ranking`) by Schulze's method with winning votes; 0 is the status quo.

    `pairwise[i][j]` voters prefer `alternatives[i]` to `alternatives[j]`; `strengths` has those of the strongest paths;
    `order` is from the best on, equals together; several at its head are `tied`, and the `winner` is None unless the
    status quo is among them, which then stays.
    """
    found = Counter(votes)
    voted = sum(found.values())
    pairwise = pairwise_matrix(found, alternatives)
    strengths = strongest_paths(pairwise)
    order = schulze_order(strengths, alternatives)
    best = order[0] if order else []
    if len(best) == 1:
        winner: int | None = best[0]
    else:
        winner = STATUS_QUO if STATUS_QUO in best else None
    decision = {None: Decision.TIE, STATUS_QUO: Decision.STATUS_QUO}.get(winner, Decision.ADOPTED)
    return _result(
        Method.RANKING,
        voted,
        on_roll,
        quorum,
        decision,
        alternatives=list(alternatives),
        pairwise=pairwise,
        strengths=strengths,
        order=order,
        tied=best if len(best) > 1 else [],
        winner=winner,
    )


def _result(method: Method, voted: int, on_roll: int, quorum: int, decision: Decision, **more: Any) -> dict[str, Any]:
    """Put together what all counts have; without votes, or without the quorum, nothing is decided."""
    is_quorate = 100 * voted >= quorum * on_roll
    if not voted:
        decision = Decision.NO_VOTES
    elif not is_quorate:
        decision = Decision.NO_QUORUM
    return {
        "method": method.value,
        "quorum": quorum,
        "on_roll": on_roll,
        "voted": voted,
        "is_quorate": is_quorate,
        "decision": decision.value,
        "is_adopted": decision is Decision.ADOPTED,
        **more,
    }


# Rankings


def parse_ranking(text: str, alternatives: Sequence[int]) -> list[list[int]]:
    """Read "2,1=3,0": numbers in their order of preference, equals together; those left out share the last place.

    Raises ValueError for numbers that are not among `alternatives`, doubles, and places without anything in them.
    """
    places = _places(text)
    named = [number for place in places for number in place]
    if len(set(named)) < len(named):
        raise ValueError("an alternative stands in two places")
    if not set(named) <= set(alternatives):
        raise ValueError("there is no such alternative")
    rest = [number for number in alternatives if number not in named]
    return [*places, rest] if rest else places


def numbers_in(text: str) -> set[int]:
    """Return the alternatives that a ranking names; raises ValueError where it is none."""
    return {number for place in _places(text) for number in place}


def _places(text: str) -> list[list[int]]:
    return [[_number(word) for word in place.split("=")] for place in text.split(",")] if text.strip() else []


def _number(word: str) -> int:
    word = word.strip()
    if not (word.isascii() and word.isdecimal() and len(word) < 4):
        raise ValueError("a place in the ranking is empty, or no number")
    return int(word)


def ranking_text(places: Iterable[Iterable[int]]) -> str:
    """Write a ranking in the one form in which it is stored, equals by their numbers."""
    return ",".join("=".join(map(str, sorted(place))) for place in places)


def ranking_of(ranks: Mapping[int, int | None]) -> str:
    """Return the ranking that gives each alternative its rank, 1 for the best; equal ranks are equal, None is last.

    After two that share the first place, both 2 and 3 may follow. Raises ValueError where a rank is left out.
    """
    places: dict[int, list[int]] = {}
    for number, rank in ranks.items():
        if rank is not None:
            places.setdefault(rank, []).append(number)
    ranked = 0
    for place, rank in enumerate(sorted(places), 1):
        if rank not in (place, ranked + 1):
            raise ValueError("a rank is left out")
        ranked += len(places[rank])
    last = [number for number, rank in ranks.items() if rank is None]
    return ranking_text([*(places[rank] for rank in sorted(places)), *([last] if last else [])])


def pairwise_matrix(votes: Mapping[str, int], alternatives: Sequence[int]) -> Matrix:
    """Return for each pair how many voters prefer the one to the other; `votes` says how many gave each ranking."""
    index = {number: place for place, number in enumerate(alternatives)}
    matrix = [[0] * len(alternatives) for _ in alternatives]
    for text, times in votes.items():
        places = [[index[number] for number in place] for place in parse_ranking(text, alternatives)]
        worse = [one for place in places for one in place]
        for place in places:
            worse = worse[len(place) :]
            for one in place:
                row = matrix[one]
                for other in worse:
                    row[other] += times
    return matrix


def strongest_paths(pairwise: Matrix) -> Matrix:
    """Return the strength of the strongest path from each alternative to each other one (Schulze, winning votes)."""
    places = range(len(pairwise))
    strengths = [[pairwise[i][j] if pairwise[i][j] > pairwise[j][i] else 0 for j in places] for i in places]
    for through in places:
        for start in places:
            for end in places:
                if start != end:
                    around = min(strengths[start][through], strengths[through][end])
                    strengths[start][end] = max(strengths[start][end], around)
    return strengths


def schulze_order(strengths: Matrix, alternatives: Sequence[int]) -> list[list[int]]:
    """Return the alternatives from the best on; those that no other one left beats come together."""
    left = list(range(len(alternatives)))
    order = []
    while left:
        best = [one for one in left if all(strengths[one][other] >= strengths[other][one] for other in left)]
        order.append([alternatives[place] for place in best])
        left = [place for place in left if place not in best]
    return order


# What is told of offices, and how a list of votes is known again


def office_cells(rows: Iterable[tuple[int, int, int]], least: int = LEAST_IN_A_CELL) -> list[list[Any]]:
    """Merge offices (id, on the roll, voted) until at least `least` people have voted in each cell, the smallest last.

    A cell is [ids, on the roll, voted]. Nothing is returned where there would be one cell only: it would be the total.
    Cells leave nobody out, so that no difference to the total tells of fewer people than a cell does.
    """
    cells = [([number], on_roll, voted) for number, on_roll, voted in sorted(rows) if on_roll]
    cells.sort(key=lambda cell: (-cell[2], cell[0]))
    while len(cells) > 1 and any(voted < least for _ids, _on_roll, voted in cells[-2:]):
        last, before = cells.pop(), cells.pop()
        # What was merged stays last, so that small offices share one cell.
        cells.append((sorted([*before[0], *last[0]]), before[1] + last[1], before[2] + last[2]))
    return [list(cell) for cell in cells] if len(cells) > 1 else []


def list_hash(votes: Iterable[tuple[str, str]]) -> str:
    """Return the SHA-256 of a list of (code or member, choice): its sorted lines, a tab between the two."""
    lines = sorted(f"{who}\t{choice}\n" for who, choice in votes)
    return hashlib.sha256("".join(lines).encode()).hexdigest()
