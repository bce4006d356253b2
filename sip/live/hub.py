"""The hub: one process that owns all shared documents, and every connection to them."""

import asyncio
import gc
import itertools
import logging
import resource
import signal
import socket
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial

from babel.support import Translations
from flask import Flask

from sip import paths
from sip.config import Settings
from sip.core.messages import Message
from sip.live import messages
from sip.live.effects import Effects
from sip.live.frames import TOO_FAST, Bucket, FrameLimits, Link, build_frame
from sip.live.halls import Hall, Peer
from sip.live.handover import Newcomer, Reception
from sip.live.keeper import TRY_LATER, Keeper
from sip.live.messages import (
    COME_AGAIN,
    MALFORMED,
    BadMessage,
    Claim,
    ClientMessage,
    Hello,
    Ping,
    Presence,
    Relay,
    Update,
)
from sip.live.room import Room, Say
from sip.live.thread import describe

new_event_loop: Callable[[], asyncio.AbstractEventLoop]
try:
    from uvloop import new_event_loop
except ImportError:  # there is no wheel for this machine: slower, and otherwise the same
    from asyncio import new_event_loop

log = logging.getLogger(__name__)

TOO_MANY = 4409
BROKEN = 1011

# How many seconds' worth of changes may come at once, and how many bytes count as one change.
_BURST = 3.4
_BYTES_PER_CHANGE = 20_000
# Seconds of the hub's time that one person may use for each second, and how many at once: everybody waits meanwhile.
_LABOUR, _LABOUR_AT_ONCE = 0.1, 1.0
_SHORT = 1_000  # bytes of a frame whose reading takes no time worth counting
_SLACK = 0.05  # clocks of loops are coarse
# Seconds between two times that others are told where somebody is: browsers send it every 50 ms at most.
_BETWEEN_MOVES = 0.04
# What something small counts beside a change: a cursor that moved, somebody's change that is handed back.
_SMALL = 0.25
# Objects between two looks for garbage, instead of the usual 700: those cost an eighth of all that typing costs.
_GARBAGE = 50_000
# Seconds: until HELLO must have come; between two rounds of signs of life; at the end for what is on its way to us, for
# the last commit, for saying goodbye.
_HELLO_WITHIN = 30.0
_BETWEEN_BEATS = 1.0
_LAST_WORDS = 0.2
_LAST_COMMIT = 6.0
_GOODBYE = 2.0

_PONG = build_frame(messages.PONG)


class Hub:
    """Connections on one side, rooms on the other; the keeper stands between them and the database."""

    def __init__(self, app: Flask) -> None:
        self._settings: Settings = app.config["SETTINGS"]
        self._path: str = app.config["LIVE_SOCKET"]
        settings = self._settings
        self._limits = FrameLimits(
            message=settings.live_message,
            first_message=settings.live_first_message,
            waiting=settings.live_waiting,
            ping_after=settings.live_ping,
            silent_after=settings.live_silence,
        )
        self._most_unsaved = settings.live_unsaved
        self._most_work = _BURST * settings.live_updates
        self._halls: dict[int, Hall] = {}
        self._keeper = Keeper(app, self._halls, sayer(settings.language_codes))
        self._links: dict[int, Link] = {}
        self._people: dict[int, int] = {}  # how many connections each has
        self._labours: dict[int, Bucket] = {}  # by person, also of those who left: they may come again
        self._numbers = itertools.count(1)
        self._tasks: set[asyncio.Task[object]] = set()

    async def run(self) -> None:
        """Serve until a signal asks for the end; raises what ended the keeper before."""
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, stop.set)
        keeping = loop.create_task(self._keeper.run())
        keeping.add_done_callback(lambda _task: stop.set())
        beating = loop.create_task(self._beat())
        reception = Reception(self._path, self._welcome)
        try:
            await stop.wait()
        finally:
            reception.close()
            beating.cancel()
            await asyncio.wait([keeping], timeout=_LAST_WORDS)
            self._keeper.stop()
            await asyncio.wait([keeping], timeout=_LAST_COMMIT)
            await self._say_goodbye()
        if keeping.done():
            keeping.result()

    async def _say_goodbye(self) -> None:
        for hall in self._halls.values():
            hall.flush()
        for link in self._links.values():
            link.close(COME_AGAIN, "restart")
        deadline = time.monotonic() + _GOODBYE
        while self._links and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
        for link in list(self._links.values()):
            link.abort()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(_BETWEEN_BEATS)
            now = time.monotonic()
            for link in list(self._links.values()):
                link.beat(now)
            for hall in self._halls.values():
                hall.beat(now)
                for peer in list(hall.peers.values()):
                    if peer.hello is None and now - peer.since > _HELLO_WITHIN:
                        hall.dismiss([peer], MALFORMED, "no HELLO")
            for person, labour in list(self._labours.items()):
                if person not in self._people and labour.is_full:
                    del self._labours[person]

    # Who comes and goes.

    def _welcome(self, connection: socket.socket, newcomer: Newcomer) -> None:
        number = next(self._numbers)
        hall = self._halls.get(newcomer.draft_id)
        if hall is None:
            hall = self._halls[newcomer.draft_id] = Hall(newcomer.draft_id)
        rate = float(self._settings.live_updates)
        labour = self._labours.setdefault(newcomer.person_id, Bucket(_LABOUR, _LABOUR_AT_ONCE))
        peer = Peer(number, newcomer, Bucket(rate, _BURST * rate), labour)
        heard, ended = partial(self._received, hall, peer), partial(self._ended, hall, peer)
        link = peer.link = Link(newcomer.key, self._limits, heard, ended, newcomer.ahead)
        is_too_many = self._is_too_many(hall, newcomer)
        hall.peers[number] = peer
        self._links[number] = link
        self._people[newcomer.person_id] = self._people.get(newcomer.person_id, 0) + 1
        task = asyncio.get_running_loop().create_task(self._connect(connection, hall, peer, is_too_many))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _is_too_many(self, hall: Hall, newcomer: Newcomer) -> bool:
        settings, person = self._settings, newcomer.person_id
        tabs = sum(peer.newcomer.person_id == person for peer in hall.peers.values())
        return (
            tabs >= settings.live_tabs
            or self._people.get(person, 0) >= settings.live_person_connections
            or len(hall.peers) >= settings.live_draft_connections
        )

    async def _connect(self, connection: socket.socket, hall: Hall, peer: Peer, is_too_many: bool) -> None:
        try:
            await asyncio.get_running_loop().connect_accepted_socket(lambda: peer.link, connection)
        except OSError as error:
            connection.close()
            log.warning("a connection could not be taken over: %s", describe(error))
            self._ended(hall, peer)
            return
        if is_too_many:
            hall.dismiss([peer], TOO_MANY, "too many connections")
        elif peer.connection not in hall.peers:
            peer.link.close(COME_AGAIN, "come again")  # dismissed before there was anything to close

    def _ended(self, hall: Hall, peer: Peer) -> None:
        hall.remove(peer)
        if self._links.pop(peer.connection, None) is None:
            return
        person = peer.newcomer.person_id
        self._people[person] -= 1
        if not self._people[person]:
            del self._people[person]

    # What people say.

    def _received(self, hall: Hall, peer: Peer, data: bytes) -> None:
        if peer.connection not in hall.peers:
            return  # dismissed a moment ago
        if len(data) > _SHORT:
            peer.measured = time.thread_time()
        try:
            for message in messages.decode(data):
                self._take(hall, peer, message)
                if peer.link.is_closing:
                    return
        except BadMessage:
            hall.dismiss([peer], MALFORMED, "malformed")
        except Exception as error:
            log.error("a message broke the room of draft %s: %s", hall.draft_id, describe(error))
            hall.dismiss([peer], BROKEN, "broken")
            self._keeper.reset(hall)
        finally:
            hall.send_off(peer.link.heard_at)
            if peer.measured is not None:
                began, peer.measured = peer.measured, None
                if wait := peer.labour.spend(time.thread_time() - began):
                    peer.link.rest(wait + _SLACK)

    def _take(self, hall: Hall, peer: Peer, message: ClientMessage) -> None:
        room = hall.room
        if room is None or not peer.is_in:
            self._greet(hall, peer, message)
        elif type(message) is Update:
            if not self._type_on(hall, peer, room, message):
                self._change(hall, peer, room, message)
        elif type(message) is Presence:
            self._move(hall, peer, room, message)
        elif isinstance(message, Relay):
            self._change(hall, peer, room, message)
        elif isinstance(message, Claim):
            self._apply(hall, peer, room.claim(peer.connection, message.client), 1.0)
        else:
            self._greet(hall, peer, message)

    def _greet(self, hall: Hall, peer: Peer, message: ClientMessage) -> None:
        """Take what may come before somebody was let in."""
        if isinstance(message, Hello):
            if peer.hello is not None:
                raise BadMessage("a second HELLO")
            peer.hello = message
            self._keeper.has_knock(hall)
        elif isinstance(message, Ping):
            peer.link.send(_PONG)
        elif not isinstance(message, Presence):
            raise BadMessage("too early")
        self._spend(hall, peer, _SMALL)

    def _move(self, hall: Hall, peer: Peer, room: Room, message: Presence) -> None:
        """Tell the others where somebody is: at once, or in a moment, and then only where they are by then."""
        now = peer.link.heard_at
        if not peer.work.take(_SMALL, now):
            hall.dismiss([peer], TOO_FAST, "too fast")
        elif peer.moving is not None:
            peer.moving = message
        elif (wait := peer.moved_at + _BETWEEN_MOVES - now) > 0:
            peer.moving = message
            asyncio.get_running_loop().call_later(wait, self._moved, hall, peer)
        else:
            peer.moved_at = now
            hall.pass_on(room.presence(peer.connection, message), peer.connection)

    def _moved(self, hall: Hall, peer: Peer) -> None:
        message, peer.moving = peer.moving, None
        if message is not None and hall.room is not None and peer.connection in hall.peers:
            peer.moved_at = time.monotonic()
            hall.pass_on(hall.room.presence(peer.connection, message), peer.connection)
            hall.send_off(peer.moved_at)

    def _type_on(self, hall: Hall, peer: Peer, room: Room, message: Update) -> bool:
        """Pass on what somebody types behind their last characters; False where there is more to do."""
        size = len(message.data)
        if size > _SHORT or peer.labour.left < 0.0 or self._keeper.unsaved + size > self._most_unsaved:
            return False
        typed = room.type_on(peer.connection, message)
        if not typed:
            return False
        self._keeper.note_unsaved(hall, size)
        hall.pass_on(typed, peer.connection)
        if not peer.work.take(1.0, peer.link.heard_at):
            hall.dismiss([peer], TOO_FAST, "too fast")
        return True

    def _change(self, hall: Hall, peer: Peer, room: Room, message: Update | Relay) -> None:
        if peer.labour.wait:  # a frame of too much, or it came on another connection meanwhile
            hall.dismiss([peer], TOO_FAST, "too fast")
            return
        size = len(message.data)
        if self._keeper.unsaved + size > self._most_unsaved:
            # What is typed stays with those who type; they come again and again until there is room.
            hall.dismiss([peer], TRY_LATER, "try again later")
            return
        if peer.measured is None:
            peer.measured = time.thread_time()
        if isinstance(message, Update):
            effects, cost = room.update(peer.connection, message), 1.0
        else:
            effects, cost = room.relay(peer.connection, message), _SMALL
        if effects.to_others:  # it was taken in
            self._keeper.note_unsaved(hall, size)
        elif room.has_pending:
            self._keeper.has_work(hall)
        self._apply(hall, peer, effects, max(cost, size / _BYTES_PER_CHANGE))

    def _apply(self, hall: Hall, peer: Peer, effects: Effects, cost: float) -> None:
        hall.tell(peer.connection, effects.to_sender)
        hall.pass_on(effects.to_others, peer.connection)
        if effects.close is not None:
            hall.dismiss([peer], effects.close)
        else:
            if effects.later:
                peer.labour.spend(effects.later)
            self._spend(hall, peer, effects.weight * cost)

    def _spend(self, hall: Hall, peer: Peer, cost: float) -> None:
        if not peer.work.take(min(cost, self._most_work)):
            hall.dismiss([peer], TOO_FAST, "too fast")


def sayer(languages: Iterable[str]) -> Say:
    """Return what says a message in one of these languages; in any other, it is said in the first one."""
    catalogs = {code: Translations.load(str(paths.TRANSLATIONS), [code]) for code in languages}
    first = next(iter(catalogs.values()))

    def say(message: Message, language: str) -> str:
        text = catalogs.get(language, first).ugettext(message.id)
        spoken = {
            name: say(value, language) if isinstance(value, Message) else value
            for name, value in message.params.items()
        }
        return str(text % spoken) if spoken else str(text)

    return say


def run(app: Flask) -> None:
    """Be the hub of `app`, at the path that its configuration names, until this process is asked to end."""
    with suppress(ValueError, OSError):
        _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    # What the program itself consists of stays: the garbage collector need not walk through it while people wait. Nor
    # need it look often: rooms and connections let go of each other themselves.
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GARBAGE, *gc.get_threshold()[1:])

    async def body() -> None:
        await Hub(app).run()

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(body())
