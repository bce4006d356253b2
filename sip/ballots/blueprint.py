"""The pages of ballots; every views module of this room adds its own."""

from flask import Blueprint

from sip.ballots import models

__all__ = ["blueprint", "models"]

blueprint = Blueprint("ballots", __name__)
