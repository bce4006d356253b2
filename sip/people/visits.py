"""Visits: when somebody comes back after half an hour or more, the visit before becomes "your last visit"."""

import logging
from datetime import timedelta

from flask import Flask, request, session
from sqlalchemy import or_, update
from sqlalchemy.exc import SQLAlchemyError

from sip.core import clock
from sip.core.db import db, transaction
from sip.people.models import Person
from sip.people.session import current_person

PAUSE = timedelta(minutes=30)
# How exactly the session remembers when it was last used; each new value sends the cookie again.
_STEP = timedelta(minutes=5)
_KEY = "seen"

log = logging.getLogger(__name__)


def begin_visit(person_id: int) -> None:
    """Note a new visit, unless one began within the last half hour, for example on another device."""
    now = clock.now()
    is_new = or_(Person.visited_at.is_(None), Person.visited_at <= now - PAUSE)
    db.session.execute(
        update(Person)
        .where(Person.id == person_id, is_new)
        .values(previous_visit_at=Person.visited_at, visited_at=now)
        .execution_options(synchronize_session=False)
    )


def init(app: Flask) -> None:
    """Note visits to `app`; a visit that cannot be noted never keeps a page from being shown."""

    @app.before_request
    def note_visit() -> None:
        if request.endpoint in (None, "static") or "_user_id" not in session:
            return
        now = int(clock.now().timestamp())
        seen = session.get(_KEY)
        pause = now - seen if isinstance(seen, int) else None
        if pause is not None and 0 <= pause < _STEP.total_seconds():
            return
        if pause is None or not 0 <= pause < PAUSE.total_seconds():
            try:
                # A transaction of its own, before the one of the request: reading pages may not write.
                with transaction():
                    person = current_person()
                    if person is None:
                        return
                    begin_visit(person.id)
                    db.session.expire(person, ["visited_at", "previous_visit_at"])
            except SQLAlchemyError:
                log.exception("a visit could not be noted")
                return
        session[_KEY] = now
