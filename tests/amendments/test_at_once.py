"""The same from several sides at once, in transactions that really commit: one change, nothing lost, counts right."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from sip.amendments.actions.answering import Stale, accept, undo_answer
from sip.amendments.actions.supporting import support, unsupport
from sip.amendments.models import Amendment, AmendmentAnswer, AmendmentState, Support
from sip.amendments.queries import amendment_by_id, answer_by_id
from sip.core.db import db
from sip.core.outbox import Letter
from sip.drafts import checking
from sip.drafts.actions import text as text_actions
from sip.drafts.models import Draft, DraftUpdate
from sip.people.models import Person
from tests.amendments.conftest import House, new_house
from tests.at_once import all_at_once, lasting_app
from tests.databases import Databases

YEARLY, OFTEN = "publiés une fois par an", "publiés tous les trois mois"

# One process of several, each a program of its own on the same file.
ACCEPT = """
import sys
from pathlib import Path
from sip.amendments.actions.answering import Stale, accept
from sip.amendments.queries import amendment_by_id
from sip.app import create_app
from sip.config import Settings
from sip.core.db import db, transaction
from sip.core.errors import Denied
from sip.people.models import Person
data, url, person, amendment, seen = sys.argv[1:]
app = create_app(Settings(data=Path(data), secret_key="test" * 16, database_url=url))
print("ready", flush=True)
sys.stdin.readline()
with app.app_context():
    try:
        with transaction():
            answer = accept(db.session.get(Person, int(person)), amendment_by_id(int(amendment)), "Oui.", seen=seen)
        print("stale" if isinstance(answer, Stale) else "accepted", flush=True)
    except Denied:
        print("denied", flush=True)
"""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, databases: Databases, tmp_path_factory: Any) -> Iterator[tuple[Flask, Path]]:
    """An application on a database of its own, where what is committed is seen by everybody."""
    folder = tmp_path_factory.mktemp("at-once")
    with lasting_app(request.param, databases, folder) as app:
        yield app, folder


@pytest.fixture
def house(site: tuple[Flask, Path]) -> Iterator[House]:
    """A document in concertation, for good."""
    with site[0].app_context():
        yield new_house()
        db.session.rollback()


def person(person_id: int) -> Person:
    return db.session.get_one(Person, person_id)


def changes(draft: Draft) -> int:
    query = select(func.count(DraftUpdate.id)).where(
        DraftUpdate.draft_id == draft.id, DraftUpdate.origin == "amendment"
    )
    return db.session.scalar(query) or 0


def test_taken_up_by_several_at_once_it_is_one_change(site, house):
    amendment = house.propose(1, YEARLY, OFTEN)
    number, leaders = amendment.id, [house.people[who].id for who in ("facilitator", "secretary")]

    def take_up(place: int) -> Any:
        return accept(person(leaders[place % 2]), amendment_by_id(number), "Oui.", seen=YEARLY)

    assert all_at_once(site[0], 6, take_up) == {"AmendmentAnswer": 1, "Denied": 5}
    assert house.body(1).count(OFTEN) == 1
    assert changes(house.draft) == 1
    assert (
        db.session.scalar(select(func.count(AmendmentAnswer.id)).where(AmendmentAnswer.draft_id == house.draft.id)) == 1
    )
    told = select(func.count(Letter.id)).where(Letter.recipient == house.people["member"].email)
    assert db.session.scalar(told) == 1
    assert list(checking.problems()) == []


def test_taken_up_by_several_programs_it_is_one_change(site, house):
    amendment = house.propose(1, YEARLY, OFTEN)
    leaders = [house.people[who].id for who in ("facilitator", "secretary")]
    number, url = amendment.id, site[0].config["SETTINGS"].database_url
    db.session.rollback()  # and hold nothing while the others write
    with ExitStack() as stack:
        programs = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", ACCEPT, str(site[1]), url, str(leader), str(number), YEARLY],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for leader in (*leaders, leaders[0])
        ]
        assert [program.stdout.readline() for program in programs] == ["ready\n"] * 3
        for program in programs:
            program.stdin.write("go\n")
            program.stdin.flush()
        said = Counter(program.communicate(timeout=60)[0].strip() for program in programs)
    assert said == {"accepted": 1, "denied": 2}
    assert house.body(1).count(OFTEN) == 1
    assert changes(house.draft) == 1
    assert list(checking.problems()) == []


def test_of_alternatives_taken_up_at_once_the_second_is_looked_at_again(site, house):
    one, two = house.propose(1, YEARLY, OFTEN), house.propose(1, "une fois par an", "chaque mois", "other")
    numbers, seen = [one.id, two.id], [YEARLY, "une fois par an"]
    leaders = [house.people[who].id for who in ("facilitator", "secretary")]

    def take_up(place: int) -> Any:
        return accept(person(leaders[place]), amendment_by_id(numbers[place]), "Oui.", seen=seen[place])

    assert all_at_once(site[0], 2, take_up) == {"AmendmentAnswer": 1, Stale.__name__: 1}
    states = [amendment_by_id(number).state for number in numbers]
    assert sorted(states) == sorted([AmendmentState.ACCEPTED, AmendmentState.OPEN])
    assert changes(house.draft) == 1


def test_writing_meanwhile_is_never_written_over(site, house):
    amendment = house.propose(1, YEARLY, OFTEN)
    number, writer, leader = amendment.id, house.people["participant"].id, house.people["secretary"].id
    key, began_from = house.section(1).key, house.body(1)

    def act(place: int) -> Any:
        if place:
            return accept(person(leader), amendment_by_id(number), "Oui.", seen=YEARLY)
        draft = amendment_by_id(number).draft
        section = next(section for section in draft.sections if section.key == key)
        mine = began_from.replace("en assemblée", "à voix haute")
        return text_actions.edit_section(person(writer), section, began_from, mine)

    assert all_at_once(site[0], 2, act) == {"AmendmentAnswer": 1, "Saved": 1}
    assert f"{OFTEN}. Ils sont lus à voix haute." in house.body(1)


def test_an_answer_is_undone_once(site, house):
    amendment = house.propose(1, YEARLY, OFTEN)
    answer = accept(house.people["secretary"], amendment, "Oui.", seen=YEARLY)
    db.session.commit()
    number, leaders = answer.id, [house.people[who].id for who in ("facilitator", "secretary")]

    def undo(place: int) -> Any:
        return undo_answer(person(leaders[place % 2]), answer_by_id(number))

    assert all_at_once(site[0], 4, undo) == {"list": 1, "Denied": 3}
    assert YEARLY in house.body(1)


def test_support_is_counted_right(site, house):
    amendment = house.propose(1, YEARLY, OFTEN)
    number = amendment.id
    people = [house.people[who].id for who in ("other", "steering", "board", "administrator")]

    def act(place: int) -> Any:
        # Everybody twice, at the same moment; the last one changes their mind meanwhile.
        do = unsupport if place == len(people) * 2 else support
        return do(
            person(people[place % len(people)] if place < len(people) * 2 else people[-1]), amendment_by_id(number)
        )

    assert set(all_at_once(site[0], 2 * len(people) + 1, act)) == {"NoneType"}
    stored = db.session.get_one(Amendment, number).supports
    assert stored == db.session.scalar(select(func.count()).where(Support.amendment_id == number))
    assert stored in (3, 4)
