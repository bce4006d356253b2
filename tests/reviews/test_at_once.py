"""Two people of the board at the same moment, each having looked before the other wrote: one wins, the other is told.

On PostgreSQL only: SQLite lets one write begin after the other, so there nobody looks at what is old.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from sip.core.db import db
from sip.core.errors import Conflict, Denied
from sip.core.record import RecordEntry, RecordKind
from sip.cycles.stages import Stage
from sip.drafts.actions.stages import move_sections
from sip.people.models import Person
from sip.reviews import committed, queries
from sip.reviews.actions import committing, responding, reviewing
from sip.reviews.checking import problems
from sip.reviews.models import Answer, BoardResponse, CommitmentStatus, ProgressNote
from tests.at_once import at_once, lasting_app
from tests.databases import Databases
from tests.reviews.conftest import new_house


@pytest.fixture
def shared_app(databases: Databases, tmp_path: Path) -> Iterator[Flask]:
    """An application on a database of its own, which several threads share."""
    with lasting_app("postgresql", databases, tmp_path) as app, app.app_context():
        yield app


def test_one_wins_and_the_other_is_told(shared_app):
    house = new_house()
    [review] = house.hand_over()
    people = [house.people["board"].id, house.people["other board"].id]
    member, review_id = house.people["participant"].id, review.id
    question = reviewing.ask(house.people["board"], review, "Qui ?").id
    db.session.commit()

    def look(number):
        """Look at everything that the actions below decide on."""
        seen = queries.review_by_id(review_id)
        person = db.session.get_one(Person, people[number])
        responses = [queries.proposal_of(seen), *queries.responses_of(seen)]
        commitments = committed.commitments_of(seen)
        return person, seen, queries.mark_of(seen), responses, queries.question_by_id(question), commitments

    def propose(number, seen):
        responding.propose(seen[0], seen[1], answer=Answer.PARTLY, reasons=f"Raison {number}.", seen=seen[2])

    def sign(number, seen):
        responding.sign(seen[0], seen[3][0], seen=seen[2])

    def publish(number, seen):
        responding.publish(seen[0], seen[1], seen=seen[2])

    def answer(number, seen):
        reviewing.answer_question(db.session.get_one(Person, member), seen[4], f"Réponse {number}.")

    def report(number, seen):
        [mine] = seen[5]
        committing.report(
            seen[0], mine, status=CommitmentStatus.UNDER_WAY, text="Oui.", due_on=mine.due_on, seen=mine.mark
        )

    def publish_or_send_back(number, seen):
        if number:
            return responding.publish(seen[0], seen[1], seen=seen[2])
        return move_sections(seen[0], seen[1].draft, [seen[1].section], Stage.CONCERTATION, reason="À revoir.")

    assert at_once(shared_app, look, propose) == sorted([None, Conflict], key=str)
    assert at_once(shared_app, look, sign) == [None, None]
    assert at_once(shared_app, look, answer) == sorted([None, Conflict], key=str)
    assert at_once(shared_app, look, publish) == sorted([None, Conflict], key=str)
    db.session.expire_all()
    house.commit(queries.review_by_id(review_id))
    assert at_once(shared_app, look, report) == sorted([None, Conflict], key=str)
    db.session.expire_all()
    assert db.session.scalar(select(func.count(ProgressNote.id))) == 1
    [published] = db.session.scalars(select(BoardResponse))
    assert (published.number, len(published.signatures)) == (1, 2)
    entries = select(func.count()).where(RecordEntry.kind == RecordKind.RESPONSE)
    assert db.session.scalar(entries) == 1
    move_sections(house.people["board"], house.draft, [house.section(1)], Stage.UNDER_REVIEW, reason="Encore.")
    house.propose(queries.review_by_id(review_id), reasons="Encore.")
    assert at_once(shared_app, look, sign) == [None, None]
    assert at_once(shared_app, look, publish_or_send_back) == sorted([None, Denied], key=str)
    db.session.expire_all()
    assert list(problems()) == []
