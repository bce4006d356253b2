"""A room without a database: its document, and people with documents of their own."""

import random
from dataclasses import replace
from typing import Any

from sip.drafts.batches import Batch, LiveDraft, Outcome, Rights, SectionInfo
from sip.drafts.live_text import compacted, replace_texts
from sip.live.messages import Hello, Relay, Update
from sip.live.people import Identity
from sip.live.room import Effects, Room
from tests.live import wire
from tests.live.peers import Client, open_room

TEXTS = {"aaa": "Un été 😀 à Liège.", "bbb": "Autre texte 👩‍🚀.", "ccc": ""}
FORM = 5  # the client that wrote these
START = replace_texts(b"\x00\x00", TEXTS, client_id=FORM)
ANA, BEA, CEM = 1, 2, 3


def section(key: str, **values: Any) -> SectionInfo:
    values = {"number": None, "kind": "prose", "stage": "drafting", "is_retired": False, "is_open": True, **values}
    return SectionInfo(key=key, slug=key, title=key.title(), **values)


DRAFT = LiveDraft(
    draft_id=9, updates=[START], last=40, sections=[section(key) for key in TEXTS], clients={700: BEA}, latest=2
)
ALL = Rights(may_read=True, editable=frozenset(TEXTS))
ONLY_A = Rights(may_read=True, editable=frozenset({"aaa"}))
NONE = Rights(may_read=True)


class Writer:
    """Somebody in the room, with a document of their own."""

    def __init__(self, room: Room, connection: int, person: int, client: int, rights: Rights = ALL) -> None:
        self.room, self.connection, self.person = room, connection, person
        self.client = Client(client)
        self.seq = 0
        self.effects = room.join(connection, Identity(person, f"P{person}", 0), rights, Hello((client,), "fr", b"\x00"))
        self.hear(self.effects.to_sender)

    def hear(self, data: bytes) -> list[wire.Told]:
        told = wire.read(data)
        for one in told:
            if one.name in ("welcome", "updates"):
                self.client.doc.apply_update(one.data)
        return told

    def send(self, update: bytes) -> Effects:
        self.seq += 1
        message = Update(self.seq, update)
        typed = self.room.type_on(self.connection, message)
        return Effects(to_others=typed) if typed else self.room.update(self.connection, message)

    def write(self, key: str, place: int, text: str) -> Effects:
        return self.send(self.client.insert(key, place, text))

    def erase(self, key: str, start: int, end: int) -> Effects:
        return self.send(self.client.delete(key, start, end))


def room(**changed: Any) -> Room:
    return open_room(replace(DRAFT, **changed))


def trace(of: Room) -> tuple[Any, ...]:
    """All that a change could leave behind."""
    document = of._document
    return (
        {key: document.text(key) for key in TEXTS},
        compacted([document._document.get_update()]),  # wherever it is cut into pieces
        document.vector,
        sorted(document._texts),
        document._clocks.copy(),
        document._halves.copy(),
        len(document._tail),
        of._changes.seq,
        of.has_pending,
        sorted(of._clients._bound.items()),
    )


def code(effects: Effects) -> tuple[str, int | None]:
    """Why a change was refused, and whether that costs the connection."""
    assert not effects.to_others
    told = wire.read(effects.to_sender)
    assert [one.name for one in told] == ["refused"], told
    assert told[0].value["text"]
    return told[0].value["code"], effects.close


def passed_on(effects: Effects) -> wire.Told:
    """The change as others get it."""
    assert effects.close is None
    assert not effects.to_sender
    (told,) = wire.read(effects.to_others)
    assert told.name == "updates"
    return told


def commit(of: Room) -> tuple[Batch, list[wire.Told], dict[int, list[wire.Told]]]:
    """Commit what waits, as a database that takes it; what everybody and what single connections are told."""
    batch = of.take_batch()
    assert batch is not None
    sending = of.settle(batch, Outcome(of.last + len(batch.rows)))
    return batch, wire.read(sending.to_all), {to: wire.read(data) for to, data in sending.to_each.items()}


def relayed(told: wire.Told) -> Relay:
    return Relay(told.person, told.seal, told.data)


def damaged(update: bytes, chance: random.Random) -> bytes:
    """An update with bits turned, its end cut off, or bytes put in."""
    data = bytearray(update)
    for _ in range(chance.randrange(1, 4)):
        place = chance.randrange(len(data)) if data else 0
        match chance.randrange(4):
            case 0 if data:
                data[place] ^= 1 << chance.randrange(8)
            case 1:
                del data[place:]
            case 2:
                data[place:place] = chance.randbytes(chance.randrange(1, 4))
            case _:
                data = data or bytearray(b"\x00")
                data[place % len(data)] = chance.randrange(256)
    return bytes(data)
