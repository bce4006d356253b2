"""How the interface names the board's answers and what became of its commitments."""

from sip.core.messages import N_
from sip.reviews.models import Answer, CommitmentStatus

ANSWER_NAMES = {
    Answer.ACCEPTED: N_("Accepted"),
    Answer.PARTLY: N_("Accepted in part"),
    Answer.DEFERRED: N_("Put off until later"),
    Answer.DECLINED: N_("Not accepted"),
}

STATUS_NAMES = {
    CommitmentStatus.PLANNED: N_("Planned"),
    CommitmentStatus.UNDER_WAY: N_("Under way"),
    CommitmentStatus.DONE: N_("Carried out"),
    CommitmentStatus.DROPPED: N_("Given up"),
}

# Icons of the sprite that stand beside the words.
ANSWER_ICONS = {
    Answer.ACCEPTED: "check",
    Answer.PARTLY: "compare",
    Answer.DEFERRED: "clock",
    Answer.DECLINED: "cross",
}
STATUS_ICONS = {
    CommitmentStatus.PLANNED: "calendar",
    CommitmentStatus.UNDER_WAY: "arrow-right",
    CommitmentStatus.DONE: "check",
    CommitmentStatus.DROPPED: "cross",
}
