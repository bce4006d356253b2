"""A room with its connections: who waits, who is in, and what is said to whom, in as few frames as possible."""

import asyncio
import time
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field

from sip.live.effects import Sending
from sip.live.frames import Bucket, Link, build_frame
from sip.live.handover import Newcomer
from sip.live.messages import Hello, Presence
from sip.live.room import Room

_Said = tuple[int | None, int | None, list[bytes]]  # to whom (None: to all), but not to whom, and what
# Seconds after something was sent within which more is sent together.
_JOINED = 0.001
# Seconds that "committed" waits at least for a frame that goes to everybody anyway.
_LATE = 0.5


@dataclass(eq=False, slots=True)
class Peer:
    """One connection; it is in the room once its HELLO was answered."""

    connection: int
    newcomer: Newcomer
    work: Bucket  # ordinary updates
    labour: Bucket  # seconds of the hub's time, which all connections of a person share
    link: Link = field(init=False)
    hello: Hello | None = None
    is_in: bool = False
    since: float = field(default_factory=time.monotonic)
    moved_at: float = 0.0  # when the others were told last where this one is
    moving: Presence | None = None  # what they will be told of it in a moment
    measured: float | None = None  # the hub's time used, at the start of something that may take long


class Hall:
    """One draft's room, from the first knock until some time after the last person left."""

    def __init__(self, draft_id: int) -> None:
        self.draft_id = draft_id
        self.room: Room | None = None
        self.peers: dict[int, Peer] = {}
        self.unsaved = 0  # bytes of updates that are not committed
        self.under_way = 0  # as many of them as the running commit covers
        self.left_at = time.monotonic()
        self._inside: dict[int, Link] = {}  # the connections of those who are in
        self._said: list[_Said] = []
        self._is_due = False
        self._sent_at = 0.0  # when something was sent off last
        self._late = b""
        self._late_told: Set[int] = frozenset()  # who has heard it: they need no frame for it alone
        self._late_at = 0.0

    # What is said: it leaves at the end of this pass of the loop, joined, unless it is sent off before.

    def tell(self, connection: int, data: bytes) -> None:
        """Say something to one connection."""
        self._say(connection, None, data)
        self._flush_soon()

    def tell_all(self, data: bytes, but: int | None = None) -> None:
        """Say something to everybody in the room, with one exception perhaps."""
        self._say(None, but, data)
        self._flush_soon()

    def pass_on(self, data: bytes, sender: int) -> None:
        """Say to the others in the room what one of them did, once `send_off` is called."""
        self._say(None, sender, data)

    def send_off(self, now: float) -> None:
        """Send what was passed on: at once, or where much is going on together with what comes next."""
        if not self._said or self._is_due:
            return
        if now - self._sent_at < _JOINED:
            self._flush_soon()
        else:
            self.flush()
            self._sent_at = time.monotonic()

    def deliver(self, sending: Sending, *, is_late: bool = False) -> None:
        """Say all this; what goes to everybody, a newer commit, may be late: it leaves with whatever comes next."""
        for connection, data in sending.to_each.items():
            self._say(connection, None, data + sending.to_all if is_late else data)
        if is_late and sending.to_all:
            self._late_at = self._late_at if self._late else time.monotonic()
            self._late, self._late_told = sending.to_all, sending.to_each.keys()
        else:
            self._say(None, None, sending.to_all)
        self.flush()
        for code in set(sending.close.values()):
            told = [connection for connection, theirs in sending.close.items() if theirs == code]
            self.dismiss([self.peers[connection] for connection in told if connection in self.peers], code)

    def beat(self, now: float) -> None:
        """Say what was late and did not find anything to go with; to be called every second or so."""
        if self._late and now - self._late_at > _LATE:
            self.tell_all(self._forget_late())

    def flush(self) -> None:
        """Send what was said: one frame for all who get the same."""
        said, self._said, self._is_due = self._said, [], False
        if not said:
            return
        to, but, data = said[0]
        if len(said) > 1 or (self._late and to is None):
            self._send_apart(said)
        elif to is not None:
            if to in self._inside:
                self._inside[to].send(build_frame(b"".join(data)))
        else:
            frame = build_frame(b"".join(data))
            for connection, link in self._inside.items():
                if connection != but:
                    link.send(frame)

    def _send_apart(self, said: Sequence[_Said]) -> None:
        """Send what not everybody gets alike, with what was late."""
        late, told = b"", self._late_told
        if self._late and any(to is None for to, _but, _data in said):
            late = self._forget_late()
        common = b"".join([part for to, _but, data in said if to is None for part in data]) + late
        apart = {one for to, but, _data in said for one in (to, but) if one is not None}
        if common:
            frame = build_frame(common)
            for connection, link in self._inside.items():
                if connection not in apart:
                    link.send(frame)
        for connection in apart & self._inside.keys():
            heard = [data for to, but, data in said if to == connection or (to is None and but != connection)]
            own = b"".join([part for data in heard for part in data])
            if connection not in told:
                own += late
            if own:
                self._inside[connection].send(build_frame(own))

    def _say(self, to: int | None, but: int | None, data: bytes) -> None:
        if not data:
            return
        if self._said and self._said[-1][0] == to and self._said[-1][1] == but:
            self._said[-1][2].append(data)
        else:
            self._said.append((to, but, [data]))

    def _flush_soon(self) -> None:
        if self._said and not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self.flush)

    def _forget_late(self) -> bytes:
        late, self._late = self._late, b""
        return late

    # Who is there.

    def waiting(self) -> list[Peer]:
        """Return those who said HELLO and were not answered."""
        return [peer for peer in self.peers.values() if peer.hello is not None and not peer.is_in]

    def admit(self, peer: Peer, welcome: bytes, to_others: bytes) -> None:
        """Let a peer in, whose welcome says all that was said before."""
        self.flush()
        peer.is_in = True
        self._inside[peer.connection] = peer.link
        peer.link.send_large(build_frame(welcome))
        self.tell_all(to_others, but=peer.connection)

    def dismiss(self, peers: Iterable[Peer], code: int, reason: str = "") -> None:
        """Close connections, after all that was said to them."""
        self.flush()
        for peer in list(peers):
            peer.link.close(code, reason)
            self.remove(peer)

    def remove(self, peer: Peer) -> None:
        """Forget a connection; what it wrote stays to be committed."""
        if self.peers.pop(peer.connection, None) is None:
            return
        self._inside.pop(peer.connection, None)
        self.left_at = time.monotonic()
        if peer.is_in and self.room is not None:
            self.tell_all(self.room.leave(peer.connection))

    def set_kept(self, is_kept: bool) -> None:
        """Note whether the database takes what is written here, and say so where that is news."""
        if self.room is not None:
            self.deliver(self.room.set_kept(is_kept))

    def may_go(self, rest: float) -> bool:
        """Say whether nobody is here, nothing is left to commit, and the last one left so many seconds ago."""
        is_done = self.room is None or not (self.room.has_pending or self.under_way)
        return not self.peers and is_done and time.monotonic() - self.left_at >= rest
