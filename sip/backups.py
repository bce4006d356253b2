"""Backups of an installation on one machine: the database as it is at one moment, and the keys beside it."""

import sqlite3
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path

from sip.config import Settings

_BESIDE = ("secret.key", "settings.env", "demo-password.txt")
_DATABASE = "sip.db"


class BadBackup(Exception):
    """A backup that cannot be written or restored; the text says why, in one line."""


def write(settings: Settings, file: Path) -> int:
    """Write the backup and return the number of files in it; people go on working meanwhile. Raises BadBackup."""
    source = settings.data / _DATABASE
    if settings.database_url or not source.is_file():
        raise BadBackup("there is no SQLite database here; with PostgreSQL, use pg_dump")
    with tempfile.TemporaryDirectory(dir=settings.data) as folder:
        copy = Path(folder) / _DATABASE
        with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(copy)) as target:
            live.backup(target)
        members = [copy, *(path for name in _BESIDE if (path := settings.data / name).is_file())]
        unfinished = file.with_name(file.name + ".part")
        with tarfile.open(unfinished, "w:gz") as archive:
            for path in members:
                archive.add(path, path.name)
        unfinished.chmod(0o600)
        unfinished.replace(file)
    return len(members)


def restore(file: Path, data: Path) -> None:
    """Unpack a backup into `data`, which must hold no database yet. Raises BadBackup."""
    if (data / _DATABASE).exists():
        raise BadBackup(f"{data} holds a database already; restore into an empty folder")
    data.mkdir(parents=True, exist_ok=True)
    try:
        with tarfile.open(file, "r:gz") as archive:
            members = {member.name: member for member in archive.getmembers()}
            if _DATABASE not in members or not members.keys() <= {_DATABASE, *_BESIDE}:
                raise BadBackup(f"{file} is no backup of this program")
            archive.extractall(data, filter="data")
    except tarfile.TarError as error:
        raise BadBackup(f"{file} is no backup of this program: {error}") from error
