"""Finds what two sequences have in common, in order, at a cost that is bounded and does not depend on the clock."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from typing import NamedTuple

from diff_match_patch import diff_match_patch

# Above this many elements (both sides together) a stretch is first cut at its rare elements: Myers' algorithm is
# quadratic in what differs. It also keeps the characters that stand for elements far below U+D800.
MYERS_LIMIT = 1000
# How many elements in a row must be rare: the more, the surer.
ANCHOR_LENGTHS = (4, 2, 1)

_EQUAL, _DELETE = diff_match_patch.DIFF_EQUAL, diff_match_patch.DIFF_DELETE


class Run(NamedTuple):
    """`size` equal elements, from index `old` of one sequence and index `new` of the other."""

    old: int
    new: int
    size: int


def align(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[Run]:
    """Give the common elements of both sequences as runs in increasing order; the same input always gives the same."""
    pairs: list[Run] = []
    stretches = [(0, len(old), 0, len(new))]
    while stretches:
        old_start, old_end, new_start, new_end = stretches.pop()
        head = common_head(old, new, old_start, old_end, new_start, new_end)
        tail = common_tail(old, new, old_start + head, old_end, new_start + head, new_end)
        pairs.append(Run(old_start, new_start, head))
        pairs.append(Run(old_end - tail, new_end - tail, tail))
        old_start, old_end, new_start, new_end = old_start + head, old_end - tail, new_start + head, new_end - tail
        olds, news = _shared(old, new, old_start, old_end, new_start, new_end)
        if not olds:
            continue
        if len(olds) + len(news) <= MYERS_LIMIT:
            pairs.extend(_myers(old, new, olds, news))
            continue
        anchors = _anchors(old, new, olds, news)
        if anchors:
            pairs.extend(anchors)
            for anchor in [*anchors, Run(old_end, new_end, 0)]:
                stretches.append((old_start, anchor.old, new_start, anchor.new))
                old_start, new_start = anchor.old + 1, anchor.new + 1
    return join_runs(pairs)


def join_runs(runs: Sequence[Run]) -> list[Run]:
    """Sort runs that do not overlap, join those that touch on both sides, leave out empty ones."""
    joined: list[Run] = []
    for run in sorted(run for run in runs if run.size):
        if joined and (joined[-1].old + joined[-1].size, joined[-1].new + joined[-1].size) == (run.old, run.new):
            joined[-1] = Run(joined[-1].old, joined[-1].new, joined[-1].size + run.size)
        else:
            joined.append(run)
    return joined


def common_head(
    old: Sequence[Hashable], new: Sequence[Hashable], old_start: int, old_end: int, new_start: int, new_end: int
) -> int:
    """Count the equal elements at the start of two stretches."""
    limit = min(old_end - old_start, new_end - new_start)
    size = 0
    while size < limit and old[old_start + size] == new[new_start + size]:
        size += 1
    return size


def common_tail(
    old: Sequence[Hashable], new: Sequence[Hashable], old_start: int, old_end: int, new_start: int, new_end: int
) -> int:
    """Count the equal elements at the end of two stretches."""
    limit = min(old_end - old_start, new_end - new_start)
    size = 0
    while size < limit and old[old_end - size - 1] == new[new_end - size - 1]:
        size += 1
    return size


def increasing(values: Sequence[int]) -> list[int]:
    """Give the indices of a longest strictly increasing subsequence of `values`."""
    tails: list[int] = []
    tail_indices: list[int] = []
    before: list[int] = []
    for index, value in enumerate(values):
        place = bisect_left(tails, value)
        before.append(tail_indices[place - 1] if place else -1)
        tails[place : place + 1] = [value]
        tail_indices[place : place + 1] = [index]
    chain: list[int] = []
    index = tail_indices[-1] if tail_indices else -1
    while index >= 0:
        chain.append(index)
        index = before[index]
    return chain[::-1]


def _shared(
    old: Sequence[Hashable], new: Sequence[Hashable], old_start: int, old_end: int, new_start: int, new_end: int
) -> tuple[list[int], list[int]]:
    """Give the indices of the elements that both stretches hold; the others can match nothing."""
    shared = set(old[old_start:old_end]) & set(new[new_start:new_end])
    return (
        [index for index in range(old_start, old_end) if old[index] in shared],
        [index for index in range(new_start, new_end) if new[index] in shared],
    )


def _myers(old: Sequence[Hashable], new: Sequence[Hashable], olds: list[int], news: list[int]) -> Iterator[Run]:
    """Give a longest common subsequence of the elements at the given indices, one element a run."""
    codes: dict[Hashable, str] = {}
    engine = diff_match_patch()
    engine.Diff_Timeout = 0  # a limit on the clock would make the result depend on load
    old_text = "".join(codes.setdefault(old[index], chr(len(codes) + 1)) for index in olds)
    new_text = "".join(codes.setdefault(new[index], chr(len(codes) + 1)) for index in news)
    old_at = new_at = 0
    for kind, text in engine.diff_main(old_text, new_text, False):
        size = len(text)
        if kind == _EQUAL:
            for step in range(size):
                yield Run(olds[old_at + step], news[new_at + step], 1)
            old_at, new_at = old_at + size, new_at + size
        elif kind == _DELETE:
            old_at += size
        else:
            new_at += size


def _anchors(old: Sequence[Hashable], new: Sequence[Hashable], olds: list[int], news: list[int]) -> list[Run]:
    """Pair the elements that, with those after them, occur once on both sides, as far as they keep order."""
    for length in ANCHOR_LENGTHS:
        old_keys, new_keys = _stretches(old, olds, length), _stretches(new, news, length)
        old_counts, new_counts = Counter(old_keys), Counter(new_keys)
        places = {key: index for key, index in zip(new_keys, news, strict=False) if new_counts[key] == 1}
        pairs = [
            Run(index, places[key], 1)
            for key, index in zip(old_keys, olds, strict=False)
            if old_counts[key] == 1 and key in places
        ]
        if pairs:
            return [pairs[index] for index in increasing([pair.new for pair in pairs])]
    return []


def _stretches(items: Sequence[Hashable], indices: Sequence[int], length: int) -> list[tuple[Hashable, ...]]:
    """Give each element that is followed by enough others, together with them."""
    chosen = [items[index] for index in indices]
    return list(zip(*(chosen[shift:] for shift in range(length)), strict=False))
