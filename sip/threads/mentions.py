"""The people whom a comment names, by `@` and their name: who may be named, and who is."""

import re
from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import or_, select

from sip.core.db import db
from sip.drafts.models import Draft, draft_groups
from sip.groups.models import Membership, MembershipState
from sip.people.models import Person
from sip.people.names import name_key
from sip.threads.models import Comment, Mention, Thread
from sip.threads.policy import may_see_thread

MOST_MENTIONS = 20
MOST_NAMES = 1_000
_MOST_SIGNS = 400  # "@" that are looked at in one comment
_SIGN = re.compile(r"(?<![\w@])@(?=\w)")


def mentioned_in(text: str, names: Mapping[int, str], chosen: Collection[int] = ()) -> list[int]:
    """Return the ids of those of `names` whom `text` names, in their order; at most MOST_MENTIONS.

    Case and accents do not matter; of two names that both fit, the longer counts. Where several people bear the same
    name, those `chosen` are meant, and without such a choice all of them.
    """
    by_key: dict[str, list[int]] = {}
    for person_id, name in names.items():
        by_key.setdefault(name_key(name), []).append(person_id)
    keys = sorted((key for key in by_key if key), key=len, reverse=True)
    found: dict[int, None] = {}
    for sign in list(_SIGN.finditer(text))[:_MOST_SIGNS]:
        line = text[sign.end() : sign.end() + 200].split("\n", 1)[0]
        key = _begun_by(name_key(line), keys)
        if key is not None:
            bearers = by_key[key]
            found.update(dict.fromkeys([each for each in bearers if each in chosen] or bearers))
    return list(found)[:MOST_MENTIONS]


def _begun_by(line: str, keys: list[str]) -> str | None:
    for key in keys:
        if line.startswith(key) and not line[len(key) : len(key) + 1].isalnum():
            return key
    return None


def names_to_mention(draft: Draft, thread: Thread | None = None, *, chosen: Iterable[int] = ()) -> dict[int, str]:
    """Return who may be named in a discussion, by their ids: who is in the draft's groups or writes in the thread.

    And whoever was `chosen`; what a form sends is not believed, so that their name must stand in the text.
    """
    is_in_group = select(Membership.person_id).where(
        Membership.group_id.in_(select(draft_groups.c.group_id).where(draft_groups.c.draft_id == draft.id)),
        Membership.state == MembershipState.ACTIVE,
    )
    is_meant = [Person.id.in_(is_in_group)]
    if thread is not None:
        is_meant.append(Person.id.in_(select(Comment.author_id).where(Comment.thread_id == thread.id)))
    wanted = [each for each in chosen if 0 < each < 2**31][:MOST_MENTIONS]
    if wanted:
        is_meant.append(Person.id.in_(wanted))
    query = select(Person.id, Person.name).where(or_(*is_meant), Person.joined_at.is_not(None))
    return {row.id: row.name for row in db.session.execute(query.order_by(Person.name_key).limit(MOST_NAMES))}


def new_mentions(comment: Comment, chosen: Collection[int] = ()) -> list[Person]:
    """Return whom a comment names that it did not name before; nobody who may not read it is named."""
    if "@" not in comment.text:
        return []
    names = names_to_mention(comment.thread.draft, comment.thread, chosen=chosen)
    before = set(db.session.scalars(select(Mention.person_id).where(Mention.comment_id == comment.id)))
    ids = [each for each in mentioned_in(comment.text, names, chosen) if each not in before]
    found = {person.id: person for person in db.session.scalars(select(Person).where(Person.id.in_(ids)))}
    return [found[each] for each in ids if may_see_thread(found[each], comment.thread)]
