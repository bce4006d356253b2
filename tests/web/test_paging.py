"""Pages of a list keep its filters; nothing that an address brings is more than a filter."""

import re

import pytest
from flask import Flask

from sip.core import counts
from sip.core.db import db
from tests.factories import make_administrator, make_person
from tests.helpers import sign_in_as


@pytest.fixture
def many(client):
    sign_in_as(client, make_administrator())
    for number in range(31):
        make_person(f"Personne Nombreuse {number}")
    counts.add("people", 32)
    db.session.commit()
    return client


def next_page(page) -> str:
    return re.search(r'href="([^"]*page=2[^"]*)"', page.text)[1]


def test_the_next_page_keeps_the_filters(app: Flask, many):
    address = next_page(many.get("/people?q=nombreuse"))
    assert address == "/people?q=nombreuse&amp;page=2"
    assert many.get("/people?q=nombreuse&page=2").status_code == 200


@pytest.mark.parametrize("trick", ["endpoint=x", "_external=1&_scheme=javascript", "_anchor=x", "_method=POST"])
def test_an_address_cannot_lead_elsewhere(app: Flask, many, trick):
    answer = many.get(f"/people?{trick}")
    assert answer.status_code == 200
    assert next_page(answer) == "/people?page=2"
