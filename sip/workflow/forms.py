"""The shape of a move to another stage."""

from collections.abc import Iterable, Mapping

from flask_babel import lazy_gettext
from wtforms import RadioField, SelectMultipleField
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from sip.cycles.forms import DayField
from sip.cycles.stages import Stage
from sip.drafts.actions.stages import MAX_REASON
from sip.web.forms import Form, long_text_field
from sip.workflow.words import MOVE_NAMES


class MoveForm(Form):
    """Which recommendations of one stage go where, why, and until when."""

    sections = SelectMultipleField(
        lazy_gettext("Recommendations"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validators=[InputRequired(lazy_gettext("Choose at least one recommendation."))],
    )
    to = RadioField(lazy_gettext("Where to"), validators=[InputRequired(lazy_gettext("Please choose."))])
    closes_at = DayField(lazy_gettext("Last day of the new stage"), is_required=False)
    reason = long_text_field(lazy_gettext("Reason"), MAX_REASON)

    def offer(self, stage: Stage, ways: Iterable[Stage], names: Mapping[str, str]) -> None:
        """Let sections (`names` by key), which stand at `stage`, go any of `ways`."""
        self.sections.choices = list(names.items())
        self.to.choices = [(to.value, MOVE_NAMES[stage, to]) for to in ways]
