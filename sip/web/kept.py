"""What somebody typed survives an ended session: it travels, signed, through the sign-in page and back."""

from typing import Any
from urllib.parse import urlsplit

from flask import current_app, render_template, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.exceptions import RequestEntityTooLarge

from sip.config import Settings
from sip.web.transaction import SAFE_METHODS

MAX_AGE = 7 * 24 * 3600
# Texts that a form carries beside what was typed into it.
CARRIED_FIELDS = ("began_from", "theirs")
_LONG = 60
_SECRET_FIELDS = ("csrf_token", "password", "new_password", "current_password", "kept")


def is_from_here() -> bool:
    """Say whether a page of ours sent this form, as far as the browser tells.

    The session's cookie stays away from what another site's page sends, so that this looks like the form of somebody
    whose session has ended: it must not be offered to be sent again.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    settings: Settings = current_app.config["SETTINGS"]
    ours = (request.host.lower(), urlsplit(settings.base_url).netloc.lower())
    return origin is None or urlsplit(origin).netloc.lower() in ours


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="kept")


def typed_fields() -> list[tuple[str, str]]:
    """Return the fields of the running request but passwords and our own.

    None where they are too large to be read, or come from another site's page.
    """
    if not is_from_here():
        return []
    try:
        fields = list(request.form.items(multi=True))
    except RequestEntityTooLarge:
        return []
    return [(name, value) for name, value in fields if name not in _SECRET_FIELDS]


def typed_texts() -> list[tuple[str, str]]:
    """Return the fields of the running request if there is a text among them that would be a pity to lose."""
    if request.method in SAFE_METHODS:
        return []
    fields = typed_fields()
    is_worth = any(name not in CARRIED_FIELDS and ("\n" in value or len(value) > _LONG) for name, value in fields)
    return fields if is_worth else []


def keep() -> str:
    """Pack the fields of the running request; passwords and files are left out."""
    return str(_serializer().dumps({"path": request.full_path.rstrip("?"), "fields": typed_fields()}))


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
