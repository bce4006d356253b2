"""A site as people run it, with its hub, on a database of either kind; its people and texts are made by the tests."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import flask_migrate
import psycopg
from flask import Flask

from sip import paths
from sip.app import create_app
from sip.config import Settings
from sip.core.db import db
from sip.drafts.models import Draft
from sip.people.models import Person
from sip.people.passwords import hash_password
from tests.factories import make_draft, make_group, make_person
from tests.live.visits import Visit
from tests.live.writers import Writer
from tests.packaging.servers import ROOT, Server, clean_environment
from tests.ports import free_port

PASSWORD = "a password for tests only"
SECRET = "test" * 16
# Seconds until a silent peer is asked, and until it is cut off, short enough for tests; and small limits.
SMALL_LIMITS = {
    "SIP_LIVE_PING": "1",
    "SIP_LIVE_SILENCE": "4",
    "SIP_LIVE_REST": "1",
    "SIP_LIVE_TABS": "30",
    "SIP_LIVE_MESSAGE": "200000",
    "SIP_LIVE_FIRST_MESSAGE": "400000",
    "SIP_LIVE_WAITING": "2000000",
    "SIP_LIVE_UNSAVED": "3000000",
    "SIP_LIVE_UPDATES": "300",
}


@dataclass
class Serving(Server):
    """One `sip serve`, that can be ended in several ways."""

    @property
    def hub(self) -> int:
        return self.named("live hub")

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=120)
        finally:
            self.process.kill()
            self.process.wait()

    def kill(self) -> None:
        """End all processes at once, as when the machine loses power."""
        for number in [*self.children(), self.process.pid]:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        self.process.wait()


@dataclass
class Team:
    """A document of one section, and two people who write it."""

    draft: Draft
    people: list[Person]
    visits: list[Visit]

    @property
    def key(self) -> str:
        return self.draft.sections[0].key

    def writer(self, number: int = 0) -> Writer:
        return Writer(self.visits[number], self.draft.slug)


@dataclass
class Site:
    """A database with an application of the test's own beside the servers that run on it."""

    app: Flask
    folder: Path
    url: str

    @contextmanager
    def serving(self, **settings: str) -> Iterator[Serving]:
        """Run `sip serve` on this database until the block ends."""
        server = self.start(**settings)
        try:
            yield server
        finally:
            if server.process.poll() is None:
                server.stop()

    def start(self, port: int = 0, **settings: str) -> Serving:
        """Start `sip serve`, and wait until a page and the hub are there."""
        port = port or free_port()
        log = self.folder / f"serve-{port}-{time.monotonic_ns()}.log"
        environment = clean_environment(
            SIP_DATABASE_URL=self.url,
            SIP_SECRET_KEY=SECRET,
            SIP_DATA=str(self.folder),
            TMPDIR=str(self.folder),
            **settings,
        )
        with log.open("wb") as file:
            command = [sys.executable, "-m", "sip.cli", "serve", "--port", str(port)]
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=file, stderr=file)
        server = Serving(process, f"http://127.0.0.1:{port}", log, 0.0)
        deadline = time.monotonic() + 240
        while not (server.address in log.read_text() and server.hub):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        return server

    def team(self, server: Server, sections: tuple[tuple[str, str], ...] = (("Introduction", ""),)) -> Team:
        """Make a document and two people who may write in it, signed in at `server`."""
        with self.app.app_context():
            people = [make_person(password_hash=hash_password(PASSWORD)) for _ in range(2)]
            draft = make_draft(make_group(facilitator=people[0], participants=(people[1],)), sections=sections)
            visits = [Visit(server.address, person.email, PASSWORD) for person in people]
            _ = draft.sections, draft.groups
            return Team(draft, people, visits)

    def body(self, key: str) -> str:
        """Return a section's text as the database has it."""
        with self.app.app_context():
            return str(db.session.execute(db.text("SELECT body FROM sections WHERE key = :key"), {"key": key}).scalar())


@contextmanager
def empty_site(url: str, folder: Path) -> Iterator[Site]:
    """Make the tables in an empty database."""
    app = create_app(Settings(data=folder, secret_key=SECRET, database_url=url))
    with app.app_context():
        db.create_all()
        flask_migrate.stamp(str(paths.MIGRATIONS))
        db.engine.dispose()
    yield Site(app, folder, url)
    with app.app_context():
        db.engine.dispose()


@contextmanager
def locked(site: Site) -> Iterator[None]:
    """Hold the database's lock, as another program may."""
    if site.url.startswith("sqlite"):
        connection = sqlite3.connect(site.url.removeprefix("sqlite:///"), isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")
        connection.close()
        return
    with psycopg.connect(site.url.replace("+psycopg", "")) as other:
        other.execute("LOCK TABLE draft_updates IN ACCESS EXCLUSIVE MODE")
        yield
        other.rollback()
