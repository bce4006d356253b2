"""People without an account who comment where a cycle allows it: confirmed by a mailed link, held until let through."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from sip.core import clock, outbox
from sip.core.access import require
from sip.core.db import db, hold, transaction
from sip.core.errors import Invalid, Missing
from sip.core.messages import message
from sip.drafts.models import Draft, KeptPassage, Version
from sip.people import throttle
from sip.people.names import MAX_NAME, clean_name, normal_email
from sip.threads import texts
from sip.threads.actions.comments import new_comment
from sip.threads.actions.threads import add_thread, find_spot
from sip.threads.models import Comment, Guest, Thread, ThreadKind
from sip.threads.policy import may_comment_as_guest

LETTER = "guest_comment"
LIFETIME = timedelta(days=7)
# Who never opened the link leaves nothing behind.
KEPT_FOR = timedelta(days=14)
_MOMENT = timedelta(minutes=10)
_SWEPT = 100  # at a time


def comment_as_guest(
    draft: Draft,
    kind: ThreadKind,
    text: str,
    name: str,
    email: str,
    language: str,
    *,
    version: Version | None = None,
    key: str | None = None,
    start: int | None = None,
    end: int | None = None,
    words: str = "",
    network: str = "",
) -> Thread:
    """Begin a thread that nobody sees yet, and send its writer a link to confirm it; raises Invalid or Throttled.

    The same for addresses that have an account and those that have none. Ends the running transaction: the try is
    committed at once, under the address and under `network`, from where it came.
    """
    require(may_comment_as_guest(None, draft, key))
    text = texts.clean(text)
    name = clean_name(name)
    if not name or len(name) > MAX_NAME:
        raise Invalid(message("Please give your name."), "name")
    address = normal_email(email)
    if address is None:
        raise Invalid(message("This is not an email address."), "email")
    _count_try(address, network)
    require(may_comment_as_guest(None, draft, key))
    hold(f"guest.{address}")  # the same form sent twice at once: the second one finds what the first one made
    _sweep()
    before = _sent_before(draft, address, text)
    if before is not None:
        return before
    guest = Guest(name=name, email=address, language=language, created_at=clock.now())
    spot = find_spot(None, draft, version, key, start, end, words)
    thread = add_thread(draft, kind, spot, guest=guest)
    new_comment(thread, text, language, guest=guest)
    outbox.hurry(outbox.post(address, language, LETTER, guest=guest.id))
    db.session.flush()
    return thread


def _sent_before(draft: Draft, address: str, text: str) -> Thread | None:
    """Return what the same form made a moment ago: a double click, or a slow phone."""
    query = select(Thread).join(Thread.guest).join(Comment, Comment.thread_id == Thread.id)
    is_same = (Thread.draft_id == draft.id, Guest.email == address, Comment.text == text)
    is_new = (Guest.confirmed_at.is_(None), Guest.created_at > clock.now() - _MOMENT)
    return db.session.scalars(query.where(*is_same, *is_new).limit(1)).first()


def _count_try(address: str, network: str) -> None:
    limits = [throttle.account("guest", address, throttle.LETTERS_PER_ACCOUNT)]
    if network:
        limits.append(throttle.network("guest", network, throttle.PER_NETWORK))
    with transaction():
        throttle.count_try(*limits)


def complete_letter(recipient: str, data: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """Return language and contents of a guest's letter that leaves now, with its secret; None where it is needless.

    No secret is ever stored, and the time of the link begins when it leaves.
    """
    guest = db.session.get(Guest, data["guest"], with_for_update=True)
    thread = db.session.scalar(select(Thread).where(Thread.guest_id == data["guest"]))
    if guest is None or thread is None or guest.confirmed_at is not None or guest.email != recipient:
        return None
    secret = secrets.token_urlsafe(32)
    guest.token_hash, guest.token_expires_at = _hash(secret), clock.now() + LIFETIME
    # Nothing that was typed: the address may be anybody's, who did not ask to be written to.
    return guest.language, {"draft": thread.draft.title, "secret": secret}


def guest_by_secret(secret: str) -> Guest:
    """Return whoever can confirm their comment with this secret; raises Missing where it is unknown, used or over."""
    guest = db.session.scalar(select(Guest).where(Guest.token_hash == _hash(secret)))
    if guest is None or guest.token_expires_at is None or guest.token_expires_at <= clock.now():
        raise Missing(message("This link does not work any more. Please write your comment again."))
    return guest


def confirm_guest(secret: str) -> Thread:
    """Confirm a guest's comment, which then waits for a moderator; raises Missing."""
    guest = guest_by_secret(secret)
    db.session.refresh(guest, with_for_update=True)
    if guest.token_hash != _hash(secret):
        raise Missing(message("This link does not work any more. Please write your comment again."))
    guest.confirmed_at, guest.token_hash, guest.token_expires_at = clock.now(), None, None
    db.session.flush()
    return db.session.scalars(select(Thread).where(Thread.guest_id == guest.id)).one()


def _hash(secret: str) -> str:
    # A random secret of 256 bits needs no slow hash.
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _sweep() -> None:
    """Forget what was never confirmed, with the names and addresses in it."""
    old = select(Guest.id).where(Guest.confirmed_at.is_(None), Guest.created_at < clock.now() - KEPT_FOR)
    guests = list(db.session.scalars(old.limit(_SWEPT).with_for_update(skip_locked=True)))
    if not guests:
        return
    rows = db.session.execute(select(Thread.id, Thread.passage_id).where(Thread.guest_id.in_(guests))).all()
    db.session.execute(delete(Comment).where(Comment.thread_id.in_([row.id for row in rows])))
    db.session.execute(delete(Thread).where(Thread.id.in_([row.id for row in rows])))
    db.session.execute(delete(KeptPassage).where(KeptPassage.id.in_([row.passage_id for row in rows])))
    db.session.execute(delete(Guest).where(Guest.id.in_(guests)))
