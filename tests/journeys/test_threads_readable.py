"""Browser and server read the same text, in the same positions, and cut it into the same sentences."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from sip.drafts.texts.readable import blocks_of, readable_text

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "static" / "js" / "threads"
EXAMPLES = json.loads((ROOT / "tests" / "drafts" / "texts" / "readable_examples.json").read_text(encoding="utf-8"))
_READ = """([html, language]) => {
  document.body.innerHTML = html;
  const text = new Readable(document.body.firstElementChild);
  const found = text.blocks().flatMap(([start, end]) =>
    sentences(text.text.slice(start, end), language)
      .map(sentence => sentence.map(position => text.toPoints(start + position))));
  return {text: text.text, sentences: found};
}"""


@pytest.fixture
def page(open_context):
    """An empty page with the scripts that read a section."""
    page = open_context().new_page()
    sources = "".join((SCRIPTS / name).read_text(encoding="utf-8") for name in ("readable.js", "sentences.js"))
    names = "Object.assign(window, { Readable, sentences, wrap, unwrap });"
    page.add_script_tag(content=sources.replace("export ", "") + names)
    return page


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["name"])
def test_the_shared_examples_are_read_alike(page, example):
    assert page.evaluate(_READ, [example["html"], "fr"])["text"] == example["text"]


def test_every_section_of_the_demo_is_read_and_cut_alike(page, site):
    with closing(sqlite3.connect(site.data / "sip.db")) as database:
        rows = database.execute(
            "SELECT version_sections.html, versions.language FROM version_sections"
            " JOIN versions ON versions.id = version_sections.version_id"
        ).fetchall()
    assert len(rows) > 20
    for html, language in rows:
        read = page.evaluate(_READ, [html, language])
        assert read["text"] == readable_text(html)
        cut = [list(sentence) for block in blocks_of(html, language) for sentence in block.sentences]
        text = read["text"]
        assert [text[start:end] for start, end in read["sentences"]] == [text[start:end] for start, end in cut]
        assert read["sentences"] == cut


def test_what_is_wrapped_leaves_no_trace(page):
    html = "<section><p>Un 😀 <a href='#x'>lien <em>fort</em></a> ici.</p>\n<ul><li>Deux</li></ul></section>"
    wrapped = page.evaluate(
        """html => {
      document.body.innerHTML = html;
      const section = document.body.firstElementChild;
      const text = new Readable(section);
      const made = wrap(text.pieces(text.toUnits(3), text.toUnits(18)), () => document.createElement("mark"));
      return [made.map(mark => mark.textContent), new Readable(section).text, text.text];
    }""",
        html,
    )
    assert wrapped == [["😀 ", "lien ", "fort", " ici"], "Un 😀 lien fort ici.\nDeux", "Un 😀 lien fort ici.\nDeux"]
    after = page.evaluate("""() => {
      unwrap(document.querySelectorAll("mark"));
      return [document.body.innerHTML, document.querySelector("p").childNodes.length];
    }""")
    assert after == [html.replace("'", '"'), 3]
