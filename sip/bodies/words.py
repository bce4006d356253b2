"""The names of what bodies are, and of how far they are with a matter."""

from sip.bodies.models import BodyKind, ReferralState
from sip.core.messages import N_

KIND_NAMES = {
    BodyKind.BOARD: N_("Board"),
    BodyKind.STEERING: N_("Steering committee"),
    BodyKind.ETHICS: N_("Ethics committee"),
    BodyKind.WORKS_COUNCIL: N_("Works council"),
    BodyKind.LOCAL: N_("Local committee"),
    BodyKind.OTHER: N_("Another body"),
}

REFERRAL_STATE_NAMES = {
    ReferralState.RECEIVED: N_("Matter received"),
    ReferralState.IN_HAND: N_("In hand"),
    ReferralState.CLOSED: N_("Matter closed"),
}
