"""One transaction per request: reads cannot write, writes commit below status 400, else nothing happened."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, Response, request

from sip.core import db as database
from sip.core.db import db

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def reads_first(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let the view of a form that many send at once look without the lock that writers need, until it writes.

    Stands above `guard`. The view calls `write_now` before its action, which has to look again at what it decides on.
    """

    @wraps(view)
    def reading(**address: Any) -> Any:
        database.begin_reading()
        return view(**address)

    return reading


def write_now() -> None:
    """From here on the request writes; what was loaded before stays loaded."""
    db.session.commit()
    database.begin_writing()


def read_on() -> None:
    """What was written is kept, whatever becomes of the answer; from here on the request only reads."""
    db.session.commit()
    database.begin_reading()


def init(app: Flask) -> None:
    """Attach the transaction to every request of `app`."""

    @app.before_request
    def begin() -> None:
        if request.method in SAFE_METHODS:
            database.begin_reading()
        else:
            database.begin_writing()

    @app.after_request
    def finish(response: Response) -> Response:
        if not db.session.registry.has():
            return response  # nobody asked the database
        if request.method not in SAFE_METHODS and response.status_code < 400:
            db.session.commit()
        else:
            db.session.rollback()
        return response

    @app.teardown_request
    def reset(_error: BaseException | None) -> None:
        database.begin_writing()
