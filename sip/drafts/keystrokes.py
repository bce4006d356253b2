"""Reads the updates that people make most: some characters typed behind their last ones."""

from collections.abc import Sequence
from typing import NamedTuple

from sip.drafts.updates import Position, write_number

_LARGEST_CLOCK = 2**31
_new = tuple.__new__  # the way through a class's own costs more, for each keystroke
# How a string begins that stands behind a character, and one that stands between two; either bit names a neighbour.
_BEHIND, _BETWEEN = 0x84, 0xC4
_NEIGHBOUR = 0xC0


class Stroke(NamedTuple):
    """An update that goes on with what its author was `typing`, to before their UTF-16 unit `end`.

    The characters are the bytes from `at` to before `to`, how many these are stands at `size_at`. `erased` is the unit
    and the length of what else it deletes of the same.
    """

    typing: "Typing"
    update: bytes
    size_at: int
    at: int
    to: int
    end: int
    erased: tuple[int, int] | None


class Typing:
    """What a client typed in one go, of its UTF-16 units `start` to before `end`, left of the unit `right`.

    `key` is that of its text, as soon as that is certain.
    """

    __slots__ = (
        "_behind", "_between", "_client", "_inserts", "_next", "clients", "end", "key", "keys", "right", "start",
    )  # fmt: skip

    def __init__(self, client: int, start: int, end: int, right: Position | None, key: str | None) -> None:
        self.clients = frozenset((client,))
        self.start = start
        self.end = end
        self.right = right
        self.stand_in(key)
        self._client = write_number(client)
        self._between = b"".join(map(write_number, right)) if right else b""
        self._inserts = b"\x01\x01" + self._client
        self._behind = b"%c%b" % (_BETWEEN if right else _BEHIND, self._client)
        self._next = b""

    def stand_in(self, key: str | None) -> None:
        """Note the text in which it stands."""
        self.key = key
        self.keys = frozenset((key,)) if key is not None else frozenset[str]()

    def go_on(self, end: int) -> None:
        """Note that it goes on to before `end`."""
        self.end = end
        self._next = b""

    def read(self, update: bytes) -> Stroke | None:
        """Read an update that does nothing but go on, and perhaps delete a stretch of it; None for any other.

        What it returns None for may be as good, or no update at all: `read_update` knows.
        """
        head = self._next or self._begin_next()
        if not update.startswith(head):
            return None
        try:
            at = len(head) + 1
            size = update[at - 1]
            if size > 0x7F:
                size, at = _number(update, at - 1)
            to = at + size
            string = update[at:to].decode()
            if update[to] == 0 and to + 1 == len(update):
                erased = None
            elif (erased := self._read_erased(update, to)) is None:
                return None
        except (IndexError, UnicodeDecodeError):
            return None
        end = self.end + len(string)
        if not string or end > _LARGEST_CLOCK or "\r" in string or "\x00" in string:
            return None
        if not string.isascii() and max(string) > "\uffff":
            return None  # it has more units than characters
        return _new(Stroke, (self, update, len(head), at, to, end, erased))

    def begin_erasing(self, stretches: int) -> bytes:
        """Return how the deletions of an update begin that deletes so many stretches of it."""
        return b"\x01%b%b" % (self._client, write_number(stretches))

    def _begin_next(self) -> bytes:
        """Return how the next stroke begins, as anybody writes it who wastes no byte."""
        end, left = write_number(self.end), write_number(self.end - 1)
        self._next = b"%b%b%b%b%b" % (self._inserts, end, self._behind, left, self._between)
        return self._next

    def _read_erased(self, update: bytes, at: int) -> tuple[int, int] | None:
        head = self.begin_erasing(1)
        if not update.startswith(head, at):
            return None
        start, at = _number(update, at + len(head))
        length, at = _number(update, at)
        is_own = self.start <= start and 0 < length <= self.end - start
        return (start, length) if is_own and at == len(update) else None


def join_strokes(strokes: Sequence[Stroke]) -> bytes:
    """Return one update for strokes of one client, each of which goes on where the one before it ended."""
    first = strokes[0].update
    if len(strokes) == 1:
        return first
    string = b"".join([stroke.update[stroke.at : stroke.to] for stroke in strokes])
    parts = [first[: strokes[0].size_at], write_number(len(string)), string]
    erased = sorted(stroke.erased for stroke in strokes if stroke.erased is not None)
    if erased:
        numbers = (number for stretch in erased for number in stretch)
        parts += (strokes[0].typing.begin_erasing(len(erased)), *map(write_number, numbers))
    else:
        parts.append(b"\x00")
    return b"".join(parts)


def begins_nothing(update: bytes) -> bool:
    """Tell whether an update inserts in one place at most, and beside characters that are there."""
    try:
        if update[:2] != b"\x01\x01":
            return update[:1] == b"\x00"
        _client, at = _number(update, 2)
        _clock, at = _number(update, at)
        return bool(update[at] & _NEIGHBOUR)
    except IndexError:
        return False


def _number(data: bytes, at: int) -> tuple[int, int]:
    """Read a number; also where it ended. One that is too long comes out too large."""
    byte = data[at]
    if byte < 0x80:
        return byte, at + 1
    value, shift = byte & 0x7F, 7
    while shift < 56:
        at += 1
        byte = data[at]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at + 1
        shift += 7
    return 2**53, at
