"""An objection has a thread, in which the group works it through; taken back, it ends."""

from sip.ballots.models import Ballot, Choice, Vote
from sip.core import texts
from sip.core.journal import Event
from sip.people.models import Person
from sip.threads.actions.comments import count_comment, new_comment, record, tell_of_comment
from sip.threads.actions.comments import lock as lock_thread
from sip.threads.actions.stamps import bump
from sip.threads.actions.threads import Spot, begin_thread, end_thread
from sip.threads.models import Thread, ThreadKind, ThreadState

# Said in the discussion, in the language of its document.
_TAKEN_BACK = {
    "fr": "L’objection a été retirée.",
    "nl": "Het bezwaar is ingetrokken.",
    "en": "The objection was taken back.",
}


def follow_objection(actor: Person, ballot: Ballot, vote: Vote, *, is_objection: bool, reason: str) -> None:
    """Begin, go on with or end the thread of an objection, before `vote` says the new choice; `reason` is clean."""
    thread = vote.thread
    if thread is not None:
        lock_thread(thread)
    is_running = thread is not None and thread.state != ThreadState.RESOLVED
    if not is_objection:
        if thread is not None and is_running:
            end_thread(actor, thread, _TAKEN_BACK.get(ballot.draft.language[:2], _TAKEN_BACK["fr"]))
        return
    if vote.choice == Choice.OBJECTION and vote.opinion == reason:
        return
    if thread is not None and is_running and vote.choice == Choice.OBJECTION:
        _add_reason(actor, thread, reason)
    else:
        section = ballot.section_list[0]
        spot = Spot(section.key, ballot.version.number, None, is_internal=False)
        vote.thread = begin_thread(actor, ballot.draft, ThreadKind.CONCERN, spot, texts.clean(reason))


def _add_reason(actor: Person, thread: Thread, reason: str) -> None:
    """Let another reason of the same objection stand below the first."""
    comment = new_comment(thread, texts.clean(reason), author=actor)
    shown = count_comment(thread, comment)
    tell_of_comment(actor, comment)
    record(actor, Event.COMMENT_POSTED, comment)
    bump(thread.draft_id, threads=shown)
