"""Forms of meetings, of points, and of minutes."""

from collections.abc import Iterable, Mapping
from datetime import UTC
from typing import Any

from flask_babel import lazy_gettext
from wtforms import SelectField

from sip.core.texts import MAX_COMMENT
from sip.cycles.forms import EditForm
from sip.meetings.actions import calling, minutes, points
from sip.meetings.models import AgendaPoint, Meeting
from sip.web.forms import Form, MomentField, long_text_field, required, text_field
from sip.web.i18n import say_moment


class MeetingForm(EditForm):
    """A meeting."""

    title = text_field(lazy_gettext("Title"), calling.MAX_TITLE)
    starts_at = MomentField(lazy_gettext("Day and hour"))
    place = text_field(lazy_gettext("Place"), calling.MAX_PLACE, is_required=False)

    def values(self) -> dict[str, Any]:
        """Return what was entered, once it is valid; the moment in UTC, as it is stored."""
        moment = self.starts_at.data
        assert moment is not None
        return {"title": self.title.data, "starts_at": moment.astimezone(UTC), "place": self.place.data}


class PointForm(Form):
    """A point that a member proposes."""

    title = text_field(lazy_gettext("The point, in one line"), calling.MAX_TITLE)
    text = long_text_field(lazy_gettext("Why should the body speak about it?"), MAX_COMMENT, is_required=True)


class OwnPointForm(Form):
    """A point that the body itself puts on its agenda."""

    title = text_field(lazy_gettext("The point, in one line"), calling.MAX_TITLE)
    text = long_text_field(lazy_gettext("In a few words"), MAX_COMMENT)


class DeclineForm(Form):
    """Why a body will not speak about a point."""

    reason = long_text_field(lazy_gettext("Why?"), points.MAX_REASON, is_required=True)


class PutForm(Form):
    """On the agenda of which meeting a point goes."""

    meeting = SelectField(lazy_gettext("Meeting"), coerce=int, validators=[required()])

    def __init__(self, meetings: Iterable[Meeting], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.meeting.choices = [
            (meeting.id, f"{say_moment(meeting.starts_at)} · {meeting.title}") for meeting in meetings
        ]


def minutes_form(agenda: Iterable[AgendaPoint], values: Mapping[str, Any]) -> EditForm:
    """Return the form of a meeting's minutes, with a field for the decision on each point of its agenda."""
    fields: dict[str, Any] = {"minutes": long_text_field(lazy_gettext("Minutes"), minutes.MAX_MINUTES)}
    for number, point in enumerate(agenda, 1):
        fields[minutes.field_of(point)] = long_text_field(f"{number}. {point.title}", minutes.MAX_DECISION)
    form_class: type[EditForm] = type("MinutesForm", (EditForm,), fields)
    return form_class(values)
