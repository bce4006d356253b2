"""Votes from several sides at once, in transactions that really commit: none lost, none doubled, all counted."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from sip.ballots import queries, rolls
from sip.ballots.actions import closing, planning, proxies, voting
from sip.ballots.checking import problems
from sip.ballots.models import Ballot, Proxy, Secrecy, Turnout, Vote
from sip.ballots.queries import ballot_by_id
from sip.core import clock
from sip.core.db import db
from sip.core.outbox import Letter
from sip.drafts.models import Draft, Version
from sip.people.models import Person
from tests.at_once import all_at_once, lasting_app
from tests.ballots.conftest import HOUR, House, new_house, plan_of
from tests.databases import Databases
from tests.factories import make_person

# One client of several, each a program of its own: everybody's vote, and that of the first again and again; the last
# one is cut off before its vote is committed.
VOTE = """
import os, sys
from pathlib import Path
from sip.app import create_app
from sip.ballots.actions.voting import cast
from sip.ballots.queries import ballot_by_id
from sip.config import Settings
from sip.core.db import db, transaction
from sip.core.errors import Denied
from sip.people.models import Person
data, url, ballot, *voters = sys.argv[1:]
app = create_app(Settings(data=Path(data), secret_key="test" * 16, database_url=url))
print("ready", flush=True)
sys.stdin.readline()
with app.app_context():
    for place, voter in enumerate(voters):
        try:
            with transaction():
                cast(db.session.get(Person, int(voter)), ballot_by_id(int(ballot)), "for")
                if place == len(voters) - 1:
                    os._exit(7)
            print("cast", flush=True)
        except Denied:
            print("denied", flush=True)
"""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, databases: Databases, tmp_path_factory: Any) -> Iterator[Flask]:
    """An application where what is committed is seen by everybody."""
    with lasting_app(request.param, databases, tmp_path_factory.mktemp("at-once")) as app:
        yield app


@pytest.fixture
def house(site: Flask) -> Iterator[House]:
    """A document at the stage of codecision, for good."""
    with site.app_context():
        yield new_house()
        db.session.rollback()


def person(person_id: int) -> Person:
    return db.session.get_one(Person, person_id)


def turned_out(ballot: Ballot) -> int:
    return db.session.scalar(select(func.count()).where(Turnout.ballot_id == ballot.id)) or 0


@pytest.mark.parametrize("secrecy", Secrecy)
def test_everybody_twice_at_the_same_moment_is_everybody_once(site, house, secrecy):
    ballot = house.open_to_all(secrecy=secrecy, shows_interim=False)
    number, voters = ballot.id, [each.id for each in house.people.values()]

    def vote(place: int) -> Any:
        return voting.cast(person(voters[place % len(voters)]), ballot_by_id(number), "for")

    outcomes = all_at_once(site, 2 * len(voters), vote)
    if secrecy is Secrecy.SECRET:
        assert outcomes == {"Receipt": len(voters), "Denied": len(voters)}
    else:
        assert outcomes == {"Receipt": 2 * len(voters)}  # the second changes what the first said
    ballot = ballot_by_id(number)
    assert (ballot.voted, turned_out(ballot)) == (len(voters), len(voters))
    assert queries.choices_of(ballot) == {"for": len(voters)}
    assert not [problem for problem in problems() if f"ballot {number}" in problem]


def test_programs_vote_side_by_side_and_one_is_cut_off(site, house):
    settings = site.config["SETTINGS"]
    voters = [make_person().id for _ in range(32)]
    ballot = house.open_to_all(secrecy=Secrecy.SECRET)
    number = ballot.id
    db.session.rollback()
    # Four clients with eight voters each, all of them also trying for the very first; the last vote of each is cut off.
    lists = [[*voters[place::4], voters[0], house["member"].id] for place in range(4)]
    with ExitStack() as stack:
        programs = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", VOTE, settings.data, settings.database_url, str(number), *map(str, people)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for people in lists
        ]
        assert [program.stdout.readline() for program in programs] == ["ready\n"] * 4
        for program in programs:
            program.stdin.write("go\n")
            program.stdin.flush()
        said = Counter(line for program in programs for line in program.communicate(timeout=120)[0].split())
        assert [program.returncode for program in programs] == [7] * 4
    assert said == {"cast": 32, "denied": 4}
    db.session.expire_all()
    ballot = ballot_by_id(number)
    assert ballot.voted == turned_out(ballot) == queries.choices_of(ballot).total() == 32
    with clock.at(ballot.closes_at):
        closing.close_due(number)
        db.session.commit()
    assert queries.result_of(ballot)["counts"]["for"] == 32
    assert not [problem for problem in problems() if f"ballot {number}" in problem]


def test_a_giver_and_a_holder_cast_one_vote(site, house):
    ballot = house.open_to_all(secrecy=Secrecy.SECRET)
    proxies.give(house["member"], house["other"], ballot=ballot, most=2)
    db.session.commit()
    number, giver, holder = ballot.id, house["member"].id, house["other"].id

    def vote(place: int) -> Any:
        who = person(giver if place % 2 else holder)
        return voting.cast(who, ballot_by_id(number), "for", giver=None if place % 2 else person(giver))

    assert all_at_once(site, 6, vote) == {"Receipt": 1, "Denied": 5}
    assert turned_out(ballot_by_id(number)) == 1


def test_it_is_opened_and_counted_once(site, house):
    ballot = house.open_to_all(opens_at=clock.now() + HOUR)
    number, voter = ballot.id, house["member"].id
    begin, end = ballot.opens_at, ballot.closes_at

    def open_or_vote(place: int) -> Any:
        with clock.at(begin):
            return voting.cast(person(voter), ballot_by_id(number), "for")

    assert all_at_once(site, 4, open_or_vote) == {"Receipt": 4}
    told = select(func.count(Letter.id)).where(
        Letter.kind == "ballot_opened", Letter.data["number"].as_integer() == number
    )
    assert db.session.scalar(told) == db.session.get_one(Ballot, number).on_roll

    def close(place: int) -> Any:
        with clock.at(end):
            return closing.close_due(number) or None

    assert all_at_once(site, 4, close) == {"bool": 1, "NoneType": 3}
    assert not [problem for problem in problems() if f"ballot {number}" in problem]


def test_who_holds_two_proxies_gets_no_third(site, house):
    holder = house["other"].id
    givers = [house[who].id for who in ("member", "board", "steering", "administrator", "facilitator")]
    ballot = house.open_to_all()
    number = ballot.id

    def give(place: int) -> Any:
        return proxies.give(person(givers[place]), person(holder), ballot=ballot_by_id(number), most=2)

    assert all_at_once(site, 5, give) == {"Proxy": 2, "Invalid": 3}
    assert len(db.session.scalars(rolls.held_by(person(holder))).all()) == 2
    assert db.session.scalar(select(func.count(Proxy.id)).where(Proxy.ballot_id == number)) == 2


def test_two_leaders_put_one_question(site, house):
    draft, version = house.draft.id, house.version.id
    leaders = [house[who].id for who in ("facilitator", "secretary")]

    def plan(place: int) -> Any:
        found = db.session.get_one(Draft, draft)
        sections = [found.living_sections[1]]
        return planning.plan(
            person(leaders[place % 2]), found, sections, db.session.get_one(Version, version), plan_of()
        )

    assert all_at_once(site, 4, plan) == {"Ballot": 1, "Invalid": 3}


def test_an_objection_changed_twice_at_once_is_one_vote(site, house):
    ballot = house.plan()
    number, voter = ballot.id, house["participant"].id

    def vote(place: int) -> Any:
        choice = "objection" if place % 2 else "consent"
        return voting.cast(person(voter), ballot_by_id(number), choice, opinion="Non.")

    assert all_at_once(site, 4, vote) == {"Receipt": 4}
    assert db.session.scalar(select(func.count()).where(Vote.ballot_id == number)) == 1
    assert ballot_by_id(number).voted == 1
