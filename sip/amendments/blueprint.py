"""The pages of amendments; every views module of this room adds its own."""

from flask import Blueprint

from sip.amendments import policy

blueprint = Blueprint("amendments", __name__)


@blueprint.context_processor
def _names() -> dict[str, object]:
    return {"policy": policy}
