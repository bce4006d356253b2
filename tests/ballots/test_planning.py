"""Ballots are planned, changed, cancelled, opened and closed by the clock, and followed by other rounds."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from sip.ballots import queries, rolls
from sip.ballots.actions import closing, planning
from sip.ballots.checking import problems
from sip.ballots.models import Ballot, BallotState, Electorate, MajorityRule, Method, Secrecy
from sip.core import clock
from sip.core.db import db
from sip.core.errors import Denied, Invalid, Missing
from sip.core.journal import Event, JournalEntry
from sip.core.outbox import Letter
from sip.core.record import RecordEntry
from sip.cycles.stages import Stage
from tests.ballots.conftest import HOUR, closed, later, new_house, plan_of, run_due
from tests.factories import let_stand, make_group
from tests.helpers import journal_events

NINE = [(f"Option {number}", "") for number in range(9)]
RANKING = {"method": Method.RANKING}
# What is wrong with a plan, and the field that says so; moments are counted from now.
WRONG = [
    ({"question": " \n "}, "question"),
    ({"question": "x" * 301}, "question"),
    ({"explanation": "x" * 10_001}, "explanation"),
    ({"quorum": 101}, "quorum"),
    ({"quorum": -1}, "quorum"),
    ({"secrecy": Secrecy.SECRET}, "secrecy"),
    ({"secrecy": Secrecy.SECRET, "method": Method.MAJORITY, "shows_interim": True}, "shows_interim"),
    ({"electorate": Electorate.OFFICES}, "offices"),
    ({"opens_at": -HOUR}, "opens_at"),
    ({"opens_at": timedelta(days=800)}, "opens_at"),
    ({"closes_at": None}, "closes_at"),
    ({"closes_at": -HOUR}, "closes_at"),
    ({"closes_at": HOUR / 2}, "closes_at"),
    ({"opens_at": 3 * HOUR, "closes_at": 2 * HOUR}, "closes_at"),
    ({"closes_at": timedelta(days=367)}, "closes_at"),
    (RANKING, "alternatives"),
    ({**RANKING, "alternatives": [("Une seule", "")]}, "alternatives"),
    ({**RANKING, "alternatives": [*NINE, ("Dix", ""), ("Onze", "")]}, "alternatives"),
    ({**RANKING, "alternatives": [("Un", ""), (" ", "sans titre")]}, "alternatives"),
    ({**RANKING, "alternatives": [("Un", ""), ("UN", "")]}, "alternatives"),
    ({**RANKING, "alternatives": [("Un", ""), ("x" * 201, "")]}, "alternatives"),
    ({**RANKING, "alternatives": [("Un", ""), ("Deux", "x" * 2_001)]}, "alternatives"),
]


def in_time(values):
    return {name: clock.now() + value if isinstance(value, timedelta) else value for name, value in values.items()}


def test_what_cannot_be_put_to_the_vote_is_refused(house):
    for values, field in WRONG:
        with pytest.raises(Invalid) as refused:
            house.plan(**in_time(values))
        assert refused.value.field == field, values
        db.session.rollback()
    with pytest.raises(Invalid) as refused:
        house.plan(group=make_group())
    assert refused.value.field == "group"
    db.session.rollback()
    foreign = new_house()
    with pytest.raises(Missing):
        house.plan(version=foreign.version)
    with pytest.raises(Missing):
        planning.plan(house["facilitator"], house.draft, [foreign.section()], house.version, plan_of())
    db.session.rollback()
    for places, field in (((0,), "sections"), ((1, 1), "sections")):  # running text, and twice the same
        with pytest.raises(Invalid) as refused:
            house.plan(places=places)
        assert refused.value.field == field
        db.session.rollback()
    hidden = house.new_version(1, "Un autre texte.", is_published=False)
    with pytest.raises(Invalid) as refused:
        house.plan(version=hidden)
    assert refused.value.field == "version"
    db.session.rollback()
    house.plan(places=(1,), opens_at=clock.now() + HOUR)
    with pytest.raises(Invalid, match="already"):
        house.plan(places=(2, 1))
    db.session.rollback()
    let_stand(house.draft, Stage.CONCERTATION, house.section(2))
    with pytest.raises(Denied, match="codecision"):
        house.plan(places=(2,))
    db.session.rollback()
    assert len(db.session.scalars(select(Ballot)).all()) == 1


def test_a_ballot_changes_until_it_opens(house):
    ballot = house.plan(
        method=Method.RANKING, alternatives=NINE, opens_at=clock.now() + HOUR, offices=house.offices,
        electorate=Electorate.OFFICES,
    )  # fmt: skip
    assert [each.number for each in ballot.alternatives] == list(range(10))
    other = plan_of(
        opens_at=clock.now() + 2 * HOUR, method=Method.RANKING, alternatives=[*NINE[:1], ("Autre", "Un *texte*.")]
    )
    planning.change(house["secretary"], ballot, [house.section(2), house.section(1)], house.version, other)
    db.session.commit()
    found = queries.ballot_by_id(ballot.id)
    assert [each.title for each in found.alternatives] == ["", "Option 0", "Autre"]
    assert (found.section_list, found.offices) == ([house.section(2), house.section(1)], [])
    assert found.group in house.draft.groups
    assert found.opens_at == other.opens_at
    with clock.at(found.opens_at), pytest.raises(Denied, match="has opened"):
        planning.change(house["secretary"], found, [house.section(1)], house.version, other)


def test_rolls_are_who_was_there_at_the_opening(house):
    """By group, by offices, everybody: those who have joined, with the office they belonged to then."""
    rows = [
        ({"electorate": Electorate.GROUP}, {"facilitator", "secretary", "participant", "referent"}),
        ({"electorate": Electorate.OFFICES, "offices": [house.offices[1]]}, {"participant", "other"}),
        ({"electorate": Electorate.MEMBERS}, set(house.people)),
    ]
    by_name = {person.name: who for who, person in house.people.items()}
    for values, who in rows:
        ballot = house.plan(**values)
        page = rolls.roll_page(ballot, 0, 50, with_turnout=True)
        assert {by_name[row.name] for row in page} == who
        assert {row.has_voted for row in page} == {False}
        assert ballot.on_roll == len(who)
        assert {role for role, person in house.people.items() if rolls.is_on_roll(person, ballot)} == who
        assert {role for role, person in house.people.items() if rolls.open_for(person)} == who
        planning.cancel(house["facilitator"], ballot, "Une erreur.")
        db.session.commit()
    assert rolls.open_for(house["facilitator"]) == []


def test_a_cancelled_ballot_tells_whom_it_had_called(house):
    planned = house.plan(opens_at=clock.now() + HOUR)
    planning.cancel(house["facilitator"], planned, "Trop tôt.")
    assert db.session.scalars(select(Letter.kind)).all() == []
    ballot = house.plan()
    with pytest.raises(Invalid) as refused:
        planning.cancel(house["steering"], ballot, " ")
    assert refused.value.field == "reason"
    planning.cancel(house["steering"], ballot, "La question était mal posée.")
    letters = db.session.scalars(select(Letter).where(Letter.kind == "ballot_cancelled")).all()
    assert len(letters) == 4
    assert letters[0].data["reason"] == "La question était mal posée."
    for again in ("facilitator", "steering"):
        with pytest.raises(Denied, match="already"):
            planning.cancel(house[again], ballot, "Encore.")


def test_ballots_open_and_close_with_the_clock(house):
    ballot = house.plan(opens_at=clock.now() + HOUR, closes_at=clock.now() + 3 * HOUR, places=(1, 2))
    assert queries.due() == []
    with clock.at(ballot.opens_at):
        assert (ballot.state, ballot.is_open_now) == (BallotState.PLANNED, True)
        run_due()
        assert (ballot.state, ballot.on_roll, queries.due()) == (BallotState.OPEN, 4, [])
        house.vote(ballot, facilitator="consent", secretary="consent")
    with clock.at(ballot.closes_at):
        assert ballot.is_awaiting_count
        run_due()
        assert (ballot.state, ballot.is_adopted, queries.due()) == (BallotState.CLOSED, True, [])
    entry = db.session.scalars(select(RecordEntry).order_by(RecordEntry.number)).all()[-1]
    content = json.loads(entry.content)
    assert (entry.kind, entry.subject_id, content["version_hash"]) == ("ballot", ballot.id, house.version.hash)
    assert content["counts"] == {"consent": 2, "reservations": 0, "objection": 0, "abstain": 0}
    assert content["sections"] == [house.section(1).key, house.section(2).key]
    told = db.session.scalars(select(Letter.kind).order_by(Letter.id)).all()
    assert told == ["ballot_opened"] * 4 + ["ballot_closed"] * 4
    events = db.session.scalars(
        select(JournalEntry.event).where(JournalEntry.draft_id == house.draft.id).order_by(JournalEntry.id)
    ).all()
    assert [event for event in events if event.startswith("ballot")] == [
        "ballot.planned", "ballot.opened", "ballot.closed"
    ]  # fmt: skip


def test_a_ballot_that_nothing_attended_to_is_counted_all_the_same(house):
    ballot = house.plan(opens_at=clock.now() + HOUR)
    with clock.at(ballot.closes_at + HOUR):
        assert queries.due() == [ballot.id]
        closing.close_due(ballot.id)
        assert (ballot.state, queries.result_of(ballot)["decision"], ballot.on_roll) == ("closed", "no_votes", 4)
        assert not closing.close_due(ballot.id)


def test_what_left_the_stage_is_not_opened(house):
    ballot = house.plan(opens_at=clock.now() + HOUR)
    let_stand(house.draft, Stage.CONCERTATION, house.section(1))
    with clock.at(ballot.opens_at):
        run_due()
    assert (ballot.state, ballot.on_roll) == (BallotState.CANCELLED, 0)
    assert set(db.session.scalars(select(Letter.kind))) == {"ballot_cancelled"}


def test_a_ballot_ends_early_once_everybody_has_voted(house):
    ballot = house.plan()
    house.vote(ballot, facilitator="consent", secretary="consent", participant="consent")
    with pytest.raises(Denied, match="everybody"):
        closing.close_early(house["facilitator"], ballot)
    house.vote(ballot, referent="abstain")
    with pytest.raises(Denied, match="Only the facilitator"):
        closing.close_early(house["participant"], ballot)
    closing.close_early(house["facilitator"], ballot)
    assert (ballot.state, ballot.is_adopted) == (BallotState.CLOSED, True)
    with pytest.raises(Denied):
        closing.close_early(house["facilitator"], ballot)


def test_another_round_decides_on_the_text_as_it_is_then(house):
    keys = [house.section(place).key for place in (1, 2)]
    first = house.plan(places=(1, 2), quorum=50)
    with pytest.raises(Denied, match="closed"):
        planning.next_round(house["facilitator"], first, house.version, closes_at=clock.now() + 2 * HOUR)
    house.vote(first, facilitator="consent", participant="objection: Trop cher.")
    closed(first)
    assert queries.adopted_on(house.draft, keys) == set()
    house.new_version(1, "Un texte moins cher.")
    second = planning.next_round(house["facilitator"], first, house.version, closes_at=clock.now() + 2 * HOUR)
    db.session.commit()
    assert (second.round, second.previous_id, second.quorum, second.state) == (2, first.id, 50, "open")
    assert second.section_list == first.section_list
    assert queries.running_on(house.draft, keys[:1]) == [second]
    house.vote(second, facilitator="consent", participant="consent")
    closed(second)
    assert queries.adopted_on(house.draft, keys) == set(keys)
    assert queries.rounds_of(first) == queries.rounds_of(second) == [first, second]
    with pytest.raises(Invalid, match="adopted"):
        planning.next_round(house["facilitator"], second, house.version, closes_at=clock.now() + 2 * HOUR)
    db.session.rollback()
    # A comma that is changed after that needs another ballot, on that recommendation only.
    house.new_version(1, "Un texte, moins cher.")
    assert queries.adopted_on(house.draft, keys) == {keys[1]}
    third = planning.next_round(house["facilitator"], second, house.version, closes_at=clock.now() + 2 * HOUR)
    closed(third)  # nobody votes
    assert queries.adopted_on(house.draft, keys) == set()
    assert [each.round for each in queries.ballots_of_section(house.draft, keys[0])] == [3, 2, 1]
    assert list(problems()) == []


def test_moving_on_ends_what_is_running_and_counts_what_is_over(house):
    over = house.plan()
    house.vote(over, facilitator="consent")
    running = house.plan(places=(2,), closes_at=clock.now() + timedelta(days=3))
    with clock.at(over.closes_at):
        held = planning.hold_running(house.draft, [house.section(1), house.section(2)])
        assert held == [over, running]
        let_stand(house.draft, Stage.CONCERTATION)
        planning.cancel_running(house["steering"], held, "On reprend.")
    assert (over.state, over.is_adopted) == (BallotState.CLOSED, True)
    assert (running.state, running.cancelled_reason) == (BallotState.CANCELLED, "On reprend.")


@pytest.mark.parametrize("hours", [2, 4], ids=["should have been opened", "should have been counted"])
def test_moving_on_cancels_once_what_nobody_has_opened(house, hours):
    ballot = house.plan(opens_at=clock.now() + HOUR, closes_at=clock.now() + 3 * HOUR)
    with later(hours=hours):
        held = planning.hold_running(house.draft, [house.section(1)])
        let_stand(house.draft, Stage.CONCERTATION)
        planning.cancel_running(house["steering"], held, "On reprend.")
    db.session.flush()
    assert (ballot.state, ballot.cancelled_reason, ballot.opened_at) == (BallotState.CANCELLED, "On reprend.", None)
    assert journal_events().count(Event.BALLOT_CANCELLED) == 1
    assert Event.BALLOT_OPENED not in journal_events()


@pytest.mark.parametrize("rule", MajorityRule)
def test_the_rule_of_the_plan_is_the_one_that_counts(house, rule):
    ballot = house.open_to_all(rule=rule, shows_interim=True)
    house.vote(ballot, member="for", other="for", facilitator="against", secretary="abstain", steering="abstain")
    assert queries.count(ballot)["is_adopted"] is (rule is not MajorityRule.ABSOLUTE)
    assert closed(ballot).is_adopted is (rule is not MajorityRule.ABSOLUTE)
    assert queries.result_of(ballot)["rule"] == rule


def test_a_ballot_on_a_version_stays_on_it(house):
    ballot = house.plan()
    before = [section.body for section in queries.voted_on(ballot)]
    house.new_version(1, "Tout autre chose.")
    assert [section.body for section in queries.voted_on(ballot)] == before == ["Les comptes sont publiés."]
