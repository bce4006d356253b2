"""Updates from others: bad bytes, other people's texts, and what is no plain text are refused."""

from collections.abc import Callable

import pycrdt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sip.core.markdown import MAX_TEXT
from sip.drafts.live_text import (
    EMPTY,
    BadUpdate,
    apply,
    check_update,
    merge_updates,
    replace_text,
    replace_texts,
    text_of,
    texts,
)

STATE = apply(EMPTY, replace_texts(EMPTY, {"a": "héllo 👨‍👩‍👧 xyz", "b": "autre texte"}, client_id=5))


def started(**sections: str) -> bytes:
    return apply(EMPTY, replace_texts(EMPTY, sections))


def number(value: int) -> bytes:
    """A number as updates write it."""
    written = b""
    while value > 127:
        written += bytes([value & 127 | 128])
        value >>= 7
    return written + bytes([value])


def insertion(content: bytes, client: int = 9, clock: int = 0) -> bytes:
    """An update of one struct, as it stands behind its client and clock."""
    return b"\x01\x01" + number(client) + number(clock) + content + b"\x00"


def test_an_honest_update_is_passed_on_as_it_is() -> None:
    state = started(a="un 😀", b="deux")
    update = replace_text(state, "a", "un 😁 et demi")
    assert texts([check_update(state, update, {"a"})], state) == texts([update], state)
    assert check_update(state, update, ["b", "a"])


@pytest.mark.parametrize(
    ("key", "new_text"), [("b", "autre"), ("b", ""), ("b", "deux !"), ("c", "nouveau"), ("", "sans nom")]
)
def test_other_texts_are_out_of_reach(key: str, new_text: str) -> None:
    state = started(a="un", b="deux")
    for update in (replace_text(state, key, new_text), replace_texts(state, {"a": "Un", key: new_text})):
        with pytest.raises(BadUpdate, match="may not change"):
            check_update(state, update, {"a"})


def test_typing_and_deleting_at_once_in_another_text_is_noticed() -> None:
    state = started(a="un", b="deux")
    document: pycrdt.Doc[pycrdt.Text] = pycrdt.Doc()
    document.apply_update(state)
    shared = document.get("b", type=pycrdt.Text)
    shared.insert(1, "zz")
    del shared[1:3]
    assert text_of(document.get_update(), "b") == "deux"
    with pytest.raises(BadUpdate, match="may not change"):
        check_update(state, document.get_update(), {"a"})


def embedded(document: "pycrdt.Doc[pycrdt.Text]") -> None:
    document.get("a", type=pycrdt.Text).insert_embed(1, {"x": 1})


def formatted(document: "pycrdt.Doc[pycrdt.Text]") -> None:
    document.get("a", type=pycrdt.Text).format(0, 2, {"bold": True})


def mapped(document: "pycrdt.Doc[pycrdt.Map]") -> None:
    document.get("a", type=pycrdt.Map)["x"] = "y"


def listed(document: "pycrdt.Doc[pycrdt.Array]") -> None:
    document.get("a", type=pycrdt.Array).append("y")


def nested(document: "pycrdt.Doc[pycrdt.Text]") -> None:
    document.get("a", type=pycrdt.Text).insert_embed(1, pycrdt.Map({"x": pycrdt.Text("y")}))


@pytest.mark.parametrize("change", [embedded, formatted, mapped, listed, nested])
def test_only_plain_text_is_taken(change: Callable[["pycrdt.Doc[pycrdt.Text]"], None]) -> None:
    state = started(a="deux mots")
    document: pycrdt.Doc[pycrdt.Text] = pycrdt.Doc()
    document.apply_update(state)
    before = document.get_state()
    change(document)
    with pytest.raises(BadUpdate):
        check_update(state, document.get_update(before), {"a"})


def test_positions_are_not_guessed_beside_what_is_no_text() -> None:
    document: pycrdt.Doc[pycrdt.Text] = pycrdt.Doc({"a": pycrdt.Text("mots")})
    embedded(document)
    with pytest.raises(BadUpdate, match="not text"):
        replace_text(document.get_update(), "a", "autre")


@pytest.mark.parametrize("typed", ["a\r\nb", "a\x00b"])
def test_carriage_returns_and_nul_are_refused(typed: str) -> None:
    update = pycrdt.Doc({"a": pycrdt.Text(typed)}).get_update()
    with pytest.raises(BadUpdate, match="carriage return"):
        check_update(EMPTY, update, {"a"})


def test_a_text_may_not_grow_too_long() -> None:
    full = replace_text(EMPTY, "a", "é" * MAX_TEXT)
    check_update(EMPTY, full, {"a"})
    with pytest.raises(BadUpdate, match="longer"):
        check_update(apply(EMPTY, full), replace_text(apply(EMPTY, full), "a", "é" * MAX_TEXT + "x"), {"a"})


def test_an_update_that_follows_what_is_not_there_is_refused() -> None:
    state = started(a="un")
    first = replace_text(state, "a", "un deux", client_id=5)
    after = apply(state, first)
    second = replace_text(after, "a", "un deux trois", client_id=5)
    deletion = replace_text(after, "a", "un")
    for update in (second, deletion):
        with pytest.raises(BadUpdate, match="not there"):
            check_update(state, update, {"a"})
        with pytest.raises(BadUpdate, match="not there"):
            apply(state, update)
        check_update(after, update, {"a"})
    # In a log, any order will do.
    assert texts([second, first], state) == {"a": "un deux trois"}


def test_a_character_is_never_cut_in_two() -> None:
    state = apply(EMPTY, replace_text(EMPTY, "a", "x😀y", client_id=3))
    # The emoji is units 1 and 2 of client 3.
    cut = number(3) + number(1)
    beside = insertion(b"\xc4" + number(3) + number(2) + number(3) + number(3) + b"\x01q")
    assert texts([check_update(state, beside, {"a"})], state) == {"a": "x😀qy"}
    for update in (
        insertion(b"\x84" + cut + b"\x01q"),
        insertion(b"\x44" + number(3) + number(2) + b"\x01q"),
        insertion(b"\xc4" + cut + number(3) + number(2) + b"\x01q"),
        b"\x00\x01\x03\x01\x01\x01",
        b"\x00\x01\x03\x01\x02\x01",
    ):
        with pytest.raises(BadUpdate, match="in two"):
            check_update(state, update, {"a"})
    check_update(state, b"\x00\x01\x03\x01\x01\x02", {"a"})


def test_a_forged_copy_of_known_text_is_not_passed_on() -> None:
    state = apply(EMPTY, replace_text(EMPTY, "a", "vrai", client_id=3))
    forged = insertion(b"\x04\x01\x01a\x04faux", client=3)
    passed_on = check_update(state, forged, {"a"})
    assert passed_on == EMPTY
    assert texts([merge_updates([passed_on, state])]) == {"a": "vrai"}


@pytest.mark.parametrize(
    "update",
    [
        b"", b"\x00", b"\x01", b"\x00\x00\x00", b"\xff" * 20, insertion(b"\x04\x01\x01a\x00"), b"no update at all",
        insertion(b"\x04\x01\x01a\x02\xc3\x28"), insertion(b"\x04\x01\x01a\x7fx"), insertion(b"\x04\x00\x03\x00\x01x"),
        insertion(b"\x24\x01\x01a\x01k\x01x"), insertion(b"\x08\x01\x01a\x01w\x01x"), b"\x01\xff\xff\x03\x09\x00",
        insertion(b"\x04\x01\x01a\x01x", clock=2**40), insertion(b"\x81\x03\x00" + number(2**31)),
        insertion(b"\x81\x03\x00\x00"), b"\x00\x01\x03\x01\x00\x00", b"\x00\x01\x03\x01\x01" + number(2**31),
    ],
)  # fmt: skip
def test_malformed_updates_are_refused(update: bytes) -> None:
    state = started(a="un")
    with pytest.raises(BadUpdate):
        check_update(state, update, {"a"})


@given(st.binary(max_size=60))
def test_random_bytes_are_refused_or_change_nothing_else(update: bytes) -> None:
    refused_or_harmless(update)


@given(
    st.text(alphabet="abc é·😀👩\u200d\u0301\u05d0\n", max_size=30),
    st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), min_size=1, max_size=3),
)
def test_damaged_updates_are_refused_or_change_nothing_else(new_text: str, damage: list[tuple[int, int]]) -> None:
    update = bytearray(replace_texts(STATE, {"a": new_text, "b": "autre 😀 texte"}, client_id=8))
    for place, byte in damage:
        update[place % len(update)] = byte
    refused_or_harmless(bytes(update))


def refused_or_harmless(update: bytes) -> None:
    try:
        passed_on = check_update(STATE, update, {"a"})
    except BadUpdate:
        return
    after = apply(STATE, passed_on)
    assert text_of(after, "b") == "autre texte"
    assert set(texts([], after)) <= {"a", "b"}
    assert text_of(apply(STATE, update), "a") == text_of(after, "a")


def test_a_panic_becomes_a_plain_error(capfd: pytest.CaptureFixture[str]) -> None:
    # A gap so long that Yrs looks for its end where there is nothing.
    update = insertion(b"\x0a" + number(2**31 - 5) + b"\x00\x05", client=5, clock=41)
    update = b"\x01\x02" + update[2:]
    document: pycrdt.Doc[pycrdt.Text] = pycrdt.Doc()
    document.apply_update(STATE)
    with pytest.raises(BaseException, match="None") as caught:
        document.apply_update(update)
    assert not isinstance(caught.value, Exception)
    with pytest.raises(BadUpdate):
        apply(STATE, update)
    with pytest.raises(BadUpdate):
        check_update(STATE, update, {"a"})
    assert "panicked" in capfd.readouterr().err
