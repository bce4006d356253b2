"""Rendering: what people write is shown, safely, with anchors, source lines and names for those who cannot see."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sip.core.markdown import MAX_TEXT, Reference, TextTooLong, headings, make_parser, parse, render, render_inline
from tests.timing import is_quick

TAGS = {
    "h1", "h2", "h3", "h4", "h5", "h6", "p", "ul", "ol", "li", "blockquote", "pre", "code", "hr", "table", "thead",
    "tbody", "tr", "th", "td", "a", "br", "div", "em", "img", "s", "section", "span", "strong", "sup",
}  # fmt: skip
ATTRIBUTES = {
    "href", "title", "id", "rel", "role", "aria-label", "tabindex", "class", "src", "alt", "start", "scope",
    "data-line",
}  # fmt: skip


class Page(HTMLParser):
    """The tags and attributes of some HTML, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def ids(self) -> list[str]:
        return [attributes["id"] or "" for _, attributes in self.tags if "id" in attributes]

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def resolve(slug: str, measure: str | None) -> Reference | None:
    if slug == "budget":
        return Reference("recommandation 3" + (f".{measure}" if measure else ""), f"/d#{slug}")
    return None


def test_paragraphs_and_marks() -> None:
    assert render("Un **mot** et ~~un autre~~.") == (
        '<p data-line="0">Un <strong>mot</strong> et <s>un autre</s>.</p>\n'
    )


@pytest.mark.parametrize("text", ["salarié.es", "ancien.ne", "exemple.org", "coopérateur·rice.s", "tou.te.s"])
def test_inclusive_writing_is_no_link(text: str) -> None:
    assert "<a" not in render(text)


def test_blocks_know_their_source_line() -> None:
    html = render(
        "# Titre\n\npara\nsuite\n\n- un\n- deux\n\n> cité\n\n```\ncode\n```\n\n    code\n\n| a |\n|---|\n| b |\n"
    )
    lines = {tag: attributes.get("data-line") for tag, attributes in reversed(Page(html).tags)}
    assert lines["h1"] == "0"
    assert lines["ul"] == "5"
    assert lines["blockquote"] == "8"
    assert lines["pre"] == "10"
    assert lines["table"] == "16"
    assert lines["tbody"] == "18"
    assert [item["data-line"] for item in Page(html).all("li")] == ["5", "6"]
    assert [item["data-line"] for item in Page(html).all("pre")] == ["10", "14"]


def test_headings_have_anchors() -> None:
    html = render("### Le budget {#argent}\n\n### Été · été\n\n### Été · été\n", id_prefix="sec")
    assert re.findall(r"<h3.*?</h3>", html) == [
        '<h3 id="sec.argent" data-line="0">Le budget</h3>',
        '<h3 id="sec.ete-ete" data-line="2">Été · été</h3>',
        '<h3 id="sec.ete-ete-2" data-line="4">Été · été</h3>',
    ]
    assert '<h3 id="a"' in render("### A\n")


def test_a_chosen_anchor_goes_before_one_made_from_a_title() -> None:
    assert [heading.slug for heading in headings("### Budget\n\n### Autre {#budget}\n")] == ["budget-2", "budget"]


@pytest.mark.parametrize("text", ["### a {#}", "### a {# }", "### a {#b} c", "### {a}"])
def test_what_is_no_anchor_stays_in_the_title(text: str) -> None:
    assert headings(text)[0].title == text[4:]


def test_heading_levels_move_and_stop_at_six() -> None:
    html = render("# a\n\n### b\n\n###### c\n", heading_offset=2)
    assert [tag for tag, _ in Page(html).tags] == ["h3", "h5", "h6"]


def test_headings_tell_what_holds_them() -> None:
    found = headings("# A *b* `c` [d](/e)[^n]\n\n> ### cité\n\n```\n### code\n```\n\n    ### code\n\n[^n]: note\n")
    assert [(heading.level, heading.title, heading.line, heading.nested) for heading in found] == [
        (1, "A b c d", 0, False),
        (3, "cité", 2, True),
    ]


LINES = st.sampled_from(
    [
        "### Budget", "### Budget {#budget}", "#### Été ! {#été}", "# a [[b]] {#x}", "> ### q", "- ### l", "```", "~~~",
        "", "text", "Titre\n===", "Titre\n---", "    ### code", "[^n]: ### note", "### ref[^n]", "[x]: /y", "### [x]",
    ]
)  # fmt: skip


@given(st.lists(LINES, max_size=12))
def test_headings_and_rendering_agree(lines: list[str]) -> None:
    text = "\n".join(lines)
    shown = [attributes["id"] for tag, attributes in Page(render(text)).tags if re.fullmatch("h[1-6]", tag)]
    found = [heading.slug for heading in headings(text)]
    # A note that nothing calls is not shown, nor is the heading in it; notes stand at the end.
    assert set(shown) <= set(found)
    assert [slug for slug in found if slug in shown] == shown or "[^n]: ### note" in lines
    assert len(set(found)) == len(found)


def test_cross_references() -> None:
    html = render("Voir [[budget]], [[ budget#a ]], [[rien]] et `[[budget]]`.", resolve=resolve)
    assert '<a class="reference" href="/d#budget">recommandation 3</a>' in html
    assert '<a class="reference" href="/d#budget">recommandation 3.a</a>' in html
    assert '<span class="broken-reference">[[rien]]</span>' in html
    assert "<code>[[budget]]</code>" in html


def test_cross_references_next_to_each_other_and_beside_links() -> None:
    html = render("[[budget]][[budget]] [[texte]](/a) [voir [[budget]]](/b) [[^1]]\n\n[^1]: n", resolve=resolve)
    assert html.count('class="reference"') == 3
    assert '<a href="/a">[texte]</a>' in html
    # A link cannot hold a link: as everywhere in Markdown, the inner one counts.
    assert "[voir <a" in html
    assert 'href="/b"' not in html
    assert 'role="doc-noteref"' in html


def test_cross_references_stay_as_typed_without_resolver() -> None:
    assert render("[[budget]]\n\n[budget]: /x") == '<p data-line="0">[[budget]]</p>\n'


def test_what_a_resolver_gives_is_escaped() -> None:
    html = render("[[a]]", resolve=lambda slug, measure: Reference("<b>&", "javascript:alert(1)"))
    assert "<b>" not in html
    assert "javascript" not in html
    assert "&lt;b&gt;&amp;" in html


def test_typography_reaches_over_inline_marks_but_not_into_code() -> None:
    html = render("**mot** ! « *cité* » mot **: oui** `a ; b` <https://example.org/?a=b> [x ?](/y%20!)")
    assert "<strong>mot</strong>\u202f! «\u202f<em>cité</em>\u202f» mot&nbsp;<strong>: oui</strong>" in html
    assert "<code>a ; b</code>" in html
    assert '<a href="/y%20!">x\u202f?</a>' in html
    assert "mot !" in render("mot !", language="en")
    assert "x\u202f!" in render("`c` x !\n")
    assert "</code>\u202f!" in render("`c` !\n")


def test_notes_of_two_texts_stand_on_one_page() -> None:
    text = "Un[^a] deux[^b] un[^a].\n\n[^a]: Note.\n[^b]: Autre.\n"
    page = Page(render(text, id_prefix="x") + render(text, id_prefix="y"))
    ids = page.ids()
    assert len(ids) == len(set(ids)) == 10
    targets = [(attributes["href"] or "")[1:] for attributes in page.all("a")]
    assert set(targets) == set(ids)
    assert {"x.fn.1", "x.fnref.1", "x.fnref.1.2", "y.fn.2"} <= set(ids)


@pytest.mark.parametrize(
    ("language", "back", "table"),
    [
        ("fr", "Retour au texte, appel de note 1", "Tableau 1\u00a0: Antenne, Budget"),
        ("nl", "Terug naar de tekst, verwijzing naar noot 1", "Tabel 1: Antenne, Budget"),
        ("en", "Back to the text, reference to note 1", "Table 1: Antenne, Budget"),
        ("de", "Back to the text, reference to note 1", "Table 1: Antenne, Budget"),
    ],
)
def test_names_for_those_who_cannot_see(language: str, back: str, table: str) -> None:
    page = Page(render("a[^n]\n\n|Antenne|Budget|\n|---|--:|\n|Gand|3|\n\n[^n]: b", language=language))
    assert page.all("a")[1]["aria-label"] == back
    region = page.all("div")[0]
    assert region == {"class": "table-scroll", "role": "region", "tabindex": "0", "aria-label": table}
    assert page.all("th")[1] == {"scope": "col", "class": "align-right"}
    assert page.all("td")[1] == {"class": "align-right"}


def test_tables_of_one_text_have_different_names() -> None:
    text = "| a |\n|---|\n\nx\n\n| a |\n|---|\n\nx\n\n| |\n|---|\n\nx\n\n|" + "é" * 300 + "|\n|---|\n"
    names = [region["aria-label"] or "" for region in Page(render(text)).all("div")]
    assert names[:3] == ["Tableau 1\u00a0: a", "Tableau 2\u00a0: a", "Tableau 3"]
    assert len(names[3]) < 130


def test_links() -> None:
    page = Page(render('[a](https://example.org) <mailto:a@example.org> [b](/ici) [c](#d) [e](autre.md "t")'))
    assert [(link["href"], link.get("rel")) for link in page.all("a")] == [
        ("https://example.org", "noopener"),
        ("mailto:a@example.org", None),
        ("/ici", None),
        ("#d", None),
        ("autre.md", None),
    ]


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", "&#106;avascript:alert(1)", "data:text/html,x", "vbscript:x",
        "file:///etc/passwd", "//example.org", "<java\nscript:alert(1)>", "ftp://example.org",
    ],
)  # fmt: skip
def test_other_addresses_are_no_links(address: str) -> None:
    for text in (f"[x]({address})", f"![x]({address})", f"[x]\n\n[x]: {address}"):
        page = Page(render(text))
        assert not page.all("a")
        assert not page.all("img")


def test_images_of_other_sites_are_links() -> None:
    page = Page(render("![là](https://example.org/a.png) ![](https://example.org/b.png) ![ici](/c.png)"))
    assert [link["href"] for link in page.all("a")] == ["https://example.org/a.png", "https://example.org/b.png"]
    assert page.all("img") == [{"src": "/c.png", "alt": "ici"}]
    assert "là" in page.text
    inside = Page(render("[![là](https://example.org/a.png)](/ici)"))
    assert [link["href"] for link in inside.all("a")] == ["/ici"]


def test_html_is_shown_as_text() -> None:
    html = render('<script>alert(1)</script> <b onclick="x">y</b>\n\n<div style="color:red">z</div>')
    assert Page(html).tags == [("p", {"data-line": "0"}), ("p", {"data-line": "2"})]
    assert "<script>alert(1)</script>" in Page(html).text


def test_one_line_has_no_blocks() -> None:
    assert render_inline("# pas un *titre* : non !") == "# pas un <em>titre</em>&nbsp;: non\u202f!"
    assert "recommandation 3" in render_inline("[[budget]]", resolve=resolve)


MARKUP = st.text(
    alphabet=st.one_of(
        st.sampled_from("*_`[]()<>#!|-+=~^\\&:;\"'{} \n\t\r0123456789.abéß«»·\u202f\u0301\u05d0\u0627\u202e😀\x00"),
        st.characters(),
    ),
    max_size=200,
)


@given(MARKUP)
def test_only_safe_html_comes_out(text: str) -> None:
    page = Page(render(text, resolve=resolve, id_prefix="p"))
    for tag, attributes in page.tags:
        assert tag in TAGS
        assert set(attributes) <= ATTRIBUTES
        for name in ("href", "src"):
            assert re.match(
                r"(https?:|mailto:|(?![a-z][a-z0-9+.-]*:)(?!//))", attributes.get(name) or "", re.IGNORECASE
            )
    assert len(set(page.ids())) == len(page.ids())
    render_inline(text)


@given(st.text(alphabet=st.characters(categories=["L", "Mn", "Nd"]), min_size=1))
def test_words_of_any_script_are_shown(text: str) -> None:
    assert Page(render(text)).text.strip() == text.strip()


def test_hostile_characters_are_replaced() -> None:
    assert Page(render("a\ud800b\x00c")).text.strip() == "a\ufffdb\ufffdc"


def test_size_is_limited() -> None:
    for function in (render, render_inline, headings, parse):
        with pytest.raises(TextTooLong):
            function("a" * (MAX_TEXT + 1))  # type: ignore[operator]
    assert issubclass(TextTooLong, ValueError)
    assert render("é" * MAX_TEXT).count("é") == MAX_TEXT


HOSTILE = {
    "brackets": "[", "images": "![", "references": "[[a", "quotations": ">", "lists": "- ", "emphasis": "*a _",
    "ticks": "`a``", "links": "[a](", "notes": "[^a", "tables": "|a|\n|-|\n\n", "headings": "# a\n", "spaces": "# {#",
    "entities": "&", "guillemets": "«\u00a0»", "rulers": "- - ", "definitions": "[a]: b\n", "braces": "{#a} ",
}  # fmt: skip


@pytest.mark.no_cover
@pytest.mark.parametrize("pattern", HOSTILE.values(), ids=HOSTILE)
def test_hostile_texts_neither_crash_nor_take_long(pattern: str) -> None:
    text = (pattern * MAX_TEXT)[:MAX_TEXT]
    html = render(text, resolve=resolve)
    # Half a second is aimed at.
    assert is_quick(lambda: (render(text, resolve=resolve), headings(text)), 2)
    assert {tag for tag, _ in Page(html[:2000]).tags} <= TAGS


@pytest.mark.no_cover
@pytest.mark.parametrize(
    "text",
    [
        ">" * 99 + "a\n" * 100_000,
        "".join("  " * depth + "- a\n" for depth in range(400)),
        "[" * 5_000 + "a" + "](x)" * 5_000,
        "".join("`" * size + "a" for size in range(600)),
        "> - " * 2_000 + "a\n" * 4_000,
    ],
    ids=["lazy quotation", "nested lists", "nested links", "code", "quoted lists"],
)
def test_deep_texts_neither_crash_nor_take_long(text: str) -> None:
    assert is_quick(lambda: (render(text), headings(text)), 2)


def test_a_tangled_text_is_shown_as_typed() -> None:
    text = "[<b>" * 20_000
    html = render(text)
    assert Page(html).tags == [("pre", {"data-line": "0"}), ("code", {})]
    assert Page(html).text.strip() == text
    assert Page(render_inline(text)).tags == []
    assert [token.type for token in parse(text)] == ["code_block"]


def test_the_parser_alone_leaves_spaces_alone() -> None:
    inline = make_parser().parse("Quoi ?")[1]
    assert inline.content == "Quoi ?"
    assert inline.children is not None
    assert inline.children[0].content == "Quoi ?"
