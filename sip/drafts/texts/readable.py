"""The readable text of a section: what readers see and select of its stored HTML, in code points; its blocks."""

import re
from bisect import bisect_left
from dataclasses import dataclass
from html import unescape
from typing import NamedTuple

from sip.drafts.texts.sentences import sentences

_TAG = re.compile(r"""<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:[^>"']|"[^"]*"|'[^']*')*)>|<!--.*?-->""", re.DOTALL)
_CLASS = re.compile(r"""\bclass=(?:"([^"]*)"|'([^']*)')""")
_LINE = re.compile(r"""\bdata-line=["']?(\d+)""")
_VOID = frozenset({"br", "hr", "img", "wbr", "input"})
_NOT_TEXT = frozenset(
    {"doc-heading", "doc-attribution", "section-tools", "permalink", "doc-letter", "footnote-ref", "footnote-backref"}
)
_REFERENCES = frozenset({"reference", "broken-reference"})
# Elements whose text is of their own: what lies in one of them is never one sentence with what lies in another.
_BLOCKS = frozenset(
    {"p", "li", "td", "th", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "table", "tr", "ul", "ol", "div",
     "section", "hr", "dd", "dt"}
)  # fmt: skip


class Stretch(NamedTuple):
    """A part of the readable text, from `start` to `end`, that lies in one element."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, list item, table cell or heading: readable positions, 0-based source line (None: unknown)."""

    start: int
    end: int
    line: int | None
    sentences: tuple[tuple[int, int], ...]


class ReadablePage:
    """What one pass over a section's HTML tells: its readable text, its cross-references, its blocks' stretches."""

    def __init__(self, html: str) -> None:
        self.references: list[Stretch] = []
        self.stretches: list[tuple[Stretch, int | None]] = []
        self._parts: list[str] = []
        self._size = 0
        self._began = 0
        self._lines: list[int | None] = [None]
        self._read(html.replace("\r\n", "\n").replace("\r", "\n"))
        self.text = "".join(self._parts)

    def _read(self, html: str) -> None:
        open_tags: list[tuple[str, bool, int | None, bool]] = []  # name, is text left out, reference start, has a line
        left_out = 0
        at = 0
        for tag in _TAG.finditer(html):
            self._add(html[at : tag.start()], left_out)
            at = tag.end()
            name = (tag[2] or "").lower()
            if not name:
                continue
            if name in _BLOCKS:
                self._end_stretch()
            if tag[1]:
                left_out -= self._close(name, open_tags)
            elif name not in _VOID:
                classes = _classes(tag[3])
                is_left_out = bool(classes & _NOT_TEXT) or "data-not-text" in tag[3]
                left_out += is_left_out
                line = _LINE.search(tag[3])
                if line:
                    self._lines.append(int(line[1]))
                reference = self._size if classes & _REFERENCES else None
                open_tags.append((name, is_left_out, reference, line is not None))
        self._add(html[at:], left_out)
        self._end_stretch()

    def _close(self, name: str, open_tags: list[tuple[str, bool, int | None, bool]]) -> int:
        """Close the last open element of this name with all that is open in it; count those that are left out."""
        if all(name != entry[0] for entry in open_tags):
            return 0
        left_out = 0
        while True:
            closed, is_left_out, reference, has_line = open_tags.pop()
            left_out += is_left_out
            if reference is not None:
                self.references.append(Stretch(reference, self._size))
            if has_line:
                self._lines.pop()
            if closed == name:
                return left_out

    def _add(self, raw: str, left_out: int) -> None:
        if raw and not left_out:
            text = unescape(raw) if "&" in raw else raw
            self._parts.append(text)
            self._size += len(text)

    def _end_stretch(self) -> None:
        if self._began < self._size:
            self.stretches.append((Stretch(self._began, self._size), self._lines[-1]))
        self._began = self._size


def readable_text(html: str) -> str:
    """Return the readable text of a section's HTML."""
    return ReadablePage(html).text


def blocks_of(html: str, language: str) -> list[Block]:
    """Return the blocks of a section that hold text, in order, each with its sentences."""
    page = ReadablePage(html)
    found: list[Block] = []
    for (start, end), line in page.stretches:
        text = page.text[start:end]
        if text.strip():
            start, end = start + len(text) - len(text.lstrip()), start + len(text.rstrip())
            inside = sentences(page.text[start:end], language)
            found.append(Block(start, end, line, tuple((start + first, start + last) for first, last in inside)))
    return found


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a stretch of a text without the white space at its ends; a blank one becomes empty."""
    stretch = text[start:end]
    if not stretch.strip():
        return start, start
    return start + len(stretch) - len(stretch.lstrip()), start + len(stretch.rstrip())


def block_at(blocks: list[Block], position: int) -> Block | None:
    """Return the block that holds a readable position, or the first one after it."""
    index = bisect_left(blocks, position, key=lambda block: block.end - 1)
    return blocks[index] if index < len(blocks) else None


def _classes(attributes: str) -> frozenset[str]:
    found = _CLASS.search(attributes)
    return frozenset((found[1] or found[2] or "").split()) if found else frozenset()
