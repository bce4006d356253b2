"""What follows from something that happens in a room: messages to send, and connections to close."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Effects(NamedTuple):
    """What follows from one message: messages to send; `close` is a close code, after `to_sender`.

    `weight` is how many ordinary updates the work was worth, for the limit of the rate.
    """

    to_sender: bytes = b""
    to_others: bytes = b""
    close: int | None = None
    weight: int = 1
    later: float = 0.0  # seconds of work, at worst, for whoever reads the text


@dataclass(frozen=True)
class Sending:
    """What to send when something happened: to single connections, then to all; then close some, by close code."""

    to_each: Mapping[int, bytes] = field(default_factory=dict)
    to_all: bytes = b""
    close: Mapping[int, int] = field(default_factory=dict)
