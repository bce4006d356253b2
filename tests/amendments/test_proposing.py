"""Amendments proposed, improved, supported, withdrawn, hidden; and what becomes of them when versions are frozen."""

import pytest

from sip.amendments import queries
from sip.amendments.actions.gone import tell_authors
from sip.amendments.actions.hiding import hide, show_again
from sip.amendments.actions.proposing import improve, propose, withdraw
from sip.amendments.actions.supporting import confirm_support, support, unsupport
from sip.amendments.models import AmendmentKind, AmendmentState
from sip.amendments.queries import Chosen
from sip.core.db import db
from sip.core.errors import Denied, Invalid, Missing
from sip.drafts.models import PlaceState
from sip.drafts.passages import places_in
from sip.threads.actions.threads import open_thread
from sip.threads.models import ThreadKind
from tests.amendments.conftest import letters
from tests.helpers import journal_events

YEARLY = "publiés une fois par an"
OFTEN = "publiés tous les trois mois"
CHANGE = AmendmentKind.CHANGE


def test_an_amendment_keeps_what_it_started_from(house):
    amendment = house.propose(1, YEARLY, OFTEN, reason="On *oublie*.")
    assert (amendment.kind, amendment.state) == (CHANGE, AmendmentState.OPEN)
    assert (amendment.passage.quote, amendment.proposed) == (YEARLY, OFTEN)
    assert (amendment.version_number, amendment.revision, amendment.supports) == (1, 1, 0)
    assert "<em>oublie</em>" in amendment.reason_html
    assert journal_events()[-1] == "amendment.proposed"


def test_an_amendment_may_come_from_a_discussion(house, make_house):
    spot = house.spot(1, YEARLY)
    thread = open_thread(house.people["member"], house.draft, ThreadKind.REMARK, "Trop rare.", **spot)
    amendment = house.propose(1, YEARLY, OFTEN, thread=thread)
    assert queries.from_thread(thread.id) == [amendment]
    other = make_house()
    with pytest.raises(Missing):
        other.propose(1, YEARLY, OFTEN, thread=thread)


@pytest.mark.parametrize(
    ("kind", "change", "field"),
    [
        (CHANGE, {"reason": " \n"}, "reason"),
        (CHANGE, {"reason": "x" * 5_001}, "reason"),
        (CHANGE, {"proposed": " "}, "proposed"),
        (CHANGE, {"proposed": "x" * 1_000_000}, "proposed"),
        (CHANGE, {"proposed": YEARLY}, "proposed"),
        (CHANGE, {"start": None}, None),
        (CHANGE, {"key": None}, None),
        (CHANGE, {"words": "autre chose"}, "words"),
        (CHANGE, {"start": 10_000, "end": 10_010}, "words"),
        (AmendmentKind.NEW_MEASURE, {"title": " "}, "title"),
        (AmendmentKind.NEW_MEASURE, {"title": "x" * 301}, "title"),
        (AmendmentKind.NEW_MEASURE, {"title": "Une", "proposed": ""}, "proposed"),
        (AmendmentKind.NEW_RECOMMENDATION, {"title": "Une"}, None),  # no section goes with it
    ],
)
def test_what_cannot_be_proposed(house, kind, change, field):
    values = {"proposed": OFTEN, "reason": "Oui.", **house.spot(1, YEARLY), **change}
    with pytest.raises(Invalid) as raised:
        propose(house.people["member"], house.draft, kind, values.pop("proposed"), values.pop("reason"), **values)
    assert raised.value.field == field


def test_versions_of_other_documents_and_unpublished_ones_are_not_amended(house, make_house):
    other = make_house()
    member = house.people["member"]
    with pytest.raises(Missing):
        propose(member, house.draft, CHANGE, OFTEN, "Oui.", **other.spot(1, YEARLY))
    house.write(1, house.body(1) + "\n\nUne suite.")
    unpublished = house.freeze("Pas publiée", is_published=False)
    with pytest.raises(Missing):
        propose(member, house.draft, CHANGE, OFTEN, "Oui.", **house.spot(1, YEARLY, unpublished))
    spot = {**house.spot(1, YEARLY), "key": "nowhere"}
    with pytest.raises(Denied):  # as for a section that is gone
        propose(member, house.draft, CHANGE, OFTEN, "Oui.", **spot)


def test_support_counts_for_the_wording_that_was_read(house):
    amendment = house.propose(1, YEARLY, OFTEN)
    other, third = house.people["other"], house.people["board"]
    for person in (other, other, third):
        support(person, amendment)
    assert amendment.supports == 2
    improve(house.people["member"], amendment, "publiés chaque mois", "Mieux.")
    assert (amendment.supports, amendment.revision, queries.unconfirmed(amendment)) == (0, 2, 2)
    assert letters() == [("amendment_improved", "Olga Autre"), ("amendment_improved", "Bo Conseil")]
    assert [(row.number, row.proposed) for row in queries.revisions_of(amendment)] == [(1, OFTEN)]
    confirm_support(other, amendment)
    unsupport(third, amendment)
    unsupport(third, amendment)
    assert (amendment.supports, queries.unconfirmed(amendment)) == (1, 0)
    assert [person.name for person in db.session.scalars(queries.supporters_of(amendment))] == ["Olga Autre"]


def test_a_better_reason_costs_no_support(house):
    amendment = house.propose(1, YEARLY, OFTEN)
    support(house.people["other"], amendment)
    improve(house.people["member"], amendment, OFTEN, "Une meilleure raison.")
    assert (amendment.supports, amendment.revision, queries.unconfirmed(amendment)) == (1, 2, 0)
    assert letters() == []
    improve(house.people["member"], amendment, OFTEN, "Une meilleure raison.")
    assert amendment.revision == 2  # nothing was changed


def test_only_its_author_improves_or_withdraws(house):
    amendment = house.propose(1, YEARLY, OFTEN)
    for who in ("other", "facilitator", "steering"):
        with pytest.raises(Denied):
            improve(house.people[who], amendment, "autre", "Oui.")
        with pytest.raises(Denied):
            withdraw(house.people[who], amendment)
    withdraw(house.people["member"], amendment)
    assert amendment.state == AmendmentState.WITHDRAWN
    with pytest.raises(Denied):
        support(house.people["other"], amendment)
    with pytest.raises(Denied):
        improve(house.people["member"], amendment, "autre", "Oui.")


def test_hiding_tells_the_author_why_and_can_be_undone(house):
    amendment = house.propose(1, YEARLY, OFTEN)
    with pytest.raises(Denied):
        hide(house.people["facilitator"], amendment, "Non.")
    hide(house.people["steering"], amendment, "Insulte.")
    assert letters() == [("amendment_hidden", "Max Membre")]
    show_again(house.people["steering"], amendment)
    assert (amendment.hidden_at, amendment.hidden_reason) == (None, "")


def test_overlapping_amendments_are_alternatives(house):
    first = house.propose(1, YEARLY, OFTEN)
    second = house.propose(1, "par an. Ils sont lus", "par mois. Ils sont lus", "other")
    beside = house.propose(1, "en assemblée", "à voix haute", "board")
    elsewhere = house.propose(2, "un budget", "de quoi vivre", "board")
    person = house.people["other"]
    support(person, first)
    assert queries.alternatives_of(person, second, house.version) == [first]
    assert queries.alternatives_of(person, first, house.version) == [second]
    assert queries.alternatives_of(person, beside, house.version) == []
    found = db.session.scalars(queries.amendments_of(person, house.draft, version=house.version)).all()
    assert found == [first, second, beside, elsewhere]  # in the order of the text


def test_open_amendments_go_along_with_the_text(house):
    kept, gone = house.propose(1, YEARLY, OFTEN), house.propose(2, "une part fixe,", "une part de 500 €,")
    house.write(1, "Un nouveau début.\n\n" + house.body(1))
    house.write(2, "Le budget est l’affaire de l’assemblée générale, qui le vote.")
    version = house.freeze("La suivante")
    places = places_in(version.id)
    assert places[kept.passage_id].state == PlaceState.IN_PLACE
    assert places[gone.passage_id].state == PlaceState.OUTDATED
    lost = queries.amendments_of(house.people["member"], house.draft, version=version, chosen=Chosen(is_gone=True))
    assert db.session.scalars(lost).all() == [gone]
    assert tell_authors() == 1
    assert tell_authors() == 0
    assert letters() == [("amendment_passage_gone", "Max Membre")]
    assert gone.state == AmendmentState.OPEN  # and the group answers it all the same
