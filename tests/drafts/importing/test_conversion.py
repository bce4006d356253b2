import io
import os
import tempfile
import zipfile

import pytest

from sip.core.markdown import render
from sip.drafts.importing import conversion, pandoc
from sip.drafts.importing.conversion import MAX_BYTES, Reason, UnreadableDocument, to_markdown
from sip.drafts.importing.unreadable import MESSAGES
from tests.documents import SAMPLE_NAMES, made, sample
from tests.timing import is_quick

SOURCE = """# Nos droits communs

Élise écrit : « voir [notre site](https://example.org/) », ~~jamais~~ *souvent*, **toujours**[^1].

## Un fonds

- une part
- une autre

1. d’abord
2. ensuite

> Une parole.

| Antenne | Budget |
|---------|--------|
| Rennes  | 1 200  |
| Gand    | 900    |

[^1]: Une note.
"""


@pytest.fixture(autouse=True)
def _leaves_nothing_behind(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield
    assert list(tmp_path.iterdir()) == []


def _packed(parts):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return buffer.getvalue()


def _parts(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _refused(data, name):
    with pytest.raises(UnreadableDocument) as caught:
        to_markdown(data, name)
    return caught.value.reason


@pytest.mark.parametrize("kind", ["docx", "odt", "html", "md"])
def test_every_kind_gives_the_same_text(kind):
    data = SOURCE.encode() if kind == "md" else made(kind, SOURCE)
    text = to_markdown(data, f"Nos droits.{kind}")
    assert "\r" not in text
    # A Word file has no strikethrough style that differs, so the whole text can be compared.
    assert _squeezed(text) == _squeezed(SOURCE)


def _squeezed(text):
    """Without the padding of lists and tables, and with one name for the rules of tables."""
    lines = [" ".join(line.replace("|", " | ").split()) for line in text.strip().split("\n")]
    return [line if set(line) - set("|- ") else "rule" for line in lines if line]


def test_the_content_decides_over_the_name():
    assert to_markdown(made("docx", SOURCE), "x.odt") == to_markdown(made("docx", SOURCE), "x.docx")
    assert to_markdown(b"<!DOCTYPE html><html><p>Bonjour <b>toi</b></p>", "x.md") == "Bonjour **toi**\n"
    assert _refused(b"Bonjour", "x.docx") == Reason.BROKEN
    assert to_markdown(b"Bonjour", "LISEZMOI") == "Bonjour\n"


HOSTILE = """<html><head><title>Fen\u00eatre</title><style>p{color:red}</style><script>alert(1)</script></head>
<body onload="x()"><h2 id="a" class="b" style="c">Un <b>fonds</b></h2>
<p style="x" onclick="y()">Bonjour <a href="javascript:alert(1)">un</a> <a href=" java&#x09;script:alert(1)">deux</a>
<a href="data:text/html,x">trois</a> <a href="//evil.example">quatre</a> <a href="VBScript:x">cinq</a>
<a href="https://example.org" title="t">six</a> 1<sup>er</sup> m<sup>2</sup> &lt;script&gt;</p>
<svg><script>svgscript</script><text>svgtext</text></svg>
<img src="data:image/png;base64,AAAA" alt="Un dessin" onerror="z()">
<iframe src="file:///etc/passwd"></iframe><pre class="x"><code class="language-y">a
b</code></pre></body></html>"""


def test_what_could_harm_disappears_from_html():
    text = to_markdown(HOSTILE.encode(), "x.html")
    assert "Bonjour un deux trois quatre cinq [six](https://example.org) 1er m² \\<script\\>" in text
    assert text.startswith("## Un **fonds**\n")
    assert "Un dessin" in text
    harms = "alert color svgscript data: javascript evil onclick onerror root: class language !["
    for harm in harms.split():
        assert harm not in text


def test_what_could_harm_disappears_from_markdown():
    source = (
        "# Titre {#a .b}\n\n<script>alert(1)</script>\n\nUn <b onclick=x>gras</b> [lien](javascript:alert(1))"
        " ![image](data:image/png;base64,AAAA)\n\n<table><tr><td>case</td><td>autre</td></tr></table>\n\n"
        '<div>\n<iframe src="/etc/passwd">dedans</iframe></div>\n'
    )
    text = to_markdown(source.encode(), "x.md")
    assert "Un gras lien image" in text
    assert "| case | autre |" in text
    for harm in ("alert", "<", "data:", "javascript", "root:", "!["):
        assert harm not in text


def test_text_keeps_its_paragraphs_and_is_never_markup():
    long = "Une phrase qui ne finit pas de finir, " * 5
    source = f"Contexte\n{long}\n    {long}\nTrois points :\n• un <b>\n• deux\nFin de [[un-fonds#part]].\n"
    text = to_markdown(source.encode("cp1252"), "x.txt")
    blocks = text.split("\n\n")
    assert blocks == [
        "Contexte", long.strip(), long.strip(), "Trois points :", "- un \\<b\\>\n- deux", "Fin de [[un-fonds#part]].\n",
    ]  # fmt: skip
    ended = "Nos recommandations\nDu 20 avril\n\nUne phrase qui remplit toute la ligne, et qui continue\nici.\n"
    assert to_markdown(ended.encode(), "x.txt").count("\n\n") == 2
    wrapped = "Une ligne\ncoupée à la main.\n\nUne autre."
    assert to_markdown(wrapped.encode("utf-16"), "x.txt") == "Une ligne coupée à la main.\n\nUne autre.\n"


def test_no_word_is_lost_for_want_of_a_form():
    source = """<html><body><table><caption>Légende</caption>
    <tr><th rowspan=2>haut<ul><li>un</li><li>deux</li></ul></th><td>a<p>b</p></td></tr><tr><td>c | d</td></tr></table>
    <table><tr><td><p>cadre</p><p>seul</p></td></tr></table><dl><dt>mot</dt><dd>sens</dd></dl>
    <ol type=a><li>premier</li><li>second</li></ol><ul><li>x</li></ul><ul><li>y</li></ul>
    <p><u>souligné</u> <small>petit</small> H<sub>2</sub>O</p></body></html>"""
    assert to_markdown(source.encode(), "x.html").split("\n\n") == [
        "Légende",
        "| haut / un / deux | a / b  |\n|------------------|--------|\n|                  | c \\| d |",
        "cadre",
        "seul",
        "**mot**",
        "sens",
        "- a\\) premier\n- b\\) second\n- x\n- y",
        "souligné petit H2O\n",
    ]


def test_title_styles_and_front_matter_become_the_first_heading():
    docx = made("docx", "---\ntitle: Nos droits\nsubtitle: Un projet\ndate: 20 avril 2020\n---\n\n# Un\n\nTexte.\n")
    assert to_markdown(docx, "x.docx") == "# Nos droits\n\n**Un projet**\n\n20 avril 2020\n\n# Un\n\nTexte.\n"
    markdown = b"---\ntitle: Nos droits\n---\n\nVoir [[un-fonds]].\n"
    assert to_markdown(markdown, "x.md") == "# Nos droits\n\nVoir [[un-fonds]].\n"


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b"", "x.docx", Reason.EMPTY),
        (b" \n\t", "x.md", Reason.EMPTY),
        (b"<html><script>x</script></html>", "x.html", Reason.EMPTY),
        (b"a" * (MAX_BYTES + 1), "x.md", Reason.TOO_LARGE),
        (b"bonjour", "x.xyz", Reason.UNKNOWN_KIND),
        (b"%PDF-1.7 ...", "x.pdf", Reason.UNKNOWN_KIND),
        (b"%PDF-1.7 ...", "x.md", Reason.UNKNOWN_KIND),
        (b"{\\rtf1 bonjour}", "x.txt", Reason.UNKNOWN_KIND),
        (b"bon\0jour", "x.txt", Reason.BINARY),
        (b"a\x81b", "x.txt", Reason.WRONG_ENCODING),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "x.docx", Reason.ENCRYPTED),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "x.doc", Reason.UNKNOWN_KIND),
        (b"PK\x03\x04 and no more", "x.docx", Reason.BROKEN),
        (_packed({"a.txt": b"x"}), "x.docx", Reason.UNKNOWN_KIND),
        (_packed({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}), "x.odt", Reason.UNKNOWN_KIND),
    ],
)  # fmt: skip
def test_what_cannot_be_read_has_a_reason(data, name, reason):
    assert _refused(data, name) == reason


def test_every_reason_has_its_sentence():
    assert set(MESSAGES) == set(Reason)
    assert str(UnreadableDocument(Reason.TOO_LARGE, megabytes=10)).startswith("This file is larger than 10 MB")


def test_archives_that_lie_or_swell_never_reach_the_converter(monkeypatch):
    def unreachable(*_):
        raise AssertionError("pandoc was started")

    parts = _parts(made("docx", SOURCE))
    monkeypatch.setattr("sip.drafts.importing.conversion.run_pandoc", unreachable)
    body = "word/document.xml"
    random = os.urandom(1_000_000)
    assert _refused(_packed({**parts, body: b"x" * 10_000_000}), "x.docx") == Reason.ARCHIVE_TOO_LARGE
    assert (
        _refused(_packed({**parts, **{f"p{i}.xml": b"" for i in range(5_001)}}), "x.docx") == Reason.ARCHIVE_TOO_LARGE
    )
    assert _refused(_packed({**parts, body: b'<!DOCTYPE a [<!ENTITY b "c">]><a/>'}), "x.docx") == Reason.BROKEN
    assert _refused(made("docx", SOURCE)[:4000], "x.docx") == Reason.BROKEN
    # The directory says 1,000 bytes where the entry unpacks to three million.
    lying = bytearray(_packed({**parts, body: random + b"x" * 2_000_000}))
    start = bytes(lying).rfind(body.encode()) - 46
    lying[start + 24 : start + 28] = (1000).to_bytes(4, "little")
    assert _refused(bytes(lying), "x.docx") == Reason.BROKEN
    locked = bytearray(_packed(parts))
    for position in range(len(locked) - 4):
        if locked[position : position + 4] == b"PK\x01\x02":
            locked[position + 8] |= 1
    assert _refused(bytes(locked), "x.docx") == Reason.ENCRYPTED
    odt = _parts(made("odt", SOURCE))
    odt["META-INF/manifest.xml"] = b"<manifest:encryption-data/>"
    assert _refused(_packed(odt), "x.odt") == Reason.ENCRYPTED


def test_pictures_and_macros_do_not_reach_the_converter(monkeypatch):
    given = []
    monkeypatch.setattr("sip.drafts.importing.conversion.run_pandoc", lambda data, kind: given.append(data) or "x")
    parts = _parts(made("docx", SOURCE))
    to_markdown(_packed({**parts, "word/media/a.png": b"x", "word/vbaProject.bin": b"x", "../evil.sh": b"x"}), "x.docm")
    assert set(_parts(given[0])) == {name for name in parts if name.endswith((".xml", ".rels"))}


def test_a_damaged_document_fails_with_a_reason():
    parts = _parts(made("docx", SOURCE))
    assert _refused(_packed({**parts, "word/document.xml": b"<a><b>"}), "x.docx") == Reason.CONVERTER_FAILED


def test_time_memory_and_size_are_limited(monkeypatch):
    deep = b"<html>" + b"<blockquote>" * 5_000 + b"x"
    with monkeypatch.context() as patch:
        patch.setattr(pandoc, "WALL_SECONDS", 0.01)
        assert _refused(deep, "x.html") == Reason.TOO_COMPLEX
    with monkeypatch.context() as patch:
        patch.setattr(pandoc, "MEMORY_KB", 150 * 1024)
        assert _refused(b"<p>" + b"mot " * 1_000_000, "x.html") == Reason.TOO_COMPLEX
    with monkeypatch.context() as patch:
        patch.setattr(pandoc, "CPU_SECONDS", 1)
        assert _refused(b">" * 200_000 + b"x", "x.md") == Reason.TOO_COMPLEX
    with monkeypatch.context() as patch:
        patch.setattr(pandoc, "MAX_OUTPUT", 1024)
        assert _refused(b"mot " * 1_000, "x.md") != Reason.EMPTY


@pytest.mark.parametrize("name", SAMPLE_NAMES)
def test_real_documents_stay_themselves(name):
    text = to_markdown(sample(name), name)
    html = render(text)
    assert "<script" not in html
    for kind in ("docx", "odt", "html"):
        again = to_markdown(made(kind, text), f"x.{kind}")
        assert _words(again) == _words(text)


def _words(text):
    return "".join(sign if sign.isalnum() else " " for sign in text).split()


@pytest.mark.no_cover
def test_a_file_that_begins_with_comments_is_looked_at_once() -> None:
    """Each comment more would double the time otherwise."""
    assert is_quick(lambda: conversion._HTML_BEGINNING.match("<!---->" * 24 + "x"), 0.1)
