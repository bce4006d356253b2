"""Hubs learn of what others did: by a look at SQLite's file, and by PostgreSQL's notices."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, insert
from sqlalchemy.orm import Session

from sip.core import clock, counts, journal
from sip.core.db import db, transaction
from sip.core.journal import Event, JournalEntry
from sip.drafts.batches import AnotherLog
from sip.live.watching import PostgresWatch, SqliteWatch, limit_patience, watch
from tests.live.sites import Site


@pytest.fixture
def woken(site: Site) -> Iterator[tuple[SqliteWatch | PostgresWatch, list[float]]]:
    """What watches the site's database, and when it woke us."""
    times: list[float] = []
    own = create_engine(site.url)  # as a hub has: what others commit comes on other connections
    with site.app.app_context():
        watching = watch(own, lambda: times.append(time.monotonic()))
        if isinstance(watching, PostgresWatch):
            wait(lambda: times)  # it listens now
            times.clear()
        else:
            watching.has_changed()
        yield watching, times
        watching.close()
    own.dispose()


def wait(condition: Callable[[], object], seconds: float = 30.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def record() -> None:
    with transaction():
        journal.record(None, Event.GROUP_UPDATED)


def record_many() -> None:
    rows = [{"at": clock.now(), "event": Event.GROUP_UPDATED.value, "data": {}} for _ in range(2)]
    with transaction():
        db.session.execute(insert(JournalEntry), rows)


def fail_to_record() -> None:
    with transaction():
        journal.record(None, Event.GROUP_UPDATED)
        db.session.flush()
        raise ZeroDivisionError


@pytest.mark.parametrize("act", [record, record_many])
def test_news_are_noticed(woken: tuple[SqliteWatch | PostgresWatch, list[float]], act: Callable[[], None]) -> None:
    watching, times = woken
    act()
    assert wait(lambda: watching.has_changed() if isinstance(watching, SqliteWatch) else times)
    time.sleep(0.1)
    assert len(times) <= 1  # one notice, however many rows


def test_what_is_undone_is_no_news(woken: tuple[SqliteWatch | PostgresWatch, list[float]]) -> None:
    watching, times = woken
    with pytest.raises(ZeroDivisionError):
        fail_to_record()
    assert not wait(lambda: watching.has_changed() if isinstance(watching, SqliteWatch) else times, 0.3)


def test_sqlite_is_silent_about_what_one_commits_oneself(site: Site) -> None:
    with site.app.app_context():
        if db.engine.dialect.name != "sqlite":
            pytest.skip("PostgreSQL tells everybody")
        watching = SqliteWatch(db.engine)
        assert watching.has_changed()  # nobody knows what was before
        record()
        assert not watching.has_changed()
        other = create_engine(site.url)
        for is_first in (True, False):  # what others commit is noticed, whether before or after one's own
            if not is_first:
                record()
            with Session(other) as session, session.begin():
                session.execute(insert(JournalEntry), [{"at": clock.now(), "event": "x", "data": {}}])
            if is_first:
                record()
            assert watching.has_changed()
            assert not watching.has_changed()
        with db.engine.connect():  # the pool hands out another connection: it cannot tell, and says yes
            assert watching.has_changed()
        other.dispose()


def test_another_file_in_its_place_is_noticed(tmp_path: Path) -> None:
    for name in ("now.db", "restored.db"):
        made = create_engine(f"sqlite:///{tmp_path / name}")
        with made.begin() as connection:
            connection.exec_driver_sql(f"CREATE TABLE t AS SELECT '{name}' AS name")
        made.dispose()
    engine = create_engine(f"sqlite:///{tmp_path / 'now.db'}")
    watching = SqliteWatch(engine)
    assert watching.has_changed()
    assert not watching.has_changed()
    (tmp_path / "now.db").rename(tmp_path / "before.db")
    assert not watching.has_changed()  # nothing is there yet
    (tmp_path / "restored.db").rename(tmp_path / "now.db")
    with pytest.raises(AnotherLog):
        watching.has_changed()
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT name FROM t").scalar() == "restored.db"
    watching.has_changed()  # once is enough
    engine.dispose()


def test_postgresql_is_silent_about_the_rest(woken: tuple[SqliteWatch | PostgresWatch, list[float]]) -> None:
    watching, times = woken
    if isinstance(watching, SqliteWatch):
        pytest.skip("SQLite tells of every commit")
    with transaction():
        counts.add("something else")
    assert not wait(lambda: times, 0.3)


def test_a_lost_connection_is_made_again(
    woken: tuple[SqliteWatch | PostgresWatch, list[float]], site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    watching, times = woken
    if isinstance(watching, SqliteWatch):
        pytest.skip("there is no connection to lose")
    monkeypatch.setattr("sip.live.watching._FALLBACK", 0.2)
    with Session(db.engine) as session, session.begin():
        session.execute(db.text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"))
    assert wait(lambda: times)  # it listens again, and looks what it missed
    times.clear()
    record()
    assert wait(lambda: times)


def test_the_hub_does_not_wait_long_for_a_lock(site: Site) -> None:
    engine = create_engine(site.url)
    limit_patience(engine)
    with engine.connect() as connection:
        name = "PRAGMA busy_timeout" if engine.dialect.name == "sqlite" else "SHOW lock_timeout"
        assert str(connection.exec_driver_sql(name).scalar()) in ("2000", "2s")
    engine.dispose()
