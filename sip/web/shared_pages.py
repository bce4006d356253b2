"""Pages that many people see alike but for a few words of their own: made once, and filled in for each of them.

The frame of such a page is rendered from nothing but values that can be compared, which are its key in memory, with
holes where a name or a token goes. Whatever else of a person its template asks for raises an error.
"""

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

from flask import Flask, Response, current_app, g, render_template, request, session
from markupsafe import Markup, escape

from sip.core.deflate import Deflated, deflate, stored
from sip.web.compression import accepts
from sip.web.guard import current_reader
from sip.web.i18n import select_language
from sip.web.splicing import MARK, answer, cut, spliced
from sip.web.templating import colour_theme

_BYTES = 32_000_000  # of frames and documents in memory at most, in each worker
# Functions of templates that answer each page differently.
_OF_THE_PAGE = ("nonce", "csrf_token", "once_field")
# Nobody can type it into a page, since `<` is escaped.
_HOLE = re.compile(r"<!--own:(\w+)-->")

_Frame = list[Deflated | str]  # pieces, and between them the names of holes


class Memory:
    """What was used last, up to a number of bytes."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Any:
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key][0]

    def put(self, key: Hashable, thing: Any, size: int) -> None:
        with self._lock:
            self._size += size - self._kept.pop(key, (None, 0))[1]
            self._kept[key] = thing, size
            while self._size > self._most:
                self._size -= self._kept.popitem(last=False)[1][1]


class _Withheld:
    """Stands for what a frame must not be made of."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self[name]

    def __getitem__(self, name: object) -> Any:
        # Neither AttributeError nor KeyError, which templates take for an empty value.
        raise RuntimeError(f"a page that many share asks for {name!r} of one of them")


class _Anybody(_Withheld):
    """Stands for the reader while a frame is made: it has what all who share the frame have alike, and holes."""

    def __init__(self, is_administrator: bool) -> None:
        self.id = _hole("id")
        self.name = _hole("name")
        self.is_administrator = is_administrator


def shared_page(
    template: str,
    values: dict[str, Hashable],
    more: Callable[[], dict[str, Any]],
    *,
    name: Hashable,
    deflated: Callable[[], Deflated],
    html: Callable[[], str],
) -> Response:
    """Answer with a template whose MARK is replaced by a stored piece, which `name` tells from all others.

    The template receives `values` and `more()`, which may depend on nothing but them and what never changes.
    """
    if request.query_string or "_flashes" in session or not accepts("deflate"):
        return spliced(render_template(template, **values, **more()), deflated, html)
    memory: Memory = current_app.extensions["shared_pages"]
    reader = current_reader()
    key = (template, request.host, request.script_root, request.path, select_language(), colour_theme(),
           reader and reader.is_administrator, *values.items())  # fmt: skip
    frame: _Frame | None = memory.get(key)
    if frame is None:
        frame = _frame(template, {**values, **more()}, reader and _Anybody(reader.is_administrator))
        memory.put(key, frame, sum(len(part.data) for part in frame if isinstance(part, Deflated)))
    piece: Deflated | None = memory.get(name)
    if piece is None:
        piece = deflated()
        memory.put(name, piece, len(piece.data))
    words = {MARK: piece}
    for part in frame:
        if isinstance(part, str) and part not in words:
            words[part] = stored(_own(part, reader, memory).encode())
    return answer(*(words[part] if isinstance(part, str) else part for part in frame))


def _frame(template: str, values: dict[str, Any], seen_as: _Anybody | None) -> _Frame:
    """Render a template with holes, and cut it there and at the place of its stored piece."""
    g.shared_with = seen_as
    withheld = _Withheld()
    try:
        page = render_template(template, **values, current_user=seen_as, session=withheld, g=withheld)
    finally:
        del g.shared_with
    if any(word in page for word in _secrets()):
        raise RuntimeError(f"{template} says to all what is meant for one")
    head, tail = cut(page)
    return [*_parts(head), MARK, *_parts(tail)]


def _secrets() -> list[str]:
    """Return what belongs to this page only, as far as it has been made."""
    held = [g.get(name) for name in ("nonce", "csrf_token", "once_token")]
    return [str(word) for word in (*held, session.get("csrf_token")) if word]


def _parts(page: str) -> _Frame:
    # What is split has the text at even places and the names of holes at odd ones.
    return [part if place % 2 else deflate(part.encode()) for place, part in enumerate(_HOLE.split(page))]


def _hole(name: str) -> Markup:
    return Markup("<!--own:{}-->").format(name)


def _own(hole: str, reader: Any, memory: Memory) -> str:
    """Say in HTML what belongs in a hole of this one page."""
    if hole not in _OF_THE_PAGE:
        return escape(getattr(reader, hole))
    make: Any = current_app.jinja_env.globals[hole]
    secret = session.get(hole) if hole == "csrf_token" else None
    if secret is None:
        return escape(make())
    # Signing a session's secret anew gives nothing better: its tokens do not age.
    token = memory.get((hole, secret))
    if token is None:
        token = escape(make())
        memory.put((hole, secret), token, 2 * len(token))
    return str(token)


def init(app: Flask) -> None:
    """Attach to `app`, after the parts whose functions answer each page differently."""
    app.extensions["shared_pages"] = Memory(_BYTES)
    functions = app.jinja_env.globals

    def dug(name: str, function: Callable[[], Any]) -> Callable[[], Any]:
        return lambda: _hole(name) if "shared_with" in g else function()

    for name in _OF_THE_PAGE:
        functions[name] = dug(name, functions[name])  # type: ignore[arg-type]
    # What is imported finds the functions among the globals; extensions hand some of them to all other templates too.
    app.context_processor(lambda: {name: functions[name] for name in _OF_THE_PAGE})
    person: Callable[[], Any] = functions["current_person"]  # type: ignore[assignment]
    functions["current_person"] = lambda: g.shared_with if "shared_with" in g else person()
