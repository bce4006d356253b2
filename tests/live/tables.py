"""A room on a database, with people who write at it: a hub without its loop and its sockets."""

from sqlalchemy import select

from sip.core.db import db
from sip.drafts.models import Section
from sip.live.log import Log
from sip.live.messages import Hello, Update
from sip.live.people import Identity
from sip.live.room import Room
from tests.live import wire
from tests.live.conftest import Desk
from tests.live.peers import Client, open_room


class Table:
    """A room on a database, at which the people of a desk write."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.log = Log()
        self.room: Room = open_room(self.log.load(desk.draft_id))
        self.clients: list[Client] = []
        self.seqs: list[int] = []
        for number, person in enumerate(desk.people):
            self.clients.append(Client(100 + number))
            self.seqs.append(0)
            hello = Hello((100 + number,), "en", b"\x00")
            rights = self.log.rights({desk.draft_id: [person.id]})[desk.draft_id][person.id]
            effects = self.room.join(number, Identity(person.id, person.name, 0), rights, hello)
            self.hear(effects.to_sender, [self.clients[number]])

    def hear(self, data: bytes, clients: list[Client]) -> None:
        for told in wire.read(data):
            if told.name in ("welcome", "updates"):
                for client in clients:
                    client.doc.apply_update(told.data)

    def send(self, who: int, update: bytes) -> None:
        self.seqs[who] += 1
        effects = self.room.update(who, Update(self.seqs[who], update))
        assert not effects.to_sender, wire.read(effects.to_sender)
        self.hear(effects.to_others, [client for client in self.clients if client is not self.clients[who]])

    def write(self, who: int, section: int, place: int, typed: str) -> None:
        self.send(who, self.clients[who].insert(self.desk.keys[section], place, typed))

    def erase(self, who: int, section: int, start: int, end: int) -> None:
        self.send(who, self.clients[who].delete(self.desk.keys[section], start, end))

    def commit(self) -> None:
        """Commit, as often as it takes."""
        while (batch := self.room.take_batch()) is not None:
            outcome = self.log.commit([batch])[self.desk.draft_id]
            self.hear(self.room.settle(batch, outcome).to_all, self.clients)

    def look(self) -> None:
        for rows in self.log.news({self.desk.draft_id: self.room.last}).updates.values():
            self.hear(self.room.foreign(rows).to_all, self.clients)

    def section(self, number: int) -> Section:
        db.session.expire_all()
        return db.session.scalar(select(Section).where(Section.key == self.desk.keys[number]))
