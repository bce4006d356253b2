"""`sip backup` and `sip restore`: what comes back is what was there, and nothing is overwritten."""

import os
import resource
import shutil
import signal
import sqlite3
import tarfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from sip import backups, paths
from sip.config import Settings
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
    there = "sip.db, secret.key, settings.env, demo-password.txt"
    assert source.refused("restore", file) == f"{source.data} holds {there} already; restore into an empty folder"
    assert source.count("people") == people


@pytest.mark.parametrize("name", ["sip.db-wal", "sip.db-shm", "secret.key", "settings.env"])
def test_nothing_of_another_installation_may_be_there(
    backed_up: tuple[Installation, Path], tmp_path: Path, name: str
) -> None:
    """SQLite would play what is left of the old database into the restored one."""
    target = Installation(tmp_path / "data", "")
    target.data.mkdir()
    (target.data / name).write_text("old")
    assert f"holds {name} already" in target.refused("restore", backed_up[1])
    assert [(path.name, path.read_text()) for path in target.data.iterdir()] == [(name, "old")]


@pytest.fixture
def full_disk() -> Iterator[None]:
    """No file may become longer than 100,000 bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.usefixtures("full_disk")
def test_what_does_not_fit_leaves_nothing_behind(backed_up: tuple[Installation, Path], tmp_path: Path) -> None:
    source, file = backed_up
    was = file.read_bytes()
    assert source.refused("backup", file).startswith(f"{file} could not be written: ")
    target = Installation(tmp_path / "data", "")
    assert target.refused("restore", file) == f"{file} could not be restored: File too large"
    assert list(target.data.iterdir()) == []
    assert (list(file.parent.iterdir()), file.read_bytes()) == ([file], was)
    kept = {path.name for path in source.data.iterdir() if not path.name.startswith("sip.db-")}
    assert kept == {"sip.db", "secret.key", "settings.env", "demo-password.txt"}


def test_backups_of_one_name_at_once_are_whole(backed_up: tuple[Installation, Path], tmp_path: Path) -> None:
    """Two timers, one that took long: what stands there in the end is one of them."""
    source, _file = backed_up
    settings = Settings(data=source.data)
    file = tmp_path / "sip.tar.gz"
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda _: backups.write(settings, file), range(4))) == [4] * 4
    assert list(tmp_path.iterdir()) == [file]
    Installation(tmp_path / "data", "").sip("restore", file)


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
