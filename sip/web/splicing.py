"""Pages around a large stored piece: the piece is neither looked at nor compressed again when it is sent."""

from collections.abc import Callable

from flask import Response

from sip.core.deflate import Deflated, splice
from sip.web.compression import accepts

# Stands in the template where the piece goes; nobody can type it into a page, since `<` is escaped.
MARK = "<!--stored-piece-->"


def spliced(page: str, deflated: Callable[[], Deflated], html: Callable[[], str]) -> Response:
    """Answer with `page`, whose one MARK is replaced by the piece: deflated where the browser takes that."""
    head, mark, tail = page.partition(MARK)
    if not mark or MARK in tail:
        raise ValueError("the page has no single place for its stored piece")
    if accepts("deflate"):
        response = Response(splice(head.encode(), deflated(), tail.encode()), mimetype="text/html")
        response.headers["Content-Encoding"] = "deflate"
    else:
        response = Response("".join((head, html(), tail)), mimetype="text/html")
    response.vary.add("Accept-Encoding")
    return response
