"""Mailed links: stored hashed, single use, over after a while."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from sip.core import clock
from sip.core.db import db, transaction
from sip.people import tokens
from sip.people.models import Person, Token, TokenPurpose
from tests.factories import make_person


def test_only_the_hash_is_stored(member):
    secret = tokens.issue(member, TokenPurpose.SIGN_IN, next="/drafts")
    row = db.session.execute(select(Token.__table__)).mappings().one()
    assert secret not in str(dict(row))
    assert len(secret) >= 43
    assert tokens.find(secret, TokenPurpose.SIGN_IN).data == {"next": "/drafts"}


def test_a_token_is_for_one_purpose(member):
    secret = tokens.issue(member, TokenPurpose.SIGN_IN)
    assert tokens.find(secret, TokenPurpose.RESET_PASSWORD) is None
    assert tokens.find(secret + "x", TokenPurpose.SIGN_IN) is None


@pytest.mark.parametrize("purpose", TokenPurpose)
def test_tokens_end(member, purpose):
    secret = tokens.issue(member, purpose)
    end = clock.now() + tokens.LIFETIMES[purpose]
    with clock.at(end - timedelta(seconds=5)):
        assert tokens.find(secret, purpose)
    with clock.at(end + timedelta(seconds=5)):
        assert tokens.find(secret, purpose) is None


def test_using_one_uses_up_its_kind(member):
    first, second = tokens.issue(member, TokenPurpose.SIGN_IN), tokens.issue(member, TokenPurpose.SIGN_IN)
    other = tokens.issue(member, TokenPurpose.RESET_PASSWORD)
    assert tokens.use(tokens.find(first, TokenPurpose.SIGN_IN))
    assert tokens.find(first, TokenPurpose.SIGN_IN) is None
    assert tokens.find(second, TokenPurpose.SIGN_IN) is None
    assert tokens.find(other, TokenPurpose.RESET_PASSWORD)


def test_two_uses_at_once_are_one_use(shared_app, at_once):
    with shared_app.app_context(), transaction():
        person = make_person()
        secret = tokens.issue(db.session.get(Person, person.id), TokenPurpose.SIGN_IN)

    def use() -> bool:
        with shared_app.app_context():
            token = tokens.find(secret, TokenPurpose.SIGN_IN)
            with transaction():
                return tokens.use(token) if token else False

    assert sorted(at_once(use, 6)) == [False] * 5 + [True]
