"""The pages of meetings; every views module of this room adds its own."""

from flask import Blueprint

from sip.meetings import models

__all__ = ["blueprint", "models"]

blueprint = Blueprint("meetings", __name__)
