"""What all forms share: they name their fields' errors for the summary, and take errors of the domain."""

import re
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from flask import current_app
from flask_babel import LazyString, lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage
from wtforms import DateTimeLocalField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from sip.core.errors import Invalid
from sip.core.messages import message
from sip.web.i18n import translate

# Beyond them, a moment has none in other time zones.
_YEARS = range(1900, 9000)
# Control characters, and marks that turn the direction of all that follows; tabs and no-break spaces stay.
_GARBLING = re.compile("[\0-\x08\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


class Form(FlaskForm):
    """The base of every form; protection against forgery is the guard's, so it is not checked a second time here."""

    class Meta:
        csrf_check = False

    def take(self, error: Invalid) -> None:
        """Show an error that the action found: beside its field, or above the form where it has none."""
        field = getattr(self, error.field or "", None)
        if field is not None:
            field.errors = [*field.errors, translate(error.message)]
        else:
            self.form_errors.append(translate(error.message))

    def validate_csrf_token(self, field: Any) -> None:
        """Leave the check to the guard."""


def required() -> DataRequired:
    """Demand an entry."""
    return DataRequired(lazy_gettext("Please fill this in."))


class Expected:
    """Shows a field as one to fill in, also where only the action knows whether it may stay empty."""

    field_flags: ClassVar = {"required": True}

    def __call__(self, form: Form, field: Any) -> None:
        """Accept anything."""


def at_most(length: int) -> Length:
    """Limit the number of characters."""
    return Length(
        max=length, message=LazyString(translate, message("This is too long: %(max)s characters at most.", max=length))
    )


def one_line(text: str | None) -> str:
    """Trim an entry to one line, as browsers do, without what would garble the sentences it is quoted in."""
    return _GARBLING.sub("", " ".join((text or "").splitlines())).strip()


def text_field(label: Any, length: int, *, is_required: bool = True, **kwargs: Any) -> StringField:
    """Return a one-line field, trimmed and limited."""
    first = required() if is_required else Optional()
    return StringField(label, validators=[first, at_most(length)], filters=[one_line], **kwargs)


def long_text_field(
    label: Any, length: int, *, is_required: bool = False, is_expected: bool = False, **kwargs: Any
) -> TextAreaField:
    """Return a field of several lines, limited; its text is left as typed but for line ends."""
    first = required() if is_required else Expected() if is_expected else Optional()
    return TextAreaField(
        label,
        validators=[first, at_most(length)],
        filters=[lambda text: (text or "").replace("\r\n", "\n").replace("\r", "\n")],
        **kwargs,
    )


class MomentField(DateTimeLocalField):
    """A day and an hour where the house is, as browsers send them or as people write them; its `data` is aware."""

    def __init__(self, label: Any, *, is_required: bool = True, **kwargs: Any) -> None:
        first = InputRequired(lazy_gettext("Please fill this in.")) if is_required else Optional()
        days = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y")
        formats = [f"{day}{between}%H:%M" for day in days for between in ("T", " ")]
        super().__init__(label, validators=[first], format=formats, **kwargs)

    def _value(self) -> str:
        if self.raw_data:
            return " ".join(self.raw_data)
        return self.data.astimezone(_house()).strftime("%Y-%m-%dT%H:%M") if self.data else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read a moment; raises ValueError with the sentence to show."""
        text = " ".join(" ".join(valuelist).split())
        self.data: datetime | None = None
        if not text:
            return
        for format in self.format:
            try:
                moment = datetime.strptime(text[:16], format).replace(tzinfo=_house())
            except ValueError:
                continue
            if moment.year in _YEARS:
                self.data = moment
                return
        raise ValueError(lazy_gettext("This is not a day with its hour. Write it like 2026-09-14 18:30."))


def _house() -> ZoneInfo:
    return ZoneInfo(current_app.config["SETTINGS"].time_zone)


def read_upload(upload: FileStorage | None) -> bytes:
    """Return what was sent in the field `file`, nothing where that was left empty; raises Invalid beyond the limit."""
    most = current_app.config["SETTINGS"].max_upload
    data = upload.read(most + 1) if upload else b""
    if len(data) > most:
        # A request may be a little larger than a file, so that this sentence can be said.
        raise Invalid(
            message("This file is larger than %(megabytes)s MB, the most we take.", megabytes=most / 1e6), "file"
        )
    return data
