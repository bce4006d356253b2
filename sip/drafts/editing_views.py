"""The live text: read, written section by section, and arranged."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from sip.core.errors import Invalid
from sip.drafts import histories, policy, queries
from sip.drafts.actions import arranging, versions
from sip.drafts.actions import text as text_actions
from sip.drafts.blueprint import blueprint
from sip.drafts.forms import HeadingForm, MoveForm, NewSectionForm, PlaceForm, TextForm, limits, places
from sip.drafts.loading import load_draft, load_live_draft, load_section, number_of
from sip.drafts.models import Draft, Section, SectionKind
from sip.drafts.numbering import Numbering, number_sections
from sip.drafts.rendering import render_section, render_sections, table_of_contents
from sip.drafts.resolving import CHOICES, Choice, clashes, put_together
from sip.drafts.standing import standing_of
from sip.drafts.texts.merge import merge
from sip.threads import queries as threads
from sip.threads.policy import may_answer
from sip.web.guard import current_person, guard
from sip.web.i18n import say_list
from sip.web.once import once
from sip.web.telling import tell
from sip.web.transaction import read_on


def to_live(draft: Draft, section: Section) -> str:
    """Return the address of a section in the live text, where what was done to it is told beside it."""
    return url_for(".live", slug=draft.slug, at=section.key, _anchor=section.slug)


@blueprint.route("/drafts/<slug>/live")
@guard(policy.may_read_live, load=load_live_draft)
def live(draft: Draft) -> ResponseReturnValue:
    """The text being written, section by section."""
    person = current_person()
    to_render = [versions.to_render_live(section) for section in draft.living_sections]
    last = queries.last_version(draft)
    return render_template(
        "drafts/live.html",
        draft=draft,
        sections_html={
            s.key: done.html for s, done in zip(to_render, render_sections(to_render, draft.language), strict=True)
        },
        toc=table_of_contents(to_render, draft.language),
        last=last,
        is_frozen=last is not None and not versions.differs(draft, last),
        broken=versions.broken_in(draft),
        edits=histories.last_edits(draft),
        at=request.args.get("at", ""),
        **standing_of(person, draft),
        waiting=threads.waiting(person, draft) if may_answer(person, draft) else 0,
    )


@blueprint.route("/drafts/<slug>/live/<section>/edit", methods=["GET", "POST"])
@guard(policy.may_edit_section, load=load_section)
def edit_section(section: Section) -> ResponseReturnValue:
    """Write in one section: a plain form, saved together with what others did meanwhile."""
    form = TextForm()
    if request.method == "GET":
        form.text.data = form.began_from.data = section.body
        form.seen.data = str(histories.last_entry(section.draft))
        return _editor(section, form)
    action = request.form.get("action", "save")
    try:
        if action == "preview":
            read_on()  # it takes a while, and keeps no writer waiting
            text = text_actions.checked(form.text.data, limits().max_section)
            return _editor(section, form, preview_html=_preview(section, text))
        if action in ("resolve", "by_hand"):
            return _resolve(section, form, by_hand=action == "by_hand")
        return _save(section, form)
    except Invalid as error:
        form.take(error)
        return _editor(section, form), 422


def _save(section: Section, form: TextForm) -> ResponseReturnValue:
    person = current_person()
    saved = text_actions.edit_section(
        person, section, form.began_from.data, form.text.data, max_length=limits().max_section
    )
    others = _others(section, form)
    if not saved.is_saved:
        return _clash_page(section, form, saved.text, others), 409
    if saved.met_others:
        text = gettext(
            "Saved. Your text was joined with what %(names)s wrote meanwhile; read it over.", names=_said(others)
        )
    else:
        text = gettext("Saved. The group sees it at once; readers see it from the next published version on.")
    tell(text, saved=f"section:{section.key}", **_undo_of(section, saved.update_id))
    return redirect(to_live(section.draft, section), 303)


def _undo_of(section: Section, update_id: int | None) -> dict[str, object]:
    """Return what a message needs to offer that an edit is taken back."""
    if update_id is None:
        return {}
    address = url_for(".undo_edit", slug=section.draft.slug, section=section.key)
    return {"undo": address, "undo_name": "update", "undo_value": update_id}


@blueprint.route("/drafts/<slug>/live/<section>/undo", methods=["POST"])
@guard(policy.may_edit_section, load=load_section)
def undo_edit(section: Section) -> ResponseReturnValue:
    """Take back one's own last edit; what others did since stays."""
    saved = text_actions.undo_edit(current_person(), section, number_of(request.form.get("update", "")))
    if saved.is_saved:
        tell(gettext("Your change is taken back."), **_undo_of(section, saved.update_id))
    else:
        flash(
            gettext("Others have changed the same words since, so your change stays. Write in the text to mend it."),
            "error",
        )
    return redirect(to_live(section.draft, section), 303)


def _others(section: Section, form: TextForm) -> list[str]:
    """Return who else edited since this form was opened."""
    return histories.editors_since(section, number_of(form.seen.data or ""), but=current_person().id)


def _said(names: list[str]) -> str:
    return say_list(names) if names else gettext("somebody else")


def _clash_page(section: Section, form: TextForm, theirs: str, others: list[str], error: str = "") -> str:
    """Render both texts side by side where they clash; all three texts travel with the page."""
    pieces = merge(form.began_from.data, form.text.data, theirs).pieces
    return render_template(
        "drafts/clash.html",
        section=section,
        base=form.began_from.data,
        mine=form.text.data,
        theirs=theirs,
        seen=form.seen.data or "",
        clashes=clashes(pieces),
        chosen=[request.form.get(f"clash-{number}", "") for number in range(len(pieces))],
        others=_said(others),
        error=error,
    )


def _resolve(section: Section, form: TextForm, *, by_hand: bool) -> ResponseReturnValue:
    """Save what somebody chose at each clash, or hand it over to be edited."""
    clean = text_actions.checked
    longest = limits().max_section
    base, mine = clean(form.began_from.data, longest), clean(form.text.data, longest)
    theirs = clean(request.form.get("theirs", ""), longest)
    pieces = merge(base, mine, theirs).pieces
    count = len(clashes(pieces))
    given = [request.form.get(f"clash-{number}") for number in range(count)]
    chosen: list[Choice] = [choice for value in given for choice in CHOICES if choice == value]
    if by_hand:
        chosen = [next((choice for choice in CHOICES if choice == value), "both") for value in given]
    elif len(chosen) < count:
        error = gettext("Choose a text for each passage, or edit by hand.")
        return _clash_page(section, form, theirs, _others(section, form), error), 422
    form.text.data, form.began_from.data = put_together(pieces, chosen), theirs
    return _editor(section, form, is_joined=True) if by_hand else _save(section, form)


def _editor(section: Section, form: TextForm, *, preview_html: str = "", is_joined: bool = False) -> str:
    numbering = _numbering(section, section.body)
    return render_template(
        "drafts/edit_section.html",
        section=section,
        draft=section.draft,
        form=form,
        preview_html=preview_html,
        is_joined=is_joined,
        is_unsaved=request.method == "POST",
        numbering=numbering,
        number=numbering.number(section.slug),
        limit=limits().max_section,
    )


def _numbering(section: Section, text: str) -> Numbering:
    """Number the document as it would be with this text in the section."""
    draft = queries.live_draft(section.draft.slug)
    to_render = [versions.to_render_live(other) for other in draft.living_sections if other is not section]
    here = versions.to_render_live(section, text)
    place = draft.living_sections.index(section)
    return number_sections([*to_render[:place], here, *to_render[place:]])


def _preview(section: Section, text: str) -> str:
    numbering = _numbering(section, text)
    here = url_for(".live", slug=section.draft.slug)
    return render_section(versions.to_render_live(section, text), numbering, section.draft.language, here=here).html


@blueprint.route("/drafts/<slug>/live/add", methods=["GET", "POST"])
@once
@guard(policy.may_arrange, load=load_draft)
def add_section(draft: Draft) -> ResponseReturnValue:
    """Add an empty section, then write in it."""
    form = NewSectionForm()
    form.offer(draft)
    form.offer_places(draft.living_sections, _titles(draft))
    if request.method == "GET":
        after = request.args.get("after", "")
        known = [section.id for section in draft.living_sections if section.key == after]
        form.after.data = known[0] if known else form.after.choices[-1][0]
        form.kind.data = SectionKind.RECOMMENDATION if draft.living_sections else SectionKind.PROSE
    if form.validate_on_submit():
        after_section = next((s for s in draft.living_sections if s.id == form.after.data), None)
        try:
            section = arranging.add_section(
                current_person(),
                draft,
                form.title.data,
                SectionKind(form.kind.data),
                after=after_section,
                first=form.after.data == 0,
                group=form.chosen_group(draft),
                max_sections=limits().max_sections,
            )
        except Invalid as error:
            form.take(error)
        else:
            tell(
                gettext("“%(title)s” is added. Write its text here.", title=section.title),
                undo=url_for(".retire_section", slug=draft.slug, section=section.key),
            )
            return redirect(url_for(".edit_section", slug=draft.slug, section=section.slug), 303)
    return render_template("drafts/add_section.html", form=form, draft=draft), 422 if form.errors else 200


@blueprint.route("/drafts/<slug>/live/<section>/heading", methods=["GET", "POST"])
@guard(policy.may_arrange_section, load=load_section)
def edit_heading(section: Section) -> ResponseReturnValue:
    """Rename a section, say what it is and where it comes from."""
    draft = section.draft
    form = HeadingForm(obj=section, group=section.group_id or 0)
    form.offer(draft)
    if form.validate_on_submit():
        try:
            arranging.update_section(
                current_person(),
                section,
                title=form.title.data,
                kind=SectionKind(form.kind.data),
                group=form.chosen_group(draft),
                slug=form.slug.data,
            )
        except Invalid as error:
            form.take(error)
        else:
            tell(gettext("The heading of “%(title)s” is saved; numbers and references follow.", title=section.title))
            return redirect(to_live(draft, section), 303)
    page = render_template("drafts/edit_heading.html", form=form, draft=draft, section=section)
    return page, 422 if form.errors else 200


@blueprint.route("/drafts/<slug>/live/<section>/move", methods=["GET", "POST"])
@guard(policy.may_arrange_section, load=load_section)
def move_section(section: Section) -> ResponseReturnValue:
    """Move a section: one step, or after any other."""
    draft = section.draft
    others = [other for other in draft.living_sections if other is not section]
    place = draft.living_sections.index(section) if not section.is_retired else len(others)
    form, step = MoveForm(), PlaceForm()
    form.after.choices = places(others, _titles(draft))
    if request.method == "GET":
        form.after.data = others[place - 1].id if place else 0
    is_step = step.place.data is not None
    if request.method == "POST" and (step.validate() if is_step else form.validate()):
        wanted = step.place.data if is_step else [0, *(other.id for other in others)].index(form.after.data)
        try:
            arranging.move_section(current_person(), section, wanted)
        except Invalid as error:
            form.take(error)
        else:
            tell(
                gettext("“%(title)s” is moved; numbers and references follow.", title=section.title),
                undo=url_for(".move_section", slug=draft.slug, section=section.key),
                undo_name="place",
                undo_value=place,
            )
            return redirect(to_live(draft, section), 303)
    page = render_template(
        "drafts/move_section.html", form=form, draft=draft, section=section, place=place, last=len(others)
    )
    return page, 422 if request.method == "POST" else 200


def _titles(draft: Draft) -> dict[str, str]:
    """Return what sections are called in lists, by key: number and title."""
    titles = {}
    number = 0
    for section in draft.living_sections:
        number += section.is_recommendation
        titles[section.key] = f"{number}. {section.title}" if section.is_recommendation else section.title
    return titles


@blueprint.route("/drafts/<slug>/live/<section>/retire", methods=["POST"])
@guard(policy.may_arrange_section, load=load_section)
def retire_section(section: Section) -> ResponseReturnValue:
    """Take a section out of the text."""
    arranging.retire_section(current_person(), section)
    tell(
        gettext("“%(title)s” is out of the text. It is kept at the end of this page.", title=section.title),
        undo=url_for(".bring_back_section", slug=section.draft.slug, section=section.key),
    )
    return redirect(url_for(".live", slug=section.draft.slug), 303)


@blueprint.route("/drafts/<slug>/live/<section>/bring-back", methods=["POST"])
@guard(policy.may_arrange_section, load=load_section)
def bring_back_section(section: Section) -> ResponseReturnValue:
    """Put a retired section back."""
    arranging.bring_back_section(current_person(), section)
    tell(
        gettext("“%(title)s” is back where it stood.", title=section.title),
        undo=url_for(".retire_section", slug=section.draft.slug, section=section.key),
    )
    return redirect(to_live(section.draft, section), 303)
