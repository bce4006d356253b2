"""Commitments without JavaScript: made, listed, reported on, asked about; and what became of a whole cycle."""

import re
from datetime import timedelta

import pytest

from sip.core import clock
from sip.core.db import db
from sip.cycles.stages import Stage
from sip.reviews.models import Answer, Commitment, CommitmentQuestion, CommitmentStatus
from tests.factories import make_office, make_person
from tests.helpers import plain_text, sign_in_as, submit, token_of
from tests.reviews.conftest import in_days


def enter(client, house, who):
    return sign_in_as(client, house.people[who])


def hidden(page, name):
    return re.search(rf'name="{name}"[^>]*value="([^"]*)"', page.text)[1]


@pytest.fixture
def review(house):
    review = house.hand_over(1)[0]
    house.publish(review)
    return review


def new_address(review):
    return f"/board/{review.draft.slug}/{review.section.slug}/commitments/new"


def only():
    db.session.expire_all()
    return db.session.query(Commitment).one()


def test_the_board_commits_and_the_responsible_person_reports(client, house, review):
    office = make_office(name="Antenne de Lyon")
    enter(client, house, "board")
    data = {
        "what": "Dessiner la carte",
        "details": "Avec les **membres**.",
        "measure": "carte",
        "body": "0",
        "person": "kim tient",
        "due_on": in_days(40).isoformat(),
        "office": str(office.id),
    }
    done = submit(client, new_address(review), data)
    assert done.status_code == 303, plain_text(done.text)
    made = only()
    assert (made.person.name, made.measure, made.office_id, made.due_on) == (
        "Kim Tient",
        "carte",
        office.id,
        in_days(40),
    )
    at = f"/commitments/{made.id}"
    page = client.get(at)
    assert "<strong>membres</strong>" in page.text
    assert "Tried out in Antenne de Lyon first" in page.text
    enter(client, house, "keeper")
    assert "A commitment of yours is due soon" not in client.get("/").text
    page = client.get(at)
    report = {
        "status": "under_way",
        "text": "La moitié est faite.",
        "due_on": in_days(60).isoformat(),
        "results": "Il faut *deux* soirées.",
        "seen": hidden(page, "seen"),
    }
    done = submit(client, f"{at}/report", report, page=at)
    assert done.status_code == 303, plain_text(done.text)
    page = client.get(at)
    for said in ("La moitié est faite.", "Il faut <em>deux</em> soirées.", "Under way"):
        assert said in page.text
    assert house.section(1).stage == Stage.FOLLOWED_UP
    # Who reports on a state that is not the last one is told, and keeps what was typed.
    late = submit(client, f"{at}/report", {**report, "text": "Tout est fait.", "status": "done"}, page=at)
    assert late.status_code == 409
    assert "Tout est fait.</textarea>" in late.text
    again = {**report, "text": "Tout est fait.", "status": "done", "seen": hidden(late, "seen")}
    assert submit(client, f"{at}/report", again, page=at).status_code == 303
    assert only().status == CommitmentStatus.DONE


def test_people_are_chosen_by_name(client, house, review):
    first, second = make_person("Anaïs Double"), make_person("Anaïs Double")
    enter(client, house, "board")
    data = {"what": "Agir", "body": "0", "office": "0", "due_on": in_days(9).isoformat()}
    for name, said in (("Personne de tel", "Nobody was found by"), ("anais", "Several people are called so.")):
        answer = submit(client, new_address(review), {**data, "person": name})
        assert answer.status_code == 422
        assert said in answer.text
    assert f'value="{first.id}"' in answer.text
    wrong = submit(client, new_address(review), {**data, "person": "anais", "person_id": house.people["member"].id})
    assert wrong.status_code == 422
    done = submit(client, new_address(review), {**data, "person": "anais", "person_id": second.id})
    assert done.status_code == 303
    assert only().person_id == second.id


def test_names_are_completed_for_those_who_may_commit_alone(client, house, review):
    address = f"/board/{house.draft.slug}/{review.section.slug}"
    page = sign_in_as(client, house["board"]).get(f"{address}/commitments/new").text
    assert f'data-names="{address}/people"' in page
    assert client.get(f"{address}/people?q=kim").json == {"names": ["Kim Tient"]}
    for nothing in ("", "?q=", "?q=zzz"):
        assert client.get(f"{address}/people{nothing}").json == {"names": []}
    for who in ("member", "facilitator", "keeper"):
        assert sign_in_as(client, house[who]).get(f"{address}/people?q=kim").status_code == 403


def test_wrong_input_is_said_beside_its_field(client, house, review):
    enter(client, house, "board")
    fine = {"what": "Agir", "person": "kim tient", "body": "0", "office": "0", "due_on": in_days(9).isoformat()}
    for change, said in (
        ({"what": " "}, "Please fill this in."),
        ({"what": "x" * 400}, "This is too long"),
        ({"due_on": "2001-01-01"}, 'href="#due_on"'),
        ({"due_on": "demain"}, "This is not a day."),
        ({"body": "4711"}, 'href="#body"'),
        ({"office": "4711"}, 'href="#office"'),
        ({"measure": "nowhere"}, 'href="#measure"'),
        ({"person": ""}, 'href="#body"'),
    ):
        answer = submit(client, new_address(review), {**fine, **change})
        assert answer.status_code == 422, change
        assert said in answer.text, change
    assert db.session.query(Commitment).count() == 0


def test_members_ask_and_get_an_answer(client, house, review):
    commitment = house.commit(review)
    at = f"/commitments/{commitment.id}"
    assert "Sign in to ask about a commitment." in client.get(at).text
    enter(client, house, "member")
    assert submit(client, f"{at}/ask", {"question-text": ""}, page=at).status_code == 422
    assert submit(client, f"{at}/ask", {"question-text": "C’est pour quand ?"}, page=at).status_code == 303
    question = db.session.query(CommitmentQuestion).one()
    assert f'data-kept-saved="commitment-ask:{commitment.id}"' in client.get(at).text
    name = f"answer-{question.id}-text"
    page = client.get(at)
    assert "C’est pour quand" in page.text
    assert name not in page.text
    address = f"{at}/questions/{question.id}/answer"
    refused = client.post(address, data={"csrf_token": token_of(page), name: "Demain."})
    assert refused.status_code == 403
    enter(client, house, "keeper")
    assert "A member asks about a commitment of yours" in client.get("/").text
    assert submit(client, address, {name: "Au printemps."}, page=at).status_code == 303
    again = submit(client, address, {name: "En été."}, page=at)
    assert again.status_code == 303
    page = client.get(at)
    assert "Au printemps." in page.text
    assert "En été." not in page.text
    other = house.commit(review, what="Autre chose")
    assert (
        submit(client, f"/commitments/{other.id}/questions/{question.id}/answer", {name: "x"}, page=at).status_code
        == 404
    )


def test_the_board_changes_a_commitment_and_sees_what_others_changed(client, house, review):
    commitment = house.commit(review)
    at = f"/commitments/{commitment.id}/edit"
    enter(client, house, "board")
    page = client.get(at)
    assert 'value="Kim Tient"' in page.text
    data = {
        "what": "Publier deux cartes",
        "body": "0",
        "person": "Kim Tient",
        "office": "0",
        "seen": hidden(page, "seen"),
    }
    data["due_on"] = in_days(30).isoformat()
    assert submit(client, at, data).status_code == 303
    assert only().what == "Publier deux cartes"
    clash = submit(client, at, {**data, "what": "Ne rien publier"})
    assert clash.status_code == 409
    assert "Publier deux cartes" in clash.text
    assert 'value="Ne rien publier"' in clash.text
    assert only().what == "Publier deux cartes"
    for who in ("keeper", "member", "facilitator"):
        enter(client, house, who)
        assert client.get(at).status_code == 403


def test_the_list_of_commitments_is_filtered_by_its_address(client, house, review, queries):
    body = house.body("member")
    office = make_office(name="Antenne de Lyon")
    with clock.at(clock.now() - timedelta(days=365)):
        house.commit(review, what="En retard", due_on=in_days(9))
    house.commit(review, what="Essayer", office=office)
    house.report(house.commit(review, what="Finir", body=body), CommitmentStatus.DONE)

    def found(query):
        page = client.get(f"/commitments{query}").text
        return [
            what
            for what in ("En retard", "Essayer", "Finir")
            if f">{what}</a></th>" in page or f">{what}</a>\n" in page
        ]

    assert found("") == ["En retard", "Essayer", "Finir"]
    assert found("?status=overdue") == ["En retard"]
    assert found("?status=open") == ["En retard", "Essayer"]
    assert found("?status=done") == ["Finir"]
    assert found(f"?body={body.slug}") == ["Finir"]
    assert found("?trial=yes") == ["Essayer"]
    assert found(f"?office={office.slug}") == ["Essayer"]
    assert found("?q=essa") == ["Essayer"]
    assert found(f"?cycle={house.draft.theme.cycle.slug}&status=open") == ["En retard", "Essayer"]
    assert found("?status=nonsense&cycle=nowhere&mine=yes") == ["En retard", "Essayer", "Finir"]
    enter(client, house, "member")
    assert found("?mine=yes") == []
    enter(client, house, "keeper")
    assert found("?mine=yes") == ["En retard", "Essayer"]
    assert "A commitment of yours is overdue" in client.get("/").text
    with queries() as three:
        page = plain_text(client.get("/commitments").text)
    assert "Overdue 1" in page
    house.commit(review, what="Encore", person=house.people["other"], office=make_office())
    with queries() as four:
        client.get("/commitments")
    assert len(four) == len(three)
    assert client.get("/commitments/4711").status_code == 404
    assert client.get("/commitments/99999999999999").status_code == 404


def test_what_became_of_a_cycle_is_counted_in_words_and_bars(client, house, review, queries):
    at = f"/cycles/{house.draft.theme.cycle.slug}/outcomes"
    other = house.hand_over(2)[0]
    with clock.at(clock.now() - timedelta(days=365)):
        house.commit(review, what="En retard", due_on=in_days(9))
    house.report(house.commit(review, what="Finir"), CommitmentStatus.DONE)
    page = client.get(at)
    said = plain_text(page.text)
    for words in ("2 recommendations came to the board", "Accepted in part", "Waits for an answer", "1 is overdue"):
        assert words in said
    assert page.text.count('class="share-bar"') == 9
    assert 'class="share-part is-partly" width="50.0"' in page.text
    with queries() as few:
        client.get(at)
    house.publish(other, answer=Answer.ACCEPTED)
    for number in range(5):
        house.commit(other, what=f"Promesse {number}")
    with queries() as many:
        client.get(at)
    assert len(many) <= len(few)
    assert "What became of our recommendations" in client.get(f"/cycles/{house.draft.theme.cycle.slug}").text
    assert client.get("/cycles/nowhere/outcomes").status_code == 404


def test_pages_before_there_is_anything(client, house):
    for address, said in (
        ("/board", "Nothing waits for the board"),
        ("/board?show=answered", "The board has not answered yet"),
        ("/commitments", "No commitment yet"),
        ("/commitments?status=done", "Nothing was found"),
        (f"/cycles/{house.draft.theme.cycle.slug}/outcomes", "No recommendation has come to the board yet"),
    ):
        page = client.get(address)
        assert page.status_code == 200
        assert said in page.text
