"""The reader's language: which one, and how sentences, dates, numbers and lists are said in it."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from babel.lists import format_list
from flask import Flask, current_app, has_request_context, request, session
from flask_babel import (
    Babel,
    format_date,
    format_datetime,
    format_decimal,
    format_percent,
    get_locale,
    gettext,
)
from flask_login import current_user

from sip import paths
from sip.core.messages import Message

LANGUAGE_NAMES = {"fr": "Français", "nl": "Nederlands", "en": "English"}


def languages() -> list[str]:
    """Return the languages offered, the default first."""
    codes: list[str] = current_app.config["SETTINGS"].language_codes
    return codes


def select_language() -> str:
    """Choose: the one picked on this device, else the person's own, else the browser's, else the default."""
    if not has_request_context():
        return languages()[0]
    person = getattr(current_user, "person", None)
    for wish in (session.get("language"), person.language if person else None):
        if wish in languages():
            return str(wish)
    # French is the house's language: a browser that asks for none of ours gets it.
    return request.accept_languages.best_match(languages()) or languages()[0]


def translate(text: Message | str) -> str:
    """Say `text` in the reader's language; parameters that are messages or dates are said in it too."""
    if isinstance(text, str):
        return gettext(text)
    return gettext(text.id, **{name: _speak(value) for name, value in text.params.items()})


def _speak(value: Any) -> Any:
    if isinstance(value, Message):
        return translate(value)
    if isinstance(value, datetime):
        return say_moment(value)
    if isinstance(value, date):
        return say_date(value)
    return value


def say_date(value: date | None, form: str = "long") -> str:
    """Say a day: `long` with the month's name, `short` in figures, `day` without the year."""
    if value is None:
        return ""
    if form == "day":
        return format_date(value, "MMMM d" if str(get_locale()) == "en" else "d MMMM", rebase=False)
    return format_date(value, form, rebase=isinstance(value, datetime))


def say_moment(value: datetime | None) -> str:
    """Say a moment in the house's time zone: the day with its month's name, hours and minutes."""
    return format_datetime(value, "d MMMM y, HH:mm") if value else ""


def say_list(words: Iterable[str]) -> str:
    """Join words as a sentence does: "A, B and C"."""
    return format_list(list(words), locale=get_locale())


def say_share(value: float) -> str:
    """Say a share between 0 and 1 as a whole percentage."""
    return format_percent(value, "#,##0 %" if str(get_locale()) != "en" else "#,##0%")


def init(app: Flask) -> None:
    """Attach languages to `app` and its templates."""
    settings = app.config["SETTINGS"]
    Babel(
        app,
        default_locale=settings.language_codes[0],
        default_timezone=settings.time_zone,
        default_translation_directories=str(paths.TRANSLATIONS),
        locale_selector=select_language,
    )
    app.jinja_env.filters.update(
        translate=translate, date=say_date, moment=say_moment, listing=say_list, share=say_share, number=format_decimal
    )
    app.jinja_env.globals.update(language=lambda: str(get_locale()), languages=languages, language_names=LANGUAGE_NAMES)
