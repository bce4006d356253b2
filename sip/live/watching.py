"""Notices that the database changed: SQLite's version number is asked for often; PostgreSQL says so (LISTEN)."""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import DBAPIError

from sip.core.db import NEWS_CHANNEL, file_at
from sip.drafts.batches import AnotherLog

log = logging.getLogger(__name__)

# Seconds: between two looks at SQLite; between two looks at PostgreSQL where no notice came.
_LOOK = 0.5
_FALLBACK = 3.0
# How long the database may keep the hub waiting, in milliseconds: then people are told that nothing is saved.
_PATIENCE = 2_000


class SqliteWatch:
    """Looks, in the database thread, whether somebody else committed.

    A connection is told of others' commits only: so it asks on the one that the thread commits on. Where the pool hands
    out another one than before, its own commits count as others', which costs a look in vain.
    """

    pause = _LOOK

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._seen: tuple[object, int] | None = None
        self._path = engine.url.database or ":memory:"
        self._file = file_at(self._path)

    def has_changed(self) -> bool:
        """Say whether something was committed since the last time; raises AnotherLog where the file is another one."""
        self._check_file()
        connection = self._engine.raw_connection()
        try:
            asked: Any = connection.dbapi_connection
            (version,) = asked.execute("PRAGMA data_version").fetchone()
        finally:
            connection.close()
        before, self._seen = self._seen, (asked, int(version))
        return before is None or before[0] is not asked or before[1] != version

    def close(self) -> None:
        """Let go of the connection."""
        self._seen = None

    def _check_file(self) -> None:
        now = file_at(self._path)
        if now is None or now == self._file:  # where there is none, another one is on its way
            return
        before, self._file = self._file, now
        if before is not None:
            raise AnotherLog


class PostgresWatch:
    """Waits in a thread of its own for notices; where none comes, a look every few seconds makes up for it."""

    pause = _FALLBACK

    def __init__(self, engine: Engine, wake: Callable[[], None]) -> None:
        self._engine = engine
        self._wake = wake
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="live notices", daemon=True)
        self._thread.start()

    def has_changed(self) -> bool:
        """Say yes: who asks was woken by a notice, or has waited long enough."""
        return True

    def close(self) -> None:
        """End the thread."""
        self._is_over.set()
        self._thread.join(5)

    def _run(self) -> None:
        while not self._is_over.is_set():
            try:
                self._listen()
            except Exception as error:
                log.warning("no notices from the database: %s", type(error).__name__)
                self._is_over.wait(_FALLBACK)

    def _listen(self) -> None:
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f"LISTEN {NEWS_CHANNEL}")
            self._wake()  # for what was said before we listened
            driver: Any = connection.connection.driver_connection
            while not self._is_over.is_set():
                for _notice in driver.notifies(timeout=1.0, stop_after=1):
                    self._wake()


def watch(engine: Engine, wake: Callable[[], None]) -> SqliteWatch | PostgresWatch:
    """Return what notices changes; `wake` is called, from any thread, where the database itself says so."""
    return SqliteWatch(engine) if engine.dialect.name == "sqlite" else PostgresWatch(engine, wake)


def limit_patience(engine: Engine) -> None:
    """Let this process's connections give up soon where others hold what they need."""

    @event.listens_for(engine, "connect")
    def limit(connection: Any, _record: Any) -> None:
        if engine.dialect.name == "sqlite":
            connection.execute(f"PRAGMA busy_timeout = {_PATIENCE}").close()
        else:
            with suppress(DBAPIError):
                connection.execute(f"SET lock_timeout = {_PATIENCE}")
                connection.commit()
