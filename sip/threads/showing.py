"""What pages show of threads: each with its place in a version and its first comment, gathered in few statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from sip.core.access import Answer
from sip.core.db import db
from sip.core.messages import Message
from sip.drafts import passages
from sip.drafts.models import Draft, PassagePlace, PlaceState, Version, VersionSection
from sip.people.models import Person
from sip.threads import policy
from sip.threads.models import Comment, Reaction, Thread, ThreadKind
from sip.threads.queries import MOST_MARKS


@dataclass(frozen=True)
class Talk:
    """What somebody may say of a document or of one of its sections; equal ones make equal pages."""

    kinds: tuple[ThreadKind, ...] = ()
    is_guest: bool = False  # as a guest, without an account
    reason: Message | None = None  # why nothing of it

    def __bool__(self) -> bool:
        return bool(self.kinds)

    @property
    def is_asking(self) -> bool:
        """Whether one may ask, and nothing else."""
        return self.kinds == (ThreadKind.QUESTION,)


def talk_of(person: Person | None, draft: Draft, key: str | None = None) -> Talk:
    """Ask what `person` may say of a draft, or of the section `key`."""
    kinds = tuple(policy.kinds_open_to(person, draft, key))
    if kinds:
        return Talk(kinds)
    if person is None and policy.may_comment_as_guest(None, draft, key):
        return Talk(tuple(ThreadKind), is_guest=True)
    return Talk(reason=policy.may_open_thread(person, draft, key).reason)


@dataclass(frozen=True)
class Shown:
    """A thread as a list shows it; `place` is where its passage stands in the version shown."""

    thread: Thread
    place: PassagePlace | None
    section: VersionSection | None
    first: Comment | None

    @property
    def is_outdated(self) -> bool:
        return self.place is not None and self.place.state == PlaceState.OUTDATED

    @property
    def is_changed(self) -> bool:
        return self.place is not None and self.place.state == PlaceState.CHANGED

    @property
    def is_moved(self) -> bool:
        return self.place is not None and self.place.is_moved

    @property
    def quote(self) -> str:
        """The words that it is about, as they stand now; where they are gone, as they were."""
        if self.thread.passage is None:
            return ""
        if self.is_changed and self.place is not None and self.place.shown:
            return self.place.shown
        return self.thread.passage.shown


def sections_by_key(version: Version | None) -> dict[str, VersionSection]:
    """Return the sections of a version without their texts, by their keys, in order."""
    if version is None:
        return {}
    query = select(VersionSection).where(VersionSection.version_id == version.id).order_by(VersionSection.position)
    return {section.key: section for section in db.session.scalars(query)}


def shown(
    threads: Sequence[Thread], version: Version | None, sections: dict[str, VersionSection] | None = None
) -> list[Shown]:
    """Return threads as a list shows them, in two statements whatever their number."""
    marked = [thread.passage_id for thread in threads if thread.passage_id is not None]
    places = passages.places_in(version.id, marked) if version is not None and marked else {}
    firsts = _first_comments([thread.id for thread in threads])
    known = sections if sections is not None else sections_by_key(version)
    found = []
    for thread in threads:
        place = places.get(thread.passage_id or 0)
        key = place.key if place is not None else thread.key
        found.append(Shown(thread, place, known.get(key or ""), firsts.get(thread.id)))
    return found


def _first_comments(ids: Sequence[int]) -> dict[int, Comment]:
    if not ids:
        return {}
    first = select(func.min(Comment.id)).where(Comment.thread_id.in_(ids)).group_by(Comment.thread_id)
    query = select(Comment).where(Comment.id.in_(first))
    comments = db.session.scalars(query.options(joinedload(Comment.author), joinedload(Comment.guest)))
    return {comment.thread_id: comment for comment in comments}


def name_of(comment: Comment) -> str:
    """Return whose words a comment holds; empty where they have left."""
    writer = comment.author or comment.guest
    return writer.name if writer is not None else ""


def rights_on(person: Person | None, comments: Sequence[Comment]) -> dict[int, dict[str, Answer]]:
    """Answer what may be done with each comment, by its id."""
    return {
        comment.id: {
            "read": policy.may_read_comment(person, comment),
            "edit": policy.may_edit_comment(person, comment),
            "remove": policy.may_remove_comment(person, comment),
            "react": policy.may_react(person, comment),
            "report": policy.may_report(person, comment),
            "hide": policy.may_hide(person, comment),
            "show": policy.may_show_again(person, comment),
            "let_through": policy.may_let_through(person, comment),
        }
        for comment in comments
    }


def reactions_of(person: Person | None, comments: Sequence[Comment]) -> set[tuple[int, str]]:
    """Return how `person` has reacted to comments, as pairs of a comment's id and a kind."""
    if person is None or not comments:
        return set()
    ids = [comment.id for comment in comments]
    query = select(Reaction.comment_id, Reaction.kind).where(
        Reaction.person_id == person.id, Reaction.comment_id.in_(ids)
    )
    return {(row[0], row[1]) for row in db.session.execute(query)}


def live_marks_of(draft: Draft) -> dict[str, list[list[Any]]]:
    """Return where threads stand in the text being written, for those who may read it.

    By section, lists of thread id, start, end, kind, state, number of comments and the words there; the positions are
    those of the Markdown, in code points.
    """
    query = (
        select(Thread.id, Thread.passage_id, Thread.kind, Thread.state, Thread.comments)
        .where(Thread.draft_id == draft.id, Thread.comments > 0, Thread.passage_id.is_not(None))
        .order_by(Thread.id)
        .limit(MOST_MARKS)
    )
    rows = db.session.execute(query).all()
    places = passages.live_places(draft, [row.passage_id for row in rows])
    found: dict[str, list[list[Any]]] = {}
    for row in rows:
        place = places.get(row.passage_id)
        if place is not None and place.start is not None:
            mark = [row.id, place.start, place.end, row.kind, row.state, row.comments, place.quote]
            found.setdefault(place.key, []).append(mark)
    return found
