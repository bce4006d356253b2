"""The board's file of one recommendation: its text beside the answer, its road, notes, questions to the group."""

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from sip.core.db import db
from sip.core.errors import Conflict, Invalid
from sip.drafts import policy as draft_policy
from sip.drafts.rendering import alone
from sip.meetings.queries import points_of_review
from sip.reviews import committed, policy, queries
from sip.reviews.actions import reviewing
from sip.reviews.answers import lacks
from sip.reviews.blueprint import blueprint
from sip.reviews.forms import AnswerForm, NoteForm, QuestionForm, ResponseForm, answer_forms, response_form
from sip.reviews.loading import load_question, load_review, may_answer_question
from sip.reviews.models import BoardResponse, Review, ReviewQuestion
from sip.reviews.road import file_of
from sip.reviews.telling import tell
from sip.web.guard import current_person, guard
from sip.web.i18n import translate
from sip.web.once import once
from sip.web.paging import paginate

MOST_QUESTIONS = 100  # shown


def signatures_wanted() -> int:
    """Return how many board members must sign an answer before it is published, by the settings."""
    wanted: int = current_app.config["SETTINGS"].board_signatures
    return wanted


def file_address(review: Review, anchor: str | None = None) -> str:
    """Return where the file of a recommendation stands."""
    return url_for("reviews.file", slug=review.draft.slug, section=review.section.slug, _anchor=anchor)


@blueprint.get("/board/<slug>/<section>")
@guard(policy.may_read_review, load=load_review)
def file(review: Review) -> ResponseReturnValue:
    """What does this recommendation say, how did it come about, and what does the board answer?"""
    return file_page(review), 200


def file_page(
    review: Review,
    *,
    form: ResponseForm | None = None,
    theirs: BoardResponse | None = None,
    is_clashing: bool = False,
    note: NoteForm | None = None,
    question: QuestionForm | None = None,
    answer: tuple[int, AnswerForm] | None = None,
) -> str:
    """Render the file; forms that were sent and refused come as they were typed, `theirs` is what clashed with one."""
    person, draft = current_person(), review.draft
    told = file_of(review)
    is_board = bool(policy.may_read_working(person, review))
    may_propose = bool(policy.may_propose(person, review))
    responses = queries.responses_of(review)
    proposal = queries.proposal_of(review) if is_board else None
    may_read_questions = policy.may_read_questions(person, review)
    asked = db.session.scalars(queries.questions_of(review).limit(MOST_QUESTIONS)).all() if may_read_questions else []
    return render_template(
        "reviews/file.html",
        review=review,
        draft=draft,
        told=told,
        section=told.section,
        section_html=alone(told.section.html, told.section.slug, url_for("drafts.show", slug=draft.slug)),
        responses=responses,
        commitments=committed.commitments_of(review) if responses else [],
        points=points_of_review(review, person),
        is_board=is_board,
        is_signed=proposal is not None and any(each.person_id == person.id for each in proposal.signatures),
        proposal=proposal,
        needed=queries.signatures_needed(signatures_wanted()) if is_board else 0,
        lacking=[translate(text) for text, _field in lacks(proposal)] if proposal is not None else [],
        form=form or (new_form(review, proposal or next(iter(responses), None)) if may_propose else None),
        theirs=theirs,
        is_clashing=is_clashing,
        is_changing=form is not None,
        wrong=form or note or question or (answer[1] if answer else None),
        notes=paginate(queries.notes_of(review)) if is_board else None,
        note_form=note or NoteForm(formdata=None),
        questions=asked,
        question_form=question or QuestionForm(formdata=None),
        answer_forms=answer_forms(asked, answer) if policy.may_answer_question(person, review) else {},
        may_read_live=bool(draft_policy.may_read_live(person, draft)),
    )


def new_form(review: Review, response: BoardResponse | None = None) -> ResponseForm:
    """Return the form of the board's answer, begun from `response`; what is sent fills it."""
    form = response_form(queries.measures_of(review), response)
    if not form.is_submitted():
        form.seen.data = queries.mark_of(review)
    return form


@blueprint.post("/board/<slug>/<section>/notes")
@once
@guard(policy.may_note, load=load_review)
def add_note(review: Review) -> ResponseReturnValue:
    """Note something for the board alone."""
    form = NoteForm()
    if form.validate():
        try:
            reviewing.note(current_person(), review, form.text.data)
        except Invalid as error:
            form.take(error)
        else:
            tell(gettext("Your note is there: board members read it, nobody else."), f"board-note:{review.id}")
            return redirect(file_address(review, "notes"), 303)
    return file_page(review, note=form), 422


@blueprint.post("/board/<slug>/<section>/questions")
@once
@guard(policy.may_ask_group, load=load_review)
def ask_group(review: Review) -> ResponseReturnValue:
    """Ask the working group something before answering."""
    form = QuestionForm()
    if form.validate():
        try:
            reviewing.ask(current_person(), review, form.text.data)
        except Invalid as error:
            form.take(error)
        else:
            said = gettext("Your question is asked; the group is told, and its answer comes to you by mail.")
            tell(said, f"board-ask:{review.id}")
            return redirect(file_address(review, "questions"), 303)
    return file_page(review, question=form), 422


@blueprint.post("/board/<slug>/<section>/questions/<int:question>/answer")
@once
@guard(may_answer_question, load=load_question)
def answer_question(review: Review, question: ReviewQuestion) -> ResponseReturnValue:
    """Answer the board for the group."""
    form = AnswerForm(question.id)
    if form.validate():
        try:
            reviewing.answer_question(current_person(), question, form.text.data)
        except Invalid as error:
            form.take(error)
        except Conflict as error:
            flash(translate(error.message), "warning")
            return redirect(file_address(review, f"question-{question.id}"), 303)
        else:
            tell(gettext("The board has your answer. Thank you."), f"board-question:{question.id}")
            return redirect(file_address(review, f"question-{question.id}"), 303)
    return file_page(review, answer=(question.id, form)), 422
