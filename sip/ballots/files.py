"""The list of votes as a CSV file, which anybody can count again: `sip tally FILE.csv`.

The first line names the columns: `code`, `choice` of a secret ballot, `name`, `choice`, `opinion`, `member` of an open
one, where `member` tells people of one name apart. The first two columns are all that is counted; rankings are written
as "2,1=3,0". The hash in the public record is of the choices with their codes, or with what stands under `member`.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from sip.ballots import queries, tally
from sip.ballots.models import Ballot, Choice, MajorityRule, Method
from sip.core.errors import Invalid
from sip.core.messages import message

SECRET_COLUMNS = ["code", "choice"]
OPEN_COLUMNS = ["name", "choice", "opinion", "member"]
_SHIELD = "'"  # before what a spreadsheet would take for a formula


@dataclass(frozen=True)
class FiledVotes:
    """What a file says: how it was decided, each vote, and the hash by which the public record knows the list."""

    method: Method
    choices: list[str]
    hash: str


def header(ballot: Ballot) -> list[str]:
    """Return the names of the columns."""
    return SECRET_COLUMNS if ballot.is_secret else OPEN_COLUMNS


def rows(ballot: Ballot) -> Iterator[list[str]]:
    """Yield the votes of a counted ballot, one by one, as they stand in the file."""
    for who, choice, opinion, member in queries.listed_votes(ballot):
        yield [who, choice] if member is None else [who, choice, opinion, member]


def read(path: Path) -> FiledVotes:
    """Read a list of votes; raises Invalid where it is none, OSError where there is no such file."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            votes = _votes_in(file)
    except (csv.Error, UnicodeDecodeError) as error:
        raise Invalid(message("This is no list of votes: %(reason)s.", reason=str(error))) from None
    method = _method_of(votes)
    return FiledVotes(method, [choice for _who, choice in votes], tally.list_hash(votes))


def _votes_in(file: TextIO) -> list[tuple[str, str]]:
    """Return who voted, or under which code, and for what; raises Invalid where the columns have other names."""
    separator = ";" if ";" in file.readline() else ","
    file.seek(0)
    lines = csv.DictReader(file, delimiter=separator)
    named = lines.fieldnames or []
    if "choice" not in named or not {"code", "name"} & set(named):
        raise Invalid(message("This is no list of votes: the first line has to name its columns."))
    who = next(name for name in ("code", "member", "name") if name in named)
    return [((line[who] or "").removeprefix(_SHIELD), _choice_in(line["choice"])) for line in lines]


def _choice_in(cell: str | None) -> str:
    return (cell or "").strip().removeprefix(_SHIELD)


def _method_of(votes: list[tuple[str, str]]) -> Method:
    """Return how a list was decided, which its answers tell; raises Invalid."""
    choices = {choice for _who, choice in votes} - {Choice.ABSTAIN.value}
    if not votes:
        raise Invalid(message("There is no vote in this file."))
    if any(choice[:1].isdecimal() for choice in choices):
        return Method.RANKING
    return Method.MAJORITY if choices <= {Choice.FOR, Choice.AGAINST} else Method.CONSENT


def count(votes: FiledVotes, rule: MajorityRule, on_roll: int, quorum: int) -> dict[str, Any]:
    """Count what a file says, as the ballot was counted; raises Invalid for votes that are none."""
    try:
        if votes.method is Method.RANKING:
            numbers = sorted(set().union(*map(tally.numbers_in, set(votes.choices))))
            return tally.ranking(votes.choices, numbers, on_roll, quorum)
        if votes.method is Method.MAJORITY:
            return tally.majority(votes.choices, rule, on_roll, quorum)
        return tally.consent(votes.choices, on_roll, quorum)
    except ValueError as error:
        raise Invalid(message("This is no list of votes: %(reason)s.", reason=str(error))) from None
