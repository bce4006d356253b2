"""Through generated histories of versions, no passage is ever marked on other words, and few are lost."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import takewhile
from unicodedata import normalize

import pytest

from sip.drafts.placing import Crossing, Marked, Standing
from sip.drafts.texts.carrying import Carrier, Landing, moved_keys, same_words
from tests.drafts.texts.histories import History, State, told
from tests.timing import is_quick

# Of a passage: how much must be left of it for a person to find it again; and less than which is nothing of it.
FOUND_AGAIN = 0.7
NOTHING_LEFT = 0.3


class StoredTexts:
    """What `placing.Texts` reads from the database, for versions that are only in memory; they count from 1."""

    def __init__(self, versions: Sequence[State]) -> None:
        self.versions = versions

    def of(self, version_id: int | None, _update_id: int | None) -> dict[str, str]:
        return self.versions[(version_id or 0) - 1].texts

    def order(self, version_id: int) -> list[str]:
        return list(self.versions[version_id - 1].texts)


def carried(versions: Sequence[State], passage: Marked) -> list[Landing | None]:
    """Where a passage stands in each version after the one that it was marked in, as freezing them would find out."""
    texts = StoredTexts(versions)
    last = None
    landings = []
    for number in range(passage.version_id + 1, len(versions) + 1):
        landing = crossing_to(texts, number).land(passage, last or standing(passage.version_id, passage))
        if landing is not None:
            last = standing(number, landing)
        landings.append(landing)
    return landings


def crossing_to(texts: StoredTexts, number: int) -> Crossing:
    found = texts.__dict__.setdefault(number, None) or Crossing(texts, texts.versions[number - 1].texts)
    texts.__dict__[number] = found
    return found


def standing(version_id: int, at: Marked | Landing) -> Standing:
    return Standing(version_id, None, at.key, at.start, at.end)


def letters_of(state: State, key: str, start: int, end: int) -> list[int]:
    """The origins of the characters of a stretch that can be seen."""
    text = state.texts[key]
    return [origin for index, origin in enumerate(state.origins[key][start:end], start) if not text[index].isspace()]


def all_letters(state: State) -> set[int]:
    return {origin for origins in state.origins.values() for origin in origins} - {0}


def judge(
    history: History,
    versions: Sequence[State],
    passage: Marked,
    number: int,
    last: Standing,
    landing: Landing | None,
) -> str:
    """Say what a person who watched every keystroke says of where a passage is told to stand in version `number`.

    "right"; "wrong"; "lost": outdated though it is there; "gone": outdated, rightly. And where it is gone: "retyped":
    the mark is on what was written in its place, in its words; "copy": on a copy, of which the texts alone say that it
    is the passage; "twin": on the same words at a place which the texts alone cannot tell from its own. `last` is
    where it stood last.
    """
    new, marked = versions[number - 1], standing(passage.version_id, passage)
    own = set(letters_of(versions[marked.version_id - 1], *marked[2:]))
    left = len(own & all_letters(new)) / len(own)
    if landing is None:
        return "lost" if left >= FOUND_AGAIN else "gone"
    found = letters_of(new, landing.key, landing.start, landing.end)
    heirs = own | set(letters_of(versions[last.version_id - 1], *last[2:]))
    kin = sum(is_heir(history.stands_for, letter, heirs) for letter in found)
    foreign = len((set(found) & all_letters(versions[marked.version_id - 1])) - heirs)
    if kin > foreign and kin >= 0.3 * len(found):
        return "right"
    copied = sum(is_heir(history.stands_for, root(history.copy_of, letter), heirs) for letter in found)
    for begun in (marked, last):
        old = versions[begun.version_id - 1]
        if left <= NOTHING_LEFT or took_its_place(history, old, new, begun, landing):
            if copied > 0.5 * len(found):
                return "copy"
            if same_words(old.texts[begun.key][begun.start : begun.end], landing.quote):
                return "twin"
        if left <= NOTHING_LEFT and stands_between(old, new, begun, landing):
            return "retyped"
        if seems_to_be(old, new, begun, landing, own):
            return "twin"
    return "wrong"


def seems_to_be(old: State, new: State, begun: Standing, landing: Landing, own: set[int]) -> bool:
    """Tell whether a mark is on a passage's words amid its surroundings, and what is left of itself is not."""
    words = old.texts[begun.key][begun.start : begun.end]
    if not same_words(words, landing.quote):
        return False

    def around(key: str, start: int, end: int) -> int:
        return sum(
            alike(before[::step], after[::step])
            for before, after, step in (
                (old.texts[begun.key][: begun.start], new.texts[key][:start], -1),
                (old.texts[begun.key][begun.end :], new.texts[key][end:], 1),
            )
        )

    best = around(landing.key, landing.start, landing.end)
    return best >= 24 and not any(
        own & set(letters_of(new, key, *found.span())) and around(key, *found.span()) >= best
        for key, text in new.texts.items()
        for found in re.finditer(re.escape(words), text)
    )


def alike(one: str, other: str) -> int:
    """How many characters at the start of both are the same."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def stands_between(old: State, new: State, begun: Standing, landing: Landing) -> bool:
    """Tell whether what stood before and after a passage stands before and after it now."""
    if begun.key != landing.key:
        return False
    for step in (-1, 1):
        there = set(neighbours(new, landing.key, landing.start, landing.end, step))
        beyond = set(neighbours(new, landing.key, landing.start, landing.end, -step))
        nearest = next(
            (
                letter
                for letter in neighbours(old, begun.key, begun.start, begun.end, step)
                if letter in there or letter in beyond
            ),
            None,
        )
        if nearest in beyond:
            return False
    return True


def took_its_place(history: History, old: State, new: State, begun: Standing, landing: Landing) -> bool:
    """Tell whether a copy of a passage stands where the passage stood, so that the texts alone say that it is it."""
    for step in (-1, 1):
        before = neighbours(old, begun.key, begun.start, begun.end, step)
        after = neighbours(new, landing.key, landing.start, landing.end, step)
        # What was copied along with it says nothing.
        same = 0
        while same < min(len(before), len(after)) and before[same] != after[same]:
            if root(history.copy_of, after[same]) != root(history.copy_of, before[same]):
                break
            same += 1
        if before[same : same + 1] == after[same : same + 1]:
            return True
    return False


def neighbours(state: State, key: str, start: int, end: int, step: int) -> list[int]:
    """The visible letters before (-1) or after (1) a stretch, the nearest first."""
    return letters_of(state, key, end, len(state.texts[key])) if step == 1 else letters_of(state, key, 0, start)[::-1]


def is_heir(stands_for: dict[int, set[int]], letter: int, heirs: set[int]) -> bool:
    """Tell whether a letter is one of `heirs`, or was typed in the place of one."""
    waiting, seen = [letter], set()
    while waiting:
        here = waiting.pop()
        if here in heirs:
            return True
        if here not in seen:
            seen.add(here)
            waiting.extend(stands_for.get(here, ()))
    return False


def root(copy_of: dict[int, int], letter: int) -> int:
    while letter in copy_of:
        letter = copy_of[letter]
    return letter


def chosen(history: History, versions: Sequence[State]) -> Marked | None:
    """A passage that somebody may mark in one of the versions: some words, a sentence, or across paragraphs."""
    number = history.random.randrange(1, len(versions))
    texts = {key: text for key, text in versions[number - 1].texts.items() if text.strip()}
    if not texts:
        return None
    key = history.random.choice(list(texts))
    if history.random.random() < 0.4:
        spans = [match.span() for match in re.finditer(r"[^\s.][^.]*\.", texts[key])]
        start, end = history.random.choice(spans) if spans else (0, 0)
    else:
        spans = [match.span() for match in re.finditer(r"\S+", texts[key])]
        first = history.random.randrange(len(spans))
        last = min(first + history.random.choice([0, 1, 2, 4, 8, 16, 30]), len(spans) - 1)
        start, end = spans[first][0], spans[last][1]
    if start == end:
        return None
    return Marked(0, number, None, key, start, end, texts[key][start:end], "")


def verdicts(seed: int, *, edits: int, passages: int) -> Counter[str]:
    """Mark and carry passages through one history, and count the verdicts over all later versions."""
    history, versions = told(seed, edits=edits)
    counted: Counter[str] = Counter()
    for _ in range(passages):
        passage = chosen(history, versions)
        if passage is None:
            continue
        last = standing(passage.version_id, passage)
        for number, landing in enumerate(carried(versions, passage), passage.version_id + 1):
            verdict = judge(history, versions, passage, number, last, landing)
            counted[verdict] += 1
            if verdict == "wrong":
                print(f"seed {seed}: version {passage.version_id} to {number}: {passage.quote!r} -> {landing}")
            if landing is not None:
                last = standing(number, landing)
    return counted


def told_of(seeds: range, edits: int) -> tuple[float, float]:
    """Precision and recall over many histories, printed with all verdicts."""
    counted = sum((verdicts(seed, edits=edits, passages=40) for seed in seeds), Counter())
    precision = counted["right"] / (counted["right"] + counted["wrong"])
    recall = counted["right"] / (counted["right"] + counted["lost"])
    print(f"{edits} edits: precision {precision:.4f}, recall {recall:.4f}, {dict(counted)}")
    return precision, recall


@pytest.mark.no_cover
@pytest.mark.parametrize(("edits", "least"), [(6, 0.95), (12, 0.9)])
def test_no_passage_is_ever_marked_on_other_words(edits, least):
    precision, recall = told_of(range(60), edits)
    assert precision == 1
    assert recall >= least


def test_the_judge_sees_a_wrong_mark():
    """Marks one sentence further than their own are wrong, and outdated ones of untouched text are lost."""
    history, versions = told(1, edits=1)
    versions = [versions[0], versions[0]]
    key, text = next(iter(versions[0].texts.items()))
    first, second = [match.span() for match in re.finditer(r"[^\s.][^.]*\.", text)][:2]
    passage = Marked(0, 1, None, key, *first, text[slice(*first)], "")
    here, beside = (Landing(key, start, end, text[start:end]) for start, end in (first, second))
    last = standing(1, passage)
    assert judge(history, versions, passage, 2, last, here) == "right"
    assert judge(history, versions, passage, 2, last, beside) == "wrong"
    assert judge(history, versions, passage, 2, last, None) == "lost"


INTRO = "Nous écrivons ensemble un texte. Il dit ce que nous voulons, et comment nous allons y arriver d’ici à l’été."
RULE = "Le conseil répond par écrit à chaque recommandation, dans les trois mois."
END = "Les membres lisent la réponse en assemblée, puis votent à main levée sur la suite à donner."

# What a document says, the passage of its section "a", what it says next, and the section and words of it then.
HARD_CASES = {
    "untouched": ({"a": f"{INTRO} {RULE} {END}"}, RULE, {"a": f"Avant. {INTRO} {RULE} {END}"}, ("a", RULE)),
    "a repeated phrase, the other one gone": (
        {"a": f"{RULE} {INTRO} {END}\n\nAutre chose encore. {RULE} Fin du texte."}, RULE,
        {"a": f"{RULE} {INTRO} {END}\n\nAutre chose encore. Fin du texte."}, ("a", RULE),
    ),
    "a repeated phrase, in another section": (
        {"a": f"{INTRO} {RULE} {END}", "b": f"Ici. {RULE} Là."}, RULE,
        {"a": f"{INTRO} {END}", "b": f"Ici. {RULE} Là."}, None,
    ),
    "accents typed in two": (
        {"a": f"{INTRO} {RULE} {END}"}, RULE, {"a": normalize("NFD", f"Été. {INTRO} {RULE} {END}")},
        ("a", normalize("NFD", RULE)),
    ),
    "accents typed in two, in another section": (
        {"a": f"{INTRO} {RULE} {END}", "b": "Rien."}, RULE,
        {"a": f"{INTRO} {END}", "b": normalize("NFD", f"Rien. {RULE}")}, ("b", normalize("NFD", RULE)),
    ),
    "an inclusive ending added": (
        {"a": f"{INTRO} Chaque coopérateur vote. {END}"}, "coopérateur",
        {"a": f"{INTRO} Chaque coopérateur·rice vote. {END}"}, ("a", "coopérateur·rice"),
    ),
    "an inclusive ending taken off": (
        {"a": f"{INTRO} Les salarié·es votent. {END}"}, "salarié·es", {"a": f"{INTRO} Les salariés votent. {END}"},
        ("a", "salariés"),
    ),
    "across paragraphs": (
        {"a": f"{INTRO}\n\n{RULE}\n\n{END}"}, f"été.\n\n{RULE}\n\nLes",
        {"a": f"Avant.\n\n{INTRO}\n\n{RULE}\n\n{END}"}, ("a", f"été.\n\n{RULE}\n\nLes"),
    ),
    "across paragraphs that were joined": (
        {"a": f"{INTRO}\n\n{RULE}\n\n{END}"}, f"été.\n\n{RULE}", {"a": f"{INTRO} {RULE}\n\n{END}"},
        ("a", f"été. {RULE}"),
    ),
    "an emptied section": ({"a": f"{INTRO} {RULE}", "b": END}, RULE, {"a": "", "b": END}, None),
    "an emptied section, its text in another": (
        {"a": f"{INTRO} {RULE}", "b": END}, RULE, {"a": "", "b": f"{END}\n\n{INTRO} {RULE}"}, ("b", RULE),
    ),
    "a section that is gone": ({"a": f"{INTRO} {RULE}", "b": END}, RULE, {"b": END}, None),
    "a section that was split": (
        {"a": f"{INTRO}\n\n{RULE}\n\n{END}"}, RULE, {"a": INTRO, "c": f"{RULE}\n\n{END}"}, ("c", RULE),
    ),
    "cut, and pasted twice": (
        {"a": f"{INTRO} {RULE} {END}", "b": "Rien."}, RULE, {"a": f"{INTRO} {END}", "b": f"{RULE} Rien. {RULE}"}, None,
    ),
    "copied elsewhere, and still here": (
        {"a": f"{INTRO} {RULE} {END}", "b": "Rien."}, RULE, {"a": f"{INTRO} {RULE} {END} Oui.", "b": f"Rien. {RULE}"},
        ("a", RULE),
    ),
    "cut, and changed when pasted": (
        {"a": f"{INTRO} {RULE} {END}", "b": "Rien."}, RULE,
        {"a": f"{INTRO} {END}", "b": "Rien. Le bureau répond par écrit à chaque recommandation, dans les deux mois."},
        None,
    ),
    "more put in than it had": (
        {"a": f"{INTRO} {RULE} {END}"}, "par écrit à chaque",
        {"a": f"{INTRO} {RULE.replace('écrit', 'écrit, après un débat avec tous les groupes de travail et, ')} {END}"},
        None,
    ),
    "a word that comes back everywhere, in a sentence that went": (
        {"a": f"{INTRO} {RULE} {END}"}, "la", {"a": f"{INTRO} {END}"}, ("a", "la"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", HARD_CASES)
def test_hard_case(case):
    old, quote, new, wanted = HARD_CASES[case]
    start = old["a"].index(quote)
    landing = Carrier(old, new).carry("a", start, start + len(quote))
    assert (landing and (landing.key, landing.quote)) == wanted
    if landing:
        assert new[landing.key][landing.start : landing.end] == landing.quote


def test_the_marked_words_come_back_with_the_text_they_stood_in():
    old, new = {"a": f"{INTRO} {RULE} {END}"}, {"a": f"{INTRO} {RULE} {END} Encore."}
    start = old["a"].index(RULE)
    assert Carrier(old, new).bring_back("a", start, start + len(RULE)).quote == RULE
    assert Carrier(old, {"b": f"{INTRO} {RULE}"}).bring_back("a", start, start + len(RULE)) is None
    assert Carrier(old, {"a": f"Autre. {RULE} Chose."}).bring_back("a", start, start + len(RULE)) is None


def test_blank_and_empty_passages():
    carrier = Carrier({"a": "Un  deux."}, {"a": "Oui. Un  deux."})
    assert carrier.carry("a", 2, 4) is None
    assert carrier.carry("a", 5, 5) == Landing("a", 10, 10, "")
    assert carrier.carry("b", 0, 0) is None
    assert Carrier({"a": "Un deux."}, {"a": "Un bon deux."}).carry("a", 3, 3) is None


@pytest.mark.parametrize(("old", "new", "moved"), [
    ("abcd", "abcd", ""), ("abcd", "bcda", "a"), ("abcd", "axbcd", ""), ("abcd", "dabc", "d"), ("abc", "c", ""),
    ("", "ab", ""),
])  # fmt: skip
def test_as_few_sections_moved_as_explain_the_order(old, new, moved):
    assert moved_keys(old, new) == set(moved)


@pytest.mark.no_cover
def test_the_speed_of_carrying():
    """500 passages over 200 KB with 100 edits cost little; see also bin/bench threads."""
    history = History(3, sections=40, paragraphs=36)
    old = history.state()
    for _ in range(100):
        key = history.random.choice([key for key, section in history.document.items() if section and section[0]])
        number = history.random.choice([n for n, paragraph in enumerate(history.document[key]) if paragraph])
        history.random.choice((history._type, history._replace, history._sentence))(key, number)
    new = history.state()
    places = []
    for _ in range(500):
        key = history.random.choice(list(old.texts))
        start = history.random.randrange(0, len(old.texts[key]) - 100)
        places.append((key, start, start + 60))
    assert sum(map(len, old.texts.values())) > 200_000

    def carry() -> int:
        carrier = Carrier(old.texts, new.texts)
        return sum(carrier.carry(*place) is not None for place in places)

    assert carry() > 450
    assert is_quick(carry, 0.5)  # it takes half of that
