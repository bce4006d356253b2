"""Comparisons of versions: computed once, stored, and read from then on; and of the live text with the last version."""

from collections.abc import Sequence

from sqlalchemy.exc import IntegrityError

from sip.core.db import db, transaction
from sip.drafts import queries
from sip.drafts.models import Draft, Section, StoredComparison, Version, VersionSection
from sip.drafts.numbering import number_sections
from sip.drafts.references import resolver
from sip.drafts.texts.compare import Comparison, compare_versions, from_json, to_json
from sip.drafts.texts.diff import SectionChange, SectionText, diff_sections


def comparison_of(old: Version, new: Version) -> Comparison:
    """Return what changed from `old` to `new`, computing and storing it the first time, in a transaction of its own.

    What the running transaction changed must have been committed; what was loaded in it is read again when used.
    """
    draft = new.draft
    stored = queries.stored_comparison(draft, old.number, new.number)
    if stored is not None:
        return from_json(stored.result)
    comparison = compute(old, new)
    row = StoredComparison(draft_id=draft.id, old_number=old.number, new_number=new.number, result=to_json(comparison))
    try:
        with transaction():
            db.session.add(row)
    except IntegrityError:
        pass  # somebody asked for the same at the same moment, and got the same
    return comparison


def store_comparison(old: Version, new: Version) -> None:
    """Compute and store what changed, in the running transaction: when `new` is frozen, against the one before."""
    result = to_json(compute(old, new))
    db.session.add(StoredComparison(draft_id=new.draft_id, old_number=old.number, new_number=new.number, result=result))
    db.session.flush()


def compute(old: Version, new: Version) -> Comparison:
    """Compare the texts of two versions."""
    old_texts = [_frozen_text(section) for section in queries.sections_of_version(old)]
    new_texts = [_frozen_text(section) for section in queries.sections_of_version(new)]
    return compare_states(old_texts, new_texts, old.language, new.language)


def compare_states(
    old: Sequence[SectionText], new: Sequence[SectionText], old_language: str, new_language: str
) -> Comparison:
    """Compare two states of a document, each with all its sections, as which numbers them."""
    return compare_versions(
        old,
        new,
        old_resolve=resolver(number_sections(old), old_language),
        new_resolve=resolver(number_sections(new), new_language),
        language=new_language,
    )


def changes_since(version: Version | None, draft: Draft) -> Sequence[SectionChange]:
    """Say what became of each section in the live text since a version, or since nothing was there."""
    frozen = [_frozen_text(section) for section in queries.sections_of_version(version)] if version else []
    return diff_sections(frozen, [_live_text(section) for section in draft.living_sections])


def _frozen_text(section: VersionSection) -> SectionText:
    return SectionText(section.key, section.slug, section.title, section.kind, section.body)


def _live_text(section: Section) -> SectionText:
    return SectionText(section.key, section.slug, section.title, section.kind, section.body)
