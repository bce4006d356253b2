"""Computes where marked passages stand: in a version that was frozen, and in the live text."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import select

from sip.core.db import db
from sip.drafts import moments
from sip.drafts.models import KeptPassage, PassagePlace, PlaceState, Version, VersionSection
from sip.drafts.texts.carrying import Carrier, Landing, moved_keys, same_words
from sip.drafts.texts.sourcemap import SourceMap


class Marked(NamedTuple):
    """What carrying needs to know of a KeptPassage."""

    id: int
    version_id: int | None
    update_id: int | None
    key: str
    start: int
    end: int
    quote: str
    shown: str


class Stood(NamedTuple):
    """What carrying needs to know of a PassagePlace."""

    passage_id: int
    version_id: int
    state: str
    key: str
    start: int | None
    end: int | None
    last_number: int


class Standing(NamedTuple):
    """Where a passage stood: in a version or, without one, in the live text after an update."""

    version_id: int | None
    update_id: int | None
    key: str
    start: int
    end: int


@dataclass
class Texts:
    """The Markdown of the sections of versions and of earlier live texts, by key and in order, each read once."""

    draft_id: int
    _kept: dict[tuple[int | None, int | None], dict[str, str]] = field(default_factory=dict)
    _orders: dict[int, list[str]] = field(default_factory=dict)

    def of(self, version_id: int | None, update_id: int | None) -> dict[str, str]:
        """Return the texts of a version or, without one, of the live text as it was after an update."""
        name = (version_id, update_id)
        if name not in self._kept:
            if version_id is None:
                self._kept[name] = moments.texts_at(self.draft_id, update_id or 0)
            else:
                query = select(VersionSection.key, VersionSection.body).where(VersionSection.version_id == version_id)
                rows = db.session.execute(query.order_by(VersionSection.position))
                self._kept[name] = {row.key: row.body for row in rows}
        return self._kept[name]

    def order(self, version_id: int) -> list[str]:
        """Return the keys of the sections of a version in order, without reading their texts."""
        if version_id not in self._orders:
            query = select(VersionSection.key).where(VersionSection.version_id == version_id)
            self._orders[version_id] = list(db.session.scalars(query.order_by(VersionSection.position)))
        return self._orders[version_id]


class Crossing:
    """Carries passages of a draft, from wherever they stood last, to one later state of its text."""

    def __init__(self, texts: Texts, new: Mapping[str, str]) -> None:
        self.texts = texts
        self._new = new
        self._order = list(new)
        self._carriers: dict[tuple[int | None, int | None], Carrier] = {}
        self._moved: dict[int, set[str]] = {}

    def land(self, passage: Marked, last: Standing | None) -> Landing | None:
        """Say where a passage stands: carried from where it stood last, else brought back from the text it is of."""
        marked = Standing(passage.version_id, passage.update_id, passage.key, passage.start, passage.end)
        landing = self._carrier(last or marked).carry(*(last or marked)[2:])
        if landing is None and last is not None and last != marked:
            landing = self._carrier(marked).bring_back(*marked[2:])
        return landing

    def _carrier(self, standing: Standing) -> Carrier:
        name = (standing.version_id, standing.update_id)
        if name not in self._carriers:
            self._carriers[name] = Carrier(self.texts.of(*name), self._new)
        return self._carriers[name]

    def is_moved(self, passage: Marked, key: str) -> bool:
        """Tell whether a passage that stands in the section `key` came from another, or whether its section moved."""
        if key != passage.key:
            return True
        if passage.version_id is None:
            return False
        if passage.version_id not in self._moved:
            self._moved[passage.version_id] = moved_keys(self.texts.order(passage.version_id), self._order)
        return key in self._moved[passage.version_id]


def marked_passages(draft_id: int, passage_ids: Collection[int] | None = None) -> list[Marked]:
    """Return the passages of a draft, those given or all, in the order in which they were marked."""
    query = select(*(getattr(KeptPassage, name) for name in Marked._fields)).where(KeptPassage.draft_id == draft_id)
    if passage_ids is not None:
        query = query.where(KeptPassage.id.in_(passage_ids))
    return [Marked(*row) for row in db.session.execute(query.order_by(KeptPassage.id))]


def standing_places(
    draft_id: int, version: Version | None, passage_ids: Collection[int] | None = None
) -> dict[int, Stood]:
    """Return, by passage, its place in `version`, and where it is outdated there, in the last one in which it stood."""
    if version is None:
        return {}
    columns = select(*(getattr(PassagePlace, name) for name in Stood._fields))
    query = columns.where(PassagePlace.version_id == version.id)
    if passage_ids is not None:
        query = query.where(PassagePlace.passage_id.in_(passage_ids))
    places = {place.passage_id: place for place in (Stood(*row) for row in db.session.execute(query))}
    gone = [place.passage_id for place in places.values() if place.state == PlaceState.OUTDATED]
    if gone:
        earlier = columns.join(Version, PassagePlace.version_id == Version.id).where(
            Version.draft_id == draft_id,
            PassagePlace.passage_id.in_(gone),
            PassagePlace.state != PlaceState.OUTDATED,
            Version.number == PassagePlace.last_number,
            Version.number < version.number,
        )
        for row in db.session.execute(earlier.order_by(Version.number)):
            places[row.passage_id] = Stood(*row)
    return places


def standing_of(place: Stood | None) -> Standing | None:
    """Return where a passage stood by its place in a version; None where it did not."""
    if place is None or place.start is None or place.end is None:
        return None
    return Standing(place.version_id, None, place.key, place.start, place.end)


def place_rows(
    draft_id: int,
    passages: Sequence[Marked],
    before: Mapping[int, Stood],
    version: Version,
    sections: Sequence[VersionSection],
    texts: Texts | None = None,
) -> Iterator[dict[str, object]]:
    """Give a row of `passage_places` for each passage, in a version with these sections; `before`: where they stood."""
    texts = texts or Texts(draft_id)
    crossing = Crossing(texts, {section.key: section.body for section in sections})
    html = {section.key: (section.body, section.html) for section in sections}
    maps: dict[str, SourceMap] = {}
    for passage in passages:
        place = before.get(passage.id)
        landing = crossing.land(passage, standing_of(place))
        row: dict[str, object] = {
            "passage_id": passage.id, "version_id": version.id, "state": PlaceState.OUTDATED, "is_moved": False,
            "key": place.key if place else passage.key, "start": None, "end": None, "shown_start": None,
            "shown_end": None, "shown": None, "last_number": place.last_number if place else 0,
        }  # fmt: skip
        if landing is not None:
            if landing.key not in maps:
                maps[landing.key] = SourceMap(*html[landing.key])
            source_map = maps[landing.key]
            shown_start, shown_end = source_map.to_readable(landing.start, landing.end)
            shown = source_map.text[shown_start:shown_end]
            is_same = same_words(landing.quote, passage.quote) or same_words(shown, passage.shown)
            row |= {
                "state": PlaceState.IN_PLACE if is_same else PlaceState.CHANGED,
                "is_moved": crossing.is_moved(passage, landing.key), "key": landing.key,
                "start": landing.start, "end": landing.end, "shown_start": shown_start, "shown_end": shown_end,
                "shown": None if is_same else shown, "last_number": version.number,
            }  # fmt: skip
        yield row
