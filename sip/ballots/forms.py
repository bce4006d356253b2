"""Shapes of input: a ballot that is planned, votes, proxies; what is possible in them the actions say."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext
from wtforms import BooleanField, HiddenField, RadioField, SelectField, SelectMultipleField
from wtforms.validators import InputRequired, NumberRange
from wtforms.widgets import CheckboxInput, ListWidget

from sip.ballots.actions.planning import MAX_ALTERNATIVES, MAX_EXPLANATION, MAX_QUESTION, MAX_REASON, Plan
from sip.ballots.actions.voting import MAX_OPINION
from sip.ballots.models import Alternative, Electorate, MajorityRule, Method, Secrecy
from sip.ballots.words import (
    CHOICE_NAMES,
    CONSENT_CHOICES,
    ELECTORATE_NAMES,
    MAJORITY_CHOICES,
    METHOD_NAMES,
    RULE_NAMES,
    SECRECY_NAMES,
)
from sip.core.messages import N_
from sip.cycles.forms import DayField, WholeNumberField
from sip.cycles.models import Office
from sip.groups.models import WorkingGroup
from sip.web.forms import Expected, Form, MomentField, long_text_field, text_field

MOST_LINES = MAX_ALTERNATIVES * 2_300  # characters: each with its title and its explanation
BETWEEN = " | "

_CHOOSE = InputRequired(lazy_gettext("Please choose."))


class _Ticks(SelectMultipleField):
    """Several of a list, as boxes to tick; `data` holds the values as text."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def _radio(label: Any, names: Mapping[Any, str], default: str | None = None) -> RadioField:
    choices = [(each.value, lazy_gettext(name)) for each, name in names.items()]
    return RadioField(label, choices=lambda: choices, validators=[_CHOOSE], default=default)


class DatesForm(Form):
    """When one can vote, and on which version."""

    opens_at = MomentField(lazy_gettext("Opens"), is_required=False)
    closes_at = MomentField(lazy_gettext("Closes"))
    # The number of the version that the page spoke of: another may be published before the form is sent.
    seen_version = HiddenField()


class BallotForm(DatesForm):
    """A question put to the vote; what does not belong to the method chosen is left aside."""

    sections = _Ticks(
        lazy_gettext("What is decided on"),
        validators=[InputRequired(lazy_gettext("Choose at least one recommendation."))],
    )
    question = text_field(lazy_gettext("The question, in one sentence"), MAX_QUESTION)
    explanation = long_text_field(lazy_gettext("What one should know to answer it"), MAX_EXPLANATION)
    method = _radio(lazy_gettext("How it is decided"), METHOD_NAMES, Method.CONSENT)
    rule = _radio(lazy_gettext("Which majority"), RULE_NAMES, MajorityRule.SIMPLE)
    alternatives = long_text_field(lazy_gettext("The alternatives"), MOST_LINES, is_expected=True)
    electorate = _radio(lazy_gettext("Who votes"), ELECTORATE_NAMES, Electorate.GROUP)
    group = SelectField(lazy_gettext("Which group"), choices=[], validators=[Expected()])
    offices = _Ticks(lazy_gettext("Which offices"), validators=[Expected()])
    quorum = WholeNumberField(
        lazy_gettext("Quorum, in per cent of those who may vote"),
        validators=[
            InputRequired(lazy_gettext("Please fill this in.")),
            NumberRange(0, 100, lazy_gettext("Choose a number between %(min)s and %(max)s.")),
        ],
        default=0,
    )
    secrecy = _radio(lazy_gettext("Open or secret"), SECRECY_NAMES, Secrecy.OPEN)
    shows_interim = BooleanField(lazy_gettext("Show how the votes stand while people are voting"))

    def offer(self, sections: Mapping[str, str], groups: Mapping[str, str], offices: Mapping[str, str]) -> None:
        """Let recommendations (names by key), groups and offices (names by id) be chosen."""
        self.sections.choices = list(sections.items())
        self.group.choices = list(groups.items())
        self.offices.choices = list(offices.items())
        if self.group.data in (None, "", "None") and groups:
            self.group.data = next(iter(groups))

    def plan(self, groups: Sequence[WorkingGroup], offices: Sequence[Office]) -> Plan:
        """Return what was entered, as far as it belongs to the method and the electorate chosen."""
        method, electorate = Method(self.method.data), Electorate(self.electorate.data)
        is_of_group, is_of_offices = electorate is Electorate.GROUP, electorate is Electorate.OFFICES
        return Plan(
            question=self.question.data,
            explanation=self.explanation.data,
            method=method,
            rule=MajorityRule(self.rule.data),
            quorum=self.quorum.data or 0,
            secrecy=Secrecy(self.secrecy.data),
            electorate=electorate,
            group=next((each for each in groups if is_of_group and str(each.id) == self.group.data), None),
            offices=[each for each in offices if is_of_offices and str(each.id) in (self.offices.data or [])],
            shows_interim=self.shows_interim.data,
            opens_at=self.opens_at.data,
            closes_at=self.closes_at.data,
            alternatives=alternatives_in(self.alternatives.data or "") if method is Method.RANKING else [],
        )


class RoundForm(DatesForm):
    """Another round of the same question."""

    question = text_field(lazy_gettext("The question, in one sentence"), MAX_QUESTION)
    explanation = long_text_field(lazy_gettext("What one should know to answer it"), MAX_EXPLANATION)


def alternatives_in(text: str) -> list[tuple[str, str]]:
    """Return the (title, explanation) of each alternative, one on each line that is not empty."""
    pairs = (line.partition(BETWEEN.strip()) for line in text.splitlines() if line.strip())
    return [(title.strip(), more.strip()) for title, _mark, more in pairs]


def written(alternatives: Iterable[Alternative]) -> str:
    """Return alternatives as the form takes them; the status quo is not among them, it is always there."""
    return "\n".join(
        f"{each.title}{BETWEEN}{' '.join(each.text.split())}" if each.text else each.title
        for each in alternatives
        if not each.is_status_quo
    )


class CancelForm(Form):
    """Why a ballot does not take place."""

    reason = long_text_field(lazy_gettext("Why is it cancelled?"), MAX_REASON, is_required=True)


class VoteForm(Form):
    """What all votes have; `giver` is whose proxy is used, empty for one's own vote."""

    giver = HiddenField()
    opinion = long_text_field(lazy_gettext("Why"), MAX_OPINION)
    is_minority = BooleanField(lazy_gettext("Let this text stand with the result, as a minority opinion"))


class ChoiceForm(VoteForm):
    """One answer of several."""

    choice: RadioField

    def show(self, answer: str) -> None:
        """Choose what `answer`, in the form in which votes are stored, says."""
        self.choice.data = answer


class ConsentForm(ChoiceForm):
    """An answer in a consent round."""

    choice = _radio(lazy_gettext("Your vote"), {each: CHOICE_NAMES[each] for each in CONSENT_CHOICES})


class MajorityForm(ChoiceForm):
    """For, against, abstain."""

    choice = _radio(lazy_gettext("Your vote"), {each: CHOICE_NAMES[each] for each in MAJORITY_CHOICES})


class RankingForm(VoteForm):
    """A place for each alternative; several may share one, and those without one come last together."""

    def places(self) -> list[Any]:
        """Return the fields of the alternatives, in their order."""
        return [field for field in self if field.name.startswith(_PLACE)]

    @property
    def ranks(self) -> dict[int, int | None]:
        """The place given to each alternative, by its number; None where there is none."""
        return {
            int(field.name.removeprefix(_PLACE)): int(field.data) if field.data else None for field in self.places()
        }

    def show(self, answer: str) -> None:
        """Choose the places that an answer gave."""
        tiers = answer.split(",")
        for place, tier in enumerate(tiers, 1):
            for number in tier.split("="):
                field = getattr(self, f"{_PLACE}{number}", None)
                if field is not None and not (place > 1 and place == len(tiers)):
                    field.data = str(place)


_PLACE = "place_"


def ranking_form(titles: Mapping[int, str]) -> type[RankingForm]:
    """Return the form that ranks the alternatives with these titles, by their numbers."""
    fields = {f"{_PLACE}{number}": _place_field(title, len(titles)) for number, title in titles.items()}
    return type("RankingOfThese", (RankingForm,), fields)


def _place_field(title: str, places: int) -> SelectField:
    named = [(str(place), lazy_gettext("place %(number)s", number=place)) for place in range(1, places + 1)]
    choices = [("", lazy_gettext("no place: last")), *named]
    return SelectField(title, choices=lambda: choices, default="")


class Scope(StrEnum):
    """What a proxy is for."""

    BALLOT = "ballot"
    PERIOD = "period"


SCOPE_NAMES = {Scope.BALLOT: N_("One ballot"), Scope.PERIOD: N_("All ballots of a period")}


class ProxyForm(Form):
    """A proxy: for whom, and for what."""

    holder = RadioField(
        lazy_gettext("Who votes for you"),
        choices=[],
        validate_choice=False,
        validators=[InputRequired(lazy_gettext("Look somebody up, and choose them."))],
    )
    scope = _radio(lazy_gettext("For what"), SCOPE_NAMES, Scope.BALLOT)
    ballot = SelectField(lazy_gettext("Which ballot"), choices=[], validate_choice=False, validators=[Expected()])
    valid_from = DayField(lazy_gettext("First day"), is_required=False)
    valid_until = DayField(lazy_gettext("Last day"), is_required=False)

    def offer(self, people: Mapping[int, str], ballots: Mapping[int, str]) -> None:
        """Let one of these people, and one of these ballots (names and questions by id) be chosen."""
        self.holder.choices = [(str(number), name) for number, name in people.items()]
        self.ballot.choices = [(str(number), question) for number, question in ballots.items()]
