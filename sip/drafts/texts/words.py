"""Cuts text into words, spaces and signs, never inside a word or a grapheme."""

import re
import unicodedata
from collections.abc import Iterable


def _ranges(points: Iterable[int]) -> str:
    """Write sorted code points as the inside of a regular expression class."""
    spans: list[list[int]] = []
    for point in points:
        if spans and spans[-1][1] == point - 1:
            spans[-1][1] = point
        else:
            spans.append([point, point])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in spans)


# Marks and joiners that belong to the character before them. Python's \w leaves them out.
_MARKS = _ranges(point for point in range(0x300, 0x20000) if unicodedata.category(chr(point))[0] == "M")
_EXTEND = _MARKS + "\u200c\u200d\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f\U000e0100-\U000e01ef"
# Signs that belong to the digits or letters after them (Unicode's "Prepend").
_PREPEND = "\u0600-\u0605\u06dd\u070f\u08e2\U000110bd\U000110cd"

_LETTER = rf"[\w{_EXTEND}{_PREPEND}]"
# One word each: "coopérateur·rices", "ancien.ne", "participant/e/s", "salarié(e)s", "aujourd'hui", "après-midi", "3,5".
_JOINED = rf"(?:[·•∙⋅‧\u00ad'’\-‐‑./]{_LETTER}+|(?<=\d),\d{_LETTER}*|\(\w{{1,6}}\){_LETTER}*)"
# "l'accès" is two words, so that a change of the article leaves the noun alone.
_ELISION = r"(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)['’](?=\w)"
_SIGN = rf"(?:[\U0001f1e6-\U0001f1ff]{{2}}|.)[{_EXTEND}]*(?:(?<=\u200d).[{_EXTEND}]*)*"
_TOKEN = re.compile(
    rf"\s+(?![{_EXTEND}])|(?i:{_ELISION})|{_LETTER}+{_JOINED}*|{_SIGN}",
    re.DOTALL,
)


def split_words(text: str) -> list[str]:
    """Cut `text` into words, runs of white space and single signs; joined again they give `text`."""
    return _TOKEN.findall(text)


def is_word(token: str) -> bool:
    """Tell whether a token holds a letter or a digit."""
    return any(character.isalnum() for character in token)
