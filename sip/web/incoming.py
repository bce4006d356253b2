"""What requests bring: a form comes whole before anything is done with it; NUL, which nobody types, is kept out."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from tempfile import SpooledTemporaryFile
from threading import Timer
from typing import IO, Any

from flask import Flask, abort, g, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.routing import IntegerConverter, Map
from werkzeug.wsgi import get_input_stream

from sip.core.errors import Invalid
from sip.core.messages import message
from sip.web.transaction import SAFE_METHODS

_NUL = "\0"
# Bytes of a form that are held in memory while it comes; longer ones are held in a file.
_IN_MEMORY = 500_000
_PIECE = 65_536
# How long a form may take: so many seconds, and more for a long one.
_SECONDS = 60
_BYTES_A_SECOND = 10_000


def clean_form() -> None:
    """Take NUL out of the texts that were typed: PostgreSQL cannot store it."""
    fields = list(request.form.items(multi=True))
    if any(_NUL in text for pair in fields for text in pair):
        request.form = ImmutableMultiDict((name.replace(_NUL, ""), text.replace(_NUL, "")) for name, text in fields)


class _Number(IntegerConverter):
    """A number in an address: one that no database can hold leads nowhere."""

    def __init__(self, map: Map, *args: Any, **kwargs: Any) -> None:
        super().__init__(map, *args, **{"max": 2**31 - 1, **kwargs})


def init(app: Flask) -> None:
    """Attach to `app`: a form is received first of all; addresses with a NUL or too large a number lead nowhere."""
    app.url_map.converters = {**app.url_map.converters, "int": _Number}

    @app.before_request
    def receive() -> None:
        if request.method not in SAFE_METHODS:
            _receive()

    @app.before_request
    def refuse() -> None:
        if _NUL in request.path or any(_NUL in text for pair in request.args.items(multi=True) for text in pair):
            abort(404)

    @app.teardown_request
    def let_go(_error: BaseException | None) -> None:
        if body := g.pop("body", None):
            body.close()


def _receive() -> None:
    """Wait for all that is sent; raises Invalid where the connection breaks before its end, 413 where it is too much.

    Before anything asks the database: SQLite's one writer would wait for a slow phone, and all others for the writer.
    """
    length = request.content_length
    stream = get_input_stream(request.environ, max_content_length=request.max_content_length)
    # The page that says what went wrong shall not wait for the rest.
    request.environ |= {"wsgi.input": BytesIO(), "CONTENT_LENGTH": "0"}
    g.body = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed when the request ends
    try:
        with _in_time(length):
            _copy(stream, g.body)
        # Gunicorn lets what broke off look like what came to its end: half a section would be saved as the whole.
        if g.body.tell() < (length or 0):
            raise ClientDisconnected
    except ClientDisconnected:
        broke = message("The connection broke before everything had arrived. Go back and send it again.")
        raise Invalid(broke) from None
    request.environ |= {"wsgi.input": g.body, "CONTENT_LENGTH": str(g.body.tell())}
    g.body.seek(0)


def _copy(stream: IO[bytes], body: IO[bytes]) -> None:
    """Copy what comes; raises 413 where a form has more fields than one of ours could have."""
    fields, most = 0, request.max_form_parts or 0
    is_counted = request.mimetype == "application/x-www-form-urlencoded"
    while piece := stream.read(_PIECE):
        fields += piece.count(b"&") if is_counted else 0
        if fields > most:
            raise RequestEntityTooLarge
        body.write(piece)


@contextmanager
def _in_time(length: int | None) -> Iterator[None]:
    """Let a connection end that brings the form so slowly that it keeps a thread from everybody else."""
    connection = request.environ.get("gunicorn.socket")
    if connection is None:
        yield
        return
    timer = Timer(_SECONDS + (length or 0) / _BYTES_A_SECOND, connection.shutdown, [socket.SHUT_RD])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
