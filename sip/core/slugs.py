"""Short ASCII names for addresses and anchors, made from what people write."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

MAX_SLUG = 60

_LETTERS = str.maketrans(
    {"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ŋ": "n"}
)
# The middle dots of inclusive writing join the parts of one word, so they leave no hyphen behind.
_JOINERS = re.compile("[·•∙⋅‧・\u00ad\u200b-\u200f\u2060]")
_SEPARATORS = re.compile(r"[^a-z0-9]+")


def slugify(text: str, fallback: str = "section") -> str:
    """Return 1 to 60 characters of `a-z0-9-` made from the text, or the fallback when no letter or digit is left."""
    lowered = _JOINERS.sub("", text).lower().translate(_LETTERS)
    decomposed = unicodedata.normalize("NFKD", lowered).lower()
    letters = "".join(character for character in decomposed if not unicodedata.combining(character))
    return _shorten(_SEPARATORS.sub("-", letters).strip("-"), MAX_SLUG) or fallback


class UniqueSlugs:
    """Hands out each slug once: `claim` returns it, or with the first free number behind it (`-2`, `-3`, …)."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)
        # The last number tried for a slug: without it, a thousand equal titles would cost a million look-ups.
        self._numbers: dict[str, int] = {}

    def claim(self, slug: str) -> str:
        """Return a slug not handed out before, at most 60 characters long."""
        candidate = slug
        while candidate in self._taken:
            number = self._numbers.get(slug, 1) + 1
            self._numbers[slug] = number
            suffix = f"-{number}"
            candidate = slug[: MAX_SLUG - len(suffix)].rstrip("-") + suffix
        self._taken.add(candidate)
        return candidate


def _shorten(slug: str, length: int) -> str:
    """Cut at the last whole word that fits, unless that would throw away more than half."""
    if len(slug) <= length:
        return slug
    cut = slug[: length + 1].rpartition("-")[0]
    return cut if len(cut) > length // 2 else slug[:length].rstrip("-")
