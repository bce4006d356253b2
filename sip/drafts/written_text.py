"""The live text of a draft beside its log: what each section says and who wrote which characters, change by change.

Belongs to the thread that made it.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import accumulate
from typing import Any

import pycrdt

from sip.drafts import live_text
from sip.drafts.authorship import Run
from sip.drafts.keystrokes import begins_nothing
from sip.drafts.live_text import BadUpdate, guarded
from sip.drafts.updates import read_update

# Changes of so many steps are made one by one, each with a walk through the runs; more of them in one walk together.
_FEW = 20

Parts = dict[str, tuple[int, int]]  # characters added and removed, by the key of the section


class WrittenText:
    """All sections of one draft after some update of its log."""

    def __init__(self, updates: Iterable[bytes], authorship: Mapping[str, Sequence[Run]]) -> None:
        """Begin with a text, in the order of its updates, and the runs of its sections; raises BadUpdate."""
        self._document: pycrdt.Doc[pycrdt.Text] = pycrdt.Doc()
        self._sections: dict[str, _Section] = {}
        self._changes: list[tuple[str, list[dict[str, Any]]]] = []
        with guarded(), self._document.transaction():
            for update in updates:
                self._document.apply_update(update)
        for key in {*self._document.keys(), *authorship}:
            self._open(key, authorship.get(key, ()))

    def append(self, author: int | None, update: bytes) -> Parts:
        """Take in a change whose new characters are `author`'s; say how much it did where; raises BadUpdate."""
        if not begins_nothing(update):
            for key in read_update(update).names:
                self._open(key, ())
        self._changes.clear()
        with guarded():
            self._document.apply_update(update)
        return {key: self._sections[key].follow(delta, author) for key, delta in self._changes}

    def body(self, key: str) -> str:
        """Return what a section says."""
        return self._sections[key].body() if key in self._sections else ""

    def authorship(self, key: str) -> list[Run]:
        """Return the runs of a section, in code points."""
        return self._sections[key].runs() if key in self._sections else []

    def credit(self, key: str, runs: Sequence[Run]) -> None:
        """Say anew who wrote a section."""
        self._sections[key].credit(runs)

    def state(self) -> bytes:
        """Return the whole text as one update."""
        return self._document.get_update()

    def reads_back(self, state: bytes) -> bool:
        """Tell whether a state of this text, read by somebody new, says the same."""
        read = live_text.texts([state])
        return all(read.get(key, "") == section.body() for key, section in self._sections.items())

    def _open(self, key: str, runs: Sequence[Run]) -> None:
        if key not in self._sections:
            text = self._document.get(key, type=pycrdt.Text)
            section = self._sections[key] = _Section(text, runs)
            section.watching = text.integrated.observe(partial(_note, self._changes, key))


def _note(changes: list[tuple[str, list[dict[str, Any]]]], key: str, event: Any) -> None:
    changes.append((key, event.delta))


class _Section:
    """One text as bytes, which is how changes count, and its runs side by side: authors and lengths in code points."""

    def __init__(self, text: pycrdt.Text, runs: Sequence[Run]) -> None:
        self.watching: Any = None
        self._text = text
        self._bytes = bytearray(str(text).encode())
        self.credit(runs)

    def credit(self, runs: Sequence[Run]) -> None:
        self._authors = [who for who, _length in runs]
        self._lengths = [length for _who, length in runs]
        length = len(self._bytes.decode())
        if sum(self._lengths) != length:  # nobody kept note of it
            self._authors, self._lengths = [None], [length]

    def body(self) -> str:
        if len(self._text) != len(self._bytes):
            raise BadUpdate("The text is not what its changes made of it.")
        return self._bytes.decode()

    def runs(self) -> list[Run]:
        joined: list[Run] = []
        for who, length in zip(self._authors, self._lengths, strict=True):
            if joined and joined[-1][0] == who:
                joined[-1] = (who, joined[-1][1] + length)
            elif length:
                joined.append((who, length))
        return joined

    def follow(self, delta: list[dict[str, Any]], author: int | None) -> tuple[int, int]:
        """Make a change, told in bytes from the start of the text; return how many characters it adds and removes."""
        if len(delta) > _FEW:
            return self._rewrite(delta, author)
        at = place = added = removed = 0  # `at` counts bytes, `place` characters
        data = self._bytes
        for step in delta:
            if "retain" in step:
                end = at + step["retain"]
                place += len(data[at:end].decode())
                at = end
            elif "insert" in step:
                encoded = step["insert"].encode()
                data[at:at] = encoded
                at += len(encoded)
                self._insert(place, len(step["insert"]), author)
                place += len(step["insert"])
                added += len(step["insert"])
            else:
                end = at + step["delete"]
                length = len(data[at:end].decode())
                del data[at:end]
                self._remove(place, length)
                removed += length
        return added, removed

    def _rewrite(self, delta: list[dict[str, Any]], author: int | None) -> tuple[int, int]:
        """Do the same from the first character to the last, writing all of it anew."""
        before, after = self._bytes, bytearray()
        rest = [*zip(self._authors, self._lengths, strict=True)][::-1]
        runs: list[Run] = []
        at = added = removed = 0
        for step in delta:
            if "insert" in step:
                after += step["insert"].encode()
                runs.append((author, len(step["insert"])))
                added += len(step["insert"])
                continue
            piece = before[at : at + (step["retain"] if "retain" in step else step["delete"])]
            at += len(piece)
            length = len(piece.decode())
            taken = _take(rest, length)
            if "retain" in step:
                after += piece
                runs += taken
            else:
                removed += length
        self._bytes = after + before[at:]
        runs += rest[::-1]
        self._authors, self._lengths = [who for who, _length in runs], [length for _who, length in runs]
        return added, removed

    def _insert(self, place: int, length: int, author: int | None) -> None:
        index = self._split(place)
        if index and self._authors[index - 1] == author:
            self._lengths[index - 1] += length
        else:
            self._authors.insert(index, author)
            self._lengths.insert(index, length)

    def _remove(self, place: int, length: int) -> None:
        start = self._split(place)
        end = self._split(place + length)
        del self._authors[start:end], self._lengths[start:end]

    def _split(self, place: int) -> int:
        """Return the index of the run that starts at a character, cutting the one around it in two if need be."""
        ends = list(accumulate(self._lengths))
        index = bisect_right(ends, place)
        rest = place - (ends[index - 1] if index else 0)
        if not rest:
            return index
        self._authors.insert(index, self._authors[index])
        self._lengths[index : index + 1] = [rest, self._lengths[index] - rest]
        return index + 1


def _take(rest: list[Run], length: int) -> list[Run]:
    """Take the runs of so many characters off a list that has the first ones last."""
    taken: list[Run] = []
    while length:
        who, size = rest.pop()
        if size > length:
            rest.append((who, size - length))
            size = length
        taken.append((who, size))
        length -= size
    return taken
