"""Empty databases of both kinds for tests; a PostgreSQL server is started on a free port and stopped again."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest


@contextmanager
def empty_database(kind: str, folder: Path) -> Iterator[str]:
    """Yield the SQLAlchemy address of an empty database of `kind`, `sqlite` or `postgresql`."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'test.db'}"
        return
    with _postgres_server(folder) as url:
        yield url


def _postgres_programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or [Path(shutil.which("initdb") or "missing")]
    if found[-1].is_file():
        return found[-1].parent
    reason = "PostgreSQL is not installed (Debian: apt-get install postgresql); its tests were not run"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def _postgres_server(folder: Path) -> Iterator[str]:
    programs = _postgres_programs()
    # PostgreSQL refuses to run as root: its own account takes over where there is one.
    user = {"user": "postgres"} if os.geteuid() == 0 else {}
    home = Path("/tmp") / f"sip-postgres-{os.getpid()}-{time.monotonic_ns()}"
    home.mkdir(mode=0o755)
    if user:
        shutil.chown(home, "postgres")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    cluster = home / "cluster"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT, "cwd": home}
    subprocess.run(
        [programs / "initdb", "-D", cluster, "-U", "sip", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"],
        check=True, **user, **quiet,
    )  # fmt: skip
    server = subprocess.Popen(
        [programs / "postgres", "-D", cluster, "-p", str(port), "-c", "fsync=off", "-k", str(home),
         "-c", "listen_addresses=127.0.0.1"],
        **user, **quiet,
    )  # fmt: skip
    try:
        address = f"postgresql://sip@127.0.0.1:{port}/postgres"
        _wait_until_up(address)
        yield address.replace("postgresql://", "postgresql+psycopg://")
    finally:
        server.send_signal(2)  # fast shutdown
        server.wait(timeout=30)
        shutil.rmtree(home, ignore_errors=True)


def _wait_until_up(address: str) -> None:
    for _ in range(200):
        try:
            psycopg.connect(address, connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the PostgreSQL server did not start")
