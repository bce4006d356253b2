"""Headers that keep browsers from running or showing what is not ours."""

import re
import secrets

from flask import Flask, Response, g, request

_HOST = re.compile(r"[\w.:\[\]-]+", re.ASCII)


def nonce() -> str:
    """Return the value that allows a script or style of this response."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(12)
    return str(g.nonce)


def _sockets() -> str:
    """Name our own WebSocket address, which 'self' does not cover in Safari before 16."""
    host = request.host
    return f" {'wss' if request.is_secure else 'ws'}://{host}" if _HOST.fullmatch(host) else ""


def init(app: Flask) -> None:
    """Add the headers to every response of `app`."""
    app.jinja_env.globals["nonce"] = nonce

    @app.after_request
    def harden(response: Response) -> Response:
        headers = response.headers
        headers["Content-Security-Policy"] = (
            f"default-src 'none'; script-src 'nonce-{nonce()}'; style-src 'self' 'nonce-{nonce()}'; "
            "img-src 'self' data:; "
            f"font-src 'self'; connect-src 'self'{_sockets()}; worker-src 'self'; manifest-src 'self'; "
            "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if request.is_secure:
            headers["Strict-Transport-Security"] = "max-age=31536000"
        # Pages depend on who reads them; static files carry a hash in their address.
        if request.endpoint == "static" and response.status_code < 400:
            headers["Cache-Control"] = "public, max-age=31536000, immutable"
        else:
            headers.setdefault("Cache-Control", "private, no-cache")
        return response
