"""Holding an amendment, and writing down what happened to it."""

from typing import Any

from sip.amendments.models import Amendment
from sip.amendments.queries import title_of
from sip.core import journal
from sip.core.db import db
from sip.core.errors import Invalid
from sip.core.journal import Event
from sip.core.messages import message
from sip.drafts import queries as draft_queries
from sip.people.models import Person
from sip.threads.actions.stamps import bump

MAX_TITLE = 300
MAX_PROPOSED = 20_000
MAX_REASON = 5_000
MAX_ANSWER = 2_000


def lock(amendment: Amendment) -> None:
    """Hold other writers of this amendment back until the transaction ends, and see what they did before."""
    db.session.refresh(amendment, with_for_update={"of": Amendment})


def lock_all(amendments: list[Amendment]) -> None:
    """Hold others who would answer these amendments, or write in their document, back; see what they did before."""
    draft_queries.lock(amendments[0].draft)
    draft_queries.load_texts(amendments[0].draft)
    for amendment in sorted(amendments, key=lambda each: each.id):
        lock(amendment)


def check_wording(amendment: Amendment, revision: int | None) -> None:
    """Raise Invalid where an amendment has another wording by now than the one that was read; None asks nothing."""
    if revision is not None and revision != amendment.revision:
        raise Invalid(
            message(
                "Amendment %(number)s has a new wording since you opened this page. Nothing is done: read it first.",
                number=amendment.id,
            )
        )


def record(actor: Person | None, event: Event, amendment: Amendment, **data: Any) -> None:
    """Write what happened to an amendment into the journal, and let open pages know."""
    draft = amendment.draft
    journal.record(
        actor,
        event,
        amendment.id,
        draft_id=draft.id,
        cycle_id=draft.cycle_id,
        amendment=amendment.id,
        kind=amendment.kind,
        key=amendment.key,
        title=title_of(draft, amendment),
        **data,
    )
    db.session.flush()
    bump(draft.id)


def checked_title(title: str) -> str:
    """Return the title of a new measure or recommendation as it is stored; raises Invalid."""
    title = " ".join(title.split())
    if not title:
        raise Invalid(message("Give it a title."), "title")
    if len(title) > MAX_TITLE:
        raise Invalid(message("A title is one line of %(max)s characters at most.", max=MAX_TITLE), "title")
    return title
