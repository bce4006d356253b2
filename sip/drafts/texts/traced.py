"""Parses Markdown so that each word that will be read is known with its place in the source, in code points."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Any, Literal, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from sip.core.markdown import make_parser, parse, plain_text

_HASHES = re.compile(r"#{1,6}[ \t]+")
_CELL_END = re.compile(r"(?<!\\)\|")
_EXTERNAL = re.compile("https?:", re.IGNORECASE)


class Piece(NamedTuple):
    """What one inline token shows (None: a cross-reference, whose label is not known here), and where it was typed.

    An exact piece stands in the source as it shows; another stands for its stretch as a whole, as `&amp;` for "&".
    """

    text: str | None
    start: int
    end: int
    is_exact: bool


class Mark(NamedTuple):
    """Emphasis, a link or code: where its signs begin, its content begins and ends, and its signs end."""

    start: int
    inner_start: int
    inner_end: int
    end: int


class TracedBlock(NamedTuple):
    """A paragraph, heading, cell or piece of code, in the order in which they are read: notes come last."""

    pieces: list[Piece]
    marks: list[Mark]


class _Places:
    """The places in the source of the characters of a block's content, which lacks indents, signs and escapes."""

    def __init__(self) -> None:
        self._offsets: list[int] = []
        self._shifts: list[int] = []

    def add(self, offset: int, position: int) -> None:
        """Note that from `offset` on, characters follow one another from `position` on."""
        self._offsets.append(offset)
        self._shifts.append(position - offset)

    def at(self, offset: int) -> int:
        """Return the position of a character."""
        return offset + self._shifts[max(bisect_right(self._offsets, offset) - 1, 0)]

    def end(self, offset: int) -> int:
        """Return the position after the character before `offset`."""
        return self.at(offset - 1) + 1 if offset else self.at(0)

    def cuts(self, start: int, end: int) -> list[int]:
        """Return where, between two offsets, the next character is not the next one of the source."""
        return [offset for offset in self._offsets if start < offset < end]


class _TracingState(StateInline):
    """Notes in `map` of each token the offset at which it was typed."""

    def append_pending(self, text: str) -> None:
        if not self.pending:
            self._pending_at = self.pos
        super().append_pending(text)

    def pushPending(self) -> Token:
        token = super().pushPending()
        token.map = [self._pending_at, self._pending_at + len(token.content)]
        return token

    def push(self, ttype: str, tag: str, nesting: Literal[-1, 0, 1]) -> Token:
        token = super().push(ttype, tag, nesting)
        at = self.pos
        before = self.tokens[-2] if len(self.tokens) > 1 else None
        # The signs of `***` are pushed one by one before the parser moves on.
        if ttype == "text" and before and before.type == "text" and before.map and self._pushed_at == at:
            at = before.map[0] + len(before.content)
        token.map = [at, at]
        self._pushed_at = self.pos
        return token

    _pending_at = 0
    _pushed_at = -1


class _TracingInline(ParserInline):
    def parse(self, src: str, md: MarkdownIt, env: Any, tokens: list[Token]) -> list[Token]:
        state = _TracingState(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens


def _tracing_parser() -> MarkdownIt:
    parser = make_parser()
    inline = _TracingInline()
    inline.ruler, inline.ruler2 = parser.inline.ruler, parser.inline.ruler2
    parser.inline = inline
    # What is left out joins tokens or puts others in their place.
    parser.core.ruler.disable(["text_join", "typeset", "links", "blocks"])
    parser.inline.ruler2.disable("fragments_join")
    parser.parse("*warm*")
    return parser


def traced_blocks(body: str) -> Iterator[TracedBlock]:
    """Give the blocks of a section's Markdown that show text, in the order in which they are read."""
    lines = body.split("\n")
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
    cells: dict[int, int] = {}  # how far the line of a row was read
    parent = Token("", "", 0)
    for token in parse(body, _TRACING):
        if token.map and token.type in ("fence", "code_block"):
            code = token.content.rstrip("\n")
            places = _places_of_lines(code, token.map[0] + (token.type == "fence"), lines, starts)
            yield TracedBlock(list(_exact(code, 0, places)), [])
        elif token.map and token.type == "inline" and token.content:
            first = token.map[0]
            if parent.type in ("th_open", "td_open"):
                places = _places_in_cell(token.content, first, lines, starts, cells)
            elif parent.type == "heading_open" and parent.markup.startswith("#"):
                places = _places_in_heading(token.content, first, lines, starts)
            else:
                places = _places_of_lines(token.content, first, lines, starts)
            children = _placed(token.children or [], len(token.content))
            yield TracedBlock(
                [piece for child in children for piece in _pieces(token.content, child, places)],
                list(_marks(token.content, children, places)),
            )
        parent = token


class _Child(NamedTuple):
    token: Token
    start: int
    end: int


def _placed(tokens: Sequence[Token], size: int) -> list[_Child]:
    """Give inline tokens from where to where they were typed: each ends where one begins that was typed later."""
    children: list[_Child] = []
    end = after = size
    for token in reversed(tokens):
        start = token.map[0] if token.map else 0
        if start < end:
            after, end = end, start
        children.append(_Child(token, start, after))
    return children[::-1]


def _pieces(content: str, child: _Child, places: _Places) -> Iterator[Piece]:
    token, start, end = child
    text = token.content
    if token.type == "cross_reference":
        yield Piece(None, places.at(start), places.end(start + len(text)), False)
    elif token.type in ("softbreak", "hardbreak"):
        yield Piece("\n", places.at(start), places.end(start + 1), False)
    elif token.type == "image" and _EXTERNAL.match(str(token.attrGet("src"))):
        text = plain_text(token.children).strip() or str(token.attrGet("src"))
        yield Piece(text, places.at(start), places.end(end), False)
    elif token.type == "code_inline":
        inner = start + len(token.markup)
        inner += content[inner : inner + len(text)].replace("\n", " ") != text
        yield from _exact(text, inner, places)
    elif text and token.type == "text" and content.startswith(text, start):
        yield from _exact(text, start, places)
    elif text and token.type in ("text", "text_special"):
        yield Piece(text, places.at(start), places.end(end), False)


def _exact(text: str, start: int, places: _Places) -> Iterator[Piece]:
    """Give text that was typed as it shows, cut where the source has something else in between."""
    end = start + len(text)
    cuts = [start, *places.cuts(start, end), end]
    for first, last in pairwise(cuts):
        yield Piece(text[first - start : last - start], places.at(first), places.end(last), True)


def _marks(content: str, children: Sequence[_Child], places: _Places) -> Iterator[Mark]:
    opened: list[_Child] = []
    for child in children:
        token = child.token
        if token.nesting > 0:
            opened.append(child)
        elif token.nesting < 0 and opened:
            opening = opened.pop()
            first, last = opening.start, child.end
            if opening.token.type == "link_open" and opening.token.markup != "autolink":
                yield Mark(places.at(first - 1), places.at(first), places.end(child.start), places.end(last))
            elif opening.token.type in ("em_open", "strong_open", "s_open"):
                size = len(opening.token.markup)
                # Of the two signs of `**`, the parser keeps the second of those that open, the first that close.
                outer = opening.end - size
                yield Mark(
                    places.at(outer), places.at(opening.end), places.end(child.start), places.end(child.start + size)
                )
        elif token.type == "code_inline":
            size = len(token.markup)
            yield Mark(
                places.at(child.start),
                places.at(child.start + size),
                places.end(child.end - size),
                places.end(child.end),
            )


def _places_of_lines(content: str, first: int, lines: Sequence[str], starts: Sequence[int]) -> _Places:
    """Place the lines of a paragraph or of code: each is the end of a line of the source."""
    places = _Places()
    offset = 0
    parts = content.split("\n")
    # The parser takes off lines at the start that hold nothing but no-break spaces.
    while first + len(parts) < len(lines) and parts[0].strip() not in lines[first]:
        first += 1
    for number, part in enumerate(parts, first):
        line = lines[number] if number < len(lines) else ""
        inside = part.strip()
        column = len(line.rstrip()) - len(inside)
        if not line.startswith(inside, max(column, 0)):
            column = max(line.find(inside), 0)
        at = starts[min(number, len(lines) - 1)] + column
        places.add(offset, at - (len(part) - len(part.lstrip())))
        offset += len(part) + 1
    return places


def _places_in_heading(content: str, number: int, lines: Sequence[str], starts: Sequence[int]) -> _Places:
    places = _Places()
    hashes = _HASHES.search(lines[number])
    places.add(0, starts[number] + max(lines[number].find(content, hashes.end() if hashes else 0), 0))
    return places


def _places_in_cell(
    content: str, number: int, lines: Sequence[str], starts: Sequence[int], cells: dict[int, int]
) -> _Places:
    """Place the content of the next cell of a row, in which bars are escaped."""
    places = _Places()
    line, at = lines[number], cells.get(number, 0)
    while at <= len(line):
        bar = _CELL_END.search(line, at)
        end = bar.start() if bar else len(line)
        kept = [place for place in range(at, end) if not line.startswith("\\|", place)]
        offset = "".join(line[place] for place in kept).find(content)
        at = end + 1
        if offset >= 0:
            break
    else:
        kept, offset = [0], 0
    cells[number] = at
    for index in range(offset, min(offset + len(content), len(kept))):
        if index == offset or kept[index] != kept[index - 1] + 1:
            places.add(index - offset, starts[number] + kept[index])
    return places


_TRACING = _tracing_parser()
