"""What people are told whose change is refused, by the reason."""

from sip.core.messages import Message, message
from sip.drafts.live_document import Refusal

CLIENT_ID = "client_id"  # it is another's, or there are too many

REASONS: dict[str, Message] = {
    Refusal.RIGHTS: message("You may not write here any more. What you typed is kept on this device."),
    Refusal.FOREIGN: message(
        "What you typed follows changes that the server does not have. It is kept on this device."
    ),
    Refusal.INCOMPLETE: message("A part of what you typed did not arrive. It is kept on this device."),
    Refusal.TOO_LONG: message("This section would become too long. Split it; what you typed is kept on this device."),
    Refusal.MALFORMED: message("What arrived from this page cannot be read. Open the page again."),
    CLIENT_ID: message("Another window writes under this name. What you typed is kept on this device."),
}
