"""Cross-references are found where they stand, show numbers in the document's language, and break loudly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sip.core.markdown import Reference, render
from sip.drafts.numbering import Numbering, number_sections
from sip.drafts.references import anchor, broken_references, find_references, reference_label, resolver
from sip.drafts.texts.diff import SectionText


@pytest.fixture
def numbering() -> Numbering:
    return number_sections(
        [
            SectionText("k1", "introduction", "L’Établi, déjà", "prose", "### Titre {#titre}"),
            SectionText("k2", "budget", "Budget", "recommendation", "### Publier {#publier}\n\n### Décider {#decider}"),
            SectionText("k3", "antennes", "Antennes", "recommendation", ""),
        ]
    )


@pytest.mark.parametrize(
    ("slug", "measure", "language", "label"),
    [
        ("budget", None, "fr", "recommandation 1"),
        ("budget", "decider", "fr", "recommandation 1.b"),
        ("antennes", None, "fr-BE", "recommandation 2"),
        ("budget", "publier", "en", "recommendation 1.a"),
        ("budget", "publier", "nl", "aanbeveling 1.a"),
        ("introduction", None, "fr", "«\u202fL’Établi, déjà\u202f»"),
        ("introduction", None, "nl", "“L’Établi, déjà”"),
        ("introduction", "titre", "fr", None),
        ("antennes", "publier", "fr", None),
        ("rien", None, "fr", None),
    ],
)
def test_labels(numbering: Numbering, slug: str, measure: str | None, language: str, label: str | None) -> None:
    assert reference_label(numbering, slug, measure, language) == label


TEXT = """Voir [[a]] `[[b]]` é👩‍🚀 [[b]]
> - suite
  [[c#d]] é [[ c ]]

| x | y |
|---|---|
| [[a]] \\| [[b]] | `[[a]]` [[a]] |

    [[code]]

```
[[code]]
```

### T [[a]] {#x}

\\[[non]] [t [[e]]](u) [[texte]](u) [^n]

[^n]: [[note]]
"""


def test_finds_references_and_where_they_stand() -> None:
    found = find_references(TEXT)
    assert [(reference.slug, reference.measure, reference.line) for reference in found] == [
        ("a", None, 0), ("b", None, 0), ("c", "d", 2), ("c", None, 2), ("a", None, 6), ("b", None, 6), ("a", None, 6),
        ("a", None, 14), ("e", None, 16), ("note", None, 18),
    ]  # fmt: skip
    lines = TEXT.split("\n")
    for reference in found:
        assert lines[reference.line].startswith(reference.text, reference.column)
    assert found[1].column == lines[0].rindex("[[b]]")
    assert found[6].column == lines[6].rindex("[[a]]")


def test_lines_are_counted_with_any_line_end() -> None:
    assert [reference.line for reference in find_references("x\r\n[[a]]\ry\r[[b]]\n")] == [1, 3]


def test_lists_broken_references(numbering: Numbering) -> None:
    text = "[[budget]] [[budgets]]\n[[budget#publier]] [[budget#payer]] `[[code]]` [[introduction]]"
    assert [(reference.text, reference.line, reference.column) for reference in broken_references(text, numbering)] == [
        ("[[budgets]]", 0, 11),
        ("[[budget#payer]]", 1, 19),
    ]
    assert broken_references("[[budget]]", numbering) == []


def test_resolver_serves_the_renderer(numbering: Numbering) -> None:
    resolve = resolver(numbering, "fr")
    assert resolve("budget", "decider") == Reference("recommandation 1.b", "#budget.decider")
    assert resolve("rien", None) is None
    html = render("la [[budget#decider]], [[rien]]", resolve=resolve)
    assert '<a class="reference" href="#budget.decider">recommandation 1.b</a>' in html
    assert '<span class="broken-reference">[[rien]]</span>' in html
    elsewhere = resolver(numbering, "nl", lambda slug, measure: f"/drafts/x{anchor(slug, measure)}")
    assert elsewhere("budget", None) == Reference("aanbeveling 1", "/drafts/x#budget")


def test_links_lead_to_the_anchors_of_measures(numbering: Numbering) -> None:
    html = render("### Décider {#decider}", id_prefix="budget")
    assert f'id="{anchor("budget", "decider")[1:]}"' in html


PIECES = st.sampled_from(
    ["[[a]]", "[[b#c]]", "`[[a]]`", "é", "😀", "\u0301", "א", " ", "\n", "\n\n", "> ", "- ", "| ", "**", "[", "]]",
     "\t", "```\n", "    ", "# ", "[^n]", "[^n]: ", "|---|\n"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=40))
def test_places_are_right_and_agree_with_what_is_shown(pieces: list[str]) -> None:
    text = "".join(pieces)
    found = find_references(text)
    lines = text.split("\n")
    for reference in found:
        assert lines[reference.line].startswith(reference.text, reference.column)
    places = [(reference.line, reference.column) for reference in found]
    assert places == sorted(set(places))
    html = render(text, resolve=lambda slug, measure: Reference("x", "#x"))
    assert html.count('<a class="reference"') == len(found)
