"""The same from several sides at once: threads that act at one moment, on a database where what is committed stays."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

from flask import Flask

from sip.app import create_app
from sip.config import Settings
from sip.core.db import db, transaction
from tests.databases import Databases

SECRET = "test" * 16


@contextmanager
def lasting_app(kind: str, databases: Databases, folder: Path) -> Iterator[Flask]:
    """An application on a database of `kind` and its own, where what is committed is seen by everybody."""
    with databases.empty(kind, folder) as url:
        app = create_app(Settings(data=folder, secret_key=SECRET, database_url=url))
        with app.app_context():
            db.create_all()
        yield app
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def all_at_once(app: Flask, count: int, act: Callable[[int], Any]) -> Counter[str]:
    """Let so many threads act at the same moment, each in a transaction; count what came out by its name."""
    barrier, outcomes = Barrier(count, timeout=30), [""] * count

    def run(number: int) -> None:
        with app.app_context():
            barrier.wait()
            try:
                with transaction():
                    done = act(number)
                outcomes[number] = type(done).__name__
            except Exception as error:
                outcomes[number] = type(error).__name__

    db.session.rollback()
    threads = [Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    db.session.expire_all()
    return Counter(outcomes)


def at_once(app: Flask, look: Callable[[int], Any], act: Callable[[int, Any], Any]) -> list[type[BaseException] | None]:
    """Let two transactions look, and only then act; return what each raised."""
    barrier = Barrier(2, timeout=60)
    raised: list[type[BaseException] | None] = [None, None]

    def run(number: int) -> None:
        with app.app_context():
            try:
                with transaction():
                    seen = look(number)
                    barrier.wait()
                    act(number, seen)
            except Exception as error:
                raised[number] = type(error)

    threads = [Thread(target=run, args=(number,)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not any(thread.is_alive() for thread in threads), "one waits for ever"
    return sorted(raised, key=str)
