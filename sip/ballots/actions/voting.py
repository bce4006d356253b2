"""Votes are cast: in the open, where they can be changed until the ballot closes, or in secret, for good."""

import bisect
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select, update

from sip.ballots import codes, queries, rolls, tally
from sip.ballots.actions.closing import packed
from sip.ballots.actions.objecting import follow_objection
from sip.ballots.actions.opening import ensure_open, urns
from sip.ballots.models import Ballot, Choice, Method, Turnout, Urn, Vote
from sip.ballots.policy import Standing, may_cast
from sip.ballots.tally import CHOICES
from sip.core import clock, journal, texts
from sip.core.access import require
from sip.core.db import db
from sip.core.errors import Invalid
from sip.core.journal import Event
from sip.core.messages import message
from sip.drafts import queries as draft_queries
from sip.people.models import Person

MAX_OPINION = 5_000
new_code = codes.new_code


@dataclass(frozen=True)
class Receipt:
    """What the voter is given: the code of a secret vote, or whether an open one took the place of another."""

    code: str | None
    is_changed: bool


def cast(
    actor: Person | None,
    ballot: Ballot,
    choice: str,
    *,
    opinion: str = "",
    is_minority: bool = False,
    giver: Person | None = None,
    code: str | None = None,
) -> Receipt:
    """Cast one's own vote, or by proxy that of `giver`; raises Denied, or Invalid, naming the field.

    `choice` is a Choice, or a ranking such as "2,1=3,0". What one votes in secret is under `code`, drawn by `new_code`,
    or under a new one; it is not to be stored anywhere else.
    """
    if ballot.method == Method.CONSENT:
        # An objection begins a discussion of the document, which whoever moves it holds before its ballots.
        draft_queries.lock(ballot.draft)
    queries.lock(ballot)
    ensure_open(ballot)
    standing = rolls.standing_of(actor, ballot)
    require(may_cast(actor, ballot, standing, giver))
    assert actor is not None
    choice = _checked(ballot, choice)
    opinion = texts.clean_line(opinion, MAX_OPINION, "opinion", is_needed=False)
    if choice == Choice.OBJECTION and not opinion:
        raise Invalid(message("Say why you object: the group works with your reason."), "opinion")
    if ballot.is_secret:
        return _cast_in_secret(actor, ballot, choice, opinion, giver, code or new_code())
    return _cast_openly(actor, ballot, choice, opinion, is_minority and bool(opinion), giver, standing)


def _checked(ballot: Ballot, choice: str) -> str:
    """Return an answer as it is stored; raises Invalid for what is none."""
    if ballot.method == Method.RANKING:
        try:
            places = tally.parse_ranking(choice[:100], queries.numbers_of(ballot))
        except ValueError:
            raise _no_ranking() from None
        if not choice.strip():
            raise _no_place()
        return tally.ranking_text(places)
    if choice not in {each.value for each in CHOICES[Method(ballot.method)]}:
        raise Invalid(message("Choose one of the answers."), "choice")
    return choice


def ranking(ballot: Ballot, ranks: Mapping[int, int | None]) -> str:
    """Return the ranking that gives each alternative its rank (1 is the best, None the last); raises Invalid."""
    numbers = queries.numbers_of(ballot)
    if not set(ranks) <= set(numbers):
        raise _no_ranking()
    try:
        text = tally.ranking_of({number: ranks.get(number) for number in numbers})
    except ValueError:
        raise Invalid(message("A place is left out: begin with 1 and go on without a gap."), "choice") from None
    if all(rank is None for rank in ranks.values()):
        raise _no_place()
    return text


def _no_place() -> Invalid:
    return Invalid(message("Give at least one alternative a place; to abstain, give all the same one."), "choice")


def _no_ranking() -> Invalid:
    return Invalid(message("This is no ranking: each alternative has one place."), "choice")


def _cast_openly(
    actor: Person,
    ballot: Ballot,
    choice: str,
    opinion: str,
    is_minority: bool,
    giver: Person | None,
    standing: Standing,
) -> Receipt:
    voter = giver or actor
    found = next((each for each in standing.givers if giver and each.person.id == giver.id), standing)
    holder_id = actor.id if giver else None
    now = clock.now()
    vote = found.vote
    if vote is None:
        _turn_out(ballot, voter, holder_id)
        vote = Vote(ballot_id=ballot.id, person=voter, at=now, changed_at=now, choice="", opinion="")
        db.session.add(vote)
    else:
        turnout = db.session.get_one(Turnout, (ballot.id, voter.id))
        turnout.holder_id = holder_id
    is_changed = found.is_cast
    follow_objection(actor, ballot, vote, is_objection=choice == Choice.OBJECTION, reason=opinion)
    vote.choice, vote.opinion, vote.is_minority, vote.changed_at = choice, opinion, is_minority, now
    db.session.flush()
    # That somebody took part is theirs to tell while the ballot is open: it is not among what happened to the document.
    journal.record(
        actor,
        Event.VOTE_CHANGED if is_changed else Event.VOTE_CAST,
        ballot.id,
        group_id=ballot.draft.groups[0].id,
        ballot=ballot.id,
        question=ballot.question,
        for_=giver.name if giver else None,
    )
    db.session.flush()
    return Receipt(None, is_changed)


def _turn_out(ballot: Ballot, voter: Person, holder_id: int | None) -> None:
    """Note that a vote is cast; the primary key refuses a second one, whatever happens at once."""
    ballot.voted += 1
    db.session.add(Turnout(ballot_id=ballot.id, person_id=voter.id, holder_id=holder_id))


def _cast_in_secret(
    actor: Person, ballot: Ballot, choice: str, opinion: str, giver: Person | None, code: str
) -> Receipt:
    """Put a vote among the others of an urn; nothing is written that would tell whose it is, or when it came."""
    _turn_out(ballot, giver or actor, actor.id if giver else None)
    db.session.flush()
    where = (Urn.ballot_id == ballot.id) & (Urn.number == secrets.randbelow(urns(ballot)))
    row = db.session.execute(select(Urn.votes, Urn.opinions).where(where).with_for_update()).one()
    votes, opinions = json.loads(row.votes), json.loads(row.opinions)
    bisect.insort(votes, [code, choice])
    values = {"votes": packed(votes)}
    if opinion:
        bisect.insort(opinions, [choice, opinion])
        values["opinions"] = packed(opinions)
    db.session.execute(update(Urn).where(where).values(**values).execution_options(synchronize_session=False))
    return Receipt(code, False)
