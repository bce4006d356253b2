"""Letters to send, written in the transaction that causes them and delivered after it by the courier."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, Select, String, case, func, insert, literal, select
from sqlalchemy.orm import Mapped, mapped_column

from sip.core import clock
from sip.core.db import Model, UtcDateTime, db

# Of letters to many, so many fall due together, one such lot after the other: others are not behind all of them.
LOT = 1_000
LOT_LASTS = timedelta(seconds=50)
# What somebody sits waiting for goes before all that has been due for less than this.
_AHEAD = timedelta(days=3)


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
    now = clock.now()
    letter = Letter(recipient=recipient, language=language, kind=kind, data=data, created_at=now, due_at=now)
    db.session.add(letter)
    return letter


def hurry(letter: Letter) -> None:
    """Let a letter that somebody sits waiting for, such as a link to sign in with, leave before all others."""
    letter.due_at = clock.now() - _AHEAD


def due_in_lots(place: int) -> datetime:
    """Return when the letter at this place, from 0 on, of letters to many falls due."""
    return clock.now() + place // LOT * LOT_LASTS


def post_all(people: Select[str, str, str], kind: str, **data: str | int) -> int:
    """Put the same letter into the outbox for everybody whom `people` finds (address, language, name), at one go.

    Each gets their own name as `to_name`. Returns how many letters there are.
    """
    readers = people.order_by(None).subquery()
    email, language, name = readers.c
    number = db.session.scalar(select(func.count()).select_from(readers)) or 0
    if not number:
        return 0
    now = clock.now()
    place = func.row_number().over(order_by=email)
    firsts = range(0, number, LOT)
    lots = [(place <= first + LOT, literal(due_in_lots(first), UtcDateTime)) for first in firsts]
    words = [("to_name", name), *((key, _bound(value)) for key, value in data.items())]
    is_postgres = db.session.get_bind().dialect.name == "postgresql"
    make = func.json_build_object if is_postgres else func.json_object
    filled = make(*(part for key, value in words for part in (literal(key, String), value)))
    columns = {
        "recipient": email,
        "language": language,
        "kind": literal(kind, String),
        "data": filled,
        "created_at": literal(now, UtcDateTime),
        "due_at": case(*lots),
        "tries": literal(0, Integer),
    }
    db.session.execute(insert(Letter).from_select(list(columns), select(*columns.values())))
    return number


def _bound(value: str | int) -> Any:
    return literal(value, Integer if isinstance(value, int) else String)


def due_letters(limit: int) -> list[Letter]:
    """Return the letters to send now, what fell due first before the rest, locked against a second courier."""
    query = select(Letter).where(Letter.due_at <= clock.now()).order_by(Letter.due_at, Letter.id).limit(limit)
    return list(db.session.scalars(query.with_for_update(skip_locked=True)))
