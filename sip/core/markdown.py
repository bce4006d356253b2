"""Markdown to safe HTML: CommonMark with tables, strikethrough, footnotes, named headings and cross-references."""

from __future__ import annotations

import re

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.rules_core import StateCore, block, normalize
from markdown_it.token import Token

from sip.core.markdown_rules import Heading, Page, Reference, Resolve, add_rules, name_headings, plain_text

__all__ = [
    "MAX_TEXT",
    "Heading",
    "Reference",
    "Resolve",
    "TextTooLong",
    "headings",
    "make_parser",
    "parse",
    "plain_text",
    "render",
    "render_inline",
]

MAX_TEXT = 250_000
_MAX_NESTING = 20
_MARKS = "!#$%&*+-:<=>@[\\]^_`{}~"
_MAX_MARKS = 40_000
_FREE_LINES = 5_000
_MAX_LINES = 20_000
_MAX_QUOTED_LINES = 120_000
_QUOTATION = re.compile(r"^[ \t>*+.)0-9-]*>", re.MULTILINE)


class TextTooLong(ValueError):
    """The text has more than MAX_TEXT code points."""


_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_ALIGNMENTS = ("left", "center", "right")
_BLOCKS = {
    *_HEADINGS, "p", "ul", "ol", "li", "blockquote", "pre", "code", "hr", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip

_CLEANER = nh3.Cleaner(
    tags=_BLOCKS | {"a", "br", "div", "em", "img", "s", "section", "span", "strong", "sup"},
    attributes={
        **{tag: {"data-line"} for tag in _BLOCKS},
        **{tag: {"data-line", "id"} for tag in _HEADINGS},
        "a": {"href", "title", "id", "aria-label"},
        "div": {"aria-label"},
        "img": {"src", "alt", "title"},
        "li": {"data-line", "id"},
        "ol": {"data-line", "start"},
    },
    tag_attribute_values={
        "a": {"rel": {"noopener"}, "role": {"doc-noteref", "doc-backlink"}},
        "div": {"role": {"region"}, "tabindex": {"0"}},
        "section": {"role": {"doc-endnotes"}},
        "th": {"scope": {"col"}},
    },
    allowed_classes={
        "a": {"reference", "footnote-backref"},
        "div": {"table-scroll"},
        "ol": {"footnotes-list"},
        "section": {"footnotes"},
        "span": {"broken-reference"},
        "sup": {"footnote-ref"},
        "th": {f"align-{side}" for side in _ALIGNMENTS},
        "td": {f"align-{side}" for side in _ALIGNMENTS},
    },
    url_schemes={"http", "https", "mailto"},
    link_rel=None,
)

_UNSAFE = re.compile("[\x00\ud800-\udfff]")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)


class _Parser(MarkdownIt):
    def validateLink(self, url: str) -> bool:
        """Web and mail addresses, and paths on this site; the rest stays text."""
        if url.startswith("//"):
            return False
        scheme = _SCHEME.match(url)
        return scheme is None or scheme[1].lower() in ("http", "https", "mailto")


def make_parser() -> MarkdownIt:
    """Return a parser for our Markdown, safe to share between threads, with the tokens that `render` shows."""
    parser = _Parser("commonmark", {"html": False, "maxNesting": _MAX_NESTING})
    parser.enable(["table", "strikethrough"])
    add_rules(parser)
    # The rulers compile themselves on first use, which two threads must not do at once.
    parser.render("*warm*")
    return parser


def parse(text: str, parser: MarkdownIt | None = None) -> list[Token]:
    """Return the block tokens of a text; a hopelessly tangled one is a single code block; raises TextTooLong.

    With a parser that `make_parser` made, and that was changed since, the tokens are that one's.
    """
    text = _bounded(text)
    if _is_tangled(text):
        return [Token("code_block", "code", 0, content=text, map=[0, text.count("\n") + 1])]
    return (parser or _PARSER).parse(text)


def render(
    text: str, *, language: str = "fr", resolve: Resolve | None = None, id_prefix: str = "", heading_offset: int = 0
) -> str:
    """Return safe HTML; blocks carry `data-line`, the 0-based source line; raises TextTooLong.

    Anchors are `<id_prefix>.<slug>`; without `resolve`, cross-references stay as they were typed.
    """
    text = _bounded(text)
    if _is_tangled(text):
        return f'<pre data-line="0"><code>{escapeHtml(text)}</code></pre>\n'
    return _CLEANER.clean(_PARSER.render(text, {"page": Page(language, resolve, id_prefix, heading_offset)}))


def render_inline(text: str, *, language: str = "fr", resolve: Resolve | None = None) -> str:
    """Return safe HTML without blocks, for a title or one line of text; raises TextTooLong."""
    text = _bounded(text)
    if _is_tangled(text):
        return escapeHtml(text)
    return _CLEANER.clean(_PARSER.renderInline(text, {"page": Page(language, resolve)}))


def headings(text: str) -> list[Heading]:
    """Return the headings of a text in order, with the slugs that `render` gives them; raises TextTooLong."""
    text = _bounded(text)
    if _is_tangled(text):
        return []
    state = StateCore(text, _PARSER, {})
    normalize(state)
    block(state)
    return name_headings(state)


def _is_tangled(text: str) -> bool:
    """Whether a text would take the parser more than about half a second; nobody writes such texts by hand."""
    # A bracket costs more than other marks: the parser looks ahead from each for the end of a link.
    if sum(map(text.count, _MARKS)) + 3 * text.count("[") > _MAX_MARKS:
        return True
    # The cleaner is quadratic in the characters U+0080 to U+00BF of one paragraph: each starts with this byte.
    if text.encode().count(b"\xc2") > _MAX_MARKS:
        return True
    lines = text.count("\n") + text.count("\r")
    if lines <= _FREE_LINES:
        return False
    # Each quotation goes through its lines again, also through those that only continue it.
    depth = max((prefix[0].count(">") for prefix in _QUOTATION.finditer(text)), default=0)
    return lines > _MAX_LINES or lines * min(depth, _MAX_NESTING) > _MAX_QUOTED_LINES


def _bounded(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise TextTooLong(f"{len(text)} characters, at most {MAX_TEXT} are allowed")
    return _UNSAFE.sub("\ufffd", text)


_PARSER = make_parser()
