"""The file form of a draft and of its versions: Markdown with front matter, read and written without loss."""

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, replace
from typing import Any

from sip.core.frontmatter import join, normalise, split
from sip.core.sections import BadSections, Section, line_of_body, one_line, read_sections, write_sections
from sip.core.slugs import slugify

KINDS = ("prose", "recommendation")

_KEY = re.compile(r"[a-z0-9-]{1,20}")
_SLUG = re.compile(r"[a-z0-9-]{1,60}")
_STAGE = re.compile(r"[a-z_]{1,20}")
_RETIRED = "retired"
# Titles of sections that stand around the recommendations, for files written by hand without a kind.
_AROUND = re.compile(
    "introduction|preambule|avant-propos|contexte|conclusion|annexe|remerciements|glossaire|methode"
    "|preamble|foreword|context|appendix|annex|glossary|inleiding|voorwoord|slot|besluit|bijlage|woordenlijst"
)
_HEAD = {"title": str, "theme": str, "groups": list, "language": str}
_DRAFT_FIELDS = {**_HEAD, "published": list}
_VERSION_FIELDS = {
    "hash": str, **_HEAD, "number": int, "label": str, "note": str, "frozen_at": dt.datetime, "frozen_by": str,
    "contributors": list, "restored_from": int, "previous_hash": str,
}  # fmt: skip
# Characters that are kept of each; more than that is refused rather than cut.
_LONGEST = {"title": 200, "language": 5, "label": 120, "note": 2000, "frozen_by": 120}
_LONGEST_TITLE = 300  # of a section
_NEEDED = {"title", "number", "label", "frozen_at"}


class BadDraftFile(ValueError):
    """A draft or version that cannot be read or written; the message says what is wrong and on which line."""


@dataclass(frozen=True, slots=True)
class SectionFile:
    """One section; `key` is the same in all versions of a draft, `stage` is None while it is in drafting."""

    key: str
    slug: str
    title: str
    kind: str
    group: str | None = None
    stage: str | None = None
    is_retired: bool = False
    body: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", one_line(self.title))
        object.__setattr__(self, "body", normalise(self.body))
        _check_length(self.title, _LONGEST_TITLE, "title")
        _check(self.key, _KEY, "key of a section")
        _check(self.slug, _SLUG, "slug of a section")
        if self.kind not in KINDS:
            raise BadDraftFile(f"“{self.kind}” is not a kind of section")
        if self.group is not None:
            _check(self.group, _SLUG, "group")
        if self.stage is not None:
            _check(self.stage, _STAGE, "stage")


@dataclass(frozen=True, slots=True)
class DraftFile:
    """A draft with its live text; `slug` is the name of the file, `groups` are slugs.

    `published` names the versions that everybody reads and since when (UTC): a version's own file never changes.
    """

    slug: str
    title: str
    theme: str
    groups: tuple[str, ...]
    language: str
    sections: tuple[SectionFile, ...]
    published: tuple[tuple[int, dt.datetime], ...] = ()

    def __post_init__(self) -> None:
        _tidy(self)
        object.__setattr__(self, "published", tuple((number, _utc(at, "published")) for number, at in self.published))


@dataclass(frozen=True, slots=True)
class VersionFile:
    """A frozen version: times are UTC, shares are fractions of 1, hashes are 64 hexadecimal digits."""

    title: str
    theme: str
    groups: tuple[str, ...]
    language: str
    sections: tuple[SectionFile, ...]
    _: KW_ONLY
    number: int
    label: str
    note: str
    frozen_at: dt.datetime
    frozen_by: str
    contributors: tuple[tuple[str, float], ...]
    restored_from: int | None = None
    previous_hash: str | None = None
    hash: str | None = None

    def __post_init__(self) -> None:
        _tidy(self)
        shares = tuple((one_line(name), float(share)) for name, share in self.contributors)
        object.__setattr__(self, "contributors", shares)
        object.__setattr__(self, "note", normalise(self.note))
        for name in ("label", "frozen_by"):
            object.__setattr__(self, name, one_line(getattr(self, name)))
        object.__setattr__(self, "frozen_at", _utc(self.frozen_at, "frozen_at"))


def derived_key(slug: str) -> str:
    """A key of 10 letters and digits that is always the same for the same section slug."""
    number = int.from_bytes(hashlib.sha256(slug.encode()).digest()[:8])
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    return "".join(digits[number // 36**place % 36] for place in range(10))


def read_draft(text: str, slug: str, new_key: Callable[[str], str] = derived_key) -> DraftFile:
    """Read the file of a draft; `new_key` makes the keys that are missing; raises BadDraftFile, BadFrontMatter."""
    meta, body = split(text)
    fields = _fields(meta, _DRAFT_FIELDS)
    fields["published"] = tuple(_read_publication(item) for item in fields.get("published", ()))
    return DraftFile(slug=slug, sections=_read_sections(text, body, new_key), **fields)


def write_draft(draft: DraftFile) -> str:
    """Write a draft; `read_draft` gives the same one back, and the same draft is always the same text."""
    meta = {name: getattr(draft, name) for name in _HEAD}
    if draft.published:
        meta["published"] = [{"version": number, "at": at} for number, at in draft.published]
    return join(meta, _written(draft.sections))


def read_version(text: str, new_key: Callable[[str], str] = derived_key) -> VersionFile:
    """Read the file of a version, whose hash is not verified here; raises BadDraftFile, BadFrontMatter."""
    meta, body = split(text)
    fields = _fields(meta, _VERSION_FIELDS)
    fields["contributors"] = tuple(_read_contributor(item) for item in fields.get("contributors", ()))
    return VersionFile(sections=_read_sections(text, body, new_key), **{"note": "", "frozen_by": "", **fields})


def write_version(version: VersionFile) -> str:
    """Write a version. Its hash is on line 2 alone, so that `sed 2d FILE | sha256sum` verifies it."""
    meta = {name: getattr(version, name) for name in _VERSION_FIELDS}
    meta["contributors"] = [{"name": name, "share": share} for name, share in version.contributors]
    return join({name: value for name, value in meta.items() if value is not None}, _written(version.sections))


def version_hash(version: VersionFile) -> str:
    """SHA-256, in hexadecimal, of the version's file without its hash line; `previous_hash` makes it a chain."""
    return hashlib.sha256(write_version(replace(version, hash=None)).encode()).hexdigest()


def _tidy(file: DraftFile | VersionFile) -> None:
    """Bring a draft or version, while it is being made, to what its file can say."""
    object.__setattr__(file, "title", one_line(file.title))
    for name, most in _LONGEST.items():
        _check_length(getattr(file, name, ""), most, name)
    object.__setattr__(file, "groups", tuple(file.groups))
    object.__setattr__(file, "sections", tuple(file.sections))
    for name in ("key", "slug"):
        names = [getattr(section, name) for section in file.sections]
        for value in names:
            if names.count(value) > 1:
                raise BadDraftFile(f"two sections have the {name} “{value}”")


def _check_length(value: str, most: int, name: str) -> None:
    if len(value) > most:
        raise BadDraftFile(f"“{name}” is too long: {len(value)} characters, {most} at most")


def _check(value: str, pattern: re.Pattern[str], name: str) -> None:
    if not pattern.fullmatch(value):
        raise BadDraftFile(f"“{value}” is not a {name}")


def _fields(meta: Mapping[str, Any], types: Mapping[str, type]) -> dict[str, Any]:
    """The known fields of a front matter, each of its type; raises BadDraftFile for others and for missing ones."""
    for name, value in meta.items():
        if name not in types:
            raise BadDraftFile(f"“{name}” is not a field of this file")
        if not isinstance(value, types[name]) or (isinstance(value, bool)):
            raise BadDraftFile(f"“{name}” is not a {types[name].__name__}")
    missing = sorted(_NEEDED & types.keys() - meta.keys())
    if missing:
        raise BadDraftFile(f"“{missing[0]}” is missing")
    groups = meta.get("groups", [])
    if not all(isinstance(group, str) for group in groups):
        raise BadDraftFile("“groups” is not a list of slugs")
    return {"theme": "", "language": "fr", **meta, "groups": tuple(groups)}


def _utc(moment: dt.datetime, name: str) -> dt.datetime:
    if moment.tzinfo is None:
        raise BadDraftFile(f"{name} has no time zone")
    return moment.astimezone(dt.UTC)


def _read_publication(item: Any) -> tuple[int, dt.datetime]:
    if isinstance(item, dict) and item.keys() == {"version", "at"}:
        number, moment = item["version"], item["at"]
        if type(number) is int and isinstance(moment, dt.datetime):
            return number, moment
    raise BadDraftFile("a publication is not written {version: 2, at: 2026-10-12T20:15:00Z}")


def _read_contributor(item: Any) -> tuple[str, float]:
    if isinstance(item, dict) and item.keys() == {"name", "share"} and isinstance(item["name"], str):
        share = item["share"]
        if isinstance(share, (int, float)) and not isinstance(share, bool):
            return item["name"], float(share)
    raise BadDraftFile("a contributor is not written {name: …, share: 0.42}")


def _read_sections(text: str, body: str, new_key: Callable[[str], str]) -> tuple[SectionFile, ...]:
    try:
        sections = read_sections(body, line_of_body(normalise(text)))
    except BadSections as error:
        raise BadDraftFile(str(error)) from error
    return tuple(_read_section(section, new_key) for section in sections)


def _read_section(section: Section, new_key: Callable[[str], str]) -> SectionFile:
    values = section.values
    kinds = [label for label in section.labels if label != _RETIRED]
    unknown = values.keys() - {"key", "group", "stage"}
    try:
        if unknown or len(kinds) > 1:
            raise BadDraftFile(f"“{min(unknown) if unknown else kinds[1]}” is not understood in this heading")
        return SectionFile(
            key=values.get("key") or new_key(section.slug),
            slug=section.slug,
            title=section.title,
            kind=kinds[0] if kinds else _usual_kind(section.title),
            group=values.get("group"),
            stage=values.get("stage"),
            is_retired=_RETIRED in section.labels,
            body=section.body,
        )
    except BadDraftFile as error:
        raise BadDraftFile(f"line {section.line}: {error}") from error


def _usual_kind(title: str) -> str:
    return "prose" if _AROUND.match(slugify(title)) else "recommendation"


def _written(sections: tuple[SectionFile, ...]) -> str:
    return write_sections(
        Section(section.title, section.slug, section.body, _attributes(section)) for section in sections
    )


def _attributes(section: SectionFile) -> tuple[str, ...]:
    parts = [f".{section.kind}", f"key={section.key}"]
    parts += [f"group={section.group}"] if section.group is not None else []
    parts += [f"stage={section.stage}"] if section.stage is not None else []
    parts += [f".{_RETIRED}"] if section.is_retired else []
    return tuple(parts)
