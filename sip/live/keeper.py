"""The hub's dealings with the database, one after the other in one thread: the loop itself never waits for it."""

import asyncio
import hmac
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from flask import Flask

from sip.config import Settings
from sip.core.db import db
from sip.drafts.batches import Batch, Outcome
from sip.live.halls import Hall
from sip.live.log import Log
from sip.live.messages import COME_AGAIN, NOT_ALLOWED
from sip.live.people import Identity
from sip.live.room import Room, Say
from sip.live.thread import DatabaseThread, describe
from sip.live.watching import limit_patience, watch

log = logging.getLogger(__name__)

SESSION_ENDED = 4401
TRY_LATER = 1013

# Seconds from one commit to the next: so many times what it took, but within bounds, unless it took very long. The
# upper one is more where more than one text is written, up to the last.
_BETWEEN_COMMITS = (0.3, 1.0)
_FOR_EACH_TEXT, _LONGEST_REST = 0.02, 3.0
_OFTEN, _SELDOM = 200.0, 10.0
# Seconds after which a commit that does not end is told of; between two tries where the database refuses, at first and
# at most.
_STALLED = 3.0
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 5.0
# Between two looks at what is new; between two rounds in which rights and sessions are asked for whatever happened.
_BETWEEN_LOOKS = 0.05
_ROUND = 120.0
_BETWEEN_SWEEPS = 5.0
_LAST_TRIES = 3
# How many times in a row a commit is tried again without a pause.
_AT_ONCE = 3


def _rest_after(took: float, texts: int) -> float:
    """Return the seconds until the next commit: each costs the same however much of a text is in it."""
    shortest, longest = _BETWEEN_COMMITS
    longest = min(_LONGEST_REST, longest + _FOR_EACH_TEXT * texts)
    return max(shortest, min(longest, _OFTEN * took), _SELDOM * took)


class Keeper:
    """Opens rooms, lets people in, commits, learns of what others did, asks again who may."""

    def __init__(self, app: Flask, halls: dict[int, Hall], say: Say) -> None:
        self._settings: Settings = app.config["SETTINGS"]
        self._halls = halls
        self._say = say
        self._seal_key = hmac.digest(self._settings.secret_key.encode(), b"live updates before their commit", "sha256")
        self._loop = asyncio.get_running_loop()
        self._thread = DatabaseThread(app, self._begin_anew)
        self._log = Log()
        self._wake = asyncio.Event()
        self._is_stopping = False
        self._knocking: set[Hall] = set()
        self._writing: set[Hall] = set()
        self.unsaved = 0  # bytes of updates that are held here alone, as counted with the last commit, and since
        self._commit_at = self._look_at = self._looked_at = self._open_at = self._sweep_at = 0.0
        self._pause = 0.0  # while the database refuses all
        self._is_apart = False  # whether rooms are committed one by one
        self._repeats = 0  # commits in a row before which others were faster
        self._is_behind = False
        self._round_at = time.monotonic() + _ROUND
        self._ask_rights: set[int] = set()
        self._ask_people: set[int] = set()
        with app.app_context():
            engine = db.engine
        limit_patience(engine)
        self._watch = watch(engine, self._notice_from_afar)

    def has_knock(self, hall: Hall) -> None:
        """Note that somebody said HELLO."""
        self._knocking.add(hall)
        self._wake.set()

    def has_work(self, hall: Hall) -> None:
        """Note that there is something to commit."""
        if not self._writing:
            self._wake.set()
        self._writing.add(hall)

    def note_unsaved(self, hall: Hall, size: int) -> None:
        """Note that so many bytes of updates were taken in, which are to be committed."""
        hall.unsaved += size
        self.unsaved += size
        self.has_work(hall)

    def _count_unsaved(self) -> None:
        self.unsaved = sum(hall.unsaved + hall.under_way for hall in self._halls.values())

    def reset(self, hall: Hall) -> None:
        """Give up a room whose document can no longer be trusted: all come again, and bring what was not committed."""
        hall.dismiss(hall.peers.values(), COME_AGAIN, "restart")
        if self._halls.get(hall.draft_id) is hall:
            del self._halls[hall.draft_id]
        hall.room = None

    def _begin_anew(self) -> None:
        """Give up all rooms and what was read: a database that was restored stands in the place of the one before."""
        log.error("the database is another one than before: all texts are opened anew")
        for hall in list(self._halls.values()):
            self.reset(hall)
        self._log = Log()
        self._is_behind = False

    @contextmanager
    def _alone(self, hall: Hall) -> Iterator[None]:
        """Let what goes wrong with one room end that room only."""
        try:
            yield
        except Exception as error:
            log.error("the room of draft %s broke: %s", hall.draft_id, describe(error))
            self.reset(hall)

    async def run(self) -> None:
        """Do what is due until `stop`, then commit what is left, and let go of the database."""
        while not self._is_stopping:
            await self._sleep()
            await self._open_and_admit()
            await self._commit_when_due()
            await self._look_when_due()
            await self._ask_when_due()
            await self._sweep()
        for _ in range(_LAST_TRIES):
            if self._writing:
                await self._commit()
        await self._thread.call(self._watch.close)
        self._thread.end()

    def stop(self) -> None:
        """Let `run` come to its end."""
        self._is_stopping = True
        self._wake.set()

    def _notice_from_afar(self) -> None:
        with suppress(RuntimeError):  # the loop is over
            self._loop.call_soon_threadsafe(self._notice)

    def _notice(self) -> None:
        self._look_at = min(self._look_at, max(time.monotonic(), self._looked_at + _BETWEEN_LOOKS))
        self._wake.set()

    async def _sleep(self) -> None:
        due = [self._round_at, self._sweep_at]
        if self._halls:
            due.append(self._look_at)
        if self._writing:
            due.append(self._commit_at)
        if self._knocking:
            due.append(self._open_at)
        timer = self._loop.call_later(max(0.0, min(due) - time.monotonic()), self._wake.set)
        await self._wake.wait()
        timer.cancel()
        self._wake.clear()

    # Opening rooms and letting people in.

    async def _open_and_admit(self) -> None:
        if time.monotonic() < self._open_at:
            return
        knocking, self._knocking = self._knocking, set()
        for hall in knocking:
            if hall.room is None and hall.peers:
                await self._open(hall)
            if hall.room is not None and hall.waiting():
                with self._alone(hall):
                    await self._admit(hall, hall.room)

    async def _open(self, hall: Hall) -> None:
        try:
            draft = await self._thread.call(self._log.load, hall.draft_id)
            if draft is None:
                hall.dismiss(hall.peers.values(), NOT_ALLOWED, "not here")
                return
            hall.room = Room(draft, seal_key=self._seal_key, max_section=self._settings.max_section, say=self._say)
        except Exception as error:
            log.warning("draft %s could not be opened: %s", hall.draft_id, describe(error))
            hall.dismiss(hall.peers.values(), TRY_LATER, "try again later")
            self._open_at = time.monotonic() + _FIRST_PAUSE

    async def _admit(self, hall: Hall, room: Room) -> None:
        if any(peer.hello is not None and room.is_behind(peer.hello) for peer in hall.waiting()):
            await self._read_news()
        people = {peer.newcomer.person_id for peer in hall.waiting()}
        answer = await self._thread.attempt("rights could not be read", self._log.rights, {hall.draft_id: people})
        if answer is None:
            hall.dismiss(hall.waiting(), TRY_LATER, "try again later")
            return
        rights = answer[hall.draft_id]
        for peer in hall.waiting():
            who = peer.newcomer
            if who.person_id not in rights:
                continue  # came meanwhile; theirs are asked for next
            if not rights[who.person_id].may_read or peer.hello is None:
                hall.dismiss([peer], NOT_ALLOWED, "not here")
                continue
            identity = Identity(who.person_id, who.name, who.epoch)
            effects = room.join(peer.connection, identity, rights[who.person_id], peer.hello)
            peer.hello = peer.hello._replace(vector=b"")  # it may be long, and is done with
            if effects.close is not None:
                hall.dismiss([peer], effects.close)
                continue
            hall.admit(peer, effects.to_sender, effects.to_others)
        if hall.waiting():
            self.has_knock(hall)

    # Commits.

    async def _commit_when_due(self) -> None:
        if self._writing and time.monotonic() >= self._commit_at:
            await self._commit()

    async def _commit(self) -> None:
        """Commit what waits in all rooms: together, or room by room after a failure, so that one cannot hold up all."""
        began = time.monotonic()
        taken: list[tuple[Hall, Room, Batch]] = []
        writing, self._writing = self._writing, set()
        for hall in writing:
            with self._alone(hall):
                batch = hall.room.take_batch() if hall.room is not None else None
                hall.under_way, hall.unsaved = hall.unsaved if batch is not None else 0, 0
                if hall.room is not None and batch is not None:
                    taken.append((hall, hall.room, batch))
        if not taken:
            self._count_unsaved()
            return
        groups = [[one] for one in taken] if self._is_apart else [taken]
        stalled = self._loop.call_later(_STALLED, self._tell_stalled, [hall for hall, _room, _batch in taken])
        failures, is_again = 0, False
        for group in groups:
            try:
                outcomes = await self._thread.call(self._log.commit, [batch for _hall, _room, batch in group])
            except Exception as error:
                failures += 1
                self._put_back(group, error)
            else:
                is_again |= self._settle(group, outcomes)
        stalled.cancel()
        self._count_unsaved()
        now = time.monotonic()
        self._is_apart = failures > 0
        if not (failures or is_again):
            self._log.has_stored()
        if failures < len(groups):
            self._pause = 0.0
            self._repeats = self._repeats + 1 if is_again else 0
            is_at_once = 0 < self._repeats <= _AT_ONCE
            self._commit_at = now if is_at_once else now + _rest_after(now - began, len(taken))
        else:
            self._pause = min(max(_FIRST_PAUSE, 2 * self._pause), _LONGEST_PAUSE)
            self._commit_at = now + self._pause

    def _settle(self, group: Sequence[tuple[Hall, Room, Batch]], outcomes: dict[int, Outcome]) -> bool:
        """Say what was committed; True where others were faster, and it must be tried again at once."""
        is_again = False
        for hall, room, batch in group:
            if hall.room is not room:
                continue  # it was reset meanwhile
            with self._alone(hall):
                outcome = outcomes[hall.draft_id]
                sending = room.settle(batch, outcome)
                if not outcome.is_committed:
                    self._again(hall)
                    hall.deliver(sending)
                    is_again = True
                    continue
                hall.under_way = 0
                hall.set_kept(True)
                hall.deliver(sending, is_late=True)
        return is_again

    def _put_back(self, group: Sequence[tuple[Hall, Room, Batch]], error: Exception) -> None:
        log.warning("%s live texts could not be saved, trying again: %s", len(group), describe(error))
        for hall, room, batch in group:
            if hall.room is room:
                room.put_back(batch)
                self._again(hall)
                hall.set_kept(False)

    def _again(self, hall: Hall) -> None:
        hall.unsaved, hall.under_way = hall.unsaved + hall.under_way, 0
        self._writing.add(hall)

    def _tell_stalled(self, halls: Sequence[Hall]) -> None:
        for hall in halls:
            hall.set_kept(False)

    # News and rights.

    async def _look_when_due(self) -> None:
        now = time.monotonic()
        if not self._halls or now < self._look_at:
            return
        self._looked_at = now
        self._look_at = now + self._watch.pause
        is_new = await self._thread.attempt("the database could not be watched", self._watch.has_changed)
        if is_new or self._is_behind:
            await self._read_news()

    async def _read_news(self) -> None:
        seen = {hall.draft_id: hall.room.last for hall in self._halls.values() if hall.room is not None}
        news = await self._thread.attempt("news could not be read", self._log.news, seen)
        self._is_behind = news is None
        if news is None:
            self._look_at = time.monotonic() + _FIRST_PAUSE
            return
        rooms = {number: (hall, hall.room) for number, hall in self._halls.items() if hall.room is not None}
        for number, rows in news.updates.items():
            if number in rooms:
                hall, room = rooms[number]
                with self._alone(hall):
                    hall.deliver(room.foreign(rows))
        for number, sections in news.sections.items():
            if number in rooms:
                hall, room = rooms[number]
                with self._alone(hall):
                    hall.deliver(room.set_sections(sections))
        for frozen in news.frozen:
            if frozen.draft_id in rooms:
                hall, room = rooms[frozen.draft_id]
                hall.deliver(room.frozen(frozen.number, frozen.label, frozen.by))
        for hall in self._halls.values() if news.devices else ():
            left = [peer for peer in hall.peers.values() if peer.newcomer.device in news.devices]
            hall.dismiss(left, SESSION_ENDED, "session ended")
        self._ask_rights |= news.rights
        self._ask_people |= news.people

    async def _ask_when_due(self) -> None:
        now = time.monotonic()
        if now >= self._round_at:
            self._round_at = now + _ROUND
            self._ask_rights |= set(self._halls)
            self._ask_people |= {who for hall in self._halls.values() if hall.room for who in hall.room.people()}
        rights, self._ask_rights = self._ask_rights, set()
        people, self._ask_people = self._ask_people, set()
        if people:
            await self._end_sessions(people)
        asked: dict[Hall, set[int]] = {}
        for hall in self._halls.values() if rights or people else ():
            here = hall.room.people() if hall.room is not None else set()
            if concerned := here if hall.draft_id in rights else here & people:
                asked[hall] = concerned
        if asked:
            await self._ask(asked)
        if not (self._ask_rights or self._ask_people):
            self._log.has_told(is_all_stored=not self._writing)

    async def _ask(self, asked: Mapping[Hall, set[int]]) -> None:
        rooms = {hall: hall.room for hall in asked}
        numbers = {hall.draft_id: people for hall, people in asked.items()}
        answer = await self._thread.attempt("rights could not be read", self._log.rights, numbers)
        for hall, people in asked.items():
            if answer is None or hall.room is None or hall.room is not rooms[hall]:
                self._ask_people |= people
                continue
            with self._alone(hall):
                for person, allowed in answer[hall.draft_id].items():
                    hall.deliver(hall.room.set_rights(person, allowed))

    async def _end_sessions(self, people: set[int]) -> None:
        here = [
            (hall, peer)
            for hall in self._halls.values()
            for peer in hall.peers.values()
            if peer.newcomer.person_id in people
        ]
        sessions = {(peer.newcomer.person_id, peer.newcomer.epoch) for _hall, peer in here}
        ended = await self._thread.attempt("sessions could not be read", self._log.ended_sessions, sessions)
        if ended is None:
            self._ask_people |= people
            return
        for hall, peer in here:
            if (peer.newcomer.person_id, peer.newcomer.epoch) in ended:
                hall.dismiss([peer], SESSION_ENDED, "session ended")

    async def _sweep(self) -> None:
        now = time.monotonic()
        if now < self._sweep_at:
            return
        self._sweep_at = now + _BETWEEN_SWEEPS
        gone = [number for number, hall in self._halls.items() if hall.may_go(self._settings.live_rest)]
        for number in gone:
            self._halls.pop(number).room = None
        for number in gone:
            await self._thread.call(self._log.forget, number)
