"""The last changes of a room's text, in their order: which are committed, which are on their way, which wait."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sip.drafts.keystrokes import Stroke, join_strokes
from sip.drafts.live_document import Taken
from sip.drafts.live_text import merge_updates
from sip.live import messages

_MOST_MERGED = 200  # updates in one row: merging takes quadratic time


@dataclass(slots=True, eq=False)
class Change:
    """One change, as it goes to the log and, in `frame`, to everybody; `acks` are to be sent once it is committed."""

    seq: int
    author: int
    update: bytes
    frame: bytes
    clients: frozenset[int]
    keys: frozenset[str] = frozenset()
    is_doubtful: bool = False
    is_stored: bool = False
    stroke: Stroke | None = None  # where it goes on with what its author typed
    acks: dict[int, int] = field(default_factory=dict)  # sequence number by connection


class Changes:
    """The changes since the base of the document; the hub's numbers `seq` go on as long as the room is open."""

    def __init__(self, seq: int = 0) -> None:
        self.seq = seq
        self._changes: list[Change] = []
        self._under_way: list[Change] = []
        self._waiting: list[Change] = []

    @property
    def has_pending(self) -> bool:
        """Whether something waits that is not on its way."""
        return bool(self._waiting)

    @property
    def stored_seq(self) -> int:
        """The number up to which all is committed."""
        first = self._under_way or self._waiting
        return first[0].seq - 1 if first else self.seq

    def add(self, author: int, seal: bytes, taken: Taken) -> Change:
        """Add a change that waits for its commit."""
        self.seq += 1
        frame = messages.updates(self.seq, author, seal, taken.update)
        change = Change(self.seq, author, taken.update, frame, taken.clients, taken.keys, taken.is_doubtful)
        self._changes.append(change)
        self._waiting.append(change)
        return change

    def add_stroke(self, author: int, seal: bytes, stroke: Stroke) -> Change:
        """Add a change that only goes on with what its author typed, and waits for its commit."""
        self.seq += 1
        update, typing = stroke.update, stroke.typing
        frame = messages.updates(self.seq, author, seal, update)
        change = Change(self.seq, author, update, frame, typing.clients, typing.keys, stroke=stroke)
        self._changes.append(change)
        self._waiting.append(change)
        return change

    def add_stored(self, author: int, update: bytes, clients: frozenset[int]) -> Change:
        """Add a change that is in the log already."""
        self.seq += 1
        frame = messages.updates(self.seq, author, b"", update)
        change = Change(self.seq, author, update, frame, clients, is_stored=True)
        self._changes.append(change)
        return change

    def all(self) -> Sequence[Change]:
        """Return all changes since the base."""
        return self._changes

    def not_stored(self) -> list[Change]:
        """Return those that are not committed."""
        return [*self._under_way, *self._waiting]

    def stored_after_base(self) -> list[Change]:
        """Return those that are committed."""
        return [change for change in self._changes if change.is_stored]

    def last_not_stored(self) -> Change | None:
        """Return the last one that is not committed."""
        waiting = self._waiting or self._under_way
        return waiting[-1] if waiting else None

    def stored_first(self) -> int:
        """Return how many are committed before the first that is not."""
        first = self._under_way or self._waiting
        return self._changes.index(first[0]) if first else len(self._changes)

    def take(self) -> list[Change]:
        """Send all that wait on their way; nothing while others are."""
        if self._under_way:
            return []
        self._under_way, self._waiting = self._waiting, []
        return self._under_way

    def settle(self) -> list[Change]:
        """Note that those on their way are committed, and return them."""
        settled, self._under_way = self._under_way, []
        for change in settled:
            change.is_stored = True
        return settled

    def put_back(self) -> None:
        """Let those on their way wait again, before the others."""
        self._under_way, self._waiting = [], [*self._under_way, *self._waiting]

    def forget(self, count: int) -> None:
        """Let go of the first ones, which are part of a new base."""
        del self._changes[:count]

    def renewed(self) -> "Changes":
        """Begin anew with nothing but the numbers."""
        return Changes(self.seq)

    @staticmethod
    def rows(changes: Sequence[Change]) -> list[tuple[int, bytes]]:
        """Return (author, update) in order: in one update what one person wrote in a row, or typed in one go.

        Who goes on typing needs nothing that others wrote meanwhile: it may stand before that.
        """
        rows: list[list[Change]] = []
        last: dict[int, list[Change]] = {}  # the row with the last characters of a client
        for change in changes:
            row = next((last[client] for client in change.clients if client in last), None) if change.stroke else None
            if row is None and rows and rows[-1][0].author == change.author:
                row = rows[-1]
            if row is None or len(row) >= _MOST_MERGED:
                row = []
                rows.append(row)
            row.append(change)
            last |= dict.fromkeys(change.clients, row)
        return [(row[0].author, _merged(row)) for row in rows]


def _merged(row: Sequence[Change]) -> bytes:
    """Return one update that says what one person's changes say."""
    if len(row) == 1:
        return row[0].update
    parts: list[list[Stroke] | bytes] = []
    going_on: dict[frozenset[int], list[Stroke]] = {}
    for change in row:
        if change.stroke is None:
            parts.append(change.update)
            going_on.clear()
        elif strokes := going_on.get(change.clients):
            strokes.append(change.stroke)
        else:
            going_on[change.clients] = strokes = [change.stroke]
            parts.append(strokes)
    updates = [part if isinstance(part, bytes) else join_strokes(part) for part in parts]
    return updates[0] if len(updates) == 1 else merge_updates(updates)
