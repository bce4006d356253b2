"""Sentences that the domain says to people, kept untranslated until a reader's language is known."""

from dataclasses import dataclass, field
from typing import Any


def N_(text: str) -> str:
    """Mark `text` for the translation catalogs and return it unchanged."""
    return text


@dataclass(frozen=True)
class Message:
    """A gettext message id with `%(name)s` parameters; the web and the mails translate it."""

    id: str
    params: dict[str, Any] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        return self.id % self.params if self.params else self.id


def message(id: str, **params: Any) -> Message:
    """Build a Message; catalogs find the id because it is wrapped in `N_` or written in this call."""
    return Message(id, params)
