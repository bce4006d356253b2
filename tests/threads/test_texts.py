"""The light Markdown of comments: what it shows, and what hostile text cannot do."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sip.core.errors import Invalid
from sip.threads import texts
from tests.timing import is_quick


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Un *mot* **fort**.", "<p>Un <em>mot</em> <strong>fort</strong>.</p>"),
        ("Une ligne\nune autre", "<p>Une ligne<br>\nune autre</p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("> cité", "<blockquote>\n<p>cité</p>\n</blockquote>"),
        ("# Titre", "<p># Titre</p>"),
        ("Titre\n=====", "<p>Titre<br>\n=====</p>"),
        ("---", "<p>---</p>"),
        ("Vraiment ?", "<p>Vraiment\u202f?</p>"),
        (
            "[ici](https://example.org)",
            '<p><a href="https://example.org" rel="noopener nofollow ugc">ici</a></p>',
        ),
    ],
)
def test_what_a_comment_shows(text, html):
    assert texts.render(texts.clean(text), "fr") == html


def test_tables_pictures_and_notes_stay_text():
    shown = texts.render(
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n![x](https://e.org/x.png) [^1] [[carte]]\n\n[^1]: note", "fr"
    )
    assert not re.search("<(table|img|sup|section|h[1-6])", shown)
    assert "| a | b |" in shown
    assert "[[carte]]" in shown


HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html,<script>1</script>)",
    "[x](//evil.example)",
    '<https://e.org/" onmouseover=alert(1)>',
    '[x](https://e.org "t\\" onclick=alert(1)")',
    "<style>p{display:none}</style><svg onload=alert(1)>",
    "`<script>`",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_and_does_nothing(text):
    shown = texts.render(texts.clean(text), "fr")
    tags = re.findall(r"<\s*/?\s*([a-zA-Z][^\s>/]*)", shown)
    assert set(tags) <= {"p", "a", "code", "br"}
    assert not re.search(r"<[^>]+\son\w+=", shown)
    assert not re.search(r'href="(javascript|data|//)', shown, re.IGNORECASE)


@given(st.text(alphabet="ab[]()<>*_`!|#>-\n\\&;:/\"'= é\u202e\0", max_size=200))
def test_whatever_is_written_makes_only_harmless_tags(text):
    try:
        cleaned = texts.clean(text)
    except Invalid:
        return
    shown = texts.render(cleaned, "fr")
    tags = set(re.findall(r"<\s*/?\s*([a-zA-Z][a-zA-Z0-9]*)", shown))
    assert tags <= {"p", "br", "em", "strong", "s", "code", "a", "ul", "ol", "li", "blockquote"}
    for attribute in re.findall(r"<[^>]*\s([a-z-]+)=", shown):
        assert attribute in ("href", "rel", "start")


@pytest.mark.no_cover
@pytest.mark.parametrize("sign", ["[", "*", "_", ">", "`", "- ", "<", "![", "@", "\\", "&", "\u00a0"])
def test_tangled_text_costs_little(sign):
    text = (sign * 5_000)[:5_000]
    assert is_quick(lambda: texts.render(text, "fr"), 0.25)


def test_line_ends_and_control_characters_are_mended():
    assert texts.clean(" a\r\nb\rc\0\x07\ud800 ") == "a\nb\nc"
