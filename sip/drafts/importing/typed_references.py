"""References typed with numbers (« voir recommandation 7 ») turned into `[[slug]]`, which follows renumbering."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

Target = tuple[int, str | None]

_SPACE = r"[ \t\u00a0\u202f]+"
_NUMBER = r"\d{1,2}(?:\.?[a-z](?!\w)|\.\d{1,2}(?!\d))?(?![\w%°]|[.,]\d)"
_PLURALS = r"recommandations|propositions|mesures|points|aanbevelingen|maatregelen|punten|recommendations|measures"
_SINGULARS = r"recommandation|proposition|mesure|point|aanbeveling|maatregel|punt|recommendation|measure"
_BETWEEN = rf"(?:{_SPACE}(?:et|ou|à|en|of|tot|and|or|to){_SPACE}|[ \t\u00a0]*,[ \t\u00a0]*|[–-])"
_REFERENCE = re.compile(
    rf"(?:(?<!\w)(?P<article>les|aux|des|ces|ses|nos|vos|leurs|le|au|du|ce){_SPACE})?"
    rf"(?<!\w)(?:(?P<plural>{_PLURALS}){_SPACE}(?P<numbers>{_NUMBER}(?:{_BETWEEN}{_NUMBER})*)"
    rf"|(?P<singular>{_SINGULARS}){_SPACE}(?:n[ \t]?[°º][ \t\u00a0\u202f]?)?(?P<number>{_NUMBER}))",
    re.IGNORECASE,
)
# Never inside code, links, or references that are already there.
# The lengths are bounded because a line of a hundred thousand brackets would take minutes otherwise.
_PROTECTED = re.compile(r"`+[^`]*`+|\[\[[^\[\]]{1,200}\]\]|\[[^\[\]]{0,1000}\]\([^()]{0,1000}\)|<[^<>\s]{1,1000}>")
_FENCE = re.compile(r"^ {0,3}(?:```|~~~)")
# « la recommandation 4 du rapport … » speaks of another document.
_OF_ANOTHER = re.compile(
    rf"{_SPACE}(?:du|de|des|d['’]|van|of)(?:{_SPACE}|(?<=['’]))"
    r"(?!(?:la |le |l['’]|ce |notre |cette |the |this |dit |deze )?(?:présent|document|texte|projet|même|tekst))"
    rf"|{_SPACE}\(\d{{4}}\)",
    re.IGNORECASE,
)
_CUE = re.compile(
    rf"(?:voir|cf\.?|v\.|lien avec|zie|see|selon|renvoi à){_SPACE}(?:(?:le|la|les|au|aux|het|the){_SPACE})?$", re.I
)
# The reference is shown as « recommandation 8.c », which is feminine and singular.
_ARTICLES = {"le": "la", "les": "la", "au": "à la", "aux": "à la", "du": "de la", "des": "de la"}
_WITHOUT_ARTICLE = ("ces", "ses", "nos", "vos", "leurs", "ce")
_AMBIGUOUS = (
    "point",
    "points",
    "punt",
    "punten",
    "mesure",
    "mesures",
    "measure",
    "measures",
    "maatregel",
    "maatregelen",
)


@dataclass(frozen=True, slots=True)
class LeftReference:
    """A reference left as it was typed, with its line in the text, from 1."""

    line: int
    text: str


def link_references(text: str, targets: Mapping[Target, str]) -> tuple[str, list[LeftReference]]:
    """Return the text with its references as `targets` writes them (`[[…]]`, or empty), and those without a target."""
    result: list[str] = []
    left: list[LeftReference] = []
    is_code = False
    for number, line in enumerate(text.split("\n"), start=1):
        if _FENCE.match(line):
            is_code = not is_code
        if is_code or line.startswith(("    ", "\t", "#")):
            result.append(line)
            continue
        linked, unknown = _link_line(line, targets)
        result.append(linked)
        left += [LeftReference(number, reference) for reference in unknown]
    return "\n".join(result), left


def _link_line(line: str, targets: Mapping[Target, str]) -> tuple[str, list[str]]:
    protected = [match.span() for match in _PROTECTED.finditer(line)]
    parts: list[str] = []
    left: list[str] = []
    end = 0
    for match in _REFERENCE.finditer(line):
        start, stop = match.span()
        if any(start < last and first < stop for first, last in protected):
            continue
        before = line[:start] + (f"{match['article']} " if match["article"] else "")
        if not _is_reference(match, before):
            continue
        shown = None if _OF_ANOTHER.match(line, stop) else _linked(match, targets)
        if shown is None:
            left.append(match[0])
            continue
        parts += [line[end:start], shown]
        end = stop
    return "".join([*parts, line[end:]]), left


def _is_reference(match: re.Match[str], before: str) -> bool:
    """A bare « point 3 » may be a point of anything: it counts with a letter, or after « voir » and the like."""
    word = (match["plural"] or match["singular"]).lower()
    has_letter = not (match["numbers"] or match["number"]).isdigit()
    return word not in _AMBIGUOUS or has_letter or bool(_CUE.search(before))


def _linked(match: re.Match[str], targets: Mapping[Target, str]) -> str | None:
    article = match["article"] or ""
    numbers = _numbers(match["numbers"] or match["number"])
    references = [targets.get(number) for number in numbers]
    if not numbers or not all(references) or article.lower() in _WITHOUT_ARTICLE:
        return None
    new = _ARTICLES.get(article.lower(), "")
    shown = [f"{new} {reference}" if new else str(reference) for reference in references]
    if article[:1].isupper():
        shown[0] = shown[0][0].upper() + shown[0][1:]
    if len(shown) == 1:
        return shown[0]
    last_word = re.findall(r"\b(?:ou|en|of|and|or)\b", match["numbers"] or "")
    return f"{', '.join(shown[:-1])} {last_word[-1] if last_word else 'et'} {shown[-1]}"


def _numbers(text: str) -> list[Target]:
    """Targets of « 3, 4 et 8.c » or « 3 à 5 »; empty where it makes no sense."""
    result: list[Target] = []
    pieces = re.split(rf"({_BETWEEN})", text)
    for index in range(0, len(pieces), 2):
        target = _target(pieces[index])
        joint = pieces[index - 1].strip() if index else ""
        if joint in ("à", "tot", "to", "–", "-"):
            first, last = result[-1], target
            if first[1] or last[1] or not first[0] < last[0] <= first[0] + 20:
                return []
            result += [(number, None) for number in range(first[0] + 1, last[0])]
        result.append(target)
    return result


def _target(text: str) -> Target:
    match = re.fullmatch(r"(\d+)\.?([a-z]|\d+)?", text, re.IGNORECASE)
    assert match is not None
    number, letter = match.groups()
    if letter and letter.isdigit():
        letter = chr(ord("a") + max(0, min(25, int(letter) - 1)))
    return int(number), letter.lower() if letter else None
