"""The pages of documents; every views module of this room adds its own."""

from flask import Blueprint

from sip.cycles.stages import LADDER, STAGE_MEANINGS, STAGE_NAMES
from sip.drafts import policy
from sip.web.splicing import MARK

blueprint = Blueprint("drafts", __name__)


@blueprint.context_processor
def _names() -> dict[str, object]:
    return {
        "policy": policy,
        "stored_html": MARK,
        "LADDER": LADDER,
        "STAGE_NAMES": STAGE_NAMES,
        "STAGE_MEANINGS": STAGE_MEANINGS,
    }
