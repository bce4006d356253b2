"""Brings the database to the shape that this version of the code expects, by one process at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

import flask_migrate
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask

from sip import paths
from sip.config import Settings
from sip.core.db import db

# Any number will do, as long as it is always this one.
_POSTGRESQL_LOCK = 7_305_113


class NotMigrated(Exception):
    """The database has another shape than this version expects; the text says what to do, in one line."""


@contextmanager
def alone(app: Flask) -> Iterator[None]:
    """Wait until no other process prepares the same data folder or the same PostgreSQL database; needs a context."""
    settings: Settings = app.config["SETTINGS"]
    handle = os.open(settings.data, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if db.engine.dialect.name != "postgresql":
            yield
            return
        with db.engine.connect() as connection:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_POSTGRESQL_LOCK})")
            yield
    finally:
        os.close(handle)


def migrate() -> None:
    """Run the migrations that are missing; needs a context."""
    flask_migrate.upgrade(str(paths.MIGRATIONS))


def check_migrated() -> None:
    """Raise NotMigrated where migrations are missing, or where a later version has been at work; needs a context."""
    with db.engine.connect() as connection:
        found = set(MigrationContext.configure(connection).get_current_heads())
    script = ScriptDirectory(str(paths.MIGRATIONS))
    if found == set(script.get_heads()):
        return
    known = {revision.revision for revision in script.walk_revisions()}
    if found <= known:
        raise NotMigrated("the database is not up to date; run: sip migrate")
    raise NotMigrated("the database was changed by a later version of this program; install that one")
