"""The form that the design page shows; nothing is done with what is typed in it."""

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import BooleanField, DateField, PasswordField, RadioField, SelectField
from wtforms.validators import Optional

from sip.web.forms import Form, long_text_field, required, text_field

_CHOICES = [("consent", _("Consent")), ("majority", _("Majority")), ("ranking", _("Ranking"))]


class SampleForm(Form):
    """One field of each kind."""

    title = text_field(_("Title"), 80)
    reason = long_text_field(_("Reason"), 400, is_required=True)
    until = DateField(_("Until"), validators=[Optional()])
    method = SelectField(_("Method"), choices=_CHOICES)
    answer = RadioField(_("Answer"), choices=_CHOICES, validators=[required()])
    follow = BooleanField(_("Follow this document"))
    document = FileField(_("File"))
    password = PasswordField(_("Password"))
