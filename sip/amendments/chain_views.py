"""The chain from a remark to the text: where a passage comes from, and all contributions with what became of them."""

from collections.abc import Iterator, Sequence
from typing import Any

from flask import Response, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from sip.amendments import chain
from sip.amendments.blueprint import blueprint
from sip.amendments.contributions import AMENDMENT, NONE, THREAD, Contribution, Wanted, contributions, loaded
from sip.amendments.loading import load_draft
from sip.amendments.models import AmendmentKind, AmendmentState
from sip.amendments.showing import reader_of
from sip.amendments.words import KIND_NAMES as AMENDMENT_KIND_NAMES
from sip.amendments.words import STATE_NAMES
from sip.core.db import db
from sip.core.errors import Invalid
from sip.drafts import policy as draft_policy
from sip.drafts import queries as draft_queries
from sip.drafts.loading import load_version, number_of
from sip.drafts.models import Draft, PlaceState, Version
from sip.threads import showing
from sip.threads.loading import shown_version
from sip.threads.models import Disposition, ThreadKind, ThreadState
from sip.threads.words import DISPOSITION_NAMES, KIND_NAMES, PLACE_NAMES
from sip.threads.words import STATE_NAMES as THREAD_STATE_NAMES
from sip.web.guard import current_person, guard
from sip.web.i18n import say_date, translate
from sip.web.paging import paginate
from sip.web.spreadsheets import csv_line

PER_PAGE = 50
_AT_ONCE = 200  # contributions that a file reads at a time
_MOST_CHARACTERS = 5_000  # of a passage


@blueprint.route("/drafts/<slug>/versions/<int:number>/origins")
@guard(draft_policy.may_read_version, load=load_version)
def origins(version: Version) -> ResponseReturnValue:
    """Where does this passage come from?"""
    person, draft, given = current_person(), version.draft, request.args
    may_read_live = bool(draft_policy.may_read_live(person, draft))
    start, end = number_of(given.get("start", "")), number_of(given.get("end", ""))
    try:
        found = chain.origins_of(
            person,
            version,
            given.get("key", ""),
            start,
            min(end, start + _MOST_CHARACTERS),
            given.get("words", "")[: 2 * _MOST_CHARACTERS],
            only_published=not may_read_live,
        )
    except Invalid as error:
        page = render_template(
            "amendments/no_origins.html",
            draft=draft,
            version=version,
            problem=error.message,
            may_read_live=may_read_live,
        )
        return page, 422
    return render_template(
        "amendments/origins.html",
        draft=draft,
        version=version,
        origins=found,
        firsts={item.thread.id: item for item in showing.shown(chain.threads_in(found.steps), version)},
        reader=reader_of(draft, draft_queries.version_with_contents(draft, version.number)),
        may_read_live=may_read_live,
    )


@blueprint.route("/drafts/<slug>/contributions")
@guard(draft_policy.may_read_draft, load=load_draft)
def contributions_of_draft(draft: Draft) -> ResponseReturnValue:
    """What did people contribute to this document, and what became of it?"""
    person, version = current_person(), shown_version(draft)
    sections = showing.sections_by_key(version)
    chosen: dict[str, Any] = {
        name: request.args[name] for name in ("kind", "section", "disposition", "q") if request.args.get(name)
    }
    query = contributions(person, draft, version, _wanted(chosen, sections))
    page = paginate(query, per_page=PER_PAGE)
    return render_template(
        "amendments/contributions.html",
        draft=draft,
        version=version,
        page=page,
        items=loaded(page.items, version),
        sections=sections.values(),
        chosen=chosen,
        file=url_for(".contributions_file", slug=draft.slug, **chosen),
        may_read_live=draft_policy.may_read_live(person, draft),
    )


def _wanted(chosen: dict[str, str], sections: dict[str, Any]) -> Wanted:
    """Return the filters that the address names; what it names wrongly filters nothing."""
    kinds, dispositions = {THREAD, AMENDMENT, *ThreadKind}, {NONE, *Disposition}
    return Wanted(
        kind=chosen.get("kind") if chosen.get("kind") in kinds else None,
        key=next((section.key for section in sections.values() if section.slug == chosen.get("section")), None),
        disposition=chosen.get("disposition") if chosen.get("disposition") in dispositions else None,
        words=chosen.get("q", "").strip()[:100] or None,
    )


@blueprint.route("/drafts/<slug>/contributions.csv")
@guard(draft_policy.may_read_draft, load=load_draft)
def contributions_file(draft: Draft) -> ResponseReturnValue:
    """The same as a file for spreadsheets; it is sent while it is made."""
    person, version = current_person(), shown_version(draft)
    wanted = _wanted(dict(request.args.items()), showing.sections_by_key(version))
    marks = db.session.scalars(contributions(person, draft, version, wanted)).all()
    response = Response(
        stream_with_context(_lines(marks, version.id if version is not None else 0)), mimetype="text/csv"
    )
    response.headers["Content-Disposition"] = f"attachment; filename={draft.slug}-contributions.csv"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _lines(marks: Sequence[int], version_id: int) -> Iterator[str]:
    """Give the file piece by piece; a byte order mark tells spreadsheets that it is UTF-8."""
    yield "\ufeff" + csv_line(
        [
            gettext("Number"),
            gettext("Kind"),
            gettext("Section"),
            gettext("Passage"),
            gettext("What became of the passage"),
            gettext("Author"),
            gettext("Date"),
            gettext("Text"),
            gettext("Reason"),
            gettext("State"),
            gettext("What became of it"),
            gettext("The group’s answer"),
            gettext("Version with the change"),
            gettext("Address"),
        ]
    )
    for start in range(0, len(marks), _AT_ONCE):
        # The request's own session has ended by now; each piece reads for itself.
        read_for = db.session.get(Version, version_id)
        for item in loaded(marks[start : start + _AT_ONCE], read_for):
            yield csv_line(_cells(item))
        db.session.expunge_all()


def _cells(item: Contribution) -> list[str]:
    section = item.section
    title = (f"{section.number}. " if section.number else "") + section.title if section else ""
    state = translate(PLACE_NAMES[PlaceState(item.place.state)]) if item.place is not None else ""
    disposition = translate(DISPOSITION_NAMES[Disposition(item.disposition)]) if item.disposition else ""
    if item.thread is not None:
        thread, first = item.thread, item.first
        return [
            str(thread.id),
            translate(KIND_NAMES[ThreadKind(thread.kind)]),
            title,
            item.quote,
            state,
            showing.name_of(first) if first is not None else "",
            say_date(thread.opened_at.date()),
            first.text if first is not None and first.is_visible else "",
            "",
            translate(THREAD_STATE_NAMES[ThreadState(thread.state)]),
            disposition,
            thread.disposition_reason,
            str(thread.change_number or ""),
            url_for("threads.thread", id=thread.id, _external=True),
        ]
    amendment = item.amendment
    assert amendment is not None
    return [
        str(amendment.id),
        gettext("Amendment") + " – " + translate(AMENDMENT_KIND_NAMES[AmendmentKind(amendment.kind)]),
        title,
        item.quote,
        state,
        amendment.author.name if amendment.author else "",
        say_date(amendment.at.date()),
        "\n\n".join(filter(None, (amendment.title, amendment.proposed))),
        amendment.reason,
        translate(STATE_NAMES[AmendmentState(amendment.state)]),
        disposition,
        amendment.answer_reason,
        "",
        url_for("amendments.show", number=amendment.id, _external=True),
    ]
