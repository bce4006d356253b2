"""A process that takes part in a discussion: run as `python -m tests.threads.at_work`, it answers what came of it.

It reads a line of JSON (url, data, task, person, thread, first, times), says "ready", begins at the next line, answers
with a line of JSON (what came of each time), and is ready for the next order.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sip.app import create_app
from sip.config import Settings
from sip.core.db import db, transaction
from sip.core.errors import DomainError
from sip.people.models import Person
from sip.threads import queries
from sip.threads.actions import answering, comments, positions, threads
from sip.threads.models import Disposition, ReactionKind, Stance, Thread, ThreadKind


def _first(thread: Thread) -> Any:
    return db.session.scalars(queries.comments_of(thread, None)).first()


def _talk(person: Person, thread: Thread, number: int) -> None:
    comments.reply(person, thread, f"Réponse {number} de {person.id}")
    threads.open_thread(person, thread.draft, ThreadKind.REMARK, f"Fil {number} de {person.id}")
    comments.react(person, _first(thread), ReactionKind.AGREE, True)


def _react(person: Person, thread: Thread, number: int) -> None:
    comments.react(person, _first(thread), ReactionKind.THANK, number % 2 == 0)


def _answer(person: Person, thread: Thread, number: int) -> None:
    answering.dispose(person, thread, Disposition.ANSWERED, f"Raison {number}")


def _judge(person: Person, thread: Thread, number: int) -> None:
    stances = [*Stance, None]
    positions.take_position(person, thread.draft, thread.key or "", stances[number % len(stances)])


TASKS: dict[str, Callable[[Person, Thread, int], None]] = {
    "talk": _talk,
    "react": _react,
    "answer": _answer,
    "judge": _judge,
}


def main() -> None:
    for line in sys.stdin:
        _carry_out(json.loads(line))


def _carry_out(order: dict[str, Any]) -> None:
    app = create_app(Settings(data=Path(order["data"]), secret_key="test" * 16, database_url=order["url"]))
    task, came = TASKS[order["task"]], []
    with app.app_context():
        db.session.get_one(Person, order["person"])
        db.session.rollback()
        print("ready", flush=True)
        sys.stdin.readline()
        for number in range(order["first"], order["first"] + order["times"]):
            try:
                with transaction():
                    person = db.session.get_one(Person, order["person"])
                    task(person, queries.thread_by_id(order["thread"]), number)
                came.append("done")
            except DomainError as error:
                came.append(type(error).__name__)
        db.engine.dispose()
    print(json.dumps(came), flush=True)


if __name__ == "__main__":
    main()
