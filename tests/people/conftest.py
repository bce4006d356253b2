"""Cheap hashing, letters that are opened as the courier does, and a database that several threads may use."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import select

from sip.core.db import Base, db, transaction
from sip.core.outbox import Letter
from sip.people import passwords
from sip.people.models import Person
from sip.people.sign_in_actions import complete_letter
from tests.factories import make_person

PASSWORD = "trois pommes et un vélo"


@pytest.fixture(autouse=True)
def _cheap_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def member(app: Flask) -> Person:
    """Somebody with a password."""
    person = make_person("Camille Dupont", email="camille@example.org")
    person.password_hash = passwords.hash_password(PASSWORD)
    db.session.commit()
    return person


@pytest.fixture
def letters(app: Flask) -> Callable[[str], list[Letter]]:
    """All letters of a kind, the oldest first."""
    return lambda kind: list(db.session.scalars(select(Letter).where(Letter.kind == kind).order_by(Letter.id)))


@pytest.fixture
def mailed_token(letters: Callable[[str], list[Letter]]) -> Callable[[str], str]:
    """The secret in the last letter of a kind, as its reader gets it."""

    def open_last(kind: str) -> str:
        letter = letters(kind)[-1]
        db.session.commit()
        with transaction():
            contents = complete_letter(letter.kind, letter.recipient, letter.data)
        assert contents is not None
        return str(contents[1]["token"])

    return open_last


@pytest.fixture
def shared_app(built_app: Flask) -> Iterator[Flask]:
    """The application with real commits, for several threads at once; every table is emptied afterwards."""
    try:
        yield built_app
    finally:
        with built_app.app_context(), transaction():
            for table in reversed(Base.metadata.sorted_tables):
                db.session.execute(table.delete())


@pytest.fixture
def at_once() -> Callable[[Callable[[], Any], int], list[Any]]:
    """`at_once(act, 4)` lets four threads act at the same moment and returns what each got."""

    def run(act: Callable[[], Any], number: int) -> list[Any]:
        barrier = Barrier(number)

        def one() -> Any:
            barrier.wait(60)
            return act()

        with ThreadPoolExecutor(number) as pool:
            futures = [pool.submit(one) for _ in range(number)]
            return [future.result(120) for future in futures]

    return run
