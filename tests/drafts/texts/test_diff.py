"""Differences between texts and between documents."""

import random
import re
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sip.drafts.texts import align as align_module
from sip.drafts.texts.align import align, increasing
from sip.drafts.texts.diff import Op, SectionChange, SectionText, count_changes, diff_sections, diff_texts
from sip.drafts.texts.words import split_words
from tests.timing import is_quick

SIGNS = (
    "le la chat coopérateur·rices l'accès salarié(e)s aujourd'hui e\u0301te\u0301 naïve 👩🏽‍🌾 👨‍👩‍👧 🇫🇷 🇧🇪 1️⃣ שלום "
    "עולם مرحبا , . ! · « » ** # - 3,5 co-responsable ancien.ne \u0301 \u200f 𝒳"
)
PIECES = st.sampled_from(SIGNS.split()) | st.sampled_from([" ", " ", " ", "\n", "\n\n", "\u00a0", "\r\n", "\t"])
TEXTS = st.lists(PIECES, max_size=40).map("".join)
ANY_TEXTS = TEXTS | st.text(max_size=60)


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, str]:
    """A text and the same with some stretches replaced."""
    old = draw(st.lists(PIECES, max_size=60))
    new = list(old)
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(new)))
        new[at : at + draw(st.integers(0, 4))] = draw(st.lists(PIECES, max_size=4))
    return "".join(old), "".join(new)


PAIRS = st.tuples(ANY_TEXTS, ANY_TEXTS) | edited()


def old_of(ops: list[Op]) -> str:
    return "".join(op.text for op in ops if op.kind != "insert")


def new_of(ops: list[Op]) -> str:
    return "".join(op.text for op in ops if op.kind != "delete")


def cuts(ops: list[Op], left_out: str) -> list[int]:
    """The positions in one of the texts at which the difference cuts it."""
    places, at = [], 0
    for op in ops:
        if op.kind != left_out:
            at += len(op.text)
            places.append(at)
    return places


def cuts_a_word(text: str, at: int) -> bool:
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    if after == "\u200d" or unicodedata.category(after)[0] == "M" or "\U0001f3fb" <= after <= "\U0001f3ff":
        return before not in "\r\n"
    flags = re.search("[\U0001f1e6-\U0001f1ff]*\\Z", text[:at])
    if flags and len(flags[0]) % 2 and "\U0001f1e6" <= after <= "\U0001f1ff":
        return True
    is_family = before == "\u200d" and at > 1 and unicodedata.category(text[at - 2]) in ("So", "Sk")
    if is_family and unicodedata.category(after) == "So":
        return True
    if (before.isalnum() or before == "\u0301") and after == "·" and text[at + 1 : at + 2].isalnum():
        return True
    return before.isalnum() and after.isalnum()


@given(PAIRS)
def test_ops_join_to_both_texts(texts: tuple[str, str]) -> None:
    old, new = texts
    ops = diff_texts(old, new)
    assert (old_of(ops), new_of(ops)) == (old, new)
    assert all(op.text for op in ops)
    assert all(one.kind != other.kind for one, other in pairwise(ops))
    assert all((one.kind, other.kind) != ("insert", "delete") for one, other in pairwise(ops))
    assert diff_texts(old, new) == ops


@given(PAIRS)
def test_no_word_and_no_grapheme_is_cut(texts: tuple[str, str]) -> None:
    old, new = texts
    ops = diff_texts(old, new)
    assert not [at for at in cuts(ops, "insert") if cuts_a_word(old, at)]
    assert not [at for at in cuts(ops, "delete") if cuts_a_word(new, at)]


@given(ANY_TEXTS)
def test_the_same_text_has_no_change(text: str) -> None:
    assert diff_texts(text, text) == ([Op("equal", text)] if text else [])
    assert diff_texts("", text) == ([Op("insert", text)] if text else [])
    assert diff_texts(text, "") == ([Op("delete", text)] if text else [])


@given(ANY_TEXTS)
def test_words_join_to_the_text(text: str) -> None:
    words = split_words(text)
    assert "".join(words) == text
    assert all(words)


@pytest.mark.parametrize("word", [
    "coopérateur·rices", "coopérateur•rices", "ancien.ne", "participant/e/s", "salarié(e)s", "aujourd'hui",
    "puisse-t-il", "3,5", "e\u0301te\u0301", "👩🏽‍🌾", "👨‍👩‍👧", "🇫🇷", "1️⃣", "שָׁלוֹם", "हिन्दी", "s\u0301\u0323",
    "a\u00adb", "𝒳𝒴", "!\u0301", "12,5kg",
])  # fmt: skip
def test_one_word(word: str) -> None:
    assert split_words(f"a {word} b") == ["a", " ", word, " ", "b"]


def test_elided_articles_are_words() -> None:
    assert split_words("l'accès qu’une j'ai don't") == ["l'", "accès", " ", "qu’", "une", " ", "j'", "ai", " ", "don't"]


READABLE = {
    "a word": ("le chat noir dort", "le chien noir dort", "le [-chat][+chien] noir dort"),
    "an article": ("l'accès", "d'accès", "[-l'][+d']accès"),
    "an inclusive ending": ("Les coopérateurs votent.", "Les coopérateur·rices votent.",
                            "Les [-coopérateurs][+coopérateur·rices] votent."),
    "a sentence like its neighbours": ("Le chat. Le chien dort.", "Le chat. Le loup dort. Le chien dort.",
                                       "Le chat. [+Le loup dort. ]Le chien dort."),
    "a sentence gone": ("Le chat. Le loup dort. Le chien dort.", "Le chat. Le chien dort.",
                        "Le chat. [-Le loup dort. ]Le chien dort."),
    "a paragraph": ("A\n\nB", "A\n\nX\n\nB", "A\n\n[+X\n\n]B"),
    "a last paragraph": ("A", "A\n\nX", "A[+\n\nX]"),
    "no crumbs": ("la vie de la rue est belle", "les gens du pays de la mer sont beaux",
                  "[-la vie de la rue est belle][+les gens du pays de la mer sont beaux]"),
    "no lone spaces": ("un deux trois fin", "quatre cinq six fin", "[-un deux trois][+quatre cinq six] fin"),
    "paragraphs stay apart": ("un deux\n\ntrois", "quatre cinq\n\nsix", "[-un deux][+quatre cinq]\n\n[-trois][+six]"),
    "one paragraph gone, the next ones edited": (
        "Tout premier.\n\nLe deuxième est long.\n\nLe troisième aussi.",
        "Le deuxième est très long.\n\nLe troisième non plus.",
        "[-Tout premier.\n\n]Le deuxième est [+très ]long.\n\nLe troisième [-aussi][+non plus].",
    ),
    "a word at both ends": ("chat dort", "le chat dort bien", "[+le ]chat dort[+ bien]"),
    "far words stay apart": (
        "Le conseil d'administration répond à la recommandation.",
        "Le bureau d'administration répond à la demande.",
        "Le [-conseil][+bureau] d'administration répond à la [-recommandation][+demande].",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", READABLE)
def test_changes_read_well(case: str) -> None:
    old, new, expected = READABLE[case]
    shown = {"equal": "{}", "delete": "[-{}]", "insert": "[+{}]"}
    assert "".join(shown[op.kind].format(op.text) for op in diff_texts(old, new)) == expected


def test_count_changes() -> None:
    ops = diff_texts("le chat noir dort bien ici", "le chien noir dort ici vraiment bien tôt")
    assert count_changes([]) == count_changes([Op("equal", "a")]) == 0
    assert count_changes([Op("delete", "a"), Op("insert", "b")]) == 1
    assert count_changes([Op("insert", "b"), Op("equal", "a"), Op("delete", "c")]) == 2
    assert count_changes(ops) >= 2


def longest_common(old: list[int], new: list[int]) -> int:
    row = [0] * (len(new) + 1)
    for one in old:
        before = row[:]
        for index, other in enumerate(new):
            row[index + 1] = before[index] + 1 if one == other else max(row[index], before[index + 1])
    return row[-1]


@given(st.lists(st.integers(0, 5), max_size=30), st.lists(st.integers(0, 5), max_size=30))
def test_align_finds_the_most(old: list[int], new: list[int]) -> None:
    runs = align(old, new)
    assert sum(run.size for run in runs) == longest_common(old, new)
    check_runs(runs, old, new)


def check_runs(runs: list[align_module.Run], old: list[int], new: list[int]) -> None:
    old_at = new_at = 0
    for run in runs:
        assert old_at <= run.old
        assert new_at <= run.new
        assert run.size
        assert old[run.old : run.old + run.size] == new[run.new : run.new + run.size]
        old_at, new_at = run.old + run.size, run.new + run.size


@given(st.integers(0, 2**32), st.integers(2, 400), st.integers(0, 12))
def test_align_of_long_lists_is_sound(seed: int, vocabulary: int, edits: int) -> None:
    chance = random.Random(seed)
    old = [chance.randrange(vocabulary) for _ in range(1500)]
    new = list(old)
    for _ in range(edits):
        at = chance.randrange(len(new))
        new[at : at + chance.randrange(80)] = [chance.randrange(vocabulary) for _ in range(chance.randrange(80))]
    runs = align(old, new)
    check_runs(runs, old, new)
    # With few words that come back all the time, nothing may be rare enough to hold on to between the two ends.
    if vocabulary > 20:
        assert sum(run.size for run in runs) >= len(old) - 90 * edits


@pytest.mark.no_cover
def test_more_words_than_characters() -> None:
    count = 0xD800 + 5000  # what stood for a word as a character would be half a pair from here on
    old = list(range(count))
    new = [*range(0, count, 2), *range(7)]
    runs = align(old, new)
    assert sum(run.size for run in runs) == (count + 1) // 2


@pytest.mark.no_cover
def test_words_numbered_like_surrogates() -> None:
    old = " ".join(f"mot{number}" for number in range(60_000))
    new = " ".join(f"mot{number}" for number in range(60_000) if number % 1000)
    ops = diff_texts(old, new)
    assert (old_of(ops), new_of(ops)) == (old, new)
    assert sum(len(op.text) for op in ops if op.kind == "delete") < 600
    assert not [op for op in ops if op.kind == "insert"]


@given(st.permutations(range(8)) | st.lists(st.integers(0, 5), max_size=8))
def test_longest_increasing(values: list[int]) -> None:
    indices = increasing(values)
    assert all(one < other and values[one] < values[other] for one, other in pairwise(indices))
    best = 0
    for mask in range(1 << len(values)):
        chosen = [value for index, value in enumerate(values) if mask >> index & 1]
        if len(chosen) > best and all(one < other for one, other in pairwise(chosen)):
            best = len(chosen)
    assert len(indices) == best


def section(key: str, text: str = "Un texte.", title: str = "Titre") -> SectionText:
    return SectionText(key, f"s-{key}", title, "recommendation", text)


def flags(change: SectionChange) -> str:
    return change.key + "".join(
        letter
        for letter, flag in zip(
            "ngmrc",
            (change.is_new, change.is_gone, change.is_moved, change.is_renamed, change.is_changed),
            strict=True,
        )
        if flag
    )


@pytest.mark.parametrize(("old", "new", "expected"), [
    ("abcde", "abcde", "a b c d e"),
    ("abcde", "ebacd", None),
    ("abcde", "bcdea", "b c d e am"),
    ("abcde", "eabcd", "em a b c d"),
    ("abcde", "abxcde", "a b xn c d e"),
    ("abcde", "acde", "a bg c d e"),
    ("abcde", "bcde", "ag b c d e"),
    ("abc", "", "ag bg cg"),
    ("", "ab", "an bn"),
    ("abcd", "dxab", "dm xn a b cg"),
])  # fmt: skip
def test_sections_moved_new_and_gone(old: str, new: str, expected: str | None) -> None:
    changes = diff_sections([section(key) for key in old], [section(key) for key in new])
    if expected is None:
        assert sum(change.is_moved for change in changes) == 2
    else:
        assert " ".join(map(flags, changes)) == expected


def test_sections_renamed_and_changed() -> None:
    old = [section("a", "Un chat noir et seul dort ici."), section("b", "Un."), section("c", "Trois.")]
    new = [section("a", "Un chien noir et seul mange ici."), section("b", "Un.", "Autre titre"), section("c", "Trois.")]
    changed, renamed, same = diff_sections(old, new)
    assert (flags(changed), flags(renamed), flags(same)) == ("ac", "br", "c")
    assert (changed.changes, renamed.changes, same.changes) == (2, 0, 0)
    assert (changed.old, changed.new) == (old[0], new[0])


def test_two_sections_with_one_key() -> None:
    with pytest.raises(ValueError, match="same key"):
        diff_sections([section("a"), section("a")], [])


@given(st.permutations("abcdefgh"), st.permutations("abcdefgh"))
def test_every_section_is_told_once(old: list[str], new: list[str]) -> None:
    changes = diff_sections([section(key) for key in old[:6]], [section(key) for key in new[:6]])
    assert sorted(change.key for change in changes) == sorted({*old[:6], *new[:6]})
    assert [change.key for change in changes if not change.is_gone] == new[:6]
    kept = [change.key for change in changes if not (change.is_moved or change.is_new or change.is_gone)]
    assert kept == [key for key in old if key in kept]


def long_text(seed: int, size: int) -> str:
    chance = random.Random(seed)
    words = [f"mot{number}·e" for number in range(3000)]
    paragraphs: list[str] = []
    while size > 0:
        paragraphs.append(" ".join(chance.choices(words, k=chance.randint(20, 90))) + ".")
        size -= len(paragraphs[-1]) + 2
    return "\n\n".join(paragraphs)


def scattered(text: str, edits: int, seed: int) -> str:
    chance = random.Random(seed)
    for _ in range(edits):
        start = text.index(" ", chance.randrange(len(text) - 200)) + 1
        end = text.index(" ", start + chance.randrange(40))
        text = text[:start] + chance.choice(["", "des mots neufs ", "un "]) + text[chance.choice([start, end + 1]) :]
    return text


@pytest.mark.no_cover
def test_long_texts_cost_little() -> None:
    old = long_text(1, 200_000)
    new = scattered(old, 100, 2)
    ops = diff_texts(old, new)
    print(f"{len(old)} characters, {count_changes(ops)} changes")
    assert (old_of(ops), new_of(ops)) == (old, new)
    assert 60 <= count_changes(ops) <= 100
    # About 0.05 s.
    assert is_quick(lambda: diff_texts(old, new), 0.25)


@pytest.mark.no_cover
@pytest.mark.parametrize("separator", [" ", "\n"])
def test_unlike_texts_end(separator: str) -> None:
    """What nobody would write stays bounded too: the same few letters in another order, and all words shuffled."""
    chance = random.Random(3)
    letters = [separator.join(chance.choices("abcdefgh", k=50_000)) for _ in range(2)]
    words = long_text(4, 100_000).split()
    shuffled = separator.join(chance.sample(words, len(words)))
    for old, new in (letters, (separator.join(words), shuffled)):
        ops = diff_texts(old, new)
        assert (old_of(ops), new_of(ops)) == (old, new)
        # About 0.3 s.
        assert is_quick(lambda old=old, new=new: diff_texts(old, new), 3)
