"""Who sits in a body: look people up, give and take seats."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from sip.bodies import policy, queries
from sip.bodies.actions import keeping
from sip.bodies.blueprint import blueprint
from sip.bodies.forms import SeatForm
from sip.bodies.loading import load_body
from sip.bodies.models import Body
from sip.core.db import db
from sip.core.errors import Invalid, Missing
from sip.people import queries as people
from sip.web.guard import current_person, guard
from sip.web.once import once

FOUND_PEOPLE = 20
MOST_WORDS = 100  # characters


@blueprint.route("/bodies/<slug>/seats", methods=["GET", "POST"])
@once
@guard(policy.may_choose_seats, load=load_body)
def seats(body: Body) -> Any:
    """Choose who sits in a body: look people up, give seats, say as what they sit there."""
    if request.method == "GET":
        return _page(body, None)
    form = SeatForm()
    if form.validate():
        person = people.person_by_id(_number(form.person.data))
        try:
            keeping.seat(current_person(), body, person, form.title.data or "")
        except Invalid as error:
            form.take(error)
        else:
            flash(gettext("%(name)s sits in %(body)s.", name=person.name, body=body.name), "success")
            return redirect(url_for(".seats", slug=body.slug), 303)
    return _page(body, form), 422


@blueprint.post("/bodies/<slug>/seats/remove")
@guard(policy.may_choose_seats, load=load_body)
def remove_seat(body: Body) -> Any:
    """Take somebody's seat away."""
    person = keeping.unseat(current_person(), body, _number(request.form.get("person")))
    if person is not None:
        flash(gettext("%(name)s does not sit in %(body)s any more.", name=person.name, body=body.name), "success")
    return redirect(url_for(".seats", slug=body.slug), 303)


def _page(body: Body, wrong: SeatForm | None) -> str:
    words = request.args.get("q", "").replace("\0", "").strip()[:MOST_WORDS]
    found = list(db.session.scalars(people.people_list(words).limit(FOUND_PEOPLE + 1))) if words else []
    return render_template(
        "bodies/seats.html",
        body=body,
        people=queries.people_of(body),
        words=words,
        found=found[:FOUND_PEOPLE],
        is_more=len(found) > FOUND_PEOPLE,
        seated={seat.person_id for seat in body.seats},
        wrong=wrong,
        most=keeping.MAX_TITLE,
    )


def _number(text: str | None) -> int:
    """Read the id of a row; raises Missing where it can be none."""
    if text is None or not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise Missing
    return int(text)
