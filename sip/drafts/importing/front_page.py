"""The first page of a document and its table of contents, told from the text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from sip.core.slugs import slugify
from sip.drafts.importing.outline import Block, is_title_line, read_group, read_mark, stands_around

_CONTENTS = frozenset(
    {"sommaire", "table-des-matieres", "contenu", "plan", "inhoud", "inhoudsopgave", "inhoudstafel", "contents"}
    | {"table-of-contents"}
)
_MONTHS = (
    "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre|january|february|march|april"
    "|may|june|july|august|september|october|november|december|januari|februari|maart|mei|juni|juli|augustus|oktober"
)
_DATE = re.compile(rf"\b\d{{1,2}}\s?[/.-]\s?\d{{1,2}}\s?[/.-]\s?\d{{2,4}}\b|\b(?:{_MONTHS})\s+\d{{4}}\b", re.I)
_AUTHORS = re.compile(
    r"(?:rédaction|rédigé\S* par|écrit\S* par|auteur\S*|autrice\S*|contributeur\S*|redactie|geschreven door|auteurs"
    r"|written by|authors?|by)\s*:?\s+(?P<names>.+)",
    re.I,
)
_BETWEEN_NAMES = re.compile(r"\s*(?:,|;|&|\s(?:et|en|and)\s)\s*")
_PAGE_NUMBER = re.compile(r"\d{1,3}$")
_LABEL_LENGTH = 80
_TITLE_LENGTH = 200


@dataclass
class FrontPage:
    """What the first page says; `lines` is all that stood on it, `rest` the blocks behind it."""

    title: str = ""
    label: str = ""
    authors: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    rest: list[Block] = field(default_factory=list)


def drop_contents(blocks: Sequence[Block]) -> tuple[list[Block], list[str]]:
    """Blocks without the table of contents, and the lines of that table."""
    titles = {slugify(read_mark(block.text).title) for block in blocks if block.kind == "heading" or block.is_bold}
    kept: list[Block] = []
    dropped: list[str] = []
    inside = False
    for index, block in enumerate(blocks):
        if not inside and slugify(block.text) in _CONTENTS and block.kind != "other":
            inside = any(_is_row(following, titles) for following in blocks[index + 1 : index + 2])
            (dropped if inside else kept).append(block.source if inside else block)  # type: ignore[arg-type]
        elif inside and _is_row(block, titles):
            dropped.append(block.source)
        else:
            inside = False
            kept.append(block)
    return kept, dropped


def read_front_page(blocks: Sequence[Block]) -> FrontPage:
    """Take title, label and authors off the beginning of a document; what does not belong there stays in `rest`."""
    page = FrontPage()
    first_section = next(
        (index for index, block in enumerate(blocks) if index and block.kind == "heading"), len(blocks)
    )
    zone = list(blocks[:first_section])
    parts: list[str] = []
    taken = 0
    signed = [
        index for index, block in enumerate(zone) if index and (_is_label(block) or _AUTHORS.fullmatch(block.text))
    ]
    for index, block in enumerate(zone):
        authors = _AUTHORS.fullmatch(block.text) if block.kind == "paragraph" and len(block.text) < 400 else None
        if index == 0 and block.kind == "heading":
            if not _is_document_title(blocks, first_section):
                break
            parts.append(block.text)
        elif _is_label(block) and not page.label and (parts or signed):
            page.label = block.text
        elif authors and (parts or page.label):
            page.authors = [name for name in _BETWEEN_NAMES.split(authors["names"].rstrip(".")) if name]
        elif block.kind == "paragraph" and _is_title_part(block, is_before_signature=any(index < at for at in signed)):
            parts.append(block.text)
        elif block.text:
            break
        page.lines.append(block.source)
        taken = index + 1
    page.title = " ".join(parts)
    page.rest = list(blocks[taken:])
    return page


def _is_row(block: Block, titles: set[str]) -> bool:
    """Whether a block could be rows of a table of contents: page numbers at the end, or titles of the document."""
    if block.kind == "heading":
        return False
    if _PAGE_NUMBER.search(block.text):
        return True
    lines = [re.sub(r"^\s*(?:[-*+|]|\d+[.)])\s*|[*|\\]", "", line).strip() for line in block.source.split("\n")]
    said = [slugify(read_mark(line).title) for line in lines if re.search(r"\w", line)]
    return bool(said) and all(title in titles for title in said)


def _is_label(block: Block) -> bool:
    text = block.text
    return (
        block.kind == "paragraph" and len(text) <= _LABEL_LENGTH and bool(_DATE.search(text)) and text[-1] not in ".:;,"
    )


def _is_title_part(block: Block, *, is_before_signature: bool) -> bool:
    """A line in bold, or any short line above the date or the authors."""
    if len(block.text) > _TITLE_LENGTH or block.text.endswith((".", ":", ";")) or read_group(block.text):
        return False
    return block.is_bold or (is_before_signature and is_title_line(block.text))


def _is_document_title(blocks: Sequence[Block], next_heading: int) -> bool:
    """The first heading is the title when the next one is deeper, or when no text stands between the two."""
    first = blocks[0]
    if read_mark(first.text).number is not None or stands_around(first.text) or read_group(first.text):
        return False
    if next_heading == len(blocks):
        return first.level == 1
    between = blocks[1:next_heading]
    is_bare = all(_is_label(block) or _AUTHORS.fullmatch(block.text) or block.is_bold for block in between)
    return blocks[next_heading].level > first.level or is_bare
