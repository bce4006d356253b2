"""The door of the live text: an ordinary guarded view that hands the browser's connection to the hub."""

import base64
import binascii
import logging

from flask import Blueprint, Response, current_app, request

from sip.config import Settings
from sip.drafts import live_queries, policy
from sip.drafts.models import Draft
from sip.live.handover import Newcomer, NoHub, pass_on, read_ahead
from sip.people.session import device
from sip.web.guard import current_reader, guard

log = logging.getLogger(__name__)

blueprint = Blueprint("live", __name__)

_VERSION = "13"
_ADDRESS = "/drafts/<slug>/live/socket"


def _answer(status: int, words: str, **headers: str) -> Response:
    """Answer a program: browsers show nobody what a refused socket was told."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Response(f"{words}\n", status, named, mimetype="text/plain")


def load_door(slug: str) -> Draft:
    """Find `/drafts/<slug>/live/socket`: hundreds may come at once, after a restart for example."""
    reader = current_reader()
    return live_queries.draft_for(slug, reader.id if reader else None)


@blueprint.get(_ADDRESS, websocket=True)
@blueprint.get(_ADDRESS)
@guard(policy.may_read_live, load=load_door, who=current_reader)
def socket(draft: Draft) -> Response:
    """Connect a person to a document that is being written."""
    asked = {token.strip().lower() for token in request.headers.get("Connection", "").split(",")}
    if request.headers.get("Upgrade", "").lower() != "websocket" or "upgrade" not in asked:
        return _answer(426, "This address speaks WebSocket.", Upgrade="websocket", Connection="Upgrade")
    if request.headers.get("Sec-WebSocket-Version") != _VERSION:
        return _answer(426, "This address speaks version 13.", Upgrade="websocket", Sec_WebSocket_Version=_VERSION)
    reader = current_reader()
    if reader is None or not _is_from_here():
        return _answer(403, "The live text is for people who are signed in here.")
    # A page outlives a session: what its person typed must not go out in the name of whoever signed in since.
    if request.args.get("person", str(reader.id)) != str(reader.id):
        return _answer(403, "Somebody else is signed in here now.")
    key = request.headers.get("Sec-WebSocket-Key", "")
    if not _is_key(key) or request.content_length or "Transfer-Encoding" in request.headers:
        return _answer(400, "This is no WebSocket handshake.")
    connection = request.environ.get("gunicorn.socket")
    path = current_app.config.get("LIVE_SOCKET")
    if connection is None or path is None:
        return _answer(503, "This server cannot hand connections on; write in the plain form.")
    address = request.remote_addr or ""
    ahead = read_ahead(request.environ)
    newcomer = Newcomer(draft.id, reader.id, reader.name, reader.epoch, address, key, ahead, device())
    try:
        pass_on(path, connection, newcomer)
    except NoHub as error:
        log.warning("the live hub does not answer: %s", error)
        return _answer(503, "The live text is not available just now; write in the plain form.", Retry_After="5")
    return Response(status=101)  # the hub says so itself; what is written here reaches nobody


def _is_from_here() -> bool:
    """Say whether a page of ours asks: browsers send cookies with sockets that any page opens."""
    settings: Settings = current_app.config["SETTINGS"]
    origin = request.headers.get("Origin", "").lower()
    return origin in (request.host_url.rstrip("/").lower(), settings.base_url.rstrip("/").lower())


def _is_key(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == 16
    except (binascii.Error, ValueError):
        return False
