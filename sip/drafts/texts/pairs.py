"""Decides which block of a new text took the place of which old one, by the words that they share."""

from collections import Counter
from collections.abc import Iterator, Sequence

from sip.drafts.texts.align import align
from sip.drafts.texts.blocks import Leaf

# Blocks that share less than this (0 to 1, by characters) are shown as one removed and one added.
ALIKE = 0.4
# In long rewritten stretches, blocks are only compared with those about as far along, at most so many before and after,
# and fewer where that would make more comparisons than a page can wait for.
BAND = 30
COMPARISONS = 50_000

Pair = tuple[Leaf | None, Leaf | None]


def pair_leaves(old: Sequence[Leaf], new: Sequence[Leaf]) -> Iterator[Pair]:
    """Give the old and the new blocks in order, paired where one became the other, with None where there is none."""
    old_at = new_at = 0
    for run in align([leaf.key for leaf in old], [leaf.key for leaf in new]):
        yield from _pair_changed(old[old_at : run.old], new[new_at : run.new])
        yield from zip(old[run.old : run.old + run.size], new[run.new : run.new + run.size], strict=True)
        old_at, new_at = run.old + run.size, run.new + run.size
    yield from _pair_changed(old[old_at:], new[new_at:])


def _pair_changed(old: Sequence[Leaf], new: Sequence[Leaf]) -> Iterator[Pair]:
    old_at = new_at = 0
    for old_index, new_index in _best_pairs(old, new):
        yield from ((leaf, None) for leaf in old[old_at:old_index])
        yield from ((None, leaf) for leaf in new[new_at:new_index])
        yield old[old_index], new[new_index]
        old_at, new_at = old_index + 1, new_index + 1
    yield from ((leaf, None) for leaf in old[old_at:])
    yield from ((None, leaf) for leaf in new[new_at:])


def _best_pairs(old: Sequence[Leaf], new: Sequence[Leaf]) -> list[tuple[int, int]]:
    """Find the pairs, in order on both sides, that share the most, within the band."""
    if not old or not new:
        return []
    old_words, new_words = [_words(leaf) for leaf in old], [_words(leaf) for leaf in new]
    slope = len(new) / len(old)
    band = min(BAND, max(COMPARISONS // (2 * len(old)), 1))
    best: dict[tuple[int, int], tuple[float, int]] = {}
    # From the end to the start: the best total from here on, and the step to it (0 pair, 1 skip old, 2 skip new).
    for old_index in range(len(old) - 1, -1, -1):
        middle = int(old_index * slope)
        for new_index in range(min(middle + band, len(new) - 1), max(middle - band, 0) - 1, -1):
            likeness = 0.0
            if _may_pair(old[old_index], new[new_index]):
                likeness = _likeness(old_words[old_index], new_words[new_index])
            choices = [
                (best.get((old_index + 1, new_index), (0.0, 0))[0], 1),
                (best.get((old_index, new_index + 1), (0.0, 0))[0], 2),
            ]
            if likeness >= ALIKE:
                choices.append((likeness + best.get((old_index + 1, new_index + 1), (0.0, 0))[0], 0))
            best[old_index, new_index] = max(choices, key=lambda choice: (choice[0], -choice[1]))
    return _followed(best, len(old), len(new))


def _followed(best: dict[tuple[int, int], tuple[float, int]], old_size: int, new_size: int) -> list[tuple[int, int]]:
    pairs: list[tuple[int, int]] = []
    old_index = new_index = 0
    while old_index < old_size and new_index < new_size:
        # Outside the band there is nothing to gain: walk back to it.
        step = best.get((old_index, new_index), (0.0, 1 if new_index * old_size > old_index * new_size else 2))[1]
        if step == 0:
            pairs.append((old_index, new_index))
        old_index += step != 2
        new_index += step != 1
    return pairs


def _may_pair(old: Leaf, new: Leaf) -> bool:
    """Tell whether a block can become the other: text any text, a row a row of as many cells, code code."""
    special = {"tr", "pre", "hr"}
    return len(old.lines) == len(new.lines) and (old.tag == new.tag or not {old.tag, new.tag} & special)


def _words(leaf: Leaf) -> Counter[str]:
    return Counter(word for line in leaf.lines for word in line.words if not word.isspace())


def _likeness(old: Counter[str], new: Counter[str]) -> float:
    """Say how much two blocks share, from 0 to 1: of both together, and of the smaller one, which may have grown."""
    shared, old_size, new_size = _size(old & new), _size(old), _size(new)
    if not old_size or not new_size:
        return float(old_size == new_size)
    return (2 * shared / (old_size + new_size) + shared / min(old_size, new_size)) / 2


def _size(words: Counter[str]) -> int:
    return sum(len(word) * count for word, count in words.items())
