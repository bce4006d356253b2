"""Who reads a board file, works on its answer, and follows commitments up: the table of stages, asked again."""

from sip.bodies.policy import sits_in
from sip.core.access import HIDDEN, YES, Answer, no
from sip.core.messages import N_
from sip.cycles.models import Cycle
from sip.cycles.stages import Role, Stage, Verb, allows
from sip.drafts.models import Section
from sip.drafts.policy import may_read_draft, opens, roles_on
from sip.people.models import Person
from sip.reviews.models import BoardResponse, Commitment, Review

_BOARD_ONLY = N_("Only board members may do this.")
_NOT_WITH_THE_BOARD = N_("This recommendation is not with the board at the moment.")
_DISCUSSED_AGAIN = N_("This recommendation is being discussed again; commitments go on once the board has answered.")


def _opens(person: Person | None, review: Review, verb: Verb) -> bool:
    return opens(review.section, roles_on(person, review.draft), verb)


def _may_as_board(person: Person | None, review: Review, verb: Verb) -> Answer:
    """Answer for what board members do, at the stages that open it."""
    if not may_read_review(person, review):
        return HIDDEN
    if _opens(person, review, verb):
        return YES
    if person is None or not person.is_board_member:
        return no(_BOARD_ONLY)
    if verb is Verb.FOLLOW_UP and review.section.stage == Stage.UNDER_REVIEW:
        return no(N_("Commitments follow the board’s answer: publish it first."))
    return no(_NOT_WITH_THE_BOARD)


# The board's file


def may_read_file(person: Person | None, file: Review | Section) -> Answer:
    """Read a board file, or that a recommendation with the board has none yet: whoever may read its document."""
    return may_read_draft(person, file.draft)


def may_open_file(person: Person | None, section: Section) -> Answer:
    """Open the file of a recommendation that came to this site as one that the board studies: board members."""
    if not may_read_draft(person, section.draft):
        return HIDDEN
    if person is None or not person.is_board_member:
        return no(_BOARD_ONLY)
    if section.stage != Stage.UNDER_REVIEW:
        return no(_NOT_WITH_THE_BOARD)
    return YES


def may_open_board(person: Person | None) -> Answer:
    """See what the board has to answer, and what it answered: everybody."""
    return YES


def may_read_waiting(person: Person | None) -> Answer:
    """See how far the board is with each of its answers: board members."""
    return YES if person is not None and person.is_board_member else no(_BOARD_ONLY)


def may_read_review(person: Person | None, review: Review) -> Answer:
    """Read how a recommendation came about, and what the board answered: whoever may read its document."""
    return may_read_draft(person, review.draft)


def may_read_working(person: Person | None, review: Review) -> Answer:
    """Read notes, the proposed answer and its signatures: board members."""
    if not may_read_review(person, review):
        return HIDDEN
    return may_read_waiting(person)


def may_read_new_questions(person: Person | None, review: Review) -> Answer:
    """Read what the board asks for an answer that is still to come: board and group."""
    if not may_read_review(person, review):
        return HIDDEN
    roles = roles_on(person, review.draft)
    if allows(Stage.UNDER_REVIEW, roles, Verb.ANSWER_BOARD) or allows(Stage.UNDER_REVIEW, roles, Verb.REVIEW):
        return YES
    return no(N_("Everybody can read the board’s questions once it has answered."))


def may_read_questions(person: Person | None, review: Review) -> Answer:
    """Read what the board and the group asked and answered each other for the answer that is published: everybody.

    Before there is one, and what is asked since: as `may_read_new_questions`.
    """
    answer = may_read_new_questions(person, review)
    if answer or not may_read_review(person, review):
        return answer
    if review.answered_at is not None:
        return YES
    return no(N_("Everybody can read the board’s questions once it has answered."))


def may_note(person: Person | None, review: Review) -> Answer:
    """Note something for the board alone: board members."""
    return _may_as_board(person, review, Verb.REVIEW)


def may_ask_group(person: Person | None, review: Review) -> Answer:
    """Ask the group something: board members."""
    return _may_as_board(person, review, Verb.REVIEW)


def may_answer_question(person: Person | None, review: Review) -> Answer:
    """Answer what the board asks: the people of the working group."""
    if not may_read_review(person, review):
        return HIDDEN
    if _opens(person, review, Verb.ANSWER_BOARD):
        return YES
    if opens(review.section, set(Role), Verb.ANSWER_BOARD):
        return no(N_("Only people of the working group may do this."))
    return no(_NOT_WITH_THE_BOARD)


def may_propose(person: Person | None, review: Review) -> Answer:
    """Propose an answer, or change the proposed one: board members."""
    return _may_as_board(person, review, Verb.REVIEW)


def may_sign(person: Person | None, response: BoardResponse) -> Answer:
    """Agree with a proposed answer as it is: board members, until it is published."""
    answer = _may_as_board(person, response.review, Verb.REVIEW)
    if answer and response.published_at is not None:
        return no(N_("This answer is published: it does not change any more."))
    return answer


def may_unsign(person: Person | None, response: BoardResponse) -> Answer:
    """Take one's signature back: as `may_sign`."""
    return may_sign(person, response)


def may_publish(person: Person | None, review: Review) -> Answer:
    """Publish the board's answer, or another version of it: board members."""
    return _may_as_board(person, review, Verb.RESPOND)


def may_read_response(person: Person | None, response: BoardResponse) -> Answer:
    """Read one version of the answer: as the document once it is published, before that board members."""
    if response.published_at is not None:
        return may_read_review(person, response.review)
    return YES if may_read_working(person, response.review) else HIDDEN


# Commitments


def may_commit(person: Person | None, review: Review) -> Answer:
    """Commit to something in the board's name: board members, once the board has answered."""
    return _may_as_board(person, review, Verb.FOLLOW_UP)


def may_read_commitment(person: Person | None, commitment: Commitment) -> Answer:
    """Read a commitment and what became of it: whoever may read its document."""
    return may_read_review(person, commitment.review)


def is_responsible(person: Person | None, commitment: Commitment) -> bool:
    """Say whether a commitment is for `person` to keep: in person, or by a seat in the body that is to."""
    if person is None:
        return False
    if commitment.person_id == person.id:
        return True
    return commitment.body is not None and sits_in(person, commitment.body)


def may_change(person: Person | None, commitment: Commitment) -> Answer:
    """Say otherwise what is committed to, and who keeps it: board members."""
    return _may_as_board(person, commitment.review, Verb.FOLLOW_UP)


def may_report(person: Person | None, commitment: Commitment) -> Answer:
    """Say how far a commitment is: board members and whoever is responsible."""
    return _may_for_board(person, commitment)


def may_answer(person: Person | None, commitment: Commitment) -> Answer:
    """Answer what members ask about a commitment: board members and whoever is responsible."""
    return _may_for_board(person, commitment)


def _may_for_board(person: Person | None, commitment: Commitment) -> Answer:
    """Answer for what the board does, and whoever is responsible in its name."""
    review = commitment.review
    if not may_read_review(person, review):
        return HIDDEN
    if not opens(review.section, {Role.BOARD}, Verb.FOLLOW_UP):
        return no(_DISCUSSED_AGAIN)
    if _opens(person, review, Verb.FOLLOW_UP) or is_responsible(person, commitment):
        return YES
    return no(N_("Only the board and whoever is responsible may do this."))


def may_ask(person: Person | None, commitment: Commitment) -> Answer:
    """Ask about a commitment: every member."""
    if not may_read_commitment(person, commitment):
        return HIDDEN
    if person is None:
        return no(N_("Sign in to ask about a commitment."))
    if _opens(person, commitment.review, Verb.ASK_BOARD):
        return YES
    return no(_DISCUSSED_AGAIN)


def may_read_outcomes(person: Person | None, cycle: Cycle) -> Answer:
    """Read what became of a cycle's recommendations: everybody."""
    return YES
