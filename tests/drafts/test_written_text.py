"""The text beside its log: every change is followed in the text and in who wrote it, for any script."""

import random
from itertools import pairwise

import pycrdt
import pytest

from sip.drafts.authorship import credited
from sip.drafts.live_text import EMPTY, BadUpdate, replace_texts, texts
from sip.drafts.written_text import WrittenText
from tests.timing import is_quick

WORDS = ["été", "e\u0301", "👩‍🚀", "🇫🇷", "שלום", "abc", " ", "\n\n", "«\u202foui\u202f»", "x"]
START = replace_texts(EMPTY, {"a": "Un été 😀.", "b": "Deux"})


@pytest.mark.parametrize("seed", range(12))
def test_it_follows_its_log(seed: int):
    chance = random.Random(seed)
    text = WrittenText([START], {"a": [(7, 3), (None, 6)], "b": [(None, 4)]})
    model = {"a": [(letter, 7 if place < 3 else None) for place, letter in enumerate("Un été 😀.")],
             "b": [(letter, None) for letter in "Deux"], "c": []}  # fmt: skip
    log = [START]
    for _ in range(40):
        key, author = chance.choice("abc"), chance.choice([1, 2, None])
        start = chance.randrange(len(model[key]) + 1)
        end = min(len(model[key]), start + chance.choice([0, 0, 1, 3]))
        typed = "".join(chance.choices(WORDS, k=chance.choice([0, 1, 2])))
        changed = [*model[key][:start], *((letter, author) for letter in typed), *model[key][end:]]
        update = typing(log, key, start, end, typed)
        parts = text.append(author, update)
        log.append(update)
        model[key] = changed
        if start < end or typed:
            assert parts == {key: (len(typed), end - start)}, seed
        else:
            assert parts == {}
    assert {key: text.body(key) for key in "abc"} == {key: "".join(at[0] for at in model[key]) for key in "abc"}
    for key in "abc":
        runs = text.authorship(key)
        assert [who for who, length in runs for _ in range(length)] == [who for _letter, who in model[key]]
        assert all(one[0] != other[0] for one, other in pairwise(runs))
    assert texts([text.state()]) == texts(log)
    assert text.reads_back(text.state())
    assert not text.reads_back(START)


def typing(log: list[bytes], key: str, start: int, end: int, typed: str) -> bytes:
    """The update of somebody who replaces a stretch."""
    document: pycrdt.Doc[pycrdt.Text] = pycrdt.Doc()
    for update in log:
        document.apply_update(update)
    before = document.get_state()
    shared = document.get(key, type=pycrdt.Text)
    now = str(shared)
    first, last = len(now[:start].encode()), len(now[:end].encode())
    with document.transaction():
        if first < last:
            del shared[first:last]
        if typed:
            shared.insert(first, typed)
    return document.get_update(before)


def test_texts_without_notes_are_nobodys():
    text = WrittenText([START], {})
    assert text.authorship("a") == [(None, 9)]
    assert text.body("zzz") == ""
    assert text.authorship("zzz") == []
    text.credit("a", [(3, 9)])
    assert text.authorship("a") == [(3, 9)]
    assert text.authorship("a") == [(3, 9)]
    with pytest.raises(BadUpdate):
        text.append(1, b"\xff")


def test_who_is_credited():
    assert [credited(3, origin) for origin in ("live", "form", "import", "restore", "undo")] == [3, 3, None, None, None]
    assert credited(None, "live") is None


@pytest.mark.parametrize("seed", range(6))
def test_a_change_in_many_places(seed: int):
    chance = random.Random(seed)
    said = "".join(chance.choices(WORDS, k=200))
    start = replace_texts(EMPTY, {"a": said})
    runs = [(number % 3, 1) for number in range(len(said))]
    text = WrittenText([start], {"a": runs})
    model = [(letter, place % 3) for place, letter in enumerate(said)]
    document: pycrdt.Doc[pycrdt.Text] = pycrdt.Doc()
    document.apply_update(start)
    before = document.get_state()
    shared = document.get("a", type=pycrdt.Text)
    added = removed = 0
    with document.transaction():
        for place in range(len(said) - 1, 0, -3):
            typed = chance.choice([*WORDS, ""])
            end = min(len(said), place + chance.choice([0, 0, 1, 2]))
            end = min(end, place + 2)
            first, last = len(said[:place].encode()), len(said[:end].encode())
            if first < last:
                del shared[first:last]
            if typed:
                shared.insert(first, typed)
            model[place:end] = [(letter, 9) for letter in typed]
            added, removed = added + len(typed), removed + end - place
    assert text.append(9, document.get_update(before)) == {"a": (added, removed)}
    assert text.body("a") == "".join(letter for letter, _who in model)
    assert [who for who, length in text.authorship("a") for _ in range(length)] == [who for _letter, who in model]


@pytest.mark.no_cover
def test_a_change_in_thousands_of_places_holds_nobody_up():
    count = 8_000
    start = replace_texts(EMPTY, {"a": "x" * count})
    document: pycrdt.Doc[pycrdt.Text] = pycrdt.Doc()
    document.apply_update(start)
    before = document.get_state()
    shared = document.get("a", type=pycrdt.Text)
    with document.transaction():
        for place in range(count - 1, 0, -1):
            shared.insert(place, "y")
    update = document.get_update(before)

    def append() -> WrittenText:
        text = WrittenText([start], {"a": [(1, count)]})
        assert text.append(2, update) == {"a": (count - 1, 0)}
        return text

    assert is_quick(append, 0.8)  # several times that, were each place to look at all others
    text = append()
    assert len(text.authorship("a")) == 2 * count - 1
