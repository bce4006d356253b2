"""The pages of bodies; every views module of this room adds its own."""

from flask import Blueprint

from sip.bodies import models

__all__ = ["blueprint", "models"]

blueprint = Blueprint("bodies", __name__)
