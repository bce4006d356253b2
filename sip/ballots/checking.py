"""What must always hold of stored ballots; `sip check` counts all of them again and names what does not agree."""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, func, select

from sip.ballots import queries, rolls, tally
from sip.ballots.actions.closing import content_of
from sip.ballots.models import Ballot, BallotState, RollEntry, Turnout, Urn, Vote
from sip.core.db import db
from sip.core.record import RecordKind, differences


def problems() -> Iterator[str]:
    """Yield one English sentence per problem; nothing when all is well."""
    yield from _wrong_numbers()
    numbers = db.session.scalars(select(Ballot.id).where(Ballot.state == BallotState.CLOSED).order_by(Ballot.id)).all()
    for number in numbers:
        if not is_counted_right(queries.ballot_by_id(number)):
            yield f"ballot {number}: counting its votes again gives another result"
    yield from differences(RecordKind.BALLOT, map(_recorded, numbers))


def _wrong_numbers() -> Iterator[str]:
    """Ballots whose stored numbers of people are not those of their roll, their turnout and their votes."""
    on_roll = _by_ballot(select(RollEntry.ballot_id, func.count()).group_by(RollEntry.ballot_id))
    turnout = _by_ballot(select(Turnout.ballot_id, func.count()).group_by(Turnout.ballot_id))
    votes = _by_ballot(select(Vote.ballot_id, func.count()).group_by(Vote.ballot_id))
    for number, row in db.session.execute(select(Urn.ballot_id, Urn.votes).execution_options(yield_per=100)):
        votes[number] = votes.get(number, 0) + len(json.loads(row))
    for number, people, voted in db.session.execute(
        select(Ballot.id, Ballot.on_roll, Ballot.voted).order_by(Ballot.id)
    ):
        if people != on_roll.get(number, 0):
            yield f"ballot {number}: {people} people are said to be on its roll instead of {on_roll.get(number, 0)}"
        if not voted == turnout.get(number, 0) == votes.get(number, 0):
            yield (
                f"ballot {number}: {voted} are said to have voted, {turnout.get(number, 0)} turned out, and there are "
                f"{votes.get(number, 0)} votes"
            )


def _by_ballot(query: Select[int, int]) -> dict[int, int]:
    return {number: found for number, found in db.session.execute(query)}  # noqa: C416 - typed


def is_counted_right(ballot: Ballot) -> bool:
    """Say whether counting a closed ballot again gives what is stored."""
    try:
        found = queries.count(ballot)
    except ValueError:
        return False
    found["offices"] = tally.office_cells(rolls.office_turnout(ballot))
    found["opinions"] = queries.count_opinions(ballot)
    # The salt is not counted; the hash in the public record stands for it.
    stored = {name: value for name, value in queries.result_of(ballot).items() if name != "salt"}
    return found == stored and ballot.is_adopted == found["is_adopted"]


def _recorded(number: int) -> tuple[int, str, dict[str, Any]]:
    ballot = queries.ballot_by_id(number)
    return number, f"ballot {number}", content_of(ballot, queries.result_of(ballot))
