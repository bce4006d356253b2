"""A version's document as HTML, made once when it is frozen; what stands here is in the document's own language."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from sip.core.markdown import render
from sip.core.typography import typeset
from sip.drafts.numbering import Numbering, number_sections
from sip.drafts.references import anchor, resolver
from sip.drafts.texts.diff import SectionText


@dataclass(frozen=True, slots=True)
class SectionToRender(SectionText):
    """A section with the name of the group it comes from, if it comes from one."""

    group: str | None = None


@dataclass(frozen=True)
class RenderedSection:
    """A section's number (None for prose) and its HTML, heading included."""

    number: str | None
    html: str
    slug: str = ""


# What a document says of itself, in its own language.
_WORDS = {
    "fr": {
        "link": "Lien permanent vers « {} »",
        "contents": "Sommaire",
        "close": "Fermer",
        "written": "Écrit par {}",
        "other": "une autre personne",
        "others": "{} autres personnes",
        "length": "{} mots, environ {} min de lecture",
        "page": "L’étape et l’histoire de la recommandation {}",
    },
    "nl": {
        "link": "Vaste link naar “{}”",
        "contents": "Inhoud",
        "close": "Sluiten",
        "written": "Geschreven door {}",
        "other": "nog iemand",
        "others": "{} anderen",
        "length": "{} woorden, ongeveer {} min. lezen",
        "page": "De fase en de geschiedenis van aanbeveling {}",
    },
    "en": {
        "link": "Permanent link to “{}”",
        "contents": "Contents",
        "close": "Close",
        "written": "Written by {}",
        "other": "one other person",
        "others": "{} other people",
        "length": "{} words, about {} min to read",
        "page": "The stage and the history of recommendation {}",
    },
}
_MEASURE_HEADING = re.compile(
    r'<h3(?P<attributes>[^>]*) id="(?P<id>[^"]+)"(?P<more>[^>]*)>(?P<title>.*?)</h3>', re.DOTALL
)

_HEADING_TAG = re.compile(r"<(/?)h([2-6])\b")
_REFERENCE_LINK = re.compile(r'<a class="reference" href="#([^"]*)"')


def spoken(language: str) -> str:
    """Return the one of our languages in which a document speaks of itself."""
    return language[:2] if language[:2] in _WORDS else "fr"


def words_of(language: str) -> dict[str, str]:
    """Return what a document says of itself, with `{}` where something comes in."""
    language = spoken(language)
    return {name: typeset(text, language) for name, text in _WORDS[language].items()}


def render_sections(sections: Sequence[SectionToRender], language: str, *, here: str = "") -> list[RenderedSection]:
    """Render every section; references lead to `here#slug`, `here` being empty on a page that shows them all."""
    numbering = number_sections(sections)
    return [render_section(section, numbering, language, here=here) for section in sections]


def render_section(section: SectionToRender, numbering: Numbering, language: str, *, here: str = "") -> RenderedSection:
    """Render one section of a document numbered by `numbering`."""
    say = words_of(language)
    number = numbering.number(section.slug)
    title = escape(typeset(section.title, language))
    resolve = resolver(numbering, language, lambda slug, measure: here + anchor(slug, measure))
    body = render(section.text, language=language, resolve=resolve, id_prefix=section.slug)
    numbered = numbering.by_slug(section.slug)
    letters = {measure.slug: measure.letter for measure in numbered.measures} if numbered else {}
    body = _MEASURE_HEADING.sub(lambda found: _measure_heading(found, section.slug, letters, say), body)
    mark = f'<span class="doc-number">{number}</span> ' if number else ""
    by = f'<p class="doc-attribution">{escape(section.group)}</p>' if section.group else ""
    html = (
        f'<section class="doc-section doc-{section.kind}" id="{section.slug}" aria-labelledby="{section.slug}.title" '
        f'data-key="{section.key}"><h2 class="doc-heading" id="{section.slug}.title">{mark}'
        f'<span class="doc-title">{title}</span> {_permalink(section.slug, section.title, say)}</h2>'
        f"{by}{body}</section>"
    )
    return RenderedSection(number, html, section.slug)


def alone(html: str, slug: str, page: str) -> str:
    """Return a section's HTML for a page of its own: headings one level up, references leading to `page`."""
    return linked(_HEADING_TAG.sub(lambda found: f"<{found[1]}h{int(found[2]) - 1}", html), slug, page)


def linked(html: str, slug: str, page: str) -> str:
    """Return a section's HTML for a page without the others: references to them lead to `page`."""
    return _REFERENCE_LINK.sub(
        lambda found: found[0] if found[1].split(".")[0] == slug else f'<a class="reference" href="{page}#{found[1]}"',
        html,
    )


def table_of_contents(sections: Sequence[SectionToRender], language: str) -> list[dict[str, Any]]:
    """Return `{slug, number, title, kind, measures: [{slug, letter, title}]}` per section."""
    return [
        {
            "slug": section.slug,
            "number": section.number,
            "title": typeset(section.title, language),
            "kind": "recommendation" if section.number else "prose",
            "measures": [
                {"slug": measure.slug, "letter": measure.letter, "title": typeset(measure.title, language)}
                for measure in section.measures
            ],
        }
        for section in number_sections(sections).sections
    ]


def _measure_heading(found: re.Match[str], slug: str, letters: dict[str, str], say: dict[str, str]) -> str:
    measure = found["id"].removeprefix(f"{slug}.")
    if measure not in letters:
        return found[0]
    plain = re.sub(r"<[^>]+>", "", found["title"])
    return (
        f'<h3{found["attributes"]} id="{found["id"]}"{found["more"]} class="doc-measure">'
        f'<span class="doc-letter">{letters[measure]}.</span> <span class="doc-title">{found["title"]}</span> '
        f"{_permalink(found['id'], plain, say, is_escaped=True)}</h3>"
    )


def _permalink(anchor: str, title: str, say: dict[str, str], *, is_escaped: bool = False) -> str:
    name = say["link"].format(title if is_escaped else escape(title))
    return f'<a class="permalink" href="#{anchor}" aria-label="{name}">#</a>'
