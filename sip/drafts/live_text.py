"""The live text of a draft: one CRDT document with a shared text per section key, always passed around as bytes.

All arithmetic on positions inside shared texts is here: pycrdt counts UTF-8 bytes, Python code points, browsers
UTF-16 units. Every function builds a document of its own and forgets it, so that threads never share one.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

import pycrdt

from sip.core.markdown import MAX_TEXT
from sip.drafts.texts.align import Run, align, common_head, common_tail
from sip.drafts.texts.diff import diff_texts
from sip.drafts.texts.words import split_words
from sip.drafts.updates import BadUpdate, UpdateContent, read_state_vector, read_update

__all__ = [
    "EMPTY",
    "BadUpdate",
    "apply",
    "check_update",
    "clean_text",
    "compacted",
    "guarded",
    "merge_updates",
    "missing_update",
    "replace_text",
    "replace_texts",
    "state_vector",
    "text_of",
    "texts",
]

# The state of a new draft, and the update that changes nothing.
EMPTY = b"\x00\x00"

# Texts whose characters are compared one by one, and the share that must be common for the result to make sense.
_CHARACTERS_LIMIT = 400
_COMMON_SHARE = 2 / 3

_NEWLINE = re.compile(r"\r\n?")
_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")


class _Edit(NamedTuple):
    """Replace the code points from `start` to `end` of the old text."""

    start: int
    end: int
    text: str


def clean_text(text: str) -> str:
    """Return the text with line feeds for all line ends, and without NUL and halves of surrogate pairs."""
    return _UNWRITABLE.sub("", _NEWLINE.sub("\n", text))


def texts(updates: Iterable[bytes], snapshot: bytes | None = None) -> dict[str, str]:
    """Return the text of every section key after a snapshot and the updates since, in any order; raises BadUpdate."""
    with guarded():
        document: pycrdt.Doc[pycrdt.Text] = pycrdt.Doc()
        with document.transaction():
            for update in (snapshot or EMPTY, *updates):
                document.apply_update(update)
        return {key: str(_shared_text(document, key)) for key in sorted(document.keys())}


def text_of(state: bytes, key: str) -> str:
    """Return the text of one section, empty when nobody wrote any; raises BadUpdate."""
    with guarded():
        return str(_shared_text(_load(state), key))


def replace_text(state: bytes, key: str, new_text: str, *, client_id: int | None = None) -> bytes:
    """Return the update that turns the text of a section into `clean_text(new_text)`; raises BadUpdate.

    What did not change is left alone, so that concurrent typing and cursors stay where they are. A client_id must not
    be in use anywhere else; without one a fresh one is drawn.
    """
    return replace_texts(state, {key: new_text}, client_id=client_id)


def replace_texts(state: bytes, new_texts: Mapping[str, str], *, client_id: int | None = None) -> bytes:
    """Return one update for the texts of several sections, as `replace_text` does for one; EMPTY for no change."""
    with guarded():
        document = _load(state, client_id)
        with _recorded(document) as made, document.transaction():
            for key, new_text in new_texts.items():
                _edit(_shared_text(document, key), clean_text(new_text))
        return made[0] if made else EMPTY


def apply(state: bytes, update: bytes) -> bytes:
    """Return the state after an update; raises BadUpdate also when the update follows changes that are not there."""
    with guarded():
        document = _load(state)
        document.apply_update(update)
        _check_complete(document, update)
        return document.get_update()


def merge_updates(updates: Iterable[bytes]) -> bytes:
    """Return one update that says what all of them say; raises BadUpdate."""
    with guarded():
        return pycrdt.merge_updates(*updates)


def compacted(updates: Iterable[bytes]) -> bytes:
    """Return one update that says what all of them say but for what was deleted since; raises BadUpdate.

    What hangs on to deleted text still finds its place in it. However many they are, this costs far less than
    `merge_updates`, which is quadratic.
    """
    with guarded():
        document: pycrdt.Doc[pycrdt.Text] = pycrdt.Doc()
        with document.transaction():
            for update in updates:
                document.apply_update(update)
        return document.get_update()


def state_vector(state: bytes) -> bytes:
    """Return the short description of a state by which two peers find what the other lacks; raises BadUpdate."""
    with guarded():
        return pycrdt.get_state(state)


def missing_update(state: bytes, vector: bytes) -> bytes:
    """Return the update for a peer with this state vector; raises BadUpdate."""
    with guarded():
        return _load(state).get_update(vector)


def check_update(state: bytes, update: bytes, allowed_keys: Collection[str]) -> bytes:
    """Return what an untrusted update adds to a state: store and pass on that, not the update itself.

    Raises BadUpdate unless the update is whole and changes no other text than those of the allowed keys. Refused too:
    what is not plain text, carriage returns and NUL, a text longer than MAX_TEXT, and an update that follows changes
    that are not there (it would wait unseen and be lost with the next snapshot). Left out of the answer is what the
    state had already: a forged copy of it would win in some orders of merging, and people would see different texts.
    """
    content = read_update(update)
    if not content.names <= set(allowed_keys):
        raise BadUpdate("It changes a text that its author may not change.")
    if any("\r" in string or "\x00" in string for string in content.strings):
        raise BadUpdate("It inserts a carriage return or a NUL character.")
    with guarded():
        document = _load(state)
        changed: set[str] = set()
        # Not by comparing texts: what is inserted and deleted at once leaves them equal.
        watched = {key: _watched(document, key, changed) for key in {*document.keys(), *content.names}}
        _check_cuts(content, document, watched.values())
        with _recorded(document) as made:
            document.apply_update(update)
        _check_complete(document, update)
        if not changed <= set(allowed_keys):
            raise BadUpdate("It changes a text that its author may not change.")
        if any(len(str(watched[key])) > MAX_TEXT for key in changed):
            raise BadUpdate(f"It makes a text longer than {MAX_TEXT} characters.")
        _check_readable(document, watched)
        return made[0] if made else EMPTY


def _load(state: bytes, client_id: int | None = None) -> "pycrdt.Doc[pycrdt.Text]":
    document: pycrdt.Doc[pycrdt.Text] = pycrdt.Doc(client_id=client_id)
    document.apply_update(state)
    return document


def _shared_text(document: "pycrdt.Doc[pycrdt.Text]", key: str) -> pycrdt.Text:
    return document.get(key, type=pycrdt.Text)


def _watched(document: "pycrdt.Doc[pycrdt.Text]", key: str, changed: set[str]) -> pycrdt.Text:
    """Return the shared text, which from now on adds its key to `changed` when it changes."""

    def note(_event: pycrdt.TextEvent) -> None:
        changed.add(key)

    shared = _shared_text(document, key)
    shared.observe(note)
    return shared


@contextmanager
def _recorded(document: "pycrdt.Doc[pycrdt.Text]") -> Iterator[list[bytes]]:
    """Collect the update of each transaction of the block that changed something."""
    made: list[bytes] = []
    subscription = document.observe(lambda event: made.append(event.update))
    try:
        yield made
    finally:
        # The document and what observes it hold each other, where Python's garbage collector cannot see.
        document.unobserve(subscription)


class guarded:
    """Turns what pycrdt raises on bad bytes into BadUpdate in a block: also Rust panics, which are no `Exception`."""

    __slots__ = ()

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is None or isinstance(error, BadUpdate):
            return
        if isinstance(error, ValueError | RuntimeError | OverflowError) or type(error).__name__ == "PanicException":
            raise BadUpdate(str(error)) from error


def _check_complete(document: "pycrdt.Doc[pycrdt.Text]", update: bytes) -> None:
    """Raise BadUpdate if the document took in only a part of the update."""
    vector = document.get_state()
    rest = read_update(pycrdt.get_update(update, vector))
    clocks = read_state_vector(vector)
    if rest.has_structs or any(end > clocks.get(client, 0) for client, end in rest.deletions):
        raise BadUpdate("It follows changes that are not there.")


def _check_cuts(content: UpdateContent, document: "pycrdt.Doc[pycrdt.Text]", texts: Iterable[pycrdt.Text]) -> None:
    """Raise BadUpdate if an update, not yet applied, inserts or deletes in the middle of a surrogate pair.

    Yrs writes the half that is left as nothing; later positions of its author shift by one, and text is lost.
    """
    halves = content.halves
    if any(max(str(text), default="") > "\uffff" for text in texts):
        halves = halves | read_update(document.get_update()).halves
    if not halves.isdisjoint(content.cuts):
        raise BadUpdate("It cuts a character in two.")


def _check_readable(document: "pycrdt.Doc[pycrdt.Text]", watched: Mapping[str, pycrdt.Text]) -> None:
    """Raise BadUpdate if the state would be read back differently, as forged neighbours of an insertion can bring."""
    copy = _load(document.get_update())
    if read_state_vector(copy.get_state()) != read_state_vector(document.get_state()) or any(
        str(_shared_text(copy, key)) != str(shared) for key, shared in watched.items()
    ):
        raise BadUpdate("It would not be read back as it is.")


def _edit(shared: pycrdt.Text, new_text: str) -> None:
    """Make a shared text equal to the new one by as few insertions and deletions as are sensible."""
    old_text = str(shared)
    if len(shared) != len(old_text.encode()):
        raise BadUpdate("The shared text holds something that is not text, so that positions cannot be told.")
    place = at = 0
    placed: list[tuple[int, int, str]] = []
    for edit in _edits(old_text, new_text):
        place += len(old_text[at : edit.start].encode())
        size = len(old_text[edit.start : edit.end].encode())
        placed.append((place, size, edit.text))
        place, at = place + size, edit.end
    # From the end, so that the places of those before still hold.
    for place, size, text in reversed(placed):
        if size:
            del shared[place : place + size]
        if text:
            shared.insert(place, text)


def _edits(old: str, new: str) -> Iterator[_Edit]:
    """Give what to replace, in order: by words, and inside changed words by characters."""
    at = 0
    removed = added = ""
    for op in diff_texts(old, new):
        if op.kind == "delete":
            removed += op.text
        elif op.kind == "insert":
            added += op.text
        else:
            yield from _finer_edits(removed, added, at)
            at += len(removed) + len(op.text)
            removed = added = ""
    yield from _finer_edits(removed, added, at)


def _finer_edits(old: str, new: str, at: int) -> Iterator[_Edit]:
    """Give the edits of one changed stretch, which starts at `at`: readers want it whole, other writers do not."""
    if not old or not new:
        yield from _character_edits(old, new, at)
        return
    old_words, new_words = split_words(old), split_words(new)
    old_places = [index for index, word in enumerate(old_words) if not word.isspace()]
    new_places = [index for index, word in enumerate(new_words) if not word.isspace()]
    runs = align([old_words[index] for index in old_places], [new_words[index] for index in new_places])
    anchors = [(old_places[run.old + step], new_places[run.new + step]) for run in runs for step in range(run.size)]
    old_index = new_index = 0
    for old_anchor, new_anchor in [*anchors, (len(old_words), len(new_words))]:
        removed = "".join(old_words[old_index:old_anchor])
        yield from _character_edits(removed, "".join(new_words[new_index:new_anchor]), at)
        at += len(removed) + len("".join(old_words[old_anchor : old_anchor + 1]))
        old_index, new_index = old_anchor + 1, new_anchor + 1


def _character_edits(old: str, new: str, at: int) -> Iterator[_Edit]:
    """Give the edits between two words that stand for each other, by characters where most of them are common."""
    runs = align(old, new) if len(old) + len(new) <= _CHARACTERS_LIMIT else []
    if sum(run.size for run in runs) < _COMMON_SHARE * max(len(old), len(new)):
        runs = _ends(old, new)
    old_at = new_at = 0
    for run in [*runs, Run(len(old), len(new), 0)]:
        if old_at < run.old or new_at < run.new:
            yield _Edit(at + old_at, at + run.old, new[new_at : run.new])
        old_at, new_at = run.old + run.size, run.new + run.size


def _ends(old: str, new: str) -> list[Run]:
    """Give the common start and end of two texts."""
    head = common_head(old, new, 0, len(old), 0, len(new))
    tail = common_tail(old, new, head, len(old), head, len(new))
    return [Run(0, 0, head), Run(len(old) - tail, len(new) - tail, tail)]
