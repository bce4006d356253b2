"""Who is signed in on this device: begun at sign-in with a new session, ended everywhere by raising the epoch."""

from flask import Flask, g, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from sip.core.db import db
from sip.people.models import Person


class SessionUser(UserMixin):
    """What Flask-Login keeps: the person and the epoch the session began in."""

    def __init__(self, person: Person) -> None:
        self.person = person

    def get_id(self) -> str:
        return f"{self.person.id}:{self.person.session_epoch}"


def begin(person: Person) -> None:
    """Sign `person` in: nothing of the session before is kept but what was picked for this device."""
    _renew()
    session.permanent = True
    login_user(SessionUser(person))


def end() -> None:
    """Sign out on this device."""
    logout_user()
    _renew()


def _renew() -> None:
    kept = {name: session[name] for name in ("language", "theme") if name in session}
    session.clear()
    g.pop("csrf_token", None)
    session.update(kept)


def current_person() -> Person | None:
    """Return the signed-in person, or None for a visitor."""
    person: Person | None = getattr(current_user, "person", None)
    return person


def _load(identity: str) -> SessionUser | None:
    number, _, epoch = identity.partition(":")
    if not number.isdecimal() or len(number) > 9:
        return None
    person = db.session.get(Person, int(number))
    if person is None or str(person.session_epoch) != epoch:
        return None
    return SessionUser(person)


def init(app: Flask) -> None:
    """Attach the session to `app`."""
    manager = LoginManager(app)
    # The cookie is signed and bound to the epoch; networks of phones change, so nothing is bound to their address.
    manager.session_protection = None
    manager.user_loader(_load)
