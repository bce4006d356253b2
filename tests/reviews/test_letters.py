"""The letters of this room, as they arrive; and what the history of a cycle tells."""

import email
import email.policy
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from sip.core.db import db
from sip.notices import courier
from sip.reviews.actions import committing, reviewing
from sip.reviews.models import Answer, CommitmentStatus
from tests.helpers import plain_text
from tests.reviews.conftest import in_days

ROOT = "https://agora.example.org"


@pytest.fixture
def sent(app: Flask, tmp_path: Path):
    """`sent()` delivers what is due, and gives the letters to each address: (subject, text), the oldest first."""
    before = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(before, data=tmp_path, base_url=ROOT)

    def deliver() -> dict[str, list[tuple[str, str]]]:
        db.session.commit()
        courier.deliver_due(app)
        found: dict[str, list[tuple[str, str]]] = {}
        for path in sorted((tmp_path / "mail").glob("*.eml"), key=lambda path: path.stem[-6:]):
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            letter = message["Subject"], " ".join(message.get_content().split())
            found.setdefault(message["To"], []).append(letter)
        return found

    yield deliver
    app.config["SETTINGS"] = before


def test_everybody_concerned_is_told(house, sent):
    [review, _other] = house.hand_over(1, 2)
    question = reviewing.ask(house["board"], review, "Qui tient la carte ?")
    reviewing.answer_question(house["secretary"], question, "L’antenne.")
    house.publish(review)
    house.publish(review, answer=Answer.ACCEPTED, reasons="Tout de même.")
    commitment = house.commit(review, due_on=in_days(400).replace(month=5, day=1))
    asked = committing.ask(house["member"], commitment, "Quand ?")
    committing.answer(house["keeper"], asked, "En mai.")
    found = sent()
    file = f"{ROOT}/board/{house.draft.slug}/{review.section.slug}"
    page = f"{ROOT}/commitments/{commitment.id}"

    [(subject, text), (answered, answer)] = found[house.people["board"].email]
    assert subject == "Savoir pour décider: recommendations for the board to answer"
    assert "2 recommendations of “Savoir pour décider” have come to the board: * Rendre visible * Budget local" in text
    assert f"{ROOT}/board" in text
    assert answered == "The group has answered your question about “Savoir pour décider”"
    assert "Sam Secrète" in answer
    assert "L’antenne." in answer
    assert f"{file}#questions" in answer

    (asking, text), (first, answer), (second, changed) = found[house.people["facilitator"].email]
    assert asking == "The board asks about “Savoir pour décider”"
    assert "Bo Conseil asks your working group about the recommendation “Rendre visible”" in text
    assert "Qui tient la carte ?" in text
    assert first == "The board has answered: Rendre visible"
    assert "It is accepted in part." in answer
    assert f"{file}#answer" in answer
    assert second == "The board has changed its answer: Rendre visible"
    assert "It is accepted." in changed

    (made, text), (asks, wanted) = found[house.people["keeper"].email]
    assert made == "For you to do: Publier la carte"
    assert f"May\u00a01, {commitment.due_on.year}" in text or f"May 1, {commitment.due_on.year}" in text
    assert page in text
    assert asks == "A question about: Publier la carte"
    assert "Max Membre asks about the commitment “Publier la carte”: Quand ?" in wanted
    assert f"{page}#questions" in wanted
    [(subject, text)] = found[house.people["member"].email]
    assert subject == "Your question is answered: Publier la carte"
    assert "Kim Tient has answered your question" in text
    assert "En mai." in text


def test_the_history_of_the_cycle_tells_what_the_board_decided_and_nothing_of_how(house, client):
    [review] = house.hand_over()
    reviewing.note(house["board"], review, "Entre nous.")
    house.publish(review)
    commitment = house.commit(review)
    house.report(commitment, CommitmentStatus.UNDER_WAY)
    page = client.get(f"/cycles/{house.draft.theme.cycle.slug}/history").text
    file = f"/board/{house.draft.slug}/{review.section.slug}"
    assert page.count(f"/commitments/{commitment.id}") == 2
    assert f'href="{file}' in page
    assert "Rendre visible" in page
    told = plain_text(page)
    assert "Stef Pilote handed “Rendre visible” over to the board" in told
    assert "Publier la carte" in told
    for private in ("wrote a note", "signed the proposed", "proposed what the board"):
        assert private not in told
