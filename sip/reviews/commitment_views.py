"""Commitments: all of them, and one with its progress and what members ask; made, changed, reported on, answered."""

from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from sip.bodies import queries as bodies
from sip.core.db import db
from sip.core.errors import Conflict, Invalid
from sip.core.messages import message
from sip.cycles import queries as cycles
from sip.cycles.models import Office
from sip.people import queries as people
from sip.people.models import Person
from sip.people.names import name_key
from sip.reviews import committed, policy, queries
from sip.reviews.actions import committing
from sip.reviews.blueprint import blueprint
from sip.reviews.forms import (
    MAX_NAME,
    AnswerForm,
    CommitmentForm,
    QuestionForm,
    ReportForm,
    answer_forms,
    commitment_values,
)
from sip.reviews.loading import load_asked, load_commitment, load_review, may_answer_asked
from sip.reviews.models import Commitment, CommitmentQuestion, CommitmentStatus, Review
from sip.web.guard import anyone, current_person, guard
from sip.web.i18n import translate
from sip.web.once import once
from sip.web.paging import paginate
from sip.web.telling import tell

FOUND_PEOPLE = 20
MOST_NOTES = 200  # shown
OVERDUE, OPEN = "overdue", "open"


def _address(commitment: Commitment, anchor: str | None = None) -> str:
    return url_for("reviews.commitment", number=commitment.id, _anchor=anchor)


@blueprint.get("/commitments")
@guard(anyone)
def commitments() -> ResponseReturnValue:
    """What was promised, who does it, how far is it?"""
    chosen = {name: text for name, text in request.args.items() if text and name != "page"}
    page = paginate(committed.commitments(**_filters(chosen)), per_page=20)
    return render_template(
        "reviews/commitments.html",
        page=page,
        chosen=chosen,
        counts=committed.counts_by_status(),
        overdue=committed.overdue_count(),
        cycles=db.session.scalars(cycles.cycles().limit(100)).all(),
        offices=cycles.offices(),
        bodies=db.session.scalars(bodies.bodies().limit(200)).all(),
    )


def _filters(given: dict[str, str]) -> dict[str, Any]:
    """Return the filters that the address names; what it names wrongly filters nothing."""
    status, person = given.get("status"), current_person()
    filters: dict[str, Any] = {"words": given.get("q", "").strip()[:100]}
    if status in set(CommitmentStatus):
        filters["status"] = CommitmentStatus(status)
    filters["is_overdue"] = status == OVERDUE
    filters["is_open"] = status == OPEN
    filters["is_experiment"] = bool(given.get("trial"))
    filters["person_id"] = person.id if person is not None and given.get("mine") else None
    for name, query in (("cycle", cycles.cycles()), ("body", bodies.bodies())):
        found = db.session.scalars(query.limit(200)).all() if given.get(name) else []
        filters[f"{name}_id"] = next((each.id for each in found if each.slug == given.get(name)), None)
    found_offices = cycles.offices() if given.get("office") else []
    filters["office_id"] = next((each.id for each in found_offices if each.slug == given.get("office")), None)
    return filters


@blueprint.get("/commitments/<int:number>")
@guard(policy.may_read_commitment, load=load_commitment)
def commitment(commitment: Commitment) -> ResponseReturnValue:
    """What was promised, who does it, what has happened, and what do members ask?"""
    return _page(commitment), 200


def _page(
    commitment: Commitment,
    *,
    report: ReportForm | None = None,
    question: QuestionForm | None = None,
    answer: tuple[int, AnswerForm] | None = None,
) -> str:
    person, review = current_person(), commitment.review
    may_report, may_answer = policy.may_report(person, commitment), policy.may_answer(person, commitment)
    questions = paginate(committed.questions_about(commitment))
    return render_template(
        "reviews/commitment.html",
        commitment=commitment,
        review=review,
        draft=review.draft,
        section=queries.section_of(review),
        measure=next((each for each in queries.measures_of(review) if each["slug"] == commitment.measure), None),
        notes=db.session.scalars(committed.progress_of(commitment).limit(MOST_NOTES)).all(),
        questions=questions,
        may_report=may_report,
        may_change=policy.may_change(person, commitment),
        may_ask=policy.may_ask(person, commitment),
        report_form=report or (_new_report(commitment) if may_report else None),
        question_form=question or QuestionForm(formdata=None),
        answer_forms=answer_forms(questions.items, answer) if may_answer else {},
        wrong=report or question or (answer[1] if answer else None),
    )


def _new_report(commitment: Commitment) -> ReportForm:
    form = ReportForm(
        formdata=None,
        status=commitment.status,
        due_on=commitment.due_on,
        results=commitment.results,
        seen=commitment.mark,
    )
    form.offer()
    return form


# Made and changed, by the board


@blueprint.route("/board/<slug>/<section>/commitments/new", methods=["GET", "POST"])
@once
@guard(policy.may_commit, load=load_review)
def commit(review: Review) -> ResponseReturnValue:
    """Say what the board commits to, who does it, and until when."""
    form = CommitmentForm(measure=request.args.get("measure", ""))
    _offer(form, review)
    if form.validate_on_submit():
        try:
            made = committing.commit(current_person(), review, **_given(form))
        except Invalid as error:
            form.take(error)
        else:
            said = gettext("The commitment is there for everybody to read and to follow.")
            tell(said, saved=f"commitment-of:{review.id}")
            return redirect(_address(made), 303)
    page = render_template(
        "reviews/commit.html", review=review, draft=review.draft, section=queries.section_of(review), form=form
    )
    return page, 422 if form.errors else 200


@blueprint.route("/commitments/<int:number>/edit", methods=["GET", "POST"])
@once
@guard(policy.may_change, load=load_commitment)
def change(commitment: Commitment) -> ResponseReturnValue:
    """Say otherwise what the board commits to, or who does it."""
    form, clash = CommitmentForm(data=commitment_values(commitment)), None
    _offer(form, commitment.review)
    if not form.is_submitted():
        form.seen.data = commitment.mark
    elif form.validate():
        try:
            committing.change(current_person(), commitment, seen=form.seen.data or "", **_given(form))
        except Invalid as error:
            form.take(error)
        except Conflict as error:
            clash = translate(error.message)
            form.seen.data = commitment.mark
        else:
            tell(gettext("The commitment is changed."), saved=f"commitment:{commitment.id}")
            return redirect(_address(commitment), 303)
    page = render_template(
        "reviews/change.html", commitment=commitment, review=commitment.review, form=form, clash=clash
    )
    return page, 409 if clash else 422 if form.errors else 200


def _offer(form: CommitmentForm, review: Review) -> None:
    form.offer(queries.measures_of(review), db.session.scalars(bodies.bodies().limit(200)).all(), cycles.offices())
    if form.person_id.data and form.person.data:
        _find(form)


def _given(form: CommitmentForm) -> dict[str, Any]:
    """Return what was entered, as the action takes it; raises Invalid for a name of nobody, or of several."""
    office_id, body_id = form.office.data, form.body.data
    return {
        "what": form.what.data,
        "details": form.details.data or "",
        "person": _person(form),
        "body": next((each for each in db.session.scalars(bodies.bodies()) if each.id == body_id), None),
        "due_on": form.due_on.data,
        "office": db.session.get(Office, office_id) if office_id else None,
        "measure": form.measure.data or None,
    }


def _person(form: CommitmentForm) -> Person | None:
    words = form.person.data
    if not words:
        return None
    found = _find(form)
    if len(found) == 1:
        return found[0]
    chosen = next((person for person in found if person.id == form.person_id.data), None)
    if chosen is None and found:
        raise Invalid(message("Several people are called so. Choose one of them, or write more of the name."), "person")
    if chosen is None:
        raise Invalid(message("Nobody was found by “%(words)s”.", words=words), "person")
    return chosen


def _find(form: CommitmentForm) -> list[Person]:
    """Return who is called so: by the whole name where somebody is, else by the beginning of it."""
    words = form.person.data or ""
    found = list(db.session.scalars(people.people_list(words).limit(FOUND_PEOPLE)))
    same = [person for person in found if person.name_key == name_key(words)]
    offices = {office.id: office.name for office in cycles.offices()}
    form.choose_among([(each.id, _apart(each, offices)) for each in same or found])
    return same or found


def _apart(person: Person, offices: dict[int, str]) -> str:
    """Return a name with what tells it from the same name elsewhere."""
    office = offices.get(person.office_id or 0)
    return f"{person.name} ({office})" if office else person.name


@blueprint.get("/board/<slug>/<section>/people")
@guard(policy.may_commit, load=load_review)
def people_called(review: Review) -> ResponseReturnValue:
    """The names that fit `?q=`, as JSON: whom a commitment could be for."""
    words = request.args.get("q", "").strip()[:MAX_NAME]
    found = db.session.scalars(people.people_list(words).limit(FOUND_PEOPLE)).all() if words else []
    return jsonify(names=list(dict.fromkeys(person.name for person in found if person.joined_at is not None)))


# Reported on, asked about, answered


@blueprint.post("/commitments/<int:number>/report")
@once
@guard(policy.may_report, load=load_commitment)
def report(commitment: Commitment) -> ResponseReturnValue:
    """Say how far a commitment is."""
    form = ReportForm()
    form.offer()
    if form.validate():
        try:
            committing.report(
                current_person(),
                commitment,
                status=form.chosen,
                text=form.text.data,
                due_on=form.due_on.data,
                results=form.results.data or "",
                seen=form.seen.data or "",
            )
        except Invalid as error:
            form.take(error)
        except Conflict as error:
            form.form_errors.append(translate(error.message))
            form.seen.data = commitment.mark
            return _page(commitment, report=form), 409
        else:
            tell(gettext("Your report is there for everybody to read."), saved=f"progress:{commitment.id}")
            return redirect(_address(commitment, "progress"), 303)
    return _page(commitment, report=form), 422


@blueprint.post("/commitments/<int:number>/ask")
@once
@guard(policy.may_ask, load=load_commitment)
def ask(commitment: Commitment) -> ResponseReturnValue:
    """Ask what becomes of a commitment."""
    form = QuestionForm()
    if form.validate():
        try:
            committing.ask(current_person(), commitment, form.text.data)
        except Invalid as error:
            form.take(error)
        else:
            said = gettext("Your question is asked. The answer stands here, and comes to you by mail.")
            tell(said, saved=f"commitment-ask:{commitment.id}")
            return redirect(_address(commitment, "questions"), 303)
    return _page(commitment, question=form), 422


@blueprint.post("/commitments/<int:number>/questions/<int:question>/answer")
@once
@guard(may_answer_asked, load=load_asked)
def answer(commitment: Commitment, question: CommitmentQuestion) -> ResponseReturnValue:
    """Answer what a member asked about a commitment."""
    form = AnswerForm(question.id)
    if form.validate():
        try:
            committing.answer(current_person(), question, form.text.data)
        except Invalid as error:
            form.take(error)
        except Conflict as error:
            flash(translate(error.message), "warning")
            return redirect(_address(commitment, f"question-{question.id}"), 303)
        else:
            said = gettext("Your answer stands here, and whoever asked is told.")
            tell(said, saved=f"commitment-answer:{question.id}")
            return redirect(_address(commitment, f"question-{question.id}"), 303)
    return _page(commitment, answer=(question.id, form)), 422
