"""Pages of cycles, their timelines, themes and steering committees, and of offices."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, current_app, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from sqlalchemy import select

from sip.core import clock
from sip.core.db import db
from sip.core.errors import Conflict, Invalid, Missing
from sip.cycles import actions, policy, queries
from sip.cycles.forms import CycleForm, MilestoneForm, OfficeForm, ThemeForm
from sip.cycles.models import Cycle, Milestone, Office, Theme
from sip.cycles.stages import STAGE_NAMES, Stage
from sip.drafts import queries as drafts
from sip.groups import queries as groups
from sip.people import queries as people
from sip.people.session import current_person
from sip.web.guard import anyone, guard
from sip.web.i18n import translate
from sip.web.once import once
from sip.web.paging import paginate
from sip.web.visitor_pages import may_be_shared

blueprint = Blueprint("cycles", __name__)

SHOWN_DOCUMENTS = 5  # of each theme
SHOWN_AFTER = timedelta(days=60)  # that the timeline still tells of a stage that closed
FOUND_PEOPLE = 20

# The titles of the parts of a brief, in the reader's language.
BRIEF_TITLES = {
    "context": lazy_gettext("Context"),
    "reflection": lazy_gettext("State of reflection"),
    "objectives": lazy_gettext("Objectives"),
    "questions": lazy_gettext("Key questions"),
}


@blueprint.get("/cycles")
@guard(anyone)
def index() -> str:
    """All cycles, the latest first."""
    return render_template(
        "cycles/index.html",
        page=paginate(queries.cycles()),
        may_create=policy.may_manage_cycles(current_person()),
    )


@blueprint.get("/cycles/<slug>")
@guard(policy.may_read_cycle, load=queries.cycle_by_slug)
def show(cycle: Cycle) -> Response:
    """What is this cycle about, and where does it stand?"""
    person = current_person()
    by_theme, groups_by_theme = defaultdict(list), defaultdict(list)
    theme_ids = [theme.id for theme in cycle.themes]
    for draft in drafts.latest_of_themes(person, theme_ids, SHOWN_DOCUMENTS + 1):
        by_theme[draft.theme_id].append(draft)
    for row in groups.groups_of_cycle(cycle):
        groups_by_theme[row.group.theme_id].append(row)
    page = render_template(
        "cycles/show.html",
        cycle=cycle,
        now=queries.milestones_now(cycle),
        next=queries.next_milestone(cycle),
        timeline=sorted([*cycle.milestones, *_closings(cycle)], key=lambda date: date.on),
        documents=by_theme,
        shown=SHOWN_DOCUMENTS,
        published=_count_published(cycle),
        groups=groups_by_theme,
        participation=groups.participation(cycle),
        may_edit=policy.may_edit_cycle(person, cycle),
        may_choose_steering=policy.may_choose_steering(person, cycle),
    )
    return may_be_shared(make_response(page))


@dataclass
class Closing:
    """A day on which a stage closes for recommendations of some documents, as the timeline shows it."""

    on: date
    stage: str
    documents: list[tuple[str, str]] = field(default_factory=list)  # slug and title
    until: date | None = None
    note: str = ""

    @property
    def ends_on(self) -> date:
        return self.on

    @property
    def title(self) -> str:
        return gettext("The stage “%(stage)s” closes", stage=translate(STAGE_NAMES[Stage(self.stage)]))


def _closings(cycle: Cycle) -> list[Closing]:
    """Return the days on which stages of this cycle's documents close, or have closed in the last weeks."""
    zone = ZoneInfo(current_app.config["SETTINGS"].time_zone)
    found: dict[tuple[date, str], Closing] = {}
    for row in drafts.closings(cycle, clock.now() - SHOWN_AFTER):
        day = row.closes_at.astimezone(zone).date()
        closing = found.setdefault((day, row.stage), Closing(day, row.stage))
        if (row.slug, row.title) not in closing.documents:
            closing.documents.append((row.slug, row.title))
    return list(found.values())


def _count_published(cycle: Cycle) -> int:
    """Count what everybody can read."""
    return drafts.count_documents(None, cycle_id=cycle.id)


@blueprint.route("/cycles/create", methods=["GET", "POST"])
@once
@guard(policy.may_manage_cycles)
def create() -> Any:
    """Prepare a new cycle."""
    form = CycleForm()
    if form.validate_on_submit():
        try:
            cycle = actions.create_cycle(current_person(), form.values())
        except Invalid as error:
            form.take(error)
        else:
            flash(gettext("The cycle is there. Next: add its milestones and its themes."), "success")
            return redirect(url_for("cycles.show", slug=cycle.slug), 303)
    return render_template("cycles/create.html", form=form), form.status


@blueprint.route("/cycles/<slug>/edit", methods=["GET", "POST"])
@guard(policy.may_edit_cycle, load=queries.cycle_by_slug)
def edit(cycle: Cycle) -> Any:
    """Change a cycle's title, dates and introduction."""
    form = CycleForm(actions.cycle_values(cycle))
    if form.validate_on_submit():
        try:
            actions.edit_cycle(current_person(), cycle, form.values(), form.began_from.data or "")
        except Invalid as error:
            form.take(error)
        except Conflict as error:
            form.show_theirs(error, actions.cycle_values(cycle))
        else:
            flash(gettext("The cycle is saved."), "success")
            return redirect(url_for("cycles.show", slug=cycle.slug), 303)
    return render_template("cycles/edit.html", form=form, cycle=cycle), form.status


def _cycles_to_manage() -> list[Cycle]:
    return queries.cycles_to_manage(current_person())


@blueprint.get("/cycles/manage")
@guard(policy.may_open_desk, load=_cycles_to_manage)
def manage(cycles: list[Cycle]) -> str:
    """What administrators and steering committees look after."""
    person = current_person()
    return render_template("cycles/manage.html", cycles=cycles, may_create=policy.may_manage_cycles(person))


@blueprint.get("/cycles/<slug>/history")
@guard(policy.may_read_cycle, load=queries.cycle_by_slug)
def history(cycle: Cycle) -> str:
    """What happened in this cycle, the latest first."""
    published = drafts.documents(None, cycle_id=cycle.id).order_by(None).subquery()
    page = paginate(queries.history(cycle, select(published.c.id)))
    told = {entry.draft_id for entry in page.items}
    slugs = db.session.execute(select(published.c.id, published.c.slug).where(published.c.id.in_(told)))
    return render_template("cycles/history.html", cycle=cycle, page=page, draft_slugs=dict(slugs.all()))


# Milestones: one page with a form for each, and one to add another


@blueprint.route("/cycles/<slug>/milestones", methods=["GET", "POST"])
@once
@guard(policy.may_edit_cycle, load=queries.cycle_by_slug)
def milestones(cycle: Cycle) -> Any:
    """Arrange the timeline; posting adds a milestone."""
    form = MilestoneForm()
    if form.validate_on_submit():
        try:
            milestone = actions.add_milestone(current_person(), cycle, form.values())
        except Invalid as error:
            form.take(error)
        else:
            flash(gettext("“%(title)s” is on the timeline.", title=milestone.title), "success")
            return redirect(url_for("cycles.milestones", slug=cycle.slug), 303)
    return _milestones_page(cycle, new=form), 422 if form.is_submitted() else 200


@blueprint.post("/cycles/<slug>/milestones/<int(max=2147483647):milestone>")
@guard(policy.may_edit_milestone, load=queries.milestone_by_id)
def edit_milestone(milestone: Milestone) -> Any:
    """Change a milestone."""
    form = MilestoneForm(prefix=f"m{milestone.id}-")
    if form.validate():
        try:
            actions.edit_milestone(current_person(), milestone, form.values())
        except Invalid as error:
            form.take(error)
        else:
            flash(gettext("“%(title)s” is saved.", title=milestone.title), "success")
            return redirect(url_for("cycles.milestones", slug=milestone.cycle.slug), 303)
    return _milestones_page(milestone.cycle, changed=(milestone, form)), 422


@blueprint.post("/cycles/<slug>/milestones/<int(max=2147483647):milestone>/remove")
@once
@guard(policy.may_edit_milestone, load=queries.milestone_by_id)
def remove_milestone(milestone: Milestone) -> Any:
    """Take a milestone off the timeline."""
    title, slug = milestone.title, milestone.cycle.slug
    actions.remove_milestone(current_person(), milestone)
    flash(gettext("“%(title)s” is off the timeline.", title=title), "success")
    return redirect(url_for("cycles.milestones", slug=slug), 303)


def _milestones_page(
    cycle: Cycle, new: MilestoneForm | None = None, changed: tuple[Milestone, MilestoneForm] | None = None
) -> str:
    forms = [
        changed if changed and changed[0] is milestone else (milestone, _blank(MilestoneForm, milestone))
        for milestone in cycle.milestones
    ]
    new = new or MilestoneForm(formdata=None)
    wrong = changed[1] if changed else new
    return render_template("cycles/milestones.html", cycle=cycle, forms=forms, new=new, wrong=wrong)


def _blank(form_class: type[MilestoneForm], milestone: Milestone) -> MilestoneForm:
    """Return the form of a milestone as it is saved, whatever the request brings."""
    return form_class(formdata=None, obj=milestone, prefix=f"m{milestone.id}-")


# Steering committee


@blueprint.route("/cycles/<slug>/steering", methods=["GET", "POST"])
@once
@guard(policy.may_choose_steering, load=queries.cycle_by_slug)
def steering(cycle: Cycle) -> Any:
    """Choose who steers the cycle: look people up, add and remove them."""
    words = request.args.get("q", "").replace("\0", "").strip()[:100]
    if request.method == "POST":
        person = people.person_by_id(_number(request.form.get("person")))
        actions.add_to_steering(current_person(), cycle, person)
        flash(gettext("%(name)s steers the cycle from now on.", name=person.name), "success")
        return redirect(url_for("cycles.steering", slug=cycle.slug), 303)
    found = list(db.session.scalars(people.people_list(words).limit(FOUND_PEOPLE + 1))) if words else []
    return render_template(
        "cycles/steering.html",
        cycle=cycle,
        words=words,
        found=found[:FOUND_PEOPLE],
        is_more=len(found) > FOUND_PEOPLE,
        seated={seat.person_id for seat in cycle.seats},
    )


@blueprint.post("/cycles/<slug>/steering/remove")
@guard(policy.may_choose_steering, load=queries.cycle_by_slug)
def remove_from_steering(cycle: Cycle) -> Any:
    """Take somebody's seat away."""
    person = actions.remove_from_steering(current_person(), cycle, _number(request.form.get("person")))
    if person is not None:
        flash(gettext("%(name)s does not steer the cycle any more.", name=person.name), "success")
    return redirect(url_for("cycles.steering", slug=cycle.slug), 303)


def _number(text: str | None) -> int:
    """Read the id of a row; raises Missing where it can be none."""
    if text is None or not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise Missing
    return int(text)


# Themes


@blueprint.get("/cycles/<cycle>/themes/<theme>")
@guard(policy.may_read_theme, load=queries.theme_by_slug)
def theme(theme: Theme) -> str:
    """What is the question, who works on it, what have they written?"""
    person = current_person()
    return render_template(
        "cycles/theme.html",
        theme=theme,
        cycle=theme.cycle,
        titles=BRIEF_TITLES,
        groups=groups.groups_of_theme(theme),
        page=paginate(
            drafts.documents(person, theme_id=theme.id), total=drafts.count_documents(person, theme_id=theme.id)
        ),
        others=[other for other in theme.cycle.themes if other is not theme],
        may_edit=policy.may_edit_theme(person, theme),
    )


@blueprint.route("/cycles/<slug>/themes/create", methods=["GET", "POST"])
@once
@guard(policy.may_edit_cycle, load=queries.cycle_by_slug)
def create_theme(cycle: Cycle) -> Any:
    """Add a theme to a cycle."""
    form = ThemeForm()
    if form.validate_on_submit():
        try:
            theme = actions.create_theme(current_person(), cycle, form.values())
        except Invalid as error:
            form.take(error)
        else:
            flash(gettext("The theme is there. Next: make the working groups that will work on it."), "success")
            return redirect(url_for("cycles.theme", cycle=cycle.slug, theme=theme.slug), 303)
    elif not form.is_submitted():
        form.position.data = queries.position_behind(cycle)
    return render_template("cycles/create_theme.html", form=form, cycle=cycle), form.status


@blueprint.route("/cycles/<cycle>/themes/<theme>/edit", methods=["GET", "POST"])
@guard(policy.may_edit_theme, load=queries.theme_by_slug)
def edit_theme(theme: Theme) -> Any:
    """Change a theme's question and brief."""
    form = ThemeForm(actions.theme_values(theme))
    if form.validate_on_submit():
        try:
            actions.edit_theme(current_person(), theme, form.values(), form.began_from.data or "")
        except Invalid as error:
            form.take(error)
        except Conflict as error:
            form.show_theirs(error, actions.theme_values(theme))
        else:
            flash(gettext("The theme is saved."), "success")
            return redirect(url_for("cycles.theme", cycle=theme.cycle.slug, theme=theme.slug), 303)
    return render_template("cycles/edit_theme.html", form=form, theme=theme, cycle=theme.cycle), form.status


# Offices


@blueprint.get("/offices")
@guard(policy.may_manage_cycles)
def offices() -> str:
    """The local offices, to look after them."""
    return render_template("cycles/offices.html", rows=queries.office_rows())


@blueprint.route("/offices/create", methods=["GET", "POST"])
@once
@guard(policy.may_manage_cycles)
def create_office() -> Any:
    """Add an office."""
    form = OfficeForm()
    if form.validate_on_submit():
        try:
            office = actions.create_office(current_person(), form.values())
        except Invalid as error:
            form.take(error)
        else:
            flash(gettext("%(name)s is there.", name=office.name), "success")
            return redirect(url_for("cycles.offices"), 303)
    return render_template("cycles/create_office.html", form=form), 422 if form.is_submitted() else 200


@blueprint.route("/offices/<slug>/edit", methods=["GET", "POST"])
@guard(policy.may_edit_office, load=queries.office_by_slug)
def edit_office(office: Office) -> Any:
    """Change an office's name, town and country."""
    form = OfficeForm(obj=office)
    if form.validate_on_submit():
        try:
            actions.edit_office(current_person(), office, form.values())
        except Invalid as error:
            form.take(error)
        else:
            flash(gettext("%(name)s is saved.", name=office.name), "success")
            return redirect(url_for("cycles.offices"), 303)
    return render_template("cycles/edit_office.html", form=form, office=office), 422 if form.is_submitted() else 200
