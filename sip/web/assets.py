"""Addresses of built and static files, with a hash of their content, so that browsers may keep them for good."""

import hashlib
from functools import lru_cache

from flask import Flask, request, url_for

from sip import paths


def asset(name: str) -> str:
    """Return the address of `name` below the static folder, for example `dist/app.css`."""
    return _address(name, request.script_root)


@lru_cache(256)
def _address(name: str, _root: str) -> str:
    """Make the address below `_root`, where this request finds us: the answer to an odd one is nobody else's."""
    path = paths.STATIC / name
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing: build the browser code first (bin/serve and bin/test do)")
    return url_for("static", filename=name, v=hashlib.sha256(path.read_bytes()).hexdigest()[:12])


def init(app: Flask) -> None:
    """Make `asset` known to the templates."""
    app.jinja_env.globals["asset"] = asset
