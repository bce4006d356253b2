"""The pages of bodies."""

from sip.bodies.blueprint import blueprint

__all__ = ["blueprint"]
