"""A merge that clashes, put together by a person: for each passage one's own text, the other's, or both."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from sip.drafts.texts.diff import Op, diff_texts
from sip.drafts.texts.merge import Agreed, Conflict, Piece

Choice = Literal["mine", "theirs", "both"]
CHOICES: tuple[Choice, ...] = ("mine", "theirs", "both")
_CONTEXT = 160  # characters shown before and after a clash


@dataclass(frozen=True)
class Clash:
    """A clash with a little of the agreed text around it, and what each side changed in the text both began from."""

    before: str
    after: str
    mine: list[Op]
    theirs: list[Op]


def clashes(pieces: Sequence[Piece]) -> list[Clash]:
    """Return the clashes of a merge, in order."""
    return list(_clashes(pieces))


def _clashes(pieces: Sequence[Piece]) -> Iterator[Clash]:
    for index, piece in enumerate(pieces):
        if isinstance(piece, Conflict):
            yield Clash(
                _tail(pieces[index - 1] if index else None),
                _head(pieces[index + 1] if index + 1 < len(pieces) else None),
                diff_texts(piece.base, piece.mine),
                diff_texts(piece.base, piece.theirs),
            )


def put_together(pieces: Sequence[Piece], choices: Sequence[Choice]) -> str:
    """Return the text with one choice for each clash, in order; raises ValueError where their numbers differ."""
    left = list(choices)
    parts: list[str] = []
    for piece in pieces:
        if isinstance(piece, Agreed):
            parts.append(piece.text)
        elif not left:
            raise ValueError("fewer choices than clashes")
        else:
            parts.append(_chosen(piece, left.pop(0)))
    if left:
        raise ValueError("more choices than clashes")
    return "".join(parts)


def _chosen(clash: Conflict, choice: Choice) -> str:
    if choice != "both":
        return clash.mine if choice == "mine" else clash.theirs
    first, second = clash.theirs, clash.mine
    if not first or not second or first[-1].isspace() or second[0].isspace():
        return first + second
    # Whole paragraphs stay paragraphs; words stay words.
    return first + ("\n\n" if "\n" in first + second else " ") + second


def _tail(piece: Piece | None) -> str:
    if not isinstance(piece, Agreed):
        return ""
    text = piece.text
    return text if len(text) <= _CONTEXT else "…" + text[-_CONTEXT:].partition(" ")[2]


def _head(piece: Piece | None) -> str:
    if not isinstance(piece, Agreed):
        return ""
    text = piece.text
    return text if len(text) <= _CONTEXT else text[:_CONTEXT].rpartition(" ")[0] + "…"
