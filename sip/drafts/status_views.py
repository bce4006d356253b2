"""What a page on which somebody writes asks when it is refused a connection, since browsers do not tell it why."""

from flask import jsonify
from flask.typing import ResponseReturnValue

from sip.core.errors import Missing
from sip.drafts import policy
from sip.drafts.blueprint import blueprint
from sip.drafts.loading import load_draft
from sip.web.guard import anyone, current_person, guard


@blueprint.route("/drafts/<slug>/live/status")
@guard(anyone)
def live_status(slug: str) -> ResponseReturnValue:
    """Who is signed in here, and whether they may read the text being written; of what is hidden, it says no more."""
    person = current_person()
    try:
        may_read = person is not None and bool(policy.may_read_live(person, load_draft(slug)))
    except Missing:
        may_read = False
    return jsonify(person=person.id if person else None, may_read=may_read)
