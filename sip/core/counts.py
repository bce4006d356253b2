"""Stored counts of large tables, so that a page says how many there are without counting them."""

from collections.abc import Iterator, Mapping

from sqlalchemy import String, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from sip.core.db import Model, db


class Count(Model):
    """How many things of a kind there are."""

    __tablename__ = "counts"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int]


def add(name: str, by: int = 1) -> None:
    """Change the count by `by`, in the running transaction."""
    changed = db.session.scalar(
        update(Count).where(Count.name == name).values(value=Count.value + by).returning(Count.name)
    )
    if changed is None:
        try:
            with db.session.begin_nested():
                db.session.add(Count(name=name, value=by))
        except IntegrityError:
            add(name, by)  # somebody else counted the first one at the same moment


def read(name: str) -> int:
    """Return the stored count; 0 when nothing was counted yet."""
    return db.session.scalar(select(Count.value).where(Count.name == name)) or 0


def wrong(name: str, counted: Mapping[str, int]) -> Iterator[str]:
    """Yield a sentence for each stored count called `name`, or `name` and a point, that is not what was `counted`."""
    stored = {**read_all(f"{name}."), name: read(name)}
    for each in sorted({*stored, *counted}):
        if stored.get(each, 0) != counted.get(each, 0):
            yield f"the stored count {each} is {stored.get(each, 0)} instead of {counted.get(each, 0)}"


def read_all(beginning: str) -> dict[str, int]:
    """Return the stored counts whose names begin so."""
    found = select(Count.name, Count.value).where(Count.name.between(beginning, f"{beginning}~"))
    return {row.name: row.value for row in db.session.execute(found)}
