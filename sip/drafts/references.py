"""Cross-references, `[[slug]]` and `[[slug#measure]]`: where they stand, which are broken, what they show."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from markdown_it.token import Token

from sip.core.markdown import Reference, Resolve, parse
from sip.drafts.numbering import Numbering

_NEWLINE = re.compile(r"\r\n?|\n")

# By the language of the document: how a recommendation is called, and the quotation marks of a title.
_WORDS = {
    "fr": ("recommandation", "«\u202f", "\u202f»"),
    "en": ("recommendation", "“", "”"),
    "nl": ("aanbeveling", "“", "”"),
}


@dataclass(frozen=True, slots=True)
class CrossReference:
    """One `[[…]]` as it was typed, with its 0-based line and column (in code points) in the Markdown text."""

    text: str
    slug: str
    measure: str | None
    line: int
    column: int


def find_references(text: str) -> list[CrossReference]:
    """Return the cross-references of a Markdown text in order; those in code are none."""
    lines = _NEWLINE.split(text)
    ends = [0] * len(lines)
    found: list[CrossReference] = []
    for block in parse(text):
        tokens = [token for token in block.children or () if token.type == "cross_reference"]
        if tokens and block.map:
            found.extend(_placed(tokens, block.content, block.map[0], lines, ends))
    return sorted(found, key=lambda reference: (reference.line, reference.column))


def broken_references(text: str, numbering: Numbering) -> list[CrossReference]:
    """Return the cross-references that lead nowhere."""
    return [
        reference
        for reference in find_references(text)
        if reference_label(numbering, reference.slug, reference.measure, "en") is None
    ]


def reference_label(numbering: Numbering, slug: str, measure: str | None, language: str) -> str | None:
    """Return what a reference shows in the language of its document ("recommandation 8.a", « Titre »), or None."""
    section = numbering.by_slug(slug)
    if section is None:
        return None
    word, opening, closing = _WORDS.get(language[:2].lower(), _WORDS["en"])
    if section.number is None:
        return None if measure else f"{opening}{section.title}{closing}"
    number = numbering.number(slug, measure)
    return f"{word} {number}" if number else None


def anchor(slug: str, measure: str | None) -> str:
    """Return the link to a section, or to one of its measures, on a page that shows the whole document."""
    return f"#{slug}.{measure}" if measure else f"#{slug}"


def resolver(numbering: Numbering, language: str, href: Callable[[str, str | None], str] = anchor) -> Resolve:
    """Return the function that the Markdown renderer asks for each cross-reference."""

    def resolve(slug: str, measure: str | None) -> Reference | None:
        label = reference_label(numbering, slug, measure, language)
        return None if label is None else Reference(label, href(slug, measure))

    return resolve


def _placed(
    tokens: Sequence[Token], content: str, first_line: int, lines: Sequence[str], ends: list[int]
) -> Iterator[CrossReference]:
    """Find the line and column of the references of one block.

    The parser knows their places in the content, which lacks the indents and signs of the source; `ends` says how far
    each line was read, as the cells of a table share one.
    """
    starts: dict[int, int] = {}
    for token in tokens:
        before = content[: token.meta["offset"]]
        line = first_line + before.count("\n")
        offset = len(before) - (before.rfind("\n") + 1)
        if line not in starts:
            starts[line] = lines[line].find(content.split("\n")[line - first_line], ends[line])
        # A cell with an escaped bar differs from its source: there, the first that looks the same has to do.
        column = starts[line] + offset if starts[line] >= 0 else lines[line].find(token.content, ends[line])
        ends[line] = column + len(token.content)
        yield CrossReference(token.content, token.meta["slug"], token.meta["measure"], line, column)
