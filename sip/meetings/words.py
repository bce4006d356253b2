"""The names of where points stand."""

from sip.core.messages import N_
from sip.meetings.models import PointState

POINT_STATE_NAMES = {
    PointState.PROPOSED: N_("Proposed"),
    PointState.ON_AGENDA: N_("On an agenda"),
    PointState.DECLINED: N_("Not taken up"),
    PointState.WITHDRAWN: N_("Withdrawn by its author"),
    PointState.TREATED: N_("Treated"),
}

# Icons of the sprite that stand beside the words.
POINT_STATE_ICONS = {
    PointState.PROPOSED: "clock",
    PointState.ON_AGENDA: "calendar",
    PointState.DECLINED: "cross",
    PointState.WITHDRAWN: "undo",
    PointState.TREATED: "check",
}
