"""Passages that somebody marked: kept with their words, and placed in each version that is frozen."""

from sqlalchemy import insert, select
from sqlalchemy.orm import undefer_group

from sip.core.db import db
from sip.core.errors import Invalid, Missing
from sip.core.markdown import render
from sip.core.messages import message
from sip.drafts import moments, queries
from sip.drafts.models import Draft, KeptPassage, PassagePlace, PlaceState, Version, VersionSection
from sip.drafts.placing import marked_passages, place_rows, standing_places
from sip.drafts.texts.carrying import same_words
from sip.drafts.texts.readable import trimmed
from sip.drafts.texts.sourcemap import SourceMap

MOST_CHARACTERS = 5_000
_AROUND = 64


def mark_passage(version: Version, key: str, start: int, end: int, words: str) -> KeptPassage:
    """Keep the passage of a version that reads `words`, from `start` to `end` of a section's readable text.

    It gets its place in this version and in every later one. Raises Missing for a section that the version has not,
    and Invalid where the positions are not in the text, where nothing or too much is chosen, or where the words differ.
    """
    section = _section(version, key)
    source_map = SourceMap(section.body, section.html)
    text = source_map.text
    if not 0 <= start < end <= len(text):
        raise Invalid(message("This passage is not in the text. Please choose it again."), "words")
    if end - start > MOST_CHARACTERS:
        raise Invalid(
            message("This passage is too long. Please choose at most %(count)d characters.", count=MOST_CHARACTERS),
            "words",
        )
    start, end = trimmed(text, start, end)
    if start == end:
        raise Invalid(message("There are no words in this passage. Please choose at least one."), "words")
    shown = text[start:end]
    if not same_words(shown, words):
        raise Invalid(
            message("These words do not stand there in this version. Please choose the passage again."), "words"
        )
    source_start, source_end = source_map.to_source(start, end)
    if source_start == source_end:
        raise Invalid(message("This passage is not in the text. Please choose it again."), "words")
    passage = _keep(version.draft_id, key, section.body, source_start, source_end, shown)
    passage.version_id = version.id
    db.session.add(passage)
    db.session.flush()
    db.session.add(
        PassagePlace(
            passage_id=passage.id,
            version_id=version.id,
            state=PlaceState.IN_PLACE,
            key=key,
            start=source_start,
            end=source_end,
            shown_start=start,
            shown_end=end,
            last_number=version.number,
        )
    )
    db.session.flush()
    _place_later(passage, version)
    return passage


def mark_source(draft: Draft, key: str, update_id: int, start: int, end: int) -> KeptPassage:
    """Keep the stretch of a section's live text, as it was after an update, from `start` to `end` of its Markdown.

    Raises Invalid where the positions are not in that text.
    """
    body = moments.texts_at(draft.id, update_id).get(key, "")
    if not 0 <= start <= end <= len(body):
        raise Invalid(message("This passage is not in the text. Please choose it again."))
    source_map = SourceMap(body, render(body, language=draft.language))
    shown_start, shown_end = source_map.to_readable(start, end)
    passage = _keep(draft.id, key, body, start, end, source_map.text[shown_start:shown_end])
    passage.update_id = update_id
    db.session.add(passage)
    db.session.flush()
    return passage


def carry_to(version: Version) -> None:
    """Give every passage of the draft its place in a version that was just frozen."""
    passages = marked_passages(version.draft_id)
    if not passages:
        return
    before = standing_places(version.draft_id, _version_before(version))
    _store(list(place_rows(version.draft_id, passages, before, version, queries.sections_of_version(version))))


def _section(version: Version, key: str) -> VersionSection:
    query = select(VersionSection).where(VersionSection.version_id == version.id, VersionSection.key == key)
    section = db.session.scalar(query.options(undefer_group("text")))
    if section is None:
        raise Missing
    return section


def _keep(draft_id: int, key: str, body: str, start: int, end: int, shown: str) -> KeptPassage:
    return KeptPassage(
        draft_id=draft_id,
        key=key,
        start=start,
        end=end,
        quote=body[start:end],
        prefix=body[max(start - _AROUND, 0) : start],
        suffix=body[end : end + _AROUND],
        shown=shown,
    )


def _version_before(version: Version) -> Version | None:
    query = select(Version).where(Version.draft_id == version.draft_id, Version.number < version.number)
    return db.session.scalar(query.order_by(Version.number.desc()).limit(1))


def _place_later(passage: KeptPassage, version: Version) -> None:
    """Place a passage, marked in an earlier version, in those frozen since."""
    query = select(Version).where(Version.draft_id == version.draft_id, Version.number > version.number)
    before = version
    marked = marked_passages(version.draft_id, [passage.id])
    for later in db.session.scalars(query.order_by(Version.number)).all():
        places = standing_places(version.draft_id, before, [passage.id])
        _store(list(place_rows(version.draft_id, marked, places, later, queries.sections_of_version(later))))
        before = later


def _store(rows: list[dict[str, object]]) -> None:
    db.session.execute(insert(PassagePlace), rows)
