"""The database keeps its promises: no lost update with several processes, no write in a read, times in UTC."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from sip.app import create_app
from sip.config import Settings
from sip.core import counts
from sip.core import db as database
from sip.core.counts import Count
from sip.core.db import db, transaction

PROCESSES, UPDATES = 4, 50

_WORKER = """
import sys
from pathlib import Path
from sqlalchemy import select
from sip.app import create_app
from sip.config import Settings
from sip.core.counts import Count
from sip.core.db import db, transaction

app = create_app(Settings(data=Path(sys.argv[1]), secret_key="test" * 16, database_url=sys.argv[2]))
with app.app_context():
    for _ in range(int(sys.argv[3])):
        with transaction():
            count = db.session.scalars(select(Count).where(Count.name == "race").with_for_update()).one()
            count.value = count.value + 1
"""


def test_four_processes_that_read_then_update_lose_nothing(built_app: Flask, tmp_path):
    url = built_app.config["SETTINGS"].database_url
    with built_app.app_context():
        with transaction():
            db.session.add(Count(name="race", value=0))
        try:
            workers = [
                subprocess.Popen([sys.executable, "-c", _WORKER, str(tmp_path), url, str(UPDATES)])
                for _ in range(PROCESSES)
            ]
            assert [worker.wait(timeout=400) for worker in workers] == [0] * PROCESSES
            db.session.rollback()
            assert counts.read("race") == PROCESSES * UPDATES
        finally:
            with transaction():
                db.session.execute(text("DELETE FROM counts WHERE name = 'race'"))


def test_a_reading_transaction_cannot_write(built_app: Flask):
    with built_app.app_context():
        database.begin_reading()
        try:
            with pytest.raises(DBAPIError, match=r"(?i)read.?only"):
                db.session.execute(text("INSERT INTO counts (name, value) VALUES ('x', 1)"))
        finally:
            db.session.rollback()
            database.begin_writing()
        with transaction():
            counts.add("written")
            assert counts.read("written") == 1
            db.session.execute(text("DELETE FROM counts WHERE name = 'written'"))


def test_a_transaction_that_fails_leaves_nothing(built_app: Flask):
    with built_app.app_context():
        with pytest.raises(ZeroDivisionError), transaction():  # noqa: PT012
            counts.add("failed")
            raise ZeroDivisionError
        assert counts.read("failed") == 0


def test_a_file_that_was_replaced_is_neither_read_nor_written(tmp_path):
    path, backup = tmp_path / "sip.db", tmp_path / "backup.db"
    app = create_app(Settings(data=tmp_path, secret_key="test" * 16, database_url=f"sqlite:///{path}"))
    with app.app_context():
        db.create_all()
        with transaction():
            counts.add("of both")
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(backup)) as target:
            source.backup(target)
        with transaction():
            counts.add("of the old one")
        for ending in ("-wal", "-shm"):  # they are the old one's
            path.with_name(path.name + ending).unlink()
        backup.rename(path)
        db.session.rollback()
        assert (counts.read("of both"), counts.read("of the old one")) == (1, 0)
        with transaction():
            counts.add("of the new one")
        # In between there may be none: who reads then reads what there was.
        path.rename(backup)
        db.session.rollback()
        assert counts.read("of the new one") == 1
        backup.rename(path)
        db.session.rollback()
        db.engine.dispose()
    with closing(sqlite3.connect(path)) as stored:
        assert stored.execute("SELECT name FROM counts ORDER BY name").fetchall() == [("of both",), ("of the new one",)]


def test_what_was_deleted_is_overwritten(tmp_path):
    """A copy of the file holds no earlier state of an urn."""
    path = tmp_path / "sip.db"
    app = create_app(Settings(data=tmp_path, secret_key="test" * 16, database_url=f"sqlite:///{path}"))
    with app.app_context():
        db.session.execute(text("CREATE TABLE urn (votes TEXT)"))
        db.session.execute(text("INSERT INTO urn VALUES ('a code of a vote' || hex(zeroblob(9000)))"))
        db.session.commit()
        db.session.execute(text("UPDATE urn SET votes = 'another'"))
        db.session.commit()
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
            source.backup(copy)
        db.session.remove()
        db.engine.dispose()
    assert b"another" in (tmp_path / "copy.db").read_bytes()
    assert b"a code of a vote" not in (tmp_path / "copy.db").read_bytes()


def test_moments_come_back_in_utc(app: Flask):
    from_elsewhere = datetime(2026, 3, 1, 12, 0, tzinfo=timezone(timedelta(hours=2)))
    kind = database.UtcDateTime()
    dialect = db.engine.dialect
    assert kind.process_bind_param(from_elsewhere, dialect) == datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
    assert kind.process_result_value(datetime(2026, 3, 1, 10, 0), dialect).tzinfo is UTC
    with pytest.raises(ValueError, match="time zone"):
        kind.process_bind_param(datetime(2026, 3, 1), dialect)
