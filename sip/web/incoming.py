"""What requests bring: a form comes whole before anything is done with it; NUL, which nobody types, is kept out."""

import shutil
from io import BytesIO
from tempfile import SpooledTemporaryFile

from flask import Flask, abort, g, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import ClientDisconnected
from werkzeug.wsgi import get_input_stream

from sip.core.errors import Invalid
from sip.core.messages import message
from sip.web.transaction import SAFE_METHODS

_NUL = "\0"
# Bytes of a form that are held in memory while it comes; longer ones are held in a file.
_IN_MEMORY = 500_000


def clean_form() -> None:
    """Take NUL out of the texts that were typed: PostgreSQL cannot store it."""
    fields = list(request.form.items(multi=True))
    if any(_NUL in text for pair in fields for text in pair):
        request.form = ImmutableMultiDict((name.replace(_NUL, ""), text.replace(_NUL, "")) for name, text in fields)


def init(app: Flask) -> None:
    """Attach to `app`: a form is received first of all, and an address with a NUL in it leads nowhere."""

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
        shutil.copyfileobj(stream, g.body)
        # Gunicorn lets what broke off look like what came to its end: half a section would be saved as the whole.
        if g.body.tell() < (length or 0):
            raise ClientDisconnected
    except ClientDisconnected:
        raise Invalid(
            message("The connection broke before everything had arrived. Go back and send it again.")
        ) from None
    request.environ |= {"wsgi.input": g.body, "CONTENT_LENGTH": str(g.body.tell())}
    g.body.seek(0)
