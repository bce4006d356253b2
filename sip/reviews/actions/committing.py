"""What the board commits to, how far it is, and what members ask about it."""

from datetime import date
from typing import Any

from sip.bodies.models import Body
from sip.bodies.queries import people_of
from sip.core import clock, texts
from sip.core.access import require
from sip.core.db import db
from sip.core.errors import Conflict, Invalid
from sip.core.journal import Event
from sip.core.messages import message
from sip.cycles.checks import LAST_DAY
from sip.cycles.models import Office
from sip.cycles.stages import Stage
from sip.drafts.actions.stages import move_along
from sip.people.models import Person
from sip.reviews import committed, queries
from sip.reviews.actions.letters import tell
from sip.reviews.actions.locking import lock, lock_commitment, record
from sip.reviews.models import Commitment, CommitmentQuestion, CommitmentStatus, ProgressNote, Review
from sip.reviews.policy import may_answer, may_ask, may_change, may_commit, may_report
from sip.threads.actions.stamps import bump

MAX_WHAT = 300
MAX_DETAILS = 20_000
MAX_REPORT = 5_000


def commit(
    actor: Person | None,
    review: Review,
    *,
    what: str,
    due_on: date | None,
    details: str = "",
    person: Person | None = None,
    body: Body | None = None,
    office: Office | None = None,
    measure: str | None = None,
) -> Commitment:
    """Commit to something by a day, for which a person or a body is responsible; raises Invalid.

    It is tried out in `office` first if one is given; `measure` is the slug of the measure that it is about.
    """
    lock(review)
    require(may_commit(actor, review))
    assert actor is not None
    values = _checked_values(review, what, details, person, body, office, measure)
    commitment = Commitment(
        cycle_id=review.cycle_id,
        review=review,
        due_on=_checked_day(due_on),
        status=CommitmentStatus.PLANNED.value,
        created_at=clock.now(),
        changed_at=clock.now(),
        results="",
        results_html="",
        **values,
    )
    db.session.add(commitment)
    db.session.flush()
    _tell_responsible(actor, commitment, "commitment_made")
    _record(actor, Event.COMMITMENT_MADE, commitment, due_on=str(commitment.due_on))
    return commitment


def change(
    actor: Person | None,
    commitment: Commitment,
    *,
    what: str,
    due_on: date | None,
    details: str = "",
    person: Person | None = None,
    body: Body | None = None,
    office: Office | None = None,
    measure: str | None = None,
    seen: str,
) -> None:
    """Say otherwise what is committed to, who keeps it or, before the first report, by when; raises Invalid.

    `seen` is the mark of the commitment that the form began from: where it has changed since, this raises Conflict.
    """
    lock_commitment(commitment)
    require(may_change(actor, commitment))
    assert actor is not None
    _check_seen(commitment, seen)
    values = _checked_values(commitment.review, what, details, person, body, office, measure)
    if due_on != commitment.due_on:
        if committed.is_reported(commitment):
            raise Invalid(message("A report changes the day, so that everybody reads why."), "due_on")
        values["due_on"] = _checked_day(due_on)
    changed = [name for name, value in values.items() if getattr(commitment, name) != value]
    if not changed:
        return
    for name in changed:
        setattr(commitment, name, values[name])
    commitment.changed_at = clock.now()
    db.session.flush()
    if {"person", "body"} & set(changed):
        _tell_responsible(actor, commitment, "commitment_made")
    fields = sorted({"responsible" if name in ("person", "body") else name for name in changed} - {"details_html"})
    _record(actor, Event.COMMITMENT_CHANGED, commitment, changed=fields, due_on=str(commitment.due_on))


def report(
    actor: Person | None,
    commitment: Commitment,
    *,
    status: CommitmentStatus,
    text: str,
    due_on: date | None,
    results: str = "",
    seen: str,
) -> ProgressNote:
    """Say how far a commitment is, by when it will be kept from now on, and what came of its experiment.

    The first report on a recommendation moves it on: it is followed up. `seen` is the mark of the commitment that the
    form began from: where it has changed since, this raises Conflict with `theirs`, the last report. Raises Invalid.
    """
    lock_commitment(commitment)
    require(may_report(actor, commitment))
    assert actor is not None
    _check_seen(commitment, seen)
    if status not in set(CommitmentStatus):
        raise Invalid(message("Please choose."), "status")
    language = commitment.review.draft.language
    text = texts.clean(text)
    results = texts.clean_line(results, MAX_DETAILS, "results", is_needed=False)
    if results and commitment.office_id is None:
        raise Invalid(message("This is not tried out in an office: write it into the report."), "results")
    if due_on != commitment.due_on:
        due_on = _checked_day(due_on)
    progress = ProgressNote(
        commitment_id=commitment.id,
        status=CommitmentStatus(status).value,
        due_on=due_on,
        text=text,
        html=texts.render(text, language),
        author=actor,
        at=clock.now(),
    )
    db.session.add(progress)
    before = commitment.status, str(commitment.due_on)
    commitment.status, commitment.due_on, commitment.changed_at = progress.status, due_on, progress.at
    commitment.results, commitment.results_html = results, texts.render(results, language)
    db.session.flush()
    after = {"status": progress.status, "due_on": str(due_on), "before": before[0], "due_before": before[1]}
    _record(actor, Event.COMMITMENT_REPORTED, commitment, **after)
    review = commitment.review
    if review.section.stage == Stage.ANSWERED:
        move_along(actor, review.draft, [review.section], Stage.FOLLOWED_UP)
        bump(review.draft_id)
    return progress


def ask(actor: Person | None, commitment: Commitment, text: str) -> CommitmentQuestion:
    """Ask about a commitment; whoever is responsible is told. Raises Invalid."""
    lock_commitment(commitment)
    require(may_ask(actor, commitment))
    assert actor is not None
    text = texts.clean(text)
    question = CommitmentQuestion(
        commitment_id=commitment.id,
        author=actor,
        text=text,
        html=texts.render(text, commitment.review.draft.language),
        at=clock.now(),
    )
    db.session.add(question)
    db.session.flush()
    _tell_responsible(actor, commitment, "commitment_asked", name=actor.name, text=text)
    _record(actor, Event.COMMITMENT_ASKED, commitment)
    return question


def answer(actor: Person | None, question: CommitmentQuestion, text: str) -> None:
    """Answer what a member asks about a commitment; they are told. Raises Conflict where somebody was faster."""
    commitment = question.commitment
    lock_commitment(commitment)
    db.session.refresh(question)
    require(may_answer(actor, commitment))
    assert actor is not None
    text = texts.clean(text)
    if question.answered_at is not None:
        raise Conflict(message("Somebody has answered in the meantime. You can read it here."), theirs=question.answer)
    question.answer, question.answer_html = text, texts.render(text, commitment.review.draft.language)
    question.answered_by, question.answered_at = actor, clock.now()
    db.session.flush()
    _tell(actor, [question.author], commitment, "commitment_question_answered", name=actor.name, text=text)
    _record(actor, Event.COMMITMENT_QUESTION_ANSWERED, commitment)


def _checked_values(
    review: Review,
    what: str,
    details: str,
    person: Person | None,
    body: Body | None,
    office: Office | None,
    measure: str | None,
) -> dict[str, Any]:
    """Return what a commitment says, without its day, as it is stored; raises Invalid."""
    what = " ".join(what.split())
    if not what:
        raise Invalid(message("Say in one line what is to be done."), "what")
    if len(what) > MAX_WHAT:
        raise Invalid(message("This is too long: %(max)s characters at most.", max=MAX_WHAT), "what")
    if (person is None) == (body is None):
        raise Invalid(message("Choose one person or one body that is responsible."), "responsible")
    if person is not None and person.joined_at is None:
        raise Invalid(message("%(name)s has not joined this site yet.", name=person.name), "responsible")
    if measure is not None and measure not in {each["slug"] for each in queries.measures_of(review)}:
        raise Invalid(message("This measure is not part of the recommendation."), "measure")
    details = texts.clean_line(details, MAX_DETAILS, "details", is_needed=False)
    return {
        "what": what,
        "details": details,
        "details_html": texts.render(details, review.draft.language),
        "person": person,
        "body": body,
        "office": office,
        "measure": measure,
    }


def _checked_day(due_on: date | None) -> date:
    """Return the day by which a commitment is to be kept; raises Invalid for none, and for one that is past."""
    if due_on is None:
        raise Invalid(message("Say by when."), "due_on")
    if not clock.today() <= due_on <= LAST_DAY:
        raise Invalid(message("Choose a day to come."), "due_on")
    return due_on


def _check_seen(commitment: Commitment, seen: str) -> None:
    if seen != commitment.mark:
        raise Conflict(
            message("This commitment was changed in the meantime. Look at how it stands before you go on."),
            theirs=committed.last_progress(commitment),
        )


def _tell_responsible(actor: Person, commitment: Commitment, kind: str, **data: Any) -> None:
    """Tell whoever is responsible; the board where that is nobody any more."""
    people: list[Person | None] = [commitment.person]
    if commitment.body is not None:
        people = [sitting.person for sitting in people_of(commitment.body)]
    elif commitment.person is None:
        people = list(db.session.scalars(queries.board_members()))
    _tell(actor, people, commitment, kind, **data)


def _tell(actor: Person, people: list[Person | None], commitment: Commitment, kind: str, **data: Any) -> None:
    what, due_on = commitment.what, commitment.due_on.isoformat() if commitment.due_on else None
    tell(actor, people, commitment.review, kind, commitment=commitment.id, what=what, due_on=due_on, **data)


def _record(actor: Person, event: Event, commitment: Commitment, **data: Any) -> None:
    record(actor, event, commitment.review, commitment.id, commitment=commitment.id, what=commitment.what, **data)
