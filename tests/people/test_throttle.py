"""Tries are counted and end."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from sip.core import clock
from sip.core.db import db, transaction
from sip.core.errors import Throttled
from sip.people import throttle
from sip.people.models import Attempt


def test_the_limit_holds_for_a_quarter_of_an_hour(app):
    limit = throttle.account("sign-in", "camille@example.org", 3)
    for _ in range(3):
        throttle.count_try(limit)
    with pytest.raises(Throttled) as error:
        throttle.count_try(limit)
    assert 890 <= error.value.retry_after <= 901
    throttle.count_try(throttle.account("sign-in", "sam@example.org", 3))
    with clock.at(clock.now() + throttle.WINDOW + timedelta(seconds=1)):
        throttle.count_try(limit)
        assert db.session.scalar(select(func.count(Attempt.id))) == 1, "old tries are swept"


def test_forgetting_takes_back_the_try_and_the_account(app):
    account, network = throttle.account("sign-in", "a@example.org", 3), throttle.network("sign-in", "192.0.2.1", 3)
    throttle.count_try(account, network)
    counted = throttle.count_try(account, network)
    throttle.forget(counted, account)
    assert list(db.session.scalars(select(Attempt.key))) == [network.key]


def test_keys_say_nothing(app):
    assert "example" not in throttle.account("sign-in", "a@example.org").key


def test_one_household_is_one_network():
    same = throttle.network("x", "2001:db8:1:2::1"), throttle.network("x", "2001:db8:1:2:ffff::9")
    assert same[0] == same[1]
    assert throttle.network("x", "2001:db8:1:3::1") != same[0]
    assert throttle.network("x", "192.0.2.1") != throttle.network("x", "192.0.2.2")


def test_many_tries_at_once_do_not_get_past_the_limit(shared_app, at_once):
    limit = throttle.account("sign-in", "camille@example.org", 3)

    def attempt() -> bool:
        with shared_app.app_context():
            try:
                with transaction():
                    throttle.count_try(limit)
            except Throttled:
                return False
            return True

    assert sum(at_once(attempt, 8)) == 3
