"""Names and addresses are cleaned the same way wherever they come from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sip.people.names import clean_name, name_key, normal_email


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("Éloïse  Œuvrard", "eloise oeuvrard"),
        ("  Jan VAN DER ÆRST ", "jan van der aerst"),
        ("O’Neill", "o'neill"),
        ("Stra\u00dfe\u0301", "strasse"),
    ],
)
def test_keys_have_no_accents_and_no_capitals(typed, key):
    assert name_key(typed) == key


@given(st.text(max_size=200))
def test_a_key_is_found_again_by_itself(text):
    key = name_key(text)
    assert len(key) <= 120
    assert name_key(key)[:100] == key[:100]


def test_names_lose_what_cannot_be_seen():
    assert clean_name("Zoé\x00\u202eeva\nL") == "Zoéeva L"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" Camille@Example.ORG ", "camille@example.org"),
        ("a@bücher.de", "a@xn--bcher-kva.de"),
        ("a@b", None),
        ("é@example.org", None),
        ("a b@example.org", None),
        ("a@example.org\nBcc: x@example.org", None),
        ("x" * 250 + "@example.org", None),
        ("", None),
    ],
)
def test_addresses(typed, stored):
    assert normal_email(typed) == stored
