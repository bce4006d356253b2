"""An installation of its own for tests of the command: its data folder, its database, and what the command says."""

import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from click.testing import CliRunner
from flask import Flask

from sip import cli
from sip.core.db import db


@dataclass
class Installation:
    """A data folder and its database; `sip` runs a command on them, `sql` a statement."""

    data: Path
    url: str

    def sip(self, *arguments: str | Path, status: int = 0) -> str:
        """Run a command as a person would and return what it said; its exit status must be `status`."""
        apps: list[Flask] = []

        def remembered(*args: Any) -> Flask:
            apps.append(cli_create_app(*args))
            return apps[-1]

        cli_create_app, cli.create_app = cli.create_app, remembered
        try:
            environ = {"SIP_DATA": str(self.data), "SIP_DATABASE_URL": self.url}
            done = CliRunner().invoke(cli.main, [str(part) for part in arguments], env=environ, prog_name="sip")
        finally:
            cli.create_app = cli_create_app
            for app in apps:
                with app.app_context():
                    db.engine.dispose()
        assert done.exit_code == status, (done.output, done.exception)
        return done.output

    def refused(self, *arguments: str | Path) -> str:
        """Run a command that must fail with one line, and return that line without "Error: "."""
        said = self.sip(*arguments, status=1)
        assert re.fullmatch(r"Error: .+\n", said), said
        return said.removeprefix("Error: ").rstrip("\n")

    def sql(self, statement: str) -> Sequence[tuple[Any, ...]]:
        """Run one statement past the program, and return its rows if it has any."""
        if not self.url:
            with closing(sqlite3.connect(self.data / "sip.db")) as file, file:
                return file.execute(statement).fetchall()
        with psycopg.connect(plain(self.url)) as server:
            cursor = server.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def count(self, table: str) -> int:
        """Return how many rows a table has."""
        return int(self.sql(f"SELECT count(*) FROM {table}")[0][0])


def plain(url: str) -> str:
    return url.replace("postgresql+psycopg:", "postgresql:")


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
