"""Shapes of input: what people write in a discussion, and what the group and the moderators answer."""

from collections.abc import Iterable, Sequence

from flask_babel import lazy_gettext
from wtforms import EmailField, HiddenField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired

from sip.threads.models import Disposition, Stance, ThreadKind
from sip.threads.words import DISPOSITION_NAMES, KIND_NAMES, STANCE_NAMES
from sip.web.forms import Form, at_most, long_text_field, one_line, required, text_field

MAX_TEXT = 5_000
MAX_REASON = 1_000
MAX_DISPOSITION_REASON = 2_000


def _chosen() -> InputRequired:
    return InputRequired(lazy_gettext("Please choose."))


def mentioned(form: Form) -> list[int]:
    """Return the numbers of the people whom the completion named; whether they may be named the action says."""
    found = (form["mentioned"].data or "").split(",")
    return [int(text) for text in found if text.isdecimal() and len(text) < 10][:50]


class CommentForm(Form):
    """What somebody writes in a thread; `mentioned` holds the numbers of people whom the completion named."""

    text = long_text_field(lazy_gettext("Your comment"), MAX_TEXT, is_required=True)
    reply_to = HiddenField(filters=[one_line])
    mentioned = HiddenField(filters=[one_line])


class ThreadForm(Form):
    """A new thread: its kind and its first comment; the passage stands in the address, and the action checks it."""

    kind = RadioField(lazy_gettext("What is it?"), validators=[_chosen()])
    text = long_text_field(lazy_gettext("Your comment"), MAX_TEXT, is_required=True)
    mentioned = HiddenField(filters=[one_line])

    def offer(self, kinds: Sequence[ThreadKind]) -> None:
        """Let these kinds be chosen; the only one is chosen already."""
        self.kind.choices = [(kind.value, lazy_gettext(KIND_NAMES[kind])) for kind in kinds]
        if len(kinds) == 1 and not self.kind.data:
            self.kind.data = kinds[0].value


class GuestThreadForm(ThreadForm):
    """The same from somebody without an account."""

    name = text_field(lazy_gettext("Your name"), 120)
    email = EmailField(lazy_gettext("Your e-mail address"), validators=[required(), at_most(254)], filters=[one_line])


class ReasonForm(Form):
    """Why a thread is resolved; it may stay empty."""

    reason = long_text_field(lazy_gettext("Why, in a few words"), MAX_REASON)


class NeededReasonForm(Form):
    """Why a comment is reported or hidden."""

    reason = long_text_field(lazy_gettext("Why?"), MAX_REASON, is_required=True)


class DispositionForm(Form):
    """What the group makes of a thread, and in which version it shows."""

    disposition = RadioField(lazy_gettext("What became of it?"), validators=[_chosen()])
    disposition_reason = long_text_field(lazy_gettext("Your reason"), MAX_DISPOSITION_REASON, is_required=True)
    change = SelectField(lazy_gettext("Where it shows in the text"), default="")
    replaces = HiddenField(filters=[one_line])  # which answer of the group was seen, if there was one

    def offer(self, versions: Iterable[tuple[int, str]]) -> None:
        """Let all dispositions be chosen, and any of these versions (number, label)."""
        self.disposition.choices = [(each.value, lazy_gettext(DISPOSITION_NAMES[each])) for each in Disposition]
        nowhere = ("", lazy_gettext("Nowhere, or not yet"))
        named = lazy_gettext("Version %(number)s: %(label)s")
        self.change.choices = [
            nowhere,
            *((str(number), named % {"number": number, "label": label}) for number, label in versions),
        ]


class StanceForm(Form):
    """A position on a recommendation; empty takes it back."""

    stance = StringField(filters=[one_line])

    def chosen(self) -> Stance | None:
        """Return the position chosen, or None."""
        return next((stance for stance in STANCE_NAMES if stance.value == self.stance.data), None)
