"""What a page says after something was done."""

from flask import flash, render_template
from markupsafe import Markup


def tell(text: str, **details: object) -> None:
    """Say what happened; `saved` names a form that the device need not keep any more, `undo` is where to take it back.

    `undo_name` and `undo_value` are what the button that takes it back sends.
    """
    # The template escapes all that it is given.
    flash(Markup(render_template("layouts/_done.html", text=text, **details)), "success")  # noqa: S704
