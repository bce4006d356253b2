"""Backups of an installation on one machine: the database as it is at one moment, and the keys beside it."""

import gzip
import os
import sqlite3
import tarfile
import tempfile
import zlib
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
    if not file.parent.is_dir():
        raise BadBackup(f"{file.parent} is no folder to write a backup into")
    with tempfile.TemporaryDirectory(dir=settings.data) as folder:
        copy = Path(folder) / _DATABASE
        with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(copy)) as target:
            live.backup(target)
        members = [copy, *(path for name in _BESIDE if (path := settings.data / name).is_file())]
        unfinished = file.with_name(file.name + ".part")
        # It holds the key that signs sessions: its owner's alone from the first byte on.
        unfinished.unlink(missing_ok=True)
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as raw, tarfile.open(fileobj=raw, mode="w:gz") as archive:
            for path in members:
                archive.add(path, path.name)
        unfinished.replace(file)
    return len(members)


def restore(file: Path, data: Path) -> None:
    """Unpack a backup into `data`, which must hold no database yet. Raises BadBackup."""
    if (data / _DATABASE).exists():
        raise BadBackup(f"{data} holds a database already; restore into an empty folder")
    data.mkdir(parents=True, exist_ok=True)
    try:
        _check_whole(file)
        with tarfile.open(file, "r:gz") as archive:
            members = {member.name: member for member in archive.getmembers()}
            if _DATABASE not in members or not members.keys() <= {_DATABASE, *_BESIDE}:
                raise BadBackup(f"{file} is no backup of this program")
            archive.extractall(data, filter="data")
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise BadBackup(f"{file} is no backup of this program: {error}") from error


def _check_whole(file: Path) -> None:
    """Read to the end, where the checksum stands, which unpacking alone never looks at."""
    with gzip.open(file) as content:
        while content.read(1 << 20):
            pass
