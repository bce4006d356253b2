"""The document of a version as its reading page shows it: contents, title page, sections; made once, when frozen."""

from collections.abc import Sequence
from html import escape
from typing import Any

from babel.dates import format_date
from babel.lists import format_list

from sip.core.typography import typeset
from sip.drafts.models import Version
from sip.drafts.rendering import RenderedSection, spoken, words_of

# What people read in a minute, silently, of a text that argues (Brysbaert 2019: 238 words of non-fiction).
WORDS_A_MINUTE = 230
_NAMED = 8  # contributors named on the title page; the version's own page names all


def document_html(slug: str, version: Version, sections: Sequence[RenderedSection]) -> str:
    """Return safe HTML in the version's language: what stands between the head and the margin of its reading page."""
    say = words_of(version.language)
    lang = escape(version.language)
    body = "".join(_with_foot(section, slug, say) for section in sections)
    return (
        f'<nav class="contents sheet" id="contents" lang="{lang}" aria-labelledby="contents-title" data-sheet>'
        f'<h2 class="contents-title" id="contents-title">{say["contents"]} '
        # An address that nothing on the page has: it closes the sheet and leaves the reader where they are.
        f'<a class="contents-close" href="#-">{say["close"]}</a></h2>'
        f'<ol class="contents-list" data-contents>{"".join(map(_entry, version.toc))}</ol></nav>'
        f'<div class="reading-text" lang="{lang}">{_title_page(version, say)}'
        f'<article class="document" id="document" aria-label="{escape(version.title)}">{body}</article></div>'
    )


def _entry(entry: dict[str, Any]) -> str:
    slug = entry["slug"]
    inner = "".join(_line(f"{slug}.{item['slug']}", f"{item['letter']}.", item["title"]) for item in entry["measures"])
    measures = f'<ol class="contents-measures">{inner}</ol>' if inner else ""
    return _line(slug, entry["number"] or "", entry["title"], measures)


def _line(anchor: str, mark: str, title: str, inner: str = "") -> str:
    return f'<li><a href="#{anchor}"><b>{mark}</b> <span>{escape(title)}</span></a>{inner}</li>'


def _title_page(version: Version, say: dict[str, str]) -> str:
    language = spoken(version.language)
    parts = [("kicker", version.label)]
    if version.groups:
        parts.append(("doc-authors", format_list([group["name"] for group in version.groups], locale=language)))
    names = [item["name"] for item in version.contributors]
    rest = len(names) - _NAMED
    if rest > 0:
        names[_NAMED:] = [say["others" if rest > 1 else "other"].format(rest)]
    if names:
        parts.append(("doc-contributors", say["written"].format(format_list(names, locale=language))))
    minutes = max(1, round(version.words / WORDS_A_MINUTE))
    length = say["length"].format(f"{version.words:,}".replace(",", "\u202f"), minutes)
    parts.append(("doc-date", f"{format_date(version.frozen_at, 'long', locale=language)} · {length}"))
    lines = [f'<p class="{name}">{escape(text)}</p>' for name, text in parts]
    lines.insert(1, f"<h1>{escape(typeset(version.title, language))}</h1>")
    return f'<header class="title-page">{"".join(lines)}</header>'


def _with_foot(section: RenderedSection, slug: str, say: dict[str, str]) -> str:
    """Under each recommendation stands the way to its own page."""
    if section.number is None:
        return section.html
    link = f'<a href="/drafts/{slug}/{section.slug}">{escape(say["page"].format(section.number))}</a>'
    return f'{section.html.removesuffix("</section>")}<p class="section-tools">{link}</p></section>'
