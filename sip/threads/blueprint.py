"""The pages of discussions; every views module of this room adds its own."""

from flask import Blueprint

from sip.threads import policy

blueprint = Blueprint("threads", __name__)


@blueprint.context_processor
def _names() -> dict[str, object]:
    return {"policy": policy}
