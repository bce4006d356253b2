"""What every template may use: the site's names, icons, and pages of a list."""

from typing import Any

from flask import Flask, request, session, url_for
from markupsafe import Markup

from sip.core import clock
from sip.web.assets import asset

# What `url_for` itself understands must not come from the address.
_NO_FILTERS = frozenset({"endpoint", "_anchor", "_method", "_scheme", "_external"})


def icon(name: str) -> Markup:
    """Return an icon of the sprite; it is decoration, the words stand beside it."""
    return Markup('<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>').format(
        asset("icons.svg"), name
    )


def page_address(number: int) -> str:
    """Return the address of another page of the list that is shown, with its filters."""
    filters = {name: text for name, text in request.args.to_dict(flat=True).items() if name not in _NO_FILTERS}
    arguments: dict[str, Any] = {**filters, **(request.view_args or {}), "page": number}
    return url_for(request.endpoint or "home.index", **arguments)


def colour_theme() -> str:
    """Return the colours chosen on this device: `light`, `dark` or `auto`."""
    return str(session.get("theme", "auto"))


def init(app: Flask) -> None:
    """Make these known to the templates of `app`."""
    settings = app.config["SETTINGS"]
    app.jinja_env.add_extension("jinja2.ext.do")
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        icon=icon,
        page_address=page_address,
        colour_theme=colour_theme,
        site_name=settings.site_name,
        organisation=settings.organisation,
        today=clock.today,
    )
