"""Documents in other formats, stored for a theme from the command line."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from sip.config import Settings
from sip.core.db import db
from sip.core.errors import Invalid
from sip.core.messages import message
from sip.cycles.models import Cycle, Theme
from sip.drafts import queries
from sip.drafts.actions.documents import NewSection, group_named, store_document
from sip.drafts.importing.conversion import to_markdown
from sip.drafts.importing.splitting import SplitDocument, UnresolvedReference, split_document
from sip.drafts.models import Draft, SectionKind
from sip.exports.naming import naming
from sip.groups.models import WorkingGroup


@dataclass(frozen=True)
class Stored:
    """The document that was stored, and the references in it that were left as text."""

    draft: Draft
    unresolved: Sequence[UnresolvedReference]


def read_file(path: Path) -> SplitDocument:
    """Read one Markdown, Word, OpenDocument or HTML file, which takes seconds; raises Invalid, which names the file."""
    with naming(path):
        return split_document(to_markdown(path.read_bytes(), path.name))


def import_file(path: Path, document: SplitDocument, theme: str, groups: Sequence[str], settings: Settings) -> Stored:
    """Store what was read of the file at `path` for the theme with this slug; raises Invalid."""
    found = db.session.scalar(
        select(Theme).join(Theme.cycle).where(Theme.slug == theme).order_by(Cycle.opens_on.desc())
    )
    if found is None:
        raise Invalid(message("There is no theme “%(slug)s”.", slug=theme))
    writing = queries.groups_of_theme(found)
    if groups:
        missing = set(groups) - {group.slug for group in writing}
        if missing:
            raise Invalid(message("There is no group “%(slug)s” in this theme.", slug=", ".join(sorted(missing))))
        writing = [group for group in writing if group.slug in groups]
    with naming(path):
        return _store(document, document.title or path.stem, found, writing, settings)


def _store(
    document: SplitDocument, title: str, theme: Theme, writing: Sequence[WorkingGroup], settings: Settings
) -> Stored:
    sections = [
        NewSection(
            section.title,
            SectionKind(section.kind),
            section.body,
            section.slug,
            group_named(section.group_name, writing),
        )
        for section in document.sections
    ]
    draft = store_document(
        None, theme, title, writing, sections, max_length=settings.max_section, max_sections=settings.max_sections
    )
    return Stored(draft, document.unresolved)
