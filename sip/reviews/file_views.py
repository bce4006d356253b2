"""The board's file of one recommendation: its text beside the answer, its road, notes, questions to the group."""

from collections.abc import Sequence
from typing import Any

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from sip.bodies import queries as bodies
from sip.bodies.policy import sits_in
from sip.core.db import db
from sip.core.errors import Conflict, Invalid
from sip.cycles.stages import Stage
from sip.drafts import policy as draft_policy
from sip.drafts.models import Section
from sip.drafts.rendering import linked
from sip.meetings.queries import meetings_to_fill, points_of_review, waits_for_meeting
from sip.reviews import committed, policy, queries
from sip.reviews.actions import receiving, reviewing
from sip.reviews.answers import lacks
from sip.reviews.blueprint import blueprint
from sip.reviews.forms import AnswerForm, NoteForm, QuestionForm, ResponseForm, answer_forms, response_form
from sip.reviews.loading import load_file, load_question, load_review, load_unopened, may_answer_question
from sip.reviews.models import BoardResponse, Review, ReviewQuestion
from sip.reviews.road import file_of
from sip.web.guard import current_person, guard
from sip.web.i18n import translate
from sip.web.once import once
from sip.web.paging import paginate
from sip.web.telling import tell

MOST_QUESTIONS = 100  # shown
MOST_MEETINGS = 3  # to choose from


def signatures_wanted() -> int:
    """Return how many board members must sign an answer before it is published, by the settings."""
    wanted: int = current_app.config["SETTINGS"].board_signatures
    return wanted


def file_address(review: Review, anchor: str | None = None) -> str:
    """Return where the file of a recommendation stands."""
    return url_for("reviews.file", slug=review.draft.slug, section=review.section.slug, _anchor=anchor)


@blueprint.get("/board/<slug>/<section>")
@guard(policy.may_read_file, load=load_file)
def file(file: Review | Section) -> ResponseReturnValue:
    """What does this recommendation say, how did it come about, and what does the board answer?"""
    if isinstance(file, Review):
        return file_page(file), 200
    may_open = policy.may_open_file(current_person(), file)
    return render_template("reviews/unopened.html", draft=file.draft, section=file, may_open=may_open), 200


@blueprint.post("/board/<slug>/<section>/open")
@once
@guard(policy.may_open_file, load=load_unopened)
def open_file(section: Section) -> ResponseReturnValue:
    """Open the file of a recommendation that came to this site without one."""
    review = receiving.open_file(current_person(), section)
    flash(gettext("The file is open: the board can work on its answer."), "success")
    return redirect(file_address(review), 303)


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
    asked = _questions(review)
    return render_template(
        "reviews/file.html",
        review=review,
        draft=draft,
        told=told,
        section=told.section,
        section_html=linked(told.section.html, told.section.slug, url_for("drafts.show", slug=draft.slug)),
        responses=responses,
        commitments=committed.commitments_of(review) if responses else [],
        points=points_of_review(review, person) if person else [],
        meetings=_meetings_to_take_it(review),
        board=bodies.board(),
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


def _questions(review: Review) -> Sequence[ReviewQuestion]:
    """Return what the reader may read of what the board asked the group."""
    person = current_person()
    if not policy.may_read_questions(person, review):
        return []
    is_all = bool(policy.may_read_new_questions(person, review))
    return db.session.scalars(queries.questions_of(review, is_all=is_all).limit(MOST_QUESTIONS)).all()


def _meetings_to_take_it(review: Review) -> Sequence[Any] | None:
    """Return the next meetings of the board that could speak about a recommendation; None where that is no question."""
    board = bodies.board()
    if board is None or not sits_in(current_person(), board) or review.section.stage != Stage.UNDER_REVIEW:
        return None
    return meetings_to_fill(board)[:MOST_MEETINGS] if waits_for_meeting(board, review) else None


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
            tell(gettext("Your note is there: board members read it, nobody else."), saved=f"board-note:{review.id}")
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
            tell(said, saved=f"board-ask:{review.id}")
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
            tell(gettext("The board has your answer. Thank you."), saved=f"board-question:{question.id}")
            return redirect(file_address(review, f"question-{question.id}"), 303)
    return file_page(review, answer=(question.id, form)), 422
