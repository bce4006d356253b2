"""The pages of bodies; every views module of this room adds its own."""

from flask import Blueprint
from flask.blueprints import BlueprintSetupState

from sip.bodies import models, words
from sip.bodies.queries import waiting_for

__all__ = ["blueprint", "models"]

blueprint = Blueprint("bodies", __name__)


@blueprint.record
def _words(state: BlueprintSetupState) -> None:
    """Let all templates name what bodies are, and say what waits for those who sit in them: other pages do, too."""
    state.app.jinja_env.globals.update(
        BODY_KIND_NAMES=words.KIND_NAMES,
        REFERRAL_STATE_NAMES=words.REFERRAL_STATE_NAMES,
        matters_waiting=waiting_for,
    )
