"""The names that a comment can call: for those who may write one, of those who take part."""

from flask import Flask

from sip.threads.models import ThreadKind
from tests.factories import make_person
from tests.helpers import sign_in_as
from tests.threads.conftest import Forum


def test_members_are_told_who_takes_part_and_visitors_are_not(app: Flask, forum: Forum):
    address = f"/drafts/{forum.draft.slug}/discussion/names"
    assert app.test_client().get(address).status_code == 302
    client = sign_in_as(app.test_client(), make_person())
    assert client.get(address).get_json()["names"] == ["Ana Facilite", "Paul Participe", "Rita Réfère", "Sam Secrète"]
    thread = forum.say("member", "Bonjour", ThreadKind.REMARK)
    assert "Max Membre" in client.get(f"{address}?thread={thread.id}").get_json()["names"]


def test_a_thread_that_one_may_not_see_names_nobody(app: Flask, forum: Forum):
    thread = forum.say("facilitator", "Entre nous", ThreadKind.REMARK)
    thread.is_internal = True
    client = sign_in_as(app.test_client(), make_person())
    address = f"/drafts/{forum.draft.slug}/discussion/names"
    for wrong in (thread.id, 0, "x", 99999):
        assert client.get(f"{address}?thread={wrong}").status_code == 404
