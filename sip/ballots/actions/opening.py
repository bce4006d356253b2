"""Ballots open: the roll is written, and everybody on it is told."""

from sqlalchemy import insert

from sip.ballots import rolls
from sip.ballots.actions.letters import group_of, record, tell_all
from sip.ballots.models import Ballot, BallotState, Urn
from sip.ballots.queries import ballot_by_id, lock
from sip.core import clock
from sip.core.db import db
from sip.core.journal import Event
from sip.cycles.stages import Stage
from sip.people.models import Person

# So few secret votes lie in one row of an urn that writing it again with each vote stays quick.
VOTES_IN_A_ROW = 2_000


def open_due(number: int) -> bool:
    """Open a ballot whose time has come, and say whether that was still to be done; anybody may do this at once."""
    ballot = ballot_by_id(number)
    lock(ballot)
    return ensure_open(ballot)


def ensure_open(ballot: Ballot, actor: Person | None = None) -> bool:
    """Open a ballot that the caller holds if its time has come, and say whether that was still to be done.

    Where a recommendation has left the stage of codecision since, the ballot is cancelled.
    """
    if ballot.state != BallotState.PLANNED or ballot.opens_at > clock.now():
        return False
    if any(section.stage != Stage.CODECISION or section.is_retired for section in ballot.section_list):
        cancel_for_stage(ballot)
        return True
    ballot.state, ballot.opened_at = BallotState.OPEN, clock.now()
    db.session.flush()
    ballot.on_roll = rolls.write_roll(ballot)
    if ballot.is_secret:
        rows = [{"ballot_id": ballot.id, "number": number} for number in range(urns(ballot))]
        db.session.execute(insert(Urn), rows)
    tell_all(rolls.people_on_roll(ballot), ballot, "ballot_opened")
    record(actor, Event.BALLOT_OPENED, ballot, on_roll=ballot.on_roll)
    return True


def urns(ballot: Ballot) -> int:
    """Return in how many rows the secret votes of a ballot lie while it is open."""
    return ballot.on_roll // VOTES_IN_A_ROW + 1


def cancel_for_stage(ballot: Ballot) -> None:
    """End a ballot, which the caller holds, because what it decides on is no longer at the stage of codecision."""
    ballot.state = BallotState.CANCELLED
    record(None, Event.BALLOT_CANCELLED, ballot, is_stage=True)
    tell_all(group_of(ballot), ballot, "ballot_cancelled", reason="")
