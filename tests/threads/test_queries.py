"""Lists of threads: in the order of the text, filtered, bounded, and only what one may see."""

import pytest
from sqlalchemy import insert

from sip.core import clock
from sip.core.db import db
from sip.drafts.models import KeptPassage, PassagePlace, PlaceState
from sip.drafts.queries import draft_by_slug
from sip.threads import queries as lookups
from sip.threads.actions import answering, comments, moderating, threads
from sip.threads.models import Comment, Disposition, Thread, ThreadKind, ThreadState


@pytest.fixture
def said(forum):
    """Threads by what they say, made in another order than that of the text."""
    return {
        "map": forum.say("member", "La carte.", ThreadKind.FOR, **forum.passage("Une carte montre")),
        "budget": forum.say("member", "Combien ?", ThreadKind.QUESTION, **forum.passage("Un budget")),
        "accounts": forum.say("other member", "Quels comptes ?", **forum.passage("publie ses comptes")),
        "section": forum.say("member", "Bonne section.", key=forum.key(1)),
        "why": forum.say("participant", "Pourquoi pas.", **forum.passage("dit pourquoi")),
        "all": forum.say("member", "Merci."),
    }


def listed(said, query):
    names = {thread.id: name for name, thread in said.items()}
    return [names[thread.id] for thread in db.session.scalars(query).unique()]


def test_threads_stand_in_the_order_of_the_text(forum, said):
    query = lookups.threads_of(forum["member"], forum.draft, version=forum.version())
    assert listed(said, query) == ["all", "why", "section", "accounts", "map", "budget"]


def test_they_follow_the_text_of_a_later_version(forum, said):
    first, second = forum.section(1), forum.section(2)
    first.position, second.position = second.position, first.position
    db.session.commit()
    forum.write(1, "Un budget pour chaque antenne.\n\nLes coopérateur·rices en décident chaque année.")
    forum.write(2, "### La carte {#carte}\n\nUne carte montre les antennes.")
    forum.freeze("Deux", is_published=True)
    query = lookups.threads_of(forum["member"], forum.draft, version=forum.version())
    assert listed(said, query) == ["all", "why", "budget", "section", "map", "accounts"]
    gone = lookups.threads_of(forum["member"], forum.draft, version=forum.version(), outdated=True)
    assert listed(said, gone) == ["accounts"]
    rest = lookups.threads_of(forum["member"], forum.draft, version=forum.version(), outdated=False)
    assert listed(said, rest) == ["all", "why", "budget", "section", "map"]
    earlier = lookups.threads_of(forum["member"], forum.draft, version=forum.version(1))
    assert listed(said, earlier) == ["all", "why", "section", "accounts", "map", "budget"]
    marks = lookups.marks_of(forum["member"], forum.draft, forum.version())
    assert said["accounts"].id not in {mark.id for mark in marks}
    assert {mark.id for mark in marks if mark.is_moved} in ({said["budget"].id}, {said["map"].id})


def test_filters(forum, said):
    answering.dispose(forum["facilitator"], said["map"], Disposition.TAKEN_UP, "Oui.", change_number=1)
    threads.resolve(forum["member"], said["budget"])
    comments.reply(forum["participant"], said["why"], "C’est 100 % clair, par_exemple.")

    def found(**filters):
        query = lookups.threads_of(forum["member"], forum.draft, version=forum.version(), **filters)
        return listed(said, query)

    assert found(key=forum.key(1)) == ["section", "accounts", "map"]
    assert found(kind=ThreadKind.QUESTION) == ["budget"]
    assert found(state=ThreadState.ANSWERED) == ["map"]
    assert found(state=ThreadState.RESOLVED) == ["budget"]
    assert found(disposition="taken_up") == ["map"]
    assert found(disposition="none") == ["all", "why", "section", "accounts", "budget"]
    assert found(disposition="none", key=forum.key(1)) == ["section", "accounts"]
    assert found(q="quels COMPTES") == ["accounts"]
    assert found(q="une carte montre") == ["map"], "the words that were marked"
    assert found(q="100 %") == ["why"]
    assert found(q="%") == ["why"]
    assert found(q="par_e") == ["why"]
    assert found(q="r_e") == ["why"]
    assert found(q="nulle part") == []


def test_a_draft_without_versions_is_listed_in_the_order_of_its_live_text(unpublished):
    made = {
        "last": unpublished.say("participant", "Un.", key=unpublished.key(2)),
        "first": unpublished.say("participant", "Deux.", key=unpublished.key(0)),
        "all": unpublished.say("participant", "Trois."),
    }
    query = lookups.threads_of(unpublished["referent"], unpublished.draft, version=None)
    assert listed(made, query) == ["all", "first", "last"]


def test_nobody_is_shown_what_they_may_not_see(forum, said):
    said["why"].is_internal = True
    moderating.hide(forum["steering"], forum.comment(said["map"]), "Hors sujet.")
    db.session.commit()
    version = forum.version()
    for role, hidden in (("member", {"why", "map"}), (None, {"why", "map"}), ("referent", {"map"})):
        person = forum[role] if role else None
        seen = set(listed(said, lookups.threads_of(person, forum.draft, version=version)))
        assert seen == set(said) - hidden, role
        marked = {mark.id for mark in lookups.marks_of(person, forum.draft, version)}
        assert marked == {said[name].id for name in {"accounts", "budget", "why", "map"} - hidden}
        assert lookups.counts_of(person, forum.draft)["all"] == len(said) - len(hidden)
    assert listed(said, lookups.threads_of(None, forum.draft, version=version, q="La carte")) == []


def test_marks_say_where_threads_stand(forum, said):
    comments.reply(forum["participant"], said["map"], "Oui.")
    (mark,) = [m for m in lookups.marks_of(None, forum.draft, forum.version(), [forum.key(1)]) if m.kind == "for"]
    assert mark.id == said["map"].id
    assert (mark.key, mark.state, mark.comments, mark.is_moved) == (forum.key(1), "open", 2, False)
    assert mark.place_state == PlaceState.IN_PLACE
    passage = forum.passage("Une carte montre")
    assert (mark.shown_start, mark.shown_end) == (passage["start"], passage["end"])
    assert len(lookups.marks_of(None, forum.draft, forum.version())) == 4


def test_counts(forum, said):
    answering.dispose(forum["facilitator"], said["map"], Disposition.TAKEN_UP, "Oui.")
    threads.resolve(forum["member"], said["budget"])
    found = lookups.counts_of(forum["member"], forum.draft)
    assert found == {
        "all": 6,
        "open": 4,
        "answered": 1,
        "resolved": 1,
        "disposition.taken_up": 1,
        "disposition.none": 5,
        "waiting": 4,
    }
    assert lookups.counts_of(forum["member"], forum.draft, forum.key(1))["all"] == 3
    assert lookups.number_of_threads(forum.draft.id) == 6


def test_what_waits_for_the_group(forum, said):
    answering.dispose(forum["facilitator"], said["map"], Disposition.TAKEN_UP, "Oui.")
    threads.resolve(forum["member"], said["section"])
    names = ["budget", "accounts", "why", "all"]
    assert listed(said, lookups.to_do(forum["facilitator"], forum.draft)) == names
    assert listed(said, lookups.to_do(forum["facilitator"], forum.group)) == names
    assert lookups.waiting(forum["facilitator"], forum.draft) == 4
    said["why"].is_internal = True
    db.session.commit()
    assert listed(said, lookups.to_do(forum["facilitator"], forum.group)) == names
    assert listed(said, lookups.to_do(forum["member"], forum.group)) == ["budget", "accounts", "all"]
    assert listed(said, lookups.to_do(forum["member"], forum.draft)) == ["budget", "accounts", "all"]


def many_threads(forum, number):
    """Add that many threads, each with a comment and a passage that stands in the last version."""
    version, key, now, author = forum.version(), forum.key(1), clock.now(), forum["member"].id
    passages = db.session.scalars(
        insert(KeptPassage).returning(KeptPassage.id),
        [
            {"draft_id": forum.draft.id, "version_id": version.id, "key": key, "start": n % 20, "end": n % 20 + 5,
             "quote": "Chaque", "shown": "Chaque"}
            for n in range(number)
        ],
    ).all()  # fmt: skip
    db.session.execute(
        insert(PassagePlace),
        [
            {"passage_id": each, "version_id": version.id, "state": "in_place", "key": key, "start": n % 20,
             "end": n % 20 + 5, "shown_start": n % 20, "shown_end": n % 20 + 5, "last_number": 1}
            for n, each in enumerate(passages)
        ],
    )  # fmt: skip
    made = db.session.scalars(
        insert(Thread).returning(Thread.id),
        [
            {"draft_id": forum.draft.id, "key": key, "passage_id": each, "version_number": 1, "kind": "remark",
             "opened_at": now, "last_comment_at": now, "author_id": author, "comments": 1}
            for each in passages
        ],
    ).all()  # fmt: skip
    values = {"author_id": author, "text": "Un mot.", "html": "<p>Un mot.</p>", "at": now}
    db.session.execute(insert(Comment), [{"thread_id": thread, **values} for thread in made])
    db.session.commit()


def test_ten_thousand_threads_are_listed_in_as_many_statements_as_few(forum, queries):
    def cost():
        db.session.expire_all()
        person, draft, version = forum["member"], draft_by_slug(forum.draft.slug), forum.version()
        assert all((person.name, draft.sections, version.number))
        with queries() as statements:
            query = lookups.threads_of(person, draft, version=version).limit(30)
            page = db.session.scalars(query).unique().all()
            for thread in page:
                assert all((thread.author.name, thread.passage.shown, thread.guest is None))
            marks = lookups.marks_of(person, draft, version)
            lookups.counts_of(person, draft)
        return len(statements), len(page), len(marks)

    many_threads(forum, 30)
    few = cost()
    many_threads(forum, 9_970)
    assert cost() == (few[0], 30, lookups.MOST_MARKS)
    assert few == (few[0], 30, 30)
    assert few[0] == 3


def test_a_thread_page_costs_the_same_for_many_comments(forum, queries):
    thread = forum.say("member", "Un.", **forum.passage("publie ses comptes"))

    def cost():
        db.session.commit()
        db.session.expunge_all()
        with queries() as statements:
            found = lookups.thread_by_id(thread.id)
            for comment in db.session.scalars(lookups.comments_of(found, None)):
                assert comment.author.name
            assert all((found.passage.shown, found.draft.theme.cycle.seats))
        return len(statements)

    first = cost()
    for role in ("participant", "facilitator", "referent", "other member"):
        comments.reply(forum[role], lookups.thread_by_id(thread.id), "Encore.")
    assert cost() == first
