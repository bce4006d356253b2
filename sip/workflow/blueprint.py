"""The pages of stages and of the public record; every views module of this room adds its own."""

from flask import Blueprint

blueprint = Blueprint("workflow", __name__)
