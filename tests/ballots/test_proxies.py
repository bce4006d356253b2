"""Proxies: to whom one may give one, what can be done with it, and how it ends."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from sip.ballots import queries, rolls
from sip.ballots.actions import proxies, voting
from sip.ballots.checking import problems
from sip.ballots.models import Proxy, Secrecy, Turnout
from sip.core import clock
from sip.core.db import db
from sip.core.errors import Denied, Invalid, Missing
from sip.core.outbox import Letter
from tests.ballots.conftest import HOUR, closed
from tests.factories import make_person

WEEK = timedelta(days=7)
END = datetime(9999, 12, 31, tzinfo=UTC)


def give(house, giver: str, holder: str, ballot=None, *, most: int = 2, **period) -> Proxy:
    """Let somebody give a proxy: for a ballot, or for a week from now on."""
    if ballot is None:
        period = {"valid_from": None, "valid_until": clock.now() + WEEK, **period}
    proxy = proxies.give(house[giver], house[holder], ballot=ballot, most=most, **period)
    db.session.commit()
    return proxy


def refused(house, *args, **kwargs) -> tuple[str, str | None]:
    """What is said instead: the sentence, and the field at fault."""
    with pytest.raises(Invalid) as error:
        give(house, *args, **kwargs)
    db.session.rollback()
    return str(error.value), error.value.field


def test_what_is_refused(house):
    ballot = house.plan()  # of the group
    now = clock.now()
    house.people["invited"] = make_person("Ivo Invité", joined_at=None)
    rows = [
        (("facilitator", "facilitator", ballot), {}, "somebody else", "holder"),
        (("facilitator", "invited", ballot), {}, "not joined", "holder"),
        (("facilitator", "member", ballot), {}, "no vote in this ballot", "holder"),
        (("member", "facilitator", ballot), {}, "You have no vote", "ballot"),
        (("member", "other"), {"valid_until": None}, "until when", "valid_until"),
        (("member", "other"), {"valid_until": now - HOUR}, "passed", "valid_until"),
        (
            ("member", "other"),
            {"valid_from": now + HOUR, "valid_until": now + HOUR / 2},
            "before it begins",
            "valid_until",
        ),
        (("member", "other"), {"valid_until": now + timedelta(days=400)}, "a year", "valid_until"),
        (("member", "other"), {"valid_from": END, "valid_until": END + HOUR}, "a year", "valid_until"),
    ]
    for args, values, said, field in rows:
        sentence, at = refused(house, *args, **values)
        assert said in sentence, args
        assert at == field, args
    house.vote(ballot, facilitator="consent")
    assert "cast already" in refused(house, "facilitator", "secretary", ballot)[0]
    with clock.at(ballot.closes_at):
        assert "over" in refused(house, "secretary", "participant", ballot)[0]
    with pytest.raises(Denied):
        proxies.give(None, house["member"], ballot=ballot, most=2)


def test_no_chains_no_crowds_and_one_for_each_vote(house):
    ballot = house.open_to_all()
    give(house, "member", "other", ballot)
    assert "already" in refused(house, "member", "steering", ballot)[0]
    assert "already" in refused(house, "member", "steering")[0]  # for the week in which the ballot is open
    assert "passed on" in refused(house, "other", "steering", ballot)[0]
    assert "passed on" in refused(house, "other", "steering")[0]
    assert "too" in refused(house, "steering", "member", ballot)[0]
    give(house, "steering", "other")
    assert "as many" in refused(house, "board", "other", ballot)[0]
    assert "as many" in refused(house, "board", "other")[0]
    assert "as many" not in refused(house, "member", "other", ballot)[0]
    # Another week is another matter, and so is another ballot.
    after = {"valid_from": ballot.closes_at + WEEK, "valid_until": ballot.closes_at + 2 * WEEK}
    give(house, "other", "member", **after)
    give(house, "board", "steering", **after)
    assert {proxy.holder.name for proxy in db.session.scalars(rolls.proxies_of(house["member"]))} == {"Olga Autre"}
    assert len(db.session.scalars(rolls.held_by(house["other"])).all()) == 2


def test_a_holder_votes_for_the_giver_until_they_vote_themselves(house):
    ballot = house.open_to_all()
    give(house, "member", "other", ballot)
    give(house, "steering", "other")
    assert [(each.giver and each.giver.name) for each in rolls.open_for(house["other"])] == [
        None, "Max Membre", "Stef Pilote"
    ]  # fmt: skip
    voting.cast(house["other"], ballot, "for", giver=house["member"])
    changed = voting.cast(house["other"], ballot, "against", giver=house["member"])
    db.session.commit()
    assert (changed.is_changed, ballot.voted) == (True, 1)
    assert db.session.get_one(Turnout, (ballot.id, house["member"].id)).holder_id == house["other"].id
    house.vote(ballot, member="abstain")
    assert (ballot.voted, queries.choices_of(ballot)) == (1, {"abstain": 1})
    assert db.session.get_one(Turnout, (ballot.id, house["member"].id)).holder_id is None
    [given] = [each for each in rolls.standing_of(house["other"], ballot).givers if each.is_cast]
    assert (given.person, given.vote) == (house["member"], None)  # what they voted themselves, holders do not see
    with pytest.raises(Denied, match="the proxy ends"):
        voting.cast(house["other"], ballot, "for", giver=house["member"])
    with pytest.raises(Denied, match="no proxy"):
        voting.cast(house["other"], ballot, "for", giver=house["board"])
    house.vote(ballot, other="for")
    assert [(each.giver and each.giver.name) for each in rolls.open_for(house["other"])] == ["Stef Pilote"]
    closed(ballot)
    assert list(problems()) == []


def test_a_proxy_used_in_secret_is_final(house):
    ballot = house.open_to_all(secrecy=Secrecy.SECRET)
    proxy = give(house, "member", "other", ballot)
    cast = voting.cast(house["other"], ballot, "for", giver=house["member"])
    db.session.commit()
    assert cast.code
    for who, giver in (("other", house["member"]), ("member", None)):
        with pytest.raises(Denied, match="final"):
            voting.cast(house[who], ballot, "for", giver=giver)
    with pytest.raises(Invalid, match="voted for you"):
        proxies.revoke(house["member"], proxy)
    db.session.rollback()
    assert ballot.voted == 1


def test_proxies_are_taken_back_and_run_out(house):
    ballot = house.open_to_all(closes_at=clock.now() + 3 * WEEK)
    proxy = give(house, "member", "other", ballot)
    give(house, "steering", "other", valid_from=clock.now() + HOUR)
    with pytest.raises(Denied, match="Only whoever gave"):
        proxies.revoke(house["other"], proxy)
    with pytest.raises(Missing):
        proxies.revoke(house["board"], proxy)
    proxies.revoke(house["member"], proxy)
    db.session.commit()
    with pytest.raises(Denied, match="already"):
        proxies.revoke(house["member"], proxy)
    db.session.rollback()
    with pytest.raises(Denied, match="no proxy"):
        voting.cast(house["other"], ballot, "for", giver=house["member"])
    with pytest.raises(Denied, match="no proxy"):  # it does not hold yet
        voting.cast(house["other"], ballot, "for", giver=house["steering"])
    with clock.at(clock.now() + 2 * HOUR):
        voting.cast(house["other"], ballot, "for", giver=house["steering"])
        db.session.commit()
    with clock.at(clock.now() + 2 * WEEK), pytest.raises(Denied, match="no proxy"):
        voting.cast(house["other"], ballot, "against", giver=house["steering"])
    db.session.rollback()
    give(house, "member", "other", ballot)  # what was taken back can be given again
    letters = select(Letter.kind, Letter.recipient).where(Letter.kind.startswith("proxy")).order_by(Letter.id)
    told = db.session.execute(letters).all()
    assert [kind for kind, _to in told] == ["proxy_given", "proxy_given", "proxy_revoked", "proxy_given"]
    assert {to for _kind, to in told} == {house["other"].email}


def test_nobody_votes_by_proxy_where_they_have_no_vote_themselves(house):
    ballot = house.plan()  # of the group: the holder is not in it
    give(house, "participant", "member")
    with pytest.raises(Denied, match="not on the roll"):
        voting.cast(house["member"], ballot, "consent", giver=house["participant"])
    assert rolls.open_for(house["member"]) == []
    assert [each.question for each in rolls.ballots_for_proxy(house["participant"])] == [ballot.question]
    assert rolls.ballots_for_proxy(house["member"]) == []
