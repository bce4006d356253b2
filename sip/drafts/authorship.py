"""Who wrote which characters of a text: runs of (author, length) end to end, kept up to date edit by edit."""

from collections import Counter
from collections.abc import Iterable, Sequence

from sip.drafts.texts.diff import Op

Run = tuple[int | None, int]  # the author's id, or None where nobody of the house wrote it; number of code points


def credited(author: int | None, origin: str) -> int | None:
    """Return whom new text of an update is credited to.

    Text that comes back, from a file, a version or an edit undone, is nobody's: who brought it back did not write it.
    """
    return author if origin in ("form", "live", "amendment") else None


def apply(runs: Sequence[Run], ops: Iterable[Op], author: int | None) -> list[Run]:
    """Return the runs of the text after `ops`: what stays keeps its author, what is new is `author`'s."""
    result: list[Run] = []
    rest = [(who, length) for who, length in runs if length]
    position = 0
    for op in ops:
        if op.kind == "insert":
            _extend(result, author, len(op.text))
            continue
        left = len(op.text)
        while left:
            who, length = rest[position]
            taken = min(left, length)
            if op.kind == "equal":
                _extend(result, who, taken)
            left -= taken
            if taken == length:
                position += 1
            else:
                rest[position] = (who, length - taken)
    return result


def shares(texts: Iterable[Sequence[Run]]) -> dict[int, float]:
    """Return each known author's share of all characters by known authors; the values sum to 1."""
    counted: Counter[int] = Counter()
    for runs in texts:
        for who, length in runs:
            if who is not None and length:
                counted[who] += length
    total = sum(counted.values())
    return {who: length / total for who, length in counted.most_common()} if total else {}


def unknown(texts: Iterable[Sequence[Run]]) -> float:
    """Return the share of all characters that nobody of the house is known to have written."""
    counted: Counter[bool] = Counter()
    for runs in texts:
        for who, length in runs:
            counted[who is None] += length
    return counted[True] / (counted[True] + counted[False]) if counted[True] else 0.0


def _extend(runs: list[Run], who: int | None, length: int) -> None:
    if not length:
        return
    if runs and runs[-1][0] == who:
        runs[-1] = (who, runs[-1][1] + length)
    else:
        runs.append((who, length))
