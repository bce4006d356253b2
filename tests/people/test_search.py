"""Looking people up: each is found once, however many words of their name begin alike, on all pages together."""

import re

import pytest
from flask import Flask

from sip.core import counts
from sip.core.db import db
from sip.people.queries import people_list
from sip.web import paging
from tests.factories import make_administrator, make_person
from tests.helpers import sign_in_as


def found(search: str) -> list[str]:
    return [person.name for person in db.session.scalars(people_list(search))]


def test_two_words_that_begin_alike_find_somebody_once(app: Flask):
    make_person("Marie Martin")
    make_person("Zoé Martin Marchal")
    make_person("Marc Vidal")
    assert found("mar") == ["Marc Vidal", "Marie Martin", "Zoé Martin Marchal"]
    assert found("marie") == ["Marie Martin"]
    assert found("marc") == ["Marc Vidal", "Zoé Martin Marchal"], "by any of the words"


def test_a_name_that_is_its_address_is_found_once(app: Flask):
    person = make_person("sam@example.org", email="sam@example.org")
    assert found("sam") == [person.name]


@pytest.mark.parametrize("search", ["du", "dupont", "d"])
def test_nobody_is_on_two_pages(app: Flask, client, monkeypatch, search):
    monkeypatch.setattr(paging, "PER_PAGE", 3)
    monkeypatch.setattr(paging.paginate, "__kwdefaults__", {"total": None, "per_page": 3})
    names = sorted(f"Dunia Dupont {number}" for number in range(8))
    for name in names:
        make_person(name, email=f"x{name[-1]}@example.org")
    counts.add("people", len(names))
    sign_in_as(client, make_administrator(name="Ada"))
    seen: list[str] = []
    for number in (1, 2, 3):
        page = client.get(f"/people?q={search}&page={number}")
        assert page.status_code == 200
        seen += re.findall(r'<th scope="row"><a [^>]*>([^<]+)</a>', page.text)
    assert sorted(seen) == names
    assert client.get(f"/people?q={search}&page=4").status_code == 404
