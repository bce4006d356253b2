"""The letters of this room: one to each person for one action, and never to whoever acts."""

from collections.abc import Iterable
from typing import Any

from sip.amendments.models import Amendment
from sip.core import outbox
from sip.people.models import Person


def tell(actor: Person | None, people: Iterable[Person | None], amendment: Amendment, kind: str, **data: Any) -> None:
    """Post `emails/<kind>.txt` about an amendment to each of `people` but the actor."""
    told = {actor.id} if actor else set()
    for person in people:
        if person is None or person.id in told:
            continue
        told.add(person.id)
        outbox.post(
            person.email,
            person.language,
            kind,
            to_name=person.name,
            number=amendment.id,
            draft=amendment.draft.title,
            **data,
        )
