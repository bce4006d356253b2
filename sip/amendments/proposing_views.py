"""Amendments by their authors: the passage chosen, the text proposed, improved; and hidden by moderators."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext

from sip.amendments import policy
from sip.amendments.actions import hiding, proposing
from sip.amendments.blueprint import blueprint
from sip.amendments.forms import AmendmentForm, HidingForm
from sip.amendments.loading import Spot, load_amendment, load_draft, spot_of
from sip.amendments.models import Amendment, AmendmentKind
from sip.amendments.showing import preview, reader_of, shown
from sip.core.access import require
from sip.core.errors import Invalid
from sip.drafts import queries as draft_queries
from sip.drafts.actions.passages import MOST_CHARACTERS
from sip.drafts.models import Draft
from sip.drafts.policy import may_read_draft, may_read_live
from sip.drafts.texts.readable import blocks_of, readable_text
from sip.threads.loading import ticked
from sip.web.guard import current_person, guard
from sip.web.once import once
from sip.web.telling import tell

ON_A_PASSAGE = (AmendmentKind.CHANGE, AmendmentKind.STRIKE)


@blueprint.route("/drafts/<slug>/amendments/choose")
@guard(may_read_draft, load=load_draft)
def choose(draft: Draft) -> ResponseReturnValue:
    """What should say something else? A section first, then its sentences."""
    spot = spot_of(draft)
    require(policy.may_amend(current_person(), draft, spot.section.key if spot.section else None))
    if spot.section is None:
        sections = draft_queries.sections_of_version(spot.version)
        may = {section.key: policy.may_amend(current_person(), draft, section.key) for section in sections}
        return render_template(
            "amendments/choose_section.html", draft=draft, spot=spot, sections=sections, may=may, **_place(draft)
        )
    text = readable_text(spot.section.html)
    chosen, error = ticked(len(text)), ""
    if chosen:
        if chosen[1] - chosen[0] <= MOST_CHARACTERS:
            return redirect(url_for(".new", slug=draft.slug, **_address(spot, start=chosen[0], end=chosen[1])))
        error = gettext("This is too long: choose a shorter passage. Several amendments are fine.")
    elif "choose" in request.args:
        error = gettext("Tick at least one sentence.")
    page = render_template(
        "amendments/choose.html",
        draft=draft,
        spot=spot,
        blocks=blocks_of(spot.section.html, spot.version.language),
        text=text,
        ticked=request.args.getlist("s"),
        error=error,
        **_place(draft),
    )
    return page, 422 if error else 200


def _address(spot: Spot, **values: Any) -> dict[str, Any]:
    """Return what names a spot in an address, with other values where they are given."""
    named = {
        "version": spot.version.number,
        "key": spot.section.key if spot.section else None,
        "start": spot.start,
        "end": spot.end,
        "thread": spot.thread.id if spot.thread else None,
    }
    return {**named, **values}


def _place(draft: Draft) -> dict[str, Any]:
    """Return what the frame of a document's pages needs."""
    return {"may_read_live": may_read_live(current_person(), draft)}


@blueprint.route("/drafts/<slug>/amendments/new", methods=["GET", "POST"])
@once
@guard(may_read_draft, load=load_draft)
def new(draft: Draft) -> ResponseReturnValue:
    """Propose other words for a passage, strike it, or add something new."""
    spot = spot_of(draft)
    kind = _kind(spot)
    is_whole = kind is AmendmentKind.NEW_RECOMMENDATION
    require(policy.may_amend(current_person(), draft, spot.section.key if spot.section and not is_whole else None))
    if kind is None:
        return redirect(url_for(".choose", slug=draft.slug, **_address(spot, start=None, end=None)))
    form = AmendmentForm()
    if request.method == "GET":
        form.proposed.data = spot.source if kind is AmendmentKind.CHANGE else ""
    is_preview = request.form.get("action") == "preview"
    if not is_preview and form.validate_on_submit():
        try:
            return _propose(draft, kind, spot, form)
        except Invalid as error:
            form.take(error)
    reader = reader_of(draft, spot.version)
    stretch = spot.stretch if kind in ON_A_PASSAGE else None
    pieces = preview(reader, spot.section, kind, stretch, form.title.data or "", form.proposed.data or "")
    page = render_template(
        "amendments/new.html",
        draft=draft,
        spot=spot,
        kind=kind,
        form=form,
        address=_address(spot),
        keep=_kept(draft, kind, spot),
        pieces=pieces,
        is_same=kind is AmendmentKind.CHANGE and form.proposed.data == spot.source,
        **_place(draft),
    )
    return page, 422 if form.errors else 200


def _kind(spot: Spot) -> AmendmentKind | None:
    """Return the kind asked for, as far as the spot has what it needs; None where a passage must be chosen first."""
    asked = next((kind for kind in AmendmentKind if kind.value == request.args.get("kind")), None)
    if asked is AmendmentKind.NEW_RECOMMENDATION or (asked is AmendmentKind.NEW_MEASURE and spot.section is not None):
        return asked
    if spot.stretch is None:
        return None
    return asked if asked in ON_A_PASSAGE else AmendmentKind.CHANGE


def _kept(draft: Draft, kind: AmendmentKind, spot: Spot) -> str:
    """Return the name under which a device keeps what is typed, until it is saved."""
    key = spot.section.key if spot.section else ""
    return f"amendment:{draft.id}-{spot.version.number}-{kind}-{key}-{spot.start}-{spot.end}"


def _propose(draft: Draft, kind: AmendmentKind, spot: Spot, form: AmendmentForm) -> ResponseReturnValue:
    is_on_passage = kind in ON_A_PASSAGE
    amendment = proposing.propose(
        current_person(),
        draft,
        kind,
        form.proposed.data,
        form.reason.data,
        version=spot.version,
        key=spot.section.key if spot.section and kind is not AmendmentKind.NEW_RECOMMENDATION else None,
        start=spot.start if is_on_passage else None,
        end=spot.end if is_on_passage else None,
        # What the page showed comes back with the form; a program may leave it out.
        words=request.form.get("words", spot.words).replace("\r\n", "\n") if is_on_passage else "",
        title=form.title.data or "",
        thread=spot.thread,
        language=str(get_locale()),
    )
    text = gettext(
        "Your amendment is proposed. Others can support it now, and the group will answer it with its reasons."
    )
    tell(text, saved=_kept(draft, kind, spot))
    return redirect(url_for(".show", number=amendment.id), 303)


@blueprint.route("/amendments/<int:number>/improve", methods=["GET", "POST"])
@once
@guard(policy.may_improve, load=load_amendment)
def improve(amendment: Amendment) -> ResponseReturnValue:
    """Give one's own amendment another text or reason."""
    draft, person = amendment.draft, current_person()
    form, keep = AmendmentForm(obj=amendment), f"amendment:improve-{amendment.id}-{amendment.revision}"
    is_preview = request.form.get("action") == "preview"
    if not is_preview and form.validate_on_submit():
        try:
            proposing.improve(
                person,
                amendment,
                form.proposed.data,
                form.reason.data,
                title=form.title.data or "",
                language=str(get_locale()),
            )
        except Invalid as error:
            form.take(error)
        else:
            text = gettext("Your amendment is improved. Whoever supported its text was told, and can confirm.")
            tell(text, saved=keep)
            return redirect(url_for(".show", number=amendment.id), 303)
    version = draft_queries.version_with_contents(draft, draft.published_number or 0)
    item = shown(person, draft, version, reader_of(draft, version), [amendment])[0]
    page = render_template(
        "amendments/improve.html",
        draft=draft,
        amendment=amendment,
        item=item,
        form=form,
        keep=keep,
        pieces=item.proposed_as(form.title.data or "", form.proposed.data or ""),
        **_place(draft),
    )
    return page, 422 if form.errors else 200


@blueprint.route("/amendments/<int:number>/hide", methods=["GET", "POST"])
@once
@guard(policy.may_hide, load=load_amendment)
def hide(amendment: Amendment) -> ResponseReturnValue:
    """Hide an amendment that breaks the rules."""
    form = HidingForm()
    if form.validate_on_submit():
        try:
            hiding.hide(current_person(), amendment, form.reason.data)
        except Invalid as error:
            form.take(error)
        else:
            flash(gettext("The amendment is hidden. Its author was told why."), "success")
            return redirect(url_for(".show", number=amendment.id), 303)
    page = render_template("amendments/hide.html", amendment=amendment, draft=amendment.draft, form=form)
    return page, 422 if form.errors else 200


@blueprint.route("/amendments/<int:number>/show-again", methods=["POST"])
@guard(policy.may_hide, load=load_amendment)
def show_again(amendment: Amendment) -> ResponseReturnValue:
    """Let everybody see an amendment again."""
    hiding.show_again(current_person(), amendment)
    flash(gettext("Everybody can read the amendment again."), "success")
    return redirect(url_for(".show", number=amendment.id), 303)
