"""What `sip check` finds of discussions: nothing when all is well, and every count and link that is wrong."""

import pytest
from sqlalchemy import update

from sip.core.db import db
from sip.threads.actions import comments, positions
from sip.threads.checking import problems
from sip.threads.models import Comment, Discussion, ReactionKind, Stance, Thread
from tests.factories import make_draft


@pytest.fixture
def talk(forum):
    """A discussion with something of everything."""
    thread = forum.say("member", "Un.", **forum.passage("publie ses comptes"))
    comments.reply(forum["participant"], thread, "Deux.", reply_to=forum.comment(thread))
    comments.react(forum["participant"], forum.comment(thread), ReactionKind.AGREE, True)
    positions.take_position(forum["member"], forum.draft, forum.key(1), Stance.AGAINST)
    forum.say("other member", "Autre.")
    db.session.commit()
    return thread


def damages(forum, talk):
    mine, draft = Thread.id == talk.id, forum.draft.id
    yield (
        update(Thread).where(mine).values(comments=3),
        f"thread {talk.id}: the stored number of comments is 3 instead of 2",
    )
    first = forum.comment(talk).id
    wrong = f"comment {first}: the stored number of reactions (agree) is wrong"
    yield update(Comment).where(Comment.id == first).values(agrees=2), wrong
    wrong = f"comment {first}: the stored number of reactions (thank) is wrong"
    yield update(Comment).where(Comment.id == first).values(thanks=1), wrong
    yield update(Discussion).values(threads=5), f"draft {draft}: the stored number of threads is 5"
    other = make_draft(forum.group, title="Un autre")
    talk.passage.draft_id = other.id
    db.session.flush()
    yield None, f"thread {talk.id}: its passage is one of another draft"
    talk.passage.draft_id = draft
    foreign = forum.comment(db.session.get(Thread, talk.id + 1)).id
    yield (
        update(Comment).where(Comment.id == foreign).values(reply_to_id=first),
        (f"comment {foreign}: it answers one of another thread"),
    )


def test_nothing_is_found_when_all_is_well(talk):
    assert list(problems()) == []


def test_every_damage_is_named(forum, talk):
    for damage, wrong in damages(forum, talk):
        with db.session.begin_nested() as undone:
            if damage is not None:
                db.session.execute(damage)
            assert wrong in list(problems())
            undone.rollback()


def test_a_wrong_count_of_positions_is_named(forum, talk):
    db.session.execute(db.text("UPDATE counts SET value = 4 WHERE name LIKE 'pos.%'"))
    assert list(problems()) == [f"the stored count pos.{forum.draft.id}.{forum.key(1)}.a is 4 instead of 1"]


def test_a_thread_without_a_comment_is_named(forum, talk):
    db.session.execute(db.text("DELETE FROM reactions"))
    db.session.execute(db.text("UPDATE comments SET reply_to_id = NULL, agrees = 0"))
    db.session.execute(Comment.__table__.delete().where(Comment.thread_id == talk.id))
    assert f"thread {talk.id}: it has no comment" in list(problems())
