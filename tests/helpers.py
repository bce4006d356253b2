"""Small helps that tests share: signing in, posting forms as a page would, counting queries."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import Context
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from sip.core import clock
from sip.core.db import db
from sip.core.journal import JournalEntry
from sip.people.models import Person


class Browser(FlaskClient):
    """Sends each request in a context of its own, as a server does: the test's would share one `g` among them all.

    Requests have their own database session too: a test commits what it made, and what it read, before it goes on.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"

    def open(self, *args: Any, **kwargs: Any) -> Any:
        db.session.commit()
        context = Context()
        context.run(clock._frozen.set, clock._frozen.get())
        return context.run(super().open, *args, **kwargs)


def sign_in_as(client: FlaskClient, person: Person) -> FlaskClient:
    """Give `client` the session that signing in gives."""
    with client.session_transaction() as session:
        session.clear()
        session["_user_id"] = f"{person.id}:{person.session_epoch}"
        session["_fresh"] = True
    return client


def token_of(page: TestResponse) -> str:
    """Return the anti-forgery token that a page carries."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert found, f"no form on {page.request.path} ({page.status_code})"
    return found.group(1)


def submit(
    client: FlaskClient, address: str, data: dict[str, Any], *, page: str | None = None, **kwargs: Any
) -> TestResponse:
    """Open the form at `page` (else `address`), then post `data` to `address` with its token."""
    token = token_of(client.get(page or address))
    return client.post(address, data={"csrf_token": token, **data}, **kwargs)


def forged(signed: str) -> str:
    """Return what was signed with another signature; not its last letter is changed, whose last bits say nothing."""
    return f"{signed[:-9]}{'A' if signed[-9] != 'A' else 'B'}{signed[-8:]}"


def plain_text(html: str) -> str:
    """Return the words of a page or a part of one, without its markup and with one space where there were many."""
    return " ".join(re.sub(r"<[^>]+>", "", html).split())


def journal_events() -> list[str]:
    """Return the events in the journal, the oldest first."""
    return list(db.session.scalars(select(JournalEntry.event).order_by(JournalEntry.id)))


@contextmanager
def count_queries() -> Iterator[list[str]]:
    """Collect the statements sent to the database inside the block."""
    statements: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("PRAGMA", "SAVEPOINT", "RELEASE", "ROLLBACK")):
            statements.append(statement)

    engine = db.engine if not hasattr(db.engine, "engine") else db.engine.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)
