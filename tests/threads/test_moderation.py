"""Guests, whose comments wait; reports; what is hidden and shown again."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from sip.core import clock
from sip.core.db import db, transaction
from sip.core.errors import Denied, Invalid, Missing, Throttled
from sip.cycles.stages import Stage
from sip.drafts.histories import journal_of
from sip.drafts.models import KeptPassage
from sip.groups.queries import history
from sip.notices import courier
from sip.people import throttle
from sip.threads import queries
from sip.threads.actions import comments, guests, moderating
from sip.threads.checking import problems
from sip.threads.models import Comment, Guest, Report, Thread, ThreadKind
from sip.threads.policy import may_see_thread
from tests.factories import make_cycle
from tests.helpers import journal_events


def write(forum, *, email="gwen@example.org", text="Bonjour, et nous ?", **place):
    """Comment as a guest, in a transaction of its own."""
    db.session.commit()
    thread = guests.comment_as_guest(forum.draft, ThreadKind.REMARK, text, "Gwen Invitée", email, "fr", **place)
    db.session.commit()
    return thread


def history_of(forum):
    drafts = [forum.draft.id]
    return history(forum.group, is_desk=True, open_texts=drafts, published=drafts)


def secret_of(letter):
    """What the letter's reader gets; nothing of it is in the database."""
    db.session.commit()
    with transaction():
        language, contents = courier._contents(letter)
    assert language == letter.language
    return contents["secret"]


@pytest.fixture
def waiting(forum, letters):
    """A guest's thread on a passage, confirmed and held."""
    thread = write(forum, **forum.passage("publie ses comptes"))
    guests.confirm_guest(secret_of(letters("guest_comment")[-1]))
    db.session.commit()
    return thread


def test_a_guest_confirms_and_a_moderator_lets_through(forum, letters):
    thread = write(forum, **forum.passage("publie ses comptes"))
    (letter,) = letters()
    assert (letter.kind, letter.recipient, letter.language) == ("guest_comment", "gwen@example.org", "fr")
    assert thread.comments == 0
    for role in ("visitor", "member", "facilitator", "steering"):
        assert may_see_thread(forum[role], thread).is_hidden, "before it is confirmed nobody sees it"
    assert queries.count(queries.held(forum["steering"])) == 0
    secret = secret_of(letter)
    assert guests.guest_by_secret(secret).id == thread.guest_id
    assert guests.confirm_guest(secret).id == thread.id
    for role in ("visitor", "member", "facilitator", "administrator"):
        assert may_see_thread(forum[role], thread).is_hidden
    assert may_see_thread(forum["steering"], thread)
    (comment,) = db.session.scalars(queries.held(forum["steering"]))
    assert list(db.session.scalars(queries.held(forum["facilitator"]))) == []
    assert list(db.session.scalars(queries.comments_of(thread, forum["member"]))) == []
    moderating.let_through(forum["steering"], comment)
    assert (thread.comments, comment.is_visible) == (1, True)
    assert may_see_thread(None, thread)
    assert queries.number_of_threads(forum.draft.id) == 1
    assert [mark.id for mark in queries.marks_of(None, forum.draft, forum.version())] == [thread.id]
    assert letters()[-1].kind == "comment_let_through"
    assert journal_events()[-1] == "comment.let_through"
    assert list(problems()) == []


def test_before_it_is_let_through_nothing_of_it_is_shown_or_recorded(forum, waiting):
    version = forum.version()
    for role in ("visitor", "member", "facilitator", "steering"):
        person = forum[role]
        assert list(db.session.scalars(queries.threads_of(person, forum.draft, version=version))) == []
        assert queries.marks_of(person, forum.draft, version) == []
        assert queries.counts_of(person, forum.draft)["all"] == 0
    assert queries.number_of_threads(forum.draft.id) == 0
    assert not [event for event in journal_events() if event.startswith(("thread.", "comment."))]
    with pytest.raises(Missing):
        comments.reply(forum["facilitator"], waiting, "Bonjour.")


def test_a_secret_is_not_stored_works_once_and_ends(forum, letters):
    write(forum)
    secret = secret_of(letters("guest_comment")[-1])
    stored = db.session.scalars(select(Guest)).one()
    assert secret not in (stored.token_hash, str(letters()[-1].data))
    for wrong in ("", "x", secret[:-1], secret + "x"):
        with pytest.raises(Missing):
            guests.confirm_guest(wrong)
    with clock.at(clock.now() + timedelta(days=8)), pytest.raises(Missing):
        guests.confirm_guest(secret)
    guests.confirm_guest(secret)
    with pytest.raises(Missing):
        guests.confirm_guest(secret)
    db.session.commit()
    assert guests.complete_letter("gwen@example.org", letters()[-1].data) is None


def test_an_address_with_an_account_is_answered_alike(forum, letters):
    for email in ("nobody@example.org", forum["member"].email):
        thread = write(forum, email=email)
        assert thread.author_id is None
        assert letters()[-1].kind == "guest_comment"
        assert letters()[-1].recipient == email
        assert set(letters()[-1].data) == {"guest"}


def test_guests_are_throttled_for_each_address_and_network(forum):
    for number in range(throttle.LETTERS_PER_ACCOUNT):
        write(forum, text=f"Bonjour {number}")
    with pytest.raises(Throttled):
        write(forum)
    write(forum, email="other@example.org")
    assert db.session.scalar(select(func.count(Guest.id))) == throttle.LETTERS_PER_ACCOUNT + 1
    for number in range(throttle.PER_NETWORK):
        write(forum, email=f"guest{number}@example.org", network="192.0.2.7")
    with pytest.raises(Throttled):
        write(forum, email="late@example.org", network="192.0.2.7")


def test_the_same_sent_twice_makes_one(forum, letters):
    assert write(forum).id == write(forum).id
    assert len(letters()) == 1
    assert write(forum, text="Autre chose.").id != write(forum, email="other@example.org").id
    assert len(letters()) == 3


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"email": "nowhere"}, "email"),
        ({"email": "a@b.org\nBcc: all@example.org"}, "email"),
        ({"text": ""}, "text"),
        ({"text": "x" * 5_001}, "text"),
    ],
)
def test_what_a_guest_gives_is_checked(forum, letters, values, field):
    given = {"text": "Bonjour.", "name": "Gwen", "email": "gwen@example.org", **values}
    with pytest.raises(Invalid) as raised:
        guests.comment_as_guest(forum.draft, ThreadKind.REMARK, language="fr", **given)
    assert raised.value.field == field
    assert letters() == []


def test_guests_write_only_where_that_is_open(forum):
    forum.open_to(Stage.INFORMATION)
    with pytest.raises(Denied):
        write(forum)
    forum.open_to(Stage.CONSULTATION)
    forum.write(1, "Autre chose.")
    forum.freeze("Non publiée")
    with pytest.raises(Missing):
        write(forum, **forum.passage("Autre chose"))
    forum.draft.theme.cycle.guests_may_comment = False
    db.session.commit()
    with pytest.raises(Denied):
        write(forum)


def test_what_was_never_confirmed_is_forgotten(forum, letters):
    write(forum, **forum.passage("publie ses comptes"))
    kept = write(forum, email="kept@example.org")
    guests.confirm_guest(secret_of(letters("guest_comment")[-1]))
    with clock.at(clock.now() + timedelta(days=15)):
        write(forum, email="new@example.org")
    assert sorted(db.session.scalars(select(Guest.email))) == ["kept@example.org", "new@example.org"]
    assert db.session.scalar(select(func.count(Thread.id))) == 2
    assert db.session.scalar(select(func.count(Comment.id))) == 2
    assert db.session.scalar(select(func.count(KeptPassage.id))) == 0
    assert db.session.get(Thread, kept.id)


def test_a_guest_can_be_refused_and_is_told_why(forum, waiting, letters):
    comment = forum.comment(waiting)
    moderating.hide(forum["steering"], comment, "Une publicité.")
    assert queries.count(queries.held(forum["steering"])) == 0
    (letter,) = letters("comment_hidden")
    assert (letter.recipient, letter.data["reason"]) == ("gwen@example.org", "Une publicité.")
    with pytest.raises(Denied):
        moderating.let_through(forum["steering"], comment)
    moderating.show_again(forum["steering"], comment)
    assert (waiting.comments, comment.is_held) == (0, True)
    assert queries.count(queries.held(forum["steering"])) == 1
    assert list(problems()) == []


def test_a_guest_is_told_of_answers(forum, waiting, letters):
    moderating.let_through(forum["steering"], forum.comment(waiting))
    comments.reply(forum["facilitator"], waiting, "Bienvenue.")
    assert [(letter.recipient, letter.kind) for letter in letters()][-1] == ("gwen@example.org", "thread_reply")


def test_reports_reach_the_moderators_of_the_cycle(forum):
    comment = forum.comment(forum.say("member", "Une insulte."))
    moderating.report(forum["other member"], comment, "Blessant.")
    moderating.report(forum["participant"], comment, "Oui.")
    moderating.report(forum["participant"], comment, "Oui, vraiment.")
    (found,) = db.session.scalars(queries.reported(forum["steering"])).unique()
    assert found.id == comment.id
    reasons = [(report.person_id, report.reason) for report in queries.reports_on([comment.id])[comment.id]]
    assert reasons == [(forum["other member"].id, "Blessant."), (forum["participant"].id, "Oui, vraiment.")]
    for role in ("member", "facilitator", "administrator"):
        assert queries.count(queries.reported(forum[role])) == 0
    other = forum["board"]
    make_cycle(steering=(other,))
    assert queries.count(queries.reported(other)) == 0, "of another cycle"
    moderating.dismiss_reports(forum["steering"], comment)
    assert queries.count(queries.reported(forum["steering"])) == 0
    assert comment.is_visible
    moderating.report(forum["participant"], comment, "Encore.")
    assert queries.count(queries.reported(forum["steering"])) == 1


def test_a_hidden_comment_is_kept_and_its_author_told_why(forum, letters):
    thread = forum.say("member", "Une insulte.")
    comment = forum.comment(thread)
    moderating.report(forum["other member"], comment, "Blessant.")
    moderating.hide(forum["steering"], comment, "Contraire à la charte.")
    assert (comment.text, comment.hidden_reason, thread.comments) == ("Une insulte.", "Contraire à la charte.", 0)
    assert queries.number_of_threads(forum.draft.id) == 0
    (letter,) = letters("comment_hidden")
    assert (letter.recipient, letter.data["text"]) == (forum["member"].email, "Une insulte.")
    assert db.session.scalar(select(func.count(Report.id)).where(Report.handled_at.is_(None))) == 0
    with pytest.raises(Denied):
        moderating.hide(forum["steering"], comment, "Encore.")
    moderating.show_again(forum["steering"], comment)
    assert (comment.hidden_reason, thread.comments, queries.number_of_threads(forum.draft.id)) == ("", 1, 1)
    assert list(problems()) == []


def test_moderating_is_the_steering_committees(forum):
    comment = forum.comment(forum.say("member", "Un mot."))
    for role in ("member", "other member", "facilitator", "secretary", "board", "administrator"):
        for act in (
            lambda who: moderating.hide(who, comment, "Non."),
            lambda who: moderating.show_again(who, comment),
            lambda who: moderating.dismiss_reports(who, comment),
            lambda who: moderating.let_through(who, comment),
        ):
            with pytest.raises(Denied):
                act(forum[role])
    for reason in ("", "  ", "x" * 1_001):
        with pytest.raises(Invalid):
            moderating.hide(forum["steering"], comment, reason)
        with pytest.raises(Invalid):
            moderating.report(forum["other member"], comment, reason)
    with pytest.raises(Denied, match="your own"):
        moderating.report(forum["member"], comment, "Moi-même.")


def test_who_reported_stands_in_no_history_of_the_draft(forum):
    comment = forum.comment(forum.say("member", "Un mot."))
    moderating.report(forum["other member"], comment, "Blessant.")
    assert "comment.reported" in journal_events()
    entries = [*db.session.scalars(journal_of(forum.draft)), *db.session.scalars(history_of(forum))]
    assert "comment.reported" not in {entry.event for entry in entries}
