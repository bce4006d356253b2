"""How the interface names what people do in a discussion."""

from sip.core.messages import N_
from sip.drafts.models import PlaceState
from sip.threads.models import Disposition, ReactionKind, Stance, ThreadKind, ThreadState

KIND_NAMES = {
    ThreadKind.QUESTION: N_("Question"),
    ThreadKind.REMARK: N_("Remark"),
    ThreadKind.FOR: N_("Argument for"),
    ThreadKind.AGAINST: N_("Argument against"),
    ThreadKind.CONCERN: N_("Concern"),
}

KIND_MEANINGS = {
    ThreadKind.QUESTION: N_("You would like to know or understand something. The group answers."),
    ThreadKind.REMARK: N_("An experience, an idea, a mistake: something that the group should know."),
    ThreadKind.FOR: N_("Why you would keep this."),
    ThreadKind.AGAINST: N_("Why you would not do this."),
    ThreadKind.CONCERN: N_("What could go wrong, for you or for others."),
}

STATE_NAMES = {
    ThreadState.OPEN: N_("Open"),
    ThreadState.ANSWERED: N_("Answered by the group"),
    ThreadState.RESOLVED: N_("Resolved"),
}

DISPOSITION_NAMES = {
    Disposition.TAKEN_UP: N_("Taken up"),
    Disposition.PARTLY: N_("Partly taken up"),
    Disposition.NOT_TAKEN_UP: N_("Not taken up"),
    Disposition.ANSWERED: N_("Answered"),
}

DISPOSITION_MEANINGS = {
    Disposition.TAKEN_UP: N_("The text says it now, or will say it in the next version."),
    Disposition.PARTLY: N_("Some of it has come into the text."),
    Disposition.NOT_TAKEN_UP: N_("The text stays as it is; you say why."),
    Disposition.ANSWERED: N_("Nothing had to change: you answer the question or the remark."),
}

STANCE_NAMES = {
    Stance.IN_FAVOUR: N_("In favour"),
    Stance.RESERVED: N_("With reservations"),
    Stance.AGAINST: N_("Against"),
    Stance.UNDECIDED: N_("Undecided"),
}

REACTION_NAMES = {
    ReactionKind.AGREE: N_("I agree"),
    ReactionKind.THANK: N_("Thank you"),
}

PLACE_NAMES = {
    PlaceState.IN_PLACE: N_("The passage stands as it was"),
    PlaceState.CHANGED: N_("The passage was changed"),
    PlaceState.OUTDATED: N_("The passage is gone"),
}
