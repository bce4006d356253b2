"""The file form of a cycle, of its themes and of the offices: read and written without loss."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sip.core.frontmatter import dump, join, load, normalise, split
from sip.core.sections import BadSections, Section, line_of_body, one_line, read_sections, write_sections
from sip.cycles.stages import LADDER

# Parts of a theme's brief, with the titles they carry in the file; when reading, the slug of a heading counts first.
BRIEF = {
    "context": "Contexte",
    "reflection": "État de la réflexion",
    "objectives": "Objectifs",
    "questions": "Questions-clefs",
}

_SLUG = re.compile(r"[a-z0-9-]{1,60}")


class BadCycleFile(ValueError):
    """A cycle, a theme or a list of offices that cannot be read or written; the message says what is wrong."""


@dataclass(frozen=True, slots=True)
class MilestoneFile:
    """A date on the timeline of a cycle; `until` is None where it lasts one day."""

    title: str
    on: dt.date
    until: dt.date | None = None
    note: str = ""

    def __post_init__(self) -> None:
        _make_lines(self, "title", "note")


@dataclass(frozen=True, slots=True)
class CycleFile:
    """A cycle; `slug` is the name of its folder, `introduction` is Markdown."""

    slug: str
    title: str
    opens: dt.date
    closes: dt.date
    guests_may_comment: bool = False
    minimum_days: Mapping[str, int] = field(default_factory=dict)  # stage -> days that it stays open at least
    milestones: tuple[MilestoneFile, ...] = ()
    introduction: str = ""

    def __post_init__(self) -> None:
        _make_lines(self, "title")
        object.__setattr__(self, "introduction", normalise(self.introduction))


@dataclass(frozen=True, slots=True)
class ThemeFile:
    """A theme with its brief in four parts of Markdown; `slug` is the name of the file."""

    slug: str
    title: str
    position: int = 0
    question: str = ""
    context: str = ""
    reflection: str = ""
    objectives: str = ""
    questions: str = ""

    def __post_init__(self) -> None:
        _make_lines(self, "title", "question")
        for part in BRIEF:
            object.__setattr__(self, part, normalise(getattr(self, part)))


@dataclass(frozen=True, slots=True)
class OfficeFile:
    """A local office; `country` is an ISO 3166 code of two letters, or empty."""

    slug: str
    name: str
    town: str = ""
    country: str = ""

    def __post_init__(self) -> None:
        _make_lines(self, "name", "town", "country")
        if not _SLUG.fullmatch(self.slug):
            raise BadCycleFile(f"“{self.slug}” is not a slug")


def read_cycle(text: str, slug: str) -> CycleFile:
    """Read the file of a cycle; raises BadCycleFile, BadFrontMatter."""
    meta, body = split(text)
    types = {
        "title": str,
        "opens": dt.date,
        "closes": dt.date,
        "guests_may_comment": bool,
        "minimum_days": dict,
        "milestones": list,
    }
    _check(meta, types, needed=("title", "opens", "closes"))
    _check(meta.get("minimum_days", {}), dict.fromkeys(LADDER, int), needed=())
    milestones = tuple(_read_milestone(item) for item in meta.pop("milestones", ()))
    return CycleFile(slug=slug, milestones=milestones, introduction=body, **meta)


def write_cycle(cycle: CycleFile) -> str:
    """Write a cycle; `read_cycle` gives the same one back."""
    meta: dict[str, Any] = {
        "title": cycle.title,
        "opens": cycle.opens,
        "closes": cycle.closes,
        "guests_may_comment": cycle.guests_may_comment,
        # Only where there are any: files from before stay the same bytes.
        **({"minimum_days": in_order(cycle.minimum_days)} if cycle.minimum_days else {}),
        "milestones": [
            _without_defaults({"title": item.title, "on": item.on, "until": item.until, "note": item.note})
            for item in cycle.milestones
        ],
    }
    return join(meta, cycle.introduction)


def in_order(minimum_days: Mapping[str, int]) -> dict[str, int]:
    """Return how many days stages stay open at least, in the order of the stages, without those that need not."""
    return {stage.value: minimum_days[stage] for stage in LADDER if minimum_days.get(stage)}


def read_theme(text: str, slug: str) -> ThemeFile:
    """Read the file of a theme; raises BadCycleFile, BadFrontMatter."""
    meta, body = split(text)
    _check(meta, {"title": str, "position": int, "question": str}, needed=("title",))
    try:
        sections = read_sections(body, line_of_body(normalise(text)))
    except BadSections as error:
        raise BadCycleFile(str(error)) from error
    parts: dict[str, str] = {}
    slug_of_title = {title: part for part, title in BRIEF.items()}
    for section in sections:
        part = section.slug if section.slug in BRIEF else slug_of_title.get(section.title, "")
        if part not in BRIEF or part in parts or section.attributes:
            raise BadCycleFile(f"line {section.line}: a brief has no other part “{section.title}”")
        parts[part] = section.body
    return ThemeFile(slug=slug, **{**meta, **parts})


def write_theme(theme: ThemeFile) -> str:
    """Write a theme; `read_theme` gives the same one back."""
    meta = {"title": theme.title, "position": theme.position, "question": theme.question}
    return join(meta, write_sections(Section(title, part, getattr(theme, part)) for part, title in BRIEF.items()))


def read_offices(text: str) -> list[OfficeFile]:
    """Read the list of offices (`offices.yml`); raises BadCycleFile, BadFrontMatter."""
    items = load(normalise(text))
    if not isinstance(items, list):
        raise BadCycleFile("this file is a list of offices")
    for item in items:
        _check(item, {"slug": str, "name": str, "town": str, "country": str}, needed=("slug", "name"))
    offices = [OfficeFile(**item) for item in items]
    if len({office.slug for office in offices}) < len(offices):
        raise BadCycleFile("two offices have the same slug")
    return offices


def write_offices(offices: Iterable[OfficeFile]) -> str:
    """Write the list of offices; `read_offices` gives the same one back."""
    return dump(
        [
            _without_defaults(
                {"slug": office.slug, "name": office.name, "town": office.town, "country": office.country}
            )
            for office in offices
        ]
    )


def _read_milestone(item: Any) -> MilestoneFile:
    _check(item, {"title": str, "on": dt.date, "until": dt.date, "note": str}, needed=("title", "on"))
    return MilestoneFile(**item)


def _check(meta: Any, types: Mapping[str, type], needed: tuple[str, ...]) -> None:
    """Refuse unknown and missing fields, and values of another type; a timestamp is no date, a boolean no number."""
    if not isinstance(meta, dict):
        raise BadCycleFile(f"“{meta}” is not a list of names and values")
    for name, value in meta.items():
        if name not in types:
            raise BadCycleFile(f"“{name}” is not a field of this file")
        if type(value) is not types[name]:
            raise BadCycleFile(f"“{name}” is not a {types[name].__name__}")
    for name in needed:
        if name not in meta:
            raise BadCycleFile(f"“{name}” is missing")


def _without_defaults(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value for name, value in fields.items() if name in ("slug", "name", "title") or value not in (None, "")
    }


def _make_lines(file: object, *names: str) -> None:
    """Turn fields of a file, while it is being made, into single lines."""
    for name in names:
        object.__setattr__(file, name, one_line(getattr(file, name)))
