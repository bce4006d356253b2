"""Numbers follow from the order of the text alone, and agree with the anchors that readers see."""

from string import ascii_lowercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sip.core.markdown import render
from sip.drafts.numbering import Measure, letter, number_sections
from sip.drafts.texts.diff import SectionText


def section(slug: str, text: str = "", kind: str = "recommendation") -> SectionText:
    return SectionText(key=f"key-{slug}", slug=slug, title=slug.capitalize(), kind=kind, text=text)


def test_recommendations_are_numbered_and_prose_is_not() -> None:
    numbering = number_sections(
        [section("intro", kind="prose"), section("a"), section("mot", kind="prose"), section("b")]
    )
    assert [part.number for part in numbering.sections] == [None, "1", None, "2"]
    assert numbering.number("b") == "2"
    assert numbering.number("intro") is None
    assert numbering.number("rien") is None
    found = numbering.by_key("key-b")
    assert found is not None
    assert found is numbering.by_slug("b")
    assert (found.title, found.measures) == ("B", ())
    assert numbering.by_key("b") is None
    assert numbering.by_slug("rien") is None


def test_measures_are_lettered() -> None:
    text = "Mot.\n\n### Ouvrir les *comptes* {#comptes}\n\n### L’été · l’été\n\n#### Détail\n\n### Troisième\n"
    numbering = number_sections([section("intro", kind="prose"), section("budget", text)])
    assert numbering.sections[1].measures == (
        Measure("a", "comptes", "Ouvrir les comptes", 2),
        Measure("b", "l-ete-l-ete", "L’été · l’été", 4),
        Measure("c", "troisieme", "Troisième", 8),
    )
    assert numbering.number("budget", "comptes") == "1.a"
    assert numbering.number("budget", "troisieme") == "1.c"
    assert numbering.number("budget", "detail") is None
    assert numbering.number("intro", "comptes") is None


@pytest.mark.parametrize(
    "text",
    [
        "```\n### code\n```", "~~~~\n### code\n~~~\n### code\n~~~~", "    ### code", "> ### cité", "- ### liste",
        "\\### échappé", "####### sept", "###sans espace", "## niveau 2", "#### niveau 4", "[^n]: ### note",
    ],
)  # fmt: skip
def test_other_lines_are_no_measures(text: str) -> None:
    assert number_sections([section("a", text)]).sections[0].measures == ()


def test_prose_has_no_measures() -> None:
    assert number_sections([section("a", "### Titre", kind="prose")]).sections[0].measures == ()


def test_a_heading_without_words_still_counts() -> None:
    measures = number_sections([section("a", "###\n\n### 👩‍🚀\n\n### مرحبا\n")]).sections[0].measures
    assert [(measure.letter, measure.slug) for measure in measures] == [
        ("a", "section"),
        ("b", "section-2"),
        ("c", "section-3"),
    ]


def test_moving_a_section_renumbers() -> None:
    first, second = section("a", "### X {#x}"), section("b", "### X {#x}")
    assert number_sections([first, second]).number("b", "x") == "2.a"
    assert number_sections([second, first]).number("b", "x") == "1.a"


def test_of_two_sections_with_one_slug_the_first_counts() -> None:
    numbering = number_sections([section("a"), section("a")])
    assert numbering.number("a") == "1"


def test_letters_go_on_after_z() -> None:
    assert [letter(index) for index in (0, 25, 26, 27, 51, 52, 701, 702)] == [
        "a", "z", "aa", "ab", "az", "ba", "zz", "aaa",
    ]  # fmt: skip


@given(st.integers(0, 100_000))
def test_letters_tell_the_index(index: int) -> None:
    value = 0
    for character in letter(index):
        value = value * 26 + ascii_lowercase.index(character) + 1
    assert value == index + 1


@given(st.lists(st.text(alphabet=st.sampled_from("aé ·*`#{}\u0301😀א"), max_size=20), max_size=30))
def test_measures_have_the_anchors_that_readers_see(titles: list[str]) -> None:
    text = "\n\n".join(f"### {title}" for title in titles)
    measures = number_sections([section("s", text)]).sections[0].measures
    html = render(text, id_prefix="s")
    assert [measure.letter for measure in measures] == [letter(index) for index in range(len(measures))]
    assert html.count("<h3") == len(measures) == len(titles)
    positions = [html.index(f'id="s.{measure.slug}"') for measure in measures]
    assert positions == sorted(positions)
