"""Authorship covers the text after any edits, and what nobody touched keeps its author."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sip.drafts import authorship
from sip.drafts.texts.diff import diff_texts

TEXTS = st.text(alphabet="ab éà·e\u0301🍐\nش ", max_size=60)


@given(st.lists(st.tuples(st.integers(1, 4), TEXTS), min_size=1, max_size=8))
def test_runs_cover_the_text_after_every_edit(edits):
    text, runs = "", []
    for author, new in edits:
        runs = authorship.apply(runs, diff_texts(text, new), author)
        text = new
        assert sum(length for _who, length in runs) == len(text)
        assert all(length > 0 for _who, length in runs)
        assert all(first[0] != second[0] for first, second in pairwise(runs))


def test_what_stays_keeps_its_author():
    first = authorship.apply([], diff_texts("", "un mot"), 1)
    second = authorship.apply(first, diff_texts("un mot", "un autre mot"), 2)
    assert second == [(1, 3), (2, 6), (1, 3)]
    assert authorship.shares([second]) == {1: 0.5, 2: 0.5}


def test_imported_text_is_nobodys():
    assert authorship.shares([[(None, 100), (7, 1)], [(7, 1)]]) == {7: 1.0}
    assert authorship.shares([[(None, 100)]]) == {}
