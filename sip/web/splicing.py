"""Pages around a large stored piece: the piece is neither looked at nor compressed again when it is sent."""

from collections.abc import Callable

from flask import Response

from sip.core.deflate import Deflated, splice
from sip.web.compression import accepts

# Stands in the template where the piece goes; nobody can type it into a page, since `<` is escaped.
MARK = "<!--stored-piece-->"


def cut(page: str) -> tuple[str, str]:
    """Return what stands before and after the one MARK of `page`; raises ValueError where there is not one."""
    head, mark, tail = page.partition(MARK)
    if not mark or MARK in tail:
        raise ValueError("the page has no single place for its stored piece")
    return head, tail


def spliced(page: str, deflated: Callable[[], Deflated], html: Callable[[], str]) -> Response:
    """Answer with `page`, whose one MARK is replaced by the piece: deflated where the browser takes that."""
    head, tail = cut(page)
    if not accepts("deflate"):
        response = Response("".join((head, html(), tail)), mimetype="text/html")
        response.vary.add("Accept-Encoding")
        return response
    return answer(head.encode(), deflated(), tail.encode())


def answer(*pieces: bytes | Deflated) -> Response:
    """Answer with a page made of these pieces, deflated."""
    response = Response(splice(*pieces), mimetype="text/html")
    response.headers["Content-Encoding"] = "deflate"
    response.vary.add("Accept-Encoding")
    return response
