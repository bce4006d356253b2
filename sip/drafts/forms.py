"""Shapes of input: documents, sections, versions; what is possible in them the actions say."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask import current_app
from flask_babel import lazy_gettext
from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField, IntegerField, RadioField, SelectField, SelectMultipleField, TextAreaField
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from sip.config import Settings
from sip.core.slugs import MAX_SLUG
from sip.drafts.live_text import clean_text
from sip.drafts.models import Draft, Section, SectionKind
from sip.groups.models import WorkingGroup
from sip.web.forms import Form, long_text_field, required, text_field
from sip.web.i18n import LANGUAGE_NAMES

_KINDS = [
    (SectionKind.RECOMMENDATION.value, lazy_gettext("Recommendation (numbered)")),
    (SectionKind.PROSE.value, lazy_gettext("Running text, such as an introduction (not numbered)")),
]


def _chosen() -> InputRequired:
    """Demand a choice, which may be the number 0."""
    return InputRequired(lazy_gettext("Please choose."))


class DraftForm(Form):
    """A new document: its title, the groups that write it, its language."""

    title = text_field(lazy_gettext("Title of the document"), 200)
    groups = SelectMultipleField(
        lazy_gettext("Groups that write it"),
        coerce=int,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validators=[required()],
    )
    language = SelectField(lazy_gettext("Language of the text"), validators=[_chosen()])

    def offer(self, groups: Sequence[WorkingGroup]) -> None:
        """Let these groups be chosen, and any of our languages."""
        self.language.choices = list(LANGUAGE_NAMES.items())
        self.groups.choices = [(group.id, group.name) for group in groups]

    def chosen(self, groups: Iterable[WorkingGroup]) -> list[WorkingGroup]:
        """Return those of `groups` that were chosen."""
        return [group for group in groups if group.id in (self.groups.data or [])]


class TitleForm(Form):
    """The title of a document."""

    title = text_field(lazy_gettext("Title of the document"), 200)


class SectionForm(Form):
    """The heading of a new section."""

    title = text_field(lazy_gettext("Title"), 300)
    kind = RadioField(lazy_gettext("What it is"), validators=[_chosen()], default=SectionKind.RECOMMENDATION.value)
    group = SelectField(lazy_gettext("Comes from"), coerce=int, default=0)

    def offer(self, draft: Draft) -> None:
        """Let the section come from one of the groups of `draft`, or from all of them."""
        self.kind.choices = _KINDS
        everybody = (0, lazy_gettext("All groups together"))
        self.group.choices = [everybody, *((group.id, group.name) for group in draft.groups)]

    def chosen_group(self, draft: Draft) -> WorkingGroup | None:
        """Return the group chosen, or None for all of them."""
        return next((group for group in draft.groups if group.id == self.group.data), None)


class NewSectionForm(SectionForm):
    """A new section and its place."""

    after = SelectField(lazy_gettext("Place it"), coerce=int, validators=[_chosen()])

    def offer_places(self, sections: Sequence[Section], titles: dict[str, str]) -> None:
        """Let it stand after any of `sections`, the last one unless said otherwise."""
        self.after.choices = places(sections, titles)
        if self.after.data is None:
            self.after.data = sections[-1].id if sections else 0


class HeadingForm(SectionForm):
    """The heading of a section, and its address."""

    slug = text_field(lazy_gettext("Address"), MAX_SLUG, is_required=False)


class MoveForm(Form):
    """A new place of a section."""

    after = SelectField(lazy_gettext("Place it"), coerce=int, validators=[_chosen()])


class PlaceForm(Form):
    """A place by number, from 0: one step up or down, or an undone move."""

    place = IntegerField(validators=[Optional()])


class TextForm(Form):
    """The text of one section, with the text it began from, and what had happened to the document by then."""

    # The action says how long a text may be, and what to do about it; nothing is refused here.
    text = TextAreaField(lazy_gettext("Text"), filters=[lambda text: clean_text(text or "")])
    began_from = HiddenField(filters=[lambda text: clean_text(text or "")])
    seen = HiddenField()


class FreezeForm(Form):
    """A version to be: its label and a note."""

    label = text_field(lazy_gettext("Name of this version"), 120)
    note = long_text_field(lazy_gettext("What changed, in a few words"), 2000)


class RestoreForm(Form):
    """Why an earlier version is taken back."""

    note = long_text_field(lazy_gettext("Why you take this version back"), 2000)


def places(sections: Sequence[Section], titles: dict[str, str]) -> list[tuple[int, Any]]:
    """Return the choices of a place: first, or after each of `sections`, whose shown titles are given by key."""
    first = (0, lazy_gettext("At the beginning"))
    return [first, *((section.id, lazy_gettext("After: %(title)s", title=titles[section.key])) for section in sections)]


class UploadForm(Form):
    """A document written elsewhere."""

    file = FileField(lazy_gettext("Document"), validators=[FileRequired(lazy_gettext("Choose a file."))])


def limits() -> Settings:
    """Return the settings, which say how long texts may be."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings
