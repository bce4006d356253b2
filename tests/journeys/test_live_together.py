"""Two people in one paragraph at the same moment: no letter is lost, and both see the same."""

import pytest
from playwright.sync_api import Locator, expect

from tests.journeys.browsers import PHONE
from tests.journeys.writing import BEHIND, state_is, write_in

pytestmark = pytest.mark.browser


def lines_of(text: Locator) -> list[str]:
    """Return the lines of a text that is open, as one sees them."""
    return text.evaluate("text => [...text.querySelectorAll('.cm-line')].map((line) => line.textContent)")


def wait_until_equal(one: Locator, other: Locator, *words: str) -> list[str]:
    """Wait until both show these words and the same lines; return the lines."""
    for text in (one, other):
        for word in words:
            expect(text).to_contain_text(word)
    for _ in range(50):
        # The line with the cursor shows its marks, so the cursors leave the text first.
        lines = lines_of(one)
        if lines == lines_of(other):
            return lines
        one.page.wait_for_timeout(100)
    raise AssertionError(f"{lines_of(one)} is not {lines_of(other)}")


def test_one_splits_a_paragraph_while_the_other_types_in_it(sign_in):
    ana, paul = sign_in("facilitator"), sign_in("participant", **PHONE)
    here, there = write_in(ana, "conclusion"), write_in(paul, "conclusion")
    paragraph = next(line for line in lines_of(here) if len(line.split()) > 12)
    words = paragraph.split()
    split_at, typed_at = " ".join(words[3:6]), " ".join(words[8:11])
    for text, place in ((here, split_at), (there, typed_at)):
        text.evaluate(BEHIND, place)
    # Letter by letter in turns, so that each types into what the other is changing.
    for number, letter in enumerate("un ajout"):
        paul.keyboard.type(letter)
        if number == 3:
            ana.keyboard.press("Enter")
        elif number > 3:
            ana.keyboard.type("neuf"[number - 4])
    lines = wait_until_equal(here, there, f"{typed_at}un ajout", "neuf")
    first = next(number for number, line in enumerate(lines) if line.endswith(split_at))
    assert lines[first].split() == words[:6]
    rest = next(line for line in lines[first + 1 :] if line.strip())
    assert "".join(rest.split()) == "neuf" + "".join(words[6:11]) + "unajout" + "".join(words[11:])
    for page in (ana, paul):
        state_is(page, "saved")


def test_two_type_at_the_same_place_at_once(sign_in):
    ana, paul = sign_in("facilitator"), sign_in("participant")
    here, there = write_in(ana, "conclusion"), write_in(paul, "conclusion")
    place = next(line for line in lines_of(here) if line[:1].isalpha() and len(line.split()) > 12)[:8]
    for text in (here, there):
        text.evaluate(BEHIND, place)
    for one, other in zip("É😀accordé", "ñ🌻oppose!", strict=True):
        ana.keyboard.insert_text(one)
        paul.keyboard.insert_text(other)
    lines = wait_until_equal(here, there, "😀", "🌻")
    line = next(line for line in lines if line.startswith(place))
    added = line[len(place) :]
    for said in ("É😀accordé", "ñ🌻oppose!"):
        # Each one's letters stand in their order, whoever wrote between them.
        rest = iter(added)
        assert all(letter in rest for letter in said), (said, added)
    for page in (ana, paul):
        state_is(page, "saved")
