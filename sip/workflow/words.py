"""How the interface names each move."""

from flask_babel import lazy_gettext

from sip.cycles.stages import Stage

MOVE_NAMES = {
    (Stage.INFORMATION, Stage.CONSULTATION): lazy_gettext("Open the consultation: members comment and take position"),
    (Stage.CONSULTATION, Stage.CONCERTATION): lazy_gettext("Open the concertation: members propose amendments"),
    (Stage.CONSULTATION, Stage.INFORMATION): lazy_gettext("Go back to information"),
    (Stage.CONCERTATION, Stage.CONSULTATION): lazy_gettext("Go back to consultation"),
    (Stage.CODECISION, Stage.CONCERTATION): lazy_gettext("Go back to concertation"),
    (Stage.WITHDRAWN, Stage.INFORMATION): lazy_gettext("Take it up again, at the stage of information"),
    **{
        (stage, Stage.WITHDRAWN): lazy_gettext("Withdraw")
        for stage in (Stage.INFORMATION, Stage.CONSULTATION, Stage.CONCERTATION, Stage.CODECISION)
    },
}
