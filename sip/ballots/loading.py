"""What the addresses of this room name; guards load it, and 404 answers where it is not there."""

from flask import request

from sip.ballots import queries, rolls
from sip.ballots.models import Ballot, Proxy
from sip.ballots.policy import Giver, Standing
from sip.core.errors import Denied
from sip.core.messages import message
from sip.drafts.loading import load_draft, number_of

__all__ = ["giver_in", "load_ballot", "load_draft", "load_proxy", "number_of"]


def load_ballot(number: int) -> Ballot:
    """Find `/ballots/<number>`."""
    return queries.ballot_by_id(number)


def load_proxy(number: int) -> Proxy:
    """Find `/me/proxies/<number>`."""
    return rolls.proxy_by_id(number)


def giver_in(standing: Standing, name: str) -> Giver | None:
    """Return the giver whose number stands under `name` in the form or the address; raises Denied for others."""
    number = request.values.get(name, "")
    if not number:
        return None
    found = next((giver for giver in standing.givers if giver.person.id == number_of(number)), None)
    if found is None:
        raise Denied(message("You hold no proxy of this person for this ballot."))
    return found
