"""Where marked passages stand in versions and in the live text, and what they said last."""

from collections import OrderedDict
from collections.abc import Collection, Iterable
from hashlib import sha256
from threading import Lock
from typing import NamedTuple

from sqlalchemy import select

from sip.core.db import db
from sip.drafts import queries
from sip.drafts.models import Draft, KeptPassage, PassagePlace, PlaceState, Section, Version
from sip.drafts.placing import Crossing, Marked, Stood, Texts, marked_passages, standing_of, standing_places
from sip.drafts.texts.carrying import same_words

_MOST_KEPT = 64  # live texts whose places are remembered


class LivePlace(NamedTuple):
    """Where a passage stands in the live text: Markdown positions, None when it is outdated.

    `quote` is the Markdown that stands there now or, when it is outdated, that stood there last.
    """

    state: PlaceState
    is_moved: bool
    key: str
    start: int | None
    end: int | None
    quote: str


class _Kept:
    """The places computed for the live texts asked for last, for all threads of this process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._texts: OrderedDict[tuple[int, int | None, bytes], dict[int, LivePlace]] = OrderedDict()

    def of(self, draft_id: int, version_id: int | None, digest: bytes) -> dict[int, LivePlace]:
        """Return what is known of a live text, to be added to."""
        with self._lock:
            found = self._texts.setdefault((draft_id, version_id, digest), {})
            self._texts.move_to_end((draft_id, version_id, digest))
            while len(self._texts) > _MOST_KEPT:
                self._texts.popitem(last=False)
            return found


_kept = _Kept()


class LastText(NamedTuple):
    """The words of a passage as readers saw them last, in which version, and the version that removed them, if any."""

    shown: str
    number: int | None
    removed_by: int | None


def passage_by_id(passage_id: int) -> KeptPassage | None:
    """Return a passage, or None."""
    return db.session.get(KeptPassage, passage_id)


def places_in(version_id: int, passage_ids: Collection[int] | None = None) -> dict[int, PassagePlace]:
    """Return the places of passages in a version by passage, of those given or of all; one statement."""
    query = select(PassagePlace).where(PassagePlace.version_id == version_id)
    if passage_ids is not None:
        query = query.where(PassagePlace.passage_id.in_(passage_ids))
    return {place.passage_id: place for place in db.session.scalars(query)}


def last_text(passage: KeptPassage) -> LastText:
    """Return what a passage said in the last version in which it stood."""
    rows = db.session.execute(
        select(PassagePlace.state, PassagePlace.shown, Version.number)
        .join(Version, PassagePlace.version_id == Version.id)
        .where(PassagePlace.passage_id == passage.id)
        .order_by(Version.number.desc())
    ).all()
    removed_by = None
    for state, shown, number in rows:
        if state != PlaceState.OUTDATED:
            return LastText(shown if shown is not None else passage.shown, number, removed_by)
        removed_by = number
    return LastText(passage.shown, None, removed_by)


def live_places(draft: Draft, passage_ids: Iterable[int]) -> dict[int, LivePlace]:
    """Return where passages stand in the live text now; asking again about the same text computes nothing."""
    wanted = set(passage_ids)
    texts = _live_texts(draft)
    version = queries.last_version(draft)
    known = _kept.of(draft.id, version.id if version else None, _digest(texts))
    missing = wanted - known.keys()
    if missing:
        passages = marked_passages(draft.id, missing)
        places = standing_places(draft.id, version, missing)
        crossing = Crossing(Texts(draft.id), texts)
        known.update({passage.id: _live_place(passage, places.get(passage.id), crossing) for passage in passages})
    return {passage_id: known[passage_id] for passage_id in wanted if passage_id in known}


def _live_place(passage: Marked, place: Stood | None, crossing: Crossing) -> LivePlace:
    landing = crossing.land(passage, standing_of(place))
    if landing is None:
        return LivePlace(PlaceState.OUTDATED, False, place.key if place else passage.key, None, None, passage.quote)
    state = PlaceState.IN_PLACE if same_words(landing.quote, passage.quote) else PlaceState.CHANGED
    return LivePlace(state, crossing.is_moved(passage, landing.key), *landing)


def _live_texts(draft: Draft) -> dict[str, str]:
    query = select(Section.key, Section.body).where(Section.draft_id == draft.id, Section.retired_at.is_(None))
    return {row.key: row.body for row in db.session.execute(query.order_by(Section.position, Section.id))}


def _digest(texts: dict[str, str]) -> bytes:
    digest = sha256()
    for part in (part for item in texts.items() for part in item):
        digest.update(b"%d:" % len(part) + part.encode())
    return digest.digest()
