"""The names that a comment can call, for whoever writes one."""

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from sip.core.access import require
from sip.core.errors import Missing
from sip.drafts.loading import number_of
from sip.drafts.models import Draft
from sip.threads import policy, queries
from sip.threads.blueprint import blueprint
from sip.threads.loading import load_draft
from sip.threads.mentions import names_to_mention
from sip.threads.models import Thread
from sip.web.guard import current_person, guard


@blueprint.route("/drafts/<slug>/discussion/names")
@guard(policy.may_name_people, load=load_draft)
def names(draft: Draft) -> ResponseReturnValue:
    """Who takes part in this discussion, by name."""
    found = sorted(set(names_to_mention(draft, _thread(draft)).values()))
    response = jsonify(names=found)
    response.headers["Cache-Control"] = "private, max-age=60"
    return response


def _thread(draft: Draft) -> Thread | None:
    """Find the thread that the address names, if it names one; raises Missing where it is none of the draft's."""
    if "thread" not in request.args:
        return None
    thread = queries.thread_by_id(number_of(request.args["thread"]))
    if thread.draft_id != draft.id:
        raise Missing
    require(policy.may_see_thread(current_person(), thread))
    return thread
