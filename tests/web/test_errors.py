"""What goes wrong in the database is answered with words where trying again helps."""

import pytest
from flask import Flask
from psycopg import errors
from sqlalchemy.exc import OperationalError


def test_who_was_stopped_so_that_another_goes_on_may_try_again(app: Flask) -> None:
    with app.test_request_context("/", headers={"Accept-Language": "en"}):
        page, status = app.handle_user_exception(OperationalError("UPDATE", {}, errors.DeadlockDetected()))
    assert status == 409
    assert "Please try again" in page


def test_other_trouble_of_the_database_stays_trouble(app: Flask) -> None:
    with app.test_request_context("/"), pytest.raises(OperationalError):
        app.handle_user_exception(OperationalError("UPDATE", {}, errors.LockNotAvailable()))
