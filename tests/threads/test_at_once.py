"""Several processes in one discussion at the same time: nothing is lost, nothing doubled, and every count is right."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from sip.app import create_app
from sip.config import Settings
from sip.core.db import db
from sip.core.journal import Event, JournalEntry
from sip.core.outbox import Letter
from sip.cycles.stages import Stage
from sip.drafts.actions import versions
from sip.threads import queries
from sip.threads.actions import threads
from sip.threads.checking import problems
from sip.threads.models import Comment, Reaction, Thread, ThreadKind
from tests.databases import Databases
from tests.factories import make_draft, make_group, make_person

ROOT = Path(__file__).parents[2]
PEOPLE = 4
TIMES = 12


@pytest.fixture(params=["sqlite", "postgresql"])
def busy_app(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> Iterator[Flask]:
    """An application on a database of its own, which several processes share."""
    with databases.empty(request.param, tmp_path) as url:
        app = create_app(Settings(data=tmp_path, secret_key="test" * 16, database_url=url))
        with app.app_context():
            db.create_all()
            yield app
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def thread(busy_app: Flask) -> Thread:
    """A thread on a published recommendation."""
    facilitator, author = make_person(), make_person()
    draft = make_draft(make_group(facilitator=facilitator), sections=(("Un", "Un."), ("Deux", "Un texte.")))
    versions.publish_version(facilitator, versions.freeze_version(facilitator, draft, "Une"))
    for section in draft.sections:
        section.stage = Stage.CONSULTATION
    opened = threads.open_thread(author, draft, ThreadKind.REMARK, "Un début.", key=draft.sections[1].key)
    db.session.commit()
    return opened


@pytest.fixture(scope="module")
def workers() -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that carry out one order after the other."""
    command = [sys.executable, "-m", "tests.threads.at_work"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "bufsize": 1}
    started = [subprocess.Popen(command, cwd=ROOT, **pipes) for _ in range(PEOPLE)]  # type: ignore[call-overload]
    yield started
    for worker in started:
        worker.stdin.close()
        assert worker.wait(timeout=60) == 0
        worker.stdout.close()


@pytest.fixture
def at_once(busy_app: Flask, thread: Thread, workers: list[subprocess.Popen[str]]) -> Callable[..., Counter[str]]:
    """`at_once(task, people, …)` lets each of `people` do a task many times in a process; counts what came of it."""

    def run(task: str, people: list[int], times: int = TIMES, *, is_same: bool = False) -> Counter[str]:
        db.session.rollback()
        settings = busy_app.config["SETTINGS"]
        shared = {"url": settings.database_url, "data": str(settings.data), "task": task, "thread": thread.id}
        for place, (worker, person) in enumerate(zip(workers, people, strict=True)):
            order = {**shared, "person": person, "first": 0 if is_same else place, "times": times}
            worker.stdin.write(json.dumps(order) + "\n")
        for worker in workers:
            assert worker.stdout.readline() == "ready\n"
        for worker in workers:
            worker.stdin.write("\n")
        came: Counter[str] = Counter()
        for worker in workers:
            came.update(json.loads(worker.stdout.readline()))
        db.session.expire_all()
        return came

    return run


def events(event: Event) -> int:
    return db.session.scalar(select(func.count(JournalEntry.id)).where(JournalEntry.event == event))


def test_what_many_post_is_all_there_and_counted(at_once, thread):
    people = [make_person().id for _ in range(PEOPLE)]
    assert at_once("talk", people) == {"done": PEOPLE * TIMES}
    said = Counter(db.session.scalars(select(Comment.text)))
    wanted = [
        f"{what} {n} de {p}" for what in ("Réponse", "Fil") for k, p in enumerate(people) for n in range(k, k + TIMES)
    ]
    assert said == Counter([*wanted, "Un début."])
    assert thread.comments == 1 + PEOPLE * TIMES
    assert queries.number_of_threads(thread.draft_id) == 1 + PEOPLE * TIMES
    assert db.session.scalar(select(Comment.agrees).order_by(Comment.id)) == PEOPLE
    assert queries.stamp_of(thread.draft_id) == 1 + 2 * PEOPLE * TIMES + PEOPLE
    assert events(Event.COMMENT_POSTED) == PEOPLE * TIMES
    assert list(problems()) == []


def test_one_person_reacting_from_everywhere_counts_once(at_once, thread):
    person = make_person().id
    assert at_once("react", [person] * PEOPLE) == {"done": PEOPLE * TIMES}
    thanks = db.session.scalar(select(Comment.thanks))
    assert thanks in (0, 1)
    assert thanks == db.session.scalar(select(func.count()).select_from(Reaction))
    assert list(problems()) == []


def test_a_thread_is_answered_once(at_once, thread):
    facilitator = thread.draft.groups[0].memberships[0].person_id
    came = at_once("answer", [facilitator] * PEOPLE, times=1)
    assert came == {"done": 1, "Conflict": PEOPLE - 1}
    assert events(Event.THREAD_DISPOSED) == 1
    assert db.session.scalar(select(func.count(Letter.id)).where(Letter.kind == "thread_disposed")) == 1


def test_the_same_answer_sent_twice_is_one(at_once, thread):
    facilitator = thread.draft.groups[0].memberships[0].person_id
    assert at_once("answer", [facilitator] * PEOPLE, times=1, is_same=True) == {"done": PEOPLE}
    assert events(Event.THREAD_DISPOSED) == 1


def test_positions_are_counted_right(at_once, thread):
    one, other = make_person().id, make_person().id
    assert at_once("judge", [one, one, other, other]) == {"done": PEOPLE * TIMES}
    assert sum(queries.positions_of(thread.draft, thread.key).values()) <= 2
    assert list(problems()) == []
