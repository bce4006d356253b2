"""Tries that are counted per account and per network address, under hashed keys, for a quarter of an hour."""

import hashlib
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select

from sip.core import clock
from sip.core.db import db, hold
from sip.core.errors import Throttled
from sip.core.messages import message
from sip.people.models import Attempt

WINDOW = timedelta(minutes=15)
PER_ACCOUNT = 10
PER_NETWORK = 50
# A meeting room full of people may ask for their links at once.
LETTERS_PER_ACCOUNT = 5
LETTERS_PER_NETWORK = 200


@dataclass(frozen=True)
class Limit:
    """At most `most` tries under `key` within the window."""

    key: str
    most: int


def account(what: str, email: str, most: int = PER_ACCOUNT) -> Limit:
    """Limit `what` for one account, whether it exists or not."""
    return Limit(_key(what, "account", email), most)


def network(what: str, address: str, most: int = PER_NETWORK) -> Limit:
    """Limit `what` for one network address; for IPv6 its /64, since one household owns all of that."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return Limit(_key(what, "network", address), most)
    if found.version == 6:
        address = str(ipaddress.ip_network((found, 64), strict=False))
    return Limit(_key(what, "network", address), most)


def _key(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()


def count_try(*limits: Limit) -> list[int]:
    """Count one try and return the ids of what was counted, for `forget`; raises Throttled beyond a limit.

    The try is counted before its outcome is known, in a transaction that the caller commits at once: neither many tries
    at the same time nor the undoing of a failed request get round it. Give accounts before networks.
    """
    now = clock.now()
    _sweep()
    for limit in limits:
        hold(limit.key)
        recent = select(Attempt.at).where(Attempt.key == limit.key, Attempt.at > now - WINDOW)
        moments = db.session.scalars(recent.order_by(Attempt.at.desc()).limit(limit.most)).all()
        if len(moments) >= limit.most:
            wait = int((moments[-1] + WINDOW - now).total_seconds()) + 1
            raise Throttled(
                message("There were too many tries. Please wait %(minutes)s minutes.", minutes=-(-wait // 60)), wait
            )
    attempts = [Attempt(key=limit.key, at=now) for limit in limits]
    db.session.add_all(attempts)
    db.session.flush()
    return [attempt.id for attempt in attempts]


def forget(ids: Iterable[int], *limits: Limit) -> None:
    """Take back what `count_try` counted, and all tries under `limits`."""
    db.session.execute(delete(Attempt).where(Attempt.id.in_(list(ids))))
    db.session.execute(delete(Attempt).where(Attempt.key.in_([limit.key for limit in limits])))


def _sweep() -> None:
    old = select(Attempt.id).where(Attempt.at <= clock.now() - WINDOW).limit(500).with_for_update(skip_locked=True)
    db.session.execute(delete(Attempt).where(Attempt.id.in_(old)).execution_options(synchronize_session=False))
