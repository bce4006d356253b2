"""Simulated browsers and hubs: everything but the socket, on the project's own rooms and log."""

import random
from collections import deque
from collections.abc import Iterable

import pycrdt

from sip.drafts.batches import Rights
from sip.live import messages
from sip.live.log import Log
from sip.live.messages import Hello, Presence, Relay, Update
from sip.live.people import Identity
from sip.live.room import Effects, Room, Sending
from tests.live import wire

# Letters of one to four UTF-8 bytes, of one and two UTF-16 units, marks that join, right-to-left, and line ends.
ALPHABET = "abc é·œ«\u202f\u0301\u05d0\u0627\u200d😀👩🚀🇫🇷\n\t"
KEY = b"k" * 32


def say(message, _language: str) -> str:
    return str(message)


def open_room(draft, *, max_section: int = 200_000) -> Room:
    return Room(draft, seal_key=KEY, max_section=max_section, say=say)


def byte_at(text: str, place: int) -> int:
    """Where a character stands, as pycrdt counts."""
    return len(text[:place].encode())


class Client:
    """A shared document that somebody edits; `made` are the updates of what they did."""

    def __init__(self, client_id: int, updates: Iterable[bytes] = ()) -> None:
        self.doc: pycrdt.Doc[pycrdt.Text] = pycrdt.Doc(client_id=client_id)
        self.client_id = client_id
        self.made: list[bytes] = []
        self._is_mine = False
        for update in updates:
            self.doc.apply_update(update)
        self._subscription = self.doc.observe(self._note)

    def _note(self, event: pycrdt.TransactionEvent) -> None:
        if self._is_mine:
            self.made.append(event.update)

    def text(self, key: str) -> str:
        return str(self.doc.get(key, type=pycrdt.Text))

    def insert(self, key: str, place: int, text: str) -> bytes:
        shared = self.doc.get(key, type=pycrdt.Text)
        at = byte_at(str(shared), place)
        return self._do(lambda: shared.insert(at, text))

    def delete(self, key: str, start: int, end: int) -> bytes:
        shared = self.doc.get(key, type=pycrdt.Text)
        now = str(shared)
        first, last = byte_at(now, start), byte_at(now, end)
        return self._do(lambda: shared.__delitem__(slice(first, last)))

    def _do(self, action) -> bytes:
        self._is_mine = True
        action()
        self._is_mine = False
        return self.made[-1]


class Peer:
    """A person at an open page: edits, keeps what is not acknowledged, hands back what was lost."""

    def __init__(self, person: int, client_id: int, keys: list[str], chance: random.Random) -> None:
        self.client = Client(client_id)
        self.person = person
        self.keys = keys
        self.chance = chance
        self.hub: Hub | None = None
        self.connection = 0
        self.inbox: deque[bytes] = deque()
        self.outbox: deque[bytes] = deque()
        # What may not be committed, in the order in which it came into the document: one's own (the seal is empty), and
        # others' by (seq of the hub on this connection, seal).
        self.kept: dict[tuple[int, bytes], tuple[int | None, bytes]] = {}
        self.sent: dict[int, bytes] = {}  # by sequence number, on this connection
        self.seq = 0
        self.is_welcome = False
        self.refused: list[str] = []

    def type(self) -> None:
        """Do something to some text."""
        key = self.chance.choice(self.keys)
        now = self.client.text(key)
        if now and self.chance.random() < 0.35:
            start = self.chance.randrange(len(now))
            end = min(len(now), start + self.chance.randrange(1, 6))
            update = self.client.delete(key, start, end)
        else:
            text = "".join(self.chance.choices(ALPHABET, k=self.chance.randrange(1, 5)))
            update = self.client.insert(key, self.chance.randrange(len(now) + 1), text)
        self.kept[self.person, update] = (None, b"")
        if self.is_welcome:
            self._send(update)

    @property
    def unsaved(self) -> list[bytes]:
        """One's own changes that are not acknowledged."""
        return [update for (_person, update), (_seq, seal) in self.kept.items() if not seal]

    def _send(self, update: bytes) -> None:
        self.seq += 1
        self.sent[self.seq] = update
        self.outbox.append(wire.update(self.seq, update))

    def say_again(self) -> None:
        """Send something a second time, as a browser may that is not sure."""
        if self.is_welcome and self.unsaved:
            self._send(self.chance.choice(self.unsaved))

    def connect(self, hub: "Hub") -> None:
        self.hub, self.seq, self.is_welcome = hub, 0, False
        self.inbox.clear()
        self.outbox.clear()
        self.sent.clear()
        self.connection = hub.let_in(self)

    def cut(self) -> None:
        """Lose the connection, and all that is on its way."""
        if self.hub is not None:
            self.hub.let_go(self)
        self.hub, self.is_welcome = None, False
        self.inbox.clear()
        self.outbox.clear()

    def receive(self) -> None:
        if not self.inbox:
            return
        for told in wire.read(self.inbox.popleft()):
            getattr(self, f"_{told.name}", lambda _told: None)(told)

    def _welcome(self, told: wire.Told) -> None:
        self.client.doc.apply_update(told.data)
        self.is_welcome = True
        for (person, update), (_seq, seal) in self.kept.items():
            if seal:
                # The numbers of another connection say nothing here: this counts anew once it comes back.
                self.kept[person, update] = (None, seal)
                self.outbox.append(wire.relay(person, seal, update))
            else:
                self._send(update)

    def _updates(self, told: wire.Told) -> None:
        self.client.doc.apply_update(told.data)
        key = (told.person, told.data)
        is_mine = key in self.kept and not self.kept[key][1]
        if told.seal and not is_mine:
            self.kept[key] = (told.seq, told.seal)
        elif not told.seal:
            self.kept.pop(key, None)

    def _committed(self, told: wire.Told) -> None:
        for key, (seq, _seal) in list(self.kept.items()):
            if seq is not None and seq <= told.seq:
                del self.kept[key]

    def _ack(self, told: wire.Told) -> None:
        for seq in [seq for seq in self.sent if seq <= told.seq]:
            self.kept.pop((self.person, self.sent.pop(seq)), None)

    def _refused(self, told: wire.Told) -> None:
        self.refused.append(told.value["code"])


class Hub:
    """One hub with one room, which may be killed at any moment."""

    _connections = 0

    def __init__(self, draft_id: int, rights: dict[int, Rights]) -> None:
        self.draft_id = draft_id
        self.rights = rights
        self.peers: dict[int, Peer] = {}
        self.log = Log()
        self.room: Room | None = None

    def opened(self) -> Room:
        if self.room is None:
            draft = self.log.load(self.draft_id)
            assert draft is not None
            self.room = open_room(draft)
        return self.room

    def let_in(self, peer: Peer) -> int:
        Hub._connections += 1
        self.peers[Hub._connections] = peer
        peer.outbox.append(wire.hello([peer.client.client_id], peer.client.doc.get_state()))
        return Hub._connections

    def let_go(self, peer: Peer) -> None:
        if self.peers.pop(peer.connection, None) is not None and self.room is not None:
            self._tell(self.room.leave(peer.connection), but=peer.connection)

    def kill(self) -> None:
        """Forget everything at once."""
        for peer in list(self.peers.values()):
            peer.cut()
        self.room = None
        self.log = Log()

    def hear(self, peer: Peer) -> None:
        """Take one frame of somebody in."""
        if not peer.outbox:
            return
        room = self.opened()
        for message in messages.decode(peer.outbox.popleft()):
            effects = Effects()
            match message:
                case Hello():
                    if room.is_behind(message):
                        self.look()
                    identity = Identity(peer.person, f"P{peer.person}", 0)
                    effects = room.join(peer.connection, identity, self.rights[peer.person], message)
                case Update():
                    typed = room.type_on(peer.connection, message)
                    effects = Effects(to_others=typed) if typed else room.update(peer.connection, message)
                case Relay():
                    effects = room.relay(peer.connection, message)
                case Presence():
                    effects = Effects(to_others=room.presence(peer.connection, message))
            if effects.to_sender:
                peer.inbox.append(effects.to_sender)
            self._tell(effects.to_others, but=peer.connection)
            assert effects.close is None, peer.refused

    def commit(self) -> bool:
        """Commit what waits; False where others were faster."""
        room = self.opened()
        batch = room.take_batch()
        if batch is None:
            return True
        outcome = self.log.commit([batch])[self.draft_id]
        self.deliver(room.settle(batch, outcome))
        return outcome.is_committed

    def look(self) -> None:
        """Take in what others appended."""
        room = self.opened()
        for rows in self.log.news({self.draft_id: room.last}).updates.values():
            self.deliver(room.foreign(rows))

    def deliver(self, sending: Sending) -> None:
        for connection, data in sending.to_each.items():
            if connection in self.peers:
                self.peers[connection].inbox.append(data)
        self._tell(sending.to_all)
        assert not sending.close

    def _tell(self, data: bytes, but: int = 0) -> None:
        if data:
            for connection, peer in self.peers.items():
                if connection != but and (self.room is None or connection in self.room._people):
                    peer.inbox.append(data)
