"""What must always hold of marked passages: their words stand in their text, and at their place in every version."""

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import select

from sip.core.db import db
from sip.drafts import queries
from sip.drafts.models import Draft, KeptPassage, PassagePlace, PlaceState, Version
from sip.drafts.placing import Texts
from sip.drafts.texts.carrying import same_words
from sip.drafts.texts.sourcemap import SourceMap


def problems(draft: Draft) -> Iterator[str]:
    """Yield one English sentence per problem."""
    query = select(KeptPassage).where(KeptPassage.draft_id == draft.id).order_by(KeptPassage.id)
    passages = {passage.id: passage for passage in db.session.scalars(query)}
    if not passages:
        return
    texts = Texts(draft.id)
    for passage in passages.values():
        body = texts.of(passage.version_id, passage.update_id).get(passage.key, "")
        if not passage.start <= passage.end <= len(body) or body[passage.start : passage.end] != passage.quote:
            yield f"{draft.slug}: passage {passage.id} is not what its text says"
    expected: set[int] = set()
    for version in db.session.scalars(select(Version).where(Version.draft_id == draft.id).order_by(Version.number)):
        places = select(PassagePlace).where(PassagePlace.version_id == version.id).order_by(PassagePlace.passage_id)
        by_key: dict[str, list[PassagePlace]] = defaultdict(list)
        seen: set[int] = set()
        for place in db.session.scalars(places):
            by_key[place.key].append(place)
            seen.add(place.passage_id)
        expected |= {passage.id for passage in passages.values() if passage.version_id == version.id}
        yield from (
            f"{draft.slug}: passage {number} has no place in version {version.number}"
            for number in sorted(expected - seen)
        )
        # From the version on in which it has its first place, a passage has one in each.
        expected |= seen
        yield from (
            f"{draft.slug}: passage {number} does not stand at its place in version {version.number}"
            for number in sorted(_wrong(version, by_key, passages))
        )
        db.session.expunge(version)


def _wrong(version: Version, places: dict[str, list[PassagePlace]], passages: dict[int, KeptPassage]) -> Iterator[int]:
    if not places:
        return
    maps: dict[str, SourceMap] = {}
    sections = {section.key: section for section in queries.sections_of_version(version)}
    for key, of_section in places.items():
        for place in of_section:
            if place.state == PlaceState.OUTDATED:
                is_right = place.start is None and place.shown_start is None and place.last_number < version.number
            elif key in sections:
                body = sections[key].body
                if key not in maps:
                    maps[key] = SourceMap(body, sections[key].html)
                is_right = place.last_number == version.number and _stands(
                    place, passages[place.passage_id], body, maps[key]
                )
            else:
                is_right = False
            if not is_right:
                yield place.passage_id


def _stands(place: PassagePlace, passage: KeptPassage, body: str, source_map: SourceMap) -> bool:
    """Tell whether a passage reads, at its place, what is stored of it."""
    if place.start is None or place.end is None or place.shown_start is None or place.shown_end is None:
        return False
    shown = source_map.text[place.shown_start : place.shown_end]
    if place.version_id == passage.version_id:
        return (place.start, place.end, shown) == (passage.start, passage.end, passage.shown)
    if source_map.to_readable(place.start, place.end) != (place.shown_start, place.shown_end):
        return False
    if place.state == PlaceState.CHANGED:
        return place.shown == shown
    return same_words(body[place.start : place.end], passage.quote) or same_words(shown, passage.shown)
