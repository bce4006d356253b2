"""The letters of a discussion: one to each person for one action, and never to whoever acts."""

from collections.abc import Iterable
from typing import Any

from sip.core import outbox
from sip.core.db import db
from sip.people.models import Person
from sip.threads.models import Comment, Guest, Thread
from sip.threads.policy import may_see_thread

_QUOTED = 1_000  # characters of a comment that a letter repeats


class Letters:
    """Collects who is told what of one action; the first letter for a person is the one that leaves."""

    def __init__(self, actor: Person | None, thread: Thread) -> None:
        self._told = {actor.id} if actor else set()
        self._thread = thread

    def tell(self, people: Iterable[Person | None], kind: str, **data: Any) -> None:
        """Post `emails/<kind>.txt` to those of `people` who may see the thread and were not told yet."""
        for person in people:
            if person is None or person.id in self._told or not may_see_thread(person, self._thread):
                continue
            self._told.add(person.id)
            outbox.post(person.email, person.language, kind, to_name=person.name, **_about(self._thread), **data)
        db.session.flush()


def tell_author(thread: Thread, comment: Comment, kind: str, **data: Any) -> None:
    """Post a letter to whoever wrote a comment, a guest who has confirmed it included, whatever they may see now."""
    writer: Person | Guest | None = comment.author or comment.guest
    if writer is None or (isinstance(writer, Guest) and writer.confirmed_at is None):
        return
    outbox.post(writer.email, writer.language, kind, to_name=writer.name, **_about(thread), **data)
    db.session.flush()


def tell_guest(thread: Thread, kind: str, **data: Any) -> None:
    """Post a letter to the guest who began a thread, once they have confirmed it."""
    guest = thread.guest
    if guest is not None and guest.confirmed_at is not None:
        outbox.post(guest.email, guest.language, kind, to_name=guest.name, **_about(thread), **data)
        db.session.flush()


def quoted(text: str) -> str:
    """Return as much of a comment as a letter repeats."""
    return text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…"


def _about(thread: Thread) -> dict[str, Any]:
    return {"thread": thread.id, "draft": thread.draft.title}
