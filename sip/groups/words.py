"""How the interface names what people do in a group."""

from sip.core.messages import N_
from sip.groups.models import GroupRole

ROLE_NAMES = {
    GroupRole.FACILITATOR: N_("Facilitator"),
    GroupRole.SECRETARY: N_("Secretary"),
    GroupRole.REFERENT: N_("Referent administrator"),
    GroupRole.PARTICIPANT: N_("Participant"),
}
