import datetime as dt
import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sip.core.frontmatter import BadFrontMatter
from sip.drafts.files import (
    BadDraftFile,
    DraftFile,
    SectionFile,
    VersionFile,
    derived_key,
    read_draft,
    read_version,
    version_hash,
    write_draft,
    write_version,
)

SLUGS = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8})?", fullmatch=True)
ANY = st.characters(codec="utf-8")
TITLES = st.text(ANY, max_size=40) | st.sampled_from(
    [
        "Un {fonds}",
        "Fin ",
        " début",
        "A {#b .prose key=x}",
        "{",
        "}",
        "x {",
        "\tà",
        "# dièse #",
        "\\",
        "",
        "a\\{#b}",
        "{.x}",
    ]
)
LINES = st.text(ANY, max_size=30) | st.sampled_from(
    [
        "## Titre {#a .prose key=x}",
        "\\## Titre",
        "\\\\## t",
        "##",
        "##\tt",
        "---",
        "",
        "",
        " ## t",
        "```",
        "### m {#m}",
        "####",
    ]
)
BODIES = st.lists(LINES, max_size=8).map("\n".join)
MOMENTS = st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2200, 1, 1), timezones=st.just(dt.UTC))


@st.composite
def sections(draw):
    count = draw(st.integers(0, 4))
    keys = draw(st.lists(SLUGS, min_size=count, max_size=count, unique=True))
    slugs = draw(st.lists(SLUGS, min_size=count, max_size=count, unique=True))
    return tuple(
        SectionFile(
            key=key,
            slug=slug,
            title=draw(TITLES),
            kind=draw(st.sampled_from(["prose", "recommendation"])),
            group=draw(st.none() | SLUGS),
            stage=draw(st.none() | st.sampled_from(["consultation", "under_review"])),
            is_retired=draw(st.booleans()),
            body=draw(BODIES),
        )
        for key, slug in zip(keys, slugs, strict=True)
    )


HEADS = st.fixed_dictionaries(
    {
        "title": TITLES,
        "theme": st.text(ANY, max_size=20),
        "groups": st.lists(SLUGS, max_size=3).map(tuple),
        "language": st.sampled_from(["fr", "nl", "en", "no"]),
        "sections": sections(),
    }
)
PUBLISHED = st.lists(st.tuples(st.integers(1, 9), MOMENTS), max_size=3).map(tuple)
DRAFTS = st.builds(lambda head, published: DraftFile(slug="a-draft", published=published, **head), HEADS, PUBLISHED)
VERSIONS = st.builds(
    lambda head, fields: VersionFile(**head, **fields),
    HEADS,
    st.fixed_dictionaries(
        {
            "number": st.integers(1, 1000),
            "label": TITLES,
            "note": BODIES,
            "frozen_at": MOMENTS,
            "frozen_by": TITLES,
            "contributors": st.lists(st.tuples(TITLES, st.floats(0, 1)), max_size=3).map(tuple),
            "restored_from": st.none() | st.integers(1, 9),
            "previous_hash": st.none() | st.just("0" * 64),
            "hash": st.none() | st.just("a" * 64),
        }
    ),
)


@given(DRAFTS)
def test_drafts_survive_their_file(draft):
    text = write_draft(draft)
    assert "\r" not in text
    again = read_draft(text, "a-draft")
    assert again == draft
    assert write_draft(again).encode() == text.encode()


@given(VERSIONS)
def test_versions_survive_their_file(version):
    text = write_version(version)
    again = read_version(text)
    assert again == version
    assert write_version(again).encode() == text.encode()
    assert version_hash(again) == version_hash(version)


HAND_WRITTEN = """---
title: Information et gouvernance
theme: comprendre
groups: [rennes, gand]
language: fr
---

## Introduction par le groupe de Gand {#introduction-gand .prose key=a1b2c3d4e5 group=gand}

Bonjour.

\\## Ce n’est pas une section

## L’Établi publie {tout} {#publier .recommendation key=f6g7h8i9j0 stage=consultation .retired}

### Une mesure {#mesure}

Texte.
"""


def test_the_form_of_a_file():
    draft = read_draft(HAND_WRITTEN, "information")
    first, second = draft.sections
    assert first == SectionFile(
        "a1b2c3d4e5", "introduction-gand", "Introduction par le groupe de Gand", "prose", "gand",
        body="Bonjour.\n\n## Ce n’est pas une section",
    )  # fmt: skip
    assert (second.title, second.stage, second.is_retired) == ("L’Établi publie {tout}", "consultation", True)
    assert second.body == "### Une mesure {#mesure}\n\nTexte."
    assert write_draft(draft) == HAND_WRITTEN


def test_what_is_left_out_by_hand_is_made_up():
    text = "---\ntitle: T\n---\n## Introduction\nun\n## Un fonds\n\n\n## Un fonds {.prose}\ndeux"
    draft = read_draft(text, "x")
    assert [(s.slug, s.kind, s.body) for s in draft.sections] == [
        ("introduction", "prose", "un"), ("un-fonds", "recommendation", ""), ("un-fonds-2", "prose", "deux"),
    ]  # fmt: skip
    assert [s.key for s in draft.sections] == [derived_key(s.slug) for s in draft.sections]
    assert len({s.key for s in draft.sections}) == 3
    assert all(len(s.key) == 10 and s.key.isalnum() for s in draft.sections)
    assert read_draft(text, "x", new_key=lambda slug: f"k-{slug}").sections[1].key == "k-un-fonds"
    canonical = write_draft(draft)
    assert read_draft(canonical, "x") == draft
    assert write_draft(read_draft(canonical, "x")) == canonical


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("\nBonjour.", "\nBonjour.", None),
        ("---\n\n## Intro", "---\n\nPerdu\n\n## Intro", "^line 8: this text stands before"),
        ("key=f6g7h8i9j0", "key=a1b2c3d4e5", "two sections have the key"),
        ("{#publier", "{#introduction-gand", "two sections have the slug"),
        (".recommendation", ".recomendation", "^line 14: “recomendation” is not a kind"),
        ("stage=consultation", "etape=consultation", "^line 14: “etape”"),
        ("stage=consultation", "stage=a stage=b", "^line 14: “stage=a”"),
        ("{#publier", "{#Publier", "^line 14: “#Publier”"),
        ("language: fr", "langue: fr", "“langue” is not a field"),
        ("groups: [rennes, gand]", "groups: rennes", "“groups” is not a list"),
        ("groups: [rennes, gand]", "groups: [1, 2]", "list of slugs"),
        ("title: Information et gouvernance\n", "", "“title” is missing"),
    ],
)
def test_what_cannot_be_read_says_where(old, new, problem):
    text = HAND_WRITTEN.replace(old, new, 1)
    if problem is None:
        read_draft(text, "x")
        return
    with pytest.raises(BadDraftFile, match=problem):
        read_draft(text, "x")


def _version(**changes):
    section = SectionFile("a1b2c3d4e5", "intro", "Introduction", "prose", body="Bonjour.\n\nhash: rien")
    version = VersionFile(
        "T", "comprendre", ("rennes",), "fr", (section,), number=2, label="Document de travail", note="Relu.",
        frozen_at=dt.datetime(2026, 10, 12, 22, 15, tzinfo=dt.timezone(dt.timedelta(hours=2))), frozen_by="Maëlle",
        contributors=(("Maëlle", 0.6), ("Youenn", 0.4)), previous_hash="ab" * 32,
    )  # fmt: skip
    return replace(version, **changes)


def test_anyone_can_verify_a_version_with_sed_and_sha256sum():
    version = _version()
    sealed = write_version(replace(version, hash=version_hash(version)))
    lines = sealed.split("\n")
    assert lines[1].startswith("hash: ")
    without = "\n".join(lines[:1] + lines[2:])
    assert hashlib.sha256(without.encode()).hexdigest() == version_hash(version) == read_version(sealed).hash
    assert "frozen_at: 2026-10-12T20:15:00Z\n" in sealed
    assert "  - {name: Maëlle, share: 0.6}\n" in sealed


@pytest.mark.parametrize(
    "changes",
    [
        {"note": "Relu"}, {"previous_hash": "cd" * 32}, {"number": 3}, {"contributors": (("Maëlle", 1.0),)},
        {"sections": ()}, {"label": "Autre"}, {"language": "nl"},
    ],
)  # fmt: skip
def test_the_hash_changes_with_anything(changes):
    assert version_hash(_version(**changes)) != version_hash(_version())
    assert version_hash(_version(hash="00" * 32)) == version_hash(_version())


def test_versions_refuse_what_they_cannot_keep():
    with pytest.raises(BadDraftFile, match="time zone"):
        _version(frozen_at=dt.datetime(2026, 1, 1))
    with pytest.raises(BadDraftFile, match="contributor"):
        read_version(write_version(_version()).replace("share: 0.6", "part: 0.6"))
    with pytest.raises(BadDraftFile, match="“number” is missing"):
        read_version("---\ntitle: T\nlabel: L\nfrozen_at: 2026-10-12T20:15:00Z\n---\n")
    with pytest.raises(BadFrontMatter, match="line 2"):
        read_version("---\na: *b\n---\n")
