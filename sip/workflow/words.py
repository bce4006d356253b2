"""How the interface names each move, and each kind of entry of the public record."""

from flask_babel import lazy_gettext

from sip.core.record import RecordKind
from sip.cycles.stages import LADDER, Stage

MOVE_NAMES = {
    (Stage.INFORMATION, Stage.CONSULTATION): lazy_gettext("Open the consultation: members comment and take position"),
    (Stage.CONSULTATION, Stage.CONCERTATION): lazy_gettext("Open the concertation: members propose amendments"),
    (Stage.CONSULTATION, Stage.INFORMATION): lazy_gettext("Go back to information"),
    (Stage.CONCERTATION, Stage.CODECISION): lazy_gettext("Open the codecision: members vote"),
    (Stage.CONCERTATION, Stage.CONSULTATION): lazy_gettext("Go back to consultation"),
    (Stage.CODECISION, Stage.UNDER_REVIEW): lazy_gettext("Hand it over to the board"),
    (Stage.CODECISION, Stage.CONCERTATION): lazy_gettext("Go back to concertation"),
    (Stage.UNDER_REVIEW, Stage.ANSWERED): lazy_gettext("Publish the board’s answer"),
    (Stage.UNDER_REVIEW, Stage.CONCERTATION): lazy_gettext("Send it back to concertation: the group works on it again"),
    (Stage.ANSWERED, Stage.FOLLOWED_UP): lazy_gettext("Report on what becomes of it"),
    (Stage.ANSWERED, Stage.UNDER_REVIEW): lazy_gettext("Take it up again: the board studies it anew"),
    (Stage.FOLLOWED_UP, Stage.UNDER_REVIEW): lazy_gettext("Take it up again: the board studies it anew"),
    (Stage.WITHDRAWN, Stage.INFORMATION): lazy_gettext("Take it up again, at the stage of information"),
    **{(stage, Stage.WITHDRAWN): lazy_gettext("Withdraw") for stage in LADDER},
}

# What comes next, told to whoever has just opened a stage.
NEXT_STEPS = {
    Stage.INFORMATION: lazy_gettext("Members can ask questions now; the group answers each of them."),
    Stage.CONSULTATION: lazy_gettext(
        "Members can comment and take position now; the group says what becomes of each discussion."
    ),
    Stage.CONCERTATION: lazy_gettext("Members can propose amendments now; the group answers each of them."),
    Stage.CODECISION: lazy_gettext("Next, put it to the vote: the page of ballots is where you do it."),
    Stage.UNDER_REVIEW: lazy_gettext("The board is told by mail. If it asks your group something, you are told, too."),
}

RECORD_NAMES = {
    RecordKind.MOVE: lazy_gettext("Move to another stage"),
    RecordKind.BALLOT: lazy_gettext("Closed ballot"),
    RecordKind.RESPONSE: lazy_gettext("Answer of the board"),
}
