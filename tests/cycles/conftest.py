"""People who look after cycles, signed in in the browser of the test."""

import pytest
from flask.testing import FlaskClient

from sip.people.models import Person
from tests.factories import make_administrator, make_person
from tests.helpers import sign_in_as


@pytest.fixture
def admin(client: FlaskClient) -> Person:
    """Somebody who administers the installation."""
    person = make_administrator(name="Camille")
    sign_in_as(client, person)
    return person


@pytest.fixture
def steering(client: FlaskClient) -> Person:
    """Somebody whom a test puts on a steering committee."""
    person = make_person(name="Hugo")
    sign_in_as(client, person)
    return person
