"""Answers to what goes wrong: the domain's exceptions and HTTP's own, each mapped once."""

from flask import Flask, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from werkzeug.exceptions import HTTPException

from sip.core.db import begin_reading, db
from sip.core.errors import Conflict, Denied, Invalid, Missing, Throttled
from sip.core.messages import N_, Message
from sip.web.guard import current_person
from sip.web.i18n import translate
from sip.web.kept import is_from_here, keep, resume_page, typed_fields, typed_texts, unpack
from sip.web.transaction import SAFE_METHODS

_HTTP_MESSAGES = {
    400: N_("The browser sent something this page does not understand. Go back and try again."),
    404: N_("This page does not exist, or is not open to you."),
    405: N_("This address cannot be used in that way."),
    413: N_("That is too large. Send a smaller file or a shorter text."),
    500: N_("Something broke on our side. It has been recorded; nothing you saved before is lost. Please try again."),
}


def show_error(status: int, message: Message | str) -> tuple[str, int]:
    """Render the one error page; what was typed into the form that was refused stands there to be copied."""
    _undo()
    fields = typed_texts() if status != 413 else []  # what is too large cannot be read
    return render_template("errors/error.html", status=status, message=translate(message), fields=fields), status


def _undo() -> None:
    """Undo what was begun, before a page is made of it: no writer waits for that."""
    db.session.rollback()
    begin_reading()


def _denied(error: Denied) -> ResponseReturnValue:
    if current_person() is not None:
        return show_error(403, error.message)
    if request.method in SAFE_METHODS:
        return redirect(url_for("people.sign_in", next=request.full_path.rstrip("?")))
    return _signed_out() if is_from_here() else show_error(400, _HTTP_MESSAGES[400])


def _missing(error: Missing) -> ResponseReturnValue:
    # A group's text is hidden from visitors, and so it is from its writers when their session ends while they write.
    if current_person() is None and typed_texts():
        return _signed_out()
    return show_error(404, error.message)


def _signed_out() -> ResponseReturnValue:
    """The session ended while somebody was writing."""
    _undo()
    return render_template("errors/signed_out.html", kept=keep(), fields=typed_fields()), 401


def _forged(error: CSRFError) -> ResponseReturnValue:
    """The form's mark is not this session's: mostly a page left open across two sign-ins."""
    _undo()
    if not is_from_here():
        return show_error(400, _HTTP_MESSAGES[400])
    kept = request.form.get("kept", "")
    if found := unpack(kept):
        return render_template("errors/signed_out.html", kept=kept, fields=found["fields"]), 401
    if any("password" in name for name in request.form):
        flash(translate(N_("This page had been open for too long. Please try again.")), "warning")
        return redirect(request.full_path.rstrip("?"))
    page = resume_page(keep())
    return (page, 400) if page else show_error(400, _HTTP_MESSAGES[400])


def _collision(error: DBAPIError) -> ResponseReturnValue:
    """Two did the same at the same moment, such as giving one name twice; who comes second only has to try again."""
    current_app.logger.warning("two requests collided at %s: %s", request.endpoint, type(error.orig).__name__)
    return show_error(409, N_("Somebody did the same at the same moment. Please try again."))


def _deadlock(error: OperationalError) -> ResponseReturnValue:
    """PostgreSQL ends one of two that wait for each other."""
    if getattr(error.orig, "sqlstate", None) != "40P01":
        raise error
    return _collision(error)


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error.get_response()
    return show_error(error.code, _HTTP_MESSAGES.get(error.code, _HTTP_MESSAGES[400]))


def init(app: Flask) -> None:
    """Attach the answers to `app`."""
    app.register_error_handler(Denied, _denied)
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(Missing, _missing)
    app.register_error_handler(Invalid, lambda error: show_error(422, error.message))
    app.register_error_handler(Conflict, lambda error: show_error(409, error.message))
    app.register_error_handler(IntegrityError, _collision)
    app.register_error_handler(OperationalError, _deadlock)
    app.register_error_handler(HTTPException, _http)

    @app.errorhandler(Throttled)
    def throttled(error: Throttled) -> ResponseReturnValue:
        return *show_error(429, error.message), {"Retry-After": str(error.retry_after)}
