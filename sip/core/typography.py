"""French typography of running text, one character for one, so that offsets into the text hold."""

from __future__ import annotations

import re

NARROW = "\u202f"
WIDE = "\u00a0"

_BEFORE_HIGH_MARK = re.compile(" (?=[;!?»])")
_AFTER_OPENING_QUOTE = re.compile("(?<=«) ")
_BEFORE_COLON = re.compile(" (?=:)")


def typeset(text: str, language: str) -> str:
    """Return the text with the no-break spaces of French where plain ones stood; same length; as it was otherwise."""
    if not is_french(language):
        return text
    text = _BEFORE_HIGH_MARK.sub(NARROW, text)
    text = _AFTER_OPENING_QUOTE.sub(NARROW, text)
    return _BEFORE_COLON.sub(WIDE, text)


def is_french(language: str) -> bool:
    """Whether a language tag (`fr`, `fr-BE`, `fr_FR`) means French."""
    return language.lower().replace("_", "-").split("-")[0] == "fr"
