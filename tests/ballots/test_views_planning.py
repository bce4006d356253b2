"""Calling a ballot on its pages: the form and what is wrong in it, changed, cancelled, another round."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from sip.ballots.models import Ballot, BallotState, Electorate, Method, Secrecy
from sip.core import clock
from sip.core.db import db
from sip.cycles.stages import Stage
from tests.ballots.conftest import HOUR, closed
from tests.factories import let_stand
from tests.helpers import plain_text, sign_in_as, submit, token_of

HOUSE = ZoneInfo("Europe/Brussels")
ALTERNATIVES = "Une carte\n\n  Un journal | Quatre pages.  \n"


def day(**later):
    """A moment as a browser sends it."""
    return (clock.now() + timedelta(**later)).astimezone(HOUSE).strftime("%Y-%m-%dT%H:%M")


def filled(house, **other):
    given = {
        "sections": [house.section(1).key],
        "question": "Adoptons-nous ceci ?",
        "method": "majority",
        "rule": "two_thirds",
        "electorate": "members",
        "quorum": "25",
        "secrecy": "secret",
        "opens_at": day(days=1),
        "closes_at": day(days=9),
        **other,
    }
    return {name: value for name, value in given.items() if value is not None}


def plan(client, house, **other):
    return submit(client, f"/drafts/{house.draft.slug}/ballots/new", filled(house, **other))


def ballots():
    db.session.expire_all()
    return list(db.session.scalars(select(Ballot).order_by(Ballot.id)))


def test_a_ballot_is_planned_changed_and_cancelled(client, house):
    sign_in_as(client, house["facilitator"])
    empty = client.get(f"/drafts/{house.draft.slug}/ballots")
    assert "Nothing has been put to the vote yet" in empty.text
    form = client.get(f"/drafts/{house.draft.slug}/ballots/new?section={house.section(2).slug}")
    ticked = re.findall(r'<input checked[^>]*name="sections"[^>]*value="(\w+)"', form.text)
    assert ticked == [house.section(2).key]
    done = plan(client, house, explanation="Voir **ici**.")
    assert done.status_code == 303
    [ballot] = ballots()
    assert (ballot.method, ballot.rule, ballot.secrecy, ballot.quorum) == ("majority", "two_thirds", "secret", 25)
    assert (ballot.state, ballot.electorate, ballot.version.number) == (BallotState.PLANNED, "members", 1)
    assert ballot.closes_at - ballot.opens_at == timedelta(days=8)
    shown = client.get(done.location)
    assert "It opens by itself on" in plain_text(shown.text)
    kept = re.search(r'data-keep="([^"]+)"', form.text)[1]
    assert f'data-kept-saved="{kept}"' in shown.text
    assert "<strong>ici</strong>" in shown.text
    assert "Les comptes sont publiés." in shown.text  # the text that is voted on
    edit = f"/ballots/{ballot.id}/edit"
    assert 'value="Adoptons-nous ceci ?"' in client.get(edit).text
    changed = filled(house, method="ranking", alternatives=ALTERNATIVES, secrecy="open", electorate="offices")
    changed["offices"] = [str(house.offices[0].id)]
    assert submit(client, edit, changed).status_code == 303
    [ballot] = ballots()
    titles = [(each.title, each.text) for each in ballot.alternatives if each.number]
    assert titles == [("Une carte", ""), ("Un journal", "Quatre pages.")]
    assert [each.office_id for each in ballot.offices] == [house.offices[0].id]
    assert "Un journal | Quatre pages." in client.get(edit).text
    cancel = f"/ballots/{ballot.id}/cancel"
    assert submit(client, cancel, {"reason": " "}).status_code == 422
    assert submit(client, cancel, {"reason": "Trop <tôt>."}).status_code == 303
    page = client.get(f"/ballots/{ballot.id}")
    assert "This ballot was cancelled." in page.text
    assert "Trop &lt;tôt&gt;." in page.text
    assert client.get(edit).status_code == 403


WRONG = [
    ({"question": " "}, "question"),
    ({"question": "x" * 301}, "question"),
    ({"sections": None}, "sections"),
    ({"sections": ["elsewhere"]}, "sections"),
    ({"method": "lottery"}, "method"),
    ({"method": None}, "method"),
    ({"quorum": "101"}, "quorum"),
    ({"quorum": "half"}, "quorum"),
    ({"method": "consent"}, "secrecy"),  # which was filled in as secret
    ({"electorate": "offices"}, "offices"),
    ({"method": "ranking", "alternatives": "Une seule"}, "alternatives"),
    ({"method": "ranking", "alternatives": "Une\nune"}, "alternatives"),
    ({"method": "ranking", "alternatives": "\n".join(map(str, range(11)))}, "alternatives"),
    ({"opens_at": day(days=-1)}, "opens_at"),
    ({"opens_at": "tomorrow"}, "opens_at"),
    ({"opens_at": "0001-01-01T00:00"}, "opens_at"),
    ({"closes_at": None}, "closes_at"),
    ({"closes_at": day(days=1)}, "closes_at"),
    ({"closes_at": day(days=500)}, "closes_at"),
    ({"explanation": "x" * 10_001}, "explanation"),
]


def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(client, house):
    sign_in_as(client, house["steering"])
    for wrong, field in WRONG:
        answer = plan(client, house, **{"explanation": "Un long motif.", **wrong})
        assert answer.status_code == 422, wrong
        assert f'<a href="#{field}">' in answer.text, wrong
        assert "explanation" in wrong or "Un long motif." in answer.text, wrong
    assert ballots() == []
    # As people write a moment who have no field for it; empty, it opens at once.
    answer = plan(client, house, opens_at="", closes_at=(clock.now() + timedelta(days=3)).strftime("%d/%m/%Y %H:%M"))
    assert answer.status_code == 303
    assert ballots()[0].state == BallotState.OPEN
    # What has a ballot already is not offered again.
    page = client.get(f"/drafts/{house.draft.slug}/ballots/new")
    assert f'value="{house.section(1).key}"' not in page.text
    assert f'value="{house.section(2).key}"' in page.text


@pytest.mark.parametrize("who", [None, "member", "participant", "referent", "board", "administrator"])
def test_others_call_nothing(client, house, who):
    ballot = house.plan(opens_at=clock.now() + HOUR)
    if who:
        sign_in_as(client, house[who])
    for path in (
        f"/drafts/{house.draft.slug}/ballots/new",
        *(f"/ballots/{ballot.id}/{each}" for each in ("edit", "cancel", "next-round", "roll")),
    ):
        answer = client.get(path)
        assert answer.status_code == (403 if who else 302), path
    listed = client.get(f"/drafts/{house.draft.slug}/ballots")
    assert listed.status_code == 200
    assert "ballots/new" not in listed.text
    assert f'href="/ballots/{ballot.id}"' in listed.text
    assert "For those who call ballots" not in client.get(f"/ballots/{ballot.id}").text


def test_a_second_round_follows_an_objection(client, house):
    first = house.plan()
    house.vote(first, facilitator="consent", participant="objection: Il manque un délai.")
    sign_in_as(client, house["facilitator"])
    assert client.get(f"/ballots/{first.id}/next-round").status_code == 403
    closed(first)
    page = client.get(f"/ballots/{first.id}")
    assert "there are objections to work through" in page.text
    assert "Il manque un délai." in page.text
    assert "Paul Participe" in page.text
    address = f"/ballots/{first.id}/next-round"
    assert "has not changed since" in plain_text(client.get(address).text)
    house.new_version(1, "Les comptes sont publiés sous un mois.")
    assert "on version 2" in plain_text(client.get(address).text)
    fields = {"question": "Et maintenant ?", "explanation": "Un délai y est.", "closes_at": day(days=2)}
    assert submit(client, address, {**fields, "closes_at": ""}).status_code == 422
    done = submit(client, address, fields)
    assert done.status_code == 303
    second = ballots()[-1]
    assert (second.round, second.previous_id, second.version.number) == (2, first.id, 2)
    shown = client.get(done.location)
    assert "Consent round, round 2" in plain_text(shown.text)
    assert f'href="/ballots/{first.id}"' in shown.text
    assert "versions/1..2" in shown.text
    assert "sous un mois" in shown.text
    # The first round stays, and has no further one, whatever page was still open.
    shown = client.get(f"/ballots/{first.id}").text
    assert "next-round" not in shown
    assert f'href="/ballots/{second.id}">This question was put again: round 2' in shown
    closed(second)
    assert client.get(address).status_code == 403
    token = token_of(client.get(f"/ballots/{second.id}/next-round"))
    assert client.post(address, data={"csrf_token": token, **fields}).status_code == 403
    # Visitors read the objection, and not whose it is: names with votes are for members.
    visitor = plain_text(client.application.test_client().get(f"/ballots/{first.id}").text)
    assert "Il manque un délai." in visitor
    assert "Paul Participe" not in visitor


def test_a_ballot_is_on_the_version_that_whoever_called_it_has_seen(client, house):
    sign_in_as(client, house["facilitator"])
    house.plan(places=(1,))
    address = f"/drafts/{house.draft.slug}/ballots/new"
    seen = re.search(r'name="seen_version"[^>]*value="(\d+)"', client.get(address).text)[1]
    house.new_version(2, "Un budget plus grand.")
    fields = filled(house, sections=[house.section(2).key], seen_version=seen)
    refused = submit(client, address, fields)
    assert (refused.status_code, "Version 2 was published meanwhile" in refused.text) == (422, True)
    assert len(ballots()) == 1
    fields["seen_version"] = re.search(r'name="seen_version"[^>]*value="(\d+)"', refused.text)[1]
    assert submit(client, address, fields).status_code == 303
    assert ballots()[-1].version.number == 2


def test_everybody_follows_it_from_list_to_section_and_first_page(client, house):
    ballot = house.open_to_all(
        shows_interim=True, method=Method.RANKING, alternatives=[("Une carte", ""), ("Un journal", "")]
    )
    house.vote(ballot, member="1,2,0", other="1=2,0")
    sign_in_as(client, house["secretary"])
    assert "A ballot waits for your vote" in client.get("/").text
    section = client.get(f"/drafts/{house.draft.slug}/{house.section(1).slug}")
    assert f'href="/ballots/{ballot.id}"' in section.text
    page = plain_text(client.get(f"/ballots/{ballot.id}").text)
    assert "How it stands" in page
    assert "“Une carte” wins against “Un journal”, 1 to 0." in page
    assert "9 of" not in page
    assert "2 of 9 have voted so far" in page
    closed(ballot)
    page = plain_text(client.get(f"/ballots/{ballot.id}").text)
    assert "“Une carte” comes first" in page
    votes = client.get(f"/ballots/{ballot.id}/votes")
    assert "Max Membre" in votes.text
    assert "Une carte › Un journal › Leave everything as it is" in plain_text(votes.text)
    assert "Max Membre" in client.get(f"/ballots/{ballot.id}/votes.csv").text
    journal = plain_text(client.get(f"/drafts/{house.draft.slug}/history").text)
    for words in ("called a ballot", "opened the ballot", "counted its votes: “Adopted”"):
        assert words in journal, words
    assert "no words for yet" not in journal
    # Names with votes are for members.
    visitor = client.application.test_client()
    assert visitor.get(f"/ballots/{ballot.id}").status_code == 200
    for path in ("votes", "votes.csv"):
        assert visitor.get(f"/ballots/{ballot.id}/{path}").status_code == 302
    assert visitor.get("/ballots/987654").status_code == 404


def test_ballots_of_what_nobody_may_know_are_not_there(client, house):
    ballot = house.plan()
    let_stand(house.draft, Stage.DRAFTING)
    house.draft.published_number = None
    db.session.commit()
    sign_in_as(client, house["member"])
    for path in ("", "/votes", "/votes.csv", "/roll", "/edit", "/opinions"):
        assert client.get(f"/ballots/{ballot.id}{path}").status_code == 404, path


def test_a_page_costs_the_same_however_many_voted(client, house, queries):
    ballot = house.plan(electorate=Electorate.MEMBERS, method=Method.MAJORITY, secrecy=Secrecy.OPEN)
    sign_in_as(client, house["facilitator"])
    client.get(f"/ballots/{ballot.id}")  # what is read once and kept
    costs = []
    for role in ("member", "other", "participant", "secretary"):
        house.vote(ballot, **{role: "for"})
        with queries() as statements:
            assert client.get(f"/ballots/{ballot.id}").status_code == 200
        costs.append(len(statements))
    assert len(set(costs)) == 1
    closed(ballot)
    with queries() as statements:
        client.get(f"/ballots/{ballot.id}/votes")
    assert len(statements) < 20
