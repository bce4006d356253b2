"""What the page of the live text asks for while people write: sections as they read now, and who wrote what."""

from typing import Any

from flask import get_template_attribute, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from sip.drafts import authorship, histories, policy, queries
from sip.drafts.actions.versions import to_render_live
from sip.drafts.blueprint import blueprint
from sip.drafts.loading import load_live_draft
from sip.drafts.models import Draft, Section
from sip.drafts.numbering import number_sections
from sip.drafts.rendering import render_section, table_of_contents
from sip.people.queries import names_of
from sip.web.guard import current_person, guard


@blueprint.route("/drafts/<slug>/live/parts")
@guard(policy.may_read_live, load=load_live_draft)
def live_parts(draft: Draft) -> ResponseReturnValue:
    """The order of the sections as it is now, and the HTML of those that `?keys=` names, separated by commas."""
    asked = set(request.args.get("keys", "").split(","))
    living = draft.living_sections
    to_render = [to_render_live(section) for section in living]
    numbering = number_sections(to_render)
    edits = histories.last_edits(draft) if any(section.key in asked for section in living) else {}
    parts = [
        {
            "key": section.key,
            "slug": section.slug,
            "html": _part(section, render_section(rendering, numbering, draft.language).html, edits.get(section.id))
            if section.key in asked
            else None,
            "length": utf16_length(section.body),
        }
        for section, rendering in zip(living, to_render, strict=True)
    ]
    contents = get_template_attribute("layouts/_ui.html", "contents")
    return jsonify(
        sections=parts,
        contents=str(contents(table_of_contents(to_render, draft.language))),
        retired=render_template("drafts/_live_retired.html", draft=draft),
        latest=draft.latest_number,
    )


def _part(section: Section, section_html: str, edit: object) -> str:
    living = section.draft.living_sections
    return render_template(
        "drafts/_live_section.html",
        draft=section.draft,
        section=section,
        section_html=section_html,
        edit=edit,
        place=living.index(section),
        last_place=len(living) - 1,
        is_told_here=False,
    )


@blueprint.route("/drafts/<slug>/live/authors")
@guard(policy.may_read_live, load=load_live_draft)
def live_authors(draft: Draft) -> ResponseReturnValue:
    """Who wrote which characters of each section's Markdown, and each person's share; lengths in UTF-16 units."""
    queries.load_texts(draft)
    shares = authorship.shares(section.authorship for section in draft.living_sections)
    names = names_of(shares)
    return jsonify(
        you=current_person().id if current_person() else None,
        people=[
            {"id": person, "name": names[person], "share": share} for person, share in shares.items() if person in names
        ],
        sections={section.key: {"text": section.body, "runs": _runs(section)} for section in draft.living_sections},
    )


def _runs(section: Section) -> list[tuple[Any, int]]:
    runs, start = [], 0
    for who, length in section.authorship:
        runs.append((who, utf16_length(section.body[start : start + length])))
        start += length
    return runs


def utf16_length(text: str) -> int:
    """Return the length of a text as browsers count it."""
    return len(text.encode("utf-16-le")) // 2
