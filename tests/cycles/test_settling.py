"""What becomes of a form whose thing somebody else changed in between."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sip.core.errors import Conflict
from sip.cycles.settling import marks, settle

BEFORE = {"title": "Cycle", "introduction": "Bonjour", "opens_on": date(2026, 9, 14), "offices": ["lyon", "rennes"]}


def test_without_a_mark_what_is_wanted_is_saved():
    assert settle(None, BEFORE, {"title": "Autre"}) == {"title": "Autre"}


def test_a_value_that_i_left_alone_stays_as_somebody_else_saved_it():
    now = {**BEFORE, "title": "Leur titre"}
    mine = {**BEFORE, "introduction": "Mon introduction"}
    assert settle(marks(BEFORE), now, mine) == {**now, "introduction": "Mon introduction"}


def test_both_changed_the_same_value_differently():
    now = {**BEFORE, "introduction": "La leur", "title": "Leur titre"}
    mine = {**BEFORE, "introduction": "La mienne"}
    with pytest.raises(Conflict) as error:
        settle(marks(BEFORE), now, mine)
    assert error.value.details["theirs"] == {"introduction": "La leur"}
    assert error.value.details["settled"]["title"] == "Leur titre"


def test_both_changed_it_to_the_same():
    both = {**BEFORE, "introduction": "Pareil"}
    assert settle(marks(BEFORE), both, both) == both


@pytest.mark.parametrize("forged", ["", "title", "title:xyz", "nothing:0000 ::", "title:\ud800"])
def test_a_mark_that_is_missing_or_forged_never_overwrites(forged):
    with pytest.raises(Conflict):
        settle(forged, BEFORE, {"title": "Autre"})


def test_line_ends_and_order_make_no_difference():
    before = {"introduction": "a\r\nb", "offices": ["lyon", "rennes"]}
    now = {"introduction": "c", "offices": ["gand"]}
    assert settle(marks(before), now, {"introduction": "a\nb", "offices": ["rennes", "lyon"]}) == now


texts = st.text("ab\n·é", max_size=3)


@given(texts, texts, texts)
def test_nothing_that_somebody_wrote_is_overwritten_unseen(base, theirs, mine):
    def save():
        return settle(marks({"text": base}), {"text": theirs}, {"text": mine})["text"]

    if len({base, theirs, mine}) == 3:
        with pytest.raises(Conflict) as error:
            save()
        assert error.value.details["theirs"] == {"text": theirs}
    else:
        # Their text survives unless it is the one that I began from.
        assert save() == (mine if theirs == base else theirs)
