"""Who is in a room: connections, the people behind them, what they may do, and where they are."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sip.drafts.batches import Rights
from sip.live.messages import MOST_CLIENTS, Presence

COLOURS = 12


class Identity(NamedTuple):
    """Whom the upgrade view let in: `epoch` is that of their session."""

    person: int
    name: str
    epoch: int


@dataclass
class Member:
    """One connection, which writes under its own client ids; `seq` is the number of its last change."""

    connection: int
    identity: Identity
    language: str
    colour: int
    rights: Rights
    clients: set[int] = field(default_factory=set)
    claims: int = 0
    seq: int = 0
    typing: int = -1  # the client under which something was written last
    presence: Presence | None = None

    @property
    def person(self) -> int:
        return self.identity.person

    def may_claim_more(self) -> bool:
        """Count a claim; False once there were too many."""
        self.claims += 1
        return self.claims <= MOST_CLIENTS

    def card(self) -> dict[str, Any]:
        """Return what others see of somebody."""
        return {
            "id": self.connection,
            "person": self.person,
            "name": self.identity.name,
            "colour": self.colour,
            "may_write": bool(self.rights.editable),
            "section": self.presence.section if self.presence else None,
        }


class People:
    """The members of a room; each person keeps one colour as long as the room is open."""

    def __init__(self) -> None:
        self._members: dict[int, Member] = {}
        self._colours: dict[int, int] = {}

    def __iter__(self) -> Iterator[Member]:
        return iter(self._members.values())

    def __getitem__(self, connection: int) -> Member:
        return self._members[connection]

    def __contains__(self, connection: object) -> bool:
        return connection in self._members

    def add(self, connection: int, identity: Identity, language: str, rights: Rights) -> Member:
        """Let somebody in, in the colour that the fewest others have."""
        here = [self._colours[person] for person in {member.person for member in self}]
        fewest = min(range(COLOURS), key=lambda colour: (here.count(colour), (colour - identity.person) % COLOURS))
        colour = self._colours.setdefault(identity.person, fewest)
        member = self._members[connection] = Member(connection, identity, language, colour, rights)
        return member

    def remove(self, connection: int) -> Member:
        """Let somebody go."""
        return self._members.pop(connection)

    def of(self, person: int) -> list[Member]:
        """Return the members that are one person."""
        return [member for member in self if member.person == person]
