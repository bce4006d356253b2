"""Bodies and who sits in them."""

from collections.abc import Mapping
from typing import Any

from sip.bodies import queries
from sip.bodies.models import Body, BodyKind, BodySeat
from sip.bodies.policy import may_choose_seats, may_edit_body, may_manage_bodies
from sip.core import clock, journal, markdown, outbox
from sip.core.access import require
from sip.core.db import db, hold
from sip.core.errors import Invalid, Missing
from sip.core.journal import Event
from sip.core.messages import message
from sip.core.slugs import UniqueSlugs, slugify
from sip.cycles.checks import RESERVED, too_long
from sip.cycles.models import Cycle, Office
from sip.cycles.queries import cycle_by_slug, office_by_slug
from sip.cycles.settling import settle
from sip.people.models import Person

MAX_NAME = 120
MAX_ROLE = 20_000
MAX_TITLE = 120
MAX_SEATS = 60


def body_values(body: Body) -> dict[str, Any]:
    """Return what `edit_body` may change, as it is now; office and cycle by their slugs."""
    return {
        "name": body.name,
        "role": body.role,
        "takes_referrals": body.takes_referrals,
        "office": body.office.slug if body.office else "",
        "cycle": body.cycle.slug if body.cycle else "",
    }


def create_body(actor: Person | None, kind: BodyKind, values: Mapping[str, Any]) -> Body:
    """Make a body of the values that `body_values` names; what it is stays. Raises Invalid."""
    require(may_manage_bodies(actor))
    hold("bodies")
    office, cycle = _check(None, kind, values)
    slug = slugify(values["name"], "body")
    body = Body(
        slug=UniqueSlugs({*RESERVED, *queries.slugs_like(slug)}).claim(slug),
        kind=kind.value,
        created_at=clock.now(),
        seats=[],
    )
    _assign(body, values, office, cycle)
    db.session.add(body)
    db.session.flush()
    _record(actor, Event.BODY_CREATED, body)
    return body


def edit_body(actor: Person | None, body: Body, values: Mapping[str, Any], began_from: str | None = None) -> None:
    """Change those `values` of a body that are given; its address stays.

    Raises Invalid, or Conflict (see `settle`) where `began_from` is stale.
    """
    require(may_edit_body(actor, body))
    hold("bodies")
    _lock(body)
    before = body_values(body)
    values = {**before, **settle(began_from, before, values)}
    office, cycle = _check(body, BodyKind(body.kind), values)
    _assign(body, values, office, cycle)
    changed = [name for name, value in body_values(body).items() if value != before[name]]
    if changed:
        _record(actor, Event.BODY_UPDATED, body, changed=changed)


def _assign(body: Body, values: Mapping[str, Any], office: Office | None, cycle: Cycle | None) -> None:
    body.name, body.takes_referrals = values["name"], values["takes_referrals"]
    body.office, body.cycle = office, cycle
    body.role = values["role"]
    body.role_html = markdown.render(body.role, id_prefix="role", heading_offset=1)


def _check(body: Body | None, kind: BodyKind, values: Mapping[str, Any]) -> tuple[Office | None, Cycle | None]:
    """Refuse what a body cannot be; return its office and its cycle, which some kinds have. Raises Invalid."""
    name = values["name"]
    if not name.strip() or "\n" in name:
        raise Invalid(message("A body needs a name of one line."), "name")
    if len(name) > MAX_NAME:
        raise Invalid(too_long(MAX_NAME), "name")
    if name.casefold() in queries.names(but=body):
        raise Invalid(message("Another body has this name."), "name")
    if len(values["role"]) > MAX_ROLE:
        raise Invalid(too_long(MAX_ROLE), "role")
    office = _office(values["office"]) if kind == BodyKind.LOCAL else None
    cycle = _cycle(values["cycle"]) if kind == BodyKind.STEERING else None
    if kind == BodyKind.BOARD and queries.has_other(body, Body.kind == BodyKind.BOARD):
        raise Invalid(message("The board is there already."), "kind")
    if cycle is not None and queries.has_other(body, Body.cycle_id == cycle.id):
        raise Invalid(message("The steering committee of this cycle is there already."), "cycle")
    return office, cycle


def _office(slug: str) -> Office:
    try:
        return office_by_slug(slug)
    except Missing:
        raise Invalid(message("Choose the office of this committee."), "office") from None


def _cycle(slug: str) -> Cycle:
    try:
        return cycle_by_slug(slug)
    except Missing:
        raise Invalid(message("Choose the cycle that this committee steers."), "cycle") from None


# Seats


def seat(actor: Person | None, body: Body, person: Person, title: str = "") -> None:
    """Give somebody a seat, as `title`, and tell them by mail; who has one gets the title. Raises Invalid."""
    _lock(body)
    require(may_choose_seats(actor, body))
    title = " ".join(title.split())
    if len(title) > MAX_TITLE:
        raise Invalid(too_long(MAX_TITLE), "title")
    found = next((seat for seat in body.seats if seat.person_id == person.id), None)
    if found is not None:
        if found.title != title:
            found.title = title
            _record(actor, Event.BODY_UPDATED, body, changed=["seats"])
        return
    if person.joined_at is None:
        raise Invalid(message("%(name)s has not accepted the invitation to this site yet.", name=person.name))
    if len(body.seats) >= MAX_SEATS:
        raise Invalid(message("A body has %(most)s people at most.", most=MAX_SEATS))
    body.seats.append(BodySeat(person=person, title=title, since=clock.now()))
    _record(actor, Event.SEAT_TAKEN, body, name=person.name, person_id=person.id)
    if actor is None or actor.id != person.id:
        outbox.post(
            person.email, person.language, "body_seat", to_name=person.name, body=body.name, slug=body.slug, title=title
        )
        db.session.flush()


def unseat(actor: Person | None, body: Body, person_id: int) -> Person | None:
    """Take somebody's seat away and return them; None where they have none."""
    _lock(body)
    require(may_choose_seats(actor, body))
    found = next((seat for seat in body.seats if seat.person_id == person_id), None)
    if found is None:
        return None
    person = found.person
    body.seats.remove(found)
    _record(actor, Event.SEAT_LEFT, body, name=person.name, person_id=person.id)
    return person


def _lock(body: Body) -> None:
    """Hold other writers back until the transaction ends, and see what they did before."""
    db.session.refresh(body, with_for_update={"of": Body})
    db.session.expire(body, ["seats", "office", "cycle"])


def _record(actor: Person | None, event: Event, body: Body, **data: Any) -> None:
    journal.record(actor, event, body.id, cycle_id=body.cycle_id, body=body.slug, body_name=body.name, **data)
    db.session.flush()
