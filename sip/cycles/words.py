"""Roles and verbs of the table of rights, in the words of its readers."""

from sip.core.messages import N_
from sip.cycles.stages import Role, Verb

ROLE_NAMES = {
    Role.VISITOR: N_("visitors"),
    Role.MEMBER: N_("members"),
    Role.PARTICIPANT: N_("participants of the group"),
    Role.SECRETARY: N_("the group’s secretary"),
    Role.FACILITATOR: N_("the group’s facilitator"),
    Role.REFERENT: N_("the group’s referent administrators"),
    Role.STEERING: N_("the steering committee"),
    Role.BOARD: N_("the board"),
    Role.ADMINISTRATOR: N_("administrators of the site"),
}

VERB_NAMES = {
    Verb.READ: N_("Read the published version"),
    Verb.READ_LIVE: N_("Read the text being written"),
    Verb.EDIT_TEXT: N_("Write in the text"),
    Verb.ARRANGE: N_("Add, rename, move and retire sections"),
    Verb.FREEZE: N_("Freeze a version, or restore one"),
    Verb.PUBLISH: N_("Publish a version"),
    Verb.ASK: N_("Ask a question"),
    Verb.COMMENT: N_("Comment on a passage, argue for or against"),
    Verb.COMMENT_AS_GUEST: N_("Comment as a guest, where the cycle allows it"),
    Verb.TAKE_POSITION: N_("State a position"),
    Verb.AMEND: N_("Propose an amendment"),
    Verb.SUPPORT: N_("Support an amendment"),
    Verb.VOTE: N_("Vote in ballots, if on the roll"),
    Verb.ANSWER: N_("Answer questions, comments and amendments for the group"),
    Verb.CALL_BALLOT: N_("Call a ballot, and run another round"),
    Verb.ANSWER_BOARD: N_("Answer the board’s questions for the group"),
    Verb.REVIEW: N_("Review for the board: notes, questions, proposed answer, signature"),
    Verb.RESPOND: N_("Publish the board’s answer"),
    Verb.FOLLOW_UP: N_("Make commitments and report on them"),
    Verb.ASK_BOARD: N_("Ask about a commitment"),
    Verb.MOVE: N_("Open the next stage, go back to one, withdraw"),
    Verb.MODERATE: N_("Moderate what people write"),
}
