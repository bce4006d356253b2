"""The pages of amendments; every views module of this room adds its own."""

from flask import Blueprint
from flask.blueprints import BlueprintSetupState

from sip.amendments import policy, words
from sip.amendments.queries import waiting_by_draft
from sip.amendments.showing import reasons_of, section_amendments, thread_amendments

blueprint = Blueprint("amendments", __name__)


@blueprint.record
def _words(state: BlueprintSetupState) -> None:
    """Let all templates name amendments, and show those of a section or a discussion: other pages do, too."""
    state.app.jinja_env.globals.update(
        AMENDMENT_KIND_NAMES=words.KIND_NAMES,
        AMENDMENT_KIND_ICONS=words.KIND_ICONS,
        AMENDMENT_STATE_NAMES=words.STATE_NAMES,
        AMENDMENT_STATE_ICONS=words.STATE_ICONS,
        reasons_of=reasons_of,
        section_amendments=section_amendments,
        thread_amendments=thread_amendments,
        amendments_waiting=waiting_by_draft,
    )


@blueprint.context_processor
def _names() -> dict[str, object]:
    return {"policy": policy}
