"""Forms of working groups, of asking to join one, and of inviting people."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext
from wtforms import SelectField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from sip.cycles.forms import EditForm
from sip.cycles.models import Office
from sip.groups import actions
from sip.groups.models import GroupRole
from sip.groups.words import ROLE_NAMES
from sip.people.names import MAX_EMAIL, MAX_NAME
from sip.web.forms import Form, long_text_field, required, text_field
from sip.web.i18n import LANGUAGE_NAMES, languages, translate


class GroupForm(EditForm):
    """A working group; call `offer` before it is validated or shown."""

    name = text_field(lazy_gettext("Name"), actions.MAX_NAME)
    offices = SelectMultipleField(
        lazy_gettext("Offices"),
        validators=[required()],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    presentation = long_text_field(lazy_gettext("Who we are"), actions.MAX_PRESENTATION)

    def offer(self, offices: Iterable[Office]) -> "GroupForm":
        """Let the form choose among `offices`."""
        self.offices.choices = [(office.slug, office.name) for office in offices]
        return self

    def values(self) -> dict[str, Any]:
        """Return what was entered; offices by their slugs."""
        return {
            "name": self.name.data,
            "presentation": self.presentation.data,
            "offices": sorted(self.offices.data or []),
        }


class JoinForm(Form):
    """What somebody writes when asking to join."""

    message = long_text_field(lazy_gettext("A few words about you"), actions.MAX_MESSAGE)


class AnswerForm(Form):
    """What the group writes when it answers a request."""

    words = long_text_field(lazy_gettext("A few words for them"), actions.MAX_MESSAGE)


class RoleForm(Form):
    """What somebody does in the group."""

    role = SelectField(lazy_gettext("Role"), validators=[required()])

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.role.choices = [(role.value, translate(ROLE_NAMES[role])) for role in reversed(GroupRole)]


class InviteForm(RoleForm):
    """Whom to invite, and as what."""

    email = text_field(lazy_gettext("Email address"), MAX_EMAIL, render_kw={"type": "email", "autocomplete": "off"})
    name = text_field(lazy_gettext("Name"), MAX_NAME, is_required=False)
    language = SelectField(lazy_gettext("Language of the invitation"), validators=[required()])

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.language.choices = [(code, LANGUAGE_NAMES[code]) for code in languages()]
