"""What the addresses of this room name; guards load it, and 404 answers where it is not there."""

from sip.bodies import queries
from sip.bodies.models import Body, Referral
from sip.bodies.policy import may_list_referrals
from sip.core.access import require
from sip.web.guard import current_person


def load_body(slug: str) -> Body:
    """Find `/bodies/<slug>`."""
    return queries.body_by_slug(slug)


def load_referral(number: int) -> Referral:
    """Find `/referrals/<number>`; whoever is not signed in is asked to do that first, whether there is one or not."""
    require(may_list_referrals(current_person()))
    return queries.referral_by_id(number)
