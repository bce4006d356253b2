"""Merges two texts that were made from the same one, by words, and says where they clash."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sip.drafts.texts.diff import Block, equal_blocks


@dataclass(frozen=True, slots=True)
class Agreed:
    """Text that both sides have, or that one side changed and the other left alone."""

    text: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """A passage that both sides changed, each in its own way."""

    base: str
    mine: str
    theirs: str


Piece = Agreed | Conflict


@dataclass(frozen=True, slots=True)
class Merge:
    """The merged text as pieces in order; every word that either side inserted is in one of them."""

    pieces: list[Piece]

    @property
    def is_clean(self) -> bool:
        """Tell whether there is no conflict."""
        return all(isinstance(piece, Agreed) for piece in self.pieces)

    @property
    def text(self) -> str:
        """The merged text; raises ValueError when there is a conflict."""
        if not self.is_clean:
            raise ValueError("A merge with conflicts has no text yet.")
        return "".join(piece.text for piece in self.pieces if isinstance(piece, Agreed))


class _Hunk(NamedTuple):
    """The stretch of the base that one side changed, and of that side's text that stands in its place."""

    base_start: int
    base_end: int
    start: int
    end: int


def merge(base: str, mine: str, theirs: str) -> Merge:
    """Merge two texts made from `base`; changes that overlap or touch and differ make a conflict.

    Swapping the sides swaps them in the conflicts and changes nothing else.
    """
    hunks = {"mine": _hunks(base, mine), "theirs": _hunks(base, theirs)}
    pieces: list[Piece] = []
    base_at = 0
    for base_start, base_end, touched in _clusters(hunks["mine"], hunks["theirs"]):
        pieces.append(Agreed(base[base_at:base_start]))
        ours = _rewritten(base, mine, base_start, base_end, touched[0])
        others = _rewritten(base, theirs, base_start, base_end, touched[1])
        if not touched[0] or ours == others:
            pieces.append(Agreed(others))
        elif not touched[1]:
            pieces.append(Agreed(ours))
        else:
            pieces.append(Conflict(base[base_start:base_end], ours, others))
        base_at = base_end
    pieces.append(Agreed(base[base_at:]))
    return Merge(_joined(pieces))


def _hunks(base: str, side: str) -> list[_Hunk]:
    hunks: list[_Hunk] = []
    base_at = at = 0
    for block in [*equal_blocks(base, side), Block(len(base), len(side), 0)]:
        if (base_at, at) != (block.old, block.new):
            hunks.append(_Hunk(base_at, block.old, at, block.new))
        base_at, at = block.old + block.size, block.new + block.size
    return hunks


def _clusters(mine: Sequence[_Hunk], theirs: Sequence[_Hunk]) -> list[tuple[int, int, tuple[list[_Hunk], list[_Hunk]]]]:
    """Group the hunks of both sides that overlap or touch: base start, base end, hunks of each side."""
    clusters: list[tuple[int, int, tuple[list[_Hunk], list[_Hunk]]]] = []
    sides = sorted([(hunk, 0) for hunk in mine] + [(hunk, 1) for hunk in theirs])
    for hunk, side in sides:
        # Between two hunks of one side there is text that it kept, so only hunks of different sides can touch.
        if clusters and hunk.base_start <= clusters[-1][1]:
            start, end, touched = clusters[-1]
            touched[side].append(hunk)
            clusters[-1] = (start, max(end, hunk.base_end), touched)
        else:
            touched = ([], [])
            touched[side].append(hunk)
            clusters.append((hunk.base_start, hunk.base_end, touched))
    return clusters


def _rewritten(base: str, side: str, base_start: int, base_end: int, hunks: Sequence[_Hunk]) -> str:
    """Give what a side has in place of base[base_start:base_end], which its hunks do not leave."""
    parts: list[str] = []
    for hunk in hunks:
        parts += [base[base_start : hunk.base_start], side[hunk.start : hunk.end]]
        base_start = hunk.base_end
    return "".join([*parts, base[base_start:base_end]])


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Join agreed pieces that follow each other and leave out empty ones."""
    joined: list[Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if isinstance(piece, Agreed) and isinstance(last, Agreed):
            joined[-1] = Agreed(last.text + piece.text)
        elif piece != Agreed(""):
            joined.append(piece)
    return joined
