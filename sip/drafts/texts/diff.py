"""Compares two texts by paragraphs and words, and two documents by sections."""

import re
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Literal, NamedTuple

from sip.drafts.texts.align import Run, align, common_head, common_tail, increasing, join_runs
from sip.drafts.texts.words import is_word, split_words

# An equal stretch of at most so many words (or characters) between two larger changes is shown as part of the change.
CRUMB_WORDS = 3
CRUMB_CHARACTERS = 3

_LINE = re.compile(r"[^\r\n]*[^\s][^\r\n]*")
_SENTENCE_END = re.compile(r"[.!?…:;»”]\Z")


@dataclass(frozen=True, slots=True)
class Op:
    """One stretch of a difference: text that both have, that only the old text has, or that only the new one has."""

    kind: Literal["equal", "delete", "insert"]
    text: str


@dataclass(frozen=True, slots=True)
class SectionText:
    """A section as one version has it: stable key, address, title, kind (`prose` or `recommendation`) and Markdown."""

    key: str
    slug: str
    title: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class SectionChange:
    """What became of one section; `old` is None if it is new, `new` if it is gone, `changes` counts changed places."""

    key: str
    old: SectionText | None
    new: SectionText | None
    is_new: bool
    is_gone: bool
    is_moved: bool
    is_renamed: bool
    is_changed: bool
    changes: int


class Block(NamedTuple):
    """`size` equal characters, from position `old` of one text and position `new` of the other."""

    old: int
    new: int
    size: int


def diff_texts(old: str, new: str) -> list[Op]:
    """List what to keep, delete and insert, in order, to turn `old` into `new`; no word is ever cut."""
    ops: list[Op] = []
    old_at = new_at = 0
    for block in [*equal_blocks(old, new), Block(len(old), len(new), 0)]:
        if old_at < block.old:
            ops.append(Op("delete", old[old_at : block.old]))
        if new_at < block.new:
            ops.append(Op("insert", new[new_at : block.new]))
        if block.size:
            ops.append(Op("equal", old[block.old : block.old + block.size]))
        old_at, new_at = block.old + block.size, block.new + block.size
    return ops


def count_changes(ops: Sequence[Op]) -> int:
    """Count the separate changed places; a replacement is one place."""
    kinds = ["equal", *(op.kind for op in ops)]
    return sum(before == "equal" != after for before, after in pairwise(kinds))


def equal_blocks(old: str, new: str) -> list[Block]:
    """Give the stretches that both texts have, in increasing order; everything between them changed."""
    old_lines = [match.span() for match in _LINE.finditer(old)]
    new_lines = [match.span() for match in _LINE.finditer(new)]
    runs = align([old[start:end] for start, end in old_lines], [new[start:end] for start, end in new_lines])
    blocks: list[Run] = []
    old_at = new_at = 0
    for run in [*runs, Run(len(old_lines), len(new_lines), 0)]:
        for step in range(run.size):
            (old_start, old_end), (new_start, new_end) = old_lines[run.old + step], new_lines[run.new + step]
            blocks.extend(_word_blocks(old, new, old_at, old_start, new_at, new_start))
            blocks.append(Run(old_start, new_start, old_end - old_start))
            old_at, new_at = old_end, new_end
    blocks.extend(_word_blocks(old, new, old_at, len(old), new_at, len(new)))
    return [Block(*run) for run in join_runs(blocks)]


def _word_blocks(old: str, new: str, old_at: int, old_end: int, new_at: int, new_end: int) -> Iterator[Run]:
    """Give the equal blocks inside one changed stretch, by words."""
    old_text, new_text = old[old_at:old_end], new[new_at:new_end]
    if old_text == new_text:
        yield Run(old_at, new_at, len(old_text))
        return
    old_words, new_words = split_words(old_text), split_words(new_text)
    old_index = new_index = 0
    for run in equal_words(old_words, new_words):
        old_at += sum(map(len, old_words[old_index : run.old]))
        new_at += sum(map(len, new_words[new_index : run.new]))
        size = sum(map(len, old_words[run.old : run.old + run.size]))
        yield Run(old_at, new_at, size)
        old_at, new_at = old_at + size, new_at + size
        old_index, new_index = run.old + run.size, run.new + run.size


def equal_words(
    old: Sequence[str],
    new: Sequence[str],
    old_keys: Sequence[Hashable] | None = None,
    new_keys: Sequence[Hashable] | None = None,
) -> list[Run]:
    """Give the runs of tokens that both lists share, made readable; tokens are equal when their keys are.

    Spaces are not aligned by themselves: they follow the words around them. Line ends are.
    """
    old_keys, new_keys = old if old_keys is None else old_keys, new if new_keys is None else new_keys
    old_places = [index for index, token in enumerate(old) if not token.isspace() or "\n" in token]
    new_places = [index for index, token in enumerate(new) if not token.isspace() or "\n" in token]
    runs = [
        Run(old_places[run.old + step], new_places[run.new + step], 1)
        for run in align([old_keys[index] for index in old_places], [new_keys[index] for index in new_places])
        for step in range(run.size)
    ]
    runs = _without_crumbs(_grown(runs, old_keys, new_keys), old, new)
    return _slid(_grown(runs, old_keys, new_keys), old, new, old_keys, new_keys)


def _grown(runs: Sequence[Run], old: Sequence[Hashable], new: Sequence[Hashable]) -> list[Run]:
    """Let equal runs take in the equal tokens next to them, mostly white space."""
    grown: list[Run] = []
    old_at = new_at = 0
    for run in [*runs, Run(len(old), len(new), 0)]:
        head = common_head(old, new, old_at, run.old, new_at, run.new)
        tail = common_tail(old, new, old_at + head, run.old, new_at + head, run.new)
        grown += [Run(old_at, new_at, head), Run(run.old - tail, run.new - tail, tail + run.size)]
        old_at, new_at = run.old + run.size, run.new + run.size
    return join_runs(grown)


def _without_crumbs(runs: Sequence[Run], old: Sequence[str], new: Sequence[str]) -> list[Run]:
    """Drop short equal runs between larger changes, so that changes do not alternate on every "de" and "la"."""
    old_weights, new_weights = _weights(old), _weights(new)

    def changed(left: Run, right: Run) -> int:
        return max(
            old_weights[right.old] - old_weights[left.old + left.size],
            new_weights[right.new] - new_weights[left.new + left.size],
        )

    kept = [Run(0, 0, 0)]
    for run in [*runs, Run(len(old), len(new), 0)]:
        while len(kept) > 1:
            last = kept[-1]
            tokens = old[last.old : last.old + last.size]
            if not _is_crumb(tokens, min(changed(kept[-2], last), changed(last, run))):
                break
            kept.pop()
        kept.append(run)
    return kept[1:-1]


def _weights(tokens: Sequence[str]) -> list[int]:
    """Give the number of characters before each token, and before the end, that are not white space."""
    return list(accumulate((0 if token.isspace() else len(token) for token in tokens), initial=0))


def _is_crumb(tokens: Sequence[str], smaller_change: int) -> bool:
    """Tell whether an equal run is too short beside the smaller of the changes around it; paragraphs stay apart."""
    if not smaller_change or len(tokens) > 4 * CRUMB_WORDS or any("\n" in token for token in tokens):
        return False
    size = sum(len(token) for token in tokens if not token.isspace())
    return size <= CRUMB_CHARACTERS or (sum(map(is_word, tokens)) <= CRUMB_WORDS and size <= smaller_change)


def _slid(
    runs: Sequence[Run],
    old: Sequence[str],
    new: Sequence[str],
    old_keys: Sequence[Hashable],
    new_keys: Sequence[Hashable],
) -> list[Run]:
    """Move pure insertions and deletions sideways to where they read best, such as from a sentence to the next."""
    ends = [Run(0, 0, 0), *runs, Run(len(old), len(new), 0)]
    for index in range(len(ends) - 1):
        left, right = ends[index], ends[index + 1]
        old_start, new_start = left.old + left.size, left.new + left.size
        if (old_start == right.old) == (new_start == right.new):
            continue
        tokens, keys, start, end = (
            (new, new_keys, new_start, right.new) if old_start == right.old else (old, old_keys, old_start, right.old)
        )
        # A run between two changes keeps at least one token, so that changes stay apart.
        back = left.size - (index > 0)
        ahead = right.size - (index + 1 < len(ends) - 1)
        shift = _best_shift(tokens, keys, start, end, back, ahead)
        ends[index] = Run(left.old, left.new, left.size + shift)
        ends[index + 1] = Run(right.old + shift, right.new + shift, right.size - shift)
    return join_runs(ends)


def _best_shift(tokens: Sequence[str], keys: Sequence[Hashable], start: int, end: int, back: int, ahead: int) -> int:
    """Say by how many tokens to move the change [start, end), at most `back` to the left and `ahead` to the right."""
    first = last = 0
    while -first < back and keys[start + first - 1] == keys[end + first - 1]:
        first -= 1
    while last < ahead and keys[start + last] == keys[end + last]:
        last += 1
    return max(
        range(first, last + 1),
        key=lambda shift: (_boundary(tokens, start + shift) + _boundary(tokens, end + shift), shift),
    )


def _boundary(tokens: Sequence[str], at: int) -> int:
    """Rate a cut before the token `at`: best between paragraphs, then sentences, then words."""
    if at in (0, len(tokens)):
        return 5
    before, after = tokens[at - 1], tokens[at]
    if "\n" in before:
        return 5
    if "\n" in after:
        return 4
    if before.isspace():
        return 3 if at > 1 and _SENTENCE_END.search(tokens[at - 2]) else 2
    return int(after.isspace())


def diff_sections(old: Sequence[SectionText], new: Sequence[SectionText]) -> list[SectionChange]:
    """Say what became of every section, in the new order, gone ones after what they followed; keys must be unique."""
    olds, news = _by_key(old), _by_key(new)
    places = {key: index for index, key in enumerate(olds)}
    both = [key for key in news if key in olds]
    in_order = {both[index] for index in increasing([places[key] for key in both])}
    changes = [
        _section_change(olds.get(key), section, key in olds and key not in in_order) for key, section in news.items()
    ]
    for index, section in enumerate(old):
        if section.key not in news:
            before = old[index - 1].key if index else None
            at = next((place + 1 for place, change in enumerate(changes) if change.key == before), 0)
            changes.insert(at, _section_change(section, None, False))
    return changes


def _by_key(sections: Sequence[SectionText]) -> dict[str, SectionText]:
    by_key = {section.key: section for section in sections}
    if len(by_key) < len(sections):
        raise ValueError("Two sections of one version have the same key.")
    return by_key


def _section_change(old: SectionText | None, new: SectionText | None, is_moved: bool) -> SectionChange:
    section = new or old
    assert section is not None
    is_changed = old is not None and new is not None and old.text != new.text
    return SectionChange(
        key=section.key,
        old=old,
        new=new,
        is_new=old is None,
        is_gone=new is None,
        is_moved=is_moved,
        is_renamed=old is not None and new is not None and old.title != new.title,
        is_changed=is_changed,
        changes=count_changes(diff_texts(old.text, new.text)) if is_changed and old and new else 0,
    )
