"""The pages of amendments."""

from sip.amendments import models
from sip.amendments.blueprint import blueprint

__all__ = ["blueprint", "models"]
