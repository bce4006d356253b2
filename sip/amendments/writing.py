"""How an amendment changes the Markdown of a section: pure functions, used to show it and to write it alike."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from sip.amendments.models import AmendmentKind
from sip.drafts.authorship import Run
from sip.drafts.models import KeptPassage
from sip.drafts.numbering import MEASURE_LEVEL
from sip.drafts.texts.diff import Block, equal_blocks
from sip.drafts.texts.merge import merge

_EMPTY_HEAD = re.compile(r"[ \t]*(?:(?:[-*+]|\d{1,9}[.)]|>|#{1,6})[ \t]*)*\Z")
_EMPTY_TAIL = re.compile(r"[ \t]*(?:\{#[^}\n]*\})?[ \t]*\Z")  # the address of a heading
_AROUND = 200  # characters
_BLANK = re.compile(r"\n[ \t]*\n")


@dataclass(frozen=True, slots=True)
class Written:
    """A section's text after a change, and where in it the new words stand, in code points."""

    body: str
    start: int
    end: int


def source_of(kind: str, title: str, proposed: str) -> str:
    """Return the Markdown that an amendment puts in place of its passage, or adds."""
    if kind == AmendmentKind.STRIKE:
        return ""
    if kind == AmendmentKind.NEW_MEASURE:
        return f"{'#' * MEASURE_LEVEL} {title}\n\n{proposed}"
    return proposed


def replaced(body: str, start: int, end: int, text: str) -> Written:
    """Put `text` in place of body[start:end]; where it is empty, what would be left around it goes too."""
    if text:
        return Written(body[:start] + text + body[end:], start, start + len(text))
    before, after = body[:start], body[end:]
    line_start, line_end = before.rfind("\n") + 1, (after + "\n").index("\n")
    if _EMPTY_HEAD.match(before, line_start) and _EMPTY_TAIL.match(after[:line_end]):
        return _without_lines(before[:line_start], after[line_end:])
    if before[-1:] in ("", " ", "\n") and after[:1] == " ":
        after = after[1:]
    elif before[-1:] == " " and (after[:1] in ("", "\n", ".", ",", ")")):
        before = before[:-1]
    return Written(before + after, len(before), len(before))


def _without_lines(before: str, after: str) -> Written:
    """Join what stood around lines that are gone: as far from each other as the farther one stood from them."""
    head, tail = before.rstrip(), after.lstrip("\n")
    lines = max(before[len(head) :].count("\n"), len(after) - len(tail)) if head and tail else 0
    gap = "\n" * lines
    return Written(head + gap + tail, len(head), len(head))


def with_measure(body: str, text: str) -> Written:
    """Add a measure at the end of a recommendation."""
    head = body.rstrip()
    gap = "\n\n" if head else ""
    return Written(head + gap + text, len(head) + len(gap), len(head) + len(gap) + len(text))


def paragraphs_around(body: str, start: int, end: int) -> tuple[int, int]:
    """Widen a stretch to whole paragraphs, from blank line to blank line."""
    first = max((found.end() for found in _BLANK.finditer(body, 0, start)), default=0)
    after = _BLANK.search(body, end)
    return first, after.start() if after else len(body)


def rebased(then: str, proposed: str, now: str) -> str | None:
    """Return a proposal for a passage as it is now, others' changes kept; None where both touch the same words."""
    merged = merge(then, proposed, now)
    return merged.text if merged.is_clean else None


def with_its_ends(passage: KeptPassage, body: str, start: int, end: int) -> tuple[int, int]:
    """Widen the place of a changed passage in `body` by the words that stand for its first or last ones.

    A passage is carried by what stayed of it: of "twice a year", changed to "twice a month", that is "twice a". Who
    writes another text for it has to replace all of it.
    """
    first = max(start - _AROUND, 0) if passage.prefix else body.rfind("\n", 0, start) + 1
    last = min(end + _AROUND, len(body)) if passage.suffix else (body + "\n").index("\n", end)
    then = passage.prefix + passage.quote + passage.suffix
    old_start, old_end = len(passage.prefix), len(passage.prefix) + len(passage.quote)
    blocks = [Block(0, 0, 0), *equal_blocks(then, body[first:last]), Block(len(then), last - first, 0)]
    for before, after in pairwise(blocks):
        new_at, new_end = first + before.new + before.size, first + after.new
        if before.old + before.size == old_start < after.old:
            start = min(start, new_at)
        if before.old + before.size < old_end == after.old:
            end = max(end, new_end)
    stretch = body[start:end]
    return end - len(stretch.lstrip()), start + len(stretch.rstrip())


def put_together(base: str, proposals: Sequence[str]) -> tuple[str, list[int]]:
    """Merge proposals for one text, the first ones first; return it, and the places of those that clash with it."""
    text, clashing = base, []
    for place, proposal in enumerate(proposals):
        joined = rebased(base, proposal, text)
        if joined is None:
            clashing.append(place)
        else:
            text = joined
    return text, clashing


def owners_of(runs: Iterable[Run]) -> list[int | None]:
    """Return who wrote each character."""
    return [who for who, length in runs for _ in range(length)]


def runs_of(owners: Iterable[int | None]) -> list[Run]:
    """Return runs of one author each, as `sip.drafts.authorship` keeps them."""
    return [(who, sum(1 for _ in same)) for who, same in groupby(owners)]


def new_owners(
    now: str, kept: Sequence[int | None], text: str, proposals: Sequence[tuple[int | None, str]], answerer: int
) -> list[int | None]:
    """Return who wrote each character of `text`, written in place of `now`, whose characters are by `kept`.

    Words that stay keep their author; new ones are of the first of `proposals` (author, text) that has them at that
    place, the others of the answerer.
    """
    owners: list[int | None] = [answerer] * len(text)
    for author, proposal in reversed(proposals):
        for block in equal_blocks(proposal, text):
            owners[block.new : block.new + block.size] = [author] * block.size
    for block in equal_blocks(now, text):
        owners[block.new : block.new + block.size] = kept[block.old : block.old + block.size]
    return owners
