"""What the page of one section shows of its discussion: links beside its paragraphs, positions, its threads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import get_template_attribute, url_for

from sip.core.access import Answer
from sip.core.db import db
from sip.cycles.stages import Verb
from sip.drafts.models import Draft, Version, VersionSection
from sip.drafts.policy import opens, roles_on
from sip.drafts.texts.readable import Block, blocks_of
from sip.people.models import Person
from sip.threads import policy, queries
from sip.threads.models import Stance
from sip.threads.paragraphs import beside_paragraphs
from sip.threads.queries import Mark
from sip.threads.showing import Shown, Talk, shown, talk_of

SHOWN = 10  # threads on the page of a section; the others are one link away


@dataclass(frozen=True)
class Life:
    """A section's discussion as its page shows it; `total` counts the threads of which `items` are the first."""

    talk: Talk
    section_html: str
    items: list[Shown]
    total: int
    positions: dict[Stance, int]
    mine: Stance | None
    may_take_position: Answer


def life_of(person: Person | None, draft: Draft, version: Version, section: VersionSection, html: str) -> Life:
    """Gather what is said of a section; `html` is its text as the page shows it, to which links are added."""
    talk = talk_of(person, draft, section.key)
    threads = queries.threads_of(person, draft, version=version, key=section.key)
    items = shown(db.session.scalars(threads.limit(SHOWN)).unique().all(), version, {section.key: section})
    total = len(items) if len(items) < SHOWN else queries.count(threads)
    marks = queries.marks_of(person, draft, version, [section.key]) if items else []
    return Life(
        talk=talk,
        section_html=_with_links(
            html,
            draft,
            version,
            section,
            talk,
            marks,
            {item.thread.id for item in items},
            may_amend=_may_amend(person, draft, section.key),
        ),
        items=items,
        total=total,
        positions=queries.positions_of(draft, section.key),
        mine=queries.position_of(person, draft, section.key),
        may_take_position=policy.may_take_position(person, draft, section.key),
    )


def _may_amend(person: Person | None, draft: Draft, key: str) -> bool:
    """Say whether a paragraph of a section leads to the form in which other words are proposed."""
    section = next((section for section in draft.living_sections if section.key == key), None)
    return section is not None and person is not None and opens(section, roles_on(person, draft), Verb.AMEND)


def _with_links(
    html: str,
    draft: Draft,
    version: Version,
    section: VersionSection,
    talk: Talk,
    marks: Sequence[Mark],
    on_page: set[int],
    *,
    may_amend: bool,
) -> str:
    """Put beside each paragraph the ways to comment on it, to amend it, to what is said of it, and to its origins."""
    stretches = _stretches(blocks_of(section.html, version.language))
    beside = get_template_attribute("threads/_beside.html", "beside")
    place: dict[str, Any] = {"slug": draft.slug, "version": version.number, "key": section.key}
    met: set[int] = set()

    def links(line: int) -> str:
        if line not in stretches:
            return ""
        start, end = stretches[line]
        here = [mark for mark in marks if mark.shown_start < end and mark.shown_end > start]
        begun = [mark for mark in here if mark.id not in met]
        met.update(mark.id for mark in begun)
        address = url_for("threads.new", **place, start=start, end=end) if talk else ""
        origins = url_for(
            "amendments.origins", slug=draft.slug, number=version.number, key=section.key, start=start, end=end
        )
        amend = url_for("amendments.new", **place, start=start, end=end) if may_amend else ""
        return str(beside(address, talk.is_asking, here, begun, on_page, origins, amend))

    return beside_paragraphs(html, links)


def _stretches(blocks: Sequence[Block]) -> dict[int, tuple[int, int]]:
    """Return where the words that begin on each line stand; the cells of a table's row share theirs."""
    found: dict[int, tuple[int, int]] = {}
    for block in blocks:
        if block.line is not None:
            start, end = found.get(block.line, (block.start, block.end))
            found[block.line] = min(start, block.start), max(end, block.end)
    return found
