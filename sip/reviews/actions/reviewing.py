"""What board members note for one another, and what they ask the working group."""

from sip.core import clock, texts
from sip.core.access import require
from sip.core.db import db
from sip.core.errors import Conflict
from sip.core.journal import Event
from sip.core.messages import message
from sip.groups.queries import people_of
from sip.people.models import Person
from sip.reviews.actions.letters import tell
from sip.reviews.actions.locking import lock, record, record_for_board
from sip.reviews.models import Review, ReviewNote, ReviewQuestion
from sip.reviews.policy import may_answer_question, may_ask_group, may_note


def note(actor: Person | None, review: Review, text: str) -> ReviewNote:
    """Note something that only board members read; raises Invalid."""
    lock(review)
    require(may_note(actor, review))
    assert actor is not None
    text = texts.clean(text)
    noted = ReviewNote(
        review_id=review.id, author=actor, text=text, html=texts.render(text, review.draft.language), at=clock.now()
    )
    db.session.add(noted)
    db.session.flush()
    record_for_board(actor, Event.REVIEW_NOTED, review, noted.id)
    return noted


def ask(actor: Person | None, review: Review, text: str) -> ReviewQuestion:
    """Ask the working group something, all of whom are told; raises Invalid."""
    lock(review)
    require(may_ask_group(actor, review))
    assert actor is not None
    text = texts.clean(text)
    question = ReviewQuestion(
        review_id=review.id, author=actor, text=text, html=texts.render(text, review.draft.language), at=clock.now()
    )
    db.session.add(question)
    db.session.flush()
    people = [each.person for group in review.draft.groups for each in db.session.scalars(people_of(group))]
    tell(actor, people, review, "board_asks", name=actor.name, text=text)
    record(actor, Event.REVIEW_ASKED, review, question.id)
    return question


def answer_question(actor: Person | None, question: ReviewQuestion, text: str) -> None:
    """Answer for the group what the board asks; whoever asked is told. Raises Conflict where somebody was faster."""
    review = question.review
    lock(review)
    db.session.refresh(question)
    require(may_answer_question(actor, review))
    assert actor is not None
    text = texts.clean(text)
    if question.answered_at is not None:
        raise Conflict(
            message("Somebody of the group has answered in the meantime. You can read their answer here."),
            theirs=question.answer,
        )
    question.answer, question.answer_html = text, texts.render(text, review.draft.language)
    question.answered_by, question.answered_at = actor, clock.now()
    db.session.flush()
    tell(actor, [question.author], review, "board_question_answered", name=actor.name, text=text)
    record(actor, Event.REVIEW_QUESTION_ANSWERED, review, question.id)
