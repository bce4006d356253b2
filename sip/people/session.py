"""Who is signed in on this device: begun at sign-in with a new session, ended everywhere by raising the epoch."""

import secrets
import time
from functools import cached_property
from typing import Any

from flask import Flask, Request, g, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload

from sip.core.db import db
from sip.people.models import Person, PersonRole, RoleGrant

GOOD_FOR = 60.0  # seconds
_DEVICE = "device"
MOST_COOKIES = 2_000  # remembered in each worker

_people, _grants = Person.__table__.c, RoleGrant.__table__.c
# Asked at every request: columns, not objects, and a statement that is built once.
_WHO = (
    select(_people.name, _people.language, _people.session_epoch, _grants.role)
    .outerjoin_from(Person.__table__, RoleGrant.__table__, _grants.person_id == _people.id)
    .where(_people.id == bindparam("id"))
)


class _Sessions(SecureCookieSessionInterface):
    """Flask's own sessions; a cookie whose signature and age were good a moment ago is not unpacked again."""

    def __init__(self, app: Flask) -> None:
        self._signer = super().get_signing_serializer(app)
        self._good: dict[str, tuple[float, dict[str, Any]]] = {}

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        return self._signer

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        cookie = request.cookies.get(self.get_cookie_name(app), "")
        until, values = self._good.get(cookie, (0.0, {}))
        if until > time.monotonic():
            return self.session_class(values)
        session = super().open_session(app, request)
        # What could be changed in place, such as messages, must not be shared between requests.
        if session and all(isinstance(value, str | int) for value in session.values()):
            if len(self._good) >= MOST_COOKIES:
                self._good.clear()
            self._good[cookie] = time.monotonic() + GOOD_FOR, dict(session)
        return session


class SessionUser(UserMixin):
    """Who the session names, with what policies ask about them; `person` is their row, read when it is asked for."""

    def __init__(self, id: int, name: str, language: str, epoch: int, roles: frozenset[str]) -> None:
        self.id = id
        self.name = name
        self.language = language
        self.epoch = epoch
        self.is_administrator = PersonRole.ADMINISTRATOR in roles
        self.is_board_member = PersonRole.BOARD_MEMBER in roles

    @cached_property
    def person(self) -> Person | None:
        return db.session.get(Person, self.id, options=[joinedload(Person.grants)])

    def get_id(self) -> str:
        return f"{self.id}:{self.epoch}"


def begin(person: Person) -> None:
    """Sign `person` in: nothing of the session before is kept but what was picked for this device."""
    _renew()
    session.permanent = True
    session[_DEVICE] = secrets.token_urlsafe(9)
    user = SessionUser(person.id, person.name, person.language, person.session_epoch, frozenset(person.roles))
    user.person = person
    login_user(user)


def end() -> None:
    """Sign out on this device."""
    logout_user()
    _renew()


def _renew() -> None:
    kept = {name: session[name] for name in ("language", "theme") if name in session}
    session.clear()
    g.pop("csrf_token", None)
    session.update(kept)


def device() -> str:
    """Return what tells this session from others of the same person; empty where it began before they had that."""
    return str(session.get(_DEVICE, ""))


def current_person() -> Person | None:
    """Return the signed-in person, or None for a visitor."""
    person: Person | None = getattr(current_user, "person", None)
    return person


def _load(identity: str) -> SessionUser | None:
    number, _, epoch = identity.partition(":")
    if not number.isdecimal() or len(number) > 9:
        return None
    rows = db.session.execute(_WHO, {"id": int(number)}).all()
    if not rows or str(rows[0].session_epoch) != epoch:
        return None
    first = rows[0]
    roles = frozenset(row.role for row in rows if row.role)
    return SessionUser(int(number), first.name, first.language, first.session_epoch, roles)


def init(app: Flask) -> None:
    """Attach the session to `app`."""
    app.session_interface = _Sessions(app)
    manager = LoginManager(app)
    # The cookie is signed and bound to the epoch; networks of phones change, so nothing is bound to their address.
    manager.session_protection = None
    manager.user_loader(_load)
    # Whatever visits note in the session sends the cookie anew, and so keeps alive a session that is used.
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False
