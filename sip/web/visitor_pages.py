"""Pages that all visitors see alike are made once in two seconds and sent again from memory in between.

Only answers to requests without any cookie are kept, so nothing in them is about a person; each still gets a nonce of
its own. Who is signed in always sees the present state.
"""

import time
import zlib
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, g, request, session

from sip.core.deflate import Deflated, deflate, splice
from sip.web.security import nonce

SECONDS = 2.0
_KEPT = 64  # pages in memory at most
_Key = tuple[str, str, str]


@dataclass(frozen=True)
class _Page:
    """A page cut in two where its nonce stands."""

    until: float
    head: bytes
    rest: Deflated
    vary: str


def may_be_shared(response: Response) -> Response:
    """Mark an answer as one that every visitor gets alike."""
    g.is_shared = True
    return response


def init(app: Flask) -> None:
    """Answer from memory where possible; to be attached before everything else but the compression."""
    pages: dict[_Key, _Page] = {}

    @app.before_request
    def answer() -> Response | None:
        page = pages.get(_key()) if _is_plain_visit() else None
        if page is None or page.until < time.monotonic():
            return None
        response = Response(splice(page.head + nonce().encode(), page.rest), mimetype="text/html")
        response.headers["Content-Encoding"] = "deflate"
        response.headers["Vary"] = page.vary
        return response

    @app.after_request
    def keep(response: Response) -> Response:
        # Whatever began a session, such as a form's token, is one visitor's own.
        if g.get("is_shared") and not session and _is_plain_visit() and response.status_code == 200:
            response.vary.add("Accept-Language")
            response.vary.add("Cookie")
            head, found, rest = _unpacked(response).partition(nonce().encode())
            if found and nonce().encode() not in rest:
                if len(pages) >= _KEPT:
                    pages.clear()
                until = time.monotonic() + SECONDS
                pages[_key()] = _Page(until, head, deflate(rest, level=6), response.headers["Vary"])
        return response


def _is_plain_visit() -> bool:
    """Say whether nothing tells this visitor from another: no cookie, no query, and a browser that takes `deflate`."""
    headers = request.headers
    return (
        request.method == "GET"
        and not request.query_string
        and "Cookie" not in headers
        and "deflate" in headers.get("Accept-Encoding", "")
    )


def _key() -> _Key:
    return request.url_root, request.path, request.headers.get("Accept-Language", "")


def _unpacked(response: Response) -> bytes:
    data: Any = response.get_data()
    return zlib.decompress(data) if response.headers.get("Content-Encoding") == "deflate" else bytes(data)
