"""How the interface names stakeholder categories and roles."""

from sip.core.messages import N_
from sip.people.models import PersonRole, Stakeholder

STAKEHOLDER_NAMES = {
    Stakeholder.WORKER: N_("Worker"),
    Stakeholder.PERMANENT_STAFF: N_("Permanent staff"),
    Stakeholder.CLIENT: N_("Client"),
    Stakeholder.SUPPLIER: N_("Supplier"),
    Stakeholder.PARTNER: N_("Partner"),
}

ROLE_NAMES = {
    PersonRole.ADMINISTRATOR: N_("Administrator"),
    PersonRole.BOARD_MEMBER: N_("Board member"),
}

ROLE_MEANINGS = {
    PersonRole.ADMINISTRATOR: N_("Invites people, makes cycles and offices, gives roles."),
    PersonRole.BOARD_MEMBER: N_("Sits on the board, which answers the recommendations."),
}

FACT_NAMES = {
    "name": N_("Name"),
    "office_id": N_("Local office"),
    "language": N_("Language"),
    "stakeholder": N_("Takes part as"),
}
