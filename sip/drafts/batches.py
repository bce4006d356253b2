"""What goes between the live hub and the database, as plain data: a text to open, changes to commit, rights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sip.core.messages import Message


class Row(NamedTuple):
    """One update of the log; `author` is None where nobody, or nobody any more, is named."""

    id: int
    author: int | None
    origin: str
    data: bytes


@dataclass(frozen=True)
class SectionInfo:
    """A section as the arrangement has it now; `number` is the one that readers see."""

    key: str
    slug: str
    title: str
    number: str | None
    kind: str
    stage: str
    is_retired: bool
    is_open: bool  # whether its group may write in it at its stage


@dataclass(frozen=True)
class Rights:
    """What somebody may do with one draft: read its live text, write in `editable`; `reasons` say why not elsewhere."""

    may_read: bool
    editable: frozenset[str] = frozenset()
    reasons: Mapping[str, Message] = field(default_factory=dict)


@dataclass(frozen=True)
class LiveDraft:
    """All that a room opens with; `last` is the id of the last update."""

    draft_id: int
    updates: Sequence[bytes]  # the whole text, in order
    last: int
    sections: Sequence[SectionInfo]
    clients: Mapping[int, int]  # person by client id
    latest: int  # the number of the version frozen last


class AnotherLog(Exception):
    """The log ends before what was read of it: an older database stands in its place."""


@dataclass(frozen=True)
class Batch:
    """Changes of one draft to commit together.

    `after` is the id of the last update that the room had seen: where the log holds later ones, nothing is committed.
    """

    draft_id: int
    after: int
    rows: Sequence[tuple[int, bytes]]  # (author, update), in order
    clients: Mapping[int, int]  # new bindings: person by client id
    seq: int  # the hub's number of the last change in it
    keys: Mapping[int, frozenset[str]] = field(default_factory=dict)  # what each author changes: sections by person
    is_doubtful: bool = False  # whether to read the text back before anything is committed


@dataclass(frozen=True)
class Outcome:
    """What became of a batch: committed up to the update `last`, unless one of the others says why it was not."""

    last: int
    foreign: Sequence[Row] = ()  # updates that the log held already and the room had not seen
    taken: Mapping[int, int] = field(default_factory=dict)  # clients that are others': person by client id
    is_unreadable: bool = False  # the text would be read back differently than it was written
    is_gone: bool = False  # there is no such draft any more
    withdrawn: Mapping[int, frozenset[str]] = field(default_factory=dict)  # what authors may not change any more

    @property
    def is_committed(self) -> bool:
        return not (self.foreign or self.taken or self.is_unreadable or self.is_gone or self.withdrawn)
