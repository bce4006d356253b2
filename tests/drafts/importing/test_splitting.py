import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sip.drafts.files import DraftFile, SectionFile, derived_key, read_draft, write_draft
from sip.drafts.importing import outline
from sip.drafts.importing.conversion import to_markdown
from sip.drafts.importing.splitting import split_document
from tests.documents import SAMPLE_NAMES, made, sample
from tests.timing import is_linear, is_quick

# A document as groups write them: uneven levels, typed numbers, a first page, a table of contents.
DOCUMENT = """# Projet de recommandations 2026 –

**Décider ensemble,\\
est-ce possible ?**

Document de travail au 20/04/2026

Rédaction : Élise Martin, Jean-Luc Wéry & Ana Costa

# Sommaire

<b>Introduction</b>\t<b>3</b>
<b>1 — L’Établi publie ses comptes.</b>\t<b>5</b>
<b>2 — L’Établi forme ses membres</b>\t<b>6</b>

## Introduction

Nous avons écrit ceci à plusieurs[^a].

Introduction par le groupe de Rennes :

*« La participation ne se décrète pas. »*

# 1 — L’Établi publie ses comptes.

Le problème (voir recommandation 3), et les recommandations 2 et 3, cf point 3.b, recommandation 9.

L’Établi **affiche** un budget au point 2.a du document.

### 2 — L’Établi forme ses membres

Le point 3 de l’ordre du jour, la recommandation 4 du rapport de 2018.

#### Un cours pour chacun·e

Lien avec la recommandation 1.

#### Un livret

Texte[^a].

## 3 — L’Établi ouvre ses antennes

## 3.a Un lieu

Des tables.

### b. Une clef *commune*

Voir la mesure 2.b ; `recommandation 1` [recommandation 1](https://example.org).

## Conclusion

Fin[^b].

[^a]: Une note,
    sur deux lignes.

[^b]: Une autre note sur la recommandation 1.
"""


@pytest.fixture(scope="module", params=["as it is", "md", "docx", "odt", "html"])
def split(request):
    """The document split as it was typed, and after a way through a word processor."""
    if request.param == "as it is":
        return split_document(DOCUMENT)
    data = DOCUMENT.encode()
    if request.param != "md":
        data = made(request.param, DOCUMENT)
    return split_document(to_markdown(data, f"x.{request.param}"))


def test_first_page_and_contents_leave_the_text(split):
    assert split.title == "Projet de recommandations 2026 – Décider ensemble, est-ce possible ?"
    assert split.label == "Document de travail au 20/04/2026"
    assert split.authors == ["Élise Martin", "Jean-Luc Wéry", "Ana Costa"]
    text = "\n".join(section.body for section in split.sections)
    assert "Sommaire" not in text
    assert "Rédaction" not in text
    assert any("Rédaction" in line for line in split.dropped)


def test_sections_have_their_kind_number_and_group(split):
    assert [(s.kind, s.dropped_number, s.title, s.slug, s.group_name) for s in split.sections] == [
        ("prose", None, "Introduction", "introduction", None),
        ("prose", None, "Introduction par le groupe de Rennes", "introduction-rennes", "Rennes"),
        ("recommendation", "1", "L’Établi publie ses comptes", "publie-comptes", None),
        ("recommendation", "2", "L’Établi forme ses membres", "forme-membres", None),
        ("recommendation", "3", "L’Établi ouvre ses antennes", "ouvre-antennes", None),
        ("prose", None, "Conclusion", "conclusion", None),
    ]
    assert {"1 —", "2 —", "3 —", "3.a", "b."} <= set(split.dropped)


def test_measures_stand_at_level_three_with_their_slug(split):
    headings = {s.slug: re.findall("^#.*$", s.body, re.M) for s in split.sections}
    assert headings["forme-membres"] == ["### Un cours pour chacun·e {#cours-chacune}", "### Un livret {#livret}"]
    assert headings["ouvre-antennes"] == ["### Un lieu {#lieu}", "### Une clef commune {#clef-commune}"]
    assert headings["introduction"] == []


def test_typed_references_become_links_where_they_lead_somewhere(split):
    bodies = {s.slug: s.body for s in split.sections}
    assert bodies["publie-comptes"].split("\n")[0] == (
        "Le problème (voir [[ouvre-antennes]]), et la [[forme-membres]] et la [[ouvre-antennes]],"
        " cf [[ouvre-antennes#clef-commune]], recommandation 9."
    )
    assert "budget à la [[forme-membres#cours-chacune]] du document." in bodies["publie-comptes"]
    assert "Le point 3 de l’ordre du jour, la recommandation 4 du rapport" in bodies["forme-membres"]
    assert "Lien avec la [[publie-comptes]]." in bodies["forme-membres"]
    assert "Voir la [[forme-membres#livret]] ; `recommandation 1` [recommandation 1](" in bodies["ouvre-antennes"]
    left = [(item.slug, item.line, item.text) for item in split.unresolved]
    assert left == [("publie-comptes", 1, "recommandation 9"), ("forme-membres", 1, "recommandation 4")]


def test_notes_follow_the_sections_that_call_them(split):
    for section in split.sections:
        calls = set(re.findall(r"\[\^(\w+)\](?!:)", section.body))
        assert calls == set(re.findall(r"^\[\^(\w+)\]:", section.body, re.M))
    assert ["sur deux lignes" in s.body for s in split.sections] == [True, False, False, True, False, False]


def test_the_result_makes_a_draft_that_survives_its_file(split):
    sections = tuple(SectionFile(derived_key(s.slug), s.slug, s.title, s.kind, body=s.body) for s in split.sections)
    draft = DraftFile("x", split.title, "t", (), "fr", sections)
    assert read_draft(write_draft(draft), "x") == draft


ATTRIBUTES = {"dire", "avant", "prose", "recommendation", "key", "a", "b"}
REFERENCE = re.compile(r"\[\[([\w-]+)(?:#[\w-]+)?\]\]")


def words(text):
    return Counter(re.findall(r"[^\W\d_]+|\d+", re.sub(r"</?\w+>", "", text).lower()))


def lost_words(markdown):
    """Words of a document that are nowhere in what it was split into; references count as the words they replaced."""
    result = split_document(markdown)
    kept = words("\n".join([result.title, result.label, *result.authors, *result.dropped]))
    numbers = {s.slug: s.dropped_number or "" for s in result.sections}
    for section in result.sections:
        body = re.sub(
            r"\[\[([\w-]+)(?:#[\w-]+)?\]\]", lambda match: f" recommandation {numbers[match[1]]} ", section.body
        )
        kept += words(f"{section.title}\n{body}")
    return words(markdown) - kept


def test_no_word_is_lost():
    # « les recommandations 2 et 3 », « point 3.b » and the like are now said by the references themselves.
    assert set(lost_words(DOCUMENT)) <= {"les", "recommandations", "point", "au", "mesure", "a", "b"}


@pytest.mark.parametrize("name", SAMPLE_NAMES)
def test_no_word_of_real_documents_is_lost(name):
    markdown = to_markdown(sample(name), name)
    assert lost_words(markdown) == Counter()
    first = split_document(markdown)
    for kind in ("docx", "odt", "html"):
        again = split_document(to_markdown(made(kind, markdown), f"x.{kind}"))
        assert [(s.title, s.kind, s.slug) for s in again.sections] == [
            (s.title, s.kind, s.slug) for s in first.sections
        ]
        assert (again.title, again.label, again.authors) == (first.title, first.label, first.authors)


def test_a_real_document_is_what_a_secretary_expects():
    result = split_document(to_markdown(sample(SAMPLE_NAMES[0]), SAMPLE_NAMES[0]))
    assert [s.dropped_number for s in result.sections] == [None, None, "1", "2", "3", "4", "5", "6", "7"]
    assert [s.group_name for s in result.sections][:2] == [None, "Rennes"]
    assert result.label == "Document de travail au 20/04/2020"
    assert len(result.authors) == 4
    assert result.unresolved == []
    assert f"(voir [[{result.sections[8].slug}]])." in result.sections[5].body
    assert f"(lien avec la [[{result.sections[5].slug}]])" in result.sections[8].body


PLAIN = """Nos droits : quelques éléments

Contexte

La coopérative existe depuis longtemps et compte beaucoup de membres.

Elle doit permettre de

- se rencontrer
- s’entraider

Deux sujets soumis à débat

Être une coopérative, pour qui ?

Pour tout le monde, disent certain·es.

Avec quels outils ?

Avec les nôtres.

Moyens

- Un comité
"""


def test_short_lines_are_headings_where_there_are_no_others():
    result = split_document(PLAIN)
    assert result.title == "Nos droits : quelques éléments"
    assert [(s.title, s.kind) for s in result.sections] == [
        ("Contexte", "prose"), ("Deux sujets soumis à débat", "prose"), ("Moyens", "prose"),
    ]  # fmt: skip
    assert "Elle doit permettre de\n\n- se rencontrer" in result.sections[0].body
    assert re.findall("^#.*$", result.sections[1].body, re.M) == [
        "### Être une coopérative, pour qui ?",
        "### Avec quels outils ?",
    ]


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("**Nos comptes**\n\ntexte\n\n**Nos lieux**\n\ntexte\n", [("Nos comptes", "prose"), ("Nos lieux", "prose")]),
        (
            "Recommandation 1 : Publier\n\nCar il le faut.\n\nRecommandation n° 2 : Former\n\nAussi.\n",
            [("Publier", "recommendation"), ("Former", "recommendation")],
        ),
        (
            "## Recommandation 1\n\n**Publier les comptes**\n\nCar.\n\n## Recommandation 2\n\nFormer\n\nAussi.\n",
            [("Publier les comptes", "recommendation"), ("Former", "recommendation")],
        ),
        (
            "1\\. Publier\n\nCar.\n\n2\\. Former\n\nAussi.\n",
            [("Publier", "recommendation"), ("Former", "recommendation")],
        ),
        (
            "# Nos recommandations\n\n## 1. Publier\n\n### 1. D’abord\n\n### 2. Ensuite\n\n## 2. Former\n\nx\n",
            [("Publier", "recommendation"), ("Former", "recommendation")],
        ),
        (
            "# Recommandations de Gand\n\n## Contexte\n\nx\n\n## Publier les comptes\n\nx\n",
            [("Contexte", "prose"), ("Publier les comptes", "recommendation")],
        ),
        ("## 2e année\n\nx\n\n## 2026 en bref\n\nx\n", [("2e année", "prose"), ("2026 en bref", "prose")]),
        ("Une phrase. Une autre, sans aucun titre.\n", [("Introduction", "prose")]),
        ("## 1 — A\n\nx\n\n## 1 — B\n\nvoir recommandation 1\n", [("A", "recommendation"), ("B", "recommendation")]),
        (
            "## Préambule\n\nx\n\n## Partie 1 : Dire\n\n### Recommandation 1.1 : Publier\n\nx\n\n"
            "### Recommandation 1.2 : Diffuser\n\nx\n",
            [
                ("Préambule", "prose"),
                ("Partie 1 : Dire", "prose"),
                ("Publier", "recommendation"),
                ("Diffuser", "recommendation"),
            ],
        ),
        (
            "## Publier {\\#dire .recommendation key=a}\n\nx\n\n## Avant {\\#avant .prose key=b}\n\nx\n",
            [("Publier", "recommendation"), ("Avant", "prose")],
        ),
        ("## Recommandation 8.a : Un fonds\n\nx\n", [("Un fonds", "recommendation")]),
        (
            "# 1. Inleiding\n\nx\n\n# Aanbeveling 2: Boeken openen\n\nx\n",
            [("Inleiding", "prose"), ("Boeken openen", "recommendation")],
        ),
        ("", []),
        (
            "[a]: https://example.org\n\n## 1 — Publier\n\n[b]: https://example.org\n",
            [("Introduction", "prose"), ("Publier", "recommendation")],
        ),
    ],
)
def test_other_habits(markdown, expected):
    result = split_document(markdown)
    assert [(s.title, s.kind) for s in result.sections] == expected
    assert not set(lost_words(markdown)) - {"1", "2"} - ATTRIBUTES


@pytest.mark.parametrize(
    ("typed", "linked"),
    [
        ("Les recommandations 1, 2 et 3.", "La [[un]], la [[deux]] et la [[trois]]."),
        ("aux recommandations 1 à 3", "à la [[un]], à la [[deux]] et à la [[trois]]"),
        ("recommandations 1 ou 2", "[[un]] ou [[deux]]"),
        ("Voir la recommandation n° 2.", "Voir la [[deux]]."),
        ("cf. le point 2.b", "cf. la [[deux#second-pas]]"),
        ("au point 2b et du point 2.a", "à la [[deux#second-pas]] et de la [[deux#premier-pas]]"),
        ("aanbevelingen 1 en 2", "[[un]] en [[deux]]"),
        ("la recommandation 2, 3 ateliers", "la [[deux]], 3 ateliers"),
        ("la recommandation 2 et 3 ateliers", "la [[deux]] et 3 ateliers"),
        ("la recommandation 2.5 fois", None),
        ("ces recommandations 1 et 2", None),
        ("les recommandations 1 et 9", None),
        ("la recommandation 3.f", None),
        ("le point 2 de la réunion", None),
        ("[recommandation 2](https://example.org) et `point 2.a`", None),
        ("la recommandation 2 de l’ONU", None),
        ("recommandation 20 ans", None),
    ],
)
def test_references_read_well_once_linked(typed, linked):
    head = "## 1 — Un\n\nx\n\n## 2 — Deux\n\n### Premier pas\n\n### Second pas\n\n## 3 — Trois\n\n"
    assert split_document(f"{head}{typed}\n").sections[-1].body == (linked or typed)


# Pieces of documents, between blank lines.
PIECES = (
    """
# Titre|## 1 — Un|## 2. Deux|### 2.a Mesure|### b. Autre|**Gras**|Sommaire|Un texte.|- item|Titre 7|---|# |> mot
Conclusion|Introduction par le groupe de Gand :|voir recommandation 1[^n]|1. point|Document au 20/04/2026|    code
Rédaction : A et B|[^n]: note|## 3 — Trois[^n]|<b>x</b> 4|Recommandation 4|Recommandation 5 : Cinq|[lien]: https://example.org|<div>a</div>
## [Lien](https://example.net)|# Nos recommandations
""".strip()
    .replace("\n", "|")
    .split("|")
)
PIECES += ["| a | b |\n|---|---|\n| c | 3 |", "```\n## code\n```", "Titre\n====="]


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("\n\n".join))
def test_no_word_of_any_document_is_lost(markdown):
    result = split_document(markdown)
    assert not set(lost_words(markdown)) - {"1", "recommandation"}
    slugs = [s.slug for s in result.sections]
    assert len(set(slugs)) == len(slugs)
    assert all("\n## " not in f"\n{s.body}" or "```" in s.body for s in result.sections)


@pytest.mark.no_cover
@pytest.mark.parametrize(
    "hostile",
    [
        "[" * 50_000, "<" * 50_000, "`" * 20_000, "# Sommaire\n\n" + " ." * 20_000 + "x", "recommandation 1, " * 10_000,
        "# " + "{#a " * 10_000, "## 1 — a\n\n" * 1_000, "[^a]\n\n" * 2_000 + "[^a]: x", "**" * 20_000,
    ],
    ids=lambda text: text[:10].strip(),
)  # fmt: skip
def test_hostile_documents_take_no_longer_than_others(hostile):
    # What this guards against took forty seconds.
    assert is_quick(lambda: split_document(hostile), 5)


@pytest.mark.no_cover
def test_a_long_address_in_a_heading_is_looked_at_once() -> None:
    assert is_linear(lambda size: outline._SLUG_AT_END.search("{#" + "a" * size + "{"), 5_000)
