"""How the interface names amendments and what becomes of them."""

from sip.amendments.models import AmendmentKind, AmendmentState
from sip.core.messages import N_

KIND_NAMES = {
    AmendmentKind.CHANGE: N_("Other words"),
    AmendmentKind.STRIKE: N_("Strike"),
    AmendmentKind.NEW_MEASURE: N_("New measure"),
    AmendmentKind.NEW_RECOMMENDATION: N_("New recommendation"),
}

STATE_NAMES = {
    AmendmentState.OPEN: N_("Waits for an answer"),
    AmendmentState.ACCEPTED: N_("Taken up"),
    AmendmentState.ACCEPTED_CHANGED: N_("Taken up with changes"),
    AmendmentState.DECLINED: N_("Not taken up"),
    AmendmentState.WITHDRAWN: N_("Withdrawn by its author"),
}

# Icons of the sprite that stand beside the words.
STATE_ICONS = {
    AmendmentState.OPEN: "clock",
    AmendmentState.ACCEPTED: "check",
    AmendmentState.ACCEPTED_CHANGED: "check",
    AmendmentState.DECLINED: "cross",
    AmendmentState.WITHDRAWN: "withdrawn",
}
KIND_ICONS = {
    AmendmentKind.CHANGE: "pencil",
    AmendmentKind.STRIKE: "trash",
    AmendmentKind.NEW_MEASURE: "plus",
    AmendmentKind.NEW_RECOMMENDATION: "plus",
}
