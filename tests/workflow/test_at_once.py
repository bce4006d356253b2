"""A move at the moment of another, or of what it cuts short: one wins, the other is told, and none waits in vain.

On PostgreSQL only: SQLite lets one write begin after the other, so there nobody looks at what is old.
"""

import time
from collections.abc import Callable, Iterator
from threading import Event, Thread

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from sip.ballots.actions import closing, voting
from sip.ballots.models import Ballot, BallotState
from sip.ballots.queries import ballot_by_id, lock
from sip.core import clock, record
from sip.core.db import db, transaction
from sip.core.errors import Denied
from sip.cycles.stages import Stage
from sip.drafts import checking_moves
from sip.drafts.models import Draft, StageMove
from sip.people.models import Person
from sip.workflow.actions import move
from tests.at_once import at_once, lasting_app
from tests.ballots.conftest import House, new_house
from tests.databases import Databases
from tests.factories import let_stand

Step = Callable[[], object]


@pytest.fixture(scope="module")
def site(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application where what is committed is seen by everybody."""
    with lasting_app("postgresql", databases, tmp_path_factory.mktemp("moves")) as app:
        yield app


@pytest.fixture
def house(site: Flask) -> Iterator[House]:
    """A document whose two recommendations are at the stage of codecision."""
    with site.app_context():
        yield new_house()
        db.session.rollback()


def moves_to(draft: int, stage: Stage) -> int:
    """Count the moves of the first recommendation; the running text around it may go along."""
    section = db.session.get_one(Draft, draft).living_sections[1]
    return db.session.scalar(select(func.count(StageMove.id)).filter_by(section_id=section.id, after=stage)) or 0


def in_the_middle(app: Flask, first: Step, second: Step, third: Step) -> None:
    """Run `first` and, while its transaction is open and `second` waits for it, also `third` in that transaction."""
    errors: list[BaseException] = []
    has_begun = Event()

    def run() -> None:
        with app.app_context():
            try:
                with transaction():
                    has_begun.set()
                    second()
            except BaseException as error:
                errors.append(error)

    other = Thread(target=run)
    try:
        with transaction():
            first()
            other.start()
            assert has_begun.wait(30)
            wait_until_one_waits()
            third()
    finally:
        other.join(60)
    assert (errors, other.is_alive()) == ([], False)


def wait_until_one_waits() -> None:
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    deadline = time.monotonic() + 30
    while not db.session.scalar(waiting):
        db.session.execute(text("SELECT pg_stat_clear_snapshot()"))  # who came after the first look is seen, too
        assert time.monotonic() < deadline, "nobody waited"
        time.sleep(0.01)


def test_two_leaders_move_one_recommendation_and_it_is_moved_once(site, house):
    let_stand(house.draft, Stage.INFORMATION)
    db.session.commit()
    draft, leaders = house.draft.id, [house[who].id for who in ("facilitator", "secretary")]
    db.session.rollback()

    def look(number):
        found = db.session.get_one(Draft, draft)
        return db.session.get_one(Person, leaders[number]), found, found.living_sections[1:2]

    def step(number, seen):
        move(*seen, Stage.CONSULTATION)

    assert at_once(site, look, step) == sorted([None, Denied], key=str)
    db.session.expire_all()
    stages = [section.stage for section in db.session.get_one(Draft, draft).living_sections]
    assert stages == [Stage.INFORMATION, Stage.CONSULTATION, Stage.INFORMATION]
    assert moves_to(draft, Stage.CONSULTATION) == 1
    assert [*record.problems(), *checking_moves.problems()] == []


def test_a_ballot_is_counted_while_its_recommendation_is_sent_back(site, house):
    ballot = house.open_to_all()
    draft, number, end, steering = house.draft.id, ballot.id, ballot.closes_at, house["steering"].id
    db.session.rollback()

    def send_back() -> None:
        with clock.at(end):
            found = db.session.get_one(Draft, draft)
            move(
                db.session.get_one(Person, steering),
                found,
                found.living_sections[1:2],
                Stage.CONCERTATION,
                reason="À revoir.",
            )

    def count() -> None:
        with clock.at(end):
            assert closing.close_due(number)

    # Whoever counts holds the ballot, and only then the public record; a move that held the record would never end.
    in_the_middle(site, lambda: lock(ballot_by_id(number)), send_back, count)
    db.session.expire_all()
    assert ballot_by_id(number).state == BallotState.CLOSED
    assert moves_to(draft, Stage.CONCERTATION) == 1
    assert [*record.problems(), *checking_moves.problems()] == []


def test_an_objection_comes_while_its_recommendation_is_sent_back(site, house):
    ballot = house.plan()
    draft, number = house.draft.id, ballot.id
    steering, participant = house["steering"].id, house["participant"].id
    db.session.rollback()

    def send_back() -> None:
        found = db.session.get_one(Draft, draft)
        move(
            db.session.get_one(Person, steering),
            found,
            found.living_sections[1:2],
            Stage.CONCERTATION,
            reason="À revoir.",
        )

    def say(reason: str) -> None:
        voting.cast(db.session.get_one(Person, participant), ballot_by_id(number), "objection", opinion=reason)

    # Whoever objects holds the document before its ballot, as a move does: what follows in it is held already.
    in_the_middle(site, lambda: say("Trop cher."), send_back, lambda: say("Trop cher pour les petites agences."))
    db.session.expire_all()
    assert db.session.get_one(Ballot, number).state == BallotState.CANCELLED
    assert moves_to(draft, Stage.CONCERTATION) == 1
    assert [*record.problems(), *checking_moves.problems()] == []
