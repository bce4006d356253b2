"""The blueprint that the views of this room share."""

from flask import Blueprint

blueprint = Blueprint("people", __name__)
