"""A form sent while somebody else had saved: what only one of the two changed is kept, what both changed is shown."""

import hashlib
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from sip.core.errors import Conflict
from sip.core.messages import message


def marks(values: Mapping[str, Any]) -> str:
    """Return what a form carries to tell later what it began from: a short hash of each value."""
    return " ".join(f"{name}:{_hash(value)}" for name, value in values.items())


def settle(began_from: str | None, now: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values to save, given the `marks` that a form began from; None means that nobody else can have saved.

    Raises Conflict where both changed the same value: `theirs` holds what stands there now, `settled` all the rest.
    """
    if began_from is None:
        return dict(wanted)
    began = dict(mark.partition(":")[::2] for mark in began_from.split())
    settled: dict[str, Any] = {}
    theirs: dict[str, Any] = {}
    for name, mine in wanted.items():
        before, there = began.get(name), _hash(now[name])
        if before == _hash(mine):
            settled[name] = now[name]
        elif there in (before, _hash(mine)):
            settled[name] = mine
        else:
            theirs[name] = now[name]
    if theirs:
        raise Conflict(
            message("Somebody else changed this while you were writing. Nothing is lost: both texts are below."),
            theirs=theirs,
            settled=settled,
        )
    return settled


def _hash(value: Any) -> str:
    return hashlib.sha256(_written(value).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _written(value: Any) -> str:
    """Write a value as one text: the same for what a form sends back untouched, whatever its line ends."""
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\r", "\n")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Collection):
        return ",".join(sorted(map(str, value)))
    return "" if value is None else str(value)
