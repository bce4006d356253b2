"""The pages of discussions."""

from sip.threads import models
from sip.threads.blueprint import blueprint

__all__ = ["blueprint", "models"]
