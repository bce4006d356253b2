"""Pages leave compressed."""

import zlib

from flask import Flask, Response, request

_SMALLEST = 1_000


def accepts(encoding: str) -> bool:
    """Say whether the browser takes `encoding`."""
    return encoding in request.headers.get("Accept-Encoding", "")


def init(app: Flask) -> None:
    """Compress text responses of `app` that are not compressed yet."""

    @app.after_request
    def compress(response: Response) -> Response:
        is_text = (response.mimetype or "").startswith("text/") or response.mimetype in (
            "application/json",
            "image/svg+xml",
        )
        if not is_text or "Content-Encoding" in response.headers:
            return response
        response.direct_passthrough = False
        data = response.get_data()
        if len(data) < _SMALLEST or not accepts("gzip") or response.status_code == 304:
            return response
        packer = zlib.compressobj(5, zlib.DEFLATED, 31)
        response.set_data(packer.compress(data) + packer.flush())
        response.headers["Content-Encoding"] = "gzip"
        response.vary.add("Accept-Encoding")
        return response
