"""Whose client ids are: one belongs to one person in each draft, from the moment somebody claims it."""

from collections.abc import Iterable, Mapping, Set


class Clients:
    """The client ids of one draft: `bound` for good, or claimed by somebody who may yet write under them."""

    def __init__(self, bound: Mapping[int, int]) -> None:
        self._bound = dict(bound)
        self._claimed: dict[int, int] = {}

    def owner(self, client: int) -> int | None:
        """Return the person whose client it is, if it is anybody's."""
        return self._bound.get(client) or self._claimed.get(client)

    def claim(self, client: int, person: int, *, is_used: bool) -> bool:
        """Give a client to a person unless it is another's, or was used by nobody knows whom."""
        owner = self.owner(client)
        if owner is None and not is_used:
            self._claimed[client] = owner = person
        return owner == person

    def release(self, clients: Iterable[int]) -> None:
        """Let go of claims under which nothing was written."""
        for client in clients:
            self._claimed.pop(client, None)

    def bind(self, clients: Mapping[int, int]) -> None:
        """Note whose clients are for good: person by client."""
        self._bound.update(clients)
        self.release(clients)

    def unbound(self, clients: Iterable[int]) -> list[int]:
        """Return those that are not bound yet."""
        return [client for client in clients if client not in self._bound]

    def not_bound_to(self, person: int, clients: Iterable[int]) -> list[int]:
        """Return those that are not this person's for good."""
        return [client for client in clients if self._bound.get(client) != person]


class ClientsOf:
    """The clients under which a person may have written: their own, and those that are nobody's; without some."""

    def __init__(self, clients: Clients, person: int, without: Set[int]) -> None:
        self._clients = clients
        self._person = person
        self._without = without

    def __contains__(self, client: object) -> bool:
        return (
            isinstance(client, int)
            and client not in self._without
            and self._clients.owner(client) in (None, self._person)
        )
