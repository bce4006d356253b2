"""`sip check` finds stored counts of people that went astray."""

from flask import Flask

from sip.core import counts
from sip.people import checking
from sip.people.actions import Profile, add_person, change_profile
from tests.factories import make_office


def test_counts_that_went_astray_are_named(app: Flask):
    first, second = make_office(), make_office()
    person = add_person(None, Profile("Ana", "fr", first.id), "ana@example.org")
    add_person(None, Profile("Béa", "fr"), "bea@example.org")
    change_profile(person, person, Profile("Ana", "fr", second.id))
    assert list(checking.problems()) == []
    counts.add(f"people.office.{first.id}")
    counts.add("people", -1)
    assert list(checking.problems()) == [
        "the stored count people is 1 instead of 2",
        f"the stored count people.office.{first.id} is 1 instead of 0",
    ]
