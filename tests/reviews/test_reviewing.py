"""What comes to the board, what it notes and asks, and what the group answers."""

import pytest

from sip.core.db import db
from sip.core.errors import Conflict, Denied, Invalid
from sip.core.journal import Event, JournalEntry
from sip.cycles.stages import Stage
from sip.people.models import PersonRole
from sip.reviews import queries
from sip.reviews.actions import receiving, responding, reviewing
from tests.factories import make_person
from tests.reviews.conftest import letters


def test_the_board_receives_the_published_text_and_one_letter(house):
    make_person("Pas encore", roles=(PersonRole.BOARD_MEMBER,), joined_at=None)
    house.new_version("Seconde", 1, "Toute antenne publie ses comptes.")
    reviews = house.hand_over(0, 1, 2)
    assert [(each.key, each.version.number, each.first_number) for each in reviews] == [
        (house.section(1).key, 2, 1),
        (house.section(2).key, 2, 1),
    ]
    assert all(each.answer is None and each.answered_at is None for each in reviews)
    told = sorted(house.people[who].email for who in ("board", "other board"))
    assert letters() == [("review_received", address) for address in told]
    assert queries.waiting_count() == 2
    assert db.session.scalars(queries.waiting_for_board()).all() == reviews
    assert queries.of_section(house.draft, house.section(0).key) is None


def test_what_returns_is_taken_up_again_and_who_had_signed_signs_anew(house):
    [review] = house.hand_over()
    proposal = house.propose(review)
    house.propose(review, measures=[{"slug": "carte", "answer": "declined", "reasons": "Non."}])
    from_before = queries.mark_of(review)
    house.new_version("Seconde", 1, "Toute antenne publie ses comptes.\n\n### Le registre {#registre}\n\nIl reste.")
    [again] = house.hand_over()
    assert again is review
    assert (review.version.number, review.first_number) == (2, 1)
    assert (proposal.version_number, proposal.signatures, proposal.measures) == (2, [], [])
    assert queries.mark_of(review) != from_before
    # Handed over once more on the same text, a proposal stays as it is.
    mark = queries.mark_of(review)
    receiving.receive(house["steering"], house.draft, [house.section(1)])
    assert queries.mark_of(review) == mark


def test_notes_are_for_the_board_and_stay_out_of_the_history_of_the_document(house):
    [review] = house.hand_over()
    reviewing.note(house["board"], review, "Voir **le budget**.")
    [note] = db.session.scalars(queries.notes_of(review)).all()
    assert (note.author, note.html) == (house["board"], "<p>Voir <strong>le budget</strong>.</p>")
    entry = db.session.query(JournalEntry).filter_by(event=Event.REVIEW_NOTED).one()
    assert (entry.draft_id, entry.data["title"]) == (None, "Rendre visible")
    assert "budget" not in str(entry.data)
    with pytest.raises(Denied):
        reviewing.note(house["facilitator"], review, "Moi aussi.")
    with pytest.raises(Invalid):
        reviewing.note(house["board"], review, "  ")


def test_the_group_answers_what_the_board_asks_once(house):
    [review] = house.hand_over()
    question = reviewing.ask(house["board"], review, "Qui tient la carte ?")
    group = ("facilitator", "participant", "referent", "secretary")
    assert letters("board_asks") == sorted(("board_asks", house.people[who].email) for who in group)
    assert queries.unanswered_questions_of([house.draft.id]) == [question]
    with pytest.raises(Denied):
        reviewing.answer_question(house["member"], question, "Moi.")
    reviewing.answer_question(house["participant"], question, "L’antenne.")
    assert letters("board_question_answered") == [("board_question_answered", house.people["board"].email)]
    with pytest.raises(Conflict) as clash:
        reviewing.answer_question(house["secretary"], question, "Le siège.")
    assert clash.value.details["theirs"] == "L’antenne."
    assert (question.answer, question.answered_by) == ("L’antenne.", house["participant"])
    assert queries.unanswered_questions_of([house.draft.id]) == []
    late = reviewing.ask(house["board"], review, "Et le registre ?")
    house.set_stage(Stage.CONCERTATION)
    assert queries.unanswered_questions_of([house.draft.id]) == []
    with pytest.raises(Denied):
        reviewing.answer_question(house["secretary"], late, "Trop tard.")


def test_the_list_of_the_board_says_how_far_each_answer_is(house):
    reviews = house.hand_over(1, 2)
    reviewing.ask(house["board"], reviews[0], "Qui ?")
    proposal = house.propose(reviews[1])
    assert queries.unsigned_by(house["board"]) == 2
    responding.sign(house["board"], proposal, seen=proposal.mark)
    assert [queries.unsigned_by(house[who]) for who in ("board", "other board")] == [1, 2]
    rows = [
        (row.section.number, row.section.title, row.proposal, row.signatures, row.open_questions)
        for row in queries.rows_of(db.session.scalars(queries.waiting_for_board()).all())
    ]
    assert rows == [("1", "Rendre visible", None, 0, 1), ("2", "Budget local", proposal, 1, 0)]
    house.publish(reviews[1], reasons="Enfin.")
    assert queries.unsigned_by(house["board"]) == 1
    assert db.session.scalars(queries.answered()).all() == [reviews[1]]
    # A change of the answer waits for signatures like the first one.
    house.propose(reviews[1], reasons="Mieux.")
    assert queries.unsigned_by(house["board"]) == 2
