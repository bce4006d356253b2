"""Which passwords are taken, and how they are kept."""

import pytest
from argon2 import PasswordHasher

from sip.core.errors import Invalid
from sip.people import passwords

REAL = PasswordHasher(time_cost=3, memory_cost=32_768, parallelism=1)


@pytest.mark.parametrize(
    "password",
    [
        "court",
        "neufsigne",
        "x" * 201,
        "camille@example.org",
        "Camille Dupont",
        "dupontcamille",
        "Camille-Dupont-1970",
        "password123",
        "P4ssw0rd2026",
        "motdepasse2026",
        "azertyuiop",
        "1234567890",
        "9876543210",
        "aaaaaaaaaaaa",
        "abababababab",
        "abcdefghijkl",
        "2026202620262026",
        "smartinprogress",
    ],
)
def test_weak_passwords_are_refused(password):
    with pytest.raises(Invalid) as error:
        passwords.check_new(password, email="camille@example.org", name="Camille Dupont")
    assert error.value.field == "password"


@pytest.mark.parametrize(
    "password", ["trois pommes et un vélo", "x9Kq!27vbL", "correct horse battery", "我喜歡合作社的蘋果和單車"]
)
def test_good_passwords_are_taken(password):
    passwords.check_new(password, email="camille@example.org", name="Camille Dupont")


def test_hashes_are_argon2_and_never_the_same_twice():
    first, second = passwords.hash_password("trois pommes"), passwords.hash_password("trois pommes")
    assert first.startswith("$argon2id$")
    assert first != second
    assert passwords.is_right(first, "trois pommes")
    assert not passwords.is_right(first, "trois pommes ")


def test_an_accent_may_come_as_one_character_or_as_two():
    assert passwords.is_right(passwords.hash_password("ve\u0301lo et pommes"), "v\u00e9lo et pommes")


def test_nobody_costs_what_somebody_costs(monkeypatch):
    """The hash that stands for nobody has today's real parameters, and is really checked."""
    assert not REAL.check_needs_rehash(passwords.NOBODY)
    checked = []

    class Spy(PasswordHasher):
        def verify(self, stored, password):
            checked.append(stored)
            return super().verify(stored, password)

    monkeypatch.setattr(passwords, "hasher", Spy(time_cost=3, memory_cost=32_768, parallelism=1))
    assert not passwords.is_right(None, "trois pommes")
    assert checked == [passwords.NOBODY]


def test_parameters_of_the_past_are_noticed():
    old = PasswordHasher(time_cost=1, memory_cost=16, parallelism=1).hash("trois pommes")
    assert passwords.is_outdated(old)
    assert not passwords.is_outdated(passwords.hash_password("trois pommes"))
