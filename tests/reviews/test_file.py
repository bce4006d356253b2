"""The board's file: the text as it was handed over, the road that it travelled, and what must always hold of it."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from sip.amendments.actions.answering import decline
from sip.amendments.actions.proposing import propose as amend
from sip.amendments.actions.supporting import support
from sip.amendments.models import AmendmentKind, AmendmentState
from sip.ballots.models import Ballot, BallotSection, BallotState, Choice, Method, RollEntry, Secrecy, Turnout, Vote
from sip.core import clock
from sip.core.db import db
from sip.core.errors import Missing
from sip.cycles.stages import Stage
from sip.drafts.models import Version
from sip.reviews import queries
from sip.reviews.checking import problems
from sip.reviews.models import CommitmentStatus
from sip.reviews.road import file_of
from sip.threads.actions.answering import dispose
from sip.threads.actions.comments import reply
from sip.threads.actions.positions import take_position
from sip.threads.actions.threads import open_thread
from sip.threads.models import Disposition, Stance, ThreadKind
from tests.factories import make_person
from tests.helpers import count_queries
from tests.reviews.conftest import House


def talk(house: House) -> None:
    """Let members and the group say, amend, answer and vote on the first recommendation."""
    house.set_stage(Stage.CONCERTATION)
    key = house.section(1).key
    first = db.session.query(Version).filter_by(draft_id=house.draft.id).one()
    place = {"version": first, "key": key}
    remark = open_thread(house["member"], house.draft, ThreadKind.REMARK, "Bien.", **place)
    reply(house["other"], remark, "Oui.")
    dispose(house["secretary"], remark, Disposition.ANSWERED, "Merci.")
    open_thread(house["member"], house.draft, ThreadKind.QUESTION, "Quand ?", **place)
    open_thread(house["member"], house.draft, ThreadKind.REMARK, "Ailleurs.", version=first, key=house.section(2).key)
    take_position(house["member"], house.draft, key, Stance.IN_FAVOUR)
    take_position(house["keeper"], house.draft, key, Stance.AGAINST)
    amendment = amend(house["member"], house.draft, AmendmentKind.NEW_MEASURE, "Dire.", "Bien.", title="Dire", **place)
    support(house["other"], amendment)
    decline(house["secretary"], amendment, "Non, désolé.")
    db.session.commit()


def vote(house: House, number: int, objection: str = "") -> Ballot:
    """Hold a round of consent in which one person objects, or wants an opinion to stand."""
    at, section = clock.now(), house.section(1)
    ballot = Ballot(
        cycle_id=house.draft.cycle_id,
        draft=house.draft,
        version=db.session.query(Version).filter_by(draft_id=house.draft.id, number=1).one(),
        question="Consentez-vous ?",
        method=Method.CONSENT,
        secrecy=Secrecy.OPEN,
        electorate="group",
        opens_at=at - timedelta(days=365),
        closes_at=at,
        closed_at=at,
        state=BallotState.CLOSED,
        round=number,
        created_at=at,
        sections=[BallotSection(section=section, position=1)],
        is_adopted=not objection,
    )
    db.session.add(ballot)
    db.session.flush()
    person = make_person("Noé Vote")
    for row in (RollEntry(ballot_id=ballot.id, person_id=person.id), Turnout(ballot_id=ballot.id, person_id=person.id)):
        db.session.add(row)
        db.session.flush()
    choice = Choice.OBJECTION if objection else Choice.RESERVATIONS
    opinion = {"opinion": objection or "Avec prudence.", "is_minority": not objection}
    db.session.add(Vote(ballot_id=ballot.id, person=person, choice=choice, at=at, changed_at=at, **opinion))
    db.session.commit()
    return ballot


def test_the_file_tells_how_the_recommendation_came_about(house):
    talk(house)
    house.new_version("Autre chose", 2, "Un budget, et un fonds.")
    house.new_version("Seconde", 1, "Toute antenne publie ses comptes.\n\n### Le registre {#registre}\n\nIl reste.")
    rounds = [vote(house, 1, "Trop tôt."), vote(house, 2)]
    [review] = house.hand_over()
    response = house.publish(review)
    told = file_of(queries.review_of(house.draft.slug, house.section(1).slug))
    assert (told.number, told.section.title, told.first.number, told.is_changed) == ("1", "Rendre visible", 1, True)
    assert "Toute antenne" in told.section.html
    assert told.measures == [{"slug": "registre", "letter": "a", "title": "Le registre"}]
    figures = told.figures
    assert (figures.threads, figures.comments, figures.people, figures.supports) == (2, 3, 3, 1)
    assert {stance: number for stance, number in figures.positions.items() if number} == {
        Stance.IN_FAVOUR: 1,
        Stance.AGAINST: 1,
    }
    assert {each: number for each, number in figures.dispositions.items() if number} == {
        Disposition.ANSWERED: 1,
        None: 1,
    }
    assert figures.amendments == {AmendmentState.DECLINED: 1}
    assert [each.ballot for each in told.ballots] == rounds
    assert [[vote.opinion for vote in each.objections] for each in told.ballots] == [["Trop tôt."], []]
    assert [[opinion.text for opinion in each.opinions] for each in told.ballots] == [[], ["Avec prudence."]]
    versions = [(step.version.number, step.is_changed) for step in told.steps if step.kind == "version"]
    assert versions == [(1, False), (2, False), (3, True)]
    assert [step.at for step in told.steps] == sorted(step.at for step in told.steps)
    assert [step.response for step in told.steps if step.kind == "answer"] == [response]
    assert [step.move.after for step in told.steps if step.kind == "move"][-2:] == ["under_review", "answered"]


def test_the_file_costs_as_many_statements_however_much_was_said(house):
    talk(house)
    [review] = house.hand_over()
    slugs = house.draft.slug, house.section(1).slug

    def read() -> int:
        db.session.expire_all()
        with count_queries() as statements:
            told = file_of(queries.review_of(*slugs))
            _said = [step.move.actor and step.move.actor.name for step in told.steps if step.kind == "move"]
        return len(statements)

    few = read()
    house.set_stage(Stage.CONCERTATION)
    first = db.session.query(Version).filter_by(draft_id=house.draft.id).one()
    for number in range(4):
        person = make_person()
        open_thread(person, house.draft, ThreadKind.REMARK, "Oui.", version=first, key=review.key)
        take_position(person, house.draft, review.key, Stance.RESERVED)
        house.new_version(f"Version {number}", 1, f"Texte {number}.")
    house.set_stage(Stage.UNDER_REVIEW)
    assert read() == few


def test_files_are_found_by_address_and_key_and_are_missing_elsewhere(house):
    [review] = house.hand_over()
    section = house.section(1)
    for name in (section.slug, section.key):
        assert queries.review_of(house.draft.slug, name).id == review.id
    assert queries.review_by_id(review.id) is review
    for find in (
        lambda: queries.review_of(house.draft.slug, house.section(2).slug),
        lambda: queries.review_of("autre", section.slug),
        lambda: queries.review_by_id(10**30),
        lambda: queries.response_by_number(review, 10**30),
        lambda: queries.question_by_id(10**30),
    ):
        with pytest.raises(Missing):
            find()


DAMAGES = (
    ("UPDATE board_responses SET reasons = 'Autre.' WHERE number = 1", "is not what entry"),
    ("UPDATE board_responses SET answer = 'accepted' WHERE number = 1", "is not what entry"),
    ("DELETE FROM record_entries WHERE kind = 'response'", "is not in the public record"),
    ("UPDATE reviews SET answer = 'accepted'", "its answer is not that of the last published response"),
    ("UPDATE reviews SET answer = NULL, answered_at = NULL", "is followed up, but no response is published"),
    ("UPDATE board_responses SET number = 3 WHERE number = 2", "its responses are not numbered one by one"),
    ("UPDATE board_responses SET published_at = NULL WHERE number = 1", "a response before the last one"),
    ("UPDATE commitments SET status = 'done'", "it is not as its last report says"),
    ("UPDATE commitments SET due_on = '2020-01-01'", "it is not as its last report says"),
    ("DELETE FROM progress_notes WHERE status = 'under_way'", "it is not as its last report says"),
)


def test_what_is_wrong_is_found(house):
    [review] = house.hand_over()
    house.publish(review)
    house.propose(review, reasons="Mieux.")
    commitment = house.commit(review)
    house.report(commitment, CommitmentStatus.PLANNED)
    house.report(commitment, CommitmentStatus.UNDER_WAY)
    assert list(problems()) == []
    for damage, said in DAMAGES:
        db.session.execute(text(damage))
        db.session.expire_all()
        found = list(problems())
        assert any(said in problem for problem in found), (damage, found)
        db.session.rollback()


def test_the_record_keeps_the_names_that_people_had(house):
    [review] = house.hand_over()
    house.publish(review)
    house.people["board"].name = "Bo Autrement"
    db.session.commit()
    assert list(problems()) == []
