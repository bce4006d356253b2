"""`sip backup` and `sip restore`: what comes back is what was there, and nothing is overwritten."""

import os
import shutil
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from sip import paths
from tests.installation import Installation


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
