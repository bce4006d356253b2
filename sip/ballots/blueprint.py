"""The pages of ballots; every views module of this room adds its own."""

from flask import Blueprint
from flask.blueprints import BlueprintSetupState

from sip.ballots import models, policy, words
from sip.ballots.showing import ballots_awaiting, objected_in, said, section_ballots, title_of

__all__ = ["blueprint", "models"]

blueprint = Blueprint("ballots", __name__)


@blueprint.record
def _words(state: BlueprintSetupState) -> None:
    """Let all templates name ballots, and show those of a section: other pages do, too."""
    state.app.jinja_env.globals.update(
        BALLOT_METHOD_NAMES=words.METHOD_NAMES,
        BALLOT_METHOD_MEANINGS=words.METHOD_MEANINGS,
        BALLOT_RULE_NAMES=words.RULE_NAMES,
        BALLOT_RULE_MEANINGS=words.RULE_MEANINGS,
        BALLOT_SECRECY_MEANINGS=words.SECRECY_MEANINGS,
        BALLOT_ELECTORATE_NAMES=words.ELECTORATE_NAMES,
        BALLOT_DECISION_NAMES=words.DECISION_NAMES,
        CHOICE_NAMES=words.CHOICE_NAMES,
        CHOICE_MEANINGS=words.CHOICE_MEANINGS,
        CHOICE_ICONS=words.CHOICE_ICONS,
        ballots_awaiting=ballots_awaiting,
        objected_in=objected_in,
        section_ballots=section_ballots,
        vote_in_words=said,
        alternative_title=title_of,
    )


@blueprint.context_processor
def _names() -> dict[str, object]:
    return {"policy": policy}
