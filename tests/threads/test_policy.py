"""Who may do what in a discussion, as rows of stage × role × verb, and what else stands in the way."""

from datetime import timedelta

import pytest

from sip.core import clock
from sip.core.db import db
from sip.cycles.stages import Role, Stage, Verb, allows
from sip.drafts.policy import roles_on
from sip.threads import policy
from sip.threads.actions import comments, moderating, threads
from sip.threads.models import Thread, ThreadKind

OPEN = (Stage.CONSULTATION, Stage.CONCERTATION, Stage.CODECISION)
ROLES = (
    "visitor",
    "member",
    "participant",
    "secretary",
    "facilitator",
    "referent",
    "steering",
    "board",
    "administrator",
)


@pytest.fixture
def thread(forum):
    """A remark of a member on a passage of the second section."""
    return forum.say("member", "Un mot.", **forum.passage("publie ses comptes"))


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("role", ROLES)
def test_every_cell_of_the_table_holds(forum, thread, stage, role):
    forum.open_to(stage)
    draft, key, person = forum.draft, forum.key(1), forum[role]
    roles = roles_on(person, draft)
    comment = forum.comment(thread)

    def may(verb):
        return allows(stage, roles, verb)

    assert bool(policy.may_read_discussion(person, draft))
    for kind in ThreadKind:
        wanted = person is not None and may(Verb.ASK if kind == ThreadKind.QUESTION else Verb.COMMENT)
        assert bool(policy.may_open_thread(person, draft, key, kind)) == wanted
        assert bool(policy.may_open_thread(person, draft, None, kind)) == wanted
        assert (kind in policy.kinds_open_to(person, draft, key)) == wanted
    assert bool(policy.may_reply(person, thread)) == (person is not None and may(Verb.COMMENT))
    assert bool(policy.may_react(person, comment)) == (role not in ("visitor", "member") and may(Verb.COMMENT))
    assert bool(policy.may_report(person, comment)) == (role not in ("visitor", "member"))
    assert bool(policy.may_comment_as_guest(person, draft, key)) == may(Verb.COMMENT_AS_GUEST)
    assert bool(policy.may_take_position(person, draft, key)) == may(Verb.TAKE_POSITION)
    assert bool(policy.may_answer(person, draft)) == may(Verb.ANSWER)
    assert bool(policy.may_dispose(person, thread)) == may(Verb.ANSWER)
    assert bool(policy.may_resolve(person, thread)) == (role == "member" or may(Verb.ANSWER))
    for answer in (policy.may_moderate(person, draft), policy.may_hide(person, comment)):
        assert bool(answer) == may(Verb.MODERATE)


def test_the_table_says_the_promises():
    for stage in Stage:
        assert allows(stage, {Role.STEERING}, Verb.MODERATE)
        assert allows(stage, {Role.MEMBER}, Verb.COMMENT) == (stage in OPEN)
        assert allows(stage, {Role.MEMBER}, Verb.ASK) == (stage in (Stage.INFORMATION, *OPEN))
        assert allows(stage, {Role.VISITOR}, Verb.COMMENT_AS_GUEST) == (stage in OPEN)
        for role in (Role.MEMBER, Role.PARTICIPANT, Role.REFERENT, Role.BOARD, Role.ADMINISTRATOR, Role.STEERING):
            assert not allows(stage, {role}, Verb.ANSWER)


@pytest.mark.parametrize(
    ("stage", "kind", "words"),
    [
        (Stage.INFORMATION, ThreadKind.REMARK, "from the stage of consultation on"),
        (Stage.DRAFTING, ThreadKind.QUESTION, "once the text is open for information"),
        (Stage.UNDER_REVIEW, ThreadKind.QUESTION, "closed at this stage"),
        (Stage.WITHDRAWN, ThreadKind.CONCERN, "closed at this stage"),
    ],
)
def test_the_reason_says_from_when_on_or_that_it_is_over(forum, stage, kind, words):
    forum.open_to(stage)
    for key in (forum.key(1), None):
        assert words in str(policy.may_open_thread(forum["member"], forum.draft, key, kind).reason)


def test_on_the_whole_draft_one_section_is_enough(forum):
    forum.open_to(Stage.INFORMATION)
    forum.open_to(Stage.CONSULTATION, 2)
    assert policy.may_open_thread(forum["member"], forum.draft, None, ThreadKind.REMARK)
    assert policy.may_open_thread(forum["member"], forum.draft, forum.key(2), ThreadKind.REMARK)
    assert not policy.may_open_thread(forum["member"], forum.draft, forum.key(1), ThreadKind.REMARK)
    assert policy.kinds_open_to(forum["member"], forum.draft, forum.key(1)) == [ThreadKind.QUESTION]


def test_what_a_stage_opens_ends_when_it_closes(forum, thread):
    for section in forum.draft.sections:
        section.stage_closes_at = clock.now() + timedelta(hours=1)
    db.session.commit()
    key = forum.key(1)
    assert policy.may_open_thread(forum["member"], forum.draft, key)
    with clock.at(clock.now() + timedelta(hours=2)):
        for answer in (
            policy.may_open_thread(forum["member"], forum.draft, key),
            policy.may_reply(forum["member"], thread),
            policy.may_take_position(forum["member"], forum.draft, key),
            policy.may_comment_as_guest(None, forum.draft, key),
        ):
            assert "closed at this stage" in str(answer.reason)
        assert policy.may_dispose(forum["facilitator"], thread)
        assert policy.may_reply(forum["participant"], thread)


def test_where_only_questions_are_open_members_answer_questions(forum, thread):
    question = forum.say("member", "Pourquoi ?", ThreadKind.QUESTION)
    forum.open_to(Stage.INFORMATION)
    assert policy.may_reply(forum["other member"], question)
    assert "consultation" in str(policy.may_reply(forum["other member"], thread).reason)
    assert policy.may_reply(forum["participant"], thread)


def test_a_retired_section_takes_nothing_new_but_what_was_said_goes_on(forum, thread):
    forum.section(1).retired_at = clock.now()
    db.session.commit()
    key = thread.key
    assert "no longer part" in str(policy.may_open_thread(forum["member"], forum.draft, key).reason)
    assert "no longer part" in str(policy.may_comment_as_guest(None, forum.draft, key).reason)
    assert not policy.may_take_position(forum["member"], forum.draft, key)
    assert policy.may_reply(forum["member"], thread)
    assert policy.may_dispose(forum["facilitator"], thread)


def test_positions_are_taken_on_recommendations(forum):
    assert "on recommendations" in str(policy.may_take_position(forum["member"], forum.draft, forum.key(0)).reason)
    assert policy.may_take_position(forum["member"], forum.draft, "nowhere").is_hidden


def test_who_may_not_know_of_a_draft_learns_nothing(unpublished):
    thread = unpublished.say("participant", "Entre nous.", key=unpublished.key(1))
    comment, key = unpublished.comment(thread), unpublished.key(1)
    for role in ("visitor", "member", "board", "administrator"):
        person = unpublished[role]
        for answer in (
            policy.may_read_discussion(person, unpublished.draft),
            policy.may_see_thread(person, thread),
            policy.may_read_comment(person, comment),
            policy.may_open_thread(person, unpublished.draft, key),
            policy.may_comment_as_guest(person, unpublished.draft, key),
            policy.may_take_position(person, unpublished.draft, key),
            policy.may_reply(person, thread),
            policy.may_react(person, comment),
            policy.may_report(person, comment),
            policy.may_edit_comment(person, comment),
            policy.may_resolve(person, thread),
            policy.may_dispose(person, thread),
            policy.may_answer(person, unpublished.draft),
            policy.may_moderate(person, unpublished.draft),
            policy.may_hide(person, comment),
        ):
            assert answer.is_hidden, role


def test_an_internal_thread_is_for_those_who_read_the_live_text(forum, thread):
    thread.is_internal = True
    db.session.commit()
    for role, sees in (("visitor", False), ("member", False), ("referent", True), ("steering", True)):
        assert bool(policy.may_see_thread(forum[role], thread)) == sees
    forum.open_to(Stage.CONCERTATION)
    assert policy.may_see_thread(forum["other member"], thread), "members watch the live text now"


def test_a_hidden_comment_is_read_by_its_author_and_moderators(forum, thread):
    comments.reply(forum["other member"], thread, "Deux.")
    comment = forum.comment(thread)
    moderating.hide(forum["steering"], comment, "Hors sujet.")
    for role in ROLES:
        assert policy.may_see_comment(forum[role], comment)
        assert bool(policy.may_read_comment(forum[role], comment)) == (role in ("member", "steering"))
        assert not policy.may_react(forum[role], comment)
        assert not policy.may_edit_comment(forum[role], comment)
        assert not policy.may_remove_comment(forum[role], comment)


def test_a_resolved_thread_takes_no_replies(forum, thread):
    threads.resolve(forum["member"], thread)
    assert "resolved" in str(policy.may_reply(forum["member"], thread).reason)
    assert policy.may_dispose(forum["facilitator"], thread)
    assert [bool(policy.may_reopen(forum[role], thread)) for role in ("member", "secretary", "participant")] == [
        True,
        True,
        False,
    ]


def test_guests_only_where_the_cycle_allows_them(forum):
    assert policy.may_comment_as_guest(None, forum.draft, forum.key(1))
    assert not policy.may_comment_as_guest(forum["member"], forum.draft, forum.key(1))
    forum.draft.theme.cycle.guests_may_comment = False
    db.session.commit()
    assert "Sign in" in str(policy.may_comment_as_guest(None, forum.draft, forum.key(1)).reason)


def test_the_policy_reads_nothing_more_once_things_are_loaded(forum, thread, queries):
    person, comment = forum["facilitator"], forum.comment(thread)
    assert person.name
    assert policy.may_read_comment(person, comment)
    with queries() as statements:
        for _ in range(10):
            policy.may_reply(person, thread)
            policy.may_dispose(person, thread)
            policy.may_hide(person, comment)
            policy.may_react(person, comment)
    assert statements == []
    assert db.session.get(Thread, thread.id) is thread
