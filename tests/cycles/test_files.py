import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sip.cycles.files import (
    BadCycleFile,
    CycleFile,
    MilestoneFile,
    OfficeFile,
    ThemeFile,
    read_cycle,
    read_offices,
    read_theme,
    write_cycle,
    write_offices,
    write_theme,
)
from sip.cycles.stages import LADDER

TEXT = st.text(st.characters(codec="utf-8"), max_size=60) | st.sampled_from(
    ["## Contexte {#context}", "\\## a", "\n\n", "on"]
)
SLUGS = st.from_regex(r"[a-z0-9-]{1,12}", fullmatch=True)
MILESTONES = st.lists(st.builds(MilestoneFile, TEXT, st.dates(), st.none() | st.dates(), TEXT), max_size=3).map(tuple)


DAYS = st.dictionaries(st.sampled_from([stage.value for stage in LADDER]), st.integers(1, 365))


@given(st.builds(CycleFile, st.just("2026"), TEXT, st.dates(), st.dates(), st.booleans(), DAYS, MILESTONES, TEXT))
def test_cycles_survive_their_file(cycle):
    text = write_cycle(cycle)
    assert read_cycle(text, "2026") == cycle
    assert write_cycle(read_cycle(text, "2026")).encode() == text.encode()


@given(st.builds(ThemeFile, st.just("t"), TEXT, st.integers(0, 99), TEXT, TEXT, TEXT, TEXT, TEXT))
def test_themes_survive_their_file(theme):
    text = write_theme(theme)
    assert read_theme(text, "t") == theme
    assert write_theme(read_theme(text, "t")).encode() == text.encode()


@given(st.lists(st.builds(OfficeFile, SLUGS, TEXT, TEXT, TEXT), max_size=4, unique_by=lambda office: office.slug))
def test_offices_survive_their_file(offices):
    text = write_offices(offices)
    assert read_offices(text) == offices
    assert write_offices(read_offices(text)).encode() == text.encode()


CYCLE = """---
title: Cycle 2026 — Faire œuvre commune
opens: 2026-09-14
closes: 2027-06-19
guests_may_comment: false
milestones:
  - {title: Ateliers, on: 2026-10-01, until: 2026-12-15, note: Dans chaque antenne}
  - title: Information
    on: 2026-11-02
    note: 'Les textes sont publiés : chaque membre peut lire, suivre et poser des questions ; les groupes répondent.'
  - {title: Assemblée générale, on: 2027-06-19}
---

Bienvenue.
"""
THEME = """---
title: Comprendre
position: 1
question: Que savons-nous ?
---

## Contexte {#context}

Un.

## État de la réflexion {#reflection}

Deux.

## Objectifs {#objectives}

Trois.

## Questions-clefs {#questions}

- Quatre ?
"""
OFFICES = """- {slug: rennes, name: Rennes, town: Rennes, country: FR}
- {slug: gand, name: Gand}
"""


def test_the_forms_of_the_files():
    cycle = read_cycle(CYCLE, "2026")
    assert cycle.milestones[0].until == dt.date(2026, 12, 15)
    assert cycle.milestones[2] == MilestoneFile("Assemblée générale", dt.date(2027, 6, 19))
    assert cycle.introduction == "Bienvenue."
    assert write_cycle(cycle) == CYCLE
    theme = read_theme(THEME, "comprendre")
    assert (theme.context, theme.reflection, theme.objectives, theme.questions) == (
        "Un.",
        "Deux.",
        "Trois.",
        "- Quatre ?",
    )
    assert write_theme(theme) == THEME
    assert read_offices(OFFICES) == [OfficeFile("rennes", "Rennes", "Rennes", "FR"), OfficeFile("gand", "Gand")]
    assert write_offices(read_offices(OFFICES)) == OFFICES


def test_headings_of_a_brief_written_by_hand():
    theme = read_theme("---\ntitle: T\n---\n## Contexte\na\n## Achtergrond {#reflection}\nb", "t")
    assert (theme.context, theme.reflection, theme.objectives) == ("a", "b", "")


@pytest.mark.parametrize(
    ("read", "text", "problem"),
    [
        (read_cycle, CYCLE.replace("closes: 2027-06-19\n", ""), "“closes” is missing"),
        (read_cycle, CYCLE.replace("2027-06-19", "bientôt"), "“closes” is not a date"),
        (read_cycle, CYCLE.replace("closes: 2027-06-19", "closes: 2027-06-19T10:00:00Z"), "“closes” is not a date"),
        (read_cycle, CYCLE.replace("false", "0"), "“guests_may_comment” is not a bool"),
        (read_cycle, CYCLE.replace("note: Dans", "place: Dans"), "“place” is not a field"),
        (read_theme, THEME.replace("position: 1", "position: true"), "“position” is not a int"),
        (
            read_theme,
            THEME.replace("{#questions}", "{#moyens}").replace("Questions-clefs", "Moyens"),
            "line 19: .* “Moyens”",
        ),
        (read_theme, THEME.replace("{#questions}", "{#context}"), "line 19"),
    ],
)
def test_what_cannot_be_read_says_why(read, text, problem):
    with pytest.raises(BadCycleFile, match=problem):
        read(text, "x")


@pytest.mark.parametrize(
    "text", ["a: b\n", "- a\n", "- {slug: A B, name: c}\n", "- {slug: a, name: b}\n- {slug: a, name: c}\n"]
)
def test_a_bad_list_of_offices_is_refused(text):
    with pytest.raises(BadCycleFile):
        read_offices(text)
