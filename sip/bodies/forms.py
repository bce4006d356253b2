"""Forms of bodies, of their seats, and of matters referred to them."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext
from wtforms import BooleanField, HiddenField, SelectField
from wtforms.validators import Optional

from sip.bodies.actions import keeping, referring
from sip.bodies.models import BodyKind, ReferralState
from sip.bodies.words import KIND_NAMES, REFERRAL_STATE_NAMES
from sip.core.texts import MAX_COMMENT
from sip.cycles.forms import EditForm
from sip.cycles.models import Cycle, Office
from sip.web.forms import Form, long_text_field, required, text_field
from sip.web.i18n import translate


class BodyForm(EditForm):
    """A body; call `offer` before it is validated or shown."""

    name = text_field(lazy_gettext("Name"), keeping.MAX_NAME)
    office = SelectField(lazy_gettext("Office"), validators=[Optional()])
    cycle = SelectField(lazy_gettext("Cycle"), validators=[Optional()])
    role = long_text_field(lazy_gettext("Its role"), keeping.MAX_ROLE)
    takes_referrals = BooleanField(lazy_gettext("Members can refer a matter to this body"), default=True)

    def offer(self, offices: Iterable[Office], cycles: Iterable[Cycle]) -> "BodyForm":
        """Let the form choose among `offices` and `cycles`."""
        self.office.choices = [("", "—"), *((office.slug, office.name) for office in offices)]
        self.cycle.choices = [("", "—"), *((cycle.slug, cycle.title) for cycle in cycles)]
        return self

    def values(self) -> dict[str, Any]:
        """Return what was entered, of those fields that a body of this kind has."""
        names = ("name", "role", "takes_referrals", "office", "cycle")
        return {name: self[name].data for name in names if name in self}


class NewBodyForm(BodyForm):
    """A body to make, of a kind that stays."""

    kind = SelectField(lazy_gettext("Kind of body"), validators=[required()])

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind.choices = [("", "—"), *((kind.value, translate(name)) for kind, name in KIND_NAMES.items())]

    @property
    def chosen(self) -> BodyKind:
        """The kind that was chosen; to be asked for once the form is valid."""
        return BodyKind(self.kind.data)


class SeatForm(Form):
    """Who gets a seat, and as what."""

    person = HiddenField(validators=[required()])
    title = text_field(lazy_gettext("As what"), keeping.MAX_TITLE, is_required=False)


class ReferralForm(Form):
    """A matter for a body."""

    subject = text_field(lazy_gettext("What is it about?"), referring.MAX_SUBJECT)
    text = long_text_field(
        lazy_gettext("What should the body know, and what do you ask of it?"), MAX_COMMENT, is_required=True
    )


class MessageForm(Form):
    """What somebody writes about a matter."""

    text = long_text_field(lazy_gettext("Your message"), MAX_COMMENT, is_required=True)


class HandlingForm(MessageForm):
    """What the body writes about a matter, and how far it is."""

    state = SelectField(lazy_gettext("How far is it?"), validators=[required()])
    is_internal = BooleanField(lazy_gettext("A note for the body alone"))

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.state.choices = [(state.value, translate(name)) for state, name in REFERRAL_STATE_NAMES.items()]

    @property
    def chosen(self) -> ReferralState:
        """How far the matter is; to be asked for once the form is valid."""
        return ReferralState(self.state.data)
