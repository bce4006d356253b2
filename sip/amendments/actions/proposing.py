"""Amendments by their authors: proposed, improved, withdrawn."""

from sqlalchemy import update

from sip.amendments.actions.letters import tell
from sip.amendments.actions.locking import MAX_PROPOSED, MAX_REASON, checked_title, lock, record
from sip.amendments.models import Amendment, AmendmentKind, AmendmentRevision, AmendmentState, Support
from sip.amendments.policy import may_amend, may_improve, may_withdraw
from sip.amendments.queries import supporters_of
from sip.core import clock
from sip.core.access import require
from sip.core.db import db
from sip.core.errors import Invalid, Missing
from sip.core.journal import Event
from sip.core.messages import message
from sip.drafts import queries as draft_queries
from sip.drafts.actions.passages import mark_passage
from sip.drafts.live_text import clean_text
from sip.drafts.models import Draft, KeptPassage, Version
from sip.drafts.policy import may_read_version
from sip.people.models import Person
from sip.threads import texts
from sip.threads.models import Thread
from sip.threads.policy import may_see_thread

ON_A_PASSAGE = (AmendmentKind.CHANGE, AmendmentKind.STRIKE)


def propose(
    actor: Person | None,
    draft: Draft,
    kind: AmendmentKind,
    proposed: str,
    reason: str,
    *,
    version: Version,
    key: str | None = None,
    start: int | None = None,
    end: int | None = None,
    words: str = "",
    title: str = "",
    thread: Thread | None = None,
    language: str = "",
) -> Amendment:
    """Propose another text for a passage of a published version, to strike it, or something new to add.

    `start` and `end` are readable positions in the section `key`, `words` what stands between them. Raises Invalid
    where the passage is odd or nothing would change, Missing for versions, sections and threads of other drafts.
    """
    if version.draft_id != draft.id or version.published_at is None or not may_read_version(actor, version):
        raise Missing
    draft_queries.lock(draft)  # what is frozen or moved on at this moment would not know of the amendment
    require(may_amend(actor, draft, key))
    assert actor is not None
    if thread is not None and (thread.draft_id != draft.id or not may_see_thread(actor, thread)):
        raise Missing
    if (key is None) != (kind is AmendmentKind.NEW_RECOMMENDATION):
        raise Invalid(message("Choose the passage first."))
    reason = texts.clean_line(reason, MAX_REASON, "reason")
    title = "" if kind in ON_A_PASSAGE else checked_title(title)
    proposed = _checked_text(kind, proposed)
    passage = _marked(kind, version, key, start, end, words)
    _check_change(kind, passage, proposed)
    amendment = Amendment(
        draft=draft,
        key=key,
        passage=passage,
        thread=thread,
        version_number=version.number,
        kind=kind.value,
        state=AmendmentState.OPEN,
        title=title,
        proposed=proposed,
        reason=reason,
        reason_html=texts.render(reason, language or draft.language),
        at=clock.now(),
        author=actor,
        revision=1,
        supports=0,
    )
    db.session.add(amendment)
    db.session.flush()
    record(actor, Event.AMENDMENT_PROPOSED, amendment)
    return amendment


def _marked(
    kind: AmendmentKind, version: Version, key: str | None, start: int | None, end: int | None, words: str
) -> KeptPassage | None:
    """Mark the passage of an amendment that needs one; raises Invalid or Missing."""
    if kind in ON_A_PASSAGE:
        if key is None or start is None or end is None:
            raise Invalid(message("Choose the passage first."))
        return mark_passage(version, key, start, end, words)
    if key is not None and all(section.key != key for section in draft_queries.sections_of_version(version)):
        raise Missing
    return None


def _checked_text(kind: AmendmentKind, proposed: str) -> str:
    """Return a proposed text as it is stored; raises Invalid."""
    if kind is AmendmentKind.STRIKE:
        return ""
    proposed = clean_text(proposed)
    if kind is not AmendmentKind.CHANGE:
        proposed = proposed.strip()
    if not proposed.strip():
        raise Invalid(
            message("Write the text that you propose.")
            if kind is not AmendmentKind.CHANGE
            else message("Write the text that you propose, or choose to strike the passage."),
            "proposed",
        )
    if len(proposed) > MAX_PROPOSED:
        raise Invalid(message("This is too long: %(max)s characters at most.", max=MAX_PROPOSED), "proposed")
    return proposed


def _check_change(kind: AmendmentKind, passage: KeptPassage | None, proposed: str) -> None:
    if kind is AmendmentKind.CHANGE and passage is not None and proposed == passage.quote:
        raise Invalid(message("This is what the text says already: change something in it."), "proposed")


def improve(
    actor: Person | None, amendment: Amendment, proposed: str, reason: str, *, title: str = "", language: str = ""
) -> None:
    """Give an amendment another text, or another reason; the wording before stays to be seen.

    Whoever supported another text is told, and counts again once they confirm. Raises Invalid.
    """
    lock(amendment)
    require(may_improve(actor, amendment))
    kind = AmendmentKind(amendment.kind)
    reason = texts.clean_line(reason, MAX_REASON, "reason")
    title = "" if kind in ON_A_PASSAGE else checked_title(title)
    proposed = _checked_text(kind, proposed)
    _check_change(kind, amendment.passage, proposed)
    is_same_text = (title, proposed) == (amendment.title, amendment.proposed)
    if is_same_text and reason == amendment.reason:
        return
    db.session.add(
        AmendmentRevision(
            amendment_id=amendment.id,
            number=amendment.revision,
            title=amendment.title,
            proposed=amendment.proposed,
            reason=amendment.reason,
            at=amendment.revised_at or amendment.at,
        )
    )
    supporters = list(db.session.scalars(supporters_of(amendment, only_of_this_wording=False)))
    amendment.title, amendment.proposed, amendment.reason = title, proposed, reason
    amendment.reason_html = texts.render(reason, language or amendment.draft.language)
    amendment.revision += 1
    amendment.revised_at = clock.now()
    if is_same_text:
        _keep_support(amendment)
    else:
        amendment.supports = 0
        tell(actor, supporters, amendment, "amendment_improved", name=amendment.author.name if amendment.author else "")
    db.session.flush()
    record(actor, Event.AMENDMENT_IMPROVED, amendment, revision=amendment.revision, is_same_text=is_same_text)


def _keep_support(amendment: Amendment) -> None:
    """Let those who support the text go on doing so, since it is the same."""
    old = Support.revision == amendment.revision - 1
    mine = update(Support).where(Support.amendment_id == amendment.id, old).values(revision=amendment.revision)
    db.session.execute(mine)


def withdraw(actor: Person | None, amendment: Amendment) -> None:
    """Take one's own amendment back; it stays to be seen."""
    lock(amendment)
    require(may_withdraw(actor, amendment))
    amendment.state = AmendmentState.WITHDRAWN
    db.session.flush()
    record(actor, Event.AMENDMENT_WITHDRAWN, amendment)
