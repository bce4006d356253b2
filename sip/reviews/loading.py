"""What the addresses of this room name; guards load it, and 404 answers where it is not there."""

from sip.core.access import HIDDEN, Answer
from sip.core.errors import Missing
from sip.drafts.models import Section
from sip.people.models import Person
from sip.reviews import committed, policy, queries
from sip.reviews.models import BoardResponse, Commitment, CommitmentQuestion, Review, ReviewQuestion


def load_review(slug: str, section: str) -> Review:
    """Find `/board/<slug>/<section>`."""
    return queries.review_of(slug, section)


def load_file(slug: str, section: str) -> Review | Section:
    """Find `/board/<slug>/<section>`; the recommendation itself where it came here without a file."""
    try:
        return load_review(slug, section)
    except Missing:
        return load_unopened(slug, section)


def load_unopened(slug: str, section: str) -> Section:
    """Find a recommendation with the board that has no file yet."""
    return queries.section_without_file(slug, section)


def load_question(slug: str, section: str, question: int) -> tuple[Review, ReviewQuestion]:
    """Find a question that the board asks the group, by its number in the address of its file."""
    review, found = load_review(slug, section), queries.question_by_id(question)
    if found.review_id != review.id:
        raise Missing
    return review, found


def load_response(slug: str, section: str, number: int) -> BoardResponse:
    """Find `/board/<slug>/<section>/responses/<number>`."""
    return queries.response_by_number(load_review(slug, section), number)


def load_commitment(number: int) -> Commitment:
    """Find `/commitments/<number>`."""
    return committed.commitment_by_id(number)


def load_asked(number: int, question: int) -> tuple[Commitment, CommitmentQuestion]:
    """Find a question about a commitment, by its number in the commitment's address."""
    commitment, found = load_commitment(number), committed.commitment_question_by_id(question)
    if found.commitment_id != commitment.id:
        raise Missing
    return commitment, found


def may_answer_question(person: Person | None, review: Review, question: ReviewQuestion) -> Answer:
    """Answer what the board asks: as the policy says of its file; whoever reads no question learns of none."""
    answer = policy.may_answer_question(person, review)
    return answer if answer or policy.may_read_new_questions(person, review) else HIDDEN


def may_answer_asked(person: Person | None, commitment: Commitment, question: CommitmentQuestion) -> Answer:
    """Answer what a member asks: as the policy says of the commitment."""
    return policy.may_answer(person, commitment)
