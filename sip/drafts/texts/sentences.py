"""Cuts the text of a block into sentences, so that one can be chosen by keyboard; in doubt it does not cut."""

import re

# A sentence may end at one of these, with closing quotes and brackets after it.
_END = re.compile(r"(?:[.!?…]+|(?<=[\s\u202f\u00a0])[!?])[\u202f\u00a0 ]?(?:[»”\"’')\]]+)?(?=\s)")
_ABBREVIATIONS = {
    "": {"cf", "etc", "ex", "nb", "no", "p", "pp", "vs", "env", "tél", "tel"},
    "fr": {
        "m", "mm", "mme", "mmes", "mlle", "dr", "pr", "me", "mgr", "st", "ste", "art", "al", "chap", "fig", "sect",
        "vol", "éd", "ed", "n", "nos", "par", "réf", "ref", "av", "bd", "apr", "janv", "févr", "avr", "juil", "sept",
        "oct", "nov", "déc", "p.ex",
    },
    "nl": {
        "art", "blz", "bv", "bijv", "ca", "d.w.z", "dhr", "dr", "drs", "enz", "evt", "i.p.v", "ing", "ir", "m.a.w",
        "mevr", "mr", "nl", "nr", "o.a", "o.m", "prof", "resp", "t.o.v", "vgl", "zgn", "z.o.z",
    },
    "en": {
        "mr", "mrs", "ms", "dr", "prof", "st", "art", "ch", "fig", "sec", "vol", "ed", "e.g", "i.e", "al", "approx",
        "inc", "ltd", "jan", "feb", "aug", "sept", "oct", "nov", "dec",
    },
}  # fmt: skip
_LAST_WORD = re.compile(r"([\w.·-]*)\.+$")
_NEXT_SIGN = re.compile(r"[\s«“\"‘'(\[–—-]*(\S)")


def sentences(text: str, language: str) -> list[tuple[int, int]]:
    """Return start and end of each sentence of a block's readable text, without the white space around it."""
    short = _ABBREVIATIONS[""] | _ABBREVIATIONS.get(language[:2].lower(), _ABBREVIATIONS["en"])
    found: list[tuple[int, int]] = []
    start = 0
    for match in _END.finditer(text):
        if not _goes_on(text, start, match, short):
            _append(found, text, start, match.end())
            start = match.end()
    _append(found, text, start, len(text))
    return found


def _append(found: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    stretch = text[start:end]
    if stretch.strip():
        found.append((start + len(stretch) - len(stretch.lstrip()), start + len(stretch.rstrip())))


def _goes_on(text: str, start: int, match: re.Match[str], short: set[str]) -> bool:
    """Tell whether what looks like the end of a sentence is none: after an abbreviation, or before a small letter."""
    following = _NEXT_SIGN.match(text, match.end())
    if following is None:
        return False
    if following[1].islower():
        return True
    stop = match[0].strip()
    if not stop.startswith(".") or len(stop.rstrip("»”\"’')] \u202f\u00a0")) > 1:
        return False
    word = _LAST_WORD.search(text, max(match.start() - 20, 0), match.start() + 1)
    before = word[1].lower() if word else ""
    if before in short:
        return True
    # Initials, "8.a." and numbers of lists: "M. J. Dupont", "1. Le budget".
    if before.isdigit():
        return text[start : match.start()].strip() == before
    return len(before) == 1 and before.isalpha()
