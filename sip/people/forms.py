"""Shape of what people type about themselves, and to sign in."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import (
    BooleanField,
    FileField,
    HiddenField,
    PasswordField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, ListWidget

from sip.people.actions import Profile
from sip.people.models import PersonRole, Stakeholder
from sip.people.names import MAX_EMAIL, MAX_NAME
from sip.people.passwords import LONGEST
from sip.people.queries import OfficeName
from sip.people.words import ROLE_NAMES, STAKEHOLDER_NAMES
from sip.web.forms import Form, at_most, required, text_field
from sip.web.i18n import LANGUAGE_NAMES, languages, translate


def _email_field() -> StringField:
    return text_field(lazy_gettext("Email address"), MAX_EMAIL)


def _password_field(label: Any, *, is_required: bool = True) -> PasswordField:
    return PasswordField(label, validators=[required() if is_required else Optional(), at_most(LONGEST)])


def _number_or_none(value: Any) -> int | None:
    return int(value) if value else None


def _stakeholder_or_none(value: Any) -> Stakeholder | None:
    return Stakeholder(value) if value else None


class _ArrivingForm(Form):
    """Carries through signing in where somebody wanted to go, and what was typed when the session ended."""

    next = HiddenField()
    kept = HiddenField()


class SignInForm(_ArrivingForm):
    email = _email_field()
    password = _password_field(lazy_gettext("Password"))


class AddressForm(_ArrivingForm):
    email = _email_field()


class NewPasswordForm(Form):
    password = _password_field(lazy_gettext("New password"))


class ChangePasswordForm(Form):
    """Whoever has signed in with mailed links so far has no current password to give."""

    current_password = _password_field(lazy_gettext("Current password"), is_required=False)
    new_password = _password_field(lazy_gettext("New password"))

    def __init__(self, *args: Any, has_password: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.current_password.flags.required = has_password


class ProfileForm(Form):
    name = text_field(lazy_gettext("Name"), MAX_NAME)
    office_id = SelectField(lazy_gettext("Local office"), coerce=_number_or_none, validators=[Optional()])
    stakeholder = SelectField(lazy_gettext("I take part as"), coerce=_stakeholder_or_none, validators=[Optional()])
    language = SelectField(lazy_gettext("Language"), validators=[required()])

    def __init__(self, *args: Any, offices: Iterable[OfficeName], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        undecided = [("", gettext("Not said"))]
        self.office_id.choices = undecided + [(office.id, office.name) for office in offices]
        self.stakeholder.choices = undecided + [(kind, translate(name)) for kind, name in STAKEHOLDER_NAMES.items()]
        self.language.choices = [(code, LANGUAGE_NAMES[code]) for code in languages()]

    @property
    def profile(self) -> Profile:
        """What was typed."""
        return Profile(self.name.data, self.language.data, self.office_id.data, self.stakeholder.data)


class InvitationForm(ProfileForm):
    email = _email_field()
    stakeholder = SelectField(lazy_gettext("Takes part as"), coerce=_stakeholder_or_none, validators=[Optional()])


class JoiningForm(ProfileForm):
    """Accepting an invitation: the password may be left out."""

    password = _password_field(lazy_gettext("Password"), is_required=False)


class FirstAdministratorForm(ProfileForm):
    email = _email_field()
    password = _password_field(lazy_gettext("Password"))


class RolesForm(Form):
    roles = SelectMultipleField(
        lazy_gettext("Roles that hold everywhere"),
        coerce=PersonRole,
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.roles.choices = [(role, translate(name)) for role, name in ROLE_NAMES.items()]


class ListForm(Form):
    """A list of members: a file, or pasted text."""

    file = FileField(lazy_gettext("File"))
    text = TextAreaField(lazy_gettext("Or paste the list here"))
    mails_invitations = BooleanField(lazy_gettext("Mail an invitation to everybody who is new"))
