"""The pages of meetings."""

from sip.meetings.blueprint import blueprint

__all__ = ["blueprint"]
