"""The group's answers: amendments taken up, as they are or changed, declined, several answered at once; and undone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from sip.amendments import queries
from sip.amendments.actions.letters import tell
from sip.amendments.actions.locking import MAX_ANSWER, MAX_PROPOSED, check_wording, checked_title, lock, lock_all
from sip.amendments.models import Amendment, AmendmentAnswer, AmendmentKind, AmendmentState
from sip.amendments.policy import may_accept, may_decline, may_undo_answer, section_of
from sip.amendments.targets import Proposal, Target, meeting_of, proposals_of
from sip.amendments.writing import new_owners, owners_of, runs_of
from sip.core import clock, journal
from sip.core.access import require
from sip.core.db import db
from sip.core.errors import Conflict, Invalid, Missing
from sip.core.journal import Event
from sip.core.messages import message
from sip.drafts import moments
from sip.drafts import queries as draft_queries
from sip.drafts.actions.arranging import add_section, retire_section
from sip.drafts.actions.passages import mark_source
from sip.drafts.actions.taking_back import reverse_update
from sip.drafts.actions.text import checked, replace_body
from sip.drafts.live_text import clean_text
from sip.drafts.models import Draft, Section, SectionKind
from sip.people.models import Person
from sip.threads import texts
from sip.threads.actions.answering import dispose
from sip.threads.actions.comments import lock as lock_thread
from sip.threads.actions.stamps import bump
from sip.threads.models import Disposition, ThreadState
from sip.threads.policy import may_dispose

ORIGIN = "amendment"
_DISPOSITIONS = {
    AmendmentState.ACCEPTED: Disposition.TAKEN_UP,
    AmendmentState.ACCEPTED_CHANGED: Disposition.PARTLY,
    AmendmentState.DECLINED: Disposition.NOT_TAKEN_UP,
}
TAKEN_UP = (AmendmentState.ACCEPTED, AmendmentState.ACCEPTED_CHANGED)
MOST_AT_ONCE = 50


@dataclass(frozen=True)
class Stale:
    """The passage is not what the answerer saw, or not what was amended: three texts, for a decision. Nothing is done.

    Where the passage `is_gone`, `now` is the text of its whole section.
    """

    then: str
    proposed: str
    now: str
    is_gone: bool = False


def accept(
    actor: Person | None,
    amendment: Amendment,
    reason: str,
    *,
    seen: str,
    revision: int | None = None,
    text: str | None = None,
    title: str = "",
    for_thread: bool = False,
    max_length: int = 200_000,
    max_sections: int = 300,
) -> AmendmentAnswer | Stale:
    """Write an amendment into the live text, as `text` where that is given; its author is credited and told.

    `seen` is what the live text said in its place when the answerer decided; where it says something else by now, or
    the passage is another than the one amended and no `text` was written for it, nothing is done and the three texts
    are returned. `for_thread` lets the same answer stand in the discussion that the amendment was made from, if that
    has none. Raises Denied where it was answered meanwhile, Invalid without a reason, or where its author gave it
    another wording than the `revision` that the answerer read.
    """
    _hold(amendment, for_thread=for_thread)
    require(may_accept(actor, amendment))
    assert actor is not None
    check_wording(amendment, revision)
    reason = texts.clean_line(reason, MAX_ANSWER, "reason")
    draft = amendment.draft
    proposal = proposals_of(draft, [amendment])[0]
    if proposal.target.now != clean_text(seen) or (text is None and not proposal.is_as_it_was):
        return Stale(proposal.then, proposal.proposed, proposal.target.now, proposal.target.is_gone)
    wanted = proposal.proposed if text is None else _checked_text(text, amendment.kind, proposal)
    answer = _new_answer(actor, draft)
    if amendment.kind == AmendmentKind.NEW_RECOMMENDATION:
        named = checked_title(title) if title else amendment.title
        is_changed = named != amendment.title or wanted != proposal.proposed
        section = add_section(
            actor,
            draft,
            named,
            SectionKind.RECOMMENDATION,
            after=_last_recommendation(draft),
            max_sections=max_sections,
        )
        target = Target(section)
    else:
        is_changed = wanted not in (proposal.proposed, proposal.rebased)
        target = proposal.target
    credits = [(amendment.author_id, proposal.rebased or proposal.proposed)]
    _write(actor, answer, target, wanted, amendment.author, credits, max_length)
    state = AmendmentState.ACCEPTED_CHANGED if is_changed else AmendmentState.ACCEPTED
    _give(actor, answer, {amendment: (state, reason)})
    if for_thread:
        _answer_thread(actor, amendment)
    return answer


def decline(
    actor: Person | None,
    amendment: Amendment,
    reason: str,
    *,
    revision: int | None = None,
    for_thread: bool = False,
) -> AmendmentAnswer:
    """Say that an amendment is not taken up, and why. Raises Denied and Invalid as `accept` does."""
    _hold(amendment, for_thread=for_thread)
    require(may_decline(actor, amendment))
    assert actor is not None
    check_wording(amendment, revision)
    reason = texts.clean_line(reason, MAX_ANSWER, "reason")
    answer = _new_answer(actor, amendment.draft)
    _give(actor, answer, {amendment: (AmendmentState.DECLINED, reason)})
    if for_thread:
        _answer_thread(actor, amendment)
    return answer


def merge(
    actor: Person | None,
    amendments: Sequence[Amendment],
    text: str,
    reasons: Mapping[int, tuple[AmendmentState, str]],
    *,
    seen: str,
    revisions: Mapping[int, int] = MappingProxyType({}),
    max_length: int = 200_000,
) -> AmendmentAnswer | Stale:
    """Answer several amendments of one place at once, and write one text for those that are taken up.

    `reasons` holds the answer to each, by its id, `revisions` which wording of it was read; `text` stands for all their
    passages together, which said `seen`. Raises Denied where one was answered meanwhile, Invalid where an answer or a
    reason is missing, or where one has another wording by now.
    """
    if not amendments or len(amendments) > MOST_AT_ONCE or len({each.draft_id for each in amendments}) != 1:
        raise Missing
    amendments = list(amendments)
    lock_all(amendments)
    for amendment in amendments:
        require(may_decline(actor, amendment))
        check_wording(amendment, revisions.get(amendment.id))
    given = {amendment: _checked_answer(amendment, reasons) for amendment in amendments}
    assert actor is not None
    draft = amendments[0].draft
    taken_up = [amendment for amendment in amendments if given[amendment][0] in TAKEN_UP]
    if not taken_up:
        answer = _new_answer(actor, draft)
    else:
        for amendment in taken_up:
            require(may_accept(actor, amendment))
        meeting = meeting_of(proposals_of(draft, amendments))
        if meeting is None:
            raise Invalid(message("These amendments cannot be written as one text: answer them one by one."))
        if meeting.target.now != clean_text(seen):
            return Stale(clean_text(seen), text, meeting.target.now)
        wanted = _checked_text(text, AmendmentKind.CHANGE, None)
        ways = dict(meeting.texts)
        credits = [(each.author_id, way) for each in taken_up if (way := ways[each]) is not None]
        authors = {amendment.author_id: amendment.author for amendment in taken_up}
        author = next(iter(authors.values())) if len(authors) == 1 else actor
        answer = _new_answer(actor, draft)
        _write(actor, answer, meeting.target, wanted, author, credits, max_length)
    _give(actor, answer, given)
    return answer


def _hold(amendment: Amendment, *, for_thread: bool) -> None:
    lock_all([amendment])
    # Before anything tells open pages of news: whoever writes in a discussion holds it first, too.
    if for_thread and amendment.thread is not None:
        lock_thread(amendment.thread)


def _checked_answer(
    amendment: Amendment, reasons: Mapping[int, tuple[AmendmentState, str]]
) -> tuple[AmendmentState, str]:
    """Return the answer to one of several; errors name its fields `state-ID` and `reason-ID`."""
    state, reason = reasons.get(amendment.id, (AmendmentState.OPEN, ""))
    if state not in (*TAKEN_UP, AmendmentState.DECLINED):
        raise Invalid(message("Say what becomes of each amendment."), f"state-{amendment.id}")
    return state, texts.clean_line(reason, MAX_ANSWER, f"reason-{amendment.id}")


def _checked_text(text: str, kind: str, proposal: Proposal | None) -> str:
    """Return the text that the answerer wrote as it is stored; raises Invalid."""
    text = clean_text(text)
    most = MAX_PROPOSED + (len(proposal.target.now) if proposal is not None else MAX_PROPOSED)
    if len(text) > most:
        raise Invalid(message("This is too long: %(max)s characters at most.", max=most), "text")
    is_new = kind in (AmendmentKind.NEW_MEASURE, AmendmentKind.NEW_RECOMMENDATION)
    if is_new and not text.strip():
        raise Invalid(message("Write the text that the group takes up."), "text")
    return text.strip() if is_new else text


def _new_answer(actor: Person, draft: Draft) -> AmendmentAnswer:
    answer = AmendmentAnswer(draft=draft, at=clock.now(), by=actor, text=None, update_id=None, key=None)
    db.session.add(answer)
    db.session.flush()
    return answer


def _last_recommendation(draft: Draft) -> Section | None:
    """Return the section after which a new recommendation stands: before a conclusion, if there is one."""
    found = [section for section in draft.living_sections if section.is_recommendation]
    return found[-1] if found else None


def _write(
    actor: Person,
    answer: AmendmentAnswer,
    target: Target,
    text: str,
    author: Person | None,
    credits: Sequence[tuple[int | None, str]],
    max_length: int,
) -> None:
    """Bring the live text to `text` at the target, in one update, with the authors of its words."""
    section, written = target.section, target.write(text)
    assert section is not None
    owners = new_owners(target.now, owners_of(section.authorship)[target.start : target.end], text, credits, actor.id)
    update = replace_body(author, section, checked(written.body, max_length), origin=ORIGIN)
    if update is not None:
        everybody = owners_of(section.authorship)
        everybody[written.start : written.end] = owners
        section.authorship = runs_of(everybody)
    answer.text, answer.key = text, section.key
    answer.update_id = update.id if update is not None else None
    if text.strip():
        at = answer.update_id or moments.last_update(answer.draft_id)
        answer.passage = mark_source(answer.draft, section.key, at, written.start, written.end)
    db.session.flush()


def _give(actor: Person, answer: AmendmentAnswer, given: Mapping[Amendment, tuple[AmendmentState, str]]) -> None:
    """Note the answer with each amendment, tell the authors, and write it into the journal."""
    for amendment, (state, reason) in given.items():
        amendment.state, amendment.answer, amendment.answer_reason = state, answer, reason
    db.session.flush()
    for amendment, (state, reason) in given.items():
        tell(actor, [amendment.author], amendment, "amendment_answered", state=state.value, reason=reason)
    draft = answer.draft
    journal.record(
        actor,
        Event.AMENDMENTS_ANSWERED,
        answer.id,
        draft_id=draft.id,
        cycle_id=draft.cycle_id,
        amendments=[amendment.id for amendment in given],
        states=[state.value for state, _reason in given.values()],
        key=answer.key,
        title=next((queries.title_of(draft, amendment) for amendment in given), ""),
        update=answer.update_id,
    )
    db.session.flush()
    bump(draft.id)


def _answer_thread(actor: Person, amendment: Amendment) -> None:
    """Give the discussion that an amendment was made from the answer that the amendment has, unless it has one."""
    thread = amendment.thread
    if thread is None or thread.disposition is not None or not may_dispose(actor, thread):
        return
    assert amendment.answer is not None
    disposition = _DISPOSITIONS[AmendmentState(amendment.state)]
    dispose(actor, thread, disposition, amendment.answer_reason, change_update_id=amendment.answer.update_id)


def undo_answer(actor: Person | None, answer: AmendmentAnswer) -> list[Amendment]:
    """Take an answer back: its amendments wait for another one, and the text says again what it said before.

    What others wrote since stays; raises Conflict, and leaves all as it is, where they changed the same words.
    """
    draft = answer.draft
    draft_queries.lock(draft)
    draft_queries.load_texts(draft)
    db.session.refresh(answer, with_for_update={"of": AmendmentAnswer})
    require(may_undo_answer(actor, answer, draft))
    assert actor is not None
    amendments = queries.answered_by(answer)
    for amendment in amendments:
        lock(amendment)
    if answer.update_id is not None:
        _take_text_back(actor, answer, amendments)
    answer.undone_at, answer.undone_by_id = clock.now(), actor.id
    for amendment in amendments:
        amendment.state, amendment.answer, amendment.answer_reason = AmendmentState.OPEN, None, ""
    _reopen_threads(answer, amendments)
    db.session.flush()
    for amendment in amendments:
        tell(actor, [amendment.author], amendment, "amendment_reopened", name=actor.name)
    journal.record(
        actor,
        Event.AMENDMENT_ANSWER_UNDONE,
        answer.id,
        draft_id=draft.id,
        cycle_id=draft.cycle_id,
        amendments=[amendment.id for amendment in amendments],
        key=answer.key,
        title=next((queries.title_of(draft, amendment) for amendment in amendments), ""),
    )
    db.session.flush()
    bump(draft.id)
    return amendments


def _reopen_threads(answer: AmendmentAnswer, amendments: Sequence[Amendment]) -> None:
    """Let discussions wait for an answer again whose answer was the change that is taken back."""
    for thread in {amendment.thread for amendment in amendments}:
        if thread is None or answer.update_id is None:
            continue
        lock_thread(thread)
        if thread.change_update_id == answer.update_id:
            thread.disposition, thread.disposition_reason, thread.change_update_id = None, "", None
            thread.disposed_at = thread.disposed_by_id = None
            thread.state = ThreadState.OPEN if thread.state == ThreadState.ANSWERED else thread.state


def _take_text_back(actor: Person, answer: AmendmentAnswer, amendments: Sequence[Amendment]) -> None:
    assert answer.update_id is not None
    section = section_of(answer.draft, answer.key)
    if any(amendment.kind == AmendmentKind.NEW_RECOMMENDATION for amendment in amendments):
        if section is not None:
            retire_section(actor, section)
        return
    if reverse_update(actor, answer.draft, answer.update_id).kept:
        raise Conflict(
            message(
                "Others have changed the same words since, so the text stays as it is. Change it by hand, "
                "or go on with the answer as it stands."
            )
        )
