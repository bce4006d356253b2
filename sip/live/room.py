"""One draft that people write at the same time: takes messages and rows in, gives messages out; knows no socket.

What methods return as `bytes` are whole messages (`messages.py`), to be sent as they are or joined end to end.
"""

import base64
import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence, Set

from sip.core.messages import Message
from sip.drafts.batches import Batch, LiveDraft, Outcome, Rights, Row, SectionInfo
from sip.drafts.live_document import LiveDocument, Refusal, RefusedUpdate, Taken
from sip.drafts.live_text import BadUpdate
from sip.live import messages
from sip.live.changes import Change, Changes
from sip.live.clients import Clients, ClientsOf
from sip.live.effects import Effects, Sending
from sip.live.messages import COME_AGAIN, MALFORMED, NOT_ALLOWED, Hello, Presence, Relay, Update
from sip.live.people import Identity, Member, People
from sip.live.refusals import CLIENT_ID, REASONS
from sip.live.seals import Seals

Say = Callable[[Message, str], str]  # a message in a language, translated

COSTLY = 50  # ordinary updates that one is worth which had to be undone
_EMPTY_VECTORS = (b"", b"\x00")


class Room:
    """One draft in memory. Connections are numbers that the hub draws, each used once."""

    def __init__(self, draft: LiveDraft, *, seal_key: bytes, max_section: int, say: Say) -> None:
        """Open a room; raises BadUpdate where the text cannot be read."""
        self.draft_id = draft.draft_id
        self.last = draft.last  # id of the last update of the log that is in the document
        self.is_kept = True  # whether the database takes writes
        self._document = LiveDocument(draft.updates)
        self._changes = Changes()
        self._clients = Clients(draft.clients)
        self._people = People()
        self._sections = list(draft.sections)
        self._keys = _keys_of(draft.sections)
        self._latest = draft.latest
        self.seals = Seals(draft.draft_id, seal_key)
        self._limit = max_section
        self._say = say
        self._banned: set[int] = set()
        self._withdrawn: set[bytes] = set()  # the seals of changes that their authors might not make any more

    @property
    def has_pending(self) -> bool:
        """Whether there is something to commit that is not under way."""
        return self._changes.has_pending

    # People.

    def is_behind(self, hello: Hello) -> bool:
        """Tell whether a newcomer has what the room has not, perhaps from another hub: read the news before they join.

        Without that, what they write may be refused because it follows changes that are committed elsewhere.
        """
        try:
            return hello.vector not in _EMPTY_VECTORS and self._document.is_behind(hello.vector)
        except BadUpdate:
            return False

    def join(self, connection: int, identity: Identity, rights: Rights, hello: Hello) -> Effects:
        """Let somebody in: WELCOME and what they lack, and PEOPLE to the others."""
        try:
            update = self._document.base if hello.vector in _EMPTY_VECTORS else self._document.lacking(hello.vector)
        except BadUpdate:
            return Effects(close=MALFORMED)
        missing = self._changes.all() if hello.vector in _EMPTY_VECTORS else self._changes.not_stored()
        member = self._people.add(connection, identity, hello.language, rights)
        info = {
            "you": connection,
            "person": member.person,
            "latest": self._latest,
            "people": [other.card() for other in self._people],
            "sections": self._listed(member),
            "vector": base64.b64encode(self._document.vector).decode(),
            "max_section": self._limit,
            "kept": self.is_kept,
        }
        frames = [messages.welcome(info, update), *(change.frame for change in missing)]
        if missing:
            frames.append(messages.committed(self._changes.stored_seq))
        frames += (
            messages.presence(other.connection, other.presence.json)
            for other in self._people
            if other.presence is not None
        )
        claimed = [self._claim(member, client) for client in hello.clients]
        if not all(claimed):
            frames.append(self._refusal(member, 0, CLIENT_ID))
        return Effects(b"".join(frames), messages.people([member.card()], []))

    def claim(self, connection: int, client: int) -> Effects:
        """Give a connection one more client id, or refuse (REFUSED with seq 0)."""
        member = self._people[connection]
        if self._claim(member, client):
            return Effects()
        return Effects(self._refusal(member, 0, CLIENT_ID))

    def leave(self, connection: int) -> bytes:
        """Forget a connection, and return what to tell the others; what it wrote stays to be committed."""
        if connection not in self._people:
            return b""
        member = self._people.remove(connection)
        still = {client for other in self._people.of(member.person) for client in other.clients}
        self._clients.release(client for client in member.clients - still if not self._document.knows(client))
        return messages.people([], [connection])

    def people(self) -> set[int]:
        """Return the ids of all persons in the room."""
        return {member.person for member in self._people}

    def presence(self, connection: int, message: Presence) -> bytes:
        """Note where somebody is; return what to tell the others."""
        if message.section is not None and message.section not in self._keys:
            return b""  # perhaps one that was added a moment ago
        self._people[connection].presence = message if message.section is not None else None
        return messages.presence(connection, message.json)

    def set_rights(self, person: int, rights: Rights) -> Sending:
        """Note what a person may do now; who may not read any more is to be closed (4403)."""
        concerned = [member for member in self._people.of(person) if member.rights != rights]
        cards = []
        for member in concerned:
            could_write, member.rights = bool(member.rights.editable), rights
            if could_write != bool(rights.editable):
                cards.append(member.card())
        if not rights.may_read:
            return Sending(close={member.connection: NOT_ALLOWED for member in concerned})
        return Sending(self._section_messages(concerned), messages.people(cards, []) if cards else b"")

    def set_sections(self, sections: Sequence[SectionInfo]) -> Sending:
        """Note how the draft is arranged now."""
        if list(sections) == self._sections:
            return Sending()
        self._sections = list(sections)
        self._keys = _keys_of(sections)
        return Sending(self._section_messages(self._people))

    def set_kept(self, is_kept: bool) -> Sending:
        """Note whether the database takes writes."""
        if is_kept == self.is_kept:
            return Sending()
        self.is_kept = is_kept
        return Sending(to_all=messages.state(is_kept))

    def frozen(self, number: int, label: str, by: str) -> Sending:
        """Note that a version was frozen."""
        self._latest = max(self._latest, number)
        return Sending(to_all=messages.frozen(number, label, by))

    # Changes.

    def type_on(self, connection: int, message: Update) -> bytes:
        """Take in what somebody types right behind their last characters; return what to tell the others.

        Nothing where there is more to look at: then give it to `update`. This costs the same whatever it says.
        """
        member = self._people[connection]
        seq, update = message
        client = member.typing
        if seq <= member.seq or client in self._banned:
            return b""
        stroke = self._document.type_on(update, client, member.rights.editable)
        if stroke is None:
            return b""
        member.seq = seq
        person = member.identity.person
        change = self._changes.add_stroke(person, self.seals.of(person, update), stroke)
        change.acks[connection] = seq
        return change.frame

    def update(self, connection: int, message: Update) -> Effects:
        """Take in what somebody wrote, or refuse it; it is acknowledged once it is committed."""
        member = self._people[connection]
        if message.seq <= member.seq:
            return self._refused(member, message.seq, RefusedUpdate(Refusal.MALFORMED))
        member.seq = message.seq
        clients = member.clients - self._banned if self._banned else member.clients
        try:
            taken = self._document.take(message.data, clients, member.rights.editable, limit=self._limit)
        except RefusedUpdate as error:
            return self._refused(member, message.seq, error)
        if not (taken.clients or taken.keys):
            return self._known(connection, message.seq)
        member.typing = max(taken.clients, default=member.typing)
        change = self._note(taken, member.person, self.seals.of(member.person, taken.update))
        change.acks[connection] = message.seq
        return Effects(to_others=change.frame, later=taken.search)

    def relay(self, connection: int, message: Relay) -> Effects:
        """Take in a sealed change of somebody else (or one's own) that was lost before its commit.

        The sender gets it back as everybody does, so that they know when it is committed.
        """
        member = self._people[connection]
        if not hmac.compare_digest(message.seal, self.seals.of(message.person, message.data)):
            return self._refused(member, 0, RefusedUpdate(Refusal.MALFORMED))
        if message.seal in self._withdrawn:
            return Effects(self._refusal(member, 0, Refusal.RIGHTS))
        clients = ClientsOf(self._clients, message.person, self._banned)
        try:
            taken = self._document.take(message.data, clients, self._open_keys(), limit=self._limit)
        except RefusedUpdate as error:
            # Whoever hands it on has not made it: they are not sent away.
            code = error.why if error.why is Refusal.RIGHTS else Refusal.FOREIGN
            return Effects(self._refusal(member, 0, code), weight=COSTLY if error.was_costly else 1)
        if not (taken.clients or taken.keys):
            seq = self._changes.seq
            seal = b"" if self._changes.stored_seq == seq else message.seal
            return Effects(messages.updates(seq, message.person, seal, message.data))
        change = self._note(taken, message.person, self.seals.of(message.person, taken.update))
        return Effects(messages.updates(change.seq, message.person, message.seal, message.data), change.frame)

    # The log.

    def take_batch(self) -> Batch | None:
        """Return all that waits for its commit, or None; at most one batch is under way at a time."""
        changes = self._changes.take()
        if not changes:
            return None
        clients: dict[int, int] = {}
        keys: dict[int, frozenset[str]] = {}
        for author, some, changed in {(change.author, change.clients, change.keys): None for change in changes}:
            unbound = self._clients.not_bound_to(author, some)  # or bound to somebody else meanwhile, by another hub
            clients |= dict.fromkeys(unbound, author)
            keys[author] = keys.get(author, frozenset()) | changed
        return Batch(
            draft_id=self.draft_id,
            after=self.last,
            rows=Changes.rows(changes),
            clients=clients,
            keys=keys,
            seq=changes[-1].seq,
            is_doubtful=any(change.is_doubtful for change in changes),
        )

    def settle(self, batch: Batch, outcome: Outcome) -> Sending:
        """Note what became of a batch, whatever it is; where it was not committed, `has_pending` holds afterwards."""
        if outcome.is_gone:
            return Sending(close={member.connection: NOT_ALLOWED for member in self._people})
        if outcome.foreign:
            self.put_back(batch)
            return self.foreign(outcome.foreign)
        if outcome.taken or outcome.is_unreadable:
            self.put_back(batch)
            self._clients.bind(outcome.taken)
            return self._sort_out(is_unreadable=outcome.is_unreadable)
        if outcome.withdrawn:
            self.put_back(batch)
            return self._withdraw(outcome.withdrawn)
        self.last = outcome.last
        self._clients.bind(batch.clients)
        acks: dict[int, int] = {}
        for change in self._changes.settle():
            acks |= change.acks
        self._shorten()
        return Sending(
            {connection: messages.ack(seq) for connection, seq in acks.items() if connection in self._people},
            messages.committed(self._changes.stored_seq),
        )

    def put_back(self, batch: Batch) -> None:
        """Note that the database failed: the batch will be part of the next one."""
        self._changes.put_back()

    def foreign(self, rows: Iterable[Row]) -> Sending:
        """Take in updates that others appended to the log; ones that are known already are left out."""
        frames = []
        for row in rows:
            if row.id <= self.last:
                continue
            clients = self._document.take_known(row.data)
            self.last = row.id
            author = row.author or 0
            if author and row.origin == "live":
                self._clients.bind(dict.fromkeys(self._clients.unbound(clients), author))
            frames.append(self._changes.add_stored(author, row.data, clients).frame)
        self._shorten()
        return Sending(to_all=b"".join(frames))

    def _note(self, taken: Taken, author: int, seal: bytes) -> Change:
        for client in taken.clients:
            self._clients.claim(client, author, is_used=False)
        return self._changes.add(author, seal, taken)

    def _known(self, connection: int, seq: int) -> Effects:
        """Acknowledge what changed nothing: now, or with what is not committed yet and may have held it."""
        last = self._changes.last_not_stored()
        if last is None:
            return Effects(messages.ack(seq))
        last.acks[connection] = seq
        return Effects()

    def _shorten(self) -> None:
        self._changes.forget(self._document.stored(self._changes.stored_first()))

    def _sort_out(self, *, is_unreadable: bool) -> Sending:
        """Take in again what is not committed, one by one, without what cannot be committed; everybody begins anew.

        Somebody forged the neighbours of what they wrote, or writes under another's client id: what the others see of
        it is nowhere else.
        """
        stored, waiting = self._changes.stored_after_base(), self._changes.not_stored()
        good = [self._document.base, *(change.update for change in stored)]
        bad = self._take_again(good, waiting, lambda change: change.is_doubtful and not self._document.reads_back())
        if is_unreadable and not bad:  # each reads back alone: then all are distrusted whose neighbours are unknown
            bad = self._take_again(good, waiting, lambda change: change.is_doubtful)
        self._banned |= bad
        close = {member.connection: COME_AGAIN for member in self._people}
        forgers = [member for member in self._people if member.clients & bad]
        close |= {member.connection: MALFORMED for member in forgers}
        return Sending({one.connection: self._refusal(one, 0, Refusal.MALFORMED) for one in forgers}, close=close)

    def _withdraw(self, withdrawn: Mapping[int, Set[str]]) -> Sending:
        """Begin anew without what its authors may not write any more, by person; all come again: they have seen it."""
        good = [self._document.base, *(change.update for change in self._changes.stored_after_base())]
        waiting = self._changes.not_stored()
        bad = [change for change in waiting if change.keys & withdrawn.get(change.author, frozenset())]
        self._withdrawn |= {self.seals.of(change.author, change.update) for change in bad}
        self._take_again(good, [change for change in waiting if change not in bad], lambda _change: False)
        return Sending(close={member.connection: COME_AGAIN for member in self._people})

    def _take_again(
        self, good: Sequence[bytes], waiting: Iterable[Change], is_bad: Callable[[Change], bool]
    ) -> set[int]:
        """Begin anew with what is good, take in what waits but for what is bad, and return the clients of that."""
        bad = set[int]()
        while found := self._take_until(good, waiting, is_bad, bad):  # each time from the start: a base is committed
            bad |= found
        return bad

    def _take_until(
        self, good: Sequence[bytes], waiting: Iterable[Change], is_bad: Callable[[Change], bool], bad: Set[int]
    ) -> Set[int]:
        """Begin anew, and take in what waits until something else is bad than what `bad` clients did: return whose."""
        self._document, self._changes = LiveDocument(good), self._changes.renewed()
        for change in waiting:
            clients = ClientsOf(self._clients, change.author, self._banned | bad)
            try:
                taken = self._document.take(change.update, clients, self._keys, limit=self._limit)
            except RefusedUpdate:
                continue
            if not (taken.clients or taken.keys):
                continue  # it was committed after all
            if is_bad(change):
                return change.clients
            self._changes.add(change.author, self.seals.of(change.author, taken.update), taken)
        return frozenset()

    # Sections, clients and refusals.

    def _open_keys(self) -> frozenset[str]:
        return frozenset(section.key for section in self._sections if section.is_open)

    def _section_messages(self, members: Iterable[Member]) -> dict[int, bytes]:
        return {member.connection: messages.sections(self._listed(member)) for member in members}

    def _listed(self, member: Member) -> list[dict[str, object]]:
        rights = member.rights
        return [
            {
                "key": section.key,
                "slug": section.slug,
                "title": section.title,
                "number": section.number,
                "kind": section.kind,
                "stage": section.stage,
                "is_retired": section.is_retired,
                "may_edit": section.key in rights.editable,
                "reason": self._say(rights.reasons[section.key], member.language)
                if section.key in rights.reasons
                else "",
            }
            for section in self._sections
        ]

    def _claim(self, member: Member, client: int) -> bool:
        is_used = self._document.knows(client)
        if not member.may_claim_more() or not self._clients.claim(client, member.person, is_used=is_used):
            return False
        member.clients.add(client)
        return True

    def _refused(self, member: Member, seq: int, error: RefusedUpdate) -> Effects:
        close = MALFORMED if error.why is Refusal.MALFORMED else None
        return Effects(self._refusal(member, seq, error.why), close=close, weight=COSTLY if error.was_costly else 1)

    def _refusal(self, member: Member, seq: int, code: str) -> bytes:
        return messages.refused(seq, str(code), self._say(REASONS[code], member.language))


def _keys_of(sections: Iterable[SectionInfo]) -> frozenset[str]:
    return frozenset(section.key for section in sections)
