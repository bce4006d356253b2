"""NUL never reaches a view, on either database."""

from flask import Flask
from flask.testing import FlaskClient

from sip.core.db import db
from tests.factories import make_person
from tests.helpers import sign_in_as, submit


def test_an_address_with_a_nul_leads_nowhere(app: Flask, client: FlaskClient):
    for address in ("/drafts/%00", "/drafts?theme=%00", "/groups/x%00y", "/cycles?%00=1", "/people?q=%00"):
        assert client.get(address).status_code == 404, address


def test_a_typed_nul_is_dropped(app: Flask, client: FlaskClient):
    person = make_person("Ana")
    sign_in_as(client, person)
    answer = submit(client, "/me/profile", {"name": "A\0na", "language": "en", "office_id": "", "stakeholder": ""})
    assert answer.status_code == 303, answer.text
    db.session.refresh(person)
    assert person.name == "Ana"
