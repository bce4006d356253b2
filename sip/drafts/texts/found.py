"""Searches a passage whose place changed, in the text that was typed instead or among moved text."""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import accumulate
from typing import NamedTuple

from sip.drafts.texts.align import align
from sip.drafts.texts.diff import Block
from sip.drafts.texts.words import split_words

# How alike (0 to 1) a passage and what was typed in its place must be, and by how much more than the next best.
REWORDED_SCORE = 0.75
REWORDED_MARGIN = 0.15
# In a large change, what looks alike may be anything: the change may be half as long again, and so many characters.
REWORDED_SPARE = 6
# Longer stretches are not compared letter by letter.
REWORDED_WORDS = 80
REWORDED_QUOTE = 300

# A moved passage must be nearly the same, nearly all of it gone from the old place and new at the new one, and
# recognised by so many characters of its own and of its surroundings, this many more than any other place or any other
# passage with the same words.
MOVED_SCORE = 0.8
MOVED_SHARE = 0.8
MOVED_EVIDENCE = 40
MOVED_MARGIN = 8
CONTEXT = 32
COMMON_WORD = 50


class Found(NamedTuple):
    """Where a passage stands in a text, and how much of it is left (1: all)."""

    start: int
    end: int
    score: float


class _Window(NamedTuple):
    start: int
    end: int
    score: float
    next_score: float


class _Candidate(NamedTuple):
    start: int
    end: int
    score: float
    kept: int
    evidence: int


def visible(text: str) -> int:
    """Count the characters that are not white space."""
    return sum(map(len, text.split()))


def find_reworded(old: str, start: int, end: int, new: str) -> Found | None:
    """Find in `new`, typed in place of `old`, what stands for old[start:end], if each is the other's clear best."""
    quote = old[start:end].strip()
    if max(visible(old), visible(new)) > 1.5 * visible(quote) + REWORDED_SPARE:
        return None
    window = _best_window(quote, new)
    if window is None or window.score < REWORDED_SCORE or window.score - window.next_score < REWORDED_MARGIN:
        return None
    back = _best_window(new[window.start : window.end], old)
    if back is None or back.score - back.next_score < REWORDED_MARGIN or not (back.start < end and start < back.end):
        return None
    # The words came back as they were, but what surrounds them did not: less than untouched.
    return Found(window.start, window.end, min(window.score, 0.99))


def _best_window(quote: str, text: str) -> _Window | None:
    """Find the words of `text` that are most like `quote`, and how alike the best words apart from them are."""
    words = list(_placed_words(text))
    size = sum(1 for _ in _placed_words(quote))
    if not quote or len(quote) > REWORDED_QUOTE or len(words) > REWORDED_WORDS:
        return None
    matcher = SequenceMatcher(None, "", quote, autojunk=False)
    windows: list[Found] = []
    for first in range(len(words)):
        for last in range(first + max(size - 2, 1) - 1, min(first + size + 2, len(words))):
            start, end = words[first][0], words[last][0] + len(words[last][1])
            matcher.set_seq1(text[start:end])
            # Far from half alike, neither the best nor a runner-up that counts.
            if min(matcher.real_quick_ratio(), matcher.quick_ratio()) > REWORDED_SCORE - REWORDED_MARGIN:
                windows.append(Found(start, end, matcher.ratio()))
    if not windows:
        return None
    best = max(windows, key=lambda window: (window.score, -window.start))
    others = [window.score for window in windows if window.end <= best.start or best.end <= window.start]
    return _Window(*best, max(others, default=0.0))


def _placed_words(text: str) -> Iterator[tuple[int, str]]:
    at = 0
    for token in split_words(text):
        if not token.isspace():
            yield at, token
        at += len(token)


class MovedText:
    """Finds passages that were cut and pasted, only in text that is new at its place: the rest is accounted for."""

    def __init__(self, old: str, new: str, blocks: Sequence[Block]) -> None:
        self._old, self._new = old, new
        self._old_starts, self._old_ends = _bounds(blocks, 0)
        new_starts, new_ends = _bounds(blocks, 1)
        words = list(_placed_words(new))
        self._places = [at for at, _ in words]
        self._words = [word for _, word in words]
        is_new = [not _lies_in(new_starts, new_ends, at, at + len(word)) for at, word in words]
        self._sizes = list(accumulate(map(len, self._words), initial=0))
        self._new_sizes = list(
            accumulate((len(word) * flag for word, flag in zip(self._words, is_new, strict=True)), initial=0)
        )
        self._postings: dict[str, list[int]] = defaultdict(list)
        for index, word in enumerate(self._words):
            if is_new[index] and len(word) > 2:
                self._postings[word].append(index)

    def find(self, start: int, end: int) -> Found | None:
        """Find old[start:end], which is not where it was; None unless one place is clearly it."""
        quote = self._old[start:end].strip()
        if self._kept(start, end) > (1 - MOVED_SHARE) * visible(quote):
            return None
        candidates = sorted(self._candidates(start, end, quote), key=lambda found: -found.evidence)
        if not candidates or candidates[0].evidence < MOVED_EVIDENCE:
            return None
        best = candidates[0]
        for other in candidates[1:]:
            is_apart = other.end <= best.start or best.end <= other.start
            if is_apart and other.evidence > best.evidence - MOVED_MARGIN:
                return None
        if self._is_claimed(start, end, quote, best):
            return None
        return Found(best.start, best.end, best.score)

    def _kept(self, start: int, end: int) -> int:
        """Count the characters of old[start:end] that stayed where they were."""
        return sum(
            visible(self._old[max(start, self._old_starts[index]) : min(end, self._old_ends[index])])
            for index in range(bisect_right(self._old_ends, start), bisect_left(self._old_starts, end))
        )

    def _candidates(self, start: int, end: int, quote: str) -> Iterator[_Candidate]:
        words = [word for _, word in _placed_words(quote)]
        votes: Counter[int] = Counter()
        for index, word in enumerate(words):
            places = self._postings.get(word, ())
            if len(places) <= COMMON_WORD:
                for place in places:
                    votes[place - index] += len(word)
        for offset, _ in votes.most_common(5):
            first = max(offset - 3, 0)
            runs = align(words, self._words[first : offset + len(words) + 3])
            if not runs:
                continue
            head, tail = first + runs[0].new, first + runs[-1].new + runs[-1].size
            kept = sum(len(word) for run in runs for word in words[run.old : run.old + run.size])
            size = self._sizes[tail] - self._sizes[head]
            score = 2 * kept / (sum(map(len, words)) + size)
            is_new = self._new_sizes[tail] - self._new_sizes[head] >= MOVED_SHARE * size
            if score >= MOVED_SCORE and is_new:
                place, place_end = self._places[head], self._places[tail - 1] + len(self._words[tail - 1])
                evidence = kept + common_context(self._old, start, end, self._new, place, place_end)
                yield _Candidate(place, place_end, score, kept, evidence)

    def _is_claimed(self, start: int, end: int, quote: str, found: _Candidate) -> bool:
        """Tell whether what stands there may as well be another stretch of the old text, moved or copied."""
        text = self._new[found.start : found.end]
        for sought in {quote, text}:
            at = self._old.find(sought)
            while at >= 0:
                at_end = at + len(sought)
                if at_end <= start or end <= at:
                    kept = found.kept if sought == quote else len(text)
                    context = common_context(self._old, at, at_end, self._new, found.start, found.end)
                    if kept + context > found.evidence - MOVED_MARGIN:
                        return True
                at = self._old.find(sought, at + 1)
        return False


def common_context(old: str, start: int, end: int, new: str, new_start: int, new_end: int) -> int:
    """Count the letters and digits that are the same around a stretch of the old text and one of the new text."""
    before = zip(
        reversed(old[max(start - CONTEXT, 0) : start]),
        reversed(new[max(new_start - CONTEXT, 0) : new_start]),
        strict=False,
    )
    after = zip(old[end : end + CONTEXT], new[new_end : new_end + CONTEXT], strict=False)
    return _common_letters(before) + _common_letters(after)


def _bounds(blocks: Sequence[Block], side: int) -> tuple[list[int], list[int]]:
    return [block[side] for block in blocks], [block[side] + block.size for block in blocks]


def _lies_in(starts: Sequence[int], ends: Sequence[int], start: int, end: int) -> bool:
    index = bisect_right(starts, start) - 1
    return index >= 0 and end <= ends[index]


def _common_letters(pairs: Iterator[tuple[str, str]]) -> int:
    count = 0
    for one, other in pairs:
        if one != other:
            break
        count += one.isalnum()
    return count
