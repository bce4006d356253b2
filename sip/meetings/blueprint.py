"""The pages of meetings; every views module of this room adds its own."""

from flask import Blueprint
from flask.blueprints import BlueprintSetupState

from sip.meetings import models, policy, words

__all__ = ["blueprint", "models"]

blueprint = Blueprint("meetings", __name__)


@blueprint.record
def _words(state: BlueprintSetupState) -> None:
    """Let all templates say where points stand: pages of bodies and reviews show them, too."""
    state.app.jinja_env.globals.update(
        POINT_STATE_NAMES=words.POINT_STATE_NAMES,
        POINT_STATE_ICONS=words.POINT_STATE_ICONS,
        is_on_open_agenda=policy.is_on_open_agenda,
    )


@blueprint.context_processor
def _names() -> dict[str, object]:
    return {"policy": policy}
