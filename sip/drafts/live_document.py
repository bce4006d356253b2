"""A live text in memory that takes in changes from people one does not trust, and shows no trace of those it refuses.

Whatever the length of the text, a usual change costs the same: it is judged by its own bytes, by how far each client
has come, and by which texts it turned out to change. Belongs to the thread that made it.
"""

import time
from collections.abc import Collection, Container, Iterable, Mapping
from enum import StrEnum
from functools import partial
from typing import Any, NamedTuple

import pycrdt

from sip.drafts.keystrokes import Stroke, Typing, join_strokes
from sip.drafts.live_text import EMPTY, compacted, guarded
from sip.drafts.live_text import texts as read_texts
from sip.drafts.updates import (
    MOST_LOOSE,
    MOST_PIECES,
    BadUpdate,
    Struct,
    UpdateContent,
    parts_of,
    read_state_vector,
    read_update,
)

# After so many stored changes, or bytes of them, the base is written anew: that takes a walk through the text, and a
# longer one while later changes are not stored yet.
_REWRITE_AFTER, _REWRITE_LATEST = 200, 500
_LARGEST_TAIL = 1 << 20
# Bytes by which a peer's state vector may be longer than ours: some thousand clients of whom we know nothing.
_LONGER_VECTOR = 100_000
# A change of more insertions, or deletions, is made in parts of so many, for so many seconds at most.
_INSERTIONS, _DELETIONS, _MOST_SECONDS = 20, 500, 0.4
# Seconds of a search, at worst, for one insertion among others of its kind.
_SEARCH = 0.001


class Refusal(StrEnum):
    """Why a change is refused."""

    RIGHTS = "rights"  # it changes a text that its author may not change
    FOREIGN = "foreign"  # it follows changes of others, or brings some, that are not there
    INCOMPLETE = "incomplete"  # it follows changes of its author that are not there
    TOO_LONG = "too_long"
    MALFORMED = "malformed"


class RefusedUpdate(ValueError):
    """A change that is refused; `was_costly` where it took long to find out."""

    def __init__(self, why: Refusal, reason: str = "", *, was_costly: bool = False) -> None:
        super().__init__(reason or why.value)
        self.why = why
        self.was_costly = was_costly


class Taken(NamedTuple):
    """What a change added: the update to store and pass on, EMPTY where all was known; and the texts it changed.

    Where `is_doubtful`, its neighbours may be forged so that others would read another text than this document has:
    to be sure, read the text back before the change is stored.
    """

    update: bytes
    keys: frozenset[str]
    clients: frozenset[int]  # whose new characters there are
    is_doubtful: bool
    search: float = 0.0  # seconds that readers may search for the places of many insertions with far neighbours


class LiveDocument:
    """The shared texts of one draft."""

    def __init__(self, updates: Iterable[bytes]) -> None:
        """Begin with the updates of a text, in their order; raises BadUpdate."""
        self._base = EMPTY
        self._tail: list[bytes] = list(updates)
        self._typed: dict[int, Typing] = {}
        self._build()
        self._base, self._tail = self._document.get_update(), []
        self._clocks = read_state_vector(self._document.get_state())
        # Reading all of a long text takes a while: without characters beyond 16 bits there is nothing to find.
        has_pairs = any(max(str(text), default="") > "\uffff" for text in self._texts.values())
        self._halves = read_update(self._base).halves if has_pairs else set()

    @property
    def vector(self) -> bytes:
        """How much of each client is there, as peers compare it."""
        self._catch_up()
        return self._document.get_state()

    def knows(self, client: int) -> bool:
        """Tell whether anything of a client is there, or was."""
        return client in self._clocks

    def text(self, key: str) -> str:
        """Return one text as it is now."""
        self._catch_up()
        return str(self._texts[key]) if key in self._texts else ""

    @property
    def base(self) -> bytes:
        """A state with stored changes only, but not the last ones of them."""
        return self._base

    def stored(self, count: int) -> int:
        """Note that the first `count` changes after the base are stored; return how many went into a new base."""
        size = sum(map(len, self._tail[:count]))
        if count < _REWRITE_AFTER and size < _LARGEST_TAIL:
            return 0
        if count == len(self._tail):
            self._catch_up()
            self._base = self._document.get_update()
        elif count >= _REWRITE_LATEST or size >= _LARGEST_TAIL:
            self._base = compacted([self._base, *self._tail[:count]])
        else:
            return 0
        del self._tail[:count]
        return count

    def reads_back(self) -> bool:
        """Tell whether somebody new would read the same texts."""
        self._catch_up()
        read = read_texts([self._document.get_update()])
        return all(read.get(key, "") == str(text) for key, text in self._texts.items())

    def is_behind(self, vector: bytes) -> bool:
        """Tell whether a peer with this state vector has characters that are not there; raises BadUpdate."""
        return any(clock > self._clocks.get(client, 0) for client, clock in self._read_vector(vector).items())

    def lacking(self, vector: bytes) -> bytes:
        """Return what a peer with this state vector lacks; raises BadUpdate."""
        for client, clock in self._read_vector(vector).items():
            if clock > 2**31 or (client, clock) in self._halves:
                raise BadUpdate("It has what cannot be.")
        self._catch_up()
        with guarded():
            return self._document.get_update(vector)

    def _read_vector(self, vector: bytes) -> dict[int, int]:
        if len(vector) > len(self.vector) + _LONGER_VECTOR:
            raise BadUpdate("It knows of more than can be.")  # reading it would hold up everybody
        return read_state_vector(vector)

    def take(self, update: bytes, clients: Container[int], keys: Collection[str], *, limit: int) -> Taken:
        """Take in a change of somebody who writes as `clients`, and only into `keys`, up to `limit` characters in each.

        Raises RefusedUpdate, and then nothing has changed.
        """
        return self._take_any(update, clients, keys, limit)

    def type_on(self, update: bytes, client: int, keys: Collection[str]) -> Stroke | None:
        """Take in what somebody types right behind their last characters; None where there is more to look at.

        All that it changes is known beforehand: the document itself takes it in when it is asked next.
        """
        typed = self._typed.get(client)
        if typed is None or typed.key is None or typed.key not in keys:
            return None
        stroke = typed.read(update)
        if stroke is None or (stroke.erased and self._halves):
            return None
        space = self._space.get(typed.key, 0) - len(update)
        if space < 0:
            return None
        self._space[typed.key] = space
        self._clocks[client] = stroke.end
        typed.go_on(stroke.end)
        self._tail.append(update)
        if client in self._ahead:
            self._ahead[client].append(stroke)
        else:
            self._ahead[client] = [stroke]
        return stroke

    def _catch_up(self) -> None:
        """Bring into the document what was typed since."""
        if not self._ahead:
            return
        with guarded(), self._document.transaction():
            for strokes in self._ahead.values():
                self._document.apply_update(join_strokes(strokes))
        self._ahead.clear()

    def _take_any(self, update: bytes, clients: Container[int], keys: Collection[str], limit: int) -> Taken:
        self._catch_up()
        update, content = self._read(update, clients)
        if content.names and not content.names <= set(keys):
            raise RefusedUpdate(Refusal.RIGHTS)
        ends, is_tangled = self._follow(content, clients)
        if content.structs and not (keys and self._goes_on_in(keys, content)):
            raise RefusedUpdate(Refusal.RIGHTS)
        is_doubtful = is_tangled or any(map(self._is_doubtful, content.structs))
        for name in content.names:
            self._watch(name)
        self._changed.clear()
        try:
            self._apply(update, content)
            self._check_applied(ends if is_tangled else {}, keys)
            if content.strings:  # what is too long, as joined from two places, may become shorter bit by bit
                self._check_length(limit, len(update))
        except (BadUpdate, RefusedUpdate) as error:
            raise self._undone(error) from error
        changed = frozenset(self._changed)
        if not changed and not content.structs:
            return Taken(EMPTY, changed, frozenset(), is_doubtful=False)
        # Of a single insertion it is certain where it stands.
        is_alone = len(changed) == len(content.structs) == 1 and not content.deletions
        self._remember(content, ends, next(iter(changed)) if is_alone else None)
        self._tail.append(update)
        search = _SEARCH * content.loose if len(content.structs) > _INSERTIONS else 0.0
        return Taken(update, changed, frozenset(ends), is_doubtful, search)

    def _undone(self, error: BadUpdate | RefusedUpdate) -> RefusedUpdate:
        """Begin anew without what is refused, and return what to raise."""
        self._build()
        why = error.why if isinstance(error, RefusedUpdate) else Refusal.MALFORMED
        return RefusedUpdate(why, str(error), was_costly=True)

    def _apply(self, update: bytes, content: UpdateContent) -> None:
        if len(content.structs) <= _INSERTIONS and len(content.deletions) <= _DELETIONS:
            with guarded():
                self._document.apply_update(update)
            return
        # Forged neighbours can make each insertion search through the whole text: nobody else is to wait for that.
        began = time.thread_time()
        for part in parts_of(update, content, _INSERTIONS, _DELETIONS):
            with guarded():
                self._document.apply_update(part)
            if time.thread_time() - began > _MOST_SECONDS:
                raise BadUpdate("It takes too long to find the places of what it changes.")

    def take_known(self, update: bytes) -> frozenset[int]:
        """Take in a change that was checked before; return its clients. Raises BadUpdate where it is damaged."""
        self._catch_up()
        content = read_update(update)
        for name in content.names:
            self._watch(name)
        self._space.clear()
        with guarded():
            self._document.apply_update(update)
        ends: dict[int, int] = {}
        for struct in content.structs:
            ends[struct.client] = max(struct.end, ends.get(struct.client, self._clocks.get(struct.client, 0)))
        self._remember(content, ends, None)
        self._tail.append(update)
        return frozenset(ends)

    def _read(self, update: bytes, clients: Container[int]) -> tuple[bytes, UpdateContent]:
        """Read a change without what is known already: a forged copy of that would win in some orders of merging."""
        try:
            content = read_update(update, MOST_PIECES)
            if len(content.structs) > MOST_LOOSE and content.loose > MOST_LOOSE:
                raise BadUpdate("It inserts in too many places.")
            _check_strings(content)
            known = {struct.client: self._clocks.get(struct.client, 0) for struct in content.structs}
            if any(struct.start < known[struct.client] for struct in content.structs):
                if any((client, clock) in content.halves for client, clock in known.items()):
                    raise BadUpdate("It would be cut in the middle of a character.")
                with guarded():
                    update = pycrdt.get_update(update, _vector(known))
                content = read_update(update)
            halves = self._halves
            if not (halves.isdisjoint(content.cuts) and content.halves.isdisjoint(content.cuts)):
                raise BadUpdate("It cuts a character in two.")
        except BadUpdate as error:
            raise RefusedUpdate(Refusal.MALFORMED, str(error)) from error
        return update, content

    def _follow(self, content: UpdateContent, clients: Container[int]) -> tuple[dict[int, int], bool]:
        """Return how far each client will have come, and whether clients follow one another; or refuse a gap."""

        def why(client: int) -> RefusedUpdate:
            return RefusedUpdate(Refusal.INCOMPLETE if client in clients else Refusal.FOREIGN)

        clocks = self._clocks
        ends: dict[int, int] = {}
        for struct in content.structs:
            client = struct.client
            if client not in clients or struct.start != ends.get(client, clocks.get(client, 0)):
                raise why(client)
            ends[client] = struct.end
        if content.has_gaps:
            raise RefusedUpdate(Refusal.INCOMPLETE)
        is_tangled = False
        for struct in content.structs:
            for position in (struct.left, struct.right):
                if position is None or position[1] < clocks.get(position[0], 0):
                    continue
                client, clock = position
                if client == struct.client:
                    if clock >= struct.start:
                        raise why(client)
                elif clock < ends.get(client, 0):
                    is_tangled = True
                else:
                    raise why(client)
        for client, end in content.deletions:
            if end > ends.get(client, clocks.get(client, 0)):
                raise why(client)
        return ends, is_tangled

    def _goes_on_in(self, keys: Collection[str], content: UpdateContent) -> bool:
        """Tell whether a change goes on writing only in these texts, as far as it is known before it is made."""
        for struct in content.structs:
            typed = self._typed.get(struct.client)
            if typed is not None and typed.key is not None and typed.key not in keys:
                goes_on = struct.left == (struct.client, typed.end - 1)
                if goes_on:
                    return False
        return True

    def _is_doubtful(self, struct: Struct) -> bool:
        """Tell whether the neighbours of an insertion cannot be seen to have stood side by side."""
        if struct.right is None:
            return False  # read back, it stands where it stands here
        typed = self._typed.get(struct.client)
        if typed is None or struct.left is None or struct.left[0] != struct.client:
            return True
        place = struct.left[1]
        if place == typed.end - 1 and struct.right == typed.right:
            return False  # it goes on
        return not (typed.start <= place < typed.end - 1 and struct.right == (struct.client, place + 1))

    def _check_applied(self, ends: Mapping[int, int], keys: Collection[str]) -> None:
        for key in self._changed:
            if key not in keys:
                raise RefusedUpdate(Refusal.RIGHTS)
        if ends:
            reached = read_state_vector(self._document.get_state())
            if any(reached.get(client, 0) != end for client, end in ends.items()):
                raise RefusedUpdate(Refusal.INCOMPLETE)

    def _check_length(self, limit: int, size: int) -> None:
        for key in self._changed:
            # Counting takes time: there is no need while all that came since the last count would have found its place.
            self._space[key] = self._space.get(key, 0) - size
            if self._space[key] < 0:
                # The length is in bytes: never less than in characters.
                if len(self._texts[key]) > limit and len(str(self._texts[key])) > limit:
                    raise RefusedUpdate(Refusal.TOO_LONG)
                self._space[key] = limit - len(self._texts[key])

    def _remember(self, content: UpdateContent, ends: Mapping[int, int], key: str | None) -> None:
        for struct in content.structs:
            typed = self._typed.get(struct.client)
            if typed is not None and struct.left == (struct.client, typed.end - 1) and struct.right == typed.right:
                typed.go_on(struct.end)
                typed.stand_in(typed.key or key)
            else:
                self._typed[struct.client] = Typing(struct.client, struct.start, struct.end, struct.right, key)
        self._clocks.update(ends)
        self._halves |= content.halves

    def _build(self) -> None:
        """Make the document from what is good."""
        document: pycrdt.Doc[pycrdt.Text] = pycrdt.Doc()
        with guarded(), document.transaction():
            for update in (self._base, *self._tail):
                document.apply_update(update)
        self._document = document
        self._ahead: dict[int, list[Stroke]] = {}  # by client: what is in the tail and not yet in the document
        self._texts: dict[str, pycrdt.Text] = {}
        self._watching: list[Any] = []
        self._changed: set[str] = set()
        self._space: dict[str, int] = {}  # bytes that may come before a text must be counted again
        for key in [*document.keys()]:
            self._watch(key)

    def _watch(self, key: str) -> None:
        """Note from now on when a text changes. Not by pycrdt's own observers: what they tell costs a walk."""
        if key not in self._texts:
            text = self._texts[key] = self._document.get(key, type=pycrdt.Text)
            self._watching.append(text.integrated.observe(partial(_note, self._changed, key)))


def _note(changed: set[str], key: str, _event: Any) -> None:
    changed.add(key)


def _check_strings(content: UpdateContent) -> None:
    for string in content.strings:
        if "\r" in string or "\x00" in string:
            raise BadUpdate("It inserts a carriage return or a NUL character.")


def _vector(clocks: Mapping[int, int]) -> bytes:
    encoder = pycrdt.Encoder()
    encoder.write_var_uint(len(clocks))
    for client, clock in clocks.items():
        encoder.write_var_uint(client)
        encoder.write_var_uint(clock)
    return encoder.to_bytes()
