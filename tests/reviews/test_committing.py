"""What the board commits to, how far it is, what members ask, and what became of a cycle's recommendations."""

from datetime import timedelta

import pytest

from sip.core import clock
from sip.core.db import db
from sip.core.errors import Conflict, Denied, Invalid, Missing
from sip.core.journal import Event, JournalEntry
from sip.cycles.stages import Stage
from sip.reviews import committed, outcomes, queries
from sip.reviews.actions import committing
from sip.reviews.models import Answer, CommitmentStatus
from tests.factories import make_office, make_person
from tests.helpers import count_queries
from tests.reviews.conftest import House, in_days, letters

UNDER_WAY, DONE = CommitmentStatus.UNDER_WAY, CommitmentStatus.DONE


@pytest.fixture
def answered(house: House) -> House:
    """The document with its first recommendation answered."""
    [review] = house.hand_over()
    house.publish(review)
    return house


def review_in(house: House):
    return queries.review_of(house.draft.slug, house.section(1).slug)


def test_a_commitment_names_what_who_and_by_when(answered):
    review = review_in(answered)
    office, body = make_office(), answered.body("member", "board")
    commitment = answered.commit(review, details="Une *première* carte.", office=office, measure="carte")
    assert (commitment.status, commitment.is_overdue, commitment.measure) == ("planned", False, "carte")
    assert commitment.details_html == "<p>Une <em>première</em> carte.</p>"
    assert letters("commitment_made") == [("commitment_made", answered.people["keeper"].email)]
    other = answered.commit(review, what="Le registre", body=body)
    told = sorted(answered.people[who].email for who in ("keeper", "member"))  # the actor knows
    assert [address for _kind, address in letters("commitment_made")] == told
    assert committed.commitments_of(review) == [commitment, other]
    assert committed.open_commitments_of(answered["member"]) == [other]
    with pytest.raises(Denied):
        committing.commit(answered["steering"], review, what="Moi", due_on=in_days(1), person=answered["member"])
    for values, field in (
        ({"what": " "}, "what"),
        ({"what": "x" * 301}, "what"),
        ({"person": None}, "responsible"),
        ({"person": make_person(joined_at=None)}, "responsible"),
        ({"due_on": None}, "due_on"),
        ({"due_on": in_days(-1)}, "due_on"),
        ({"measure": "la-lune"}, "measure"),
        ({"details": "x" * 20_001}, "details"),
    ):
        with pytest.raises(Invalid) as refused:
            answered.commit(review, **values)
        assert refused.value.field == field, values
    with pytest.raises(Invalid):
        committing.commit(
            answered["board"], review, what="À deux", due_on=in_days(1), person=answered["member"], body=body
        )


def test_the_first_report_moves_the_recommendation_on_and_later_ones_move_nothing(answered):
    commitment = answered.commit(review_in(answered), office=make_office())
    assert queries.reported_keys(answered.draft, [commitment.review.key]) == set()
    first = commitment.mark
    answered.report(commitment, UNDER_WAY, "keeper", due_on=in_days(60), results="Trois **lieux**.")
    assert answered.section(1).stage == Stage.FOLLOWED_UP
    assert (commitment.status, commitment.due_on, commitment.results_html) == (
        "under_way",
        in_days(60),
        "<p>Trois <strong>lieux</strong>.</p>",
    )
    assert queries.reported_keys(answered.draft, [commitment.review.key]) == {commitment.review.key}
    with pytest.raises(Conflict) as clash:
        answered.report(commitment, DONE, seen=first)
    assert clash.value.details["theirs"].text == "Ça avance."
    answered.report(commitment, DONE, "other board", text="C’est fait.")
    reports = db.session.scalars(committed.progress_of(commitment)).all()
    assert [(note.status, note.author.name) for note in reports] == [
        ("under_way", "Kim Tient"),
        ("done", "Béa Conseil"),
    ]
    moves = (
        db.session.query(JournalEntry)
        .filter_by(event=Event.STAGE_MOVED, draft_id=answered.draft.id)
        .order_by(JournalEntry.id)
    )
    assert [entry.data["stage"] for entry in moves] == ["answered", "followed_up"]
    assert committed.open_commitments_of(answered["keeper"]) == []


def test_reports_that_say_nothing_or_change_a_day_for_a_past_one_are_refused(answered):
    commitment = answered.commit(review_in(answered))
    for values, field in (
        ({"text": ""}, "text"),
        ({"status": "soon"}, "status"),
        ({"due_on": None}, "due_on"),
        ({"due_on": in_days(-1)}, "due_on"),
        ({"results": "Bien."}, "results"),  # there is no experiment
    ):
        with pytest.raises(Invalid) as refused:
            committing.report(
                answered["board"],
                commitment,
                **{"status": UNDER_WAY, "text": "Oui.", "due_on": commitment.due_on, "seen": commitment.mark, **values},
            )
        assert refused.value.field == field, values
    with pytest.raises(Denied):
        answered.report(commitment, UNDER_WAY, "member")
    assert answered.section(1).stage == Stage.ANSWERED
    # A day that has passed stands as long as nobody chooses another.
    with clock.at(clock.now() + timedelta(days=365)):
        assert commitment.is_overdue
        answered.report(commitment, UNDER_WAY)
        assert commitment.is_overdue
        answered.report(commitment, DONE)
        assert not commitment.is_overdue


def test_what_is_committed_to_can_be_said_otherwise_but_its_day_moves_with_a_report(answered):
    review = review_in(answered)
    commitment = answered.commit(review)
    values = {"what": "Publier la carte", "due_on": commitment.due_on, "person": answered["keeper"]}
    seen = commitment.mark
    committing.change(answered["board"], commitment, **values, seen=seen)  # nothing
    assert commitment.mark == seen
    otherwise = {**values, "what": "La carte", "due_on": in_days(40), "person": answered["member"]}
    committing.change(answered["board"], commitment, **otherwise, seen=seen)
    entry = db.session.query(JournalEntry).filter_by(event=Event.COMMITMENT_CHANGED).one()
    assert (entry.data["changed"], entry.data["what"]) == (["due_on", "responsible", "what"], "La carte")
    told = [address for _kind, address in letters("commitment_made")]
    assert set(told) == {answered.people["keeper"].email, answered.people["member"].email}
    with pytest.raises(Conflict):
        committing.change(answered["board"], commitment, **values, seen="2020-01-01T00:00:00+00:00")
    with pytest.raises(Denied):
        committing.change(answered["member"], commitment, **values, seen=commitment.mark)
    answered.report(commitment, UNDER_WAY)
    with pytest.raises(Invalid) as refused:
        committing.change(answered["board"], commitment, **{**values, "due_on": in_days(50)}, seen=commitment.mark)
    assert refused.value.field == "due_on"


def test_members_ask_and_whoever_is_responsible_answers_once(answered):
    commitment = answered.commit(review_in(answered))
    question = committing.ask(answered["member"], commitment, "Quand ?")
    assert letters("commitment_asked") == [("commitment_asked", answered.people["keeper"].email)]
    assert committed.unanswered_of(answered["keeper"]) == [question]
    with pytest.raises(Denied):
        committing.ask(None, commitment, "Et moi ?")
    with pytest.raises(Denied):
        committing.answer(answered["other"], question, "Demain.")
    committing.answer(answered["keeper"], question, "Bientôt.")
    assert letters("commitment_question_answered") == [
        ("commitment_question_answered", answered.people["member"].email)
    ]
    with pytest.raises(Conflict) as clash:
        committing.answer(answered["board"], question, "Jamais.")
    assert clash.value.details["theirs"] == "Bientôt."
    assert committed.unanswered_of(answered["keeper"]) == []
    # Where nobody is responsible any more, the board is asked.
    commitment.person = None
    db.session.commit()
    committing.ask(answered["member"], commitment, "Qui ?")
    assert len(letters("commitment_asked")) == 3
    with pytest.raises(Missing):
        committed.commitment_question_by_id(10**30)


def test_lists_find_what_is_asked_for_and_counts_agree(answered):
    review = review_in(answered)
    office, body = make_office(), answered.body("member")
    late = answered.commit(review, what="En retard", due_on=in_days(1))
    trial = answered.commit(review, what="Essai", due_on=in_days(20), office=office, details="À 100 % en mai.")
    ours = answered.commit(review, what="La nôtre", due_on=in_days(10), body=body)
    done = answered.commit(review, what="Déjà", due_on=in_days(1))
    answered.report(done, DONE)
    cycle = answered.draft.theme.cycle
    with clock.at(clock.now().replace(hour=12) + (in_days(3) - in_days(0))):
        for filters, found in (
            ({}, [late, ours, trial, done]),
            ({"status": DONE}, [done]),
            ({"is_overdue": True}, [late]),
            ({"is_open": True}, [late, ours, trial]),
            ({"is_experiment": True}, [trial]),
            ({"office_id": office.id}, [trial]),
            ({"body_id": body.id}, [ours]),
            ({"person_id": answered["keeper"].id}, [late, trial, done]),
            ({"cycle_id": cycle.id, "review_id": review.id}, [late, ours, trial, done]),
            ({"cycle_id": cycle.id + 1}, []),
            ({"words": "100 %"}, [trial]),
            ({"words": "%"}, [trial]),
            ({"words": "retard", "is_overdue": True}, [late]),
        ):
            assert db.session.scalars(committed.commitments(**filters)).all() == found, filters
            assert sum(committed.counts_by_status(**filters).values()) == len(found), filters
            assert committed.overdue_count(**filters) == sum(1 for each in found if each.is_overdue), filters
        figures = outcomes.outcome_figures(cycle)
        assert (figures.overdue, figures.experiments, figures.commitments) == (1, 1, 4)


def test_what_became_of_a_cycle_is_counted_in_as_many_statements_however_much_there_is(answered):
    cycle = answered.draft.theme.cycle
    review = review_in(answered)
    answered.commit(review, office=make_office())
    answered.hand_over(2)

    def read() -> tuple[int, outcomes.OutcomeFigures, list[outcomes.Outcome]]:
        db.session.expire_all()
        with count_queries() as statements:
            figures = outcomes.outcome_figures(cycle)
            rows = outcomes.outcome_rows(db.session.scalars(outcomes.outcomes(cycle)).all())
            _said = [(row.stage, row.section.title, row.review.draft.slug, row.review.version.number) for row in rows]
        return len(statements), figures, rows

    few, figures, rows = read()
    waiting = {Answer.ACCEPTED: 0, Answer.PARTLY: 1, Answer.DEFERRED: 0, Answer.DECLINED: 0, None: 1}
    assert (figures.by_answer, figures.total, figures.experiments) == (waiting, 2, 1)
    assert [(row.section.number, row.is_waiting, row.commitments) for row in rows] == [
        ("1", False, {CommitmentStatus.PLANNED: 1}),
        ("2", True, {}),
    ]
    for number in range(5):
        done = answered.commit(review, what=f"Chose {number}")
        answered.report(done, DONE)
    many, figures, rows = read()
    assert many == few
    assert rows[0].commitments == {CommitmentStatus.PLANNED: 1, CommitmentStatus.DONE: 5}
    assert figures.by_progress[CommitmentStatus.DONE] == 5
