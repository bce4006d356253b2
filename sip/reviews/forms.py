"""Shapes of input: the board's notes, questions and answer; commitments, their progress, what people ask of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext
from wtforms import HiddenField, RadioField, SelectField
from wtforms.validators import InputRequired, Optional

from sip.bodies.models import Body
from sip.core.errors import Invalid
from sip.core.messages import message
from sip.cycles.forms import DayField
from sip.cycles.models import Office
from sip.reviews.answers import MAX_REASONS
from sip.reviews.models import (
    Answer,
    BoardResponse,
    Commitment,
    CommitmentQuestion,
    CommitmentStatus,
    ReviewQuestion,
)
from sip.reviews.words import ANSWER_NAMES, STATUS_NAMES
from sip.web.forms import Form, long_text_field, text_field
from sip.web.i18n import translate

MAX_NOTE = 5_000
MAX_WHAT = 300
MAX_DETAILS = 20_000
MAX_NAME = 200

AS_THE_WHOLE = ""  # a measure without an answer of its own


def _please_choose() -> InputRequired:
    return InputRequired(lazy_gettext("Please choose."))


class NoteForm(Form):
    """What a board member notes for the board."""

    text = long_text_field(lazy_gettext("Your note"), MAX_NOTE, is_required=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(prefix="note", **kwargs)


class QuestionForm(Form):
    """A question: to the working group, or about a commitment."""

    text = long_text_field(lazy_gettext("Your question"), MAX_NOTE, is_required=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(prefix="question", **kwargs)


class AnswerForm(Form):
    """The answer to a question, one of several on a page."""

    text = long_text_field(lazy_gettext("Your answer"), MAX_NOTE, is_required=True)

    def __init__(self, question_id: int, **kwargs: Any) -> None:
        super().__init__(prefix=f"answer-{question_id}", **kwargs)


def answer_forms(
    questions: Iterable[ReviewQuestion | CommitmentQuestion], sent: tuple[int, AnswerForm] | None
) -> dict[int, AnswerForm]:
    """Return a form for each question that nobody has answered, by its id; the one that was sent as it came."""
    forms = {each.id: AnswerForm(each.id, formdata=None) for each in questions if each.answered_at is None}
    return {**forms, sent[0]: sent[1]} if sent else forms


class ResponseForm(Form):
    """What the board answers to a recommendation as a whole; `seen` marks the answer that it began from."""

    answer = RadioField(lazy_gettext("What does the board answer?"), validators=[_please_choose()])
    deferred_until = DayField(lazy_gettext("Until when, if it is put off"), is_required=False)
    # A proposal may wait for its reasons; an answer that is signed has them.
    reasons = long_text_field(lazy_gettext("Why"), MAX_REASONS, is_expected=True)
    seen = HiddenField()

    def measures_given(self, measures: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
        """Return what is answered to measures on their own."""
        given = []
        for measure in measures:
            slug = measure["slug"]
            if answer := self[f"answer-{slug}"].data:
                given.append({"slug": slug, "answer": answer, "reasons": self[f"reasons-{slug}"].data or ""})
        return given


def response_form(measures: Sequence[Mapping[str, str]], response: BoardResponse | None, **kwargs: Any) -> ResponseForm:
    """Return the form of an answer with two fields for each of `measures`, filled with what `response` says."""
    fields: dict[str, Any] = {}
    for measure in measures:
        slug, name = measure["slug"], f"{measure['letter']}. {measure['title']}"
        fields[f"answer-{slug}"] = RadioField(name, default=AS_THE_WHOLE, validators=[Optional()])
        label = translate(message("Why: measure %(letter)s", letter=measure["letter"]))
        fields[f"reasons-{slug}"] = long_text_field(label, MAX_REASONS)
    form: ResponseForm = type("MeasuredResponseForm", (ResponseForm,), fields)(data=_said(response), **kwargs)
    form.answer.choices = [(answer.value, translate(name)) for answer, name in ANSWER_NAMES.items()]
    for measure in measures:
        whole = (AS_THE_WHOLE, lazy_gettext("As the whole recommendation"))
        form[f"answer-{measure['slug']}"].choices = [whole, *form.answer.choices]
    return form


def _said(response: BoardResponse | None) -> dict[str, Any]:
    """Return what a form shows of an answer that is there already."""
    if response is None:
        return {}
    said = {"answer": response.answer, "deferred_until": response.deferred_until, "reasons": response.reasons}
    for each in response.measures:
        said[f"answer-{each['slug']}"] = each["answer"]
        said[f"reasons-{each['slug']}"] = each["reasons"]
    return said


class CommitmentForm(Form):
    """What the board commits to; a body is chosen, a person is named, and chosen where several are called so.

    `seen` marks the wording that a change began from.
    """

    what = text_field(lazy_gettext("What will be done, in one sentence"), MAX_WHAT)
    details = long_text_field(lazy_gettext("In more detail"), MAX_DETAILS)
    measure = SelectField(lazy_gettext("What is it about?"), validators=[Optional()])
    body = SelectField(lazy_gettext("Which body is responsible?"), coerce=int, validators=[Optional()])
    person = text_field(lazy_gettext("Or which person?"), MAX_NAME, is_required=False)
    person_id = RadioField(
        lazy_gettext("Which of them?"), coerce=int, validators=[Optional()], choices=[], validate_choice=False
    )
    due_on = DayField(lazy_gettext("Until when?"), is_required=False)
    office = SelectField(lazy_gettext("Is it tried out in one office first?"), coerce=int, validators=[Optional()])
    seen = HiddenField()

    def offer(self, measures: Sequence[Mapping[str, str]], bodies: Sequence[Body], offices: Sequence[Office]) -> None:
        """Let one of these measures, bodies and offices be chosen, or none."""
        whole = lazy_gettext("The recommendation as a whole")
        self.measure.choices = [
            ("", whole),
            *((each["slug"], f"{each['letter']}. {each['title']}") for each in measures),
        ]
        self.body.choices = [(0, lazy_gettext("None")), *((body.id, body.name) for body in bodies)]
        self.office.choices = [(0, lazy_gettext("No, everywhere at once")), *((each.id, each.name) for each in offices)]

    def choose_among(self, people: Sequence[tuple[int, str]]) -> None:
        """Let one of several people (id, what tells them apart) be chosen; one alone needs no choice."""
        self.person_id.choices = list(people) if len(people) > 1 else []

    def take(self, error: Invalid) -> None:
        """Show who is responsible beside the body, where that is chosen."""
        super().take(Invalid(error.message, "body") if error.field == "responsible" else error)


def commitment_values(commitment: Commitment) -> dict[str, Any]:
    """Return what a form shows of a commitment that is there already."""
    return {
        "what": commitment.what,
        "details": commitment.details,
        "measure": commitment.measure or "",
        "body": commitment.body_id or 0,
        "person": commitment.person.name if commitment.person else "",
        "person_id": commitment.person_id,
        "due_on": commitment.due_on,
        "office": commitment.office_id or 0,
    }


class ReportForm(Form):
    """How far a commitment is; `seen` marks the state that the report began from."""

    status = RadioField(lazy_gettext("How far is it?"), validators=[_please_choose()])
    text = long_text_field(lazy_gettext("What has happened, for everybody to read"), MAX_NOTE, is_required=True)
    due_on = DayField(lazy_gettext("Until when?"), is_required=False)
    results = long_text_field(lazy_gettext("What the trial has shown"), MAX_DETAILS)
    seen = HiddenField()

    def offer(self) -> None:
        """Let every status be chosen."""
        self.status.choices = [(status.value, translate(name)) for status, name in STATUS_NAMES.items()]

    @property
    def chosen(self) -> CommitmentStatus:
        """The status that was chosen, once the form is valid."""
        return CommitmentStatus(self.status.data)


def answer_chosen(form: ResponseForm) -> Answer:
    """Return the answer that was chosen, once the form is valid."""
    return Answer(form.answer.data)


class MarkForm(Form):
    """A button under a proposed answer; `seen` marks the wording that it is about."""

    seen = HiddenField()
