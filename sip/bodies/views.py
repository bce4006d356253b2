"""The pages of bodies: their list, one of them, and how they are kept up to date."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext

from sip.bodies import policy, queries, referral_views, seat_views
from sip.bodies.actions import keeping
from sip.bodies.blueprint import blueprint
from sip.bodies.forms import BodyForm, NewBodyForm
from sip.bodies.loading import load_body
from sip.bodies.models import Body, BodyKind
from sip.core.db import db
from sip.core.errors import Conflict, Invalid
from sip.cycles import queries as cycle_queries
from sip.meetings import queries as meetings
from sip.web.guard import anyone, current_person, guard
from sip.web.once import once
from sip.web.paging import paginate

__all__ = ["blueprint", "referral_views", "seat_views"]

SHOWN_MEETINGS = 3
SHOWN_POINTS = 5
MOST_CYCLES = 200


@blueprint.get("/bodies")
@guard(anyone)
def index() -> str:
    """Which bodies does the cooperative have?"""
    person = current_person()
    return render_template(
        "bodies/index.html",
        page=paginate(queries.bodies()),
        mine={body.id for body in queries.bodies_of(person)},
        may_create=policy.may_manage_bodies(person),
    )


@blueprint.get("/bodies/<slug>")
@guard(policy.may_read_body, load=load_body)
def show(body: Body) -> str:
    """What is this body for, who sits in it, when does it meet, what does it speak about?"""
    person = current_person()
    sits = policy.sits_in(person, body)
    shown = db.session.scalars(meetings.proposals_of(body).limit(SHOWN_POINTS + 1)).all() if person else []
    return render_template(
        "bodies/show.html",
        body=body,
        people=queries.people_of(body),
        sits=sits,
        ahead=meetings.meetings_of(body, is_past=False, limit=SHOWN_MEETINGS),
        past=meetings.meetings_of(body, is_past=True, limit=SHOWN_MEETINGS),
        points=shown[:SHOWN_POINTS],
        has_more_points=len(shown) > SHOWN_POINTS,
        waiting=queries.count_waiting(person, [body]) if sits else 0,
        may_refer=policy.may_refer(person, body),
        may_edit=policy.may_edit_body(person, body),
        may_choose_seats=policy.may_choose_seats(person, body),
    )


@blueprint.route("/bodies/create", methods=["GET", "POST"])
@once
@guard(policy.may_manage_bodies)
def create() -> Any:
    """Make a body."""
    form = NewBodyForm()
    _offer(form)
    if form.validate_on_submit():
        try:
            body = keeping.create_body(current_person(), form.chosen, form.values())
        except Invalid as error:
            form.take(error)
        else:
            if policy.may_choose_seats(current_person(), body):
                flash(gettext("The body is there. Next: say who sits in it."), "success")
                return redirect(url_for(".seats", slug=body.slug), 303)
            flash(gettext("The body is there."), "success")
            return redirect(url_for(".show", slug=body.slug), 303)
    return render_template("bodies/create.html", form=form), form.status


@blueprint.route("/bodies/<slug>/edit", methods=["GET", "POST"])
@guard(policy.may_edit_body, load=load_body)
def edit(body: Body) -> Any:
    """Change a body's name and role."""
    form = BodyForm(keeping.body_values(body))
    _offer(form)
    if body.kind != BodyKind.LOCAL:
        del form.office
    if body.kind != BodyKind.STEERING:
        del form.cycle
    if form.validate_on_submit():
        try:
            keeping.edit_body(current_person(), body, form.values(), form.began_from.data or "")
        except Invalid as error:
            form.take(error)
        except Conflict as error:
            form.show_theirs(error, keeping.body_values(body))
        else:
            flash(gettext("“%(name)s” is saved.", name=body.name), "success")
            return redirect(url_for(".show", slug=body.slug), 303)
    return render_template("bodies/edit.html", form=form, body=body), form.status


def _offer(form: BodyForm) -> None:
    form.offer(cycle_queries.offices(), db.session.scalars(cycle_queries.cycles().limit(MOST_CYCLES)))
