"""Texts cut into sections by `## Title {#slug .class name=value}` lines, without loss for any title and any body."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from sip.core.slugs import UniqueSlugs, slugify

# Lines of a body that look like a heading line carry one more backslash in the file than in the text.
_HEADING_LIKE = re.compile(r"^(\\*)##(?=[ \t]|$)", re.MULTILINE)
_WITH_ATTRIBUTES = re.compile(r"(.*?) ?\{([^{}]*)\}[ \t]*")
_TOKEN = re.compile(r"#[a-z0-9-]+|\.[a-z_-]+|[a-z_]+=[\w.-]+", re.ASCII)


class BadSections(ValueError):
    """A heading line that cannot be read, or text before the first one; `line` counts from 1 in the whole file."""

    def __init__(self, problem: str, line: int):
        super().__init__(f"line {line}: {problem}")
        self.problem = problem
        self.line = line


@dataclass(frozen=True, slots=True)
class Section:
    """One section of a file; the title is one line, the attributes keep their order, `line` counts from 1."""

    title: str
    slug: str
    body: str
    attributes: tuple[str, ...] = ()
    line: int = field(default=0, compare=False)

    @property
    def labels(self) -> list[str]:
        """The attributes written `.label`, without their point."""
        return [attribute[1:] for attribute in self.attributes if attribute.startswith(".")]

    @property
    def values(self) -> dict[str, str]:
        """The attributes written `name=value`."""
        return dict(attribute.split("=", 1) for attribute in self.attributes if "=" in attribute)


def read_sections(text: str, first_line: int = 1) -> list[Section]:
    """Sections of the text under the front matter; slugs left out are made from the titles; raises BadSections."""
    lines = text.split("\n")
    starts = [number for number, line in enumerate(lines) if _starts_section(line)]
    before = lines[: starts[0]] if starts else lines
    for number, line in enumerate(before):
        if line.strip():
            raise BadSections("this text stands before the first heading of level 2", number + first_line)
    ends = [*starts[1:], len(lines)] if starts else []
    parsed = []
    for start, end in zip(starts, ends, strict=True):
        title, slug, attributes = _read_heading(lines[start], start + first_line)
        body = _read_body(lines[start + 1 : end], last=end == len(lines))
        parsed.append(Section(title, slug, body, attributes, start + first_line))
    slugs = UniqueSlugs(section.slug for section in parsed if section.slug)
    return [section if section.slug else _named(section, slugs) for section in parsed]


def write_sections(sections: Iterable[Section]) -> str:
    """The text under the front matter, without a final LF; `read_sections` gives the same sections back."""
    parts = []
    for section in sections:
        body = _HEADING_LIKE.sub(r"\\\g<0>", section.body)
        heading = f"## {section.title} {{{_attributes(section)}}}"
        parts.append(f"{heading}\n\n{body}" if body else heading)
    return "\n\n".join(parts)


def one_line(title: str) -> str:
    """The title with its line breaks turned into spaces."""
    return title.replace("\r\n", " ").replace("\r", " ").replace("\n", " ")


def line_of_body(text: str) -> int:
    """Number, from 1, of the line of a file at which what `frontmatter.split` calls its body begins."""
    lines = text.split("\n")
    if lines[0].rstrip(" \t") != "---":
        return 1
    end = next(number for number, line in enumerate(lines) if number and line.rstrip(" \t") == "---")
    return end + (3 if lines[end + 1 : end + 2] == [""] else 2)


def _starts_section(line: str) -> bool:
    match = _HEADING_LIKE.match(line)
    return match is not None and not match[1]


def _read_heading(line: str, number: int) -> tuple[str, str, tuple[str, ...]]:
    """Title, slug (empty where there is none) and attributes of a heading line."""
    text = line[3:]
    match = _WITH_ATTRIBUTES.fullmatch(text)
    tokens = match[2].split() if match else []
    # Braces that hold nothing like an attribute belong to the title.
    if match is None or not any(token.startswith(("#", ".")) or "=" in token for token in tokens):
        return text.strip(), "", ()
    names = [token.partition("=")[0] if "=" in token else token[:1].replace(".", token) for token in tokens]
    for token, name in zip(tokens, names, strict=True):
        if not _TOKEN.fullmatch(token) or names.count(name) > 1:
            raise BadSections(f"“{token}” is not understood in this heading", number)
    slug = next((token[1:] for token in tokens if token.startswith("#")), "")
    return match[1], slug, tuple(token for token in tokens if not token.startswith("#"))


def _read_body(lines: list[str], *, last: bool) -> str:
    """The body between two headings; at the end of the file, the final LF is already gone."""
    if not any(lines):
        # Of an empty body nothing is written but the line between two headings.
        surplus = len(lines) - (0 if last else 1)
        return "\n" * (surplus - 2) if surplus > 2 else ""
    if lines[0] == "":
        lines = lines[1:]
    if not last and lines[-1] == "":
        lines = lines[:-1]
    return _HEADING_LIKE.sub(lambda match: match[0].removeprefix("\\"), "\n".join(lines))


def _attributes(section: Section) -> str:
    parts = (f"#{section.slug}", *section.attributes)
    for part in parts:
        if not _TOKEN.fullmatch(part):
            raise ValueError(f"“{part}” cannot stand in a heading")
    return " ".join(parts)


def _named(section: Section, slugs: UniqueSlugs) -> Section:
    slug = slugs.claim(slugify(section.title))
    return Section(section.title, slug, section.body, section.attributes, section.line)
