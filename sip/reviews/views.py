"""The pages of reviews."""

from sip.reviews.blueprint import blueprint

__all__ = ["blueprint"]
