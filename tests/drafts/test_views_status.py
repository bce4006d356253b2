"""What a page that lost its connection is told: who is signed in, whether they may read on, nothing that is hidden."""

import pytest

READERS = ("referent", "steering", "participant", "secretary", "facilitator")


def status(client, address):
    answer = client.get(f"{address}/live/status")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-cache"
    return answer.json


def test_a_visitor_is_nobody(client, house):
    assert status(client, house.address) == {"person": None, "may_read": False}
    assert status(client, "/drafts/nope") == {"person": None, "may_read": False}


@pytest.mark.parametrize("role", READERS)
def test_who_may_read_is_told_so(client, house, sign_in, role):
    sign_in(house.people[role])
    assert status(client, house.address) == {"person": house.people[role].id, "may_read": True}


@pytest.mark.parametrize("role", ["member", "board", "administrator"])
def test_others_are_told_no_more_than_of_a_document_that_is_not_there(client, house, sign_in, role):
    sign_in(house.people[role])
    there, missing = status(client, house.address), status(client, "/drafts/nope")
    assert there == missing == {"person": house.people[role].id, "may_read": False}
