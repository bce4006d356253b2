"""The `sip` command on both databases: what it stores and says, and that what goes wrong is said in one line."""

import os
import re
import shutil
import sqlite3
import tarfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner
from flask import Flask

from sip import cli, paths
from sip.core.db import db
from sip.cycles.stages import RIGHTS
from tests.databases import Databases


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


Maker = Callable[[str], Installation]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def make(
    request: pytest.FixtureRequest, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Maker]:
    """`make("")` gives an installation without anything; `make("demo")` a copy of one that holds the demo."""
    folder = tmp_path_factory.mktemp(request.param)
    names = (f"installation{number}" for number in range(1000))

    def create(server: str, template: str) -> Installation:
        name = next(names)
        data = folder / name
        if template and not server:
            shutil.copytree(folder / template, data)
        data.mkdir(exist_ok=True)
        if not server:
            return Installation(data, "")
        with psycopg.connect(plain(server), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template or 'template0'}".encode())
        return Installation(data, f"{server.rpartition('/')[0]}/{name}")

    def maker(server: str) -> Maker:
        first = create(server, "")
        first.sip("demo")
        return lambda kind: create(server, first.data.name if kind == "demo" else "")

    if request.param == "sqlite":
        yield maker("")
    else:
        with databases.empty("postgresql", folder) as url:
            yield maker(url)


@pytest.fixture
def empty(make: Maker) -> Installation:
    """An installation whose database holds no table."""
    return make("")


@pytest.fixture
def demo(make: Maker) -> Installation:
    """An installation that holds the demo."""
    return make("demo")


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    "command", [["check"], ["import", str(paths.DEMO_DRAFTS)], ["export", "x"], ["user", "a@example.org"]]
)
def test_a_database_that_is_not_up_to_date_is_named(empty: Installation, command: list[str]) -> None:
    assert empty.refused(*command) == "the database is not up to date; run: sip migrate"


def test_migrate_makes_it_ready_and_may_be_run_again(empty: Installation) -> None:
    for _ in range(2):
        assert empty.sip("migrate") == "The database is up to date.\n"
    assert empty.sip("check") == "All is well.\n"
    assert empty.count("people") == 0


def test_a_database_of_a_later_version_is_left_alone(demo: Installation) -> None:
    demo.sql("UPDATE alembic_version SET version_num = '9999'")
    assert demo.refused("check") == "the database was changed by a later version of this program; install that one"


def test_demo_goes_into_an_empty_installation_only(demo: Installation) -> None:
    people = demo.count("people")
    assert people > 30
    assert demo.count("drafts") == 4
    assert demo.sip("check") == "All is well.\n"
    assert demo.refused("demo").startswith("there is something here already")
    assert demo.count("people") == people


def test_demo_at_scale_adds_what_was_asked_for(demo: Installation) -> None:
    people = demo.count("people")
    assert demo.sip("demo", "--scale", "--members", "25", "--drafts", "3") == "The demo is loaded.\n"
    assert (demo.count("people"), demo.count("drafts")) == (people + 25, 7)


def test_what_is_shipped_comes_back_the_same(empty: Installation, tmp_path: Path) -> None:
    empty.sip("migrate")
    empty.sip("import", str(paths.DEMO_DRAFTS))
    empty.sip("export", tmp_path / "copy")
    assert bytes_of(tmp_path / "copy") == bytes_of(paths.DEMO_DRAFTS)


def test_what_is_exported_comes_back_the_same(demo: Installation, make: Maker, tmp_path: Path) -> None:
    copy = tmp_path / "new" / "copy"
    told = demo.sip("export", copy)
    files = bytes_of(copy)
    assert told == f"{len(files)} files written to {copy}\n"
    # As the demo's texts went on since they were shipped: amendments were accepted.
    assert files.keys() == bytes_of(paths.DEMO_DRAFTS).keys()

    other = make("")
    other.sip("migrate")
    assert other.sip("import", copy) == f"{copy}: 4 documents stored, 0 were there already\n"
    assert other.sip("import", copy) == f"{copy}: 0 documents stored, 4 were there already\n"
    assert other.sip("check") == "All is well.\n"
    other.sip("export", tmp_path / "again")
    assert bytes_of(tmp_path / "again") == files


def test_export_onto_a_file_is_one_line(demo: Installation, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert demo.refused("export", tmp_path / "file" / "folder") == f"{tmp_path / 'file' / 'folder'}: Not a directory"


NOTES = """\
# Des antennes vivantes

## Introduction

Bonjour.

## Recommandation 1 : Ouvrir

Voir la recommandation 9.
"""


def test_a_document_in_another_format_is_stored_for_its_theme(demo: Installation, tmp_path: Path) -> None:
    notes = tmp_path / "notes.md"
    notes.write_text(NOTES, encoding="utf-8")
    said = demo.sip("import", notes, "--theme", "comprendre", "--group", "rennes").splitlines()
    assert said[0] == f"{notes}: stored as des-antennes-vivantes, 2 sections"
    assert said[1:] == ["  left as text, line 1 of ouvrir: recommandation 9"]
    groups = demo.sql(
        "SELECT working_groups.slug FROM drafts JOIN draft_groups ON draft_groups.draft_id = drafts.id "
        "JOIN working_groups ON working_groups.id = draft_groups.group_id WHERE drafts.slug = 'des-antennes-vivantes'"
    )
    assert groups == [("rennes",)]
    assert demo.sip("check") == "All is well.\n"


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--theme", "nothing"], "There is no theme “nothing”."),
        (["--theme", "comprendre", "--group", "lyon"], "There is no group “lyon” in this theme."),
    ],
)
def test_an_unknown_theme_or_group_is_named(demo: Installation, tmp_path: Path, options: list[str], line: str) -> None:
    (tmp_path / "notes.md").write_text(NOTES, encoding="utf-8")
    assert demo.refused("import", tmp_path / "notes.md", *options) == line
    assert demo.count("drafts") == 4


def test_a_document_without_a_theme_is_asked_for_it(demo: Installation, tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text(NOTES, encoding="utf-8")
    assert "Error: --theme is needed" in demo.sip("import", tmp_path / "notes.md", status=2)


def test_a_file_that_is_no_document_is_refused(demo: Installation, tmp_path: Path) -> None:
    (tmp_path / "report.docx").write_bytes(b"PK\x03\x04 no zip")
    demo.refused("import", tmp_path / "report.docx", "--theme", "comprendre")
    assert demo.count("drafts") == 4


def test_a_folder_with_a_fault_is_refused_whole(empty: Installation, tmp_path: Path) -> None:
    empty.sip("migrate")
    folder = tmp_path / "copy"
    shutil.copytree(paths.DEMO_DRAFTS, folder)
    version = folder / "2026" / "protections-communes" / "2.md"
    version.write_text(version.read_text(encoding="utf-8") + "Un mot de plus.\n", encoding="utf-8")
    assert "Version 2 was changed after it was frozen" in empty.refused("import", folder)
    assert (empty.count("cycles"), empty.count("drafts")) == (0, 0)


def test_check_names_what_was_changed_behind_its_back(demo: Installation) -> None:
    demo.sql(
        "UPDATE version_sections SET body = body || '!' WHERE version_id = "
        "(SELECT id FROM versions WHERE number = 1 ORDER BY id LIMIT 1)"
    )
    demo.sql("UPDATE sections SET body = body || '!' WHERE slug = 'introduction-rennes'")
    said = demo.sip("check", status=1)
    assert "version 1 was changed after it was frozen" in said
    assert "the text of section introduction-rennes differs from its update log" in said


def test_user_adds_a_person_and_invites_them(demo: Installation) -> None:
    assert demo.sip("user", "ana@example.org", "--name", "Ana Costa") == "Ana Costa <ana@example.org>\n"
    assert demo.sql("SELECT kind FROM letters WHERE recipient = 'ana@example.org'") == [("invitation",)]
    said = demo.sip("user", "ana@example.org", "--administrator")
    assert said == "Ana Costa <ana@example.org> administers this installation\n"
    grants = demo.sql(
        "SELECT role FROM role_grants JOIN people ON people.id = person_id WHERE email = 'ana@example.org'"
    )
    assert grants == [("administrator",)]
    assert demo.count("letters") == 1


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["nobody@example.org"], "Nobody has the address nobody@example.org; give a name to add somebody."),
        (["not an address", "--name", "X"], "This is not an email address."),
    ],
)
def test_a_person_who_cannot_be_added_is_one_line(demo: Installation, arguments: list[str], line: str) -> None:
    people = demo.count("people")
    assert demo.refused("user", *arguments) == line
    assert demo.count("people") == people


def test_routes_names_a_policy_for_every_address(empty: Installation) -> None:
    lines = empty.sip("routes").splitlines()
    assert all(re.fullmatch(r"(GET|POST|GET,POST) +/\S* +[\w.]+\.\w+", line) for line in lines), lines
    assert re.search(r"GET,POST +/start +people\.policy\.may_start", "\n".join(lines))
    assert len(lines) > 50


def test_rights_prints_the_table(empty: Installation) -> None:
    printed: dict[str, dict[str, set[str]]] = {}
    for line in empty.sip("rights").splitlines():
        if line.startswith("  "):
            role, _, verbs = line.strip().partition(" ")
            printed[stage][role] = set(verbs.strip().split(", ")) - {"-"}  # noqa: F821 - a stage comes first
        else:
            stage = line
            printed[stage] = {}
    assert printed == {
        stage.value: {role.value: {verb.value for verb in verbs} for role, verbs in roles.items()}
        for stage, roles in RIGHTS.items()
    }


def test_without_a_sqlite_database_there_is_nothing_to_back_up(empty: Installation, tmp_path: Path) -> None:
    """Neither with PostgreSQL nor before the first start."""
    line = empty.refused("backup", tmp_path / "x.tar.gz")
    assert line == "there is no SQLite database here; with PostgreSQL, use pg_dump"
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def backed_up(tmp_path_factory: pytest.TempPathFactory) -> tuple[Installation, Path]:
    """A SQLite installation with the demo and one more person, and its backup."""
    source = Installation(tmp_path_factory.mktemp("data"), "")
    source.sip("demo")
    source.sip("user", "ana@example.org", "--name", "Ana Costa")
    file = tmp_path_factory.mktemp("backups") / "sip.tar.gz"
    (source.data / "settings.env").write_text("SIP_SITE_NAME=Ici\n")
    # People go on working meanwhile: what is not committed is no part of the backup, and is in nobody's way.
    with closing(sqlite3.connect(source.data / "sip.db", isolation_level=None)) as busy:
        busy.execute("BEGIN IMMEDIATE")
        busy.execute("DELETE FROM people")
        assert source.sip("backup", file) == f"4 files in {file}\n"
        busy.execute("ROLLBACK")
    return source, file


def test_a_backup_is_its_owners_alone(backed_up: tuple[Installation, Path]) -> None:
    _source, file = backed_up
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(file.parent.iterdir()) == [file]


def test_a_restored_installation_is_the_one_backed_up(backed_up: tuple[Installation, Path], tmp_path: Path) -> None:
    source, file = backed_up
    target = Installation(tmp_path / "new" / "data", "")
    said = target.sip("restore", file, "--data", target.data)
    assert said == f"Restored into {target.data}. Start it with: sip serve --data {target.data}\n"
    assert target.sip("check") == "All is well.\n"
    for table in ("people", "drafts", "versions", "draft_updates", "letters"):
        assert target.count(table) == source.count(table) > 0
    for name in ("secret.key", "settings.env", "demo-password.txt"):
        assert (target.data / name).read_bytes() == (source.data / name).read_bytes()
    assert (target.data / "secret.key").stat().st_mode & 0o777 == 0o600


def test_restore_never_overwrites(backed_up: tuple[Installation, Path]) -> None:
    source, file = backed_up
    people = source.count("people")
    assert source.refused("restore", file).endswith("holds a database already; restore into an empty folder")
    assert source.count("people") == people


def test_a_backup_that_has_nowhere_to_go_is_one_line(backed_up: tuple[Installation, Path], tmp_path: Path) -> None:
    source, _file = backed_up
    line = source.refused("backup", tmp_path / "missing" / "x.tar.gz")
    assert line == f"{tmp_path / 'missing'} is no folder to write a backup into"


def _cut_short(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def _damaged(file: Path) -> None:
    content = bytearray(file.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 50] = bytes(50)
    file.write_bytes(content)


def _something_else(file: Path) -> None:
    file.write_text("bonjour")


def _other_archive(file: Path) -> None:
    with tarfile.open(file, "w:gz") as archive:
        archive.add(paths.DEMO_DRAFTS / "offices.yml", "../offices.yml")


@pytest.mark.parametrize("spoil", [_cut_short, _damaged, _something_else, _other_archive])
def test_a_bad_backup_is_refused(
    backed_up: tuple[Installation, Path], tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    bad = tmp_path / "bad.tar.gz"
    shutil.copy(backed_up[1], bad)
    spoil(bad)
    target = Installation(tmp_path / "data", "")
    assert f"{bad} is no backup of this program" in target.refused("restore", bad)
    assert not (target.data / "sip.db").exists()
