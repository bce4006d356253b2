"""The rules of our Markdown: cross-references, named headings, French typography, links, tables and footnotes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from mdit_py_plugins.footnote import footnote_plugin

from sip.core.slugs import UniqueSlugs, slugify
from sip.core.typography import is_french, typeset

Env = MutableMapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reference:
    """What a cross-reference shows and where it leads."""

    label: str
    href: str


Resolve = Callable[[str, str | None], Reference | None]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a text: level 1 to 6, slug (its anchor), plain title, 0-based line, and whether a block holds it."""

    level: int
    slug: str
    title: str
    line: int
    nested: bool


@dataclass(frozen=True, slots=True)
class Page:
    """What the rules must know of the page they render for."""

    language: str = ""
    resolve: Resolve | None = None
    id_prefix: str = ""
    heading_offset: int = 0

    def identifier(self, name: str) -> str:
        return f"{self.id_prefix}.{name}" if self.id_prefix else name

    def label(self, name: str, *values: object) -> str:
        labels = _LABELS.get(self.language[:2].lower(), _LABELS["en"])
        return typeset(labels[name].format(*values), self.language)


_LABELS = {
    "fr": {
        "note": "Note {0}",
        "back": "Retour au texte, appel de note {0}",
        "table": "Tableau {0}",
        "table_of": "Tableau {0} : {1}",
    },
    "en": {
        "note": "Note {0}",
        "back": "Back to the text, reference to note {0}",
        "table": "Table {0}",
        "table_of": "Table {0}: {1}",
    },
    "nl": {
        "note": "Noot {0}",
        "back": "Terug naar de tekst, verwijzing naar noot {0}",
        "table": "Tabel {0}",
        "table_of": "Tabel {0}: {1}",
    },
}

_EXTERNAL = re.compile("https?:", re.IGNORECASE)
# Not before what makes the inner brackets the text of an ordinary link: `[[text]](address)`, `[[text]][label]`.
_REFERENCE = re.compile(r"\[\[([^\[\]#\n^`]{1,100})(?:#([^\[\]#\n`]{1,100}))?\]\](?!\(|\[(?!\[))")
_OBJECT = "\ufffc"


def add_rules(parser: MarkdownIt) -> None:
    """Teach a CommonMark parser our rules; what they need to know of the page is passed as `env["page"]`, a Page."""
    # Inline notes (`^[…]`) recurse without any limit, so that a hostile text could exhaust the stack.
    footnote_plugin(parser, inline=False)
    parser.inline.ruler.before("link", "cross_reference", _cross_reference)
    parser.core.ruler.before("inline", "name_headings", _name_headings_rule)
    parser.core.ruler.push("typeset", _typeset_rule)
    parser.core.ruler.push("links", _links_rule)
    parser.core.ruler.push("blocks", _blocks_rule)
    for name, rule in _RENDER_RULES.items():
        parser.add_render_rule(name, rule)


def plain_text(tokens: Iterable[Token] | None) -> str:
    """Return what inline tokens say, on one line, without markup."""
    parts: list[str] = []
    for token in tokens or ():
        if token.type in ("text", "text_special", "code_inline", "cross_reference"):
            parts.append(token.content)
        elif token.type == "image":
            parts.append(plain_text(token.children))
        elif token.type in ("softbreak", "hardbreak"):
            parts.append(" ")
    return "".join(parts)


def _page(env: Env) -> Page:
    """What `render` passed, or a neutral page for those who only parse."""
    page = env.get("page")
    return page if isinstance(page, Page) else Page()


def _cross_reference(state: StateInline, silent: bool) -> bool:
    """The inline rule for `[[slug]]` and `[[slug#measure]]`."""
    if not state.src.startswith("[[", state.pos):
        return False
    match = _REFERENCE.match(state.src, state.pos, state.posMax)
    if match is None or not match[1].strip():
        return False
    if not silent:
        token = state.push("cross_reference", "", 0)
        token.content = match[0]
        token.meta = {
            "slug": match[1].strip(), "measure": (match[2] or "").strip() or None, "offset": state.pos,
        }  # fmt: skip
    state.pos = match.end()
    return True


def _name_headings_rule(state: StateCore) -> None:
    name_headings(state)


def name_headings(state: StateCore) -> list[Heading]:
    """Take `{#slug}` off the headings, note the slug of each in its token, and return them all."""
    # Notes are numbered as they are met, so the titles are read on the side.
    notes = {"refs": dict(state.env.get("footnotes", {}).get("refs", {})), "list": {}}
    scratch: Env = {"references": state.env.get("references", {}), "footnotes": notes}
    found: list[tuple[Token, str, str]] = []
    for opening, inline in zip(state.tokens, state.tokens[1:], strict=False):
        if opening.type == "heading_open":
            inline.content, explicit = _split_slug(inline.content)
            children = state.md.inline.parse(inline.content, state.md, scratch, [])
            found.append((opening, explicit, " ".join(plain_text(children).split())))
    slugs = UniqueSlugs()
    # What somebody chose goes first, so that a title like it never takes its place.
    chosen = {id(opening): slugs.claim(explicit) for opening, explicit, _ in found if explicit}
    result: list[Heading] = []
    for opening, _, title in found:
        slug = chosen.get(id(opening)) or slugs.claim(slugify(title))
        opening.meta["slug"] = slug
        line = opening.map[0] if opening.map else 0
        result.append(Heading(int(opening.tag[1]), slug, title, line, nested=opening.level > 0))
    return result


def _split_slug(content: str) -> tuple[str, str]:
    """Split `Title {#slug}` into the title and the slug, which is empty when there is none."""
    start = content.rfind("{#")
    if start < 0 or not content.endswith("}") or not content[start + 2 : -1].strip():
        return content, ""
    return content[:start].rstrip(), slugify(content[start + 2 : -1])


def _typeset_rule(state: StateCore) -> None:
    """Typeset the text of each block across its inline tokens: in `**mot** !` the space and the mark are in two."""
    language = _page(state.env).language
    if not is_french(language):
        return
    for block_token in state.tokens:
        children = block_token.children or []
        before = "".join(_text_of(token) for token in children)
        after = typeset(before, language)
        if after == before:
            continue
        position = 0
        for token in children:
            length = len(_text_of(token))
            if token.type == "text":
                token.content = after[position : position + length]
            position += length


def _text_of(token: Token) -> str:
    """The text of a token, or one character standing for what must not change."""
    if token.type == "text":
        return token.content
    if token.type in ("softbreak", "hardbreak"):
        return "\n"
    return _OBJECT if token.type in ("code_inline", "image", "cross_reference") else ""


def _links_rule(state: StateCore) -> None:
    """Mark external links, and link to images of other sites in place of loading them: they would learn who reads."""
    for block_token in state.tokens:
        children: list[Token] = []
        depth = 0
        for token in block_token.children or ():
            depth += token.nesting if token.type in ("link_open", "link_close") else 0
            if token.type == "link_open" and _EXTERNAL.match(str(token.attrGet("href"))):
                token.attrSet("rel", "noopener")
            if token.type == "image" and _EXTERNAL.match(str(token.attrGet("src"))):
                children.extend(_image_link(token, inside_link=depth > 0))
            else:
                children.append(token)
        if block_token.children:
            block_token.children = children


def _image_link(image: Token, *, inside_link: bool) -> Iterable[Token]:
    address = str(image.attrGet("src"))
    text = Token("text", "", 0, content=plain_text(image.children).strip() or address)
    if inside_link:
        return [text]
    opening = Token("link_open", "a", 1, attrs={"href": address, "rel": "noopener"})
    return [opening, text, Token("link_close", "a", -1)]


def _blocks_rule(state: StateCore) -> None:
    """Give blocks their source line, headings their level and anchor, tables their name."""
    page = _page(state.env)
    tables = 0
    for index, token in enumerate(state.tokens):
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + page.heading_offset)}"
        if token.type == "heading_open":
            token.attrSet("id", page.identifier(token.meta["slug"]))
        elif token.type == "table_open":
            tables += 1
            token.meta["label"] = _table_label(page, tables, state.tokens, index)
        elif token.type in ("th_open", "td_open"):
            style = str(token.attrs.pop("style", ""))
            if style:
                token.attrSet("class", "align-" + style.removeprefix("text-align:"))
            if token.type == "th_open":
                token.attrSet("scope", "col")
        if token.map and token.nesting >= 0 and token.type != "inline":
            token.attrSet("data-line", str(token.map[0]))


def _table_label(page: Page, number: int, tokens: Sequence[Token], index: int) -> str:
    """Name a table by its number and column titles, so that the regions of a page can be told apart."""
    titles: list[str] = []
    while tokens[index].type != "thead_close":
        if tokens[index].type == "inline":
            titles.append(plain_text(tokens[index].children).strip())
        index += 1
    columns = ", ".join(title for title in titles if title)
    return page.label("table_of", number, columns[:100]) if columns else page.label("table", number)


def _render_table_open(_: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Env) -> str:
    # Wide tables scroll by themselves, and the keyboard must reach what scrolls.
    label = escapeHtml(tokens[index].meta["label"])
    opening = f'<div class="table-scroll" role="region" tabindex="0" aria-label="{label}">\n'
    return f"{opening}<table{RendererHTML.renderAttrs(tokens[index])}>\n"


def _render_table_close(_: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Env) -> str:
    return "</table>\n</div>\n"


def _render_fence(_: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Env) -> str:
    token = tokens[index]
    return f"<pre{RendererHTML.renderAttrs(token)}><code>{escapeHtml(token.content)}</code></pre>\n"


def _render_reference(_: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Env) -> str:
    token = tokens[index]
    resolve = _page(env).resolve
    if resolve is None:
        return escapeHtml(token.content)
    reference = resolve(token.meta["slug"], token.meta["measure"])
    if reference is None:
        return f'<span class="broken-reference">{escapeHtml(token.content)}</span>'
    return f'<a class="reference" href="{escapeHtml(reference.href)}">{escapeHtml(reference.label)}</a>'


def _note_call(page: Page, token: Token) -> str:
    """The anchor of one call of a note: the second call of note 1 is `fnref.1.2`."""
    number, again = token.meta["id"] + 1, token.meta.get("subId", 0)
    return page.identifier(f"fnref.{number}.{again + 1}" if again else f"fnref.{number}")


def _render_note_ref(_: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Env) -> str:
    page, token = _page(env), tokens[index]
    number = token.meta["id"] + 1
    link = f'<a href="#{escapeHtml(page.identifier(f"fn.{number}"))}" id="{escapeHtml(_note_call(page, token))}"'
    label = escapeHtml(page.label("note", number))
    return f'<sup class="footnote-ref">{link} role="doc-noteref" aria-label="{label}">{number}</a></sup>'


def _render_note_back(_: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Env) -> str:
    page, token = _page(env), tokens[index]
    number, again = token.meta["id"] + 1, token.meta["subId"]
    label = escapeHtml(page.label("back", f"{number}.{again + 1}" if again else number))
    link = f'<a href="#{escapeHtml(_note_call(page, token))}" class="footnote-backref" role="doc-backlink"'
    # The variation selector keeps phones from showing the arrow as an emoji.
    return f' {link} aria-label="{label}">\u21a9\ufe0e</a>'


def _render_notes_open(_: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Env) -> str:
    return '<section class="footnotes">\n<ol class="footnotes-list">\n'


def _render_note_open(_: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Env) -> str:
    number = tokens[index].meta["id"] + 1
    return f'<li id="{escapeHtml(_page(env).identifier(f"fn.{number}"))}">'


_RENDER_RULES = {
    "table_open": _render_table_open,
    "table_close": _render_table_close,
    "fence": _render_fence,
    "cross_reference": _render_reference,
    "footnote_ref": _render_note_ref,
    "footnote_anchor": _render_note_back,
    "footnote_block_open": _render_notes_open,
    "footnote_open": _render_note_open,
}
