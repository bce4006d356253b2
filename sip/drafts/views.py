"""Documents: the list of them, reading one, one recommendation, what happened; begun and named anew."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext

from sip.core.errors import Invalid, Missing
from sip.cycles import queries as cycle_queries
from sip.cycles.models import Theme
from sip.cycles.stages import Stage
from sip.drafts import (
    editing_views,
    histories,
    import_views,
    live_history_views,
    live_views,
    policy,
    queries,
    status_views,
    version_views,
)
from sip.drafts.actions import arranging, documents
from sip.drafts.blueprint import blueprint
from sip.drafts.forms import DraftForm, TitleForm
from sip.drafts.loading import (
    load_draft,
    load_place,
    load_reading,
    load_theme,
    may_read_place,
    may_read_published,
)
from sip.drafts.models import Draft, VersionSection
from sip.drafts.reading_page import reading_page
from sip.drafts.readings import Asked, Reading
from sip.drafts.rendering import alone
from sip.drafts.standing import standing_of
from sip.groups.models import WorkingGroup
from sip.groups.policy import role_in
from sip.threads.section_page import life_of
from sip.threads.showing import talk_of
from sip.web.guard import anyone, current_person, current_reader, guard
from sip.web.once import once
from sip.web.paging import paginate

__all__ = [
    "blueprint",
    "editing_views",
    "import_views",
    "live_history_views",
    "live_views",
    "status_views",
    "version_views",
]


@blueprint.route("/drafts")
@guard(anyone)
def index() -> ResponseReturnValue:
    """All documents that one may know of."""
    theme, cycle = request.args.get("theme", ""), request.args.get("cycle", "")
    person = current_person()
    chosen = cycle_queries.chosen(theme, cycle)
    total = queries.count_documents(person, **chosen)
    page = paginate(queries.documents(person, **chosen), total=total, per_page=20)
    return render_template(
        "drafts/index.html",
        page=page,
        chosen_theme=theme,
        chosen_cycle=cycle,
        themes=cycle_queries.themes_to_choose(),
        to_write_for=queries.themes_led_by(person) if person else [],
    )


@blueprint.route("/drafts/new", methods=["GET", "POST"])
@once
@guard(policy.may_create_draft, load=load_theme)
def create(theme: Theme, groups: list[WorkingGroup]) -> ResponseReturnValue:
    """Begin an empty document."""
    form = new_draft_form(groups)
    if form.validate_on_submit():
        try:
            draft = documents.create_draft(
                current_person(), theme, form.title.data, form.chosen(groups), language=form.language.data
            )
        except Invalid as error:
            form.take(error)
        else:
            if policy.may_arrange(current_person(), draft):
                done = gettext("The document has begun. Add its first section: an introduction, or a recommendation.")
            else:
                done = gettext("The document has begun. Its group can write in it now.")
            flash(done, "success")
            return redirect(import_views.where_to_go_on(draft, ".add_section"), 303)
    return render_template("drafts/create.html", form=form, for_theme=theme, groups=groups), 422 if form.errors else 200


def new_draft_form(groups: list[WorkingGroup]) -> DraftForm:
    """Return the form of a new document, one's own groups chosen, in the reader's language."""
    form = DraftForm(language=str(get_locale()))
    form.offer(groups)
    if request.method == "GET":
        form.groups.data = [group.id for group in groups if role_in(current_person(), group)]
        if len(groups) == 1:
            form.groups.data = [groups[0].id]
    return form


@blueprint.route("/drafts/<slug>")
@guard(may_read_published, load=load_reading, who=current_reader)
def show(reading: Reading, asked: Asked) -> ResponseReturnValue:
    """What do they recommend? The last published version; the live text where there is none and one may read it."""
    if reading.published_number is None:
        return redirect(url_for(".live", slug=reading.slug))
    return reading_page("drafts/show.html", reading, asked, talk=talk_of(current_reader(), asked.draft))


@blueprint.route("/drafts/<slug>/<section>")
@guard(may_read_place, load=load_place)
def section(draft: Draft, slug: str) -> ResponseReturnValue:
    """One section as the last published version has it, and its life so far."""
    version = queries.version_with_contents(draft, draft.published_number or 0)
    if version is None:
        return redirect(url_for(".live", slug=draft.slug, _anchor=slug))
    shown = queries.section_of_version(version, slug)
    if shown is None:
        return redirect(url_for(".section", slug=draft.slug, section=_moved_to(draft, slug)), 301)
    person = current_person()
    may_read_live = bool(policy.may_read_live(person, draft))
    sections = list(histories.neighbours(version))
    place = sections.index(shown)
    section_html = alone(shown.html, shown.slug, url_for(".show", slug=draft.slug))
    life = life_of(person, draft, version, shown, section_html)
    return render_template(
        "drafts/section.html",
        draft=draft,
        version=version,
        section=shown,
        section_html=life.section_html,
        life=life,
        talk=life.talk,
        **_standing_of(draft, shown),
        states=histories.states_of_section(draft, shown.key, only_published=not may_read_live),
        before=sections[place - 1] if place else None,
        after=sections[place + 1] if place + 1 < len(sections) else None,
    )


def _standing_of(draft: Draft, shown: VersionSection) -> dict[str, Any]:
    """Return where a section of a version stands; one that the live text never had, where it stood when frozen."""
    section = next((section for section in draft.sections if section.key == shown.key), None)
    standing = standing_of(current_person(), draft, section)
    return standing if section else {**standing, "stage": Stage(shown.stage), "stages": None}


def _moved_to(draft: Draft, slug: str) -> str:
    """Return the published address of a section that had, or in the live text has, the address `slug`."""
    key = histories.key_of_former_slug(draft, slug) or queries.key_of_slug(draft, slug)
    now = queries.published_slug(draft, key) if key else None
    if now is None or now == slug:
        raise Missing
    return now


@blueprint.route("/drafts/<slug>/settings", methods=["GET", "POST"])
@guard(policy.may_arrange, load=load_draft)
def settings(draft: Draft) -> ResponseReturnValue:
    """Change the title."""
    form = TitleForm(obj=draft)
    if form.validate_on_submit():
        arranging.rename_draft(current_person(), draft, form.title.data)
        flash(gettext("The title has changed. Readers see the new one from the next version on."), "success")
        return redirect(url_for(".live", slug=draft.slug), 303)
    return render_template("drafts/settings.html", form=form, draft=draft), 422 if form.errors else 200


@blueprint.route("/drafts/<slug>/history")
@guard(policy.may_read_live, load=load_draft)
def history(draft: Draft) -> ResponseReturnValue:
    """What happened to the document, the latest first."""
    return render_template("drafts/history.html", draft=draft, page=paginate(histories.journal_of(draft)))
