"""What a cycle, a milestone, a theme and an office must be like, whether a form or a file brings them."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from sip.core.errors import Invalid
from sip.core.messages import Message, message
from sip.cycles.files import BRIEF
from sip.cycles.models import Cycle, Office, Theme
from sip.cycles.stages import LADDER

MAX_TITLE = 200
MAX_NOTE = 500
MAX_QUESTION = 500
MAX_NAME = 120
MAX_MARKDOWN = 60_000
MAX_POSITION = 999
MAX_DAYS = 365  # that a stage stays open at least

# The fields of a cycle's form that say how many days each stage stays open at least.
DAYS_FIELDS = {stage: f"days_{stage.value}" for stage in LADDER}

# Words that stand in addresses where a slug could stand.
RESERVED = frozenset({"create", "manage"})

FIRST_DAY = date(2000, 1, 1)
LAST_DAY = date(2100, 12, 31)
LONGEST = timedelta(days=10 * 366)
# Preparations begin before a cycle, and what became of it is told after it.
BEFORE = timedelta(days=366)
AFTER = timedelta(days=3 * 366)


def with_minimum_days(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a cycle with `minimum_days` in place of the fields of its form, where these are there."""
    kept = {name: value for name, value in values.items() if name not in DAYS_FIELDS.values()}
    if len(kept) < len(values):
        days = {stage: values.get(name) or 0 for stage, name in DAYS_FIELDS.items()}
        kept["minimum_days"] = {stage.value: number for stage, number in days.items() if number}
    return kept


def check_slug(slug: str) -> None:
    """Refuse what cannot stand in an address; raises Invalid."""
    if not re.fullmatch(r"[a-z0-9-]{1,60}", slug) or slug in RESERVED:
        raise Invalid(message("“%(slug)s” cannot be used in an address.", slug=slug), "slug")


def check_cycle(values: Mapping[str, Any]) -> None:
    """Refuse a cycle without title, with impossible dates or too long a text; raises Invalid."""
    _check_line(values["title"], MAX_TITLE, "title", message("A cycle needs a title."))
    _check_text(values["introduction"], "introduction")
    opens_on, closes_on = values["opens_on"], values["closes_on"]
    _check_day(opens_on, "opens_on")
    _check_day(closes_on, "closes_on")
    if closes_on < opens_on:
        raise Invalid(
            message("The cycle cannot close before it opens: choose %(day)s or later.", day=opens_on), "closes_on"
        )
    if closes_on - opens_on > LONGEST:
        raise Invalid(message("A cycle lasts ten years at most."), "closes_on")
    for stage, days in values.get("minimum_days", {}).items():
        if not 0 <= days <= MAX_DAYS:
            raise Invalid(message("Choose a number between 0 and %(most)s.", most=MAX_DAYS), DAYS_FIELDS[stage])


def check_milestone(cycle: Cycle, values: Mapping[str, Any]) -> None:
    """Refuse a milestone without title, that ends before it begins, or far from its cycle; raises Invalid."""
    _check_line(values["title"], MAX_TITLE, "title", message("A milestone needs a title."))
    if len(values["note"]) > MAX_NOTE:
        raise Invalid(too_long(MAX_NOTE), "note")
    first, last = cycle.opens_on - BEFORE, cycle.closes_on + AFTER
    for name in ("on", "until"):
        day = values[name]
        if day is not None and not first <= day <= last:
            raise Invalid(
                message(
                    "This is far from the cycle: choose a day between %(first)s and %(last)s.", first=first, last=last
                ),
                name,
            )
    if values["until"] is not None and values["until"] < values["on"]:
        raise Invalid(
            message("The last day cannot come before the first: choose %(day)s or later.", day=values["on"]), "until"
        )


def check_theme(values: Mapping[str, Any], others: Iterable[Theme]) -> None:
    """Refuse a theme without title, with the title of one of the `others`, or too long a text; raises Invalid."""
    _check_line(values["title"], MAX_TITLE, "title", message("A theme needs a title."))
    if any(_same(other.title, values["title"]) for other in others):
        raise Invalid(message("Another theme of this cycle has this title."), "title")
    if len(values["question"]) > MAX_QUESTION:
        raise Invalid(too_long(MAX_QUESTION), "question")
    if not 0 <= values["position"] <= MAX_POSITION:
        raise Invalid(message("Choose a number between 0 and %(most)s.", most=MAX_POSITION), "position")
    for part in BRIEF:
        _check_text(values[part], part)


def check_office(values: Mapping[str, Any], others: Iterable[Office]) -> None:
    """Refuse an office without name, with the name of one of the `others`, or in no country; raises Invalid."""
    _check_line(values["name"], MAX_NAME, "name", message("An office needs a name."))
    if any(_same(other.name, values["name"]) for other in others):
        raise Invalid(message("Another office has this name."), "name")
    if len(values["town"]) > MAX_NAME:
        raise Invalid(too_long(MAX_NAME), "town")
    if not re.fullmatch(r"([A-Z]{2})?", values["country"]):
        raise Invalid(message("Choose a country of the list."), "country")


def _check_line(text: str, most: int, field: str, missing: Message) -> None:
    if not text.strip():
        raise Invalid(missing, field)
    if "\n" in text or "\r" in text:
        raise Invalid(message("This must be one line."), field)
    if len(text) > most:
        raise Invalid(too_long(most), field)


def _check_text(text: str, field: str) -> None:
    if len(text) > MAX_MARKDOWN:
        raise Invalid(too_long(MAX_MARKDOWN), field)


def _check_day(day: date, field: str) -> None:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise Invalid(
            message("Choose a day between %(first)s and %(last)s.", first=FIRST_DAY, last=LAST_DAY),
            field,
        )


def too_long(most: int) -> Message:
    """Say that a text is longer than it may be."""
    return message("This is too long: %(max)s characters at most.", max=most)


def _same(one: str, other: str) -> bool:
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()
