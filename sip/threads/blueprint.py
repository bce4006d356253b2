"""The pages of discussions; every views module of this room adds its own."""

from flask import Blueprint
from flask.blueprints import BlueprintSetupState

from sip.groups.words import ROLE_NAMES
from sip.threads import policy, words
from sip.threads.models import ReactionKind, ThreadKind

blueprint = Blueprint("threads", __name__)

# Icons of the sprite that stand beside the words.
KIND_ICONS = {
    ThreadKind.QUESTION: "question",
    ThreadKind.REMARK: "comment",
    ThreadKind.FOR: "thumb-up",
    ThreadKind.AGAINST: "thumb-down",
    ThreadKind.CONCERN: "warning",
}
REACTION_ICONS = {ReactionKind.AGREE: "thumb-up", ReactionKind.THANK: "heart"}


@blueprint.record
def _words(state: BlueprintSetupState) -> None:
    """Let all templates name what discussions are made of: pages of documents show them too."""
    state.app.jinja_env.globals.update(
        KIND_NAMES=words.KIND_NAMES,
        KIND_MEANINGS=words.KIND_MEANINGS,
        KIND_ICONS=KIND_ICONS,
        THREAD_STATE_NAMES=words.STATE_NAMES,
        DISPOSITION_NAMES=words.DISPOSITION_NAMES,
        DISPOSITION_MEANINGS=words.DISPOSITION_MEANINGS,
        STANCE_NAMES=words.STANCE_NAMES,
        REACTION_NAMES=words.REACTION_NAMES,
        REACTION_ICONS=REACTION_ICONS,
        GROUP_ROLE_NAMES=ROLE_NAMES,
    )


@blueprint.context_processor
def _names() -> dict[str, object]:
    return {"policy": policy}
