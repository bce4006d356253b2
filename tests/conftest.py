"""Fixtures: an application on a real database of each kind, which every test leaves as it found it."""

import re
import sqlite3
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack
from functools import cache
from itertools import groupby, zip_longest
from pathlib import Path
from typing import Any

import pytest
from coverage import Coverage
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine, event

from sip.app import create_app
from sip.config import Settings
from sip.core.db import db
from sip.people.models import Person
from tests.databases import Databases
from tests.helpers import Browser, count_queries, sign_in_as

TESTS = Path(__file__).parent

settings.register_profile("house", derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile("house")


@event.listens_for(Engine, "connect")
def _return_rows_in_another_order(connection: Any, _record: Any) -> None:
    """Whoever names no order must not count on one: PostgreSQL changes it once in a while, and SQLite here always."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA reverse_unordered_selects = ON").close()


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """`databases.empty(kind, folder)` makes an empty database of either kind."""
    with Databases() as databases:
        yield databases


@pytest.fixture(scope="session")
def build_app(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Flask]]:
    """`build_app(kind)` gives the one application, with its tables, for all tests on that kind of database."""
    with ExitStack() as stack:

        @cache
        def build(kind: str) -> Flask:
            url = stack.enter_context(databases.empty(kind, tmp_path_factory.mktemp(kind)))
            data = tmp_path_factory.mktemp("data")
            app = create_app(Settings(data=data, secret_key="test" * 16, database_url=url))
            app.testing = True
            app.test_client_class = Browser
            with app.app_context():
                db.create_all()
                stack.callback(db.engine.dispose)
            return app

        yield build


@pytest.fixture(params=["sqlite", "postgresql"])
def built_app(request: pytest.FixtureRequest, build_app: Callable[[str], Flask]) -> Flask:
    """The application on each kind of database that the product runs on."""
    return build_app(request.param)


@pytest.fixture
def app(built_app: Flask) -> Iterator[Flask]:
    """The application inside one transaction that is rolled back at the end; commits in between are savepoints."""
    with built_app.app_context():
        engines = db.engines
        engine = engines[None]
        with engine.connect() as connection:
            outer = connection.begin()
            engines[None] = connection  # type: ignore[assignment]
            db.session.configure(join_transaction_mode="create_savepoint")
            try:
                yield built_app
            finally:
                db.session.remove()
                engines[None] = engine
                db.session.configure(join_transaction_mode="conditional_savepoint")
                outer.rollback()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without JavaScript, without a session; it fills in the anti-forgery field as a page would."""
    return app.test_client()


@pytest.fixture
def sign_in(client: FlaskClient) -> Callable[[Person], FlaskClient]:
    """Sign a person in on `client`."""
    return lambda person: sign_in_as(client, person)


@pytest.fixture
def queries(app: Flask) -> Callable[[], AbstractContextManager[list[str]]]:
    """`with queries() as statements:` collects the SQL that the block sent."""
    return count_queries


@pytest.hookimpl(trylast=True)
def pytest_sessionstart() -> None:
    """Leave one measurement of coverage: pytest-cov begins two in each process of xdist, and pauses only one."""
    measuring = []
    while current := Coverage.current():
        current.stop()
        measuring.append(current)
    if measuring:
        measuring[0].start()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what takes longest, and ask of the rows of a table, which run the same code, what each is there for.

    Files that wait for browsers and processes alternate with those that compute, so that no processor stands idle.
    Coverage is measured by the first row of each table. Every test runs on PostgreSQL too, but with one row only.
    """
    slow = {TESTS / name for name in ("journeys", "live", "packaging")}
    one_row, more_rows = _with_one_row_on_postgresql(items)
    config.hook.pytest_deselected(items=more_rows)
    files = [list(tests) for _, tests in groupby(one_row, lambda item: item.path)]
    waiting = [tests for tests in files if tests[0].path.parent in slow]
    computing = [tests for tests in files if tests[0].path.parent not in slow]
    items[:] = [item for pair in zip_longest(waiting, computing, fillvalue=[]) for tests in pair for item in tests]
    seen = set()
    for item in items:
        test = item.nodeid.partition("[")[0]
        if test in seen or item.path.parent == TESTS / "journeys":
            item.add_marker("no_cover")
        seen.add(test)


def _with_one_row_on_postgresql(items: list[pytest.Item]) -> tuple[list[pytest.Item], list[pytest.Item]]:
    kept: list[pytest.Item] = []
    left: list[pytest.Item] = []
    seen: set[str] = set()
    for item in items:
        test, _, row = item.nodeid.partition("[")
        databases = re.findall(r"\b(?:sqlite|postgresql)\b", row)
        is_more = databases == ["postgresql"] and test in seen
        (left if is_more else kept).append(item)
        if databases == ["postgresql"]:
            seen.add(test)
    return kept, left


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Do not watch what is made for a test that is not measured, either: being watched takes as long as the work."""
    measuring = Coverage.current() if item.get_closest_marker("no_cover") else None
    if measuring:
        measuring.stop()
    try:
        return (yield)
    finally:
        # pytest-cov, which does the same for the test itself, has started it again where the test came to run.
        if measuring and Coverage.current() is not measuring:
            measuring.start()
