"""What each stage opens, and to whom: the one table of rights, stage × role × verb."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
    ASK = "ask"  # a question, which the group answers
    COMMENT = "comment"  # say something of a passage, argue for or against
    COMMENT_AS_GUEST = "comment_as_guest"  # without an account, where the cycle allows it
    TAKE_POSITION = "take_position"
    AMEND = "amend"
    SUPPORT = "support"  # an amendment
    VOTE = "vote"  # in a ballot, by whoever stands on its roll
    ANSWER = "answer"  # give a disposition to a thread, answer an amendment
    CALL_BALLOT = "call_ballot"  # put a question to the vote, work objections through, run another round
    ANSWER_BOARD = "answer_board"  # answer what the board asks the group
    REVIEW = "review"  # the board's notes, questions, proposed answer and signatures
    RESPOND = "respond"  # publish the board's answer, or another version of it
    FOLLOW_UP = "follow_up"  # commit to something, report its progress
    ASK_BOARD = "ask_board"  # about a commitment
    MODERATE = "moderate"
    MOVE = "move"  # to another stage


_GROUP = (Role.PARTICIPANT, Role.SECRETARY, Role.FACILITATOR, Role.REFERENT)
_WRITERS = (Role.PARTICIPANT, Role.SECRETARY, Role.FACILITATOR)
_LEADERS = (Role.SECRETARY, Role.FACILITATOR)
_EVERYBODY = tuple(Role)
_MEMBERS = tuple(role for role in Role if role is not Role.VISITOR)

# What is the same at every stage, and wherever people still talk or write.
_ALWAYS = {
    Verb.READ: (*_GROUP, Role.STEERING),
    Verb.READ_LIVE: (*_GROUP, Role.STEERING),
    Verb.MODERATE: (Role.STEERING,),
}
_TALKING = {
    Verb.ASK: (*_GROUP, Role.STEERING),
    Verb.COMMENT: (*_GROUP, Role.STEERING),
    Verb.ANSWER: _LEADERS,
}
_WRITING = {
    Verb.EDIT_TEXT: _WRITERS,
    Verb.ARRANGE: _LEADERS,
    Verb.FREEZE: _LEADERS,
    Verb.PUBLISH: _LEADERS,
}
_MOVING = {Verb.MOVE: (*_LEADERS, Role.STEERING)}
_OPEN = {Verb.READ: _EVERYBODY}
_INFORMING = {Verb.ASK: _MEMBERS}
_CONSULTING = {
    Verb.COMMENT: _MEMBERS,
    Verb.COMMENT_AS_GUEST: (Role.VISITOR,),
    Verb.TAKE_POSITION: _MEMBERS,
}
_CONCERTING = {Verb.READ_LIVE: _MEMBERS, Verb.AMEND: _MEMBERS, Verb.SUPPORT: _MEMBERS}
# Whoever leads the group writes what objections demand into the text; each round is on a version of its own.
_DECIDING = {
    Verb.VOTE: _MEMBERS,
    Verb.CALL_BALLOT: (*_LEADERS, Role.STEERING),
    Verb.EDIT_TEXT: _LEADERS,
    Verb.FREEZE: _LEADERS,
    Verb.PUBLISH: _LEADERS,
}
_BOARD_MOVING = {Verb.MOVE: (Role.BOARD,)}
_REVIEWING = {Verb.REVIEW: (Role.BOARD,), Verb.RESPOND: (Role.BOARD,), Verb.ANSWER_BOARD: _GROUP}
_FOLLOWING_UP = {Verb.FOLLOW_UP: (Role.BOARD,), Verb.ASK_BOARD: _MEMBERS}


def _table(*parts: Mapping[Verb, Sequence[Role]]) -> dict[Role, frozenset[Verb]]:
    """Return what each role may do at a stage where everything in `parts` holds."""
    rights: dict[Role, set[Verb]] = {role: set() for role in Role}
    for part in (_ALWAYS, *parts):
        for verb, roles in part.items():
            for role in roles:
                rights[role].add(verb)
    return {role: frozenset(verbs) for role, verbs in rights.items()}


RIGHTS: dict[Stage, dict[Role, frozenset[Verb]]] = {
    Stage.DRAFTING: _table(_WRITING, _TALKING),
    Stage.INFORMATION: _table(_WRITING, _TALKING, _OPEN, _MOVING, _INFORMING),
    Stage.CONSULTATION: _table(_WRITING, _TALKING, _OPEN, _MOVING, _INFORMING, _CONSULTING),
    Stage.CONCERTATION: _table(_WRITING, _TALKING, _OPEN, _MOVING, _INFORMING, _CONSULTING, _CONCERTING),
    Stage.CODECISION: _table(_TALKING, _OPEN, _MOVING, _INFORMING, _CONSULTING, _DECIDING),
    Stage.UNDER_REVIEW: _table(_OPEN, _REVIEWING, _BOARD_MOVING),
    Stage.ANSWERED: _table(_OPEN, _REVIEWING, _FOLLOWING_UP, _BOARD_MOVING),
    Stage.FOLLOWED_UP: _table(_OPEN, _REVIEWING, _FOLLOWING_UP, _BOARD_MOVING),
    Stage.WITHDRAWN: _table(_OPEN, {Verb.MOVE: (Role.STEERING,)}),
}

# What ends when a stage closes, for all but those who may do it from the beginning.
ENDS_AT_CLOSING = frozenset(
    {Verb.ASK, Verb.COMMENT, Verb.COMMENT_AS_GUEST, Verb.TAKE_POSITION, Verb.AMEND, Verb.SUPPORT}
)

# Where a recommendation can go from each stage: on, back, or out. Publishing opens what is in drafting; the board's
# answer, and its first report of progress, move it too.
MOVES: dict[Stage, tuple[Stage, ...]] = {
    Stage.INFORMATION: (Stage.CONSULTATION, Stage.WITHDRAWN),
    Stage.CONSULTATION: (Stage.CONCERTATION, Stage.INFORMATION, Stage.WITHDRAWN),
    Stage.CONCERTATION: (Stage.CODECISION, Stage.CONSULTATION, Stage.WITHDRAWN),
    Stage.CODECISION: (Stage.UNDER_REVIEW, Stage.CONCERTATION, Stage.WITHDRAWN),
    Stage.UNDER_REVIEW: (Stage.ANSWERED, Stage.CONCERTATION),
    Stage.ANSWERED: (Stage.FOLLOWED_UP, Stage.UNDER_REVIEW),
    Stage.FOLLOWED_UP: (Stage.UNDER_REVIEW,),
    Stage.WITHDRAWN: (Stage.INFORMATION,),
}

# The order of the whole way; only a step along it needs no reason.
WAY = (*LADDER, Stage.UNDER_REVIEW, Stage.ANSWERED, Stage.FOLLOWED_UP)

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


def is_onward(before: Stage, after: Stage) -> bool:
    """Say whether a move goes along the way; all others need a reason."""
    return before in WAY and after in WAY and WAY.index(after) > WAY.index(before)


def allows(stage: Stage, roles: set[Role], verb: Verb, *, is_over: bool = False) -> bool:
    """Say whether any of `roles` may do `verb` with a recommendation in `stage`, which `is_over` once it has closed."""
    left = roles if not (is_over and verb in ENDS_AT_CLOSING) else _who(Stage.DRAFTING, roles, verb)
    return bool(_who(stage, left, verb))


def _who(stage: Stage, roles: set[Role], verb: Verb) -> set[Role]:
    return {role for role in roles if verb in RIGHTS[stage][role]}


class Standing(StrEnum):
    """How a right stands for somebody at this moment, for a page that explains it."""

    OPEN = "open"
    SIGN_IN = "sign_in"  # open to whoever signs in as a member
    ENDED = "ended"  # the stage opened it, and has closed
    LATER = "later"  # a stage to come opens it
    EARLIER = "earlier"  # a stage before opened it
    OTHERS = "others"  # others may, at this stage
    NOBODY = "nobody"  # nobody may, at this stage


@dataclass(frozen=True)
class Right:
    """Whether somebody may do `verb` at a stage, and why not: at which other stage, or who else at this one."""

    verb: Verb
    standing: Standing
    stage: Stage | None = None
    roles: tuple[Role, ...] = ()


def right(stage: Stage, roles: set[Role], verb: Verb, *, is_over: bool = False) -> Right:
    """Explain what the table says to any of `roles` about `verb` at `stage`, which `is_over` once it has closed."""
    if allows(stage, roles, verb, is_over=is_over):
        return Right(verb, Standing.OPEN)
    if allows(stage, roles, verb):
        return Right(verb, Standing.ENDED)
    wider = roles | {Role.MEMBER}
    if allows(stage, wider, verb, is_over=is_over):
        return Right(verb, Standing.SIGN_IN)
    order = (Stage.DRAFTING, *WAY)
    here = order.index(stage) if stage in order else len(order)
    for later in order[here + 1 :]:
        if allows(later, wider, verb):
            return Right(verb, Standing.LATER, later)
    for earlier in reversed(order[:here]):
        if allows(earlier, wider, verb):
            return Right(verb, Standing.EARLIER, earlier)
    others = who_may(stage, verb)
    return Right(verb, Standing.OTHERS if others else Standing.NOBODY, roles=others)


def who_may(stage: Stage, verb: Verb) -> tuple[Role, ...]:
    """Return the roles to which a stage opens `verb`, in their order."""
    return tuple(role for role in Role if verb in RIGHTS[stage][role])
