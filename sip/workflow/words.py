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

RECORD_NAMES = {
    RecordKind.MOVE: lazy_gettext("Move to another stage"),
    RecordKind.BALLOT: lazy_gettext("Closed ballot"),
    RecordKind.RESPONSE: lazy_gettext("Answer of the board"),
}
