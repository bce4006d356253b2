"""The file form of a working group: Markdown with front matter, read and written without loss."""

import re
from dataclasses import dataclass

from sip.core.frontmatter import join, normalise, split
from sip.core.sections import one_line

_SLUG = re.compile(r"[a-z0-9-]{1,60}")


class BadGroupFile(ValueError):
    """A working group that cannot be read or written; the message says what is wrong."""


@dataclass(frozen=True, slots=True)
class GroupFile:
    """A working group: `slug` is the name of the file, theme and offices are slugs, the presentation is Markdown."""

    slug: str
    name: str
    theme: str
    offices: tuple[str, ...] = ()
    presentation: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", one_line(self.name))
        object.__setattr__(self, "offices", tuple(self.offices))
        object.__setattr__(self, "presentation", normalise(self.presentation))
        for slug in (self.theme, *self.offices):
            if not isinstance(slug, str) or not _SLUG.fullmatch(slug):
                raise BadGroupFile(f"“{slug}” is not a slug")


def read_group(text: str, slug: str) -> GroupFile:
    """Read the file of a working group; raises BadGroupFile, BadFrontMatter."""
    meta, body = split(text)
    types = {"name": str, "theme": str, "offices": list}
    for name, value in meta.items():
        if name not in types:
            raise BadGroupFile(f"“{name}” is not a field of this file")
        if not isinstance(value, types[name]):
            raise BadGroupFile(f"“{name}” is not a {types[name].__name__}")
    for name in ("name", "theme"):
        if name not in meta:
            raise BadGroupFile(f"“{name}” is missing")
    return GroupFile(slug, meta["name"], meta["theme"], tuple(meta.get("offices", ())), body)


def write_group(group: GroupFile) -> str:
    """Write a working group; `read_group` gives the same one back."""
    return join({"name": group.name, "theme": group.theme, "offices": group.offices}, group.presentation)
