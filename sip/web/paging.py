"""Every list is paged: a slice of a query with its count."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from sqlalchemy import Select, func, select

from sip.core.db import db
from sip.core.errors import Missing

PER_PAGE = 30
COUNTED = 1_000  # beyond it a filtered list says "more than", since counting costs what reading would


@dataclass(frozen=True)
class Page:
    """One page of a list; `total` is exact unless `is_more`."""

    items: Sequence[Any]
    number: int
    per_page: int
    total: int
    is_more: bool = False

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.per_page))

    @property
    def has_next(self) -> bool:
        return self.number < self.pages


def page_number() -> int:
    """Return the page asked for in the address; 1 where it is missing or no number."""
    text = request.args.get("page", "1")
    return max(1, int(text)) if text.isdecimal() and len(text) < 7 else 1


def paginate(query: Select[Any], *, total: int | None = None, per_page: int = PER_PAGE) -> Page:
    """Read the page asked for; `total` is a stored count where there is one, else rows are counted up to a limit."""
    number = page_number()
    is_more = False
    if total is None:
        limited = query.order_by(None).limit(COUNTED + 1).subquery()
        counted = db.session.scalar(select(func.count()).select_from(limited))
        total = counted or 0
        is_more = total > COUNTED
        total = min(total, COUNTED)
    if number > 1 and (number - 1) * per_page >= total:
        raise Missing
    items = db.session.scalars(query.limit(per_page).offset((number - 1) * per_page)).unique().all()
    return Page(items, number, per_page, total, is_more)
