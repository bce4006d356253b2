"""What no text may hold, NUL, is kept out of what requests say: PostgreSQL cannot store it, and nobody types it."""

from flask import Flask, abort, request
from werkzeug.datastructures import ImmutableMultiDict

_NUL = "\0"


def clean_form() -> None:
    """Take NUL out of the texts that were typed."""
    fields = list(request.form.items(multi=True))
    if any(_NUL in text for pair in fields for text in pair):
        request.form = ImmutableMultiDict((name.replace(_NUL, ""), text.replace(_NUL, "")) for name, text in fields)


def init(app: Flask) -> None:
    """Attach to `app`: an address with a NUL in it leads nowhere."""

    @app.before_request
    def refuse() -> None:
        if _NUL in request.path or any(_NUL in text for pair in request.args.items(multi=True) for text in pair):
            abort(404)
