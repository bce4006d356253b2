"""Addresses of built and static files, with a hash of their content, so that browsers may keep them for good."""

import hashlib
from functools import cache

from flask import Flask, url_for

from sip import paths


def asset(name: str) -> str:
    """Return the address of `name` below the static folder, for example `dist/app.css`."""
    # Addresses are not kept: one that somebody's odd request led to would be everybody's.
    return url_for("static", filename=name, v=_digest(name))


@cache
def _digest(name: str) -> str:
    path = paths.STATIC / name
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing: build the browser code first (bin/serve and bin/test do)")
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def init(app: Flask) -> None:
    """Make `asset` known to the templates."""
    app.jinja_env.globals["asset"] = asset
