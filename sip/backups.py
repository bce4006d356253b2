"""Backups of an installation on one machine: the database as it is at one moment, and the keys beside it."""

import gzip
import os
import sqlite3
import tarfile
import tempfile
import zlib
from collections.abc import Sequence
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
    try:
        with tempfile.TemporaryDirectory(dir=settings.data) as folder:
            copy = Path(folder) / _DATABASE
            with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(copy)) as target:
                live.backup(target)
            members = [copy, *(path for name in _BESIDE if (path := settings.data / name).is_file())]
            _archive(members, file)
    except (OSError, sqlite3.Error) as error:
        raise BadBackup(f"{file} could not be written: {_reason(error)}") from error
    return len(members)


def _archive(members: Sequence[Path], file: Path) -> None:
    """Put files into one .tar.gz, which stands there whole or not at all, however many are written at once."""
    # It holds the key that signs sessions: its owner's alone from the first byte on, as such files are.
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f"{file.name}.", suffix=".part")
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "wb") as raw:
            with tarfile.open(fileobj=raw, mode="w:gz") as archive:
                for path in members:
                    archive.add(path, path.name)
            raw.flush()
            os.fsync(raw.fileno())
        unfinished.replace(file)
    except BaseException:
        unfinished.unlink()
        raise


def restore(file: Path, data: Path) -> None:
    """Unpack a backup into `data`, whole or not at all; nothing of an installation may be there. Raises BadBackup."""
    # What SQLite left beside a database that was taken away would be played into the restored one.
    there = [name for name in (_DATABASE, f"{_DATABASE}-wal", f"{_DATABASE}-shm", *_BESIDE) if (data / name).exists()]
    if there:
        raise BadBackup(f"{data} holds {', '.join(there)} already; restore into an empty folder")
    data.mkdir(parents=True, exist_ok=True)
    try:
        _check_whole(file)
        with tarfile.open(file, "r:gz") as archive, tempfile.TemporaryDirectory(dir=data) as folder:
            members = {member.name: member for member in archive.getmembers()}
            if _DATABASE not in members or not members.keys() <= {_DATABASE, *_BESIDE}:
                raise BadBackup(f"{file} is no backup of this program")
            archive.extractall(folder, filter="data")
            # The database comes last: without it, a restoring that was stopped in between can be seen to be none.
            for name in sorted(members, key=lambda name: name == _DATABASE):
                (Path(folder) / name).rename(data / name)
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise BadBackup(f"{file} is no backup of this program: {error}") from error
    except OSError as error:
        raise BadBackup(f"{file} could not be restored: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _check_whole(file: Path) -> None:
    """Read to the end, where the checksum stands, which unpacking alone never looks at."""
    with gzip.open(file) as content:
        while content.read(1 << 20):
            pass
