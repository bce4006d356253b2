"""What people write in a few lines, comments and letters to a body: light Markdown, made into safe HTML when saved."""

import re

import nh3

from sip.core.errors import Invalid
from sip.core.markdown import make_parser
from sip.core.markdown_rules import Page
from sip.core.messages import message

MAX_COMMENT = 5_000

_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_TAGS = {"p", "br", "em", "strong", "s", "code", "a", "ul", "ol", "li", "blockquote"}
_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    attributes={"*": set(), "a": {"href"}, "ol": {"start"}},
    url_schemes={"http", "https", "mailto"},
    # What anybody writes earns its links no standing with search engines, and learns nothing of who follows them.
    link_rel="noopener nofollow ugc",
)

# Headings, tables, notes and pictures belong to documents: in a comment they stay what was typed.
_LEFT_OUT = (
    "table", "heading", "lheading", "hr", "fence", "code", "html_block", "html_inline", "reference", "image",
    "footnote_def", "footnote_ref", "cross_reference",
)  # fmt: skip
_PARSER = make_parser().disable(_LEFT_OUT)
_PARSER.options["breaks"] = True  # who presses Enter once means it


def clean(text: str, field: str = "text") -> str:
    """Return a comment as it is stored; raises Invalid where there is nothing in it, or too much."""
    if len(text) > 4 * MAX_COMMENT:
        raise Invalid(message("This is too long: %(max)s characters at most.", max=MAX_COMMENT), field)
    text = _UNSAFE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if not text:
        raise Invalid(message("Write something first."), field)
    if len(text) > MAX_COMMENT:
        raise Invalid(message("This is too long: %(max)s characters at most.", max=MAX_COMMENT), field)
    return text


def clean_line(text: str, most: int, field: str, *, is_needed: bool = True) -> str:
    """Return a reason or a note, without marks, as it is stored; raises Invalid."""
    text = _UNSAFE.sub("", text[: 4 * most].replace("\r\n", "\n").replace("\r", "\n")).strip()
    if is_needed and not text:
        raise Invalid(message("Please give a reason: people want to know why."), field)
    if len(text) > most:
        raise Invalid(message("This is too long: %(max)s characters at most.", max=most), field)
    return text


def render(text: str, language: str) -> str:
    """Return safe HTML of a comment."""
    return _CLEANER.clean(_PARSER.render(text, {"page": Page(language)})).strip()
