"""The board's file without JavaScript: propose, sign, publish; notes, questions; what each reader sees of it."""

import re

import pytest

from sip.core.db import db
from sip.cycles.stages import Stage
from sip.reviews.models import Answer, BoardResponse, CommitmentStatus, Review, ReviewNote, ReviewQuestion
from tests.helpers import plain_text, sign_in_as, submit, token_of
from tests.reviews.conftest import in_days
from tests.reviews.test_file import talk, vote


def address(review):
    return f"/board/{review.draft.slug}/{review.section.slug}"


def enter(client, house, who):
    return sign_in_as(client, house.people[who])


def leave(client):
    with client.session_transaction() as session:
        session.clear()


def seen_in(page):
    return re.search(r'name="seen"[^>]*value="([^"]*)"', page.text)[1]


@pytest.fixture
def review(house):
    return house.hand_over(1)[0]


def test_the_board_answers_from_the_file_alone(client, house, review):
    """Propose an incomplete answer, complete it, sign it twice, look once more, publish: each leads to the next."""
    at = address(review)
    enter(client, house, "board")
    page = client.get(at)
    assert "Chaque antenne publie ses comptes." in page.text
    assert "Propose this answer" in page.text
    kept = re.search(r'data-keep="(board-answer:\d+)"', page.text)[1]
    first = {"answer": "partly", "reasons": "", "answer-carte": "declined", "seen": seen_in(page)}
    done = submit(client, f"{at}/response", first, page=at)
    assert done.status_code == 303, plain_text(done.text)
    page = client.get(done.location)
    assert f'data-kept-saved="{kept}"' in page.text
    assert "Give the reasons of the answer to measure a." in page.text
    assert "Sign it" not in page.text
    full = {**first, "reasons": "La carte coûte **trop**.", "reasons-carte": "Elle existe.", "seen": seen_in(page)}
    submit(client, f"{at}/response", full, page=at)
    page = client.get(at)
    assert "<strong>trop</strong>" in page.text
    assert "0 of 2 signatures" in plain_text(page.text)
    for who in ("board", "other board"):
        enter(client, house, who)
        mark = seen_in(client.get(at))
        assert submit(client, f"{at}/sign", {"seen": mark}, page=at).status_code == 303
    page = client.get(at)
    assert "2 of 2 signatures" in plain_text(page.text)
    look = client.get(f"{at}/publish")
    assert "people who followed the recommendation or contributed to it are told by mail" in plain_text(look.text)
    done = submit(client, f"{at}/publish", {"seen": seen_in(look)})
    assert done.status_code == 303, plain_text(done.text)
    leave(client)
    page = client.get(at)
    assert "Accepted in part" in page.text
    assert "Elle existe." in page.text
    db.session.expire_all()
    assert db.session.get(Review, review.id).answer == Answer.PARTLY
    assert house.section(1).stage == Stage.ANSWERED


def test_what_was_typed_is_not_lost_when_something_is_wrong(client, house, review):
    at = address(review)
    enter(client, house, "board")
    for data, said in (
        ({"answer": "", "reasons": "Un long motif."}, "Please choose."),
        ({"answer": "deferred", "deferred_until": "2001-01-01", "reasons": "Un long motif."}, "Choose a day to come."),
        ({"answer": "deferred", "deferred_until": "bientôt", "reasons": "Un long motif."}, "This is not a day."),
        ({"answer": "rejected", "reasons": "Un long motif."}, "Not a valid choice"),
        ({"answer": "accepted", "answer-carte": "nonsense", "reasons": "Un long motif."}, "Not a valid choice"),
        ({"answer": "accepted", "reasons": "Un long motif." + "x" * 20_000}, "This is too long"),
    ):
        answer = submit(client, f"{at}/response", {"seen": "", **data}, page=at)
        assert answer.status_code == 422, data
        assert said in plain_text(answer.text), data
        assert "Un long motif." in answer.text
        assert 'class="error-summary"' in answer.text
    for name, path in (("note-text", "notes"), ("question-text", "questions")):
        answer = submit(client, f"{at}/{path}", {name: " "}, page=at)
        assert answer.status_code == 422
        assert f'href="#{name}"' in answer.text
    assert db.session.query(BoardResponse).count() == 0


def test_two_who_write_at_once_see_both_answers(client, house, review):
    at = address(review)
    enter(client, house, "board")
    seen = seen_in(client.get(at))
    house.propose(review, who="other board", answer=Answer.DECLINED, reasons="Trop cher.")
    data = {"answer": "accepted", "reasons": "Une bonne idée.", "seen": seen}
    clash = submit(client, f"{at}/response", data, page=at)
    assert clash.status_code == 409
    assert "Trop cher." in clash.text
    assert "Une bonne idée.</textarea>" in clash.text
    assert db.session.query(BoardResponse).one().reasons == "Trop cher."
    saved = submit(client, f"{at}/response", {**data, "seen": seen_in(clash)}, page=at)
    assert saved.status_code == 303
    db.session.expire_all()
    assert db.session.query(BoardResponse).one().reasons == "Une bonne idée."
    # Who signs what another has changed meanwhile is told, and has not signed.
    told = client.get(submit(client, f"{at}/sign", {"seen": "1.1"}, page=at).location)
    assert "Somebody of the board has saved another answer in the meantime." in told.text
    assert "0 of 2 signatures" in plain_text(told.text)


def test_a_signature_is_taken_back_and_too_few_do_not_publish(client, house, review):
    at = address(review)
    response = house.propose(review)
    enter(client, house, "board")
    submit(client, f"{at}/sign", {"seen": response.mark}, page=at)
    page = client.get(f"{at}/publish")
    assert "More board members must sign before it can be published." in page.text
    assert 'name="seen"' not in page.text
    forced = submit(client, f"{at}/publish", {"seen": response.mark}, page=at)
    assert forced.status_code == 422
    submit(client, f"{at}/unsign", {}, page=at)
    assert "0 of 2 signatures" in plain_text(client.get(at).text)
    assert house.section(1).stage == Stage.UNDER_REVIEW


def test_notes_are_the_board_s_alone_and_questions_the_group_s_too(client, house, review):
    at = address(review)
    enter(client, house, "board")
    submit(client, f"{at}/notes", {"note-text": "À voir avec la trésorière."}, page=at)
    submit(client, f"{at}/questions", {"question-text": "Combien coûte la carte ?"}, page=at)
    question = db.session.query(ReviewQuestion).one()
    assert "À voir avec la trésorière." in client.get(at).text
    for who, sees_question in (("participant", True), ("member", False), ("steering", False)):
        enter(client, house, who)
        page = client.get(at)
        assert "À voir avec la trésorière." not in page.text, who
        assert ("Combien coûte la carte" in page.text) == sees_question, who
    enter(client, house, "participant")
    assert "The board asks your group something" in client.get("/").text
    group = house.draft.groups[0]
    assert "The board asks your group 1 question" in plain_text(client.get(f"/groups/{group.slug}").text)
    name = f"answer-{question.id}-text"
    assert submit(client, f"{at}/questions/{question.id}/answer", {name: ""}, page=at).status_code == 422
    done = submit(client, f"{at}/questions/{question.id}/answer", {name: "Mille euros."}, page=at)
    assert done.status_code == 303
    assert "Mille euros." in client.get(at).text
    assert "The board asks your group something" not in client.get("/").text
    house.publish(review)
    enter(client, house, "member")
    page = client.get(at)
    assert "Mille euros." in page.text
    assert "À voir avec la trésorière." not in page.text
    assert db.session.query(ReviewNote).count() == 1


def test_who_may_not_is_told_why_and_learns_nothing(client, house, review):
    at = address(review)
    house.propose(review, reasons="Un secret.")
    other = house.hand_over(2)[0]
    enter(client, house, "board")
    submit(client, f"{at}/questions", {"question-text": "Combien ?"}, page=at)
    question = db.session.query(ReviewQuestion).one()
    assert client.get(f"{at}/responses/9").status_code == 404
    token = token_of(client.get(at))
    strange = f"{address(other)}/questions/{question.id}/answer"
    enter(client, house, "participant")
    assert client.post(strange, data={"csrf_token": token, f"answer-{question.id}-text": "x"}).status_code == 404
    for who in ("member", "facilitator", "administrator"):
        enter(client, house, who)
        assert "Un secret." not in client.get(at).text
        assert client.get(f"{at}/responses/1").status_code == 404
        assert client.get(f"{at}/publish").status_code == 403
        for path in ("notes", "questions", "response", "sign", "unsign", "publish"):
            answer = client.post(f"{at}/{path}", data={"answer": "accepted"})
            assert answer.status_code == 403, (who, path)
    for wrong in ("/board/nowhere/x", f"/board/{house.draft.slug}/nowhere", f"/board/{house.draft.slug}/introduction"):
        assert client.get(wrong).status_code == 404
    assert client.get(f"/board/{house.draft.slug}/{review.key}").status_code == 200


def test_a_change_of_the_answer_is_another_version_and_shows_what_changed(client, house, review):
    at = address(review)
    house.publish(review, reasons="La carte coûte cher.", answer=Answer.DECLINED)
    measures = [{"slug": "carte", "answer": "accepted", "reasons": "Elle existe déjà."}]
    house.publish(review, reasons="La carte coûte peu.", answer=Answer.PARTLY, measures=measures)
    page = client.get(at)
    assert "The board has changed its answer:" in page.text
    assert f'href="{at}/responses/1"' in page.text
    second = client.get(f"{at}/responses/2")
    assert "<del>cher</del><ins>peu</ins>" in second.text
    assert "<del>Not accepted</del>" in second.text
    assert "as the whole recommendation before" in second.text
    assert "The board has changed its answer since." in client.get(f"{at}/responses/1").text


def test_the_list_of_the_board_says_what_waits_for_whom(client, house, review, queries):
    response = house.propose(review)
    enter(client, house, "board")
    client.get("/board")
    with queries() as one:
        client.get("/board")
    other = house.hand_over(2)[0]
    with queries() as two:
        client.get("/board")
    assert len(two) == len(one)
    page = plain_text(client.get("/board").text)
    assert "2 recommendations wait for you" in page
    assert "0 of 2 signatures" in page
    submit(client, f"{address(review)}/sign", {"seen": response.mark}, page=address(review))
    assert "1 recommendation waits for you" in plain_text(client.get("/board").text)
    assert "1 recommendation waits for you as a board member" in plain_text(client.get("/").text)
    house.publish(other, answer=Answer.DEFERRED, deferred_until=in_days(100))
    leave(client)
    page = client.get("/board")
    assert "1. Rendre visible" in page.text
    assert "signatures" not in page.text
    assert "Budget local" not in page.text
    page = client.get("/board?show=answered")
    assert "Put off until later" in page.text
    assert "Rendre visible" not in page.text


def test_the_page_of_a_section_tells_of_the_answer(client, house, review, queries):
    at = f"/drafts/{house.draft.slug}/{review.section.slug}"
    assert "The board has been studying this recommendation since" in client.get(at).text
    house.publish(review, reasons="Parce que la carte manque.")
    house.commit(review, what="Dessiner la carte")
    page = client.get(at)
    assert "Parce que la carte manque." in page.text
    assert "Dessiner la carte" in page.text
    assert f'href="{address(review)}"' in page.text


def test_the_road_holds_what_happened(client, house):
    talk(house)
    vote(house, 1, "Trop tôt.")
    vote(house, 2)
    review = house.hand_over(1)[0]
    house.publish(review)
    house.report(house.commit(review), CommitmentStatus.UNDER_WAY)
    page = plain_text(client.get(address(review)).text)
    for said in (
        "How it came about",
        "what members saw first",
        "The board answers:",
        "from “Answered” to “Followed up”",
    ):
        assert said in page
    for said in ("discussions2", "amendment1", "Ballot, round 2", "1 objection", "Trop tôt.", "Avec prudence."):
        assert said in page
    assert "Noé Vote" not in page, "names with votes are for members"
    enter(client, house, "member")
    assert "Noé Vote" in client.get(address(review)).text
    told = client.get(f"/cycles/{house.draft.theme.cycle.slug}/history")
    for said in (
        "handed “Rendre visible” over to the board",
        "the board’s answer to “Rendre visible”: “Accepted in part”",
        "committed the board to “Publier la carte”",
        "reported on “Publier la carte”: “Under way”",
    ):
        assert said in plain_text(told.text)
    assert f'href="{address(review)}"' in told.text


def test_odd_addresses_are_not_found(client, house, review):
    for wrong in ("/board/x%00/y", f"/board/{house.draft.slug}/%00", "/commitments/0", "/cycles/%00/outcomes"):
        assert client.get(wrong).status_code == 404, wrong
    odd = "q=%25&cycle=..&body=-1&office=%F0%9F%92%A9&status=open&page=1"
    assert client.get(f"/commitments?{odd}").status_code == 200
