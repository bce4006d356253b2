"""Ballots close: votes are counted once and for all, and the result goes into the public record."""

import json
import secrets
from typing import Any

from sqlalchemy import delete, insert, select

from sip.ballots import queries, rolls, tally
from sip.ballots.actions.letters import group_of, record, tell_all
from sip.ballots.actions.opening import ensure_open
from sip.ballots.models import Ballot, BallotState, Method, Urn
from sip.ballots.policy import may_close_early
from sip.core import clock
from sip.core.access import require
from sip.core.db import db
from sip.core.journal import Event
from sip.core.record import RecordKind, seal
from sip.people.models import Person


def close_due(number: int) -> bool:
    """Count a ballot whose time is over, and say whether that was still to be done; anybody may do this at once."""
    ballot = queries.ballot_by_id(number)
    queries.lock(ballot)
    return count_if_over(ballot)


def count_if_over(ballot: Ballot) -> bool:
    """Count a ballot that the caller holds if its time is over, and say whether that was still to be done."""
    ensure_open(ballot)  # nothing may have run between the two dates
    if ballot.state != BallotState.OPEN or not ballot.is_awaiting_count:
        return False
    _close(None, ballot)
    return True


def close_early(actor: Person | None, ballot: Ballot) -> None:
    """Count an open ballot before its time, where everybody on its roll has voted."""
    queries.lock(ballot)
    require(may_close_early(actor, ballot))
    _close(actor, ballot)


def _close(actor: Person | None, ballot: Ballot) -> None:
    result = {
        **queries.count(ballot),
        "offices": tally.office_cells(rolls.office_turnout(ballot)),
        "opinions": queries.count_opinions(ballot),
    }
    if not ballot.is_secret:
        result["salt"] = secrets.token_hex(16)
    ballot.result, ballot.is_adopted = result, result["is_adopted"]
    ballot.state, ballot.closed_at = BallotState.CLOSED, clock.now()
    if ballot.is_secret:
        _pour_together(ballot)
    db.session.flush()
    content = content_of(ballot, result)
    seal(RecordKind.BALLOT, ballot.id, cycle_id=ballot.cycle_id, draft_id=ballot.draft_id, content=content)
    record(actor, Event.BALLOT_CLOSED, ballot, is_adopted=ballot.is_adopted, decision=result["decision"])
    tell_all(group_of(ballot), ballot, "ballot_closed", decision=result["decision"])


def content_of(ballot: Ballot, result: dict[str, Any]) -> dict[str, Any]:
    """Return what the public record says of a counted ballot: all but what members alone may know."""
    told = {name: value for name, value in result.items() if name != "salt"}
    more = {"alternatives": [each.title for each in ballot.alternatives]} if ballot.method == Method.RANKING else {}
    return {
        "question": ballot.question,
        "round": ballot.round,
        "secrecy": ballot.secrecy,
        "electorate": ballot.electorate,
        "draft": ballot.draft.slug,
        "version": ballot.version.number,
        "version_hash": ballot.version.hash,
        "sections": [section.key for section in ballot.section_list],
        "opens_at": ballot.opens_at.isoformat(),
        "closes_at": ballot.closes_at.isoformat(),
        "votes_hash": queries.hash_of_votes(ballot),
        **told,
        **more,
    }


def _pour_together(ballot: Ballot) -> None:
    """Sort the votes of all urns into one list, cut into rows that are read one by one."""
    rows = db.session.execute(select(Urn.votes, Urn.opinions).where(Urn.ballot_id == ballot.id)).all()
    votes = sorted(vote for row in rows for vote in json.loads(row.votes))
    opinions = sorted(opinion for row in rows for opinion in json.loads(row.opinions))
    db.session.execute(delete(Urn).where(Urn.ballot_id == ballot.id).execution_options(synchronize_session=False))
    starts = range(0, max(len(votes), len(opinions), 1), queries.URN_ROW)
    poured = [
        {
            "ballot_id": ballot.id,
            "number": number,
            "votes": packed(votes[start : start + queries.URN_ROW]),
            "opinions": packed(opinions[start : start + queries.URN_ROW]),
        }
        for number, start in enumerate(starts)
    ]
    db.session.execute(insert(Urn), poured)


def packed(rows: list[list[str]]) -> str:
    """Return what an urn holds as it is stored."""
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
