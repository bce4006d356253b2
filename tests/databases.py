"""Empty databases of both kinds for tests; PostgreSQL's are all on one server, started on a free port at first need."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import Self

import psycopg
import pytest

from tests.ports import free_port


class Databases:
    """Makes empty databases until the block ends, and with it the server that it started."""

    def __init__(self) -> None:
        self._server = ""
        self._stack = ExitStack()
        self._numbers = count()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @contextmanager
    def empty(self, kind: str, folder: Path) -> Iterator[str]:
        """Yield the SQLAlchemy address of an empty database of `kind`, `sqlite` or `postgresql`."""
        if kind == "sqlite":
            yield f"sqlite:///{folder / 'test.db'}"
            return
        self._server = self._server or self._stack.enter_context(_postgres_server())
        name = f"test{next(self._numbers)}"
        self._do(f"CREATE DATABASE {name} TEMPLATE template0")
        yield f"{self._server.replace('postgresql://', 'postgresql+psycopg://')}/{name}"
        self._do(f"DROP DATABASE {name} WITH (FORCE)")

    def _do(self, statement: str) -> None:
        with psycopg.connect(f"{self._server}/postgres", autocommit=True) as connection:
            connection.execute(statement.encode())


def _postgres_programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or [Path(shutil.which("initdb") or "missing")]
    if found[-1].is_file():
        return found[-1].parent
    reason = "PostgreSQL is not installed (Debian: apt-get install postgresql); its tests were not run"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def _postgres_server() -> Iterator[str]:
    """Run a server; yields the address of its databases, without a name."""
    programs = _postgres_programs()
    # PostgreSQL refuses to run as root: its own account takes over where there is one.
    user = {"user": "postgres"} if os.geteuid() == 0 else {}
    home = Path("/tmp") / f"sip-postgres-{os.getpid()}-{time.monotonic_ns()}"
    home.mkdir(mode=0o755)
    if user:
        shutil.chown(home, "postgres")
    port = free_port()
    cluster = home / "cluster"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT, "cwd": home}
    subprocess.run(
        [programs / "initdb", "-D", cluster, "-U", "sip", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"],
        check=True, **user, **quiet,
    )  # fmt: skip
    # Nothing here has to outlive the machine, so nothing waits for the disk.
    settings = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=127.0.0.1"]
    server = subprocess.Popen(
        [programs / "postgres", "-D", cluster, "-p", str(port), "-k", str(home),
         *(word for setting in settings for word in ("-c", setting))],
        **user, **quiet,
    )  # fmt: skip
    try:
        address = f"postgresql://sip@127.0.0.1:{port}"
        _wait_until_up(f"{address}/postgres")
        yield address
    finally:
        server.send_signal(2)  # fast shutdown
        server.wait(timeout=120)
        shutil.rmtree(home, ignore_errors=True)


def _wait_until_up(address: str) -> None:
    for _ in range(600):
        try:
            psycopg.connect(address, connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the PostgreSQL server did not start")
