"""Numbers of recommendations (1, 2, …) and letters of their measures (a, b, …), computed from the order of the text."""

from collections.abc import Iterable
from dataclasses import dataclass
from string import ascii_lowercase

from sip.core.markdown import headings
from sip.drafts.texts.diff import SectionText

RECOMMENDATION = "recommendation"
MEASURE_LEVEL = 3


@dataclass(frozen=True, slots=True)
class Measure:
    """A lettered sub-point: letter, anchor, plain title, and the 0-based line of its heading in the section's text."""

    letter: str
    slug: str
    title: str
    line: int


@dataclass(frozen=True, slots=True)
class NumberedSection:
    """A section with its number ("8", None for prose) and its measures in order (none for prose)."""

    key: str
    slug: str
    title: str
    number: str | None
    measures: tuple[Measure, ...]

    def measure(self, slug: str) -> Measure | None:
        """The measure with this slug."""
        return next((measure for measure in self.measures if measure.slug == slug), None)


class Numbering:
    """The numbers of one document, looked up by key or slug; of two sections with one slug the first counts."""

    def __init__(self, sections: Iterable[NumberedSection]) -> None:
        self.sections = tuple(sections)
        self._by_key = {section.key: section for section in reversed(self.sections)}
        self._by_slug = {section.slug: section for section in reversed(self.sections)}

    def by_key(self, key: str) -> NumberedSection | None:
        """The section with this key."""
        return self._by_key.get(key)

    def by_slug(self, slug: str) -> NumberedSection | None:
        """The section with this slug."""
        return self._by_slug.get(slug)

    def number(self, slug: str, measure: str | None = None) -> str | None:
        """The number "8" of a recommendation or "8.a" of its measure; None for prose and for what is not there."""
        section = self._by_slug.get(slug)
        if section is None or section.number is None or measure is None:
            return section.number if section else None
        found = section.measure(measure)
        return f"{section.number}.{found.letter}" if found else None


def number_sections(sections: Iterable[SectionText]) -> Numbering:
    """Number the sections in the order given; measures are the level-3 headings that no quotation or list holds."""
    numbered: list[NumberedSection] = []
    count = 0
    for section in sections:
        is_recommendation = section.kind == RECOMMENDATION
        count += is_recommendation
        numbered.append(
            NumberedSection(
                key=section.key,
                slug=section.slug,
                title=section.title,
                number=str(count) if is_recommendation else None,
                measures=_measures(section.text) if is_recommendation else (),
            )
        )
    return Numbering(numbered)


def letter(index: int) -> str:
    """The letters of the measure with this 0-based index: a to z, then aa, ab, …"""
    letters = ""
    rest = index + 1
    while rest:
        rest, place = divmod(rest - 1, len(ascii_lowercase))
        letters = ascii_lowercase[place] + letters
    return letters


def _measures(text: str) -> tuple[Measure, ...]:
    found = [heading for heading in headings(text) if heading.level == MEASURE_LEVEL and not heading.nested]
    return tuple(
        Measure(letter(index), heading.slug, heading.title, heading.line) for index, heading in enumerate(found)
    )
