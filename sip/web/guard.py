"""Every route declares who may: a view without a guard does not pass the house tests."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, request
from flask_login import current_user
from flask_wtf.csrf import CSRFProtect

from sip.core.access import YES, Answer, require
from sip.core.errors import Invalid
from sip.core.messages import message
from sip.web.incoming import clean_form
from sip.web.transaction import SAFE_METHODS

csrf = CSRFProtect()


def current_person() -> Any:
    """Return the signed-in person, or None for a visitor."""
    return getattr(current_user, "person", None)


def current_reader() -> Any:
    """Return what the session knows of the signed-in person (id, name, language, roles) without reading their row."""
    user = current_user._get_current_object()
    return user if user.is_authenticated else None


def anyone(person: Any) -> Answer:
    """Everybody may, visitors included."""
    return YES


def guard(
    policy: Callable[..., Answer],
    load: Callable[..., Any] | None = None,
    *,
    is_harmless: bool = False,
    who: Callable[[], Any] = current_person,
) -> Callable[..., Any]:
    """Ask `policy(person)`, or `policy(person, thing)` with what `load` finds for the address, before the view runs.

    `load` takes the address's parts, raises Missing, and what it returns is the view's only argument; a tuple is spread
    over policy and view alike. Forms are checked against forgery here too, after the rights: who was signed out in
    between meets the page that keeps what was typed. A form that changes only how pages look `is_harmless`: it goes
    unchecked, so that visitors read without a cookie. `who` is `current_reader` where no more of a person is needed.
    """

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(**address: Any) -> Any:
            if load is None:
                things: tuple[Any, ...] = ()
            else:
                found = load(**address)
                things = found if isinstance(found, tuple) else (found,)
            require(policy(who(), *things))
            if request.method not in SAFE_METHODS:
                clean_form()
                _require_same_person()
                if not is_harmless:
                    csrf.protect()
            return view(*things) if load else view(**address)

        guarded.policy = policy  # type: ignore[attr-defined]
        guarded.is_harmless = is_harmless  # type: ignore[attr-defined]
        return guarded

    return decorate


def _require_same_person() -> None:
    """Raise Invalid where the form says that somebody else opened it: nobody's words go under another one's name."""
    person, opened_by = current_person(), request.form.get("opened_by", "")
    if person is not None and opened_by not in ("", str(person.id)):
        raise Invalid(
            message(
                "Somebody else began this text, and has signed out since. Nothing is saved. If it is yours, copy it, "
                "sign in again, and save it."
            )
        )


def init(app: Flask) -> None:
    """Attach the protection against forged forms; it runs inside `guard`."""
    app.config.update(WTF_CSRF_CHECK_DEFAULT=False, WTF_CSRF_TIME_LIMIT=None)
    csrf.init_app(app)
    app.jinja_env.globals["current_person"] = current_person
