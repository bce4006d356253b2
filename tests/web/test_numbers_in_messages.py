"""Sentences of the domain say numbers as the reader's language groups them."""

import re

import pytest
from flask import Flask
from flask_babel import force_locale

from sip.core.errors import Invalid
from sip.core.messages import message
from sip.drafts.actions.text import checked
from sip.web.forms import Form, long_text_field
from sip.web.i18n import translate
from tests.house.test_translations import TEMPLATE, ids

GROUPED = [("fr", "10\u202f000"), ("nl", "10.000"), ("en", "10,000")]


@pytest.mark.parametrize(("language", "number"), GROUPED)
def test_numbers_are_grouped(app: Flask, language: str, number: str):
    with force_locale(language):
        assert number in translate(message("A document has %(max)d sections at most.", max=10_000))
        assert number in translate(message("This is too long: %(max)s characters at most.", max=10_000))
        said = translate(message("%(email)s stands in line %(line)s already.", email="a@example.org", line=10_000))
        assert number in said
        assert "a@example.org" in said


@pytest.mark.parametrize(("language", "number"), [("fr", "0,5"), ("nl", "0,5"), ("en", "0.5")])
def test_parts_are_said_too(app: Flask, language: str, number: str):
    with force_locale(language):
        assert number in translate(
            message("This file is larger than %(megabytes)s MB, the most we take.", megabytes=0.5)
        )


@pytest.mark.parametrize(("language", "number"), GROUPED)
def test_limits_of_fields_are_grouped(app: Flask, language: str, number: str):
    class LongForm(Form):
        words = long_text_field("Words", 10_000)

    with app.test_request_context(method="POST", data={"words": "x" * 10_001}), force_locale(language):
        form = LongForm()
        assert not form.validate()
        assert number in form.words.errors[0]


def test_what_an_action_says_is_grouped(app: Flask):
    with pytest.raises(Invalid) as told:
        checked("x" * 10_001, 10_000)
    with force_locale("fr"):
        said = translate(told.value.message)
    assert "10\u202f001" in said
    assert "10\u202f000" in said


def test_what_is_no_number_stays_as_it_is(app: Flask):
    with force_locale("fr"):
        assert "12345" in translate(message("There is no office called “%(text)s”.", text="12345"))


@pytest.mark.parametrize("language", ["fr", "nl", "en"])
def test_every_sentence_takes_its_numbers_as_words(app: Flask, language: str):
    """Whatever stands in a catalog: no sentence breaks on a number that is said."""
    with force_locale(language):
        for text in (ids(found)[0] for found in TEMPLATE if found.id):
            names = re.findall(r"%\((\w+)\)[sd]", text)
            if names:
                translate(message(text, **dict.fromkeys(names, 12_345)))
