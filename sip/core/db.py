"""The database: one session, transactions that are safe with several processes, UTC times."""

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, Connection, DateTime, Dialect, Engine, MetaData, event, func, select
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase, ORMExecuteState, Session, registry
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware and in UTC in Python, on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """What every table shares: named constraints (migrations need them) and types by annotation."""

    registry = registry(
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(table_name)s_%(column_0_N_name)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_N_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={datetime: UtcDateTime, dict[str, Any]: JSON, dict[str, str]: JSON, list[Any]: JSON},
    )


db = SQLAlchemy(model_class=Base, disable_autonaming=True, session_options={"expire_on_commit": False})

if TYPE_CHECKING:

    class Model(DeclarativeBase):
        """The base class of all tables."""
else:
    Model = db.Model

# Where PostgreSQL tells live hubs that there is something new; SQLite's are told by the file.
NEWS_CHANNEL = "sip_live"

# Writes take SQLite's lock when they begin: a transaction that reads first and locks later would lose updates.
_writes: ContextVar[bool] = ContextVar("writes", default=True)


def begin_reading() -> None:
    """From here on, new transactions of this context only read; a write in one fails loudly."""
    _writes.set(False)


def begin_writing() -> None:
    """From here on, new transactions of this context may write."""
    _writes.set(True)


@contextmanager
def transaction() -> Iterator[None]:
    """Commit what the block did, or undo all of it when it raises."""
    before = _writes.get()
    db.session.rollback()
    # What was loaded before may be older than what this transaction sees; a rollback alone forgets it only if one ran.
    db.session.expire_all()
    begin_writing()
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        _writes.set(before)


def hold(name: str) -> None:
    """Let transactions that hold the same `name` come one after the other, each until it ends; SQLite's writers do."""
    if db.session.get_bind().dialect.name == "postgresql":
        number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
        db.session.execute(select(func.pg_advisory_xact_lock(number)))


_PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "busy_timeout = 15000",
    "secure_delete = ON",  # a copy of the file tells of no vote what an urn held before
)


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, record: ConnectionPoolEntry) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    ((_number, _name, path),) = connection.execute("PRAGMA database_list")
    record.info["file"] = path, file_at(path)
    connection.isolation_level = None  # SQLAlchemy's begin event below says BEGIN, not the driver
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").close()


@event.listens_for(Engine, "checkout")
def _leave_replaced_file(_connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
    """Connect anew where another file has taken the place of SQLite's: what is written to the old one is lost."""
    path, known = record.info.get("file", ("", None))
    now = file_at(path)
    if now is not None and now != known:  # where there is none, another one is on its way
        raise DisconnectionError


def file_at(path: str) -> tuple[int, int] | None:
    """Say which file stands at `path`, by device and number; None where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    writes = _writes.get()
    if connection.dialect.name == "sqlite":
        if connection.info.get("writes") != writes:
            # Not each time: SQLite compiles every statement anew after such a pragma.
            connection.exec_driver_sql(f"PRAGMA query_only = {0 if writes else 1}")
            connection.info["writes"] = writes
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
    elif not writes:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")


@event.listens_for(Session, "after_flush")
def _announce_new(session: Session, _context: Any) -> None:
    if any(getattr(row, "is_news", False) for row in session.new):
        announce(session)


@event.listens_for(Session, "do_orm_execute")
def _announce_inserted(state: ORMExecuteState) -> None:
    if state.is_insert and state.bind_mapper is not None and getattr(state.bind_mapper.class_, "is_news", False):
        announce(state.session)


def announce(session: Session) -> None:
    """Tell live hubs of new rows whose class `is_news`; the notice leaves with the commit, once however many there are.

    To be called only where such rows are added by statements on the connection: the session tells of its own.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"NOTIFY {NEWS_CHANNEL}")
