"""A working group whose facilitator is signed in in the browser of the test."""

import pytest
from flask.testing import FlaskClient

from sip.groups.models import WorkingGroup
from sip.people.models import Person
from tests.factories import make_group, make_person
from tests.helpers import sign_in_as


@pytest.fixture
def facilitator(client: FlaskClient) -> Person:
    """Whoever leads `group`."""
    person = make_person(name="Maëlle Kerdoncuff")
    sign_in_as(client, person)
    return person


@pytest.fixture
def group(facilitator: Person) -> WorkingGroup:
    """A group that has nobody but its facilitator."""
    return make_group(facilitator=facilitator, name="Groupe de Rennes", slug="rennes")
