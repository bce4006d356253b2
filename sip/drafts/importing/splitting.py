"""A document written elsewhere, split into the sections, measures and references of a draft."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from sip.core.frontmatter import normalise
from sip.core.slugs import UniqueSlugs, slugify
from sip.drafts.importing.front_page import drop_contents, read_front_page
from sip.drafts.importing.outline import (
    MAX_TITLE,
    Block,
    Mark,
    find_headings,
    is_spelt,
    only_announces,
    read_blocks,
    read_group,
    read_mark,
    stands_around,
)
from sip.drafts.importing.typed_references import Target, link_references

_MEASURE_LEVEL = 3
_SLUG_WORDS = 4
_SLUG_LENGTH = 40
_NOTE_CALL = re.compile(r"\[\^([^\]\s]+)\]")
_SMALL_WORDS = frozenset(
    re.findall(
        r"\w+",
        """a afin au aux avec bien ce ces comme d dans de des du elle en est et il l la le les leur leurs n ne on ou par
        plus pour qu que qui s sa se sein ses son sur un une and by for in of or the to with een het op van voor""",
    )
)


@dataclass(frozen=True, slots=True)
class SplitSection:
    """A section found; `kind` is prose or recommendation, `dropped_number` the number that was typed in its heading."""

    title: str
    kind: str
    slug: str
    group_name: str | None
    body: str
    dropped_number: str | None


@dataclass(frozen=True, slots=True)
class UnresolvedReference:
    """A reference that leads to nothing in the document, left as typed; `line` counts from 1 in the section's body."""

    slug: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class SplitDocument:
    """What was found. `dropped` holds all words that are not in the sections: first page, contents, typed numbers."""

    title: str
    label: str
    authors: list[str]
    sections: list[SplitSection]
    unresolved: list[UnresolvedReference]
    dropped: list[str]


@dataclass
class _Part:
    """A section being put together: its heading as it was typed, and the blocks under it."""

    title: str
    mark: Mark
    level: int
    kind: str
    slug: str = ""
    group: str | None = None
    blocks: list[Block] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)  # of footnotes, in the heading


def split_document(markdown: str) -> SplitDocument:
    """Split Markdown as `conversion.to_markdown` returns it; no word is lost, see `SplitDocument.dropped`."""
    blocks, notes = read_blocks(normalise(markdown))
    blocks, dropped = drop_contents(blocks)
    page = read_front_page(find_headings(blocks))
    dropped = [*page.lines, *dropped]
    found = _parts(page.rest, page.title)
    parts = [part for part in found if part.blocks or not only_announces(part.title)]
    dropped += [part.title for part in found if not part.blocks and only_announces(part.title)]
    dropped += [part.mark.typed for part in found if part.mark.typed]
    _name(parts)
    targets: dict[Target, str] = {}
    bodies = [_body(part, targets, dropped) for part in parts]
    sections: list[SplitSection] = []
    unresolved: list[UnresolvedReference] = []
    for part, body in zip(parts, _with_notes(bodies, notes), strict=True):
        text, left = link_references(body, targets)
        unresolved += [UnresolvedReference(part.slug, item.line, item.text) for item in left]
        sections.append(SplitSection(part.title, part.kind, part.slug, part.group, text, part.mark.short))
    dropped += [] if parts else notes.values()
    addresses = [address for block in page.rest for address in block.addresses]
    return SplitDocument(page.title, page.label, page.authors, sections, unresolved, [*dropped, *addresses])


def _parts(blocks: Sequence[Block], document_title: str) -> list[_Part]:
    recommendations, level = _recommendations(blocks)
    is_about = re.search("recommandation|proposition|recommendation|aanbeveling", slugify(document_title)) is not None
    lowest = max((blocks[index].level for index in recommendations), default=level)
    parts: list[_Part] = []
    for index, block in enumerate(blocks):
        mark = read_mark(block.text) if block.kind == "heading" else Mark(None, None, "", "")
        group = read_group(block.text) if block.kind == "heading" or _opens_group(block) else None
        if group:
            title, name = group
            parts.append(_Part(title, Mark(None, None, "", title), block.level or level, "prose", block.slug, name))
        elif index in recommendations:
            parts.append(_part(block, mark, "recommendation"))
        elif block.kind == "heading" and _opens_section(block, mark, level, lowest, parts):
            is_recommendation = mark.letter or (is_about and not recommendations and not stands_around(mark.title))
            kind = block.section_kind or ("recommendation" if is_recommendation else "prose")
            parts.append(_part(block, mark, kind))
        else:
            if not parts:
                parts.append(_Part("Introduction", Mark(None, None, "", ""), level, "prose"))
            parts[-1].blocks.append(block)
    return parts


def _part(block: Block, mark: Mark, kind: str) -> _Part:
    """A section from its heading; what a title cannot hold opens the text: a note, or the end of a very long one."""
    text = mark.title or block.text
    title = " ".join(_NOTE_CALL.sub("", text).split())
    if title.endswith(".") and not title.endswith(("..", "etc.")):
        title = title[:-1]
    part = _Part(title[:MAX_TITLE].rstrip(), mark, block.level, kind, block.slug)
    part.calls = [match[0] for match in _NOTE_CALL.finditer(text)]
    if len(title) > MAX_TITLE:
        part.blocks.append(Block("paragraph", title, title))
    return part


def _recommendations(blocks: Sequence[Block]) -> tuple[set[int], int]:
    """Which headings number a recommendation, and the level at which sections usually stand.

    Levels are uneven in real documents, so that numbers decide: at another level than most, a heading counts
    when its number is not found there, and goes on from the one before.
    """
    marks = {index: read_mark(block.text) for index, block in enumerate(blocks) if block.kind == "heading"}
    numbers = {
        index: mark.number
        for index, mark in marks.items()
        if mark.number is not None and mark.letter is None and not stands_around(mark.title)
    }
    if not numbers:
        found = _spelt_alone(blocks, marks, set())
        return found, min((blocks[index].level for index in found or marks), default=2)
    counts = Counter(blocks[index].level for index in numbers)
    usual = min(counts, key=lambda level: (-counts[level], level != 2, level))
    known = {number for index, number in numbers.items() if blocks[index].level == usual}
    found = set()
    last = None
    for index, number in numbers.items():
        level = blocks[index].level
        continues = number not in known and (level < usual or last is None or number == last + 1)
        if level == usual or is_spelt(blocks[index].text) or continues:
            found.add(index)
            last = number
    return found | _spelt_alone(blocks, marks, set(numbers.values())), usual


def _spelt_alone(blocks: Sequence[Block], marks: dict[int, Mark], numbers: set[int]) -> set[int]:
    """Headings such as « Recommandation 1.2 » where no recommendation 1 is there to hold a measure."""
    return {
        index
        for index, mark in marks.items()
        if mark.letter and mark.number is not None and mark.number not in numbers and is_spelt(blocks[index].text)
    }


def _opens_group(block: Block) -> bool:
    """A paragraph names the group whose words follow only when it ends with a colon or stands in bold."""
    return block.kind == "paragraph" and (block.is_bold or block.text.endswith(":"))


def _opens_section(block: Block, mark: Mark, level: int, lowest: int, parts: Sequence[_Part]) -> bool:
    """Whether a heading that numbers no recommendation opens a section, rather than a part of the one before."""
    if mark.letter is not None:
        # A measure needs a recommendation to stand in.
        return not parts or (parts[-1].kind == "prose" and mark.number is not None)
    if stands_around(mark.title, surely=True) and block.level <= lowest:
        return True
    if stands_around(mark.title) and block.level <= level:
        return True
    if parts and parts[-1].kind == "recommendation":
        return block.level <= min(level, parts[-1].level)
    return block.level <= level


def _name(parts: Sequence[_Part]) -> None:
    """Give each part a short slug, without the words that most titles share."""
    titles = [set(slugify(part.title).split("-")) for part in parts if part.kind == "recommendation"]
    counts = Counter(word for words in titles for word in words)
    shared = {word for word, count in counts.items() if len(titles) > 2 and count * 2 > len(titles)}
    slugs = UniqueSlugs(part.slug for part in parts if part.slug)
    for part in parts:
        if part.slug:
            continue
        if part.group:
            part.slug = slugs.claim(slugify(f"{part.title.split()[0]} {part.group}"))
        else:
            part.slug = slugs.claim(_short_slug(part.title, shared if part.kind == "recommendation" else set()))


def _short_slug(title: str, shared: set[str] | frozenset[str] = frozenset()) -> str:
    words = [word for word in slugify(title).split("-") if word not in _SMALL_WORDS and word not in shared]
    slug = ""
    for word in words[:_SLUG_WORDS]:
        if slug and len(slug) + len(word) >= _SLUG_LENGTH:
            break
        slug = f"{slug}-{word}" if slug else word
    return slug or slugify(title)


def _body(part: _Part, targets: dict[Target, str], dropped: list[str]) -> str:
    """The text of a part; its measures become level 3 and enter `targets`, their numbers `dropped`."""
    is_recommendation = part.kind == "recommendation"
    number = part.mark.number
    if is_recommendation and number is not None:
        _add(targets, (number, part.mark.letter), f"[[{part.slug}]]")
    depths = _depths(part)
    slugs = UniqueSlugs(block.slug for block in part.blocks if block.slug)
    pieces: list[str] = []
    measures = 0
    for block, depth in zip(part.blocks, depths, strict=True):
        if not depth:
            pieces.append(block.source)
            continue
        mark = read_mark(block.text)
        heading = f"{'#' * depth} {_inline_title(mark.title or block.text)}"
        dropped += [mark.typed] if mark.typed else []
        if depth == _MEASURE_LEVEL and is_recommendation:
            slug = block.slug or slugs.claim(_short_slug(mark.title or block.text))
            heading += f" {{#{slug}}}"
            letter = mark.letter or (chr(ord("a") + measures) if measures < 26 else None)
            measures += 1
            owner = mark.number if mark.letter and mark.number is not None else number
            if owner is not None and letter is not None:
                _add(targets, (owner, letter), f"[[{part.slug}#{slug}]]")
        pieces.append(heading)
    if part.calls:
        # A title holds no note: its call goes to the end of the first paragraph.
        first = next((index for index, block in enumerate(part.blocks) if block.kind == "paragraph"), None)
        pieces = ["".join(part.calls), *pieces] if first is None else pieces
        pieces[first or 0] += "".join(part.calls) if first is not None else ""
    return "\n\n".join(piece for piece in pieces if piece)


def _depths(part: _Part) -> list[int]:
    """For each block 0, or the level of its heading: measures 3, the others from 3, or from 4 beside lettered ones."""
    headings = [block for block in part.blocks if block.kind == "heading"]
    lettered = {id(block) for block in headings if read_mark(block.text).letter}
    levels = sorted({block.level for block in headings if id(block) not in lettered})
    first = _MEASURE_LEVEL + 1 if lettered else _MEASURE_LEVEL
    return [
        0 if block.kind != "heading"
        else _MEASURE_LEVEL if id(block) in lettered
        else min(6, first + levels.index(block.level))
        for block in part.blocks
    ]  # fmt: skip


def _add(targets: dict[Target, str], target: Target, reference: str) -> None:
    """Note where a number leads; one that was typed twice leads nowhere."""
    targets[target] = "" if target in targets else reference


def _inline_title(text: str) -> str:
    """A heading's text as Markdown; calls of notes stay calls."""
    return re.sub(r"(\[\^[^\]\s]+\])|([\\`*_\[\]<{])", lambda match: match[1] or f"\\{match[2]}", text)


def _with_notes(bodies: Sequence[str], notes: dict[str, str]) -> list[str]:
    """Bodies, each ending with the footnotes that it calls; notes that nobody calls stay with the last one."""
    called: set[str] = set()
    result = []
    for body in bodies:
        labels = list(dict.fromkeys(_NOTE_CALL.findall(body)))
        for label in labels:
            labels += [
                inner for inner in _NOTE_CALL.findall(notes.get(label, "")[len(label) + 4 :]) if inner not in labels
            ]
        called.update(labels)
        result.append("\n\n".join([body, *(notes[label] for label in labels if label in notes)]).strip("\n"))
    orphans = [text for label, text in notes.items() if label not in called]
    if orphans and result:
        result[-1] = "\n\n".join([result[-1], *orphans])
    return result
