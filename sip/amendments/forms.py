"""Shapes of input: amendments and what the group answers; what is possible in them the actions say."""

from collections.abc import Iterable

from flask_babel import lazy_gettext
from wtforms import BooleanField, HiddenField, RadioField, StringField
from wtforms.validators import InputRequired

from sip.amendments.models import AmendmentState
from sip.drafts.loading import number_of
from sip.web.forms import Form, long_text_field, one_line, text_field

MAX_TITLE = 300
MAX_PROPOSED = 20_000
MAX_REASON = 5_000
MAX_ANSWER = 2_000
MAX_HIDING = 1_000

ACCEPT, CHANGE, DECLINE = "accept", "change", "decline"


def _text(text: str | None) -> str:
    return (text or "").replace("\r\n", "\n").replace("\r", "\n")


class AmendmentForm(Form):
    """What somebody proposes, and why; the passage stands in the address, and the action checks it."""

    title = text_field(lazy_gettext("Title"), MAX_TITLE, is_required=False)
    # Whether a text is needed depends on the kind: the action says so.
    proposed = long_text_field(lazy_gettext("Your text"), MAX_PROPOSED, is_expected=True)
    reason = long_text_field(lazy_gettext("Why"), MAX_REASON, is_required=True)


class AnswerForm(Form):
    """What the group answers to one amendment."""

    answer = RadioField(lazy_gettext("What becomes of it?"), validators=[InputRequired(lazy_gettext("Please choose."))])
    title = StringField(lazy_gettext("Title"), filters=[one_line])
    text = long_text_field(lazy_gettext("The text that you take up"), 2 * MAX_PROPOSED, is_expected=True)
    reason = long_text_field(
        lazy_gettext("Your reason, for its author and for everybody"), MAX_ANSWER, is_required=True
    )
    for_thread = BooleanField(lazy_gettext("Answer the discussion that it comes from, too, with the same reason"))
    seen = HiddenField(filters=[_text])

    def offer(self, *, may_accept: bool, is_as_it_was: bool) -> None:
        """Let the answers be chosen that are possible: as it is only where the passage still says what was amended."""
        choices = [(DECLINE, lazy_gettext("Not taken up"))]
        if may_accept:
            choices.insert(0, (CHANGE, lazy_gettext("Taken up with changes")))
        if may_accept and is_as_it_was:
            choices.insert(0, (ACCEPT, lazy_gettext("Taken up as it is")))
        self.answer.choices = choices


class MergeForm(Form):
    """One text for several amendments; what becomes of each is in fields named after it."""

    text = long_text_field(lazy_gettext("The text that is being written"), 2 * MAX_PROPOSED, is_expected=True)
    seen = HiddenField(filters=[_text])


def wordings_read(values: dict[str, str], ids: Iterable[int]) -> dict[int, int]:
    """Return which wording of each amendment whoever answers has read, where the form says so."""
    return {number: number_of(values[name]) for number in ids if (name := f"revision-{number}") in values}


def answers_given(values: dict[str, str], ids: Iterable[int]) -> dict[int, tuple[AmendmentState, str]]:
    """Return what a merge answers to each amendment, where it was given."""
    known = {state.value: state for state in AmendmentState}
    given = {}
    for number in ids:
        state = known.get(values.get(f"state-{number}", ""), AmendmentState.OPEN)
        given[number] = state, _text(values.get(f"reason-{number}"))
    return given


class HidingForm(Form):
    """Why an amendment is hidden."""

    reason = long_text_field(lazy_gettext("Why?"), MAX_HIDING, is_required=True)
