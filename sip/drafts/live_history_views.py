"""The history of the live text: who wrote when, the text at any moment, and earlier texts taken back."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from sip.core.access import Answer, require
from sip.core.db import transaction
from sip.core.errors import Conflict, Missing
from sip.drafts import authorship, comparing, moments, policy, queries
from sip.drafts.actions import sittings, taking_back
from sip.drafts.actions.versions import to_render_live
from sip.drafts.blueprint import blueprint
from sip.drafts.editing_views import to_live
from sip.drafts.loading import load_draft, load_live_draft, number_of
from sip.drafts.models import Draft, DraftSitting, Section, SittingPart
from sip.drafts.moments import Arrangement, Chosen
from sip.drafts.numbering import number_sections
from sip.drafts.rendering import SectionToRender, render_section
from sip.drafts.texts.compare import Comparison
from sip.people.models import Person
from sip.people.queries import names_of
from sip.web.guard import current_person, guard
from sip.web.i18n import say_list, say_moment, translate
from sip.web.once import once
from sip.web.paging import paginate
from sip.web.telling import tell

PER_PAGE = 50
BESIDE = 25  # sittings that the slider reaches on each side of the one shown
STEPS = 10  # moments to choose from inside one sitting
NAMED = 3  # sections in a line, at most
VIEWS = ("changes", "now", "text")


@dataclass(frozen=True)
class Stop:
    """One sitting as readers are told of it; `label` is one line for those who only hear it."""

    sitting: DraftSitting
    moment: str  # when it ended
    names: Sequence[str]
    where: str
    added: int
    removed: int
    label: str
    address: str


def load_moment(slug: str, update_id: int) -> tuple[Draft, int]:
    """Find `/drafts/<slug>/live/history/<update_id>`."""
    draft = load_live_draft(slug)
    # Whoever may not read the text being written is not told which moments it has.
    require(policy.may_read_live(current_person(), draft))
    if moments.update_of(draft.id, update_id) is None:
        raise Missing
    return draft, update_id


def load_texts(slug: str, update_id: int) -> tuple[Draft, int, list[Section]]:
    """Find a moment, and the sections that the form names: one, or all that one may write in and that were there."""
    draft, update_id = load_moment(slug, update_id)
    key = request.form.get("section", "")
    if key:
        sections = [section for section in draft.sections if section.key == key]
        if not sections:
            raise Missing
        return draft, update_id, sections
    then = {section["key"] for section in moments.arrangement_at(draft, update_id).sections}
    there = [section for section in draft.living_sections if section.key in then]
    return draft, update_id, [section for section in there if policy.may_edit_section(current_person(), section)]


def may_read_moment(person: Person | None, draft: Draft, update_id: int) -> Answer:
    """Look at an earlier state of the text being written: as at the text itself."""
    return policy.may_read_live(person, draft)


def may_take_back(person: Person | None, draft: Draft, update_id: int, sections: Sequence[Section]) -> Answer:
    """Take earlier texts back: whoever may write in each of the sections."""
    answers = [policy.may_edit_section(person, section) for section in sections]
    return next((answer for answer in answers if not answer), policy.may_write(person, draft))


def may_undo(person: Person | None, draft: Draft, update_id: int) -> Answer:
    """Take one's own last edit back: whoever may write; each section is asked for when it is touched."""
    return policy.may_write(person, draft)


@blueprint.route("/drafts/<slug>/live/history")
@guard(policy.may_read_live, load=load_draft)
def live_history(draft: Draft) -> ResponseReturnValue:
    """Who wrote when in the text being written?"""
    _catch_up(draft)
    chosen = _chosen(draft)
    total = moments.count_sittings(draft.id, chosen)
    page = paginate(moments.sittings(draft.id, chosen), total=total, per_page=PER_PAGE)
    people = names_of(moments.people_of(draft.id))
    return render_template(
        "drafts/live_history.html",
        draft=draft,
        page=page,
        stops=_stops(draft, page.items, chosen),
        chosen=chosen,
        people=sorted(people.items(), key=lambda person: person[1].casefold()),
    )


@blueprint.route("/drafts/<slug>/live/history/<int:update_id>")
@guard(may_read_moment, load=load_moment)
def live_moment(draft: Draft, update_id: int) -> ResponseReturnValue:
    """What did the text say at this moment, and what changed just then?"""
    _catch_up(draft)
    sitting = moments.sitting_of(draft.id, update_id)
    if sitting is None:
        raise Missing
    chosen = _chosen(draft)
    shown = moments.around(sitting, chosen, BESIDE)
    place = shown.index(sitting)
    view = request.args.get("view", VIEWS[0])
    view = view if view in VIEWS else VIEWS[0]
    arrangement = moments.arrangement_at(draft, update_id)
    then = _state(arrangement, moments.texts_at(draft.id, update_id))
    return render_template(
        "drafts/live_moment.html",
        draft=draft,
        update_id=update_id,
        at=sitting.ended_at if update_id == sitting.last_update_id else _at(draft, update_id),
        stops=_stops(draft, shown, chosen),
        place=place,
        chosen=chosen,
        view=view,
        arrangement=arrangement,
        other=number_of(request.args.get("with", "")),
        comparison=None if view == "text" else _comparison(draft, sitting, update_id, then, view),
        rendered=_rendered(draft, then, chosen) if view == "text" else (),
        steps=moments.steps_of(sitting, STEPS) if sitting.updates > 1 else (),
        now=_now(draft, then),
        seen=moments.last_update(draft.id),
    )


def _catch_up(draft: Draft) -> None:
    """Write the history of a text from before there was one, the first time that somebody asks for it."""
    if not moments.has_history(draft.id):
        with transaction():
            queries.lock(draft)
            sittings.write_history(draft.id)


def _chosen(draft: Draft) -> Chosen:
    key = request.args.get("section", "")
    known = any(section.key == key for section in draft.sections)
    return Chosen(number_of(request.args.get("person", "")) or None, key if known else "")


def _stops(draft: Draft, shown: Sequence[DraftSitting], chosen: Chosen) -> list[Stop]:
    parts = moments.parts_of(shown)
    names = names_of({part.person_id for found in parts.values() for part in found if part.person_id is not None})
    titles = {section.key: section.title for section in draft.sections}
    return [_stop(draft, sitting, parts.get(sitting.id, []), names, titles, chosen) for sitting in shown]


def _stop(
    draft: Draft,
    sitting: DraftSitting,
    parts: Collection[SittingPart],
    names: dict[int, str],
    titles: dict[str, str],
    chosen: Chosen,
) -> Stop:
    who = list(dict.fromkeys(_name(sitting, part, names) for part in parts)) or [gettext("somebody")]
    there = {part.key for part in parts}
    where = _said([title for key, title in titles.items() if key in there])
    moment = say_moment(sitting.ended_at)
    label = gettext(
        "%(moment)s – %(names)s: %(sections)s",
        moment=moment,
        names=", ".join(who),
        sections=where,
    )
    address = url_for(
        ".live_moment",
        slug=draft.slug,
        update_id=sitting.last_update_id,
        person=chosen.person_id,
        section=chosen.key or None,
    )
    added, removed = sum(part.added for part in parts), sum(part.removed for part in parts)
    return Stop(sitting, moment, who, where, added, removed, label, address)


def _said(titles: list[str]) -> str:
    """Name some sections, in one line also where they are many."""
    if not titles:
        return gettext("nothing changed")
    if len(titles) > NAMED:
        more = len(titles) - NAMED + 1
        titles = [*titles[: NAMED - 1], ngettext("%(num)s other section", "%(num)s other sections", more)]
    return say_list(titles)


def _name(sitting: DraftSitting, part: SittingPart, names: dict[int, str]) -> str:
    known = names.get(part.person_id) if part.person_id is not None else None
    return known or (gettext("imported") if sitting.origin == "import" else gettext("somebody"))


def _at(draft: Draft, update_id: int) -> Any:
    update = moments.update_of(draft.id, update_id)
    return update.at if update else None


def _state(arrangement: Arrangement, texts: dict[str, str]) -> list[SectionToRender]:
    return [
        SectionToRender(there["key"], there["slug"], there["title"], there["kind"], texts.get(there["key"], ""),
                        there["group"])
        for there in arrangement.sections
    ]  # fmt: skip


def _state_at(draft: Draft, update_id: int) -> list[SectionToRender]:
    return _state(moments.arrangement_at(draft, update_id), moments.texts_at(draft.id, update_id))


def _comparison(
    draft: Draft, sitting: DraftSitting, update_id: int, then: list[SectionToRender], view: str
) -> Comparison:
    """Compare the moment with the text now, with another moment that the address names, or with what was before."""
    other = number_of(request.args.get("with", ""))
    if view == "now":
        old, new = then, [to_render_live(section) for section in draft.living_sections]
    elif other:
        if moments.update_of(draft.id, other) is None:
            raise Missing
        old, new = (then, _state_at(draft, other)) if other > update_id else (_state_at(draft, other), then)
    else:
        old, new = _state_at(draft, sitting.first_update_id - 1) if sitting.number > 1 else [], then
    return comparing.compare_states(old, new, draft.language, draft.language)


def _rendered(draft: Draft, then: list[SectionToRender], chosen: Chosen) -> list[tuple[str, str]]:
    """Return key and HTML of the sections to show."""
    numbering = number_sections(then)
    # What is referred to may not stand on this page.
    here = url_for(".live", slug=draft.slug) if chosen.key else ""
    shown = [section for section in then if chosen.key in ("", section.key)]
    return [(section.key, render_section(section, numbering, draft.language, here=here).html) for section in shown]


def _now(draft: Draft, then: list[SectionToRender]) -> dict[str, tuple[Section, bool, Answer]]:
    """Return, by key, each of these sections as it is now: its row, whether it says the same, whether one may write."""
    rows = {section.key: section for section in draft.sections}
    return {
        section.key: (row, row.body == section.text, policy.may_edit_section(current_person(), row))
        for section in then
        if (row := rows.get(section.key)) is not None
    }


@blueprint.route("/drafts/<slug>/live/history/<int:update_id>/take-back", methods=["POST"])
@once
@guard(may_take_back, load=load_texts)
def take_back(draft: Draft, update_id: int, sections: list[Section]) -> ResponseReturnValue:
    """Let one section, or all, say again what they said at this moment."""
    seen = number_of(request.form.get("seen", ""))
    try:
        taken = taking_back.take_back(current_person(), draft, update_id, sections, seen=seen)
    except Conflict as error:
        flash(translate(error.message), "error")
        return redirect(url_for(".live_moment", slug=draft.slug, update_id=update_id, view="now"), 303)
    if not taken.changed:
        flash(gettext("The text says the same already."), "info")
        return redirect(url_for(".live_moment", slug=draft.slug, update_id=update_id), 303)
    text = gettext(
        "“%(titles)s” says again what was written there then, as a new edit. What stood there until now is kept in the "
        "history.",
        titles=", ".join(section.title for section in taken.changed),
    )
    tell(text, undo=url_for(".undo_update", slug=draft.slug, update_id=taken.update_id))
    return redirect(to_live(draft, taken.changed[0]), 303)


@blueprint.route("/drafts/<slug>/live/history/<int:update_id>/undo", methods=["POST"])
@guard(may_undo, load=load_moment)
def undo_update(draft: Draft, update_id: int) -> ResponseReturnValue:
    """Take back what one did to several sections at once; what others did since stays."""
    undone = taking_back.undo_update(current_person(), draft, update_id)
    if undone.kept:
        flash(
            gettext(
                "Others have changed the same words since, so these stay as they are: %(sections)s.",
                sections=", ".join(section.title for section in undone.kept),
            ),
            "error",
        )
    if undone.update_id is None:
        return redirect(url_for(".live", slug=draft.slug), 303)
    tell(
        gettext("Your change is taken back."),
        undo=url_for(".undo_update", slug=draft.slug, update_id=undone.update_id),
    )
    return redirect(to_live(draft, undone.changed[0]), 303)


@blueprint.route("/drafts/<slug>/live/shares")
@guard(policy.may_read_live, load=load_live_draft)
def live_shares(draft: Draft) -> ResponseReturnValue:
    """Who wrote how much of the text as it stands now?"""
    queries.load_texts(draft)
    written = {section.key: section.authorship for section in draft.living_sections}
    names = names_of(authorship.shares(written.values()))
    return render_template(
        "drafts/live_shares.html",
        draft=draft,
        whole=_shares(written.values(), names),
        sections=[(section, _shares([written[section.key]], names)) for section in draft.living_sections],
        unknown=authorship.unknown(written.values()),
    )


def _shares(texts: Collection[Any], names: dict[int, str]) -> list[tuple[str, float]]:
    return [(names.get(person) or gettext("somebody"), share) for person, share in authorship.shares(texts).items()]
