"""The pages of bodies and of matters, as a browser without JavaScript sees them."""

import re

import pytest
from sqlalchemy import select

from sip.bodies.actions import referring
from sip.bodies.models import Body, BodyKind, Referral
from sip.core.db import db
from sip.people.models import PersonRole
from tests.factories import make_administrator, make_body, make_cycle, make_office, make_person
from tests.helpers import plain_text, sign_in_as, submit


def test_an_administrator_makes_a_body_seats_people_and_changes_it(client):
    sign_in_as(client, make_administrator())
    assert "No body yet" in client.get("/bodies").text
    person, office = make_person(name="Soizic Prigent"), make_office(slug="rennes")
    fields = {"name": "Comité de Rennes", "kind": "local", "office": "rennes", "role": "Il se **réunit**."}
    refused = submit(client, "/bodies/create", {**fields, "office": ""})
    assert refused.status_code == 422
    assert "Choose the office of this committee." in refused.text
    assert "Il se **réunit**." in refused.text
    made = submit(client, "/bodies/create", fields)
    assert made.location == "/bodies/comite-de-rennes/seats"
    seats = client.get(f"{made.location}?q=soi").text
    assert "Soizic Prigent" in seats
    assert submit(client, made.location, {"person": person.id}).status_code == 303
    assert submit(client, made.location, {"person": person.id, "title": "x" * 121}).status_code == 422
    assert submit(client, made.location, {"person": person.id, "title": "présidente"}).status_code == 303
    for wrong in ("", "x", "999999999", "99999999999999999999"):
        assert submit(client, made.location, {"person": wrong}).status_code in (404, 422), wrong
    shown = plain_text(client.get("/bodies/comite-de-rennes").text)
    for words in ("Local committee", office.name, "Il se réunit.", "Soizic Prigent", "présidente", "1 person"):
        assert words in shown
    page = client.get("/bodies/comite-de-rennes/edit")
    assert 'name="office"' in page.text
    assert 'name="cycle"' not in page.text
    began = re.search(r'name="began_from"[^>]*value="([^"]*)"', page.text).group(1)
    change = {"name": "Comité rennais", "office": "rennes", "role": "", "began_from": began}
    assert submit(client, "/bodies/comite-de-rennes/edit", change).status_code == 303
    clash = submit(client, "/bodies/comite-de-rennes/edit", {**change, "name": "Comité de Bretagne"})
    assert clash.status_code == 409
    assert "Comité rennais" in clash.text
    assert not db.session.scalars(select(Body)).one().takes_referrals
    assert submit(client, f"{made.location}/remove", {"person": person.id}, page=made.location).status_code == 303
    assert "Nobody sits in it yet." in client.get("/bodies/comite-de-rennes").text


def test_who_may_open_what(client):
    member, seated, admin = make_person(), make_person(), make_administrator()
    body = make_body(seated, slug="ethique")
    make_body(kind=BodyKind.BOARD, slug="ca")
    quiet = make_body(takes_referrals=False, slug="muette")
    referral = referring.refer(member, body, "Un secret", "Rien que pour vous")
    pages = {
        "/bodies": "vmsa",
        "/bodies/ethique": "vmsa",
        "/bodies/muette": "vmsa",
        "/bodies/nulle-part": "",
        "/bodies/create": "a",
        "/bodies/ethique/edit": "a",
        "/bodies/ethique/seats": "a",
        "/bodies/ca/seats": "",
        "/bodies/ethique/refer": "msa",
        f"/bodies/{quiet.slug}/refer": "",
        "/referrals": "msa",
        f"/referrals/{referral.id}": "ms",
        "/referrals/99999": "",
    }
    for letter, person in {"v": None, "m": member, "s": seated, "a": admin}.items():
        browser = client.application.test_client()
        if person is not None:
            sign_in_as(browser, person)
        for address, allowed in pages.items():
            status = browser.get(address).status_code
            assert (status == 200) == (letter in allowed), (letter, address, status)
            if address.startswith("/referrals/") and letter not in allowed:
                # Whoever may not read a matter does not learn that there is one; signing in is asked for either way.
                assert status == (302 if person is None else 404)
                sent = submit(browser, address, {"text": "Coucou"}, page="/sign-in" if person is None else "/referrals")
                assert sent.status_code == (401 if person is None else 404)
    assert len(db.session.scalars(select(Referral)).all()) == 1


def test_a_matter_is_referred_answered_noted_and_closed(client):
    author, seated = make_person(name="Ana"), make_person(name="Bea")
    make_body(seated, name="Comité d’éthique", slug="ethique")
    sign_in_as(client, author)
    assert "No matter yet" in client.get("/referrals").text
    page = client.get("/bodies/ethique/refer").text
    assert "They are now:" in page
    assert "Bea" in page
    for fields in ({"subject": "", "text": "x"}, {"subject": "x", "text": ""}, {"subject": "x", "text": "x" * 5_001}):
        refused = submit(client, "/bodies/ethique/refer", fields)
        assert refused.status_code == 422
        assert "Something needs your attention" in refused.text
    sent = submit(client, "/bodies/ethique/refer", {"subject": "Un <secret>", "text": "Voici <b>tout</b>"})
    address = sent.location
    shown = client.get(address).text
    assert "Un &lt;secret&gt;" in shown
    assert "Voici &lt;b&gt;tout&lt;/b&gt;" in shown
    for field in ('name="state"', 'name="is_internal"'):
        assert field not in shown
    # A field that the page does not offer does nothing.
    assert submit(client, address, {"text": "Encore", "state": "closed", "is_internal": "y"}).status_code == 303
    referral = db.session.scalars(select(Referral)).one()
    assert referral.state == "received"

    reader = sign_in_as(client.application.test_client(), seated)
    assert "1 matter waits" in plain_text(reader.get("/bodies/ethique").text)
    assert "1 matter waits" in plain_text(reader.get("/").text)
    assert "matter waits" not in plain_text(client.get("/").text)
    listed = reader.get("/referrals?view=received").text
    assert "Un &lt;secret&gt;" in listed
    assert "Nothing was found" in reader.get("/referrals?view=received&state=closed").text
    assert 'value="in_hand"' in re.search(r"<option selected[^>]*>", reader.get(address).text).group()
    for fields in ({"text": "x", "state": "forged"}, {"text": "", "state": "closed"}):
        assert submit(reader, address, fields).status_code == 422
    assert submit(reader, address, {"text": "Entre nous", "state": "closed", "is_internal": "y"}).status_code == 303
    assert submit(reader, address, {"text": "Nous lisons", "state": "in_hand"}).status_code == 303
    assert submit(reader, address, {"text": "Voilà", "state": "closed"}).status_code == 303
    assert "Entre nous" in reader.get(address).text

    last = plain_text(client.get(address).text)
    assert "Entre nous" not in last
    assert "Nous lisons" in last
    assert "This matter is closed." in last
    assert submit(client, address, {"text": "Mais"}, page="/referrals").status_code in (403, 422)
    assert "Matter closed" in client.get("/referrals").text
    assert client.get("/referrals?view=received").status_code == 200  # one's own list, for who sits nowhere


def test_lists_and_pages_do_not_ask_more_when_there_is_more(client, queries):
    director = make_person(roles=(PersonRole.BOARD_MEMBER,))
    sign_in_as(client, director)
    client.get("/bodies")  # the day's first visit is written down
    board = make_body(kind=BodyKind.BOARD, slug="ca")
    referral = referring.refer(make_person(), board, "Un", "x")
    numbers = {}
    for total in (2, 25):
        for _ in range(total):
            make_body(*(make_person(roles=(PersonRole.BOARD_MEMBER,)) for _ in range(3)))
            referring.refer(make_person(), board, "Encore", "x")
            referring.answer(director, referral, "Un mot")
        make_body(
            kind=BodyKind.STEERING,
            cycle=make_cycle(steering=tuple(make_person() for _ in range(total))),
            slug=f"p{total}",
        )
        for address in ("/bodies", "/bodies/ca", "/referrals?view=received", f"/referrals/{referral.id}"):
            with queries() as statements:
                assert client.get(address).status_code == 200
            numbers.setdefault(address, set()).add(len(statements))
        with queries() as statements:
            assert client.get(f"/bodies/p{total}").status_code == 200
        numbers.setdefault("steering", set()).add(len(statements))
    assert all(len(counts) == 1 for counts in numbers.values()), numbers
    assert max(max(counts) for counts in numbers.values()) < 25


@pytest.mark.parametrize(
    "address", ["/bodies?page=x", "/referrals?state=%00&view=%00", "/bodies/%00", "/bodies?page=9"]
)
def test_odd_addresses_are_no_crash(client, address):
    sign_in_as(client, make_person())
    assert client.get(address).status_code in (200, 404)
