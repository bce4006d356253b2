"""Carries passages from one state of a document to another, section by section and from one section into another."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import zip_longest
from typing import NamedTuple
from unicodedata import normalize

from sip.drafts.texts.align import increasing
from sip.drafts.texts.carry import CarryTable, Passage
from sip.drafts.texts.diff import Block, equal_blocks
from sip.drafts.texts.found import CONTEXT, MOVED_EVIDENCE, MovedText, visible
from sip.drafts.texts.normal import ComposedText
from sip.drafts.texts.readable import trimmed

# What stands between two sections where all are searched at once: no text holds it.
_BORDER = "\n\n\x00\n\n"
_AROUND = 64
# Letters around a passage that are the same as before: how many say something, and how many that it is surely that one;
# and by how many more than around any other place with its words, if it stayed, and if it moved.
_SOME = 16
_SURE = 24
_MORE_IF_STAYED = 16
_MORE_IF_MOVED = 24
# Of what stands where a passage stood, how much must be its own.
_OWN = 0.6
# Words that are in more places than this are in none surely.
_MOST_PLACES = 200


class Landing(NamedTuple):
    """Where a passage stands in the later text: the key of its section, and positions there in code points."""

    key: str
    start: int
    end: int
    quote: str


class _Place(NamedTuple):
    """Where words stand in a section, in code points of its composed text."""

    key: str
    start: int
    end: int


class Carrier:
    """Carries any number of passages of `old` to `new`, both the Markdown of sections by key; each is compared once."""

    def __init__(self, old: Mapping[str, str], new: Mapping[str, str]) -> None:
        self._old, self._new = old, new
        self._olds, self._news = _Composed(old), _Composed(new)
        self._tables: dict[str, CarryTable] = {}

    def carry(self, key: str, start: int, end: int) -> Landing | None:
        """Say where the passage from `start` to `end` of the section `key` stands now, or None if it is gone.

        An empty one is a place between two characters, and is gone unless both are there, together.
        """
        body = self._old.get(key, "")
        quote = body[start:end]
        if quote and not quote.strip():
            return None
        if self._new.get(key) == body:
            return Landing(key, start, end, quote)
        here = self._here(key, start, end) if key in self._new else None
        if here is None:
            return self._moved(key, start, end) if quote else None
        landing, kept = here
        return landing if not quote or self._is_surely(Landing(key, start, end, quote), landing, kept) else None

    def bring_back(self, key: str, start: int, end: int) -> Landing | None:
        """Say where a passage that was gone stands again: in its section, amid what stood around it then; or None."""
        landing = self.carry(key, start, end)
        if landing is None or landing.key != key:
            return None
        if self._old[key] == self._new[key] or self._around(Landing(key, start, end, ""), landing)[0] >= _SURE:
            return landing
        return None

    def _here(self, key: str, start: int, end: int) -> tuple[Landing, float] | None:
        """Find a passage where it was, with the number of its characters that were kept: most of what stands there."""
        if key not in self._tables:
            self._tables[key] = CarryTable(self._old[key], self._new[key])
        carried = self._tables[key].stay(passage_of(self._old[key], start, end))
        if carried.start is None or carried.end is None:
            return None
        size = visible(carried.quote)
        kept = carried.score * (visible(self._old[key][start:end]) + size) / 2
        if kept < _OWN * size:
            return None
        first, last = trimmed(self._new[key], carried.start, carried.end)
        return Landing(key, first, last, self._new[key][first:last]), kept

    def _is_surely(self, was: Landing, here: Landing, kept: float) -> bool:
        """Tell whether what seems to have stayed did so: it may have been moved away, with words like it left near."""
        around, whole_sides = self._around(was, here)
        if not same_words(was.quote, here.quote) and (around < _SOME or kept + around < MOVED_EVIDENCE):
            return False
        return whole_sides == 2 or self._is_alone(was, here, 0 if whole_sides else _MORE_IF_STAYED)

    def _moved(self, key: str, start: int, end: int) -> Landing | None:
        """Find a passage that was cut and pasted: new at one place alone, and word for word if in another section."""
        was = Landing(key, start, end, self._old[key][start:end])
        place = self._changed.find(key, start, end)
        if place is None or (place.key != key and not same_words(was.quote, place.quote)):
            return None
        return place if self._is_alone(was, place, _MORE_IF_MOVED) else None

    def _is_alone(self, was: Landing, here: Landing, more: int) -> bool:
        """Tell whether no other place, then or now, has these words and surroundings nearly as much alike."""
        most = self._around(was, here)[0] - more
        now, then = self._news.places_of(here.quote), self._olds.places_of(here.quote)
        then_itself, now_itself = self._olds.composed(was), self._news.composed(here)
        return (
            len(now) + len(then) <= _MOST_PLACES
            and not any(
                _alike_around(self._olds, then_itself, self._news, place)[0] >= most for place in now - {now_itself}
            )
            and not any(
                _alike_around(self._olds, place, self._news, now_itself)[0] >= most
                for place in then
                if not _is_within(place, then_itself)  # of a passage whose ends were changed, the rest is itself
            )
        )

    def _around(self, was: Landing, here: Landing) -> tuple[int, int]:
        return _alike_around(self._olds, self._olds.composed(was), self._news, self._news.composed(here))

    @cached_property
    def _changed(self) -> "_ChangedSections":
        return _ChangedSections(self._old, self._new)


class _Composed:
    """The texts of sections in which "é" is one code point however it was typed."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._sources = {key: ComposedText(text) for key, text in texts.items()}
        self.texts = {key: source.text for key, source in self._sources.items()}

    def composed(self, landing: Landing) -> _Place:
        """Return the place of a landing in these texts."""
        position = self._sources[landing.key].composed_position
        return _Place(landing.key, position(landing.start), position(landing.end))

    def places_of(self, words: str) -> set[_Place]:
        """Return the places of words in all sections, but no more than enough to know that they are too many."""
        places: set[_Place] = set()
        pattern = re.compile(r"\s+".join(map(re.escape, normalize("NFC", words).split())))
        for key, text in self.texts.items():
            for found in pattern.finditer(text):
                places.add(_Place(key, *found.span()))
                if len(places) > _MOST_PLACES:
                    return places
        return places


class _ChangedSections:
    """All sections that changed, end to end, searched for what was moved from one place to another."""

    def __init__(self, old: Mapping[str, str], new: Mapping[str, str]) -> None:
        self._keys = [key for key in {**old, **new} if old.get(key) != new.get(key)]
        self._olds = {key: ComposedText(old.get(key, "")) for key in self._keys}
        self._news = {key: ComposedText(new.get(key, "")) for key in self._keys}
        self._old_starts, self._new_starts = _starts(self._olds.values()), _starts(self._news.values())
        blocks: list[Block] = []
        for key, old_start, new_start in zip(self._keys, self._old_starts, self._new_starts, strict=True):
            for block in equal_blocks(self._olds[key].text, self._news[key].text):
                blocks.append(block._replace(old=block.old + old_start, new=block.new + new_start))
        olds, news = (_BORDER.join(text.text for text in texts.values()) for texts in (self._olds, self._news))
        self._moved = MovedText(olds, news, blocks)

    def find(self, key: str, start: int, end: int) -> Landing | None:
        """Find what stood in a section; None unless one place is clearly it."""
        index = self._keys.index(key)
        shift, composed = self._old_starts[index], self._olds[key].composed_position
        found = self._moved.find(shift + composed(start), shift + composed(end))
        if found is None:
            return None
        index = bisect_right(self._new_starts, found.start) - 1
        text, at = self._news[self._keys[index]], self._new_starts[index]
        if found.end - at > len(text.text):
            return None  # beyond the end of its section
        first, last = text.source_position(found.start - at), text.source_position(found.end - at)
        return Landing(self._keys[index], first, last, text.source[first:last])


def passage_of(text: str, start: int, end: int) -> Passage:
    """Return a stretch of a text with what surrounds it."""
    return Passage(start, end, text[start:end], text[max(start - _AROUND, 0) : start], text[end : end + _AROUND])


def same_words(one: str, other: str) -> bool:
    """Tell whether two texts say the same, white space and the way in which accents were typed left aside."""
    return normalize("NFC", "".join(one.split())) == normalize("NFC", "".join(other.split()))


def moved_keys(old: Sequence[str], new: Sequence[str]) -> set[str]:
    """Return the keys that changed their place among those that both orders have, as few as explain the new order."""
    places = {key: index for index, key in enumerate(new)}
    kept = [key for key in old if key in places]
    still = increasing([places[key] for key in kept])
    return set(kept) - {kept[index] for index in still}


def _is_within(place: _Place, other: _Place) -> bool:
    return place.key == other.key and other.start <= place.start and place.end <= other.end


def _alike_around(olds: "_Composed", was: _Place, news: "_Composed", here: _Place) -> tuple[int, int]:
    """Count the letters that are the same around a place then and one now, and the sides on which all are."""
    old, new = olds.texts[was.key], news.texts[here.key]
    before, is_whole_before = _same_letters(
        old[max(was.start - CONTEXT, 0) : was.start][::-1], new[max(here.start - CONTEXT, 0) : here.start][::-1]
    )
    after, is_whole_after = _same_letters(old[was.end : was.end + CONTEXT], new[here.end : here.end + CONTEXT])
    return before + after, is_whole_before + is_whole_after


def _same_letters(one: str, other: str) -> tuple[int, bool]:
    """Count the letters and digits at the start of both stretches, and tell whether that is all of both.

    That both texts end together counts as some more.
    """
    letters, other_letters = filter(str.isalnum, one), filter(str.isalnum, other)
    count = 0
    for letter, other_letter in zip_longest(letters, other_letters):
        if letter != other_letter:
            return count, False
        count += 1
    if min(len(one), len(other)) == CONTEXT:
        return count, True
    return count + _SOME, count >= _SOME


def _starts(texts: Iterable[ComposedText]) -> list[int]:
    starts, at = [], 0
    for text in texts:
        starts.append(at)
        at += len(text.text) + len(_BORDER)
    return starts
