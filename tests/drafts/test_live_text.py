"""The live text: what is typed is kept whatever the order, positions hold for any script, bad bytes change nothing."""

import random
from collections.abc import Callable

import pycrdt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sip.drafts import live_text
from sip.drafts.live_text import (
    EMPTY,
    BadUpdate,
    apply,
    check_update,
    clean_text,
    merge_updates,
    missing_update,
    replace_text,
    replace_texts,
    state_vector,
    text_of,
    texts,
)

# Letters of one to four UTF-8 bytes, of one and two UTF-16 units, marks that join, right-to-left, and line ends.
ALPHABET = "abc é·œ«\u202f\u0301\u05d0\u0627\u200d😀👩🚀🇫🇷\n\t"
WORDS = st.sampled_from(
    ["coopérateur·rices", "salarié·es", "e\u0301te\u0301", "👩‍🚀", "👨‍👩‍👧", "🇫🇷", "שלום", "مرحبا", "le", "la", "noir",
     "noirs", ".", "\n\n", "«\u202foui\u202f»"]
)  # fmt: skip
TEXTS = st.one_of(
    st.lists(WORDS, max_size=12).map(" ".join),
    st.text(alphabet=ALPHABET, max_size=30),
    st.text(max_size=20).map(clean_text),
)


def started(**sections: str) -> bytes:
    return apply(EMPTY, replace_texts(EMPTY, sections))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("a\x00b", "ab"),
        ("a\ud83db\ude00", "ab"),
        ("😀e\u0301\u202f\t·\u05d0", "😀e\u0301\u202f\t·\u05d0"),
    ],
)
def test_clean_text(typed: str, kept: str) -> None:
    assert clean_text(typed) == kept
    assert text_of(apply(EMPTY, replace_text(EMPTY, "a", typed)), "a") == kept


def test_a_new_draft_is_empty() -> None:
    assert texts([]) == {}
    assert text_of(EMPTY, "a") == ""
    assert texts([], started(b="2", a="é")) == {"a": "é", "b": "2"}


def test_a_text_that_was_emptied_is_still_there() -> None:
    state = started(a="é")
    state = apply(state, replace_text(state, "a", ""))
    assert texts([], state) == {"a": ""}


def test_no_change_is_an_empty_update() -> None:
    state = started(a="é\n")
    assert replace_text(state, "a", "é\r\n") == EMPTY
    assert apply(state, EMPTY) == state


@given(st.lists(st.tuples(st.sampled_from("ab"), TEXTS), max_size=8))
def test_texts_are_what_was_written(steps: list[tuple[str, str]]) -> None:
    state, model, log = EMPTY, {}, []
    for key, new_text in steps:
        update = replace_text(state, key, new_text)
        check_update(state, update, {key})
        state = apply(state, update)
        model[key] = new_text
        log.append(update)
        assert text_of(state, key) == new_text
    written = {key: text for key, text in texts([], state).items() if text}
    assert written == {key: text for key, text in model.items() if text}
    assert texts(log) == texts([], state) == texts([merge_updates(log)])
    middle = len(log) // 2
    assert texts(log[middle:], merge_updates(log[:middle])) == texts([], state)


@given(st.lists(TEXTS, min_size=2, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_updates_does_not_matter(steps: list[str], chance: random.Random) -> None:
    state, log = EMPTY, []
    for number_, new_text in enumerate(steps):
        # Half of them are written without knowledge of the one before.
        update = replace_text(state, "a", new_text)
        log.append(update)
        if number_ % 2 == 0:
            state = apply(state, update)
    shuffled = [*log, *log[:2]]
    chance.shuffle(shuffled)
    assert texts(shuffled) == texts(log) == texts([merge_updates(shuffled)])


@given(TEXTS, TEXTS, TEXTS)
def test_what_two_people_write_at_once_survives(base: str, first: str, second: str) -> None:
    state = started(a=base)
    one = replace_text(state, "a", f"1A{base}" + first)
    two = replace_text(state, "a", base[: len(base) // 2] + f"2B{second}2C" + base[len(base) // 2 :])
    merged = texts([one, two], state)["a"]
    assert merged == texts([two, one], state)["a"] == text_of(apply(apply(state, two), one), "a")
    for kept in ("1A", "2B", "2C"):
        assert kept in merged
    assert len(merged) == len(base) + len(first) + len(second) + 6


def test_concurrent_changes_of_different_words_merge() -> None:
    state = started(a="Le chat noir dort. Il recomande la sieste aux salariés 👩‍🚀.")
    one = replace_text(state, "a", "Le chien noir dort. Il recomande la sieste aux salarié·es 👩‍🚀.")
    two = replace_text(state, "a", "Le chat noir dort bien. Il recommande la sieste aux salariés 👩‍🚀 !")
    merged = texts([one, two], state)["a"]
    assert merged == "Le chien noir dort bien. Il recommande la sieste aux salarié·es 👩‍🚀 !"


def test_only_what_changed_is_sent() -> None:
    body = "Une phrase de plus, avec des accents : été, cœur. " * 200
    state = started(a=body)
    changed = body[:5000] + "recommandation·s " + body[5000:]
    assert len(replace_text(state, "a", changed)) < 100
    assert len(replace_text(state, "a", body.replace("phrase", "phrases", 1))) < 40


def cursor_after(old: str, new: str, at: int) -> int:
    """Where a cursor before the character `at` of the old text stands once the text was replaced."""
    document = pycrdt.Doc({"a": pycrdt.Text(old)})
    update = replace_text(document.get_update(), "a", new)
    # A mark typed there before the change was known tells the place.
    other: pycrdt.Doc[pycrdt.Text] = pycrdt.Doc()
    other.apply_update(document.get_update())
    other.get("a", type=pycrdt.Text).insert(len(old[:at].encode()), "|")
    other.apply_update(update)
    return str(other.get("a", type=pycrdt.Text)).index("|")


def test_cursors_hold() -> None:
    old = "Le chat noir 👩‍🚀 dort."
    new = "Les chats noirs 👩‍🚀 dorment."
    assert cursor_after(old, new, old.index("noir") + 2) == new.index("noir") + 2
    assert cursor_after(old, new, old.index("👩")) == new.index("👩")
    assert cursor_after(old, new, old.index("dort") + 1) == new.index("dort" if "dort" in new else "dorm") + 1


def test_several_texts_change_in_one_update() -> None:
    state = started(a="un", b="deux")
    update = replace_texts(state, {"a": "Un", "b": "Deux", "c": "Trois"})
    assert texts([update], state) == {"a": "Un", "b": "Deux", "c": "Trois"}


def test_the_client_may_be_named() -> None:
    update = replace_text(EMPTY, "a", "é", client_id=77)
    assert list(live_text.read_state_vector(state_vector(update))) == [77]


def test_peers_find_what_is_missing() -> None:
    old = started(a="un")
    new = apply(old, replace_text(old, "a", "un 😀 deux"))
    update = missing_update(new, state_vector(old))
    assert apply(old, update) == apply(new, update)
    assert len(update) < len(new)
    assert merge_updates([]) == EMPTY


def test_agrees_with_a_document_edited_directly() -> None:
    document = pycrdt.Doc({"a": pycrdt.Text("é👩‍🚀 x")})
    state = document.get_update()
    update = replace_text(state, "a", "é👩‍🚀 à x")
    document.apply_update(update)
    assert str(document.get("a", type=pycrdt.Text)) == "é👩‍🚀 à x"


@pytest.mark.parametrize(
    "call",
    [
        lambda: texts([b"\xff"]),
        lambda: texts([], b"\xff"),
        lambda: text_of(b"\xff", "a"),
        lambda: replace_text(b"\xff", "a", "x"),
        lambda: apply(b"\xff", EMPTY),
        lambda: apply(EMPTY, b"\xff"),
        lambda: merge_updates([EMPTY, b"\xff"]),
        lambda: state_vector(b"\xff"),
        lambda: missing_update(EMPTY, b"\xff"),
    ],
)
def test_bad_bytes_raise_one_plain_error(call: Callable[[], object]) -> None:
    with pytest.raises(BadUpdate) as caught:
        call()
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, TypeError, MemoryError])
def test_other_errors_pass(monkeypatch: pytest.MonkeyPatch, error: type[BaseException]) -> None:
    def interrupted(*_: object) -> bytes:
        raise error

    monkeypatch.setattr(pycrdt, "get_state", interrupted)
    with pytest.raises(error):
        state_vector(EMPTY)
