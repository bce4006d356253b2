"""Compared texts as people read them: well-formed, safe, without Markdown, with nothing left out."""

import json
import random
import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sip.core.markdown import Reference, render
from sip.drafts.texts import compare as compare_module
from sip.drafts.texts.blocks import Source, split_blocks
from sip.drafts.texts.compare import (
    Comparison,
    Fold,
    Stretch,
    compare_texts,
    compare_versions,
    from_json,
    to_json,
)
from sip.drafts.texts.diff import SectionText
from tests.timing import is_linear, is_quick

BLOCKS = {
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "hr", "ul", "ol", "li", "blockquote", "table", "tr", "th", "td",
}  # fmt: skip
INLINE = {"ins", "del", "strong", "em", "s", "code", "a", "sup", "br"}
ATTRIBUTES = {
    "a": {"href", "rel"}, "li": {"value", "class"}, "th": {"scope"},
    **{tag: {"data-change", "data-was"} for tag in ("p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "hr", "tr")},
}  # fmt: skip
VOID = {"br", "hr"}


class Checker(HTMLParser):
    """Reads HTML strictly: every tag known, closed in order, with known attributes; collects the text of each side."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.old: list[str] = []
        self.new: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in BLOCKS | INLINE
        assert {name for name, _ in attrs} <= ATTRIBUTES.get(tag, set())
        if tag in BLOCKS:
            assert not set(self.open) & INLINE, "a block inside ins, del or a mark"
            self.add(" ")
        if tag in ("ins", "del"):
            assert self.open[-1] in BLOCKS | INLINE
            assert not set(self.open) & {"ins", "del"}
        if tag == "li":
            assert self.open[-1] in ("ul", "ol")
        if tag == "tr":
            assert self.open[-1] == "table"
        self.links += [value or "" for name, value in attrs if name == "href"]
        if tag == "br":
            self.add(" ")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if tag in BLOCKS:
            self.add(" ")

    def handle_data(self, data: str) -> None:
        self.add(data)

    def add(self, text: str) -> None:
        if "ins" not in self.open:
            self.old.append(text)
        if "del" not in self.open:
            self.new.append(text)


def read(html: str) -> Checker:
    checker = Checker()
    checker.feed(html)
    checker.close()
    assert not checker.open
    return checker


def flat(parts: list[str]) -> str:
    return " ".join("".join(parts).split())


def rendered_text(markdown: str) -> str:
    """What a reader of the rendered text reads."""
    html = re.sub(r"</?(?:p|h\d|li|ul|ol|pre|blockquote|t[a-z]*|div|hr|br)\b[^>]*>", " ", render(markdown, language=""))
    checker = HTMLParser(convert_charrefs=True)
    parts: list[str] = []
    checker.handle_data = parts.append  # type: ignore[method-assign]
    checker.feed(html)
    checker.close()
    return flat(parts)


def whole(old: str, new: str) -> tuple[Checker, Checker, Checker]:
    """Compare without folding; give the inline column, the left and the right one."""
    pieces = compare_texts(old, new)
    stretches = [piece for piece in pieces if isinstance(piece, Stretch)]
    rows = [row for stretch in stretches for row in stretch.side_rows]
    assert (None, None) not in rows
    return (
        read("".join(stretch.inline_html for stretch in stretches)),
        read("".join(left or "" for left, _ in rows)),
        read("".join(right or "" for _, right in rows)),
    )


LINES = st.sampled_from([
    "Un **mot** gras, coopérateur·rices.", "Une phrase *en italique* avec [un lien](https://a.be/x).", "# Titre un",
    "## Titre **deux**", "- un", "- deux `code`", "  - dedans", "  suite", "1. premier", "2. second", "> citation",
    "> > plus loin", "```", "code <b>ici</b>", "    indenté", "---", "| a | b |", "|---|---|", "| 1 | **2** |", "", "",
    "", "été e\u0301te\u0301 👩🏽‍🌾 שלום עולם", "<script>alert(1)</script>", "[x](javascript:alert(1)) ~~barré~~",
    "\\* pas *", "* étoile", "Titre souligné", "===", "mot  ", "a & b < c", "[lien][r]", "[r]: https://r.be/",
    "2024. année",
])  # fmt: skip
MARKDOWN = st.lists(LINES, max_size=14).map("\n".join)


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, str]:
    old = draw(st.lists(LINES, max_size=16))
    new = list(old)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(new)))
        new[at : at + draw(st.integers(0, 3))] = draw(st.lists(LINES, max_size=3))
    return "\n".join(old), "\n".join(new)


PAIRS = st.tuples(MARKDOWN, MARKDOWN) | edited()


@pytest.fixture
def unfolded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare_module, "FOLD_ABOVE", 10_000)


@pytest.mark.usefixtures("unfolded")
@given(PAIRS)
def test_both_sides_are_all_there_and_well_formed(texts: tuple[str, str]) -> None:
    old, new = texts
    if all(isinstance(piece, Fold) for piece in compare_texts(old, new)):
        assert rendered_text(old) == rendered_text(new)
        return
    inline, left, right = whole(old, new)
    assert flat(inline.old) == flat(left.old) == rendered_text(old)
    assert flat(inline.new) == flat(right.new) == rendered_text(new)


@given(PAIRS | st.tuples(st.text(), st.text()))
def test_folded_html_is_safe(texts: tuple[str, str]) -> None:
    pieces = compare_texts(*texts)
    for piece in pieces:
        if isinstance(piece, Stretch):
            checkers = [read(piece.inline_html), *(read(html) for row in piece.side_rows for html in row if html)]
            for checker in checkers:
                assert all(re.match(r"(?i)(https?:|mailto:|[^:]*$|[/?#])", link) for link in checker.links)
        else:
            assert piece.count > 0
    assert not any(isinstance(one, Fold) and isinstance(other, Fold) for one, other in pairwise(pieces))


@given(MARKDOWN)
def test_a_text_and_itself_are_one_fold(text: str) -> None:
    count = len(split_blocks(text))
    assert compare_texts(text, text) == ([Fold(count)] if count else [])


@given(MARKDOWN)
def test_blocks_parse_alone_as_they_do_together(text: str) -> None:
    source = Source(text, "new", titles={})
    leaves = [leaf for index in range(len(source.chunks)) for leaf in source.leaves(index)]
    assert " ".join(" ".join(line.text for leaf in leaves for line in leaf.lines).split()) == rendered_text(text)


def inline(old: str, new: str) -> str:
    return "".join(piece.inline_html for piece in compare_texts(old, new) if isinstance(piece, Stretch))


SHOWN = {
    "a word": ("Un chat noir.", "Un chien noir.",
               '<p data-change="changed">Un <del>chat</del><ins>chien</ins> noir.</p>'),
    "a word in bold": ("Un **gros chat noir** dort.", "Un **gros chien noir** dort.",
                       '<p data-change="changed">Un <strong>gros </strong><del><strong>chat</strong></del><ins><strong>'
                       "chien</strong></ins><strong> noir</strong> dort.</p>"),
    "made bold": ("Un chat noir dort.", "Un **chat** noir dort.",
                  '<p data-change="changed">Un <del>chat</del><ins><strong>chat</strong></ins> noir dort.</p>'),
    "bold half of a word": ("Un coopérateur parle ici.", "Un co**opérateur·rice** parle ici.",
                            '<p data-change="changed">Un <del>coopérateur</del><ins>co<strong>opérateur·rice</strong>'
                            "</ins> parle ici.</p>"),
    "a link's address": ("Voir [la page](https://a.be/) ici.", "Voir [la page](/b) ici.",
                         '<p data-change="changed">Voir <del><a href="https://a.be/" rel="noopener">la page</a></del>'
                         '<ins><a href="/b">la page</a></ins> ici.</p>'),
    "a heading's level": ("## Un titre", "### Un titre", '<h3 data-change="changed" data-was="h2">Un titre</h3>'),
    "text made an item": ("Un chat noir", "- Un chat noir",
                          '<ul><li><p data-change="changed" data-was="p">Un chat noir</p></li></ul>'),
    "an item added": ("- un\n- deux", "- un\n- un et demi\n- deux",
                      '<ul><li><p>un</p></li><li><p data-change="added"><ins>un et demi</ins></p></li>'
                      "<li><p>deux</p></li></ul>"),
    "renumbered": ("1. un\n2. deux", "1. zéro\n2. un\n3. deux",
                   '<ol><li value="1"><p data-change="added"><ins>zéro</ins></p></li><li value="2"><p>un</p></li>'
                   '<li value="3"><p>deux</p></li></ol>'),
    "nested": ("- un\n  - deux trois quatre", "- un\n  - deux trois cinq",
               '<ul><li><p>un</p><ul><li><p data-change="changed">deux trois <del>quatre</del><ins>cinq</ins></p></li>'
               "</ul></li></ul>"),
    "nested item gone": ("- un\n  - deux\n  - trois\n- fin", "- un\n  - trois\n- fin",
                         '<ul><li><p>un</p><ul><li><p data-change="removed"><del>deux</del></p></li><li><p>trois</p>'
                         "</li></ul></li><li><p>fin</p></li></ul>"),
    "a cell": ("| a | b |\n|---|---|\n| un | deux trois |", "| a | b |\n|---|---|\n| un | deux quatre |",
               '<table><tr><th scope="col">a</th><th scope="col">b</th></tr><tr data-change="changed"><td>un</td>'
               "<td>deux <del>trois</del><ins>quatre</ins></td></tr></table>"),
    "a column": ("| a |\n|---|\n| un |", "| a | b |\n|---|---|\n| un | deux |",
                 '<table><tr data-change="removed"><th scope="col"><del>a</del></th></tr><tr data-change="removed"><td>'
                 '<del>un</del></td></tr><tr data-change="added"><th scope="col"><ins>a</ins></th><th scope="col"><ins>'
                 'b</ins></th></tr><tr data-change="added"><td><ins>un</ins></td><td><ins>deux</ins></td></tr>'
                 "</table>"),
    "a quote": ("> Un chat noir dort", "> Un chien noir dort",
                '<blockquote><p data-change="changed">Un <del>chat</del><ins>chien</ins> noir dort</p></blockquote>'),
    "code": ("```\nun deux <b>\n```", "```\nun trois <b>\n```",
             '<pre data-change="changed"><code>un <del>deux</del><ins>trois</ins> &lt;b&gt;</code></pre>'),
    "a rule": ("Un", "Un\n\n---", '<p>Un</p><hr data-change="added">'),
    "a line break": ("un chat  \nnoir", "un chien  \nnoir",
                     '<p data-change="changed">un <del>chat</del><ins>chien</ins><br>noir</p>'),
    "a paragraph inserted": ("Un.\n\nDeux.", "Un.\n\nNeuf.\n\nDeux.",
                             '<p>Un.</p><p data-change="added"><ins>Neuf.</ins></p><p>Deux.</p>'),
    "an unlike paragraph": ("Une phrase toute faite.", "Rien de tel.",
                            '<p data-change="removed"><del>Une phrase toute faite.</del></p>'
                            '<p data-change="added"><ins>Rien de tel.</ins></p>'),
    "a note": ("Un fait[^1].\n\n[^1]: La source dit non.", "Un fait[^1].\n\n[^1]: La source dit oui.",
               '<p>Un fait<sup>1</sup>.</p><p data-change="changed"><sup>1 </sup>La source dit <del>non</del>'
               "<ins>oui</ins>.</p>"),
    "an image": ("Voici ![un chat](/c.png) ici.", "Voici ![un chien](/c.png) ici.",
                 '<p data-change="changed">Voici <a href="/c.png">un </a><del><a href="/c.png">chat</a></del><ins>'
                 '<a href="/c.png">chien</a></ins> ici.</p>'),
    "script": ("Un.", "Un. <script>alert(1)</script>",
               '<p data-change="changed">Un.<ins> &lt;script&gt;alert(1)&lt;/script&gt;</ins></p>'),
}  # fmt: skip


@pytest.mark.parametrize("case", SHOWN)
def test_shown(case: str) -> None:
    old, new, html = SHOWN[case]
    assert inline(old, new) == html


@pytest.mark.parametrize("address", [
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "data:image/png;base64,xx", "vbscript:x",
    "//evil.example", "&#106;avascript:alert(1)", "java\tscript:alert(1)", "\\\\evil", "file:///etc/passwd",
])  # fmt: skip
@pytest.mark.parametrize("form", ["[x]({})", "![x]({})", "[x][r]\n\n[r]: {}", "<{}>"])
def test_no_dangerous_link(address: str, form: str) -> None:
    links = read(inline("Un", "Un " + form.format(address))).links
    assert all(re.match(r"/(?![/\\])|%5C|java%09", link) for link in links)


def test_a_link_definition_changes_its_links() -> None:
    old, new = (f"Voir [la page][p] ici.\n\n[p]: https://{name}.be/" for name in "ab")
    assert 'href="https://b.be/"' in inline(old, new)


def test_cross_references_are_named() -> None:
    old, new = "Voir [[budget]] ici.", "Voir [[budget#suivi]] ici."
    titles = {"budget": "Le budget <partagé>"}
    pieces = compare_texts(old, new, old_titles=titles, new_titles=titles)
    assert isinstance(pieces[0], Stretch)
    assert pieces[0].inline_html == (
        '<p data-change="changed">Voir Le budget &lt;partagé&gt; <ins>(suivi) </ins>ici.</p>'
    )
    resolved = compare_texts(
        old, new, new_resolve=lambda slug, measure: Reference(f"recommandation 8.{measure}", f"/drafts/x#{slug}")
    )
    assert isinstance(resolved[0], Stretch)
    assert '<ins><a href="/drafts/x#budget">recommandation 8.suivi</a></ins>' in resolved[0].inline_html


def test_side_by_side() -> None:
    (piece,) = compare_texts("Un chat.\n\nVieux.\n\nFin.", "Un chien.\n\nFin.\n\nTout neuf.")
    assert isinstance(piece, Stretch)
    assert piece.side_rows == (
        ('<p data-change="changed">Un <del>chat</del>.</p>', '<p data-change="changed">Un <ins>chien</ins>.</p>'),
        ('<p data-change="removed"><del>Vieux.</del></p>', None),
        ("<p>Fin.</p>", "<p>Fin.</p>"),
        (None, '<p data-change="added"><ins>Tout neuf.</ins></p>'),
    )


def numbered(count: int, changed: dict[int, str]) -> str:
    return "\n\n".join(changed.get(number, f"Paragraphe numéro{number} du texte.") for number in range(count))


@pytest.mark.parametrize(("count", "changes", "expected"), [
    (12, {0}, ["0 1", 10]),
    (12, {11}, [10, "10 11"]),
    (12, {5}, [4, "4 5 6", 5]),
    (12, {2, 6}, ["0 1 2 3 4 5 6 7", 4]),
    (12, {2, 7}, ["0 1 2 3", 2, "6 7 8 9 10 11"[:5], 3]),
    (5, {2}, ["0 1 2 3 4"]),
    (12, set(), [12]),
])  # fmt: skip
def test_folds(count: int, changes: set[int], expected: list[str | int]) -> None:
    new = numbered(count, {number: f"Paragraphe changé{number} du texte." for number in changes})
    told = [
        piece.count if isinstance(piece, Fold) else " ".join(re.findall(r"(?:numéro|changé)(\d+)", read_new(piece)))
        for piece in compare_texts(numbered(count, {}), new)
    ]
    assert told == expected


def read_new(piece: Stretch) -> str:
    return flat(read(piece.inline_html).new)


def section(key: str, text: str, title: str = "Titre") -> SectionText:
    return SectionText(key, f"s-{key}", title, "prose", text)


def test_versions() -> None:
    old = [section("a", "Un chat.", "Le chat & nous"), section("b", "Pareil."), section("c", "Parti.")]
    new = [section("b", "Pareil."), section("a", "Un chien.", "Le chien & nous"), section("d", "Voir [[s-b]].")]
    comparison = compare_versions(old, new)
    by_key = {part.key: part for part in comparison.sections}
    assert [part.key for part in comparison.sections] == ["b", "c", "a", "d"] or len(by_key) == 4
    assert by_key["a"].title_html == "Le <del>chat</del><ins>chien</ins> &amp; nous"
    assert (by_key["a"].is_renamed, by_key["a"].is_changed, by_key["a"].changes) == (True, True, 1)
    assert by_key["b"].pieces == (Fold(1),)
    assert (by_key["c"].is_gone, by_key["c"].new_title) == (True, None)
    assert (by_key["d"].is_new, by_key["d"].old_title, by_key["d"].title_html) == (True, None, "<ins>Titre</ins>")
    assert isinstance(by_key["d"].pieces[0], Stretch)
    assert by_key["d"].pieces[0].inline_html == '<p data-change="added"><ins>Voir Titre.</ins></p>'
    assert by_key["a"].is_moved != by_key["b"].is_moved


@given(st.lists(MARKDOWN, max_size=4), st.lists(MARKDOWN, max_size=4))
def test_json_gives_the_same_back(old: list[str], new: list[str]) -> None:
    sides = [[section(str(index), text, text[:9]) for index, text in enumerate(texts)] for texts in (old, new)]
    comparison = compare_versions(*sides)
    assert from_json(json.loads(json.dumps(to_json(comparison)))) == comparison
    assert isinstance(comparison, Comparison)


def test_french_signs_are_typeset() -> None:
    (piece,) = compare_texts("Bonjour ?", "Bonjour à tous·tes ?", language="fr")
    assert isinstance(piece, Stretch)
    assert piece.inline_html == '<p data-change="changed">Bonjour<ins> à tous·tes</ins>\u202f?</p>'


@pytest.mark.no_cover
def test_long_versions_cost_little() -> None:
    chance = random.Random(9)
    words = [f"{word}{number}" for number in range(150) for word in ("mot", "idée", "coopérateur·rice", "l'élan")]

    def paragraph() -> str:
        text = " ".join(chance.choices(words, k=chance.randint(25, 60))) + "."
        return chance.choice(["", "", "", "- ", "> ", "### "]) + text.replace(" mot1", " **mot1**", 1)

    texts = []
    for _ in range(40):
        text = paragraph()
        while len(text) < 5000:
            text += "\n\n" + paragraph()
        texts.append(text)
    edits = list(texts)
    for _ in range(100):
        place = chance.randrange(40)
        at = edits[place].index(" ", chance.randrange(4500)) + 1
        edits[place] = edits[place][:at] + chance.choice(["ajout ", "deux mots "]) + edits[place][at:]
    old, new = ([section(str(index), text) for index, text in enumerate(side)] for side in (texts, edits))
    shown = sum(part.changes for part in compare_versions(old, new).sections)
    print(f"{sum(map(len, texts))} characters, {shown} changes")
    assert shown >= 90
    # About 0.2 s.
    assert is_quick(lambda: compare_versions(old, new), 0.6)


@pytest.mark.no_cover
@pytest.mark.parametrize("line", ["- a", "- a\n\n  b", "| 1 | 2 |", "Un\n", "> a", "```"])
def test_the_same_line_thousands_of_times_ends(line: str) -> None:
    """Where every block is like every other, nothing can be aligned, and the work stays bounded all the same."""

    def compare(count: int) -> None:
        text = "| a | b |\n|---|---|\n" * line.startswith("|") + f"{line}\n" * count
        for piece in compare_texts(text, f"Un mot.\n\n{text} fin"):
            if isinstance(piece, Stretch):
                read(piece.inline_html)

    assert is_linear(compare, 2000)
