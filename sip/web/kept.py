"""What somebody typed survives an ended session: it travels, signed, through the sign-in page and back."""

from typing import Any

from flask import current_app, render_template, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

MAX_AGE = 7 * 24 * 3600
_SECRET_FIELDS = ("csrf_token", "password", "new_password", "current_password", "kept")


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="kept")


def keep() -> str:
    """Pack the fields of the running request; passwords and files are left out."""
    fields = [[name, value] for name, value in request.form.items(multi=True) if name not in _SECRET_FIELDS]
    return str(_serializer().dumps({"path": request.full_path.rstrip("?"), "fields": fields}))


def unpack(token: str) -> dict[str, Any] | None:
    """Return `{path, fields}` of a token made by `keep`, or None where it was not, or is a week old."""
    try:
        kept: dict[str, Any] = _serializer().loads(token, max_age=MAX_AGE)
    except BadSignature:
        return None
    return kept


def resume_page(token: str) -> str | None:
    """Render the page that shows what was kept, with one button that sends it again."""
    kept = unpack(token)
    if kept is None:
        return None
    return render_template("errors/resume.html", path=kept["path"], fields=kept["fields"])
