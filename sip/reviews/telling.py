"""What a page says after something was saved."""

from flask import flash, render_template
from markupsafe import Markup


def tell(text: str, saved: str) -> None:
    """Say what happened; what this device kept of the form as `saved` need not be kept any more."""
    # The template escapes all that it is given.
    flash(Markup(render_template("drafts/_done.html", text=text, saved=saved)), "success")  # noqa: S704
