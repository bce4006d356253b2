"""Carries passages from one text to the next: where the same words stand now, or that they are gone; never a guess."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from sip.drafts.texts.diff import equal_blocks
from sip.drafts.texts.found import Found, MovedText, find_reworded, visible
from sip.drafts.texts.normal import ComposedText

# How much of a passage must be left between words that stayed where they were: of its own characters, and twice the
# kept characters over the characters of both quotes; white space is left out.
KEPT_SHARE = 0.5
EDITED_SCORE = 0.5
# An equal stretch whose words come back elsewhere proves nothing by itself, only if no more than so many characters
# separate it from one that does.
ANCHOR_GAP = 32


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a text, in code points, with the text itself and some of what stood before and after it."""

    start: int
    end: int
    quote: str
    prefix: str
    suffix: str


@dataclass(frozen=True, slots=True)
class Carried:
    """A passage in a later text, in code points of that text.

    `in_place`: all its words stand there, with nothing new between them. `changed`: its words were edited or moved;
    `score` (above 0, at most 1) says how much is left. `outdated`: it is gone; no start, no end, and the quote is old.
    """

    state: Literal["in_place", "changed", "outdated"]
    start: int | None
    end: int | None
    quote: str
    score: float


class CarryTable:
    """Carries any number of passages of `old` to `new`, which are compared once."""

    def __init__(self, old: str, new: str) -> None:
        self._old_source, self._new_source = ComposedText(old), ComposedText(new)
        self._old, self._new = self._old_source.text, self._new_source.text
        self._blocks = equal_blocks(self._old, self._new)
        self._starts = [block.old for block in self._blocks]
        self._ends = [block.old + block.size for block in self._blocks]

    def carry(self, passage: Passage) -> Carried:
        """Say where a passage stands in the new text; one that does not fit the old text is outdated."""
        carried = self.stay(passage)
        place = self._place(passage)
        if carried.start is not None or place is None or place[0] == place[1]:
            return carried
        found = self._moved_text.find(*place)
        return self._carried("changed", found) if found else carried

    def stay(self, passage: Passage) -> Carried:
        """Say where a passage stands as `carry` does, but look for it only where it was, not among moved text."""
        place = self._place(passage)
        found = None
        if place is not None:
            found = self._point(place[0]) if place[0] == place[1] else self._here(*place)
        if found is None:
            return Carried("outdated", None, None, passage.quote, 0.0)
        return self._carried("in_place" if found.score == 1.0 else "changed", found)

    def _place(self, passage: Passage) -> tuple[int, int] | None:
        """Say where a passage stands in the composed old text, or None where it does not fit it."""
        place = _locate(passage, self._old_source.source)
        if place is None:
            return None
        return self._old_source.composed_position(place[0]), self._old_source.composed_position(place[1])

    def _carried(self, state: Literal["in_place", "changed"], found: Found) -> Carried:
        start, end = map(self._new_source.source_position, (found.start, found.end))
        return Carried(state, start, end, self._new_source.source[start:end], found.score)

    @cached_property
    def _is_anchored(self) -> list[bool]:
        """Tell for each equal block whether it surely is the same stretch of text, and not one with the same words."""
        flags = [
            _is_single(self._old, block.old, block.size) and _is_single(self._new, block.new, block.size)
            for block in self._blocks
        ]
        near = [
            visible(self._old[end : block.old]) <= ANCHOR_GAP
            and visible(self._new[before.new + before.size : block.new]) <= ANCHOR_GAP
            for end, before, block in zip(self._ends, self._blocks, self._blocks[1:], strict=False)
        ]
        for index in range(1, len(flags)):
            flags[index] = flags[index] or (flags[index - 1] and near[index - 1])
        for index in range(len(flags) - 1, 0, -1):
            flags[index - 1] = flags[index - 1] or (flags[index] and near[index - 1])
        return flags

    @cached_property
    def _moved_text(self) -> MovedText:
        return MovedText(self._old, self._new, self._blocks)

    def _point(self, position: int) -> Found | None:
        """Carry the place between two characters, if both are still there and still together."""
        if not self._old and not self._new:
            return Found(0, 0, 1.0)
        index = bisect_left(self._ends, position)
        if index == len(self._blocks) or self._starts[index] > position:
            return None
        block = self._blocks[index]
        is_start = position == block.old == block.new == 0
        is_end = position == len(self._old) and block.new + block.size == len(self._new)
        if is_start or is_end or block.old < position < block.old + block.size:
            return Found(position - block.old + block.new, position - block.old + block.new, 1.0)
        return None

    def _here(self, start: int, end: int) -> Found | None:
        """Find a passage where it was: untouched, edited between kept words, or reworded as a whole."""
        index = bisect_right(self._starts, start) - 1
        if index >= 0 and end <= self._ends[index]:
            if not self._is_anchored[index]:
                return None
            shift = self._blocks[index].new - self._blocks[index].old
            return Found(start + shift, end + shift, 1.0)
        return self._edited(start, end) or self._reworded(start, end)

    def _edited(self, start: int, end: int) -> Found | None:
        """Find a passage by the words of it that were kept in their place."""
        parts = [
            (index, max(start, self._starts[index]), min(end, self._ends[index]))
            for index in range(bisect_right(self._ends, start), bisect_left(self._starts, end))
        ]
        parts = [part for part in parts if self._is_anchored[part[0]] and visible(self._old[part[1] : part[2]])]
        if not parts:
            return None
        kept = sum(visible(self._old[first:last]) for _, first, last in parts)
        new_start = self._new_start(start, parts[0][0], parts[0][1])
        new_end = self._new_end(end, parts[-1][0], parts[-1][2])
        size = visible(self._old[start:end])
        score = 2 * kept / (size + visible(self._new[new_start:new_end]))
        return Found(new_start, new_end, score) if score >= EDITED_SCORE and kept >= KEPT_SHARE * size else None

    def _new_start(self, start: int, index: int, first: int) -> int:
        """Say where the passage begins, when its first kept character is `first`, in block `index`."""
        block = self._blocks[index]
        before, new_before = (self._ends[index - 1], _new_end_of(self._blocks[index - 1])) if index else (0, 0)
        lost, typed = self._old[start:first], self._new[new_before : block.new]
        # What was typed in place of its first words belongs to it, if those words alone were replaced.
        if visible(lost) and not visible(self._old[before:start]) and visible(typed) <= 2 * visible(lost):
            return block.new - len(typed.lstrip())
        return block.new + first - block.old

    def _new_end(self, end: int, index: int, last: int) -> int:
        """Say where the passage ends, when its last kept character is before `last`, in block `index`."""
        block = self._blocks[index]
        is_last = index + 1 == len(self._blocks)
        after = len(self._old) if is_last else self._starts[index + 1]
        new_after = len(self._new) if is_last else self._blocks[index + 1].new
        lost, typed = self._old[last:end], self._new[_new_end_of(block) : new_after]
        if visible(lost) and not visible(self._old[end:after]) and visible(typed) <= 2 * visible(lost):
            return _new_end_of(block) + len(typed.rstrip())
        return block.new + last - block.old

    def _reworded(self, start: int, end: int) -> Found | None:
        """Find a passage in what was typed in its place."""
        index = bisect_right(self._starts, start) - 1
        before = new_before = 0
        if index >= 0:
            if not self._is_anchored[index]:
                return None
            before = min(start, self._ends[index])
            new_before = self._blocks[index].new + before - self._blocks[index].old
        index = bisect_left(self._ends, end)
        after, new_after = len(self._old), len(self._new)
        if index < len(self._blocks):
            if not self._is_anchored[index]:
                return None
            after = max(end, self._starts[index])
            new_after = self._blocks[index].new + after - self._blocks[index].old
        found = find_reworded(self._old[before:after], start - before, end - before, self._new[new_before:new_after])
        return found and Found(new_before + found.start, new_before + found.end, found.score)


def carry(passage: Passage, old: str, new: str) -> Carried:
    """Carry one passage of `old` to `new`; for several passages, make one CarryTable."""
    return CarryTable(old, new).carry(passage)


def _new_end_of(block: tuple[int, int, int]) -> int:
    return block[1] + block[2]


def _is_single(text: str, at: int, size: int) -> bool:
    """Tell whether the stretch of a text is nowhere else in it."""
    stretch = text[at : at + size]
    return text.find(stretch) == text.rfind(stretch)


def _locate(passage: Passage, text: str) -> tuple[int, int] | None:
    """Say where a passage stands in its own text: at its positions, else at the only place with its surroundings."""
    if 0 <= passage.start <= passage.end <= len(text) and text[passage.start : passage.end] == passage.quote:
        return passage.start, passage.end
    around = passage.prefix + passage.quote + passage.suffix
    at = text.find(around)
    if not passage.quote or at < 0 or text.find(around, at + 1) >= 0:
        return None
    return at + len(passage.prefix), at + len(passage.prefix) + len(passage.quote)
