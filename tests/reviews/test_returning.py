"""Recommendations that come to the board again, or came here from files; what nobody but the board may know."""

from datetime import timedelta

import pytest

from sip.bodies.models import BodyKind
from sip.core import clock
from sip.core.db import db
from sip.core.errors import Conflict, Denied
from sip.cycles.stages import Stage
from sip.meetings.actions import calling, minutes
from sip.reviews import checking, committed, queries
from sip.reviews.actions import committing, receiving, responding, reviewing
from sip.reviews.contributors import told_of
from sip.reviews.models import Answer, Review
from tests.factories import let_stand, make_body
from tests.helpers import plain_text, sign_in_as, submit
from tests.reviews.conftest import in_days


def test_a_proposal_follows_its_measures_to_another_text(house):
    (review,) = house.hand_over(1)
    measures = [
        {"slug": "carte", "answer": "accepted", "reasons": "Elle existe."},
        {"slug": "registre", "answer": "declined", "reasons": "Trop cher."},
    ]
    house.propose(review, measures=measures)
    house.new_version("Deux", 1, "Texte.\n\n### Un plan {#plan}\n\nUn plan.\n\n### Notre carte {#carte}\n\nElle.")
    house.hand_over(1)
    proposal = queries.proposal_of(review)
    assert [(each["letter"], each["title"]) for each in proposal.measures] == [("b", "Notre carte")]
    # What was written about a measure that is gone is not lost.
    assert proposal.reasons == "Parce que.\n\nLe registre: Trop cher."
    assert "Trop cher" in proposal.reasons_html


def test_what_the_board_asks_when_it_studies_again_is_for_the_group_until_it_answers_again(client, house):
    (review,) = house.hand_over(1)
    reviewing.ask(house["board"], review, "La première question ?")
    house.publish(review)
    let_stand(house.draft, Stage.UNDER_REVIEW, review.section)
    house.hand_over(1)
    reviewing.ask(house["board"], review, "La seconde question ?")
    db.session.commit()
    address = f"/board/{house.draft.slug}/rendre-visible"
    for who, is_told in ((None, False), ("member", False), ("participant", True), ("board", True)):
        browser = client.application.test_client()
        if who:
            sign_in_as(browser, house[who])
        page = browser.get(address).text
        assert "La première question" in page, who
        assert ("La seconde question" in page) == is_told, who
    house.publish(review, reasons="Autrement.")
    assert "La seconde question" in client.get(address).text


def test_nobody_else_learns_whether_an_answer_is_proposed_or_a_question_asked(client, house):
    (review, _other) = house.hand_over(1, 2)
    proposal = house.propose(review)
    question = reviewing.ask(house["board"], review, "Combien ?")
    db.session.commit()
    with_one, without = (f"/board/{house.draft.slug}/{slug}" for slug in ("rendre-visible", "budget-local"))
    for who in (None, "member", "facilitator", "steering", "administrator"):
        browser, page = client.application.test_client(), "/board" if who else "/sign-in"
        if who:
            sign_in_as(browser, house[who])
        for act in ("sign", "unsign", "publish"):
            fields = {"seen": proposal.mark}
            found = [submit(browser, f"{file}/{act}", fields, page=page).status_code for file in (with_one, without)]
            assert found[0] == found[1], (who, act)
            assert found[0] in (401, 403), (who, act)
        for file in (with_one, without):
            assert browser.get(f"{file}/responses/1").status_code == 404, who
        if who in (None, "member", "administrator"):
            asked = [
                submit(browser, f"{with_one}/questions/{number}/answer", {}, page=page).status_code
                for number in (question.id, question.id + 99)
            ]
            assert asked == [404, 404], who
    assert queries.proposal_of(review).signatures == []


def test_whoever_signs_a_moment_after_it_was_published_is_told_so(client, house):
    (review,) = house.hand_over(1)
    response, file = house.publish(review), f"/board/{house.draft.slug}/rendre-visible"
    sign_in_as(client, house["board"])
    late = submit(client, f"{file}/sign", {"seen": response.mark}, page=file)
    assert late.status_code == 403
    assert "This answer is published" in late.text


def test_the_number_of_who_will_be_told_leaves_out_whoever_publishes(house):
    (review,) = house.hand_over(1)
    assert told_of(review, but=house["participant"]) == told_of(review) - 1


def test_questions_about_commitments_wait_while_the_recommendation_is_discussed_again(house):
    (review,) = house.hand_over(1)
    house.publish(review)
    commitment = house.commit(review)
    committing.ask(house["member"], commitment, "Quand ?")
    db.session.commit()
    assert len(committed.unanswered_of(house["keeper"])) == 1
    let_stand(house.draft, Stage.UNDER_REVIEW, review.section)
    assert committed.unanswered_of(house["keeper"]) == []


def test_a_recommendation_that_came_from_files_is_taken_up(client, house):
    house.set_stage(Stage.UNDER_REVIEW)
    address = f"/board/{house.draft.slug}/rendre-visible"
    for who in (None, "member", "facilitator"):
        browser, page = client.application.test_client(), "/board" if who else "/sign-in"
        if who:
            sign_in_as(browser, house[who])
        assert "there is no file of it here yet" in plain_text(browser.get(address).text)
        assert submit(browser, f"{address}/open", {}, page=page).status_code in (401, 403)
        assert db.session.query(Review).count() == 0
    sign_in_as(client, house["board"])
    assert "rendre-visible" in client.get("/board").text
    for page in (f"/drafts/{house.draft.slug}/workflow", f"/drafts/{house.draft.slug}/rendre-visible", "/board"):
        assert client.get(page).status_code == 200, page
    opened = submit(client, f"{address}/open", {}, page=address)
    assert opened.status_code == 303
    page = client.get(address).text
    assert "Propose this answer" in page
    # Running text has none, and what has one is not opened twice.
    for gone in (address, f"/board/{house.draft.slug}/introduction", f"/board/{house.draft.slug}/nowhere"):
        assert submit(client, f"{gone}/open", {}, page="/board").status_code == 404
    review = db.session.query(Review).one()
    assert receiving.open_file(house["board"], review.section) is review
    with pytest.raises(Denied):
        receiving.open_file(house["member"], review.section)
    house.publish(review)
    assert house.section(1).stage == Stage.ANSWERED
    assert not list(checking.problems())


def test_what_was_answered_before_it_came_here_leads_to_the_way_to_answer_anew(client, house):
    house.set_stage(Stage.ANSWERED)
    address = f"/board/{house.draft.slug}/rendre-visible"
    sign_in_as(client, house["board"])
    page = client.get(address).text
    assert "its answer is not kept here" in page
    assert f'href="/drafts/{house.draft.slug}/workflow"' in page
    assert submit(client, f"{address}/open", {}, page=address).status_code == 403
    for page in (f"/drafts/{house.draft.slug}/workflow", f"/drafts/{house.draft.slug}/rendre-visible", "/commitments"):
        assert client.get(page).status_code == 200, page
    house.hand_over(1)
    assert "Propose this answer" in client.get(address).text


def test_an_answer_is_published_once_or_sent_back_not_both(house):
    (review,) = house.hand_over(1)
    response = house.propose(review)
    for who in ("board", "other board"):
        responding.sign(house[who], response, seen=response.mark)
    house.set_stage(Stage.CONCERTATION, 1)
    with pytest.raises(Denied):
        responding.publish(house["board"], review, seen=response.mark)
    house.hand_over(1)
    responding.publish(house["board"], review, seen=response.mark)
    with pytest.raises(Conflict):
        responding.publish(house["other board"], review, seen="1.1")


def test_board_members_put_a_recommendation_on_an_agenda_from_its_file(client, house):
    (review,) = house.hand_over(1)
    address, board = (
        f"/board/{house.draft.slug}/rendre-visible",
        make_body(slug="ca", name="Le CA", kind=BodyKind.BOARD),
    )
    sign_in_as(client, house["board"])
    assert 'href="/bodies/ca/meetings/create"' in client.get(address).text
    values = {"title": "Séance", "starts_at": clock.now() + timedelta(days=3), "place": ""}
    meeting = calling.create_meeting(house["board"], board, values)
    db.session.commit()
    assert f'action="/meetings/{meeting.id}/agenda/put"' in client.get(address).text
    put = submit(client, f"/meetings/{meeting.id}/agenda/put", {"review": review.id}, page=address)
    assert put.status_code == 303
    assert f'action="/meetings/{meeting.id}/agenda/put"' not in client.get(address).text
    db.session.expire_all()
    point = meeting.points[0]
    with clock.at(meeting.starts_at + timedelta(days=1)):
        minutes.write_minutes(house["board"], meeting, {minutes.field_of(point): "Nous acceptons."})
        minutes.publish_minutes(house["board"], meeting)
    db.session.commit()
    # Minutes are for members.
    assert "Nous acceptons" in sign_in_as(client, house["member"]).get(address).text
    visitor = client.application.test_client()
    assert "Nous acceptons" not in visitor.get(address).text
    assert "/agenda/put" not in visitor.get(address).text


def test_what_was_put_off_comes_back_on_its_day_and_is_answered(client, house):
    (review,) = house.hand_over(1)
    house.publish(review, answer=Answer.DEFERRED, deferred_until=in_days(30))
    sign_in_as(client, house["board"])
    overdue = "The day until which these answers were put off has passed"
    assert overdue not in client.get("/board").text
    with clock.at(clock.now() + timedelta(days=31)):
        assert overdue in sign_in_as(client, house["board"]).get("/board").text
        assert overdue not in sign_in_as(client, house["member"]).get("/board").text
        house.publish(review, answer=Answer.ACCEPTED, reasons="C’est possible.")
        assert overdue not in sign_in_as(client, house["board"]).get("/board").text
    assert (review.answer, house.section(1).stage) == ("accepted", Stage.ANSWERED)
    assert [each.answer for each in queries.responses_of(review)] == ["accepted", "deferred"]
    assert not list(checking.problems())
