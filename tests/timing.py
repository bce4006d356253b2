"""Whether work takes long, asked so that neither a slow machine nor a busy one changes the answer.

Tests that ask are to be marked `no_cover`: measuring coverage slows down the product and not what it is compared with.
"""

import gc
import time
from collections.abc import Callable

# Who is disturbed may try again: what really takes too long takes too long each time.
_TRIES = 3
_USUAL = 0.06  # processor's seconds that the yardstick takes on the machine whose seconds are meant


def is_quick(work: Callable[[], object], limit: float) -> bool:
    """Say whether `work` takes less than `limit` of the processor's seconds on a machine of usual speed."""
    return any(_spent(work) < limit * _spent(_yardstick) / _USUAL for _ in range(_TRIES))


def is_linear(work: Callable[[int], object], size: int) -> bool:
    """Say whether four times the size takes about four times as long; squared, it would be sixteen times."""
    return any(_spent(lambda: work(4 * size)) < 8 * _spent(lambda: work(size)) for _ in range(_TRIES))


def _spent(work: Callable[[], object]) -> float:
    gc.disable()  # what it looks through is what other tests have left behind, too
    try:
        before = time.process_time()
        work()
        return time.process_time() - before
    finally:
        gc.enable()


def _yardstick() -> dict[str, int]:
    """Do a bit of what Python does all day."""
    counts: dict[str, int] = {}
    for number in range(120_000):
        word = f"mot{number % 977}"
        counts[word] = counts.get(word, 0) + len(word)
    return counts
