"""What all forms share: they name their fields' errors for the summary, and take errors of the domain."""

import re
from typing import Any

from flask import current_app
from flask_babel import LazyString, lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage
from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from sip.core.errors import Invalid
from sip.core.messages import message
from sip.web.i18n import translate

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


def long_text_field(label: Any, length: int, *, is_required: bool = False, **kwargs: Any) -> TextAreaField:
    """Return a field of several lines, limited; its text is left as typed but for line ends."""
    first = required() if is_required else Optional()
    return TextAreaField(
        label,
        validators=[first, at_most(length)],
        filters=[lambda text: (text or "").replace("\r\n", "\n").replace("\r", "\n")],
        **kwargs,
    )


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
