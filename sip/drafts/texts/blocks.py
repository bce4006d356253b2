"""Reads Markdown as a list of blocks of plain text with marks, the form in which two versions of it are compared."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from markdown_it.token import Token

from sip.core.markdown import Reference, Resolve, make_parser, plain_text
from sip.core.markdown_rules import Page
from sip.drafts.texts.words import split_words

_PARSER = make_parser()

_HEADING = re.compile(r"#{1,6}(?:[ \t]|$)")
_ITEM = re.compile(r"(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)")
_INTERRUPTING_ITEM = re.compile(r"(?:[-*+]|1[.)])[ \t]+\S")
_FENCE = re.compile(r" {0,3}(`{3,}(?=[^`]*\Z)|~{3,})")
_NOTE = re.compile(r"\[\^([^\]\s]+)\]:[ \t]*")
_NOTES = re.compile(r"^\[\^([^\]\s]+)\]:", re.MULTILINE)
_NOTE_INDENT = re.compile(r"^(?: {1,4}|\t)", re.MULTILINE)
_SAFE_ADDRESS = re.compile(r"(?:https?:|mailto:|(?!//|/\\)[^:]*(?:[/?#]|\Z))", re.IGNORECASE)

_MARKS = {"strong_open": "strong", "em_open": "em", "s_open": "s"}
_CONTAINERS = ("bullet_list_open", "ordered_list_open", "list_item_open", "blockquote_open", "table_open")


class Mark(NamedTuple):
    """An HTML element around words: `strong`, `em`, `s`, `code`, `sup`, or `a` with its address."""

    tag: str
    address: str = ""


class MarkRun(NamedTuple):
    """Where, in a line of text, words carry the same marks, outermost first."""

    start: int
    end: int
    marks: tuple[Mark, ...]


class Container(NamedTuple):
    """An element that holds blocks; `key` tells list items apart, `value` is an item's number in an ordered list."""

    tag: str
    key: str
    value: int | None = None
    is_first: bool = True


@dataclass(frozen=True)
class Line:
    """The text of a block or a table cell without any markup ("\\n" is a line break), and the marks on it."""

    text: str
    runs: tuple[MarkRun, ...]

    @cached_property
    def words(self) -> list[str]:
        """The words, spaces and signs of the text."""
        return split_words(self.text)

    @cached_property
    def keys(self) -> list[object]:
        """What makes each of `words` the same as another: the word and its marks."""
        marked = [run for run in self.runs if run.marks]
        if not marked:
            return list(self.words)
        keys: list[object] = []
        at = index = 0
        for word in self.words:
            end = at + len(word)
            while index < len(marked) and marked[index].end <= at:
                index += 1
            signature = []
            for run in marked[index:]:
                if run.start >= end:
                    break
                signature.append((max(run.start - at, 0), min(run.end, end) - at, run.marks))
            keys.append((word, *signature) if signature else word)
            at = end
        return keys


@dataclass(frozen=True)
class Leaf:
    """A block that holds text: element `tag` (`p`, `h1` to `h6`, `pre`, `hr`, `tr`) within `path`, outermost first."""

    tag: str
    path: tuple[Container, ...]
    lines: tuple[Line, ...]
    is_header: bool = False

    @cached_property
    def key(self) -> tuple[object, ...]:
        """What makes two blocks the same; the numbers of list items may differ."""
        return (self.tag, self.is_header, tuple(container.tag for container in self.path), self.lines)


class Source:
    """A Markdown text cut into source blocks, which are parsed one by one, on demand.

    `titles` names the targets of cross-references, by slug, where `resolve` is not given or does not know them.
    """

    def __init__(
        self, text: str, side: str, *, titles: Mapping[str, str], resolve: Resolve | None = None, language: str = ""
    ) -> None:
        self.chunks = split_blocks(text)
        self.addresses = _link_addresses(self.chunks)
        self._side, self._titles, self._resolve, self._language = side, titles, resolve, language
        self._notes = {f":{label}": -1 for label in _NOTES.findall(text)}

    def leaves(self, index: int) -> list[Leaf]:
        """Parse the source block `index` into the blocks that it makes, mostly one."""
        chunk = self.chunks[index]
        note = _NOTE.match(chunk)
        if note:
            chunk = _NOTE_INDENT.sub("", chunk[note.end() :])
        env: dict[str, Any] = {
            "references": dict(self.addresses),
            "footnotes": {"refs": dict(self._notes), "list": {}},
            "page": Page(self._language),
        }
        leaves = list(self._flatten(_PARSER.parse(chunk, env), f"{self._side}{index}"))
        if note and leaves and len(leaves[0].lines) == 1:
            line = leaves[0].lines[0]
            label = f"{note[1]} "
            runs = [(label, (Mark("sup"),)), *((line.text[run.start : run.end], run.marks) for run in line.runs)]
            leaves[0] = Leaf(leaves[0].tag, leaves[0].path, (_line(runs),))
        return leaves

    def _flatten(self, tokens: Sequence[Token], name: str) -> Iterator[Leaf]:
        path: list[Container] = []
        lines: list[Line] = []
        numbers: list[int] = []
        is_header = False
        for index, token in enumerate(tokens):
            if token.type == "footnote_block_open":
                return
            if token.type in _CONTAINERS:
                value = None
                if token.type == "ordered_list_open":
                    start = token.attrGet("start")
                    numbers.append(1 if start is None else int(start))
                elif token.type == "list_item_open" and path[-1].tag == "ol":
                    value = numbers[-1]
                    numbers[-1] += 1
                path.append(Container(token.tag, f"{name}.{index}", value))
            elif token.type.removesuffix("_close") + "_open" in _CONTAINERS and token.nesting < 0:
                if path.pop().tag == "ol":
                    numbers.pop()
            elif token.type in ("thead_open", "thead_close"):
                is_header = token.nesting > 0
            elif token.type == "tr_open":
                lines = []
            elif token.type == "inline":
                lines.append(_line(self._runs(token.children or (), ())))
                if tokens[index - 1].tag not in ("th", "td"):
                    yield Leaf(tokens[index - 1].tag, tuple(path), (lines.pop(),))
                    path = _continued(path)
            elif token.type == "tr_close":
                yield Leaf("tr", tuple(path), tuple(lines), is_header)
                path = _continued(path)
            elif token.type in ("fence", "code_block", "hr"):
                text = (token.content.removesuffix("\n"), ())
                yield Leaf("hr" if token.type == "hr" else "pre", tuple(path), (_line([text]),))
                path = _continued(path)

    def _runs(self, tokens: Sequence[Token], marks: tuple[Mark, ...]) -> Iterator[tuple[str, tuple[Mark, ...]]]:
        for token in tokens:
            if token.type == "link_open":
                marks = (*marks, _link(str(token.attrGet("href") or "")))
            elif token.type in _MARKS:
                marks = (*marks, Mark(_MARKS[token.type]))
            elif token.nesting > 0:
                marks = (*marks, Mark(""))
            elif token.nesting < 0:
                marks = marks[:-1]
            elif token.type == "code_inline":
                yield token.content, (*marks, Mark("code"))
            elif token.type == "hardbreak":
                yield "\n", marks
            elif token.type == "softbreak":
                yield " ", marks
            elif token.type == "image":
                address = str(token.attrGet("src") or "")
                yield plain_text(token.children).strip() or address, (*marks, _link(address))
            elif token.type == "footnote_ref":
                yield str(token.meta["label"]), (*marks, Mark("sup"))
            elif token.type == "cross_reference":
                reference = self._reference(token.meta["slug"], token.meta["measure"])
                yield reference.label, (*marks, _link(reference.href))
            else:
                yield token.content, marks

    def _reference(self, slug: str, measure: str | None) -> Reference:
        reference = self._resolve(slug, measure) if self._resolve else None
        if reference:
            return reference
        label = self._titles.get(slug, slug)
        return Reference(f"{label} ({measure})" if measure else label, "")


def split_blocks(text: str) -> list[str]:
    """Cut Markdown into stretches that parse alike alone: paragraphs, headings, items, tables, code."""
    blocks: list[list[str]] = []
    fence = ""
    # Whether the last line may go on, as a paragraph does.
    is_open = False
    for line in text.split("\n"):
        line = line.removesuffix("\r")
        if not fence:
            if not line.strip():
                is_open = False
            else:
                is_heading = _HEADING.match(line) is not None
                if (
                    not blocks
                    or is_heading
                    or not (is_open or line[0] in " \t")
                    or _is_next_item(blocks[-1], line, is_open)
                ):
                    blocks.append([])
                is_open = not is_heading
        if blocks:
            blocks[-1].append(line)
        match = _FENCE.match(line)
        if match and not fence:
            fence = match[1]
        elif match and match[1].startswith(fence) and not line.strip().strip(fence[0]):
            fence = ""
    return ["\n".join(block).rstrip() for block in blocks]


def _is_next_item(block: Sequence[str], line: str, is_open: bool) -> bool:
    """Tell whether a line begins another item of the list that the block is in, and does not go on a paragraph."""
    if not (_ITEM.match(line) and _ITEM.match(block[0])):
        return False
    # A paragraph after the list goes on with "2. …", an item does not; indented lines are surely of the item.
    is_item = all(other[:1].isspace() and other.strip() for other in block[1:])
    return not is_open or is_item or _INTERRUPTING_ITEM.match(line) is not None


def _continued(path: Sequence[Container]) -> list[Container]:
    """Note that the items of a path have content already."""
    return [container._replace(is_first=False) for container in path]


def _line(texts: Sequence[tuple[str, tuple[Mark, ...]]] | Iterator[tuple[str, tuple[Mark, ...]]]) -> Line:
    """Put marked texts together; marks without meaning (links that lead nowhere safe) are left out."""
    parts: list[str] = []
    runs: list[MarkRun] = []
    at = 0
    for text, marks in texts:
        kept = tuple(mark for mark in marks if mark.tag)
        if text and runs and runs[-1].marks == kept:
            runs[-1] = runs[-1]._replace(end=at + len(text))
        elif text:
            runs.append(MarkRun(at, at + len(text), kept))
        parts.append(text)
        at += len(text)
    return Line("".join(parts), tuple(runs))


def _link(address: str) -> Mark:
    return Mark("a", address) if address and _SAFE_ADDRESS.match(address) else Mark("")


def _link_addresses(chunks: Sequence[str]) -> dict[str, Any]:
    """Give the link definitions of the whole text, which all its blocks may use; where they stand does not matter."""
    references: dict[str, dict[str, Any]] = {}
    for chunk in chunks:
        if "]:" in chunk:
            _PARSER.parse(chunk, {"references": references})
    return {name: {key: value for key, value in each.items() if key != "map"} for name, each in references.items()}
