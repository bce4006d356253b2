"""What can go wrong in the domain, as plain exceptions; `web/errors.py` maps each to one answer."""

from typing import Any

from sip.core.messages import Message


class DomainError(Exception):
    """Base of all: carries the Message to show to the person."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


class Denied(DomainError):
    """The person may not do this; the message says why (403, or an invitation to sign in)."""


class Missing(DomainError):
    """There is no such thing, or the person may not know of it (404)."""

    def __init__(self, message: Message | None = None) -> None:
        super().__init__(message or Message("This page does not exist, or is not open to you."))


class Invalid(DomainError):
    """What was given cannot be accepted (422); `field` names the input at fault, if one is."""

    def __init__(self, message: Message, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class Conflict(DomainError):
    """Somebody else was faster (409); `details` holds what is needed to show both sides."""

    def __init__(self, message: Message, **details: Any) -> None:
        super().__init__(message)
        self.details = details


class Throttled(DomainError):
    """Too many tries (429); `retry_after` is in seconds."""

    def __init__(self, message: Message, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after
