"""What goes wrong in the database is answered with words where trying again helps."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from psycopg import errors
from sqlalchemy.exc import OperationalError

from sip.core import db as database
from sip.web import errors as web_errors
from tests.factories import make_person
from tests.helpers import sign_in_as


def test_who_was_stopped_so_that_another_goes_on_may_try_again(app: Flask) -> None:
    with app.test_request_context("/", headers={"Accept-Language": "en"}):
        page, status = app.handle_user_exception(OperationalError("UPDATE", {}, errors.DeadlockDetected()))
    assert status == 409
    assert "Please try again" in page


def test_other_trouble_of_the_database_stays_trouble(app: Flask) -> None:
    with app.test_request_context("/"), pytest.raises(OperationalError):
        app.handle_user_exception(OperationalError("UPDATE", {}, errors.LockNotAvailable()))


def test_no_writer_waits_for_a_page_of_what_went_wrong(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may show much of what was typed, and takes its time."""
    wrote, render = [], web_errors.render_template

    def noted(*arguments: Any, **values: Any) -> str:
        wrote.append(database._writes.get())
        return render(*arguments, **values)

    monkeypatch.setattr(web_errors, "render_template", noted)
    assert client.post("/me/profile", data={"name": "Un long nom\nde deux lignes"}).status_code == 401
    sign_in_as(client, make_person("Ana"))
    assert client.post("/threads/1/reply", data={"text": "Un mot."}).status_code == 404
    assert wrote == [False, False]
