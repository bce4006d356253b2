"""The reader's language: which one, and how sentences, dates, numbers and lists are said in it."""

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import cached_property
from typing import Any

from babel.lists import format_list
from flask import Flask, current_app, has_request_context, request, session
from flask_babel import (
    Babel,
    Domain,
    format_date,
    format_datetime,
    format_decimal,
    format_percent,
    get_locale,
    gettext,
)
from flask_login import current_user
from jinja2 import pass_context
from jinja2.runtime import Context

from sip import paths
from sip.core.messages import Message
from sip.core.typography import NARROW

# Figures come grouped, as words do: what stands for a whole number takes them too.
_FIGURES = re.compile(r"(%\(\w+\))d")
LANGUAGE_NAMES = {"fr": "Français", "nl": "Nederlands", "en": "English"}


def languages() -> list[str]:
    """Return the languages offered, the default first."""
    codes: list[str] = current_app.config["SETTINGS"].language_codes
    return codes


def select_language() -> str:
    """Choose: the one picked on this device, else the person's own, else the browser's, else the default."""
    if not has_request_context():
        return languages()[0]
    for wish in (session.get("language"), getattr(current_user, "language", None)):
        if wish in languages():
            return str(wish)
    # French is the house's language: a browser that asks for none of ours gets it.
    return request.accept_languages.best_match(languages()) or languages()[0]


def translate(text: Message | str) -> str:
    """Say `text` in the reader's language; parameters that are messages or dates are said in it too."""
    if isinstance(text, str):
        return gettext(text)
    spoken = {name: _speak(value) for name, value in text.params.items()}
    return _FIGURES.sub(r"\1s", gettext(text.id)) % spoken if spoken else gettext(text.id)


def _speak(value: Any) -> Any:
    if isinstance(value, Message):
        return translate(value)
    if isinstance(value, datetime):
        return say_moment(value)
    if isinstance(value, date):
        return say_date(value)
    return format_decimal(value) if type(value) in (int, float) else value


def say_date(value: date | None, form: str = "long") -> str:
    """Say a day: `long` with the month's name, `short` in figures, `day` without the year."""
    if value is None:
        return ""
    if form == "short":
        return format_date(value, form, rebase=isinstance(value, datetime))
    return _say_day(format_date(value, _pattern(with_year=form != "day"), rebase=isinstance(value, datetime)))


def say_moment(value: datetime | str | None) -> str:
    """Say a moment, or one in ISO's form as letters hold it, where the house is: day, month's name, hours, minutes."""
    if not value:
        return ""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    hours = "'à'\u00a0H\u00a0'h'\u00a0mm" if _is_spoken("fr") else "HH:mm"
    between = " " if _is_spoken("fr") else ", "
    return _say_day(format_datetime(value, _pattern() + between + hours))


def _is_spoken(language: str) -> bool:
    return str(get_locale()) == language


def _pattern(with_year: bool = True) -> str:
    # The day never parts from its month at the end of a line.
    if _is_spoken("en"):
        return "MMMM\u00a0d, y" if with_year else "MMMM\u00a0d"
    return "d\u00a0MMMM y" if with_year else "d\u00a0MMMM"


def _say_day(text: str) -> str:
    # French counts the first day of a month: the 1st, but the 2.
    return f"1er{text[1:]}" if _is_spoken("fr") and text.startswith("1\u00a0") else text


def say_list(words: Iterable[str]) -> str:
    """Join words as a sentence does: "A, B and C"."""
    return format_list(list(words), locale=get_locale())


def say_share(value: float) -> str:
    """Say a share between 0 and 1 as a whole percentage."""
    return format_percent(value, f"#,##0{NARROW}%" if str(get_locale()) != "en" else "#,##0%")


class _CountingDomain(Domain):
    """Sentences that say a number as the reader's language writes it."""

    def ngettext(self, singular: str, plural: str, num: int, **params: Any) -> str:
        said: str = self.get_translations().ungettext(singular, plural, num)
        return said % {"num": format_decimal(num), **params}


class _CountingBabel(Babel):
    # Kept: a domain holds the catalogs, and reading one costs as much as a small page.
    @cached_property
    def domain_instance(self) -> Domain:
        return _CountingDomain(domain=self.domain)


def _counting(ngettext: Any) -> Callable[..., str]:
    """Let the templates' `ngettext` say its number as the reader's language writes it."""

    @pass_context
    def counted(context: Context, singular: str, plural: str, number: int, **params: Any) -> str:
        params.setdefault("num", format_decimal(number))
        said: str = ngettext(context, singular, plural, number, **params)
        return said

    return counted


def init(app: Flask) -> None:
    """Attach languages to `app` and its templates."""
    settings = app.config["SETTINGS"]
    _CountingBabel(
        app,
        default_locale=settings.language_codes[0],
        default_timezone=settings.time_zone,
        default_translation_directories=str(paths.TRANSLATIONS),
        locale_selector=select_language,
    )
    app.jinja_env.globals["ngettext"] = _counting(app.jinja_env.globals["ngettext"])
    app.jinja_env.filters.update(
        translate=translate, date=say_date, moment=say_moment, listing=say_list, share=say_share, number=format_decimal
    )
    app.jinja_env.globals.update(language=lambda: str(get_locale()), languages=languages, language_names=LANGUAGE_NAMES)
