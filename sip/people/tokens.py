"""Mailed, single-use rights: the secret leaves in a mail, only its hash is kept."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update

from sip.core import clock
from sip.core.db import db
from sip.people.models import Person, Token, TokenPurpose

LIFETIMES = {
    TokenPurpose.SIGN_IN: timedelta(minutes=30),
    TokenPurpose.RESET_PASSWORD: timedelta(hours=1),
    TokenPurpose.INVITATION: timedelta(days=30),
}


def _hash(secret: str) -> str:
    # A random secret of 256 bits needs no slow hash.
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def issue(person: Person, purpose: TokenPurpose, **data: Any) -> str:
    """Return a new secret for `person`, which is not kept here; it ends after its purpose's lifetime."""
    now = clock.now()
    db.session.execute(delete(Token).where(Token.person_id == person.id, Token.expires_at <= now))
    secret = secrets.token_urlsafe(32)
    db.session.add(
        Token(
            hash=_hash(secret),
            purpose=purpose,
            person_id=person.id,
            data=data,
            created_at=now,
            expires_at=now + LIFETIMES[purpose],
        )
    )
    db.session.flush()
    return secret


def find(secret: str, purpose: TokenPurpose) -> Token | None:
    """Return the token that can be used now, or None where it is unknown, used, over or for something else."""
    token = db.session.scalar(select(Token).where(Token.hash == _hash(secret), Token.purpose == purpose))
    if token is None or token.used_at is not None or token.expires_at <= clock.now():
        return None
    return token


def use(token: Token) -> bool:
    """Use the token up, with the others for the same purpose; False where somebody else just did."""
    now = clock.now()
    mine = update(Token).where(Token.id == token.id, Token.used_at.is_(None), Token.expires_at > now)
    used = db.session.scalar(mine.values(used_at=now).returning(Token.id))
    if used is None:
        return False
    revoke(token.person_id, TokenPurpose(token.purpose))
    return True


def revoke(person_id: int, *purposes: TokenPurpose) -> None:
    """Use up all that is still open for these purposes."""
    db.session.execute(
        update(Token)
        .where(Token.person_id == person_id, Token.purpose.in_(purposes), Token.used_at.is_(None))
        .values(used_at=clock.now())
    )
