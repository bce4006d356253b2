"""Versions: frozen, listed, read, published, restored, compared, and their file."""

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from sip.core import clock
from sip.core.errors import Invalid, Missing
from sip.drafts import comparing, policy, queries
from sip.drafts.actions import versions as version_actions
from sip.drafts.actions.filing import version_file
from sip.drafts.blueprint import blueprint
from sip.drafts.files import write_version
from sip.drafts.forms import FreezeForm, RestoreForm
from sip.drafts.labels import proposed_label
from sip.drafts.loading import (
    load_draft,
    load_live_draft,
    load_pair,
    load_reading,
    load_version,
    may_compare,
    may_read_numbered,
    number_of,
)
from sip.drafts.models import Draft, Version
from sip.drafts.reading_page import reading_page
from sip.drafts.readings import Asked, Reading
from sip.threads.showing import talk_of
from sip.web.guard import current_person, current_reader, guard
from sip.web.once import once
from sip.web.paging import paginate

VIEWS = ("inline", "side")


@blueprint.route("/drafts/<slug>/freeze", methods=["GET", "POST"])
@once
@guard(policy.may_freeze, load=load_live_draft)
def freeze(draft: Draft) -> ResponseReturnValue:
    """Freeze the live text as a version."""
    form = FreezeForm(label=proposed_label(draft.language, clock.today()))
    if form.validate_on_submit():
        try:
            version = version_actions.freeze_version(current_person(), draft, form.label.data, form.note.data)
        except Invalid as error:
            form.take(error)
        else:
            flash(
                gettext("Version %(number)s is frozen: it will not change any more.", number=version.number), "success"
            )
            return redirect(url_for(".version", slug=draft.slug, number=version.number), 303)
    last = queries.last_version(draft)
    page = render_template(
        "drafts/freeze.html",
        form=form,
        draft=draft,
        last=last,
        changes=[change for change in comparing.changes_since(last, draft) if _is_change(change)],
        broken=version_actions.broken_in(draft),
    )
    return page, 422 if form.errors else 200


def _is_change(change: Any) -> bool:
    return bool(change.is_new or change.is_gone or change.is_moved or change.is_renamed or change.is_changed)


@blueprint.route("/drafts/<slug>/versions")
@guard(policy.may_read_draft, load=load_draft)
def versions(draft: Draft) -> ResponseReturnValue:
    """Which states were there? And a choice of two to compare."""
    may_read_live = bool(policy.may_read_live(current_person(), draft))
    query = queries.versions(draft, only_published=not may_read_live)
    return render_template(
        "drafts/versions.html",
        draft=draft,
        page=paginate(query),
        choices=queries.version_choices(draft, only_published=not may_read_live),
        may_read_live=may_read_live,
    )


@blueprint.route("/drafts/<slug>/versions/<int:number>")
@guard(may_read_numbered, load=load_reading, who=current_reader)
def version(reading: Reading, asked: Asked) -> ResponseReturnValue:
    """What did this version say?"""
    reader = current_reader()
    return reading_page(
        "drafts/version.html",
        reading,
        asked,
        may_publish=policy.may_publish(reader, asked.version),
        may_freeze=policy.may_freeze(reader, asked.draft),
        talk=talk_of(reader, asked.draft),
    )


@blueprint.route("/drafts/<slug>/versions/<int:number>.md")
@guard(policy.may_read_version, load=load_version)
def source(version: Version) -> ResponseReturnValue:
    """The version's file, whose hash anybody can verify."""
    response = Response(write_version(version_file(version)), mimetype="text/markdown")
    name = f"{version.draft.slug}-{version.number}.md"
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    response.set_etag(version.hash)
    return response.make_conditional(request)


@blueprint.route("/drafts/<slug>/versions/<int:number>/publish", methods=["POST"])
@once
@guard(policy.may_publish, load=load_version)
def publish(version: Version) -> ResponseReturnValue:
    """Let everybody read a version."""
    version_actions.publish_version(current_person(), version)
    flash(gettext("Version %(number)s is published: everybody can read it now.", number=version.number), "success")
    return redirect(url_for(".show", slug=version.draft.slug), 303)


@blueprint.route("/drafts/<slug>/versions/<int:number>/restore", methods=["GET", "POST"])
@once
@guard(policy.may_restore, load=load_version)
def restore(version: Version) -> ResponseReturnValue:
    """Take the text of an earlier version back, as a new version."""
    draft, form = version.draft, RestoreForm()
    if form.validate_on_submit():
        before = draft.latest_number
        try:
            restored = version_actions.restore_version(current_person(), version, form.note.data)
        except Invalid as error:
            form.take(error)
        else:
            flash(
                gettext(
                    "The text is again what version %(old)s said; this is version %(new)s. "
                    "To undo it, restore version %(before)s.",
                    old=version.number,
                    new=restored.number,
                    before=before,
                ),
                "success",
            )
            return redirect(url_for(".version", slug=draft.slug, number=restored.number), 303)
    last = queries.last_version(draft)
    queries.load_texts(draft)
    has_unfrozen = last is not None and any(map(_is_change, comparing.changes_since(last, draft)))
    page = render_template(
        "drafts/restore.html",
        form=form,
        draft=draft,
        version=version,
        has_unfrozen=has_unfrozen,
        may_take_back=version_actions.may_take_back(current_person(), version),
    )
    return page, 422 if form.errors else 200


@blueprint.route("/drafts/<slug>/versions/compare")
@guard(policy.may_read_draft, load=load_draft)
def choose_versions(draft: Draft) -> ResponseReturnValue:
    """Lead from the choice of two versions to their comparison."""
    old, new = sorted(number_of(request.args.get(name, "")) for name in ("old", "new"))
    if not old:
        raise Missing
    if old == new:
        flash(gettext("Choose two different versions."), "warning")
        return redirect(url_for(".versions", slug=draft.slug))
    return redirect(url_for(".compare", slug=draft.slug, old=old, new=new))


@blueprint.route("/drafts/<slug>/versions/<int:old>..<int:new>")
@guard(may_compare, load=load_pair)
def compare(old: Version, new: Version) -> ResponseReturnValue:
    """What changed between two versions?"""
    slug = new.draft.slug
    if old.number >= new.number:
        return redirect(url_for(".choose_versions", slug=slug, old=new.number, new=old.number))
    view = request.args.get("view", VIEWS[0])
    comparison = comparing.comparison_of(old, new)
    may_read_live = bool(policy.may_read_live(current_person(), new.draft))
    return render_template(
        "drafts/compare.html",
        draft=new.draft,
        old=old,
        new=new,
        comparison=comparison,
        view=view if view in VIEWS else VIEWS[0],
        choices=queries.version_choices(new.draft, only_published=not may_read_live),
        may_read_live=may_read_live,
    )
