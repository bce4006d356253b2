"""The letters of this room, as they arrive; and those that a new version calls for."""

from pathlib import Path

import pytest
from flask import Flask

from sip.amendments.actions.answering import accept, decline, undo_answer
from sip.amendments.actions.hiding import hide
from sip.amendments.actions.proposing import improve
from sip.amendments.actions.supporting import support
from sip.notices import courier
from tests.amendments.conftest import letters
from tests.letters import OneRound, delivering

YEARLY, OFTEN = "publiés une fois par an", "publiés tous les trois mois"


@pytest.fixture
def sent(app: Flask, tmp_path: Path):
    """`sent()` delivers what is due, and gives subjects and texts, the oldest first."""
    with delivering(app, tmp_path) as deliver:
        yield deliver


def test_everybody_concerned_is_told(house, sent):
    amendment = house.propose(1, YEARLY, OFTEN)
    support(house.people["other"], amendment)
    improve(house.people["member"], amendment, "publiés chaque mois", "Mieux.")
    answer = accept(house.people["secretary"], amendment, "Oui, merci.", seen=YEARLY)
    undo_answer(house.people["secretary"], answer)
    accept(house.people["secretary"], amendment, "Presque.", seen=YEARLY, text="publiés souvent")
    strike = house.propose(2, "une part fixe,", "")
    decline(house.people["secretary"], strike, "Non, désolé.")
    hide(house.people["steering"], strike, "Une insulte.")
    found = sent()
    page = f"https://agora.example.org/amendments/{amendment.id}"
    assert [subject for subject, _text in found] == [
        "An amendment that you support has another text",
        "Your amendment to Savoir pour décider is answered",
        "The answer to your amendment is taken back",
        "Your amendment to Savoir pour décider is answered",
        "Your amendment to Savoir pour décider is answered",
        "Your amendment to Savoir pour décider is hidden",
    ]
    texts = [text for _subject, text in found]
    assert "Max Membre has improved an amendment" in texts[0]
    assert f"{page}#support" in texts[0]
    assert "has taken up your amendment" in texts[1]
    assert "Oui, merci." in texts[1]
    assert "Sam Secrète has taken back the answer" in texts[2]
    assert "with changes" in texts[3]
    assert "did not take it up" in texts[4]
    assert "Non, désolé." in texts[4]
    assert "Une insulte." in texts[5]


def test_whoever_answers_their_own_amendment_gets_no_letter(house):
    amendment = house.propose(1, YEARLY, OFTEN, "secretary")
    decline(house.people["secretary"], amendment, "J’ai changé d’avis.")
    assert letters() == []


def test_the_courier_tells_authors_whose_passage_a_new_version_lacks(app, house, sent):
    house.propose(2, "une part fixe,", "une part de 500 €,")
    seen = courier.tell_of_versions(app, (0, 0))
    assert sent() == []
    house.write(2, "Le budget est l’affaire de l’assemblée générale, qui le vote.")
    house.freeze("La suivante")
    courier.run(app, OneRound())
    [(subject, text)] = sent()
    assert subject == "The passage that you amended is gone"
    assert "Version 2 of Savoir pour décider" in text
    assert courier.tell_of_versions(app, seen) > seen  # another courier
    assert sent() == []
