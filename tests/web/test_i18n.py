"""Dates, moments and numbers are said as each language writes them."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask, render_template_string
from flask_babel import force_locale, ngettext

from sip.web.i18n import say_date, say_moment, say_share

COUNT = "{{ ngettext('%(num)s word', '%(num)s words', count) }}"


@pytest.mark.parametrize(
    ("language", "day", "long", "without_year"),
    [
        ("fr", date(2027, 2, 1), "1er\u00a0février 2027", "1er\u00a0février"),
        ("fr", date(2027, 3, 11), "11\u00a0mars 2027", "11\u00a0mars"),
        ("fr", date(2026, 11, 2), "2\u00a0novembre 2026", "2\u00a0novembre"),
        ("nl", date(2027, 2, 1), "1\u00a0februari 2027", "1\u00a0februari"),
        ("en", date(2027, 2, 1), "February\u00a01, 2027", "February\u00a01"),
    ],
)
def test_a_day_stays_with_its_month(app: Flask, language: str, day: date, long: str, without_year: str):
    with force_locale(language):
        assert say_date(day) == long
        assert say_date(day, "day") == without_year


def test_a_day_in_figures(app: Flask):
    with force_locale("fr"):
        assert say_date(date(2027, 2, 1), "short") == "01/02/2027"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", "1er\u00a0juillet 2026 à\u00a00\u00a0h\u00a005"),
        ("nl", "1\u00a0juli 2026, 00:05"),
        ("en", "July\u00a01, 2026, 00:05"),
    ],
)
def test_a_moment_is_in_the_time_zone_of_the_house(app: Flask, language: str, said: str):
    with force_locale(language):
        assert say_moment(datetime(2026, 6, 30, 22, 5, tzinfo=UTC)) == said


@pytest.mark.parametrize(
    ("language", "said"), [("fr", "72\u202f%"), ("nl", "72\u202f%"), ("en", "72%")], ids=["fr", "nl", "en"]
)
def test_a_share_stays_with_its_sign(app: Flask, language: str, said: str):
    with force_locale(language):
        assert say_share(0.721) == said


def test_no_day_and_no_moment_are_said_with_nothing(app: Flask):
    assert (say_date(None), say_moment(None)) == ("", "")


@pytest.mark.parametrize(("language", "number"), [("fr", "38\u202f000"), ("nl", "38.000"), ("en", "38,000")])
def test_counts_are_grouped_by_thousands_in_pages_and_in_messages(app: Flask, language: str, number: str):
    with app.test_request_context(), force_locale(language):
        assert render_template_string(COUNT, count=38_000).startswith(number)
        assert ngettext("%(num)s word", "%(num)s words", 38_000).startswith(number)


def test_a_count_still_chooses_its_plural_and_escapes_what_it_is_given(app: Flask):
    with app.test_request_context(), force_locale("en"):
        assert render_template_string(COUNT, count=1) == "1 word"
        assert render_template_string(COUNT, count=0) == "0 words"
        page = "{{ ngettext('%(num)s in “%(stage)s”', '%(num)s in “%(stage)s”', 2, stage='<b>') }}"
        assert render_template_string(page) == "2 in “&lt;b&gt;”"
