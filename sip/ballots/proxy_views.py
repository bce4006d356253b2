"""Proxies: who votes for me, for whom I vote, given and taken back."""

from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from sip.ballots import policy, rolls
from sip.ballots.actions import proxies as actions
from sip.ballots.blueprint import blueprint
from sip.ballots.forms import ProxyForm, Scope
from sip.ballots.loading import load_proxy, number_of
from sip.ballots.models import Ballot, Proxy
from sip.core import clock
from sip.core.db import db
from sip.core.errors import Invalid
from sip.core.messages import message
from sip.people.models import Person
from sip.people.names import name_key, search_keys
from sip.people.queries import people_list
from sip.web.guard import current_person, guard
from sip.web.once import once
from sip.web.paging import paginate

FOUND = 10  # people shown of a search
_LOOKED_AT = 50
_SHORTEST = 2  # letters of a search


@blueprint.route("/me/proxies", methods=["GET", "POST"])
@once
@guard(policy.may_open_proxies)
def proxies() -> ResponseReturnValue:
    """Who votes for me, and for whom do I vote?"""
    person = current_person()
    words = (request.values.get("q") or "").strip()[:100]
    people, ballots = _found(words), rolls.ballots_for_proxy(person)
    form = ProxyForm()
    form.offer({each.id: each.name for each in people}, {each.id: each.question for each in ballots})
    if request.method == "GET":
        form.ballot.data = request.args.get("ballot", "")
    if form.validate_on_submit():
        try:
            proxy = _give(form, ballots)
        except Invalid as error:
            form.take(error)
        else:
            said = gettext("%(name)s can vote for you now, and gets a mail.", name=proxy.holder.name)
            flash(said, "success")
            return redirect(url_for(".proxies", _anchor="given"), 303)
    page = render_template(
        "ballots/proxies.html",
        form=form,
        words=words,
        people=people,
        has_ballots=bool(ballots),
        given=paginate(rolls.proxies_of(person)),
        held=db.session.scalars(rolls.held_by(person).limit(_LOOKED_AT)).all(),
        is_over=_is_over,
        limit=current_app.config["SETTINGS"].proxies_per_person,
    )
    return page, 422 if form.errors else 200


def _is_over(proxy: Proxy) -> bool:
    """Say whether the time is over in which a proxy could be used."""
    if proxy.ballot is not None:
        return not proxy.ballot.is_unfinished or proxy.ballot.is_awaiting_count
    return proxy.valid_until is not None and proxy.valid_until < clock.now()


def _found(words: str) -> Sequence[Person]:
    """Return members whose name has words that begin so; addresses are nobody's to search by."""
    person, key = current_person(), name_key(words)
    if len(key) < _SHORTEST:
        return []
    found = db.session.scalars(people_list(words).where(Person.joined_at.is_not(None)).limit(_LOOKED_AT)).unique()
    named = [each for each in found if any(name.startswith(key) for name in search_keys(each.name, ""))]
    return [each for each in named if each.id != person.id][:FOUND]


def _give(form: ProxyForm, ballots: Sequence[Ballot]) -> Proxy:
    holder = db.session.get(Person, number_of(form.holder.data or ""))
    if holder is None or holder.joined_at is None:
        raise Invalid(message("Look somebody up, and choose them."), "holder")
    most = current_app.config["SETTINGS"].proxies_per_person
    if form.scope.data == Scope.BALLOT:
        ballot = next((each for each in ballots if str(each.id) == form.ballot.data), None)
        if ballot is None:
            raise Invalid(message("Please choose."), "ballot")
        return actions.give(current_person(), holder, ballot=ballot, most=most)
    return actions.give(
        current_person(),
        holder,
        valid_from=_moment(form.valid_from.data, time(0, 0)),
        valid_until=_moment(form.valid_until.data, time(23, 59, 59)),
        most=most,
    )


def _moment(day: date | None, hour: time) -> datetime | None:
    """Return an hour of a day for the people of this house."""
    return datetime.combine(day, hour, ZoneInfo(current_app.config["SETTINGS"].time_zone)) if day else None


@blueprint.post("/me/proxies/<int:number>/revoke")
@once
@guard(policy.may_revoke_proxy, load=load_proxy)
def revoke(proxy: Proxy) -> ResponseReturnValue:
    """Take a proxy back."""
    actions.revoke(current_person(), proxy)
    flash(gettext("The proxy is taken back. You vote for yourself again."), "success")
    return redirect(url_for(".proxies", _anchor="given"), 303)
