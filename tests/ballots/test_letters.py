"""The letters of this room as they arrive, the courier that attends to ballots, and `sip tally`."""

import logging
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import text

from sip import cli, migrating
from sip.ballots import queries
from sip.ballots.actions import opening, planning, proxies
from sip.ballots.models import Ballot, BallotState, Secrecy
from sip.core import clock
from sip.core.db import db
from sip.notices import courier
from tests.at_once import lasting_app
from tests.ballots.conftest import HOUR, closed, new_house
from tests.databases import Databases
from tests.letters import OneRound, delivering


@pytest.fixture
def sent(app: Flask, tmp_path: Path):
    """`sent()` delivers what is due, and gives subjects and texts, the oldest first."""
    with delivering(app, tmp_path) as deliver:
        yield deliver


def test_everybody_concerned_is_told(house, sent):
    ballot = house.plan(question="Adoptons-nous la carte ?")
    page = f"https://agora.example.org/ballots/{ballot.id}"
    opened = sent()
    assert [subject for subject, _text in opened] == ["Your vote is asked for: Adoptons-nous la carte ?"] * 4
    assert all(page in words and "give a proxy" in words for _subject, words in opened)
    assert any(words.startswith("Hello Paul Participe,") for _subject, words in opened)
    proxy = proxies.give(house["participant"], house["referent"], ballot=ballot, most=2)
    proxies.revoke(house["participant"], proxy)
    proxies.give(house["member"], house["other"], valid_until=clock.now() + 24 * HOUR, most=2)
    given, revoked, for_a_day = sent()
    assert given[0] == "Paul Participe gives you a proxy"
    assert page in given[1]
    assert "Paul Participe takes back" in revoked[1]
    assert "The proxy holds from" in for_a_day[1]
    house.vote(ballot, participant="objection: Trop cher.")
    sent()
    with clock.at(ballot.closes_at):
        closed(ballot)
        told = sent()
    assert [subject for subject, _text in told] == ["The votes are counted: Adoptons-nous la carte ?"] * 4
    assert all("objections to work through" in words for _subject, words in told)
    again = house.plan()
    sent()
    planning.cancel(house["facilitator"], again, "Mal posée.")
    told = sent()
    assert len(told) == 4
    assert all("Mal posée." in words for _subject, words in told)


@pytest.fixture(params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path):
    """An application whose transactions really commit."""
    with lasting_app(request.param, databases, tmp_path) as app:
        yield app


def test_the_courier_attends_to_ballots(site, monkeypatch, caplog):
    """It opens and counts what is due, in any number, and one that goes wrong keeps no other waiting."""
    with site.app_context():
        house = new_house()
        broken, sound = house.plan(opens_at=clock.now() + HOUR), house.plan(opens_at=clock.now() + HOUR, places=(2,))
        numbers, begin, end = (broken.id, sound.id), sound.opens_at, sound.closes_at
        db.session.remove()
    open_due = opening.open_due

    def stumbling(number: int) -> bool:
        if number == numbers[0]:
            raise RuntimeError("a broken ballot")
        return open_due(number)

    assert courier.attend_ballots(site) == 0
    with clock.at(begin), monkeypatch.context() as patched, caplog.at_level(logging.ERROR):
        patched.setattr(opening, "open_due", stumbling)
        assert courier.attend_ballots(site) == 1
        assert f"ballot {numbers[0]} stumbled" in caplog.text
    with clock.at(begin):
        assert courier.attend_ballots(site) == 1
        assert courier.attend_ballots(site) == 0
    with clock.at(end):
        courier.run(site, OneRound())
    with site.app_context():
        assert [db.session.get_one(Ballot, number).state for number in numbers] == [BallotState.CLOSED] * 2
        db.session.remove()


def test_tally_counts_again_what_is_stored_or_downloaded(site, monkeypatch, tmp_path):
    settings = site.config["SETTINGS"]
    monkeypatch.setattr(migrating, "check_migrated", lambda: None)

    def sip(*arguments: object) -> tuple[int, str]:
        environ = {"SIP_DATA": str(settings.data), "SIP_DATABASE_URL": settings.database_url}
        done = CliRunner().invoke(cli.main, ["tally", *map(str, arguments)], env=environ, prog_name="sip")
        return done.exit_code, done.output

    with site.app_context():
        house = new_house()
        ballot = house.open_to_all(secrecy=Secrecy.SECRET)
        house.vote(ballot, member="for", other="against", board="for")
        number = ballot.id
        status, said = sip(number)
        assert (status, "stay hidden" in said) == (1, True)
        closed(ballot)
        status, said = sip(number)
        assert (status, '"for": 2' in said, "This is the result that is stored." in said) == (0, True, True)
        stored = [line for line in said.splitlines() if "votes_hash" in line]
        db.session.execute(text("UPDATE ballots SET is_adopted = false"))
        db.session.commit()
        assert sip(number)[0] == 1
        assert sip(number + 1)[0] == 1
        rows = "\n".join(",".join(vote) for vote in [("code", "choice"), *queries.codes_of(ballot, 0, 10)])
    path = tmp_path / "votes.csv"
    path.write_text(rows)
    status, said = sip(path, "--rule", "two_thirds", "--on-roll", 100, "--quorum", 3)
    assert (status, '"decision": "adopted"' in said, '"is_quorate": true' in said) == (0, True, True)
    assert [line for line in said.splitlines() if "votes_hash" in line] == stored
    assert sip(path, "--on-roll", 100, "--quorum", 4)[1].count('"no_quorum"') == 1
    path.write_text("nothing")
    assert sip(path)[0] == 1
    assert sip(tmp_path / "missing.csv")[0] == 1
