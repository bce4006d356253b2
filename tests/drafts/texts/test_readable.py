"""Readable text, its blocks and sentences, and the way between it and the Markdown that it was rendered from."""

import json
import random
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sip.drafts.rendering import SectionToRender, alone, render_sections
from sip.drafts.texts.readable import ReadablePage, block_at, blocks_of, readable_text
from sip.drafts.texts.sentences import sentences
from sip.drafts.texts.sourcemap import SourceMap

EXAMPLES = json.loads((Path(__file__).parent / "readable_examples.json").read_text())


def html_of(body: str, language: str = "fr") -> str:
    """The stored HTML of a section with this Markdown, in a document that has another one to refer to."""
    sections = [
        SectionToRender("k1", "la-notre", "La nôtre", "recommendation", body, "Un groupe"),
        SectionToRender("k2", "autre", "L’autre", "recommendation", "### Une mesure {#mesure}\n\nTexte.", None),
    ]
    return render_sections(sections, language)[0].html


def source_of(body: str, words: str) -> str:
    """The Markdown to which `words` lead, chosen where they stand first in the readable text."""
    source_map = SourceMap(body, html_of(body))
    start = source_map.text.index(words)
    first, last = source_map.to_source(start, start + len(words))
    return body[first:last]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["name"])
def test_what_is_readable(example):
    assert readable_text(example["html"]) == example["text"]


def test_a_section_reads_the_same_on_its_own_page():
    body = "Un *mot*, voir [[autre#mesure]].\n\n### Une mesure\n\n- un\n- deux"
    html = html_of(body)
    assert readable_text(alone(html, "la-notre", "/drafts/x/versions/1")) == readable_text(html)


FULL = """\
Un *début* & **fin** : oui ! `code ici` et [un lien](http://x.example "titre"), [[autre]] &amp; \\* fin.
Suite ***très*** ~~barrée~~ <http://auto.example> note[^1].  
Après.

### La *carte* {#carte}

- un | deux
  suite du point
- deux

> # Cité #
> para un
sans signe

| A | B \\| C |
|---|--------|
| un **mot** | deux \\| trois `x` |
| sans |  |

[^1]: La note. Elle dit M. Dupont.

![img](http://x.example/a.png) dedans. « Bonjour ! » dit-il.

```
code
  deux
```

Titre
-----

    d'une autre façon
"""  # noqa: W291 - the two spaces are a line break


@pytest.mark.parametrize(("words", "markdown"), [
    ("Un début", "Un *début*"),
    ("début", "*début*"),
    ("déb", "déb"),
    ("début & fin", "*début* & **fin**"),
    ("ut & fi", "ut* & **fi"),
    ("fin\u00a0: oui\u202f!", "**fin** : oui !"),
    ("code ici", "`code ici`"),
    ("ode", "ode"),
    ("un lien", '[un lien](http://x.example "titre")'),
    ("un lien,", '[un lien](http://x.example "titre"),'),
    ("recommandation 2", "[[autre]]"),
    ("mandation", "[[autre]]"),
    ("& *", "&amp; \\*"),
    ("* fin.\nSuite", "\\* fin.\nSuite"),
    ("très", "***très***"),
    ("barrée", "~~barrée~~"),
    ("http://auto.example", "<http://auto.example>"),
    ("auto", "<http://auto.example>"),
    ("note.\nAprès", "note[^1].  \nAprès"),
    (" La carte ", "La *carte*"),
    ("un | deux\nsuite", "un | deux\n  suite"),
    ("point\ndeux", "point\n- deux"),
    ("Cité", "Cité"),
    ("para un\nsans", "para un\nsans"),
    ("B | C", "B \\| C"),
    ("mot\ndeux | tr", "**mot** | deux \\| tr"),
    ("trois x", "trois `x`"),
    ("Elle dit M. Dupont.", "Elle dit M. Dupont."),
    ("img", "![img](http://x.example/a.png)"),
    ("«\u202fBonjour\u202f!\u202f» dit", "« Bonjour ! » dit"),
    ("code\n  deux", "code\n  deux"),
    ("Titre", "Titre"),
    ("autre façon", "autre façon"),
])  # fmt: skip
def test_words_lead_to_their_markdown(words, markdown):
    assert source_of(FULL, words) == markdown


def test_a_stretch_without_words_leads_to_an_empty_one():
    source_map = SourceMap("Un.\n\nDeux.", html_of("Un.\n\nDeux."))
    for start, end in ((3, 4), (2, 2), (0, 0), (50, 60)):
        first, last = source_map.to_source(start, end)
        assert first == last <= 10
    empty = SourceMap("", html_of(""))
    assert (empty.to_source(0, 0), empty.to_readable(0, 0)) == ((0, 0), (0, 0))


def test_markdown_leads_back_to_its_words():
    source_map = SourceMap(FULL, html_of(FULL))

    def shown(markdown: str) -> str:
        start = FULL.index(markdown)
        first, last = source_map.to_readable(start, start + len(markdown))
        return source_map.text[first:last]

    assert shown("*début* & **fin**") == "début & fin"
    assert shown("[[autre]]") == "recommandation 2"
    assert shown("### La *carte* {#carte}") == "La carte"
    assert shown("\n\n- un | deux\n") == "un | deux"
    assert shown("|---|--------|") == ""
    assert shown("[^1]: La note. Elle") == "La note. Elle"


SNIPPETS = [
    "Un mot. ", "*penché* ", "**gras** ", "***les deux*** ", "~~barré~~ ", "`code` ", "``a`b`` ", "[lien](/x) ",
    "[**gras** lien](/x 'titre') ", "[[autre]] ", "[[autre#mesure]] ", "[[nulle-part]] ", "&eacute; ", "\\_ ", "a_b_c ",
    "5 * 3 ", "note[^1] ", "l’été\n", "fin  \n", "dos\\\n", "\n\n", "\n\n- point ", "\n- autre ", "\n  suite ",
    "\n\n> cité ", "\n> encore ", "\n\n### Titre {#t} ###\n\n", "\n\nTitre\n===\n\n",
    "\n\n| a | b\\|c |\n|--|--|\n| d | |\n\n",
    "\n\n[^1]: La note.\n\n", "\n\n    code\n\n", "\n\n~~~\nbloc\n  x\n~~~\n\n",
    "coopérateur·rices ", "e\u0301te\u0301 ", "👩🏽‍🌾 ", "« Bonjour » ", "quoi ? ", "<http://x.example/é> ",
    "![image](/i.png) ",
    "![loin](http://x.example/i.png) ",
    "<b>pas de HTML</b> ", "[réf] ", "\n\n[réf]: /y\n\n",
    "1. ", "\n1. un ", "\t", "\u00a0", "**", "_", "[", "](", "`", "|",
]  # fmt: skip


@given(st.lists(st.sampled_from(SNIPPETS), max_size=25).map("".join), st.randoms(use_true_random=False))
def test_any_markdown_is_mapped_soundly(body: str, chance: random.Random) -> None:
    html = html_of(body)
    source_map = SourceMap(body, html)
    text = source_map.text
    assert text == readable_text(html)
    words = [index for index, sign in enumerate(text) if not sign.isspace()]
    for _ in range(min(len(words), 12)):
        start, end = sorted((chance.choice(words), chance.choice(words)))
        end += 1
        first, last = source_map.to_source(start, end)
        assert 0 <= first < last <= len(body)
        # It holds at least these words, and says nothing that is not in it.
        back_start, back_end = source_map.to_readable(first, last)
        assert back_start <= start < end <= back_end


@given(st.lists(st.sampled_from(SNIPPETS), max_size=25).map("".join))
def test_blocks_hold_all_the_words(body: str) -> None:
    html = html_of(body)
    text, lines = readable_text(html), body.split("\n")
    blocks = blocks_of(html, "fr")
    held = [text[start:end] for block in blocks for start, end in block.sentences]
    assert "".join("".join(held).split()) == "".join(text.split())
    for before, after in pairwise(blocks):
        assert before.end <= after.start
    assert all(block.line is None or 0 <= block.line <= len(lines) for block in blocks)


def test_blocks_and_their_lines():
    body = "Un. Deux.\n\n- trois\n- quatre\n\n### Cinq\n\nSix[^1].\n\n[^1]: Sept."
    html = html_of(body)
    text = readable_text(html)
    blocks = blocks_of(html, "fr")
    assert [(text[block.start : block.end], block.line) for block in blocks] == [
        ("Un. Deux.", 0), ("trois", 2), ("quatre", 3), ("Cinq", 5), ("Six.", 7), ("Sept.", 9),
    ]  # fmt: skip
    assert [text[start:end] for start, end in blocks[0].sentences] == ["Un.", "Deux."]
    assert block_at(blocks, text.index("quatre")) == blocks[2]
    assert block_at(blocks, len(text)) is None


def test_references_are_known_with_their_place():
    page = ReadablePage(html_of("Voir [[autre]] et [[nulle-part]]."))
    assert [page.text[start:end] for start, end in page.references] == ["recommandation 2", "[[nulle-part]]"]


@pytest.mark.parametrize(("text", "language", "cut"), [
    ("Un. Deux ! Trois ? Fin", "fr", ["Un.", "Deux !", "Trois ?", "Fin"]),
    ("M. Dupont et Mme. Lee, art. 8. Ensuite.", "fr", ["M. Dupont et Mme. Lee, art. 8.", "Ensuite."]),
    ("Il dit : « Oui. » Puis il part.", "fr", ["Il dit : « Oui. »", "Puis il part."]),
    ("«\u202fOui\u202f!\u202f» dit-il. Fin.", "fr", ["«\u202fOui\u202f!\u202f» dit-il.", "Fin."]),
    ("Voir 8.a. Le prix est 3.50 euros. Bien.", "fr", ["Voir 8.a.", "Le prix est 3.50 euros.", "Bien."]),
    ("Il attend… puis part. Bien… Fin.", "fr", ["Il attend… puis part.", "Bien…", "Fin."]),
    ("Les ancien.ne.s et coopérateur·rices. Tous.", "fr", ["Les ancien.ne.s et coopérateur·rices.", "Tous."]),
    ("Pain, eau, etc. Puis le reste.", "fr", ["Pain, eau, etc. Puis le reste."]),
    ("1. Le budget. 2. La caisse.", "fr", ["1. Le budget.", "2. La caisse."]),
    ("A line\nthat goes on. Next e.g. this one.", "en", ["A line\nthat goes on.", "Next e.g. this one."]),
    ("Zie art. 3, d.w.z. Dit. Klaar.", "nl", ["Zie art. 3, d.w.z. Dit.", "Klaar."]),
    ("  ", "fr", []),
    ("", "fr", []),
    ("Pas de fin", "de", ["Pas de fin"]),
])  # fmt: skip
def test_sentences(text, language, cut):
    assert [text[start:end] for start, end in sentences(text, language)] == cut
