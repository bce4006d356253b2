"""What is written down of what happens to a ballot: the journal, and the letters."""

from typing import Any

from sqlalchemy import Select, select

from sip.ballots.models import Ballot
from sip.core import journal, outbox
from sip.core.db import db
from sip.core.journal import Event
from sip.groups.models import Membership, MembershipState
from sip.people.models import Person


def record(actor: Person | None, event: Event, ballot: Ballot, **data: Any) -> None:
    """Write what happened to a ballot into the journal of its document."""
    journal.record(
        actor,
        event,
        ballot.id,
        draft_id=ballot.draft_id,
        cycle_id=ballot.cycle_id,
        ballot=ballot.id,
        question=ballot.question,
        round=ballot.round,
        title=ballot.draft.title,
        **data,
    )
    db.session.flush()


def tell_all(people: Select[str, str, str], ballot: Ballot, kind: str, **data: str | int) -> None:
    """Post `emails/<kind>.txt` to everybody whom `people` finds (address, language, name), at one go."""
    outbox.post_all(
        people,
        kind,
        number=ballot.id,
        question=ballot.question,
        draft=ballot.draft.title,
        closes_at=ballot.closes_at.isoformat(),
        **data,
    )


def group_of(ballot: Ballot) -> Select[str, str, str]:
    """Return the query of the people of the groups that wrote what is decided on: address, language, name."""
    members = select(Membership.person_id).where(
        Membership.group_id.in_([group.id for group in ballot.draft.groups]),
        Membership.state == MembershipState.ACTIVE,
    )
    query = select(Person.email, Person.language, Person.name)
    return query.where(Person.id.in_(members), Person.joined_at.is_not(None))
