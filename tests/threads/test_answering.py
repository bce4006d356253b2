"""What the group makes of threads, and positions on recommendations."""

import pytest

from sip.core.db import db
from sip.core.errors import Conflict, Denied, Invalid, Missing
from sip.cycles.stages import Stage
from sip.drafts.models import DraftUpdate
from sip.threads import queries
from sip.threads.actions import answering, positions, threads
from sip.threads.actions.answering import disposition_mark
from sip.threads.checking import problems
from sip.threads.models import Disposition, Stance, ThreadKind, ThreadState
from tests.factories import make_draft
from tests.helpers import journal_events


@pytest.fixture
def thread(forum):
    return forum.say("member", "Combien ?", ThreadKind.QUESTION, **forum.passage("Un budget"))


def test_a_disposition_says_what_why_by_whom_and_where(forum, thread, letters):
    answering.dispose(forum["secretary"], thread, Disposition.PARTLY, " Une part. ", change_number=1)
    assert (thread.state, thread.disposition, thread.disposition_reason) == (
        ThreadState.ANSWERED,
        "partly",
        "Une part.",
    )
    assert (thread.change_number, thread.disposed_by_id) == (1, forum["secretary"].id)
    (letter,) = letters("thread_disposed")
    assert (letter.recipient, letter.data["reason"], letter.data["number"]) == (forum["member"].email, "Une part.", 1)
    assert journal_events()[-1] == "thread.disposed"


def test_the_same_again_changes_nothing(forum, thread, letters):
    for _ in range(2):
        answering.dispose(forum["secretary"], thread, Disposition.ANSWERED, "Dix euros.")
    assert len(letters("thread_disposed")) == 1
    assert journal_events().count("thread.disposed") == 1


def test_an_answer_that_was_not_seen_is_not_lost(forum, thread):
    answering.dispose(forum["secretary"], thread, Disposition.ANSWERED, "Dix euros.")
    with pytest.raises(Conflict) as raised:
        answering.dispose(forum["facilitator"], thread, Disposition.NOT_TAKEN_UP, "Non.")
    assert raised.value.details == {"disposition": "answered", "reason": "Dix euros."}
    answering.dispose(forum["facilitator"], thread, Disposition.NOT_TAKEN_UP, "Non.", replaces=disposition_mark(thread))
    assert (thread.disposition, thread.disposed_by_id) == ("not_taken_up", forum["facilitator"].id)


def test_an_answer_needs_a_reason_and_a_change_of_this_draft(forum, thread):
    other = make_draft(forum.group, title="Un autre")
    foreign = db.session.scalars(db.select(DraftUpdate.id).where(DraftUpdate.draft_id == other.id)).first()
    own = db.session.scalars(db.select(DraftUpdate.id).where(DraftUpdate.draft_id == forum.draft.id)).first()
    for reason, change, field in (
        ("  ", {}, "disposition_reason"),
        ("x" * 2_001, {}, "disposition_reason"),
        ("Oui.", {"change_number": 2}, "change"),
        ("Oui.", {"change_update_id": foreign}, "change"),
    ):
        with pytest.raises(Invalid) as raised:
            answering.dispose(forum["facilitator"], thread, Disposition.TAKEN_UP, reason, **change)
        assert raised.value.field == field
    answering.dispose(forum["facilitator"], thread, Disposition.TAKEN_UP, "Oui.", change_update_id=own)
    assert thread.change_update_id == own
    mark = disposition_mark(thread)
    answering.dispose(forum["facilitator"], thread, Disposition.ANSWERED, "Oui.", change_number=1, replaces=mark)
    assert (thread.change_update_id, thread.change_number) == (None, None), "an answer changes no text"


def test_a_resolved_thread_can_still_be_answered(forum, thread):
    threads.resolve(forum["member"], thread)
    answering.dispose(forum["facilitator"], thread, Disposition.ANSWERED, "Dix euros.")
    assert thread.state == ThreadState.RESOLVED
    threads.reopen(forum["member"], thread)
    assert thread.state == ThreadState.ANSWERED


def test_only_who_answers_for_the_group_does(forum, thread):
    for role in ("member", "participant", "referent", "steering", "administrator"):
        with pytest.raises(Denied):
            answering.dispose(forum[role], thread, Disposition.ANSWERED, "Non.")
    forum.open_to(Stage.UNDER_REVIEW)
    with pytest.raises(Denied):
        answering.dispose(forum["facilitator"], thread, Disposition.ANSWERED, "Trop tard.")


def test_positions_are_counted_and_can_be_changed(forum):
    key = forum.key(1)
    for role, stance in (
        ("member", Stance.IN_FAVOUR),
        ("other member", Stance.IN_FAVOUR),
        ("participant", Stance.AGAINST),
        ("member", Stance.RESERVED),
        ("member", Stance.RESERVED),
    ):
        positions.take_position(forum[role], forum.draft, key, stance)
    assert queries.positions_of(forum.draft, key) == {
        Stance.IN_FAVOUR: 1,
        Stance.RESERVED: 1,
        Stance.AGAINST: 1,
        Stance.UNDECIDED: 0,
    }
    assert queries.position_of(forum["member"], forum.draft, key) == Stance.RESERVED
    assert queries.position_of(None, forum.draft, key) is None
    positions.take_position(forum["member"], forum.draft, key, None)
    assert queries.position_of(forum["member"], forum.draft, key) is None
    assert sum(queries.positions_of(forum.draft, key).values()) == 2
    assert sum(queries.positions_of(forum.draft, forum.key(2)).values()) == 0
    assert journal_events().count("position.taken") == 5
    assert list(problems()) == []


def test_positions_are_not_taken_where_there_is_no_recommendation(forum):
    with pytest.raises(Denied):
        positions.take_position(forum["member"], forum.draft, forum.key(0), Stance.AGAINST)
    with pytest.raises(Missing):
        positions.take_position(forum["member"], forum.draft, "nowhere", Stance.AGAINST)
    forum.open_to(Stage.INFORMATION)
    with pytest.raises(Denied, match="consultation"):
        positions.take_position(forum["member"], forum.draft, forum.key(1), Stance.AGAINST)


def test_names_of_counts_fit_into_their_column(forum):
    longest = max(len(queries.position_count(2**31, "k" * 20, stance)) for stance in Stance)
    assert longest <= 40
