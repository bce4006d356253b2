"""Proxies on their page: looked up by name, given, refused with a reason, taken back."""

import re
from datetime import timedelta

from sqlalchemy import select

from sip.ballots.models import Proxy
from sip.core import clock
from sip.core.db import db
from tests.factories import make_person
from tests.helpers import plain_text, sign_in_as, submit

PAGE = "/me/proxies"


def give(client, person, **other):
    fields = {"q": person.name[:3], "holder": str(person.id), "scope": "ballot", **other}
    return submit(client, PAGE, fields)


def proxies():
    db.session.expire_all()
    return list(db.session.scalars(select(Proxy).order_by(Proxy.id)))


def test_a_proxy_for_one_ballot_is_given_and_taken_back(client, house):
    ballot = house.open_to_all()
    sign_in_as(client, house["member"])
    assert f"/me/proxies?ballot={ballot.id}" in client.get(f"/ballots/{ballot.id}").text
    found = client.get(f"{PAGE}?q=olg&ballot={ballot.id}")
    assert "Olga Autre" in found.text
    assert f'<option selected value="{ballot.id}">' in found.text
    done = give(client, house["other"], ballot=str(ballot.id))
    assert done.status_code == 303
    [proxy] = proxies()
    assert (proxy.giver_id, proxy.holder_id, proxy.ballot_id) == (house["member"].id, house["other"].id, ballot.id)
    page = client.get(done.location)
    assert "Olga Autre can vote for you now" in page.text
    revoke = f"{PAGE}/{proxy.id}/revoke"
    sign_in_as(client, house["other"])
    page = client.get(PAGE)
    assert "Max Membre" in page.text
    way = re.search(r'href="(/ballots/\d+\?for=\d+)#vote"', page.text)[1]
    assert "Your vote for Max Membre" in client.get(way).text
    assert submit(client, revoke, {}, page=PAGE).status_code == 403
    sign_in_as(client, house["secretary"])
    assert submit(client, revoke, {}, page=PAGE).status_code == 404
    sign_in_as(client, house["member"])
    assert submit(client, revoke, {}, page=PAGE).status_code == 303
    assert proxies()[0].revoked_at is not None
    assert "taken back on" in client.get(PAGE).text


def test_a_proxy_for_a_while(client, house):
    sign_in_as(client, house["member"])
    until = (clock.today() + timedelta(days=20)).isoformat()
    assert give(client, house["other"], scope="period", valid_until=until).status_code == 303
    [proxy] = proxies()
    assert proxy.ballot_id is None
    assert proxy.valid_from <= clock.now() < proxy.valid_until
    assert "All ballots from" in client.get(PAGE).text


def test_what_cannot_be_is_said_with_its_reason(client, house):
    ballot, of_group = house.open_to_all(), house.plan(places=(2,))
    member, other, secretary = house["member"], house["other"], house["secretary"]
    sign_in_as(client, member)
    here = {"ballot": str(ballot.id)}
    long_ago = (clock.today() - timedelta(days=20)).isoformat()
    rows = [
        (member, here, "for somebody else"),
        (make_person("Olga Invitée", joined_at=None), here, "Look somebody up"),
        (other, {"ballot": "999999"}, "Please choose"),
        (other, {"ballot": str(of_group.id)}, "Please choose"),  # I am not on its roll
        (other, {"scope": "period"}, "until when"),
        (other, {"scope": "period", "valid_until": long_ago}, "has passed"),
        (other, {"holder": "x", **here}, "Look somebody up"),
        (other, {"holder": "", **here}, "Look somebody up"),
    ]
    for holder, fields, words in rows:
        answer = give(client, holder, **fields)
        assert answer.status_code == 422, words
        assert "error-summary" in answer.text
        assert words in plain_text(answer.text), words
    # Two hands are full after two proxies.
    for giver, status in ((member, 303), (house["participant"], 303), (secretary, 422)):
        sign_in_as(client, giver)
        assert give(client, other, **here).status_code == status
    # No chains: who holds cannot give, who gave cannot hold.
    sign_in_as(client, other)
    assert "cannot be passed on" in give(client, secretary, **here).text
    sign_in_as(client, secretary)
    assert "has given a proxy" in give(client, member, **here).text
    assert len(proxies()) == 2


def test_people_are_found_by_name_alone(client, house):
    make_person("Zoé Lointaine", email="secrete-adresse@example.org")
    make_person("Zoé Absente", joined_at=None)
    assert client.get(PAGE).status_code == 302
    sign_in_as(client, house["member"])
    for words, is_found in (
        ("zoe", True),
        ("loin", True),
        ("secrete", False),
        ("secrete-adresse@example.org", False),
        ("z", False),
    ):
        assert ("Zoé Lointaine" in client.get(PAGE, query_string={"q": words}).text) == is_found, words
    assert "Zoé Absente" not in client.get(f"{PAGE}?q=zoe").text
    assert "Max Membre</label>" not in client.get(f"{PAGE}?q=max").text  # oneself
    assert "secrete-adresse" not in client.get(f"{PAGE}?q=zoe").text
