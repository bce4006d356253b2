"""The letters of this room: one to each person for one action, and never to whoever acts."""

from collections.abc import Iterable
from typing import Any

from sip.core import outbox
from sip.core.db import db
from sip.people.models import Person
from sip.reviews.actions.locking import about
from sip.reviews.models import Review


def tell(actor: Person, people: Iterable[Person | None], review: Review, kind: str, **data: Any) -> None:
    """Post `emails/<kind>.txt` about a recommendation to each of `people` but the actor."""
    facts = {"draft": review.draft.title, "slug": review.draft.slug, **about(review), **data}
    told = {actor.id}
    for person in people:
        if person is None or person.id in told:
            continue
        told.add(person.id)
        outbox.post(person.email, person.language, kind, to_name=person.name, **facts)
    db.session.flush()
