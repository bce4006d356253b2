"""A document's discussion: the list of its threads, their marks for open pages, positions on its recommendations."""

from typing import Any

from flask import Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from sip.core.access import Answer
from sip.core.errors import Missing
from sip.drafts import policy as draft_policy
from sip.drafts import queries as draft_queries
from sip.drafts.loading import load_reading, may_read_numbered, number_of
from sip.drafts.models import Draft
from sip.drafts.readings import Asked, Reading
from sip.people.models import Person
from sip.threads import comment_views, moderation_views, name_views, opening_views, policy, queries
from sip.threads.actions import positions
from sip.threads.blueprint import blueprint
from sip.threads.forms import StanceForm
from sip.threads.loading import load_draft, may_read_place, shown_version
from sip.threads.models import Disposition, ThreadKind, ThreadState
from sip.threads.showing import live_marks_of, sections_by_key, shown, talk_of
from sip.web.guard import current_person, current_reader, guard
from sip.web.paging import paginate

__all__ = ["blueprint", "comment_views", "moderation_views", "name_views", "opening_views"]

PER_PAGE = 20


@blueprint.route("/drafts/<slug>/discussion")
@guard(policy.may_read_discussion, load=load_draft)
def discussion(draft: Draft) -> ResponseReturnValue:
    """What do people say of this document? All threads in the order of its text."""
    person = current_person()
    version = shown_version(draft)
    sections = sections_by_key(version)
    chosen = _chosen(sections)
    page = paginate(queries.threads_of(person, draft, version=version, **chosen), per_page=PER_PAGE)
    may_answer = policy.may_answer(person, draft)
    return render_template(
        "threads/discussion.html",
        draft=draft,
        version=version,
        sections=sections.values(),
        page=page,
        items=shown(page.items, version, sections),
        chosen={name: value for name, value in request.args.items() if value and name != "page"},
        talk=talk_of(person, draft),
        may_answer=may_answer,
        waiting=queries.waiting(person, draft) if may_answer else 0,
        may_moderate=policy.may_moderate(person, draft),
        may_read_live=draft_policy.may_read_live(person, draft),
    )


def _chosen(sections: dict[str, Any]) -> dict[str, Any]:
    """Return the filters that the address names; what it names wrongly filters nothing."""
    given = request.args
    key = next((section.key for section in sections.values() if section.slug == given.get("section")), None)
    dispositions = {"none", *Disposition}
    return {
        "key": key,
        "kind": next((kind for kind in ThreadKind if kind.value == given.get("kind")), None),
        "state": next((state for state in ThreadState if state.value == given.get("state")), None),
        "disposition": next((each for each in dispositions if str(each) == given.get("disposition")), None),
        "outdated": True if given.get("outdated") else None,
        "q": given.get("q", "").strip()[:100] or None,
    }


def _load_marks(slug: str) -> tuple[Reading, Asked]:
    number = request.args.get("version", "")
    found = load_reading(slug, number_of(number) if number else None)
    if not found[0].version_id:
        raise Missing
    return found


@blueprint.route("/drafts/<slug>/discussion/marks")
@guard(may_read_numbered, load=_load_marks, who=current_reader)
def marks(reading: Reading, asked: Asked) -> ResponseReturnValue:
    """Where threads stand in a version, for pages that are open: nothing is looked up where nothing is new."""
    person = current_reader()
    rights = "".join("1" if answer else "0" for answer in _rights(person, asked.draft))
    stamp = queries.stamp_of(asked.draft.id)
    response = Response(mimetype="application/json")
    response.set_etag(f"{reading.version_id}-{stamp}-{person.id if person else 0}-{rights}")
    response.headers["Cache-Control"] = "private, no-cache"
    if request.if_none_match.contains(response.get_etag()[0] or ""):
        response.status_code = 304
        return response
    found: dict[str, list[list[Any]]] = {}
    for row in queries.marks_of(person, asked.draft, asked.version):
        found.setdefault(row.key, []).append(
            [row.id, row.shown_start, row.shown_end, row.kind, row.state, row.comments]
        )
    response.data = jsonify(stamp=stamp, marks=found).data
    return response


def _rights(person: Any, draft: Draft) -> list[Answer]:
    return [draft_policy.may_read_live(person, draft), policy.may_moderate(person, draft)]


@blueprint.route("/drafts/<slug>/live/marks")
@guard(draft_policy.may_read_live, load=load_draft)
def live_marks(draft: Draft) -> ResponseReturnValue:
    """Where threads stand in the text being written, as positions in the Markdown of each section."""
    return jsonify(stamp=queries.stamp_of(draft.id), marks=live_marks_of(draft))


def _load_section_to_judge(slug: str, key: str) -> tuple[Draft, str]:
    return load_draft(slug), key


def _may_take_position(person: Person | None, draft: Draft, key: str) -> Answer:
    answer = may_read_place(person, draft, key)
    return policy.may_take_position(person, draft, key) if answer else answer


@blueprint.route("/drafts/<slug>/positions/<key>", methods=["POST"])
@guard(_may_take_position, load=_load_section_to_judge)
def take_position(draft: Draft, key: str) -> ResponseReturnValue:
    """Say what one thinks of a recommendation, or take it back."""
    slug = draft_queries.published_slug(draft, key)
    if slug is None:
        raise Missing
    stance = StanceForm().chosen()
    positions.take_position(current_person(), draft, key, stance)
    if stance:
        text = gettext("Your position is noted. You can change it as long as this stage lasts.")
    else:
        text = gettext("Your position is taken back.")
    flash(text, "success")
    return redirect(url_for("drafts.section", slug=draft.slug, section=slug, _anchor="positions"), 303)
