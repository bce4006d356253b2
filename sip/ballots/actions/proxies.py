"""Proxies: given to another member for one ballot or for a while, and taken back until they are used."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func

from sip.ballots import queries, rolls
from sip.ballots.models import Ballot, Proxy
from sip.ballots.policy import may_open_proxies, may_revoke_proxy
from sip.core import clock, journal, outbox
from sip.core.access import require
from sip.core.db import db, hold
from sip.core.errors import Invalid
from sip.core.journal import Event
from sip.core.messages import message
from sip.people.models import Person

MAX_PERIOD = timedelta(days=366)
MAX_AHEAD = timedelta(days=731)


def give(
    actor: Person | None,
    holder: Person,
    *,
    ballot: Ballot | None = None,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
    most: int,
) -> Proxy:
    """Let `holder` vote in one's place: in a ballot, or in all that are open between two moments.

    Nobody holds more than `most` at a time. Raises Invalid, naming the field.
    """
    require(may_open_proxies(actor))
    assert actor is not None
    # All proxies wait for one another: what is checked is what many people gave.
    hold("proxies")
    if holder.id == actor.id:
        raise Invalid(message("A proxy is for somebody else: yourself, you simply vote."), "holder")
    if holder.joined_at is None:
        raise Invalid(message("%(name)s has not joined yet.", name=holder.name), "holder")
    if ballot is not None:
        queries.lock(ballot)
        begin, end = _checked_ballot(actor, holder, ballot)
        valid_from = valid_until = None
    else:
        begin, end = valid_from, valid_until = _checked_period(valid_from, valid_until)
    _check_others(actor, holder, begin, end, ballot, most)
    proxy = Proxy(
        giver=actor,
        holder=holder,
        ballot=ballot,
        valid_from=valid_from,
        valid_until=valid_until,
        given_at=clock.now(),
    )
    db.session.add(proxy)
    db.session.flush()
    # Between two people: neither a document's record nor a cycle's tells of it.
    journal.record(actor, Event.PROXY_GIVEN, proxy.id, ballot=ballot.id if ballot else None, holder=holder.name)
    _tell_holder(proxy, "proxy_given")
    return proxy


def _checked_ballot(actor: Person, holder: Person, ballot: Ballot) -> tuple[datetime, datetime]:
    """Return between which moments one votes in a ballot; raises Invalid where that is no ballot for the two."""
    if not ballot.is_unfinished or ballot.is_awaiting_count:
        raise Invalid(message("This ballot is over: no vote can be cast any more."), "ballot")
    if not rolls.is_on_roll(actor, ballot):
        raise Invalid(message("You have no vote in this ballot to give a proxy for."), "ballot")
    if not rolls.is_on_roll(holder, ballot):
        raise Invalid(
            message("%(name)s has no vote in this ballot: choose somebody who has.", name=holder.name), "holder"
        )
    if rolls.standing_of(actor, ballot).is_cast:
        raise Invalid(message("Your vote in this ballot is cast already."), "ballot")
    return ballot.opens_at, ballot.closes_at


def _checked_period(valid_from: datetime | None, valid_until: datetime | None) -> tuple[datetime, datetime]:
    now = clock.now()
    begin = valid_from or now
    if valid_until is None:
        raise Invalid(message("Say until when the proxy holds."), "valid_until")
    if valid_until <= now:
        raise Invalid(message("This moment has passed already."), "valid_until")
    if valid_until <= begin:
        raise Invalid(message("The proxy ends before it begins."), "valid_until")
    if begin > now + MAX_AHEAD or valid_until > begin + MAX_PERIOD:
        raise Invalid(message("A proxy holds for a year at most."), "valid_until")
    return begin, valid_until


def _check_others(
    actor: Person, holder: Person, begin: datetime, end: datetime, ballot: Ballot | None, most: int
) -> None:
    """Refuse a second proxy for the same vote, chains of them, and more in one hand than may be; raises Invalid."""
    others = rolls.meeting_proxies(begin, end, ballot.id if ballot else None)

    def is_there(condition: ColumnElement[bool]) -> bool:
        return db.session.scalar(others.where(condition).with_only_columns(Proxy.id).limit(1)) is not None

    if is_there(Proxy.giver_id == actor.id):
        raise Invalid(message("You have given a proxy for that time already: take it back first."), "holder")
    if is_there(Proxy.holder_id == actor.id):
        raise Invalid(
            message(
                "You hold somebody’s proxy for that time: whoever gave it counts on you, and it cannot be passed on."
            ),
            "holder",
        )
    if is_there(Proxy.giver_id == holder.id):
        raise Invalid(
            message(
                "%(name)s has given a proxy for that time too, so yours would not be used: choose somebody else.",
                name=holder.name,
            ),
            "holder",
        )
    held = others.where(Proxy.holder_id == holder.id).with_only_columns(func.count(Proxy.id))
    if (db.session.scalar(held) or 0) >= most:
        raise Invalid(
            message(
                "%(name)s holds as many proxies as one may (%(most)s): choose somebody else.",
                name=holder.name,
                most=most,
            ),
            "holder",
        )


def revoke(actor: Person | None, proxy: Proxy) -> None:
    """Take a proxy back; one for a single ballot only until it was used, one for a while from now on."""
    hold("proxies")
    if proxy.ballot is not None:
        queries.lock(proxy.ballot)
    db.session.refresh(proxy, ["revoked_at"])
    require(may_revoke_proxy(actor, proxy))
    if rolls.is_used(proxy):
        raise Invalid(
            message(
                "%(name)s has voted for you already. While an open ballot runs, you can still vote yourself instead.",
                name=proxy.holder.name,
            )
        )
    proxy.revoked_at = clock.now()
    journal.record(actor, Event.PROXY_REVOKED, proxy.id, ballot=proxy.ballot_id, holder=proxy.holder.name)
    _tell_holder(proxy, "proxy_revoked")


def _tell_holder(proxy: Proxy, kind: str) -> None:
    ballot, holder = proxy.ballot, proxy.holder
    outbox.post(
        holder.email,
        holder.language,
        kind,
        to_name=holder.name,
        name=proxy.giver.name,
        number=ballot.id if ballot else None,
        question=ballot.question if ballot else "",
        valid_from=proxy.valid_from.isoformat() if proxy.valid_from else "",
        valid_until=proxy.valid_until.isoformat() if proxy.valid_until else "",
    )
    db.session.flush()
