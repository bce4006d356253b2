"""The pages of reviews; every views module of this room adds its own."""

from flask import Blueprint

from sip.reviews import models

__all__ = ["blueprint", "models"]

blueprint = Blueprint("reviews", __name__)
