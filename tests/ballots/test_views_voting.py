"""Voting on its page, without JavaScript: in the open, in secret with a receipt, by ranking, by proxy; wrong input."""

import re

import pytest
from sqlalchemy import select

from sip.ballots import ballot_page, queries
from sip.ballots.actions import proxies, voting
from sip.ballots.models import Ballot, Method, Secrecy, Turnout, Urn, Vote
from sip.core import clock
from sip.core.db import db
from sip.core.journal import JournalEntry
from sip.cycles.stages import Stage
from sip.threads.models import Thread
from sip.web.once import Submission
from tests.ballots.conftest import HOUR, closed
from tests.factories import let_stand
from tests.helpers import forged, journal_events, plain_text, sign_in_as, submit, token_of

RANKING = (("Une carte", ""), ("Un journal", "Quatre pages."))


def send(client, ballot, **fields):
    return submit(client, f"/ballots/{ballot.id}/vote", fields, page=f"/ballots/{ballot.id}")


def vote_of(ballot, person):
    db.session.expire_all()
    return db.session.get(Vote, (ballot.id, person.id))


def hidden_fields(page):
    """The fields that a page's form would send on its own."""
    form = re.search(r'<form method="post"[^>]*/vote".*?</form>', page.text, re.DOTALL)[0]
    inputs = re.findall(r'<input[^>]*type="hidden"[^>]*>', form)
    return {re.search(r'name="([^"]+)"', each)[1]: re.search(r'value="([^"]*)"', each)[1] for each in inputs}


def test_an_open_vote_is_cast_changed_and_shown_to_its_voter(client, house):
    ballot = house.plan()
    sign_in_as(client, house["participant"])
    page = client.get(f"/ballots/{ballot.id}")
    assert "Your vote is awaited" in page.text
    assert "This ballot is open." in page.text
    assert send(client, ballot, choice="consent").status_code == 303
    assert vote_of(ballot, house["participant"]).choice == "consent"
    # An objection needs its reason; what was chosen stays.
    wrong = send(client, ballot, choice="objection", opinion=" ")
    assert wrong.status_code == 422
    assert "error-summary" in wrong.text
    assert re.search(r'value="objection"[^>]*checked|checked[^>]*value="objection"', wrong.text)
    assert vote_of(ballot, house["participant"]).choice == "consent"
    done = send(client, ballot, choice="objection", opinion="Il manque <b>un délai</b>.")
    shown = client.get(done.location)
    assert "Your vote is changed" in shown.text
    assert "This vote is cast: Objection" in plain_text(shown.text)
    assert "&lt;b&gt;un délai" in shown.text
    assert db.session.scalars(select(Thread)).one().key == house.section().key
    # Nobody else sees counts or votes meanwhile.
    sign_in_as(client, house["facilitator"])
    others = client.get(f"/ballots/{ballot.id}")
    assert 'id="result"' not in others.text
    assert client.get(f"/ballots/{ballot.id}/votes").status_code == 403


def test_a_secret_vote_is_checked_first_then_final_and_leaves_nothing_beside_its_voter(client, house):
    ballot = house.open_to_all(secrecy=Secrecy.SECRET)
    member = house["member"]
    sign_in_as(client, member)
    page = client.get(f"/ballots/{ballot.id}")
    assert "watches it while you vote, could still find out" in plain_text(page.text)
    assert "final once it is cast" in page.text
    check = send(client, ballot, choice="against", opinion="Trop tôt.")
    assert check.status_code == 200
    assert check.headers["Cache-Control"] == "private, no-store"
    code = re.search(r'class="receipt-code">([^<]+)<', check.text)[1]
    assert "Against" in check.text
    assert db.session.scalars(select(Turnout)).all() == []
    fields = hidden_fields(check)
    done = client.post(f"/ballots/{ballot.id}/vote", data=fields)
    assert done.status_code == 200
    assert done.headers["Cache-Control"] == "private, no-store"
    assert code in done.text
    # The same form, sent again: the same answer, and still one vote.
    again = client.post(f"/ballots/{ballot.id}/vote", data=fields)
    assert (again.status_code, code in again.text) == (200, True)
    db.session.expire_all()
    assert db.session.get(Ballot, ballot.id).voted == 1
    assert "".join(db.session.scalars(select(Urn.votes))).count(code) == 1
    # Another vote is refused, and an answer chosen anew as well.
    refused = client.post(f"/ballots/{ballot.id}/vote", data={"csrf_token": fields["csrf_token"], "choice": "for"})
    assert refused.status_code == 403
    assert "final" in refused.text
    # Neither the journal nor what is kept of forms says anything of it.
    assert not [event for event in journal_events() if event.startswith("vote.")]
    for text in (
        db.session.scalars(select(JournalEntry.data)).all() + db.session.scalars(select(Submission.led_to)).all()
    ):
        assert code not in str(text)
    shown = client.get(f"/ballots/{ballot.id}")
    assert code not in shown.text
    assert "You have voted" in shown.text


def test_receipts_are_not_chosen_and_not_passed_on(client, house):
    """A code that was not drawn for this voter in this ballot casts nothing."""
    ballot, other = (house.open_to_all(secrecy=Secrecy.SECRET, places=(place,)) for place in (1, 2))
    sign_in_as(client, house["member"])
    fields = hidden_fields(send(client, other, choice="for"))
    own = hidden_fields(send(client, ballot, choice="for"))
    for receipt in (fields["receipt"], forged(own["receipt"]), "AAAA-AAAA-AAAA-AAAA"):
        refused = client.post(f"/ballots/{ballot.id}/vote", data={**own, "receipt": receipt})
        assert refused.status_code == 422
        assert "was not cast" in refused.text
    sign_in_as(client, house["other"])
    token = token_of(client.get(f"/ballots/{ballot.id}"))
    stolen = client.post(f"/ballots/{ballot.id}/vote", data={**own, "csrf_token": token})
    assert stolen.status_code == 422
    assert db.session.scalars(select(Turnout)).all() == []


@pytest.mark.parametrize(
    ("places", "status", "stored"),
    [
        ({"place_1": "2", "place_2": "1", "place_0": ""}, 303, "2,1,0"),
        ({"place_1": "1", "place_2": "1"}, 303, "1=2,0"),
        ({"place_1": "1"}, 303, "1,0=2"),
        ({"place_1": "1", "place_2": "3"}, 422, None),  # a hole
        ({"place_1": "", "place_2": ""}, 422, None),
        ({"place_1": "9"}, 422, None),
        ({"place_1": "first"}, 422, None),
    ],
)
def test_a_ranking_by_places(client, house, places, status, stored):
    ballot = house.open_to_all(method=Method.RANKING, alternatives=RANKING)
    sign_in_as(client, house["member"])
    answer = send(client, ballot, **places)
    assert answer.status_code == status
    vote = vote_of(ballot, house["member"])
    assert (vote.choice if vote else None) == stored
    if stored:
        page = client.get(f"/ballots/{ballot.id}").text
        chosen = re.findall(r'<select[^>]*name="(place_\d)".*?</select>', page, re.DOTALL)
        assert sorted(chosen) == ["place_0", "place_1", "place_2"]
        assert send(client, ballot, **{name: given(page, name) for name in chosen}).status_code == 303
        assert vote_of(ballot, house["member"]).choice == stored
    else:
        assert "error-summary" in answer.text


def given(page, name):
    """What is chosen in a field of a page."""
    options = re.search(rf'<select[^>]*name="{name}".*?</select>', page, re.DOTALL)[0]
    found = re.search(r"<option selected value=\"(\d*)\"", options)
    return found[1] if found else ""


def test_the_vote_of_somebody_whose_proxy_one_holds(client, house):
    ballot = house.open_to_all()
    proxies.give(house["other"], house["member"], ballot=ballot, most=2)
    db.session.commit()
    sign_in_as(client, house["member"])
    home = client.get("/")
    assert "A ballot waits for your vote for Olga Autre" in home.text
    address = f"/ballots/{ballot.id}?for={house['other'].id}"
    page = client.get(address)
    assert "Your vote for Olga Autre" in page.text
    done = submit(client, f"/ballots/{ballot.id}/vote", {**hidden_fields(page), "choice": "for"}, page=address)
    assert done.status_code == 303
    assert vote_of(ballot, house["other"]).choice == "for"
    assert vote_of(ballot, house["member"]) is None
    # Nobody votes for those whose proxy they do not hold.
    for giver in (house["facilitator"].id, "999999999999", "x"):
        assert send(client, ballot, giver=str(giver), choice="for").status_code == 403
        assert client.get(f"/ballots/{ballot.id}?for={giver}").status_code == 403
    # The giver's own vote takes the place of it.
    sign_in_as(client, house["other"])
    assert "Your proxy has voted for you" in client.get(f"/ballots/{ballot.id}").text
    assert send(client, ballot, choice="against").status_code == 303
    assert vote_of(ballot, house["other"]).choice == "against"
    sign_in_as(client, house["member"])
    assert send(client, ballot, giver=str(house["other"].id), choice="for").status_code == 403
    assert vote_of(ballot, house["other"]).choice == "against"


def test_votes_that_may_not_be_cast(client, house):
    group, planned = house.plan(), house.plan(places=(2,), opens_at=clock.now() + HOUR)
    data = {"choice": "consent"}
    assert client.get(f"/ballots/{group.id}").status_code == 200
    assert "Sign in to vote." in client.get(f"/ballots/{group.id}").text
    assert client.post(f"/ballots/{group.id}/vote", data=data).status_code in (401, 403)
    sign_in_as(client, house["member"])
    page = client.get(f"/ballots/{group.id}")
    assert "You are not on the roll of this ballot" in page.text
    token = token_of(page)
    rows = [(group.id, 403, "not on the roll"), (planned.id, 403, "not open yet"), (987_654, 404, "")]
    for number, status, words in rows:
        answer = client.post(f"/ballots/{number}/vote", data={"csrf_token": token, **data})
        assert (answer.status_code, words in answer.text) == (status, True), number
    sign_in_as(client, house["participant"])
    token = token_of(client.get(f"/ballots/{group.id}"))
    for choice in ("for", "", "consent,objection"):
        answer = client.post(f"/ballots/{group.id}/vote", data={"csrf_token": token, "choice": choice})
        assert answer.status_code == 422, choice
    with clock.at(group.closes_at):  # whether or not anybody has counted
        late = client.post(f"/ballots/{group.id}/vote", data={"csrf_token": token, **data})
        assert (late.status_code, "is over" in late.text) == (403, True)
        assert "being counted" in client.get(f"/ballots/{group.id}").text
    let_stand(house.draft, Stage.CONCERTATION)
    assert client.post(f"/ballots/{group.id}/vote", data={"csrf_token": token, **data}).status_code == 403
    assert db.session.scalars(select(Vote)).all() == []


def test_whoever_leads_counts_at_once_when_everybody_has_voted(client, house):
    ballot = house.plan()
    house.vote(ballot, facilitator="consent", secretary="consent", participant="consent")
    sign_in_as(client, house["facilitator"])
    address = f"/ballots/{ballot.id}/close"
    assert submit(client, address, {}, page=f"/ballots/{ballot.id}").status_code == 403
    house.vote(ballot, referent="abstain")
    done = submit(client, address, {}, page=f"/ballots/{ballot.id}")
    assert done.status_code == 303
    assert "Adopted" in client.get(done.location).text


def test_what_came_out_of_a_secret_ballot_can_be_checked_by_everybody(client, house):
    ballot = house.open_to_all(secrecy=Secrecy.SECRET)
    sign_in_as(client, house["member"])
    check = send(client, ballot, choice="against", opinion="=Trop tôt.")
    client.post(f"/ballots/{ballot.id}/vote", data=hidden_fields(check))
    code = re.search(r'class="receipt-code">([^<]+)<', check.text)[1]
    house.vote(ballot, other="for", participant="for")
    closed(ballot)
    sign_in_as(client, house["steering"])
    shown = client.get(f"/ballots/{ballot.id}")
    assert "Adopted" in shown.text
    assert "=Trop tôt." in shown.text
    assert "Max Membre" not in shown.text
    votes = client.get(f"/ballots/{ballot.id}/votes")
    assert (code in votes.text, "Max Membre" in votes.text) == (True, False)
    typed = code.lower().replace("-", " ").replace("0", "o")
    address = f"/ballots/{ballot.id}/votes"
    found = submit(client, address, {"code": typed})
    # The answer is kept nowhere, and no address says a code.
    assert found.headers["Cache-Control"] == "private, no-store"
    assert 'method="get"' not in re.search(r"<form[^>]*>(?=[^<]*<input[^>]*csrf)", votes.text)[0]
    assert "among the votes that were counted: Against" in plain_text(found.text)
    assert "No vote has this code." in submit(client, address, {"code": "AAAA"}).text
    file = client.get(f"/ballots/{ballot.id}/votes.csv")
    assert file.text.startswith("\ufeffcode,choice")
    assert f"{code},against" in file.text
    assert "=Trop tôt." in client.get(f"/ballots/{ballot.id}/opinions").text
    roll = client.get(f"/ballots/{ballot.id}/roll")
    assert "Max Membre" in roll.text
    assert "who has voted is not shown" in roll.text
    assert client.get(f"/ballots/{ballot.id}/votes?page=2").status_code == 404


def test_names_with_votes_are_for_members_and_counts_for_all(client, house, monkeypatch):
    ballot = house.open_to_all(shows_interim=True)
    voting.cast(house["member"], ballot, "against", opinion="Trop vite.", is_minority=True)
    db.session.commit()
    # While people vote, the page counts; where that takes long, not again for every reader.
    monkeypatch.setattr(ballot_page, "_LONG", -1)
    monkeypatch.setattr(ballot_page, "_RESTS", 10**9)
    counted = []
    count = queries.interim_of
    monkeypatch.setattr(queries, "interim_of", lambda ballot: counted.append(ballot.id) or count(ballot))
    sign_in_as(client, house["other"])
    for _ in range(2):
        assert "How it stands" in client.get(f"/ballots/{ballot.id}").text
    assert counted == [ballot.id]
    closed(ballot)
    visitor = client.application.test_client()
    for path in ("", "/opinions"):
        told, shown = (each.get(f"/ballots/{ballot.id}{path}").text for each in (visitor, client))
        assert ("Trop vite." in told, "Max Membre" in told) == (True, False), path
        assert ("Trop vite." in shown, "Max Membre" in shown) == (True, True), path
