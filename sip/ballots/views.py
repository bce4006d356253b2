"""The pages of ballots."""

from sip.ballots.blueprint import blueprint

__all__ = ["blueprint"]
