"""French typography changes plain spaces only, one for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sip.core.typography import typeset


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Quoi ? Non ! Oui ; bien", "Quoi\u202f? Non\u202f! Oui\u202f; bien"),
        ("Il dit : « oui »", "Il dit\u00a0: «\u202foui\u202f»"),
        ("Sans espace: rien; ici!", "Sans espace: rien; ici!"),
        ("déjà\u202f! fait\u00a0: là", "déjà\u202f! fait\u00a0: là"),
        ("deux  !", "deux \u202f!"),
        ("quoi ?!", "quoi\u202f?!"),
        ("salarié·es 😀 !", "salarié·es 😀\u202f!"),
        ("à la ligne\n: oui", "à la ligne\n: oui"),
    ],
)
def test_french(typed: str, shown: str) -> None:
    assert typeset(typed, "fr") == shown
    assert typeset(typed, "fr-BE") == shown


@pytest.mark.parametrize("language", ["en", "nl", "", "fro"])
def test_other_languages_stay_as_typed(language: str) -> None:
    assert typeset("Quoi ? « Non » : si !", language) == "Quoi ? « Non » : si !"


@given(st.text(alphabet=st.one_of(st.sampled_from(" ;:!?«»\u202f\u00a0\n·"), st.characters())))
def test_keeps_length_and_all_but_spaces(text: str) -> None:
    result = typeset(text, "fr")
    assert len(result) == len(text)
    assert all(old == new or (old == " " and new in "\u202f\u00a0") for old, new in zip(text, result, strict=True))
    assert typeset(result, "fr") == result
