"""One transaction per request: reads cannot write, writes commit below status 400, else nothing happened."""

from flask import Flask, Response, request

from sip.core import db as database
from sip.core.db import db

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


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
