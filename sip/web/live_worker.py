"""The service worker of the pages on which people write: a script whose address decides which pages it serves."""

from flask import Flask, Response

from sip import paths
from sip.core.errors import Missing
from sip.web.guard import anyone, guard

_SCRIPT = paths.STATIC / "dist" / "live-worker.js"


@guard(anyone)
def live_worker() -> Response:
    """The script that opens the page of a text being written without a network."""
    if not _SCRIPT.is_file():
        raise Missing
    response = Response(_SCRIPT.read_bytes(), mimetype="text/javascript")
    # The browser asks each time whether there is a new one; it may serve no pages but those of documents.
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Service-Worker-Allowed"] = "/drafts/"
    return response


def init(app: Flask) -> None:
    """Attach the script to `app`."""
    app.add_url_rule("/live-worker.js", "live_worker", live_worker)
