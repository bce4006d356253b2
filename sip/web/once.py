"""A form that makes something makes one thing, however often it is sent: a double click, a slow phone, a reload.

Every page gives its forms a random token. What was sent with it is known by that token, the address, the person and the
fields together: the same again is answered as the first time, while a form that was changed and sent anew, from a tab
or with the back button, makes another thing. It works without JavaScript, and for any number of tabs.
"""

import hashlib
import json
import re
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from flask import Flask, current_app, flash, g, redirect, request, session
from flask_login import current_user
from markupsafe import Markup
from sqlalchemy import ForeignKey, String, Text, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from sip.core import clock
from sip.core.db import Model, begin_reading, db
from sip.web.guard import current_person
from sip.web.transaction import SAFE_METHODS

_FIELD = "once"
KEPT_FOR = timedelta(days=1)
_SWEPT = 500  # at a time
_TOKEN = re.compile(r"[\w-]{16,64}", re.ASCII)


class Submission(Model):
    """A form that was sent and did what it is for: where that led, and what was said (category, text, is_markup)."""

    __tablename__ = "submissions"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    led_to: Mapped[str] = mapped_column(Text, default="")
    messages: Mapped[list[Any]] = mapped_column(default=list)
    at: Mapped[datetime] = mapped_column(index=True)


class _SentBefore(Exception):
    """The same form did its work already."""

    def __init__(self, first: Submission) -> None:
        super().__init__(first.key)
        self.first = first


def once(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let a form have its effect once: sent again, it is answered with where it led the first time.

    Stands above `guard`, whose policy may say no to what has just been done. A view has had its effect when it
    redirects; what it did before it answers with a page (an error, a preview) is undone. A form without a token, from a
    program for example, is taken as it comes.
    """

    @wraps(view)
    def sent_once(**address: Any) -> Any:
        if request.form.get("action") == "preview":
            begin_reading()  # it has no effect, takes a while, and shall not keep writers waiting
            return view(**address)
        key = _key_of_request()
        if key is None:
            return view(**address)
        g.once_key = key
        try:
            hold()
            said_before = len(session.get("_flashes", []))
            response = current_app.make_response(view(**address))
        except _SentBefore as sent:
            return _answer_again(sent.first)
        if response.location is None:
            db.session.rollback()
        else:
            said = [[category, str(text), isinstance(text, Markup)] for category, text in session.get("_flashes", [])]
            values = {"led_to": response.location, "messages": said[said_before:]}
            db.session.execute(update(Submission).where(Submission.key == key).values(**values))
        return response

    sent_once.is_once = True  # type: ignore[attr-defined]
    return sent_once


def hold() -> None:
    """Keep this form for the running transaction: who sends the same meanwhile waits, then gets the same answer.

    `once` calls it; a view that ends the transaction before it acts calls it again. Outside `once` nothing happens.
    """
    key = g.get("once_key")
    if key is None:
        return
    first = _first(key)
    if first is None:
        _sweep()
        values = {"key": key, "person_id": current_person().id, "led_to": "", "messages": [], "at": clock.now()}
        try:
            with db.session.begin_nested():
                db.session.execute(insert(Submission).values(**values))
        except IntegrityError:
            first = _first(key)  # the other one has just done it
    if first is not None:
        raise _SentBefore(first)


def once_field() -> Markup:
    """Return the hidden field that every form of a page has; nothing for visitors, who make nothing."""
    if not current_user.is_authenticated:
        return Markup()
    if "once_token" not in g:
        g.once_token = secrets.token_urlsafe(16)
    return Markup('<input type="hidden" name="{}" value="{}">').format(_FIELD, g.once_token)


def init(app: Flask) -> None:
    """Make `once_field` known to the templates of `app`."""
    app.jinja_env.globals["once_field"] = once_field


def _key_of_request() -> str | None:
    """Return what a form that was sent is known by, or None where there is nothing to hold."""
    if request.method in SAFE_METHODS or current_person() is None:
        return None
    if not _TOKEN.fullmatch(request.form.get(_FIELD, "")):
        return None
    fields = [pair for pair in request.form.items(multi=True) if pair[0] != "csrf_token"]
    sent = json.dumps([current_person().id, request.full_path, fields])
    return hashlib.sha256(sent.encode()).hexdigest()


def _first(key: str) -> Submission | None:
    return db.session.scalar(select(Submission).where(Submission.key == key))


def _answer_again(first: Submission) -> Any:
    for category, text, is_markup in first.messages:
        # It was markup when the same view said it.
        flash(Markup(text) if is_markup else text, category)  # noqa: S704
    return redirect(first.led_to, 303)


def _sweep() -> None:
    old = select(Submission.id).where(Submission.at <= clock.now() - KEPT_FOR).limit(_SWEPT)
    held = old.with_for_update(skip_locked=True)
    db.session.execute(delete(Submission).where(Submission.id.in_(held)).execution_options(synchronize_session=False))
