"""Slugs are ASCII, short, never empty, and handed out once."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sip.core.slugs import MAX_SLUG, UniqueSlugs, slugify

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("L’Établi publie ses comptes", "l-etabli-publie-ses-comptes"),
        ("Coopérateur·rices et salarié•es", "cooperateurrices-et-salariees"),
        ("Œuvre, cœur, ex æquo", "oeuvre-coeur-ex-aequo"),
        ("e\u0301te\u0301", "ete"),
        ("  Budget — 2026 !  ", "budget-2026"),
        ("Straße · İstanbul · Łódź", "strasse-istanbul-lodz"),
        ("un\u202fmot", "un-mot"),
        ("mot\u00adcoupé", "motcoupe"),
        ("x²", "x2"),
        ("مرحبا", "section"),
        ("👩‍🚀 ✨", "section"),
        ("", "section"),
    ],
)
def test_reads_like_the_title(text: str, slug: str) -> None:
    assert slugify(text) == slug


def test_names_the_fallback() -> None:
    assert slugify("…", fallback="mesure") == "mesure"


def test_cuts_between_words() -> None:
    slug = slugify("une phrase assez longue pour ne pas tenir dans les soixante signes permis")
    assert slug == "une-phrase-assez-longue-pour-ne-pas-tenir-dans-les-soixante"
    assert slugify("a" * 80) == "a" * MAX_SLUG
    assert slugify("a" * MAX_SLUG + " b") == "a" * MAX_SLUG


@given(st.text())
def test_is_always_a_slug(text: str) -> None:
    slug = slugify(text)
    assert SLUG.fullmatch(slug)
    assert len(slug) <= MAX_SLUG
    assert slugify(slug) == slug


def test_claims_get_the_next_free_number() -> None:
    slugs = UniqueSlugs(["budget", "budget-3"])
    assert [slugs.claim("budget") for _ in range(3)] == ["budget-2", "budget-4", "budget-5"]
    assert slugs.claim("budget-2") == "budget-2-2"
    assert slugs.claim("autre") == "autre"


@given(st.lists(st.text(alphabet="aé ", max_size=70), max_size=30))
def test_claims_are_unique_and_short(titles: list[str]) -> None:
    slugs = UniqueSlugs()
    claimed = [slugs.claim(slugify(title)) for title in titles]
    assert len(set(claimed)) == len(claimed)
    assert all(SLUG.fullmatch(slug) and len(slug) <= MAX_SLUG for slug in claimed)
