"""A room with its connections: who waits, who is in, and what is said to whom, in as few frames as possible."""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from sip.live.effects import Sending
from sip.live.frames import Bucket, Link, build_frame
from sip.live.handover import Newcomer
from sip.live.messages import Hello, Presence
from sip.live.room import Room

# Seconds that "committed" may wait for a frame that goes to everybody anyway.
_LATE = 1.0


@dataclass(eq=False)
class Peer:
    """One connection; it is in the room once its HELLO was answered."""

    connection: int
    newcomer: Newcomer
    link: Link
    work: Bucket  # ordinary updates
    labour: Bucket  # seconds of the hub's time, which all connections of a person share
    hello: Hello | None = None
    is_in: bool = False
    since: float = field(default_factory=time.monotonic)
    moved_at: float = 0.0  # when the others were told last where this one is
    moving: Presence | None = None  # what they will be told of it in a moment


class Hall:
    """One draft's room, from the first knock until some time after the last person left."""

    def __init__(self, draft_id: int) -> None:
        self.draft_id = draft_id
        self.room: Room | None = None
        self.peers: dict[int, Peer] = {}
        self.unsaved = 0  # bytes of updates that are not committed
        self.under_way = 0  # as many of them as the running commit covers
        self.left_at = time.monotonic()
        self._said: list[tuple[int | None, int | None, bytes]] = []  # to (None: all), but not to, what
        self._late = b""
        self._late_told: frozenset[int] = frozenset()  # who has heard it: they need no frame for it alone
        self._late_timer: asyncio.TimerHandle | None = None
        self._is_due = False

    # What is said: it leaves at the end of this pass of the loop, joined.

    def tell(self, connection: int, data: bytes) -> None:
        """Say something to one connection."""
        self._say(connection, None, data)

    def tell_all(self, data: bytes, but: int | None = None) -> None:
        """Say something to everybody in the room, with one exception perhaps."""
        self._say(None, but, data)

    def deliver(self, sending: Sending, *, is_late: bool = False) -> None:
        """Say all this; what goes to everybody, a newer commit, may be late: it leaves with whatever comes next."""
        for connection, data in sending.to_each.items():
            self.tell(connection, data + sending.to_all if is_late else data)
        if is_late and sending.to_all:
            self._late, self._late_told = sending.to_all, frozenset(sending.to_each)
            if self._late_timer is None:
                self._late_timer = asyncio.get_running_loop().call_later(_LATE, self._say_late)
        else:
            self.tell_all(sending.to_all)
        for code in set(sending.close.values()):
            told = [connection for connection, theirs in sending.close.items() if theirs == code]
            self.dismiss([self.peers[connection] for connection in told if connection in self.peers], code)

    def flush(self) -> None:
        """Send what was said: one frame for all who get the same."""
        self._is_due = False
        said, self._said = self._said, []
        common = b"".join([data for to, _but, data in said if to is None])
        late, told = b"", self._late_told
        if common and self._late:
            late = self._forget_late()
            common += late
        apart = {one for to, but, _data in said for one in (to, but) if one is not None}
        if common:
            frame = build_frame(common)
            for connection, peer in self.peers.items():
                if peer.is_in and connection not in apart:
                    peer.link.send(frame)
        for connection in apart:
            own = b"".join([data for to, but, data in said if to == connection or (to is None and but != connection)])
            if connection not in told:
                own += late
            if own and connection in self.peers and self.peers[connection].is_in:
                self.peers[connection].link.send(build_frame(own))

    def _say(self, to: int | None, but: int | None, data: bytes) -> None:
        if not data:
            return
        self._said.append((to, but, data))
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self.flush)

    def _say_late(self) -> None:
        self.tell_all(self._forget_late())

    def _forget_late(self) -> bytes:
        late, self._late = self._late, b""
        if self._late_timer is not None:
            self._late_timer.cancel()
            self._late_timer = None
        return late

    # Who is there.

    def waiting(self) -> list[Peer]:
        """Return those who said HELLO and were not answered."""
        return [peer for peer in self.peers.values() if peer.hello is not None and not peer.is_in]

    def admit(self, peer: Peer, welcome: bytes, to_others: bytes) -> None:
        """Let a peer in, whose welcome says all that was said before."""
        self.flush()
        peer.is_in = True
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
