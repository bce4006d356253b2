"""Answers of policies: yes, or no with the reason that is shown."""

from dataclasses import dataclass
from typing import Any

from sip.core.errors import Denied, Missing
from sip.core.messages import Message


@dataclass(frozen=True)
class Answer:
    """Truthy when allowed; `is_hidden` means that not even the existence of the thing may be told."""

    is_allowed: bool
    reason: Message | None = None
    is_hidden: bool = False

    def __bool__(self) -> bool:
        return self.is_allowed


YES = Answer(True)
HIDDEN = Answer(False, is_hidden=True)


def no(reason: str, **params: Any) -> Answer:
    """Refuse for `reason`, a gettext message id; it is shown to the person."""
    return Answer(False, Message(reason, params))


def require(answer: Answer) -> None:
    """Raise Missing or Denied unless `answer` is a yes."""
    if answer.is_allowed:
        return
    if answer.is_hidden or answer.reason is None:
        raise Missing
    raise Denied(answer.reason)
