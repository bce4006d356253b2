"""Threads and comments: begun, answered, mended, taken back."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from sip.core import clock
from sip.core.db import db
from sip.core.errors import Denied, Invalid, Missing
from sip.cycles.stages import Stage
from sip.drafts.models import KeptPassage, PlaceState
from sip.drafts.passages import places_in
from sip.threads import queries
from sip.threads.actions import comments, threads
from sip.threads.checking import problems
from sip.threads.models import Comment, ReactionKind, Thread, ThreadKind, ThreadState
from sip.threads.policy import may_read_comment, may_see_thread
from tests.factories import make_draft, make_group, make_membership, make_person
from tests.helpers import journal_events


def test_a_thread_on_a_passage_keeps_its_words_and_its_place(forum):
    thread = forum.say("member", "Et les **petites** ?", ThreadKind.CONCERN, **forum.passage("publie ses comptes"))
    comment = forum.comment(thread)
    place = places_in(forum.version().id)[thread.passage_id]
    assert (thread.kind, thread.state, thread.comments, thread.version_number) == ("concern", "open", 1, 1)
    assert (thread.key, thread.passage.shown) == (forum.key(1), "publie ses comptes")
    assert (place.state, place.shown_end - place.shown_start) == (PlaceState.IN_PLACE, 18)
    assert (comment.author_id, comment.role, comment.reply_to_id) == (forum["member"].id, None, None)
    assert "<strong>petites</strong>" in comment.html
    assert queries.number_of_threads(forum.draft.id) == 1
    assert journal_events()[-1] == "thread.opened"


def test_a_thread_on_a_section_and_one_on_the_whole_draft(forum):
    on_section = forum.say("participant", "À revoir.", key=forum.key(2))
    on_draft = forum.say("member", "Merci pour ce travail.")
    assert (on_section.key, on_section.passage_id, on_section.version_number) == (forum.key(2), None, 1)
    assert (on_draft.key, on_draft.version_number, on_draft.is_internal) == (None, 1, False)
    assert forum.comment(on_section).role == "participant"


def test_a_version_that_is_not_published_is_talked_about_among_those_who_read_it(forum):
    forum.write(1, "Chaque antenne publie ses comptes et son bilan.")
    forum.freeze("Non publiée")
    inside = forum.say("participant", "Entre nous.", **forum.passage("son bilan"))
    assert inside.is_internal
    assert not may_see_thread(forum["member"], inside)
    assert may_see_thread(forum["referent"], inside)
    assert queries.number_of_threads(forum.draft.id) == 0
    with pytest.raises(Missing):
        forum.say("member", "Je ne devrais pas.", **forum.passage("son bilan"))


def test_a_draft_without_a_version_is_discussed_by_its_group(unpublished):
    thread = unpublished.say("participant", "Commençons.", key=unpublished.key(0))
    assert (thread.is_internal, thread.version_number) == (True, None)
    with pytest.raises(Missing):
        unpublished.say("member", "Moi aussi ?")


def test_a_section_that_readers_do_not_know_is_talked_about_inside(forum):
    hidden = forum.section(2)
    forum.open_to(Stage.DRAFTING, 2)
    hidden.key = "newsection"
    db.session.commit()
    assert forum.say("participant", "Neuf.", key="newsection").is_internal
    forum.open_to(Stage.CONSULTATION, 2)
    with pytest.raises(Missing):
        forum.say("member", "Neuf.", key="newsection")


def wrong_places(forum):
    good = forum.passage("publie ses comptes")
    length = 10_000
    yield {**good, "end": good["start"]}, Invalid
    yield {**good, "start": good["end"], "end": good["start"]}, Invalid
    yield {**good, "start": -1}, Invalid
    yield {**good, "start": length, "end": length + 5}, Invalid
    yield {**good, "end": length}, Invalid
    yield {**good, "words": "publie leurs comptes"}, Invalid
    yield {**good, "words": ""}, Invalid
    yield {**good, "end": None}, Invalid
    yield {**good, "version": None}, Invalid
    yield {**good, "key": "nowhere"}, Missing
    yield {"key": "nowhere"}, Missing
    other = make_draft(make_group(participants=(forum["member"],)))
    yield {"version": forum.version(), "key": other.sections[0].key}, Missing


def test_odd_places_are_refused_and_leave_nothing(forum):
    for place, error in wrong_places(forum):
        with pytest.raises(error):
            threads.open_thread(forum["member"], forum.draft, ThreadKind.REMARK, "Ici.", **place)
        db.session.rollback()
    assert db.session.scalar(select(func.count(Thread.id))) == 0
    assert db.session.scalar(select(func.count(KeptPassage.id))) == 0


def test_a_version_of_another_draft_is_not_found(forum):
    other = make_draft(forum.group, title="Un autre")
    with pytest.raises(Missing):
        threads.open_thread(
            forum["participant"], other, ThreadKind.REMARK, "Ici.", **{**forum.passage("comptes"), "key": None}
        )


@pytest.mark.parametrize("text", ["", " \n\t ", "\0\x01", "x" * 5_001, "y" * 1_000_000])
def test_what_cannot_be_a_comment_is_refused(forum, text):
    thread = forum.say("member", "Un début.")
    before = forum.comment(thread)
    for act in (
        lambda: comments.reply(forum["member"], thread, text),
        lambda: comments.edit_comment(forum["member"], before, text),
        lambda: threads.open_thread(forum["member"], forum.draft, ThreadKind.REMARK, text),
    ):
        with pytest.raises(Invalid) as raised:
            act()
        assert raised.value.field == "text"
        db.session.rollback()
    assert forum.comment(thread).text == "Un début."


def test_replies_are_counted_and_belong_to_their_thread(forum):
    thread, other = forum.say("member", "Un."), forum.say("member", "Autre.")
    first = forum.comment(thread)
    answer = comments.reply(forum["facilitator"], thread, "Deux.", reply_to=first)
    assert (thread.comments, answer.reply_to_id, answer.role) == (2, first.id, "facilitator")
    with pytest.raises(Missing):
        comments.reply(forum["facilitator"], other, "Trois.", reply_to=first)
    db.session.rollback()


def test_an_edit_keeps_what_was_said_before_and_ends_after_a_while(forum):
    thread = forum.say("member", "Un mot.")
    comment = forum.comment(thread)
    comments.edit_comment(forum["member"], comment, "Un autre mot.")
    comments.edit_comment(forum["member"], comment, "Un autre mot.")
    assert (comment.text, comment.html) == ("Un autre mot.", "<p>Un autre mot.</p>")
    assert [revision.text for revision in queries.revisions_of(comment)] == ["Un mot."]
    assert journal_events().count("comment.edited") == 1
    with clock.at(comment.at + timedelta(minutes=31)), pytest.raises(Denied, match="half an hour"):
        comments.edit_comment(forum["member"], comment, "Trop tard.")


def test_nobody_changes_what_another_wrote(forum):
    comment = forum.comment(forum.say("member", "Le mien."))
    for role in ("other member", "facilitator", "steering", "administrator"):
        with pytest.raises(Denied):
            comments.edit_comment(forum[role], comment, "À moi.")
        with pytest.raises(Denied):
            comments.remove_comment(forum[role], comment)


def test_a_removed_comment_leaves_a_trace_without_its_words(forum):
    thread = forum.say("member", "Une bêtise.")
    first = forum.comment(thread)
    comments.edit_comment(forum["member"], first, "Une autre bêtise.")
    comments.reply(forum["other member"], thread, "Comment ça ?")
    comments.remove_comment(forum["member"], first)
    db.session.commit()
    assert (first.text, first.html, queries.revisions_of(first)) == ("", "", [])
    assert (thread.comments, forum.comment(thread).id) == (1, first.id)
    assert may_see_thread(forum["other member"], thread)
    assert not may_read_comment(forum["other member"], first)
    with pytest.raises(Denied):
        comments.remove_comment(forum["member"], first)
    assert list(problems()) == []


def test_a_thread_of_which_nothing_is_left_is_shown_to_nobody_else(forum):
    thread = forum.say("member", "Rien.", **forum.passage("publie ses comptes"))
    comments.remove_comment(forum["member"], forum.comment(thread))
    db.session.commit()
    assert queries.number_of_threads(forum.draft.id) == 0
    assert may_see_thread(forum["member"], thread)
    assert may_see_thread(forum["facilitator"], thread).is_hidden
    assert queries.marks_of(forum["facilitator"], forum.draft, forum.version()) == []
    assert list(problems()) == []


def test_reactions_count_once_a_person_and_kind_and_can_be_taken_back(forum):
    comment = forum.comment(forum.say("member", "Bien."))
    for role in ("other member", "facilitator", "other member"):
        comments.react(forum[role], comment, ReactionKind.AGREE, True)
    comments.react(forum["facilitator"], comment, ReactionKind.THANK, True)
    assert (comment.agrees, comment.thanks) == (2, 1)
    for _ in range(2):
        comments.react(forum["facilitator"], comment, ReactionKind.AGREE, False)
    assert (comment.agrees, comment.thanks) == (1, 1)
    with pytest.raises(Denied, match="your own"):
        comments.react(forum["member"], comment, ReactionKind.AGREE, True)
    assert list(problems()) == []


def test_a_resolved_thread_says_by_whom_and_why_and_opens_again(forum):
    thread = forum.say("member", "Une question ?", ThreadKind.QUESTION)
    threads.resolve(forum["member"], thread, "J’ai trouvé.")
    assert (thread.state, thread.resolved_by_id, thread.resolved_reason) == (
        ThreadState.RESOLVED,
        forum["member"].id,
        "J’ai trouvé.",
    )
    for act in (
        lambda: comments.reply(forum["member"], thread, "Encore."),
        lambda: threads.resolve(forum["member"], thread),
    ):
        with pytest.raises(Denied):
            act()
    with pytest.raises(Denied):
        threads.reopen(forum["other member"], thread)
    threads.reopen(forum["secretary"], thread)
    assert (thread.state, thread.resolved_at, thread.resolved_reason) == (ThreadState.OPEN, None, "")


def test_the_stamp_grows_with_every_change(forum):
    stamps = [queries.stamp_of(forum.draft.id)]
    thread = forum.say("member", "Un.")
    comment = forum.comment(thread)
    stamps.append(queries.stamp_of(forum.draft.id))
    for act in (
        lambda: comments.reply(forum["facilitator"], thread, "Deux."),
        lambda: comments.edit_comment(forum["member"], comment, "Un et demi."),
        lambda: comments.react(forum["facilitator"], comment, ReactionKind.AGREE, True),
        lambda: threads.resolve(forum["member"], thread),
        lambda: threads.reopen(forum["member"], thread),
        lambda: comments.remove_comment(forum["member"], comment),
    ):
        act()
        stamps.append(queries.stamp_of(forum.draft.id))
    assert stamps == list(range(len(stamps)))


def test_a_person_who_goes_leaves_what_they_said(forum):
    thread = forum.say("member", "Je pars.")
    comments.reply(forum["other member"], thread, "Au revoir.")
    db.session.commit()
    person = forum["member"]
    db.session.execute(Thread.__table__.update().where(Thread.author_id == person.id).values(author_id=None))
    db.session.execute(Comment.__table__.update().where(Comment.author_id == person.id).values(author_id=None))
    db.session.expire_all()
    assert forum.comment(thread).author is None
    comments.reply(forum["facilitator"], thread, "Bonne route.")
    assert thread.comments == 3


def test_rights_are_asked_when_it_happens(forum):
    thread = forum.say("member", "Un.")
    forum.open_to(Stage.UNDER_REVIEW)
    for act in (
        lambda: comments.reply(forum["member"], thread, "Deux."),
        lambda: comments.react(forum["other member"], forum.comment(thread), ReactionKind.AGREE, True),
        lambda: forum.say("facilitator", "Trop tard."),
    ):
        with pytest.raises(Denied, match="closed at this stage"):
            act()
    stranger = make_person()
    make_membership(forum.group, stranger)
    with pytest.raises(Denied):
        threads.open_thread(stranger, forum.draft, ThreadKind.REMARK, "Un.")
