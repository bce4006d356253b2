"""Changes of the live text: every one ends as an update in the log, whatever way it came in."""

from collections.abc import Mapping
from dataclasses import dataclass

from sip.core import clock, journal
from sip.core.access import require
from sip.core.db import db
from sip.core.errors import Invalid, Missing
from sip.core.journal import Event
from sip.core.messages import message
from sip.drafts import authorship, live_text, moments, queries
from sip.drafts.actions.checkpoints import keep_checkpoint
from sip.drafts.actions.sittings import note_change, size_of
from sip.drafts.models import Draft, DraftSnapshot, DraftUpdate, Section
from sip.drafts.policy import may_edit_section
from sip.drafts.texts.diff import diff_texts
from sip.drafts.texts.merge import Conflict as Clash
from sip.drafts.texts.merge import Merge, merge
from sip.people.models import Person

SNAPSHOT_EVERY = 100  # updates to replay at most when a text is opened


@dataclass(frozen=True)
class Saved:
    """What became of an edit: saved, alone or together with what others wrote meanwhile; or a clash, and not saved.

    `text` is the live text now; `merge` holds the pieces, agreed and clashing, where there is something to show;
    `update_id` names the change in the log, for `undo_edit`.
    """

    is_saved: bool
    text: str
    merge: Merge | None = None
    met_others: bool = False
    update_id: int | None = None


def edit_section(
    actor: Person, section: Section, began_from: str, text: str, *, max_length: int = 200_000, origin: str = "form"
) -> Saved:
    """Save what `actor` made of the text they `began_from`, merged with what others did since.

    Nothing is stored where the two clash; the caller shows both. Raises Invalid where the text cannot be kept.
    """
    queries.lock(section.draft)
    require(may_edit_section(actor, section))
    mine = checked(text, max_length)
    base = checked(began_from, max(max_length, len(section.body)))
    now = section.body
    merged = merge(base, mine, now)
    if any(isinstance(piece, Clash) for piece in merged.pieces):
        return Saved(False, now, merged)
    result = checked(merged.text, max_length)
    update = replace_body(actor, section, result, origin=origin)
    if update is not None:
        journal.record(
            actor, Event.SECTION_EDITED, section.id, draft_id=section.draft_id, title=section.title, key=section.key
        )
    db.session.flush()
    met_others = now not in (base, result)
    return Saved(True, result, merged, met_others=met_others, update_id=update.id if update else None)


def undo_edit(actor: Person, section: Section, update_id: int) -> Saved:
    """Take back what `actor` did to a section's text in one update; what others did since stays.

    Nothing is stored where they touched the same words. Raises Missing for an update that is not the actor's own.
    """
    update = moments.update_of(section.draft_id, update_id)
    if update is None or update.author_id != actor.id:
        raise Missing
    before, after = (
        moments.texts_at(section.draft_id, moment).get(section.key, "") for moment in (update_id - 1, update_id)
    )
    return edit_section(actor, section, after, before, max_length=len(before) + len(section.body), origin="undo")


def replace_body(author: Person | None, section: Section, text: str, *, origin: str) -> DraftUpdate | None:
    """Bring a section's live text to `text` by the smallest update, and keep who wrote what; None where it says so."""
    return replace_bodies(author, section.draft, {section: text}, origin=origin)


def replace_bodies(
    author: Person | None, draft: Draft, texts: Mapping[Section, str], *, origin: str
) -> DraftUpdate | None:
    """Bring the live texts of several sections to what is given, as `replace_body` does for one, in one update.

    What is new is credited as `authorship.credited` says.
    """
    changed = {section: text for section, text in texts.items() if text != section.body}
    if not changed:
        return None
    snapshot, updates, _last = queries.updates_to_load(draft.id)
    state = live_text.merge_updates([*([snapshot] if snapshot else []), *updates])
    update = live_text.replace_texts(state, {section.key: text for section, text in changed.items()})
    row = append_update(author, draft, update, origin=origin)
    parts = {}
    for section, text in changed.items():
        before, ops = section.body, diff_texts(section.body, text)
        section.authorship = authorship.apply(
            section.authorship or [(None, len(before))], ops, authorship.credited(row.author_id, origin)
        )
        section.body = text
        section.changed_at = row.at
        parts[section.key] = size_of(ops)
    draft.touch(row.at)
    note_change(draft.id, row.author_id, parts, update_id=row.id, at=row.at, origin=origin)
    db.session.flush()
    if len(updates) + 1 >= SNAPSHOT_EVERY:
        take_snapshot(draft)
    return row


def append_update(author: Person | None, draft: Draft, update: bytes, *, origin: str) -> DraftUpdate:
    """Add an update to the log."""
    row = DraftUpdate(
        draft_id=draft.id, author_id=author.id if author else None, origin=origin, at=clock.now(), data=update
    )
    db.session.add(row)
    db.session.flush()
    return row


def take_snapshot(draft: Draft) -> None:
    """Store the merged state of the log so far; the log itself stays."""
    snapshot, updates, last = queries.updates_to_load(draft.id)
    if not updates:
        return
    state = live_text.compacted([*([snapshot] if snapshot else []), *updates])
    db.session.merge(DraftSnapshot(draft_id=draft.id, update_id=last, state=state))
    db.session.flush()
    keep_checkpoint(draft.id, last, [state])


def checked(text: str, max_length: int) -> str:
    """Return what can be stored of a text; raises Invalid where it is too long."""
    clean = live_text.clean_text(text)
    if len(clean) > max_length:
        raise Invalid(
            message(
                "This section is too long: %(length)d characters, %(max)d are possible. Split it into two sections.",
                length=len(clean),
                max=max_length,
            ),
            "text",
        )
    return clean
