"""Run by Alembic for every migration command: connects it to the application's database and tables."""

from typing import Any, Literal

from alembic import context
from sqlalchemy.dialects.sqlite import JSON as SQLiteJSON

from sip.core.db import Base, UtcDateTime, db


def _skip_empty(_context: object, _revision: object, directives: list[Any]) -> None:
    """Write no file where nothing changed."""
    if directives and directives[0].upgrade_ops.is_empty():
        directives[:] = []


def _render(kind: str, item: Any, _context: object) -> str | Literal[False]:
    """Write our types as plain ones, so that old migrations do not depend on later code."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


def _is_other_type(_context: Any, _column: Any, _inspected: Any, found: Any, wanted: Any) -> bool | None:
    """Take moments and JSON for what they are; the rest is compared by Alembic."""
    return False if isinstance(wanted, UtcDateTime) or isinstance(found, SQLiteJSON) else None


def run() -> None:
    """Run the migrations inside one transaction: one that stops half-way leaves nothing behind."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            # SQLite changes a table by copying it: with keys enforced, dropping the old one would empty those below it.
            connection.connection.dbapi_connection.execute("PRAGMA foreign_keys = OFF")  # type: ignore[union-attr]
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            transactional_ddl=True,
            compare_type=_is_other_type,
            process_revision_directives=_skip_empty,
            render_item=_render,
        )
        with context.begin_transaction():
            context.run_migrations()
        # A connection of its own settings does not go back among the others.
        connection.invalidate()


run()
