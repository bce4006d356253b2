"""Something beside each paragraph of a section, in the HTML that readers see."""

from collections.abc import Callable
from html.parser import HTMLParser

_BLOCKS = frozenset({"p", "li", "tr"})
# What begins inside a list item or a quotation ends its first paragraph.
_INNER = frozenset({"p", "ul", "ol", "blockquote", "pre", "div", "table"})


class _Places(HTMLParser):
    """Finds the end of the words of each block that knows its line of the Markdown."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[tuple[int, int]] = []  # (place in the HTML, line)
        self._open: list[tuple[str, int | None]] = []
        self._lines = [0]
        for row in html.split("\n"):
            self._lines.append(self._lines[-1] + len(row) + 1)
        self.feed(html)
        self.close()

    def _here(self) -> int:
        row, column = self.getpos()
        return self._lines[row - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _INNER:
            self._end_of_words()
        if tag in _BLOCKS:
            line = dict(attrs).get("data-line")
            self._open.append((tag, int(line) if line and line.isdecimal() else None))

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS and self._open and self._open[-1][0] == tag:
            self._end_of_words(in_row=tag == "tr")
            self._open.pop()

    def _end_of_words(self, in_row: bool = False) -> None:
        """Note the innermost block that is open, once."""
        if self._open and self._open[-1][1] is not None and (self._open[-1][0] != "tr" or in_row):
            tag, line = self._open[-1]
            self._open[-1] = tag, None
            if line is not None:
                self.found.append((self._here() - (len("</td>\n") if tag == "tr" else 0), line))


def beside_paragraphs(html: str, make: Callable[[int], str]) -> str:
    """Return `html` with `make(line)` at the end of each paragraph, list item and table row that begins on a line.

    Where several blocks begin on one line, the first one has it; `make` may answer nothing.
    """
    parts, last, seen = [], 0, set()
    for place, line in _Places(html).found:
        if line in seen:
            continue
        seen.add(line)
        parts += [html[last:place], make(line)]
        last = place
    return "".join([*parts, html[last:]])
