"""The home page, help, and what is kept on a device: language and theme."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from sip.cycles.stages import RIGHTS, STAGE_MEANINGS, STAGE_NAMES, Role, Verb
from sip.cycles.words import ROLE_NAMES, VERB_NAMES
from sip.home import queries
from sip.home.forms import SampleForm
from sip.people import actions as people
from sip.people.session import current_person
from sip.web.guard import anyone, guard
from sip.web.i18n import languages
from sip.web.paging import Page
from sip.web.redirects import local_path

blueprint = Blueprint("home", __name__)

THEMES = ("auto", "light", "dark")


@blueprint.get("/")
@guard(anyone)
def index() -> Any:
    """Visitor: what is this, what is being discussed now? Member: what awaits me?"""
    person = current_person()
    if person is None and queries.is_empty():
        return redirect(url_for("people.first_administrator"))
    shared = {"current": queries.current_cycle(), "published": queries.published()}
    if person is None:
        return render_template("home/visitor.html", members=queries.members(), offices=queries.offices(), **shared)
    return render_template("home/member.html", awaiting=queries.awaiting(person), **shared)


@blueprint.post("/preferences")
@guard(anyone, is_harmless=True)
def preferences() -> Response:
    """Keep the language and the theme chosen in the footer, and go back to the page."""
    language = request.form.get("language")
    if language in languages():
        session["language"] = language
        person = current_person()
        if person is not None:
            people.choose_language(person, language)
    if request.form.get("theme") in THEMES:
        session["theme"] = request.form["theme"]
    return redirect(local_path(request.form.get("next")) or url_for("home.index"), 303)


@blueprint.get("/help/rights")
@guard(anyone)
def rights() -> str:
    """Who can do what, stage by stage: the table that the policies ask, in words."""
    stages = [
        {
            "name": STAGE_NAMES[stage],
            "key": stage.value,
            "meaning": STAGE_MEANINGS[stage],
            "rows": [
                {"verb": VERB_NAMES[verb], "roles": [ROLE_NAMES[role] for role in Role if verb in roles[role]]}
                for verb in Verb
            ],
        }
        for stage, roles in RIGHTS.items()
    ]
    return render_template("home/rights.html", stages=stages, role_count=len(Role))


@blueprint.get("/help/words")
@guard(anyone)
def words() -> str:
    """What the words of this place mean."""
    return render_template("home/words.html")


@blueprint.get("/design")
@guard(anyone)
def design() -> str:
    """Every part of the pages, in all its states; with `?errors=1` the form shows what is wrong with it."""
    form = SampleForm(formdata=None)
    if "errors" in request.args:
        form.validate()
    return render_template("home/design.html", form=form, page=Page(items=(), number=2, per_page=30, total=95))
