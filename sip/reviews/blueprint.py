"""The pages of reviews; every views module of this room adds its own."""

from flask import Blueprint
from flask.blueprints import BlueprintSetupState

from sip.reviews import models, policy, words
from sip.reviews.showing import board_awaiting, board_questions, section_review

__all__ = ["blueprint", "models"]

blueprint = Blueprint("reviews", __name__)


@blueprint.record
def _words(state: BlueprintSetupState) -> None:
    """Let all templates name answers and commitments, and show what the board does: pages of other rooms do, too."""
    state.app.jinja_env.globals.update(
        ANSWER_NAMES=words.ANSWER_NAMES,
        ANSWER_ICONS=words.ANSWER_ICONS,
        COMMITMENT_STATUS_NAMES=words.STATUS_NAMES,
        COMMITMENT_STATUS_ICONS=words.STATUS_ICONS,
        section_review=section_review,
        board_questions=board_questions,
        board_awaiting=board_awaiting,
    )


@blueprint.context_processor
def _names() -> dict[str, object]:
    return {"policy": policy}
