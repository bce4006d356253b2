"""Reads the bytes of a Yjs update (format 1) and refuses what our editor never sends."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

# Yrs counts in 32 bits: larger numbers wrap around instead of failing, and text goes astray.
_MAX_CLOCK = 2**31
# What people make at most comes in pieces of it: browsers send what they kept in several updates.
MOST_PIECES, MOST_LOOSE = 30_000, 1_000
_GC, _DELETED, _STRING, _SKIP = 0, 1, 4, 10
_KIND, _PARENT_SUB, _RIGHT_ORIGIN, _LEFT_ORIGIN = 0x1F, 0x20, 0x40, 0x80
_SMALL = [bytes((value,)) for value in range(0x80)]

Position = tuple[int, int]


class BadUpdate(ValueError):
    """An update that is malformed, incomplete, or changes what its author may not change."""


class Struct(NamedTuple):
    """A run of characters, of UTF-16 unit `start` of a client to before `end`, and the ones it was put between."""

    client: int
    start: int
    end: int
    left: Position | None
    right: Position | None


@dataclass(slots=True)
class UpdateContent:
    """What an update says; a position is a client and a clock, which counts its characters in UTF-16 units.

    `names` are the shared texts it writes into where they were empty; elsewhere it points at the characters around.
    `deletions` are positions where deleted stretches end, `cuts` all positions before which it cuts the text, and
    `halves` those of the second halves of surrogate pairs, before which nobody must cut. `structs` are in the order of
    the update, those of one client together; where it `has_gaps`, some of a client's are left out between others.
    `spans` are the bytes that hold each struct; those from `deletions_at` on hold the deletions.
    """

    names: set[str] = field(default_factory=set)
    strings: list[str] = field(default_factory=list)
    deletions: list[Position] = field(default_factory=list)
    deletions_at: int = 0
    cuts: set[Position] = field(default_factory=set)
    halves: set[Position] = field(default_factory=set)
    structs: list[Struct] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)
    has_gaps: bool = False

    @property
    def has_structs(self) -> bool:
        return bool(self.structs) or self.has_gaps

    @property
    def loose(self) -> int:
        """How many insertions have neighbours that need not touch: all between those is searched for their place."""
        return sum(map(_is_loose, self.structs))


def read_update(update: bytes, most: int | None = None) -> UpdateContent:
    """Return the content of an update of plain shared texts; raises BadUpdate for any other.

    With `most`, also for one of more insertions and deletions than that, before it reads them.
    """
    reader = _Reader(update, most)
    content = UpdateContent()
    for _ in range(reader.count()):
        structs, client, clock = reader.pieces(), reader.number(), reader.clock()
        content.cuts.add((client, clock))
        for _ in range(structs):
            clock += _read_struct(reader, content, client, clock)
            if clock > _MAX_CLOCK:
                raise BadUpdate("An insertion is numbered too high.")
    _read_deletions(reader, content)
    if not reader.at_end:
        raise BadUpdate("There is something behind the end of the update.")
    return content


def parts_of(update: bytes, content: UpdateContent, insertions: int, deletions: int) -> Iterator[bytes]:
    """Cut an update into ones of so many insertions at most, in their order, then of so many deletions."""
    structs, spans = content.structs, content.spans
    start = 0
    while start < len(structs):
        client = structs[start].client
        end = start + 1
        while end < len(structs) and end - start < insertions and structs[end].client == client:
            end += 1
        head = (1, end - start, client, structs[start].start)
        yield b"".join(map(write_number, head)) + update[spans[start][0] : spans[end - 1][1]] + b"\x00"
        start = end
    reader = _Reader(update)
    reader.at = content.deletions_at
    for _ in range(reader.count()):
        client, left = reader.number(), reader.count()
        while left:
            count = min(deletions, left)
            start = reader.at
            for _ in range(2 * count):
                reader.number()
            yield b"\x00\x01" + write_number(client) + write_number(count) + update[start : reader.at]
            left -= count


def write_number(value: int) -> bytes:
    """Write a number seven bits in a byte, the lowest first."""
    if value < 0x80:
        return _SMALL[value]
    if value < 0x4000:
        return bytes((value & 0x7F | 0x80, value >> 7))
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)


def _is_loose(struct: Struct) -> bool:
    left, right = struct.left, struct.right
    if left == (struct.client, struct.start - 1):
        return False  # it goes on
    return left is None or right is None or left[0] != right[0] or left[1] + 1 != right[1]


def read_state_vector(vector: bytes) -> dict[int, int]:
    """Return how many characters (and deleted ones) of each client a state holds, in UTF-16 units."""
    reader = _Reader(vector)
    clocks = {reader.number(): reader.number() for _ in range(reader.count())}
    if not reader.at_end:
        raise BadUpdate("There is something behind the end of the state vector.")
    return clocks


def _read_struct(reader: "_Reader", content: UpdateContent, client: int, clock: int) -> int:
    """Read one run of characters and return its length in UTF-16 units."""
    start = reader.at
    info = reader.byte()
    kind = info & _KIND
    if kind == _SKIP:
        content.has_gaps = True
        return reader.length()
    left = right = None
    if kind == _GC:
        length = reader.length()
    else:
        if info & _LEFT_ORIGIN:
            left = (reader.number(), reader.clock())
            content.cuts.add((left[0], left[1] + 1))
        if info & _RIGHT_ORIGIN:
            right = (reader.number(), reader.clock())
            content.cuts.add(right)
        if left is right is None:
            if reader.number() != 1 or info & _PARENT_SUB:
                raise BadUpdate("It writes into something that is not a shared text.")
            content.names.add(reader.string())
        length = _read_content(reader, content, kind, (client, clock))
    content.structs.append(Struct(client, clock, clock + length, left, right))
    content.spans.append((start, reader.at))
    return length


def _read_content(reader: "_Reader", content: UpdateContent, kind: int, at: Position) -> int:
    if kind == _DELETED:
        return reader.length()
    if kind != _STRING:
        raise BadUpdate("It inserts something that is not plain text.")
    string = reader.string()
    if not string:
        raise BadUpdate("It inserts nothing.")
    content.strings.append(string)
    if string.isascii() or max(string) <= "\uffff":
        return len(string)
    client, clock = at
    length = 0
    for character in string:
        length += 1
        if character > "\uffff":
            content.halves.add((client, clock + length))
            length += 1
    return length


def _read_deletions(reader: "_Reader", content: UpdateContent) -> None:
    content.deletions_at = reader.at
    for _ in range(reader.count()):
        client = reader.number()
        for _ in range(reader.pieces()):
            start = reader.clock()
            end = start + reader.length()
            if end > _MAX_CLOCK:
                raise BadUpdate("A deletion is numbered too high.")
            content.deletions.append((client, end))
            content.cuts.update(((client, start), (client, end)))


class _Reader:
    """Takes numbers and strings off the front of some bytes; raises BadUpdate where they end too early."""

    def __init__(self, data: bytes, most: int | None = None) -> None:
        self._data = data
        self._left = len(data) if most is None else most  # of what it may hold; each takes a byte at least
        self.at = 0

    @property
    def at_end(self) -> bool:
        return self.at == len(self._data)

    def byte(self) -> int:
        at = self.at
        if at >= len(self._data):
            raise BadUpdate("The update ends too early.")
        self.at = at + 1
        return self._data[at]

    def number(self) -> int:
        """An unsigned number of up to 53 bits, seven in a byte, the lowest first."""
        # The innermost of all loops: each keystroke of everybody comes through here.
        data, at = self._data, self.at
        value = shift = 0
        for byte in data[at : at + 8]:
            at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                break
            shift += 7
        else:
            raise BadUpdate("A number ends too early, or is too long.")
        if value >= 2**53:
            raise BadUpdate("A number is too large.")
        self.at = at
        return value

    def clock(self) -> int:
        value = self.number()
        if value > _MAX_CLOCK:
            raise BadUpdate("A position is numbered too high.")
        return value

    def length(self) -> int:
        value = self.clock()
        if value == 0:
            raise BadUpdate("A run has no length.")
        return value

    def count(self) -> int:
        """A number of things that follow, each at least one byte long."""
        value = self.number()
        if value > len(self._data) - self.at:
            raise BadUpdate("The update ends too early.")
        return value

    def pieces(self) -> int:
        """A number of insertions or deletions that follow."""
        value = self.count()
        self._left -= value
        if self._left < 0:
            raise BadUpdate("It consists of too many pieces.")
        return value

    def string(self) -> str:
        size = self.count()
        start, self.at = self.at, self.at + size
        try:
            return self._data[start : self.at].decode()
        except UnicodeDecodeError as error:
            raise BadUpdate("A string is not UTF-8.") from error
