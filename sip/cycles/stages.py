"""What each stage opens, and to whom: the one table of rights, stage × role × verb."""

from enum import StrEnum

from sip.core.messages import N_


class Stage(StrEnum):
    """Where a recommendation stands on its way."""

    DRAFTING = "drafting"
    INFORMATION = "information"
    CONSULTATION = "consultation"
    CONCERTATION = "concertation"
    CODECISION = "codecision"
    UNDER_REVIEW = "under_review"
    ANSWERED = "answered"
    FOLLOWED_UP = "followed_up"
    WITHDRAWN = "withdrawn"


# The ladder of participation, in its order.
LADDER = (Stage.INFORMATION, Stage.CONSULTATION, Stage.CONCERTATION, Stage.CODECISION)


class Role(StrEnum):
    """In what role somebody meets a recommendation."""

    VISITOR = "visitor"
    MEMBER = "member"
    PARTICIPANT = "participant"
    SECRETARY = "secretary"
    FACILITATOR = "facilitator"
    REFERENT = "referent"
    STEERING = "steering"
    BOARD = "board"
    ADMINISTRATOR = "administrator"


class Verb(StrEnum):
    """What may be done with a recommendation."""

    READ = "read"  # the last published version
    READ_LIVE = "read_live"  # the text being written, and versions not published
    EDIT_TEXT = "edit_text"
    ARRANGE = "arrange"  # add, rename, move, retire sections
    FREEZE = "freeze"  # freeze a version, restore one
    PUBLISH = "publish"


_R, _L, _E, _A, _F, _P = Verb.READ, Verb.READ_LIVE, Verb.EDIT_TEXT, Verb.ARRANGE, Verb.FREEZE, Verb.PUBLISH
_GROUP = (Role.PARTICIPANT, Role.SECRETARY, Role.FACILITATOR, Role.REFERENT)
_EVERYBODY = tuple(Role)


def _writing(read_by: tuple[Role, ...], live_for: tuple[Role, ...] = ()) -> dict[Role, frozenset[Verb]]:
    """Return the rights of a stage in which the group writes."""
    rights: dict[Role, set[Verb]] = {role: set() for role in Role}
    for role in read_by:
        rights[role] |= {_R}
    for role in (*_GROUP, Role.STEERING, *live_for):
        rights[role] |= {_R, _L}
    for role in (Role.PARTICIPANT, Role.SECRETARY, Role.FACILITATOR):
        rights[role] |= {_E}
    for role in (Role.SECRETARY, Role.FACILITATOR):
        rights[role] |= {_A, _F, _P}
    return {role: frozenset(verbs) for role, verbs in rights.items()}


def _closed(live_for: tuple[Role, ...] = ()) -> dict[Role, frozenset[Verb]]:
    """Return the rights of a stage in which the text stands still and everybody reads it."""
    rights = {role: {_R} for role in Role}
    for role in (*_GROUP, Role.STEERING, *live_for):
        rights[role] = {_R, _L}
    return {role: frozenset(verbs) for role, verbs in rights.items()}


RIGHTS: dict[Stage, dict[Role, frozenset[Verb]]] = {
    Stage.DRAFTING: _writing(read_by=()),
    Stage.INFORMATION: _writing(_EVERYBODY),
    Stage.CONSULTATION: _writing(_EVERYBODY),
    Stage.CONCERTATION: _writing(_EVERYBODY, live_for=(Role.MEMBER, Role.BOARD, Role.ADMINISTRATOR)),
    Stage.CODECISION: _closed(),
    Stage.UNDER_REVIEW: _closed(),
    Stage.ANSWERED: _closed(),
    Stage.FOLLOWED_UP: _closed(),
    Stage.WITHDRAWN: _closed(),
}

STAGE_NAMES = {
    Stage.DRAFTING: N_("In drafting"),
    Stage.INFORMATION: N_("Information"),
    Stage.CONSULTATION: N_("Consultation"),
    Stage.CONCERTATION: N_("Concertation"),
    Stage.CODECISION: N_("Codecision"),
    Stage.UNDER_REVIEW: N_("Under review"),
    Stage.ANSWERED: N_("Answered"),
    Stage.FOLLOWED_UP: N_("Followed up"),
    Stage.WITHDRAWN: N_("Withdrawn"),
}

STAGE_MEANINGS = {
    Stage.DRAFTING: N_("The working group is writing; only the group and the steering committee read the text."),
    Stage.INFORMATION: N_("Everybody can read the recommendation and form an informed opinion."),
    Stage.CONSULTATION: N_("Members give their opinion; the group listens, without having to follow it."),
    Stage.CONCERTATION: N_("Members take part in the making of the text; the group answers each proposal."),
    Stage.CODECISION: N_("Members share the decision, and so the responsibility for it."),
    Stage.UNDER_REVIEW: N_("The board is studying the recommendation."),
    Stage.ANSWERED: N_("The board has answered, with its reasons."),
    Stage.FOLLOWED_UP: N_("The board reports on what becomes of it."),
    Stage.WITHDRAWN: N_("The recommendation was withdrawn."),
}


def allows(stage: Stage, roles: set[Role], verb: Verb) -> bool:
    """Say whether any of `roles` may do `verb` with a recommendation in `stage`."""
    return any(verb in RIGHTS[stage][role] for role in roles)
