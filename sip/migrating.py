"""Brings the database to the shape that this version of the code expects, by one process at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

import flask_migrate
from flask import Flask

from sip import paths
from sip.config import Settings
from sip.core.db import db

# Any number will do, as long as it is always this one.
_POSTGRESQL_LOCK = 7_305_113


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
