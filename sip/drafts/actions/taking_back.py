"""Texts as they were at an earlier moment, taken back as new edits; nothing of the log is ever rewritten."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sip.core import journal
from sip.core.access import require
from sip.core.db import db
from sip.core.errors import Conflict, Missing
from sip.core.journal import Event
from sip.core.messages import message
from sip.drafts import moments, queries
from sip.drafts.actions.text import replace_bodies
from sip.drafts.models import Draft, Section
from sip.drafts.policy import may_edit_section
from sip.drafts.texts.merge import Conflict as Clash
from sip.drafts.texts.merge import merge
from sip.people.models import Person


@dataclass(frozen=True)
class TakenBack:
    """The sections whose text changed, those in which it could not, and the update that did it (None: nothing did)."""

    changed: Sequence[Section]
    kept: Sequence[Section] = ()
    update_id: int | None = None


def take_back(actor: Person, draft: Draft, update_id: int, sections: Iterable[Section], *, seen: int) -> TakenBack:
    """Let `sections` say again what they said after an update; whatever was written since stays in the history.

    `seen` is the last update that `actor` knew of: raises Conflict where somebody wrote in one of the sections since.
    """
    queries.lock(draft)
    queries.load_texts(draft)
    sections = list(sections)
    for section in sections:
        require(may_edit_section(actor, section))
    known, then = moments.texts_at(draft.id, seen), moments.texts_at(draft.id, update_id)
    changed = [section for section in sections if section.body != then.get(section.key, "")]
    newer = [section.title for section in changed if section.body != known.get(section.key, "")]
    if newer:
        raise Conflict(
            message(
                "Somebody wrote in this text meanwhile: %(sections)s. Look at it again, then decide.",
                sections=", ".join(newer),
            )
        )
    update = replace_bodies(actor, draft, {section: then.get(section.key, "") for section in changed}, origin="restore")
    _record(actor, changed, taken_back=update_id)
    return TakenBack(changed, update_id=update.id if update else None)


def undo_update(actor: Person, draft: Draft, update_id: int) -> TakenBack:
    """Take back what `actor` did to all sections in one update; what others did since stays.

    A section is kept as it is where they changed the same words. Raises Missing for an update of somebody else.
    """
    update = moments.update_of(draft.id, update_id)
    if update is None or update.author_id != actor.id:
        raise Missing
    return reverse_update(actor, draft, update_id)


def reverse_update(actor: Person, draft: Draft, update_id: int) -> TakenBack:
    """Do as `undo_update`, whoever made the update."""
    queries.lock(draft)
    queries.load_texts(draft)
    before, after = moments.texts_at(draft.id, update_id - 1), moments.texts_at(draft.id, update_id)
    touched = [section for section in draft.sections if before.get(section.key, "") != after.get(section.key, "")]
    texts, kept = {}, []
    for section in touched:
        require(may_edit_section(actor, section))
        merged = merge(after.get(section.key, ""), before.get(section.key, ""), section.body)
        if any(isinstance(piece, Clash) for piece in merged.pieces):
            kept.append(section)
        else:
            texts[section] = merged.text
    changed = [section for section, text in texts.items() if text != section.body]
    update_made = replace_bodies(actor, draft, texts, origin="undo")
    _record(actor, changed)
    return TakenBack(changed, kept, update_made.id if update_made else None)


def _record(actor: Person, sections: Iterable[Section], **data: int) -> None:
    for section in sections:
        journal.record(
            actor,
            Event.SECTION_EDITED,
            section.id,
            draft_id=section.draft_id,
            title=section.title,
            key=section.key,
            **data,
        )
    db.session.flush()
