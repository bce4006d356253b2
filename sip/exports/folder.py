"""The file form of everything: `offices.yml` and one folder per cycle, read and written without loss.

```
offices.yml
<cycle>/cycle.md
<cycle>/themes/<theme>.md
<cycle>/groups/<group>.md
<cycle>/<draft>.md             the live text
<cycle>/<draft>/<number>.md    its versions
```
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from sip.core.db import db
from sip.core.errors import Invalid
from sip.core.frontmatter import BadEncoding, decode
from sip.core.messages import message
from sip.cycles import actions as cycles
from sip.cycles import files as cycle_files
from sip.cycles.models import Cycle, Office, Theme
from sip.drafts.actions import filing
from sip.drafts.files import read_draft, read_version, write_draft, write_version
from sip.drafts.models import Draft
from sip.exports.naming import naming
from sip.groups import actions as groups
from sip.groups import files as group_files
from sip.groups.models import WorkingGroup


@dataclass
class Imported:
    """What an import stored, and what it left because it was there already (slugs)."""

    cycles: list[str] = field(default_factory=list)
    drafts: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def import_folder(folder: Path) -> Imported:
    """Store what `folder` holds, all or nothing; documents that exist already are left as they are.

    Raises Invalid, naming the file, where one cannot be read or does not fit the others.
    """
    done = Imported()
    offices = folder / "offices.yml"
    if offices.is_file():
        with naming(offices):
            cycles.store_offices(None, cycle_files.read_offices(_read(offices)))
    # The latest first: what most people will look for is numbered first.
    found = [path for path in sorted(folder.iterdir(), reverse=True) if (path / "cycle.md").is_file()]
    if not found:
        raise Invalid(message("No cycle was found in %(folder)s: a cycle is a folder with a cycle.md.", folder=folder))
    for path in found:
        _import_cycle(path, done)
    return done


def _import_cycle(folder: Path, done: Imported) -> None:
    with naming(folder / "cycle.md"):
        cycle = cycles.store_cycle(None, cycle_files.read_cycle(_read(folder / "cycle.md"), folder.name))
    done.cycles.append(cycle.slug)
    for path in sorted((folder / "themes").glob("*.md")):
        with naming(path):
            cycles.store_theme(None, cycle, cycle_files.read_theme(_read(path), path.stem))
    for path in sorted((folder / "groups").glob("*.md")):
        with naming(path):
            groups.store_group(None, cycle, group_files.read_group(_read(path), path.stem))
    for path in sorted(folder.glob("*.md")):
        if path.name == "cycle.md":
            continue
        with naming(path):
            _import_draft(path, cycle, done)


def _import_draft(path: Path, cycle: Cycle, done: Imported) -> None:
    file = read_draft(_read(path), path.stem)
    if db.session.scalar(select(Draft.id).where(Draft.slug == file.slug)):
        done.left.append(file.slug)
        return
    theme = db.session.scalar(select(Theme).where(Theme.cycle_id == cycle.id, Theme.slug == file.theme))
    if theme is None:
        raise Invalid(message("There is no theme “%(slug)s” in this cycle.", slug=file.theme))
    writing = list(db.session.scalars(select(WorkingGroup).where(WorkingGroup.slug.in_(file.groups))))
    missing = set(file.groups) - {group.slug for group in writing}
    if missing:
        raise Invalid(message("There is no group “%(slug)s”.", slug=", ".join(sorted(missing))))
    versions = []
    for version_path in sorted(path.with_suffix("").glob("*.md"), key=lambda path: (len(path.stem), path.stem)):
        with naming(version_path):
            versions.append(read_version(_read(version_path)))
    filing.store_draft(theme, file, versions, writing)
    done.drafts.append(file.slug)


def export_folder(folder: Path) -> int:
    """Write everything below `folder`, which is made if need be; return the number of files written."""
    written = 0
    for path, text in _files():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="\n")
        written += 1
    return written


def _files() -> Iterator[tuple[str, str]]:
    offices = db.session.scalars(select(Office).order_by(Office.id))
    yield "offices.yml", cycle_files.write_offices(cycles.office_file(office) for office in offices)
    for cycle in db.session.scalars(select(Cycle).order_by(Cycle.slug)):
        yield f"{cycle.slug}/cycle.md", cycle_files.write_cycle(cycles.cycle_file(cycle))
        for theme in cycle.themes:
            yield f"{cycle.slug}/themes/{theme.slug}.md", cycle_files.write_theme(cycles.theme_file(theme))
        in_cycle = select(WorkingGroup).join(WorkingGroup.theme).where(Theme.cycle_id == cycle.id)
        for group in db.session.scalars(in_cycle.order_by(WorkingGroup.slug)):
            yield f"{cycle.slug}/groups/{group.slug}.md", group_files.write_group(groups.group_file(group))
        for draft in db.session.scalars(select(Draft).join(Draft.theme).where(Theme.cycle_id == cycle.id)):
            yield f"{cycle.slug}/{draft.slug}.md", write_draft(filing.draft_file(draft))
            for version in filing.version_files(draft):
                yield f"{cycle.slug}/{draft.slug}/{version.number}.md", write_version(version)


def _read(path: Path) -> str:
    data = path.read_bytes()
    text = decode(data)
    if "\0" in text:
        raise BadEncoding("text", data.index(0))  # no database can store it
    return text
