"""The pages of amendments, without JavaScript: what is proposed, supported, answered; wrong input; no rights."""

import re

import pytest

from sip.amendments.actions.answering import accept, decline
from sip.amendments.actions.hiding import hide
from sip.amendments.actions.supporting import support
from sip.amendments.models import Amendment, AmendmentState
from sip.core.db import db
from sip.cycles.stages import Stage
from tests.helpers import plain_text, sign_in_as, submit, token_of

YEARLY = "publiés une fois par an"
OFTEN = "publiés tous les trois mois"


def enter(client, house, who):
    return sign_in_as(client, house.people[who])


def new_address(house, place=1, words=YEARLY, **more):
    spot = house.spot(place, words)
    query = f"version={spot['version'].number}&key={spot['key']}&start={spot['start']}&end={spot['end']}"
    return f"/drafts/{house.draft.slug}/amendments/new?{query}" + "".join(f"&{k}={v}" for k, v in more.items())


def only():
    db.session.expire_all()
    return db.session.query(Amendment).one()


def test_a_member_proposes_other_words(client, house):
    enter(client, house, "member")
    address = new_address(house)
    page = client.get(address)
    assert page.status_code == 200
    assert f">\r\n{YEARLY}</textarea>" in page.text or f">\n{YEARLY}</textarea>" in page.text
    preview = client.post(
        address, data={"csrf_token": token_of(page), "proposed": OFTEN, "reason": "", "action": "preview"}
    )
    assert preview.status_code == 200
    assert "<ins>tous les trois mois</ins>" in preview.text
    assert db.session.query(Amendment).count() == 0
    done = submit(client, address, {"proposed": OFTEN, "reason": "On oublie *vite*.", "words": YEARLY})
    assert done.status_code == 303
    shown = client.get(done.location)
    assert f"/amendments/{only().id}" in done.location
    assert "<del>une fois par an</del><ins>tous les trois mois</ins>" in shown.text
    kept = re.search(r'data-keep="([^"]+)"', page.text)[1]
    assert f'data-kept-saved="{kept}"' in shown.text
    assert "On oublie <em>vite</em>." in shown.text
    assert "Max Membre" in shown.text


def test_the_passage_is_chosen_without_a_mouse(client, house):
    enter(client, house, "member")
    start = client.get(f"/drafts/{house.draft.slug}/amendments/choose")
    assert "Rendre visible" in start.text
    address = f"/drafts/{house.draft.slug}/amendments/choose?key={house.section(1).key}"
    page = client.get(address)
    values = re.findall(r'name="s" value="(\d+-\d+)"', page.text)
    assert len(values) == 5  # three sentences, a heading, a paragraph
    assert client.get(address + "&choose=yes").status_code == 422
    chosen = client.get(f"{address}&s={values[1]}&s={values[2]}")
    assert chosen.status_code == 302
    form = client.get(chosen.location)
    assert "Les comptes sont publiés une fois par an. Ils sont lus en assemblée.</textarea>" in form.text


@pytest.mark.parametrize(("field", "value"), [("reason", " "), ("proposed", ""), ("proposed", YEARLY)])
def test_what_is_missing_is_said_and_nothing_typed_is_lost(client, house, field, value):
    enter(client, house, "member")
    data = {"proposed": OFTEN, "reason": "Un long motif.", "words": YEARLY, field: value}
    answer = submit(client, new_address(house), data)
    assert answer.status_code == 422
    assert 'class="error-summary"' in answer.text
    if field != "reason":
        assert "Un long motif." in answer.text
    assert db.session.query(Amendment).count() == 0


def test_odd_passages_are_not_found(client, house):
    enter(client, house, "member")
    key = house.section(1).key
    for query in (
        f"key={key}&start=5&end=99999",
        f"key={key}&start=9&end=9",
        f"key={key}&start=9&end=3",
        "key=nowhere&start=1&end=4",
        f"version=99&key={key}&start=1&end=4",
        f"version=1&key={key}&start=1&end=99999999999999",
        "thread=4711",
    ):
        assert client.get(f"/drafts/{house.draft.slug}/amendments/new?{query}").status_code == 404, query
    assert client.get("/amendments/99999999999999").status_code == 404
    assert client.get("/drafts/nowhere/amendments").status_code == 404


def test_words_that_do_not_stand_there_are_refused(client, house):
    enter(client, house, "member")
    answer = submit(client, new_address(house), {"proposed": OFTEN, "reason": "Oui.", "words": "autre chose"})
    assert answer.status_code == 422
    assert "These words do not stand there" in answer.text


@pytest.mark.parametrize(
    ("query", "data", "shown"),
    [
        ("&kind=strike", {"reason": "Assez."}, "publiés une fois par an</del>"),
        ("&kind=new_measure", {"title": "Une caisse", "proposed": "Pour tou·tes.", "reason": "Oui."}, "Une caisse"),
        ("&kind=new_recommendation", {"title": "Une voie", "proposed": "Un texte.", "reason": "Oui."}, "Un texte."),
    ],
)
def test_other_kinds(client, house, query, data, shown):
    enter(client, house, "member")
    done = submit(client, new_address(house) + query, data)
    assert done.status_code == 303, done.text
    assert shown in client.get(done.location).text
    assert only().kind == query.partition("=")[2]


def test_visitors_read_and_are_asked_to_sign_in(client, house):
    amendment = house.propose(1, YEARLY, OFTEN)
    page = client.get(f"/drafts/{house.draft.slug}/amendments")
    assert page.status_code == 200
    assert "<ins>tous les trois mois</ins>" in page.text
    assert "Sign in" in page.text
    assert client.get(f"/amendments/{amendment.id}").status_code == 200
    assert client.get(new_address(house)).status_code in (302, 303, 401, 403)
    assert client.get(f"/amendments/{amendment.id}/answer").status_code in (302, 303, 401, 403)
    assert client.get(f"/drafts/{house.draft.slug}/merge?amendments={amendment.id}").status_code in (302, 303, 401, 403)


def test_before_concertation_it_is_said_when_one_may(client, house):
    house.set_stage(Stage.CONSULTATION)
    enter(client, house, "member")
    assert "from the concertation stage on" in client.get(f"/drafts/{house.draft.slug}/amendments").text
    assert client.get(new_address(house)).status_code == 403


def test_support_is_given_and_taken_back(client, house):
    amendment = house.propose(1, YEARLY, OFTEN)
    enter(client, house, "other")
    address = f"/amendments/{amendment.id}"
    for _ in range(2):
        assert submit(client, f"{address}/support", {}, page=address).status_code == 303
    assert only().supports == 1
    assert "You support it." in client.get(address).text
    assert submit(client, f"{address}/unsupport", {}, page=address).status_code == 303
    assert only().supports == 0
    enter(client, house, "member")
    assert client.post(f"{address}/support").status_code in (400, 403)  # one's own


def test_an_author_improves_and_withdraws(client, house):
    amendment = house.propose(1, YEARLY, OFTEN)
    support(house.people["other"], amendment)
    db.session.commit()
    enter(client, house, "member")
    address = f"/amendments/{amendment.id}"
    assert "1 person supports this text." in client.get(f"{address}/improve").text
    done = submit(client, f"{address}/improve", {"proposed": "publiés chaque mois", "reason": "Mieux."})
    assert done.status_code == 303
    page = client.get(address)
    assert "1 earlier wording" in page.text
    assert "has not confirmed yet" in page.text
    enter(client, house, "other")
    assert client.get(f"{address}/improve").status_code == 403
    assert "Do you support this one too?" in client.get(address).text
    submit(client, f"{address}/support", {}, page=address)
    assert only().supports == 1
    enter(client, house, "member")
    assert submit(client, f"{address}/withdraw", {}, page=address).status_code == 303
    assert only().state == AmendmentState.WITHDRAWN


def test_the_group_takes_an_amendment_up_and_back(client, house):
    amendment = house.propose(1, YEARLY, OFTEN)
    enter(client, house, "secretary")
    address = f"/amendments/{amendment.id}"
    assert "Take it up" in client.get(address).text
    form = client.get(f"{address}/answer?as=accept")
    assert re.search(r'value="accept"[^>]*checked|checked[^>]*value="accept"', form.text)
    done = submit(client, f"{address}/answer", {"answer": "accept", "reason": "Oui.", "seen": YEARLY, "text": OFTEN})
    assert done.status_code == 303
    assert OFTEN in house.body(1)
    page = client.get(address)
    assert "Taken up" in page.text
    assert 'formaction="/amendments/answers/' in page.text  # the message has a button that undoes it
    again = client.get(f"{address}/answer")
    assert again.status_code == 303
    undo = f"/amendments/answers/{only().answer_id}/undo"
    assert submit(client, undo, {}, page=address).status_code == 303
    assert YEARLY in house.body(1)
    assert only().state == AmendmentState.OPEN


def test_a_change_that_came_between_shows_three_texts(client, house):
    amendment = house.propose(1, YEARLY, OFTEN)
    enter(client, house, "facilitator")
    address = f"/amendments/{amendment.id}/answer"
    token = token_of(client.get(address))
    house.write(1, house.body(1).replace("une fois par an", "deux fois par an"))
    data = {"csrf_token": token, "answer": "accept", "reason": "Un motif.", "seen": YEARLY, "text": OFTEN}
    late = client.post(address, data=data)
    assert late.status_code == 409
    assert "Nothing is done yet" in late.text
    assert "Three texts" in late.text
    assert "Un motif." in late.text
    assert OFTEN not in house.body(1)
    now = "publiés deux fois par an"
    assert f'name="seen" value="{now}"' in late.text
    assert 'value="accept"' not in late.text
    data |= {"answer": "change", "seen": now, "text": "publiés trois fois par an"}
    assert client.post(address, data=data).status_code == 303
    assert "publiés trois fois par an" in house.body(1)


def test_the_passage_as_it_is_now_meets_whoever_answers_later(client, house):
    sentence = "Les comptes sont publiés une fois par an."
    amendment = house.propose(1, sentence, "Les comptes sont publiés tous les mois.")
    house.write(1, house.body(1).replace("Les comptes", "Tous les comptes"))
    enter(client, house, "facilitator")
    page = client.get(f"/amendments/{amendment.id}/answer")
    assert "Three texts" in page.text
    assert "Tous les comptes sont publiés tous les mois.</textarea>" in page.text


def test_several_are_answered_on_one_page(client, house):
    one = house.propose(1, YEARLY, OFTEN)
    two = house.propose(1, "par an. Ils sont lus en assemblée", "par an. Ils sont lus à voix haute", "other")
    enter(client, house, "secretary")
    listed = client.get(f"/drafts/{house.draft.slug}/amendments")
    assert "2 amendments of the same passage" in listed.text
    address = f"/drafts/{house.draft.slug}/merge?amendments={one.id}&amendments={two.id}"
    page = client.get(address)
    assert page.status_code == 200
    seen = "publiés une fois par an. Ils sont lus en assemblée"
    data = {"seen": seen, "text": seen, "with": [str(one.id), str(two.id)], "action": "join"}
    joined = submit(client, address, data)
    assert joined.status_code == 200
    text = "publiés tous les trois mois. Ils sont lus à voix haute"
    assert f"{text}</textarea>" in joined.text
    data = {"seen": seen, "text": text, f"state-{one.id}": "accepted", f"reason-{one.id}": "Oui."}
    short = submit(client, address, data)
    assert short.status_code == 422
    assert f'href="#state-{two.id}"' in short.text
    assert "Oui." in short.text
    done = submit(client, address, {**data, f"state-{two.id}": "accepted", f"reason-{two.id}": "Aussi."})
    assert done.status_code == 303
    assert text in house.body(1)
    assert "Answered together with" in client.get(f"/amendments/{one.id}").text


def test_merging_needs_rights_and_amendments_of_this_document(client, house, make_house):
    amendment = house.propose(1, YEARLY, OFTEN)
    other = make_house()
    strange = other.propose(1, YEARLY, OFTEN)
    address = f"/drafts/{house.draft.slug}/merge?amendments="
    enter(client, house, "member")
    assert client.get(f"{address}{amendment.id}").status_code == 403
    enter(client, house, "secretary")
    for numbers in ("", "x", f"{amendment.id},{strange.id}", "999999", ",".join(map(str, range(1, 99)))):
        assert client.get(address + numbers).status_code == 404
    assert client.get(f"{address}{amendment.id}").location == f"/amendments/{amendment.id}/answer"
    second = house.propose(1, YEARLY, "jamais publiés")
    decline(house.people["secretary"], amendment, "Non.")
    db.session.commit()
    assert client.get(f"{address}{amendment.id},{second.id}").status_code == 303


def test_what_is_hidden_is_its_authors_and_the_moderators(client, house):
    amendment = house.propose(1, YEARLY, "publiés jamais, bande de voleurs")
    hide(house.people["steering"], amendment, "Insulte.")
    db.session.commit()
    address, listed = f"/amendments/{amendment.id}", f"/drafts/{house.draft.slug}/amendments"
    for who, status in [("other", 404), ("facilitator", 404), ("member", 200), ("steering", 200)]:
        enter(client, house, who)
        assert client.get(address).status_code == status, who
        assert ("voleurs" in client.get(listed).text) == (status == 200), who
    enter(client, house, "steering")
    assert submit(client, f"{address}/show-again", {}, page=address).status_code == 303
    enter(client, house, "other")
    assert client.get(address).status_code == 200


def test_filters(client, house):
    taken = house.propose(1, YEARLY, OFTEN)
    house.propose(2, "une part fixe,", "", "other", reason="Une raison rare.")
    accept(house.people["secretary"], taken, "Oui.", seen=YEARLY)
    db.session.commit()
    enter(client, house, "other")
    listed = f"/drafts/{house.draft.slug}/amendments"

    def numbers(query):
        return re.findall(r'class="amendment-card" id="amendment-(\d+)"', client.get(f"{listed}?{query}").text)

    both = numbers("")
    assert len(both) == 2
    assert numbers("state=open") == numbers("mine=yes") == numbers("kind=strike") == numbers("q=rare") == both[1:]
    assert numbers("state=accepted") == numbers("section=rendre-visible") == both[:1]
    assert numbers("q=%25") == numbers("gone=yes") == []
    assert numbers("state=nothing&kind=x&section=y") == both
    assert "No amendment fits" in client.get(f"{listed}?state=declined").text


def test_hostile_texts_stay_texts(client, house):
    bad = "<script>alert(1)</script> [x](javascript:alert(1)) <img src=x onerror=alert(1)>"
    amendment = house.propose(1, YEARLY, bad, reason=bad)
    accept(house.people["secretary"], amendment, bad, seen=YEARLY, text=bad + "!")
    db.session.commit()
    for address in (f"/amendments/{amendment.id}", f"/drafts/{house.draft.slug}/amendments"):
        page = client.get(address).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert 'href="javascript' not in page


def test_a_list_costs_the_same_however_long_it_is(client, house, queries):
    enter(client, house, "member")
    address = f"/drafts/{house.draft.slug}/amendments"

    def cost():
        client.get(address)
        with queries() as statements:
            page = client.get(address)
        assert page.status_code == 200
        return len(statements)

    for _ in range(2):
        house.propose(1, YEARLY, OFTEN, "other")
    few = cost()
    for number in range(10):
        house.propose(2, "une part fixe,", f"une part de {number} €,", "other")
    assert cost() == few
    assert few < 20


def test_the_page_of_a_section_shows_its_amendments(client, house):
    house.propose(1, YEARLY, OFTEN)
    enter(client, house, "other")
    page = client.get(f"/drafts/{house.draft.slug}/rendre-visible")
    text = plain_text(page.text)
    assert "tous les trois mois" in text
    assert "Amend this section" in text


def test_open_pages_ask_where_amendments_stand(client, house):
    amendment = house.propose(1, YEARLY, OFTEN)
    address = f"/drafts/{house.draft.slug}/amendments/marks"
    first = client.get(address)
    spot = house.spot(1, YEARLY)
    assert first.json["marks"] == {spot["key"]: [[amendment.id, spot["start"], spot["end"], "change", "open", 0]]}
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    decline(house.people["secretary"], amendment, "Non.")
    db.session.commit()
    later = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert later.json["marks"] == {}


def test_notes_that_stand_elsewhere_leave_no_signs(client, house):
    house.write(1, "Les comptes[^note] sont publiés une fois par an.\n\n[^note]: Voir le rapport.")
    house.freeze("Avec une note")
    amendment = house.propose(1, YEARLY, OFTEN)
    page = client.get(f"/amendments/{amendment.id}").text
    assert "Les comptes sont publiés" in page
    assert "[^note]" not in page


def test_each_paragraph_of_a_section_leads_to_the_form(client, house):
    enter(client, house, "member")
    address = f"/drafts/{house.draft.slug}/rendre-visible"
    found = re.findall(r'class="beside-amend" href="([^"]+)"', client.get(address).text)
    assert len(found) == 2
    assert "Ils sont lus en assemblée.</textarea>" in client.get(found[0].replace("&amp;", "&")).text
    house.set_stage(Stage.CONSULTATION)
    assert "beside-amend" not in client.get(address).text


def test_the_group_sees_what_waits_for_its_answer(client, house):
    house.propose(1, YEARLY, OFTEN)
    enter(client, house, "secretary")
    page = client.get(f"/groups/{house.group.slug}")
    assert "1 amendment waits for your group’s answer" in page.text
    enter(client, house, "participant")
    assert "waits for your group’s answer" not in client.get(f"/groups/{house.group.slug}").text


def test_halves_of_words_are_made_whole(client, house):
    enter(client, house, "member")
    page = client.get(new_address(house, words="bliés une fois par a"))
    assert f"{YEARLY}</textarea>" in page.text
    done = submit(client, new_address(house, words="bliés une fois par a"), {"proposed": OFTEN, "reason": "Oui."})
    assert done.status_code == 303
    assert only().passage.quote == YEARLY
