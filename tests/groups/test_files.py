import pytest
from hypothesis import given
from hypothesis import strategies as st

from sip.groups.files import BadGroupFile, GroupFile, read_group, write_group

SLUGS = st.from_regex(r"[a-z0-9-]{1,12}", fullmatch=True)
TEXT = st.text(st.characters(codec="utf-8"), max_size=80)


@given(st.builds(GroupFile, st.just("rennes"), TEXT, SLUGS, st.lists(SLUGS, max_size=3).map(tuple), TEXT))
def test_groups_survive_their_file(group):
    text = write_group(group)
    assert read_group(text, "rennes") == group
    assert write_group(read_group(text, "rennes")).encode() == text.encode()


def test_the_form_of_a_file():
    text = "---\nname: Groupe de Rennes\ntheme: comprendre\noffices: [rennes]\n---\n\nNous sommes onze.\n"
    group = read_group(text, "rennes")
    assert group == GroupFile("rennes", "Groupe de Rennes", "comprendre", ("rennes",), "Nous sommes onze.")
    assert write_group(group) == text


@pytest.mark.parametrize(
    ("head", "problem"),
    [
        ("name: A", "“theme” is missing"),
        ("name: A\ntheme: b\ntown: c", "“town” is not a field"),
        ("name: A\ntheme: b\noffices: c", "“offices” is not a list"),
        ("name: A\ntheme: b\noffices: [1]", "“1” is not a slug"),
        ("name: A\ntheme: B C", "“B C” is not a slug"),
    ],
)
def test_what_cannot_be_read_says_why(head, problem):
    with pytest.raises(BadGroupFile, match=problem):
        read_group(f"---\n{head}\n---\n", "x")
