"""Forms of cycles, milestones, themes and offices, and of editing what others may edit at the same time."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import get_locale, lazy_gettext
from wtforms import BooleanField, DateField, HiddenField, IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange, Optional

from sip.core.errors import Conflict
from sip.cycles import checks
from sip.cycles.settling import marks
from sip.web.forms import Form, long_text_field, text_field

# Territories that are no countries, in the data that browsers and Babel share.
_NO_COUNTRIES = {"EU", "EZ", "UN", "XA", "XB", "QO", "ZZ"}


class EditForm(Form):
    """A form that remembers what it began from; `theirs` holds what somebody else saved in between, field by field."""

    began_from = HiddenField()

    def __init__(self, values: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        given = {**values, "began_from": marks(values)} if values is not None else None
        super().__init__(data=given, **kwargs)
        self.theirs: dict[str, Any] = {}
        if self.is_submitted() and not self.began_from.raw_data:
            # Without a mark nobody knows what was seen; what stands there now would be the wrong guess.
            self.began_from.data = ""

    def values(self) -> dict[str, Any]:
        """Return what was entered, without what belongs to the form itself."""
        return {name: value for name, value in self.data.items() if name not in ("began_from", "csrf_token")}

    def show_theirs(self, error: Conflict, now: Mapping[str, Any]) -> None:
        """Show what somebody else saved in between; saving once more, having seen it, is knowingly done."""
        self.theirs = error.details["theirs"]
        for name, value in error.details["settled"].items():
            self[name].data = value
        self.began_from.data = marks(now)

    @property
    def status(self) -> int:
        """The HTTP status of the page that shows this form: 409 after a clash, 422 after another refusal."""
        if self.theirs:
            return 409
        return 422 if self.is_submitted() else 200


class DayField(DateField):
    """A day, as browsers send it or as people write it."""

    def __init__(self, label: Any, *, is_required: bool = True, **kwargs: Any) -> None:
        first = InputRequired(lazy_gettext("Please fill this in.")) if is_required else Optional()
        formats = ["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y"]
        super().__init__(label, validators=[first], format=formats, **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read a day; raises ValueError with the sentence to show."""
        text = " ".join(valuelist).strip()
        self.data: date | None = None
        if not text:
            return
        for format in self.format:
            try:
                self.data = datetime.strptime(text, format).date()  # noqa: DTZ007 (a day has no time zone)
            except ValueError:
                continue
            return
        raise ValueError(lazy_gettext("This is not a day. Write it like 2026-09-14."))


class WholeNumberField(IntegerField):
    """A whole number."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read a number; raises ValueError with the sentence to show."""
        text = "".join(valuelist).strip()
        self.data: int | None = None
        if text.isascii() and text.isdecimal() and len(text) < 10:
            self.data = int(text)
        elif text:
            raise ValueError(lazy_gettext("This is not a number."))


def _days_field(label: Any) -> WholeNumberField:
    """Make a field for how long a stage stays open at least; empty is 0."""
    between = NumberRange(0, checks.MAX_DAYS, lazy_gettext("Choose a number between %(min)s and %(max)s."))
    return WholeNumberField(label, default=0, filters=[lambda days: days or 0], validators=[between])


class CycleForm(EditForm):
    """A cycle."""

    title = text_field(lazy_gettext("Title"), checks.MAX_TITLE)
    opens_on = DayField(lazy_gettext("Opens on"))
    closes_on = DayField(lazy_gettext("Closes on"))
    introduction = long_text_field(lazy_gettext("Introduction"), checks.MAX_MARKDOWN)
    guests_may_comment = BooleanField(lazy_gettext("Guests may comment too"))
    days_information = _days_field(lazy_gettext("Information: days at least"))
    days_consultation = _days_field(lazy_gettext("Consultation: days at least"))
    days_concertation = _days_field(lazy_gettext("Concertation: days at least"))
    days_codecision = _days_field(lazy_gettext("Codecision: days at least"))


class MilestoneForm(Form):
    """A date on the timeline."""

    title = text_field(lazy_gettext("What happens"), checks.MAX_TITLE)
    on = DayField(lazy_gettext("Day, or first day"))
    until = DayField(lazy_gettext("Last day"), is_required=False)
    note = long_text_field(lazy_gettext("In a few words"), checks.MAX_NOTE)

    def values(self) -> dict[str, Any]:
        """Return what was entered."""
        return {name: self[name].data for name in ("title", "on", "until", "note")}


class ThemeForm(EditForm):
    """A theme with the four parts of its brief."""

    title = text_field(lazy_gettext("Title"), checks.MAX_TITLE)
    question = text_field(lazy_gettext("The question, in one sentence"), checks.MAX_QUESTION, is_required=False)
    context = long_text_field(lazy_gettext("Context"), checks.MAX_MARKDOWN)
    reflection = long_text_field(lazy_gettext("State of reflection"), checks.MAX_MARKDOWN)
    objectives = long_text_field(lazy_gettext("Objectives"), checks.MAX_MARKDOWN)
    questions = long_text_field(lazy_gettext("Key questions"), checks.MAX_MARKDOWN)
    position = WholeNumberField(
        lazy_gettext("Place among the themes"),
        validators=[
            InputRequired(lazy_gettext("Please fill this in.")),
            NumberRange(0, checks.MAX_POSITION, lazy_gettext("Choose a number between %(min)s and %(max)s.")),
        ],
    )


class OfficeForm(Form):
    """A local office."""

    name = text_field(lazy_gettext("Name"), checks.MAX_NAME)
    town = text_field(lazy_gettext("Town"), checks.MAX_NAME, is_required=False)
    country = SelectField(lazy_gettext("Country"), validators=[Optional()])

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.country.choices = [("", "—"), *_countries()]

    def values(self) -> dict[str, Any]:
        """Return what was entered."""
        return {"name": self.name.data, "town": self.town.data, "country": self.country.data or ""}


def _countries() -> list[tuple[str, str]]:
    """Return codes and names of all countries in the reader's language, by name."""
    names = get_locale().territories
    codes = (code for code in names if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES)
    return sorted(((code, names[code]) for code in codes), key=lambda country: country[1].casefold())
