"""Letters to send, written in the transaction that causes them and delivered after it by the courier."""

from datetime import datetime
from typing import Any

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, mapped_column

from sip.core import clock
from sip.core.db import Model, db


class Letter(Model):
    """One mail; `data` fills the template `emails/<kind>.txt`, holds no secret, and is emptied once sent."""

    __tablename__ = "letters"

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(5))
    kind: Mapped[str] = mapped_column(String(60))
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime | None] = mapped_column(index=True)  # None: sent, or given up after many tries
    sent_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)


def post(recipient: str, language: str, kind: str, **data: Any) -> Letter:
    """Put a letter into the outbox; it leaves only if the running transaction commits."""
    letter = Letter(
        recipient=recipient, language=language, kind=kind, data=data, created_at=clock.now(), due_at=clock.now()
    )
    db.session.add(letter)
    return letter


def due_letters(limit: int) -> list[Letter]:
    """Return the letters to send now, oldest first, locked against a second courier."""
    query = select(Letter).where(Letter.due_at <= clock.now()).order_by(Letter.id).limit(limit)
    return list(db.session.scalars(query.with_for_update(skip_locked=True)))
