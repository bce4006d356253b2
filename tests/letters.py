"""Letters as they arrive: what is due is delivered into a folder, and read there."""

import email
import email.policy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from flask import Flask

from sip.core.db import db
from sip.notices import courier
from sip.stopping import Stop

Delivered = Callable[[], list[tuple[str, str]]]


class OneRound(Stop):
    """Ends a courier's loop where it would pause for the first time."""

    def __init__(self) -> None:
        self._is_set = False

    def wait(self, _seconds: float) -> bool:
        """Be asked to end."""
        self._is_set = True
        return True


@contextmanager
def delivering(app: Flask, folder: Path) -> Iterator[Delivered]:
    """Yield a function that delivers what is due, and gives subjects and texts, the oldest first."""
    before = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(before, data=folder, base_url="https://agora.example.org")

    def deliver() -> list[tuple[str, str]]:
        db.session.commit()
        courier.deliver_due(app)
        found = []
        for path in sorted((folder / "mail").glob("*.eml"), key=lambda path: path.stem[-6:]):
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            found.append((message["Subject"], " ".join(message.get_content().split())))
            path.unlink()
        return found

    yield deliver
    app.config["SETTINGS"] = before
