"""Two people's changes to one text come together, or clash in plain sight; nothing typed is lost."""

import random
import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sip.drafts.texts.merge import Agreed, Conflict, Merge, merge
from sip.drafts.texts.words import split_words

SIGNS = "le la chat coopérateur·rices l'accès e\u0301te\u0301 👩🏽‍🌾 🇫🇷 שלום עולם , . · -"
PIECES = st.sampled_from(SIGNS.split()) | st.sampled_from([" ", " ", " ", "\n\n"])
TEXTS = st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=30)


@st.composite
def two_edits(draw: st.DrawFn) -> tuple[str, str, str]:
    """A text, and the same twice with some stretches deleted and words typed that say who typed them."""
    base = draw(st.lists(PIECES, max_size=40))
    sides = []
    for name in ("mine", "theirs"):
        side, count = list(base), 0
        for _ in range(draw(st.integers(0, 4))):
            at = draw(st.integers(0, len(side)))
            typed = [f" {name}{count + number}é· " for number in range(draw(st.integers(0, 3)))]
            count += len(typed)
            side[at : at + draw(st.integers(0, 5))] = typed
        sides.append("".join(side))
    return "".join(base), sides[0], sides[1]


THREE = st.tuples(TEXTS, TEXTS, TEXTS) | two_edits()


def all_text(result: Merge) -> str:
    """Everything that the result shows."""
    return " ".join(
        piece.text if isinstance(piece, Agreed) else f"{piece.mine} {piece.theirs}" for piece in result.pieces
    )


@given(THREE)
def test_one_side_alone_wins(texts: tuple[str, str, str]) -> None:
    base, mine, theirs = texts
    assert merge(base, base, theirs).text == theirs
    assert merge(base, mine, base).text == mine
    assert merge(base, mine, mine).text == mine


@given(THREE)
def test_the_sides_are_equal(texts: tuple[str, str, str]) -> None:
    base, mine, theirs = texts
    swapped = [
        Conflict(piece.base, piece.theirs, piece.mine) if isinstance(piece, Conflict) else piece
        for piece in merge(base, theirs, mine).pieces
    ]
    result = merge(base, mine, theirs)
    assert result.pieces == swapped
    assert result == merge(base, mine, theirs)


@given(THREE)
def test_conflicts_show_each_side_as_it_is(texts: tuple[str, str, str]) -> None:
    """The texts of a conflict stand in the base and in both sides, in order; both sides differ from the base there."""
    base, mine, theirs = texts
    result = merge(base, mine, theirs)
    at = {"base": 0, "mine": 0, "theirs": 0}
    for piece in result.pieces:
        assert piece != Agreed("")
        if isinstance(piece, Conflict):
            assert len({piece.base, piece.mine, piece.theirs}) == 3
            for name, whole in (("base", base), ("mine", mine), ("theirs", theirs)):
                found = whole.index(getattr(piece, name), at[name])
                at[name] = found + len(getattr(piece, name))


@given(two_edits())
def test_every_typed_word_is_in_the_result(texts: tuple[str, str, str]) -> None:
    base, mine, theirs = texts
    shown = Counter(re.findall(r"(?:mine|theirs)\d+", all_text(merge(base, mine, theirs))))
    typed = re.findall(r"mine\d+", mine) + re.findall(r"theirs\d+", theirs)
    assert shown == Counter(typed)


@given(THREE)
def test_words_that_the_base_has_not_stay(texts: tuple[str, str, str]) -> None:
    base, mine, theirs = ([word for word in split_words(text) if not word.isspace()] for text in texts)
    result = merge(*texts)
    shown = "".join(all_text(result).split())
    assert all(word in shown for word in {*mine, *theirs} - {*base})


@given(THREE)
def test_a_clean_text_is_made_of_what_the_sides_wrote(texts: tuple[str, str, str]) -> None:
    base, mine, theirs = texts
    result = merge(base, mine, theirs)
    assert result.is_clean == all(isinstance(piece, Agreed) for piece in result.pieces)
    if result.is_clean:
        assert Counter(result.text) <= Counter(mine) + Counter(theirs)
    else:
        with pytest.raises(ValueError, match="conflicts"):
            _ = result.text


BASE = "Les membres votent chaque année. Le conseil répond ensuite à tous. Rien ne se perd."

CASES = {
    "different sentences": (
        BASE, BASE.replace("année", "mois"), BASE.replace("tous", "tous·tes"),
        "Les membres votent chaque mois. Le conseil répond ensuite à tous·tes. Rien ne se perd.",
    ),
    "different words of one sentence": (
        BASE, BASE.replace("membres", "membres actif·ves"), BASE.replace("chaque année", "deux fois"),
        "Les membres actif·ves votent deux fois. Le conseil répond ensuite à tous. Rien ne se perd.",
    ),
    "one deletes, one edits elsewhere": (
        BASE, BASE.replace(" Rien ne se perd.", ""), BASE.replace("Les membres", "Nous"),
        "Nous votent chaque année. Le conseil répond ensuite à tous.",
    ),
    "the same change": (BASE, BASE.replace("conseil", "bureau"), BASE.replace("conseil", "bureau"),
                        BASE.replace("conseil", "bureau")),
    "the same change and another": (
        BASE, BASE.replace("conseil", "bureau"), BASE.replace("conseil", "bureau").replace("Rien", "Presque rien"),
        BASE.replace("conseil", "bureau").replace("Rien", "Presque rien"),
    ),
    "the same insertion": ("Un trois.", "Un deux trois.", "Un deux trois.", "Un deux trois."),
    "paragraphs added at both ends": ("B", "A\n\nB", "B\n\nC", "A\n\nB\n\nC"),
    "all empty": ("", "", "", ""),
    "both delete the same": ("Un deux trois", "Un trois", "Un trois", "Un trois"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_clean(case: str) -> None:
    base, mine, theirs, expected = CASES[case]
    assert merge(base, mine, theirs).text == expected


CLASHES = {
    "the same word": ("le chat dort", "le chien dort", "le loup dort",
                      [Agreed("le "), Conflict("chat", "chien", "loup"), Agreed(" dort")]),
    "insertions at one place": ("un trois", "un deux trois", "un petit trois",
                                [Agreed("un "), Conflict("", "deux ", "petit "), Agreed("trois")]),
    "both write into nothing": ("", "Bonjour", "Salut", [Conflict("", "Bonjour", "Salut")]),
    "one deletes what the other edits": (
        "Un début. Le chat noir dort. Une fin.", "Un début. Une fin.", "Un début. Le chat blanc dort. Une fin.",
        [Agreed("Un début. "), Conflict("Le chat noir dort. ", "", "Le chat blanc dort. "), Agreed("Une fin.")],
    ),
    "paragraphs added at one end": ("A", "A\n\nB", "A\n\nC", [Agreed("A"), Conflict("", "\n\nB", "\n\nC")]),
    "a rewritten sentence and a word in it": (
        "Ici. La vie de la rue est belle. Fin.", "Ici. Nos antennes accueillent de la musique. Fin.",
        "Ici. La vie de ma rue est belle. Fin.",
        [Agreed("Ici. "), Conflict("La vie de la rue est belle", "Nos antennes accueillent de la musique",
                                   "La vie de ma rue est belle"), Agreed(". Fin.")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CLASHES)
def test_conflict(case: str) -> None:
    base, mine, theirs, expected = CLASHES[case]
    result = merge(base, mine, theirs)
    assert not result.is_clean
    assert result.pieces == expected


def test_far_apart_edits_of_a_long_text_are_clean() -> None:
    chance = random.Random(5)
    paragraphs = [" ".join(f"mot{chance.randrange(500)}" for _ in range(40)) for _ in range(200)]
    mine, theirs, both = list(paragraphs), list(paragraphs), list(paragraphs)
    for index in range(0, 200, 4):
        mine[index] = both[index] = paragraphs[index].replace(" ", " à moi ", 1)
        theirs[index + 2] = both[index + 2] = paragraphs[index + 2][::-1]
    texts = ["\n\n".join(side) for side in (paragraphs, mine, theirs)]
    assert merge(*texts).text == "\n\n".join(both)
