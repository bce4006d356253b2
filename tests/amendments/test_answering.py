"""Amendments taken up, changed, declined, answered together, and answers taken back."""

import pytest
from sqlalchemy import func, select

from sip.amendments import queries
from sip.amendments.actions.answering import Stale, accept, decline, merge, undo_answer
from sip.amendments.actions.proposing import propose
from sip.amendments.models import AmendmentAnswer, AmendmentKind, AmendmentState
from sip.core.db import db
from sip.core.errors import Conflict, Denied, Invalid, Missing
from sip.core.journal import Event
from sip.cycles.stages import Stage
from sip.drafts import authorship, checking
from sip.drafts.models import DraftUpdate
from sip.threads.actions.answering import dispose
from sip.threads.actions.threads import open_thread
from sip.threads.models import Discussion, Disposition, ThreadKind
from tests.amendments.conftest import letters
from tests.helpers import journal_events

YEARLY = "publiés une fois par an"
OFTEN = "publiés tous les trois mois"


def take_up(house, amendment, who="facilitator", **values):
    values.setdefault("seen", amendment.passage.quote if amendment.passage else "")
    answer = accept(house.people[who], amendment, values.pop("reason", "Merci."), **values)
    db.session.commit()
    return answer


def updates(house):
    return db.session.scalar(select(func.count(DraftUpdate.id)).where(DraftUpdate.draft_id == house.draft.id))


def writers(house, place):
    """Who wrote which words of a section, by name."""
    names = {person.id: person.name for person in house.people.values()}
    section, at, found = house.section(place), 0, {}
    for who, length in section.authorship:
        found.setdefault(names.get(who), []).append(section.body[at : at + length])
        at += length
    assert at == len(section.body)
    return found


def test_an_amendment_is_taken_up(house):
    amendment = house.propose(1, YEARLY, OFTEN)
    before = updates(house)
    answer = take_up(house, amendment)
    assert isinstance(answer, AmendmentAnswer)
    assert f"Les comptes sont {OFTEN}. Ils sont lus" in house.body(1)
    assert (amendment.state, amendment.answer, amendment.answer_reason) == (AmendmentState.ACCEPTED, answer, "Merci.")
    assert answer.text == OFTEN
    assert answer.passage.quote == OFTEN
    assert answer.by == house.people["facilitator"]
    update = db.session.get(DraftUpdate, answer.update_id)
    assert (update.origin, update.author_id) == ("amendment", amendment.author_id)
    assert updates(house) == before + 1
    assert ("amendment_answered", "Max Membre") in letters()
    assert journal_events()[-1] == Event.AMENDMENTS_ANSWERED
    assert list(checking.problems()) == []


def test_its_author_is_credited_in_the_next_version(house):
    take_up(house, house.propose(1, YEARLY, OFTEN))
    assert "tous les trois mois" in writers(house, 1)["Max Membre"]
    version = house.freeze("La suivante")
    assert [one["name"] for one in version.contributors] == ["Max Membre"]


def test_bold_words_are_replaced_with_their_marks(house):
    amendment = house.propose(0, "mot", "*signe*")
    assert amendment.passage.quote == "**mot**"
    take_up(house, amendment)
    assert "Un premier paragraphe, avec un *signe* en gras." in house.body(0)


def test_a_change_on_the_way_is_its_writers(house):
    amendment = house.propose(1, YEARLY, OFTEN)
    answer = take_up(house, amendment, text=f"{OFTEN}, en clair")
    assert amendment.state == AmendmentState.ACCEPTED_CHANGED
    assert answer.text == f"{OFTEN}, en clair"
    found = writers(house, 1)
    assert "tous les trois mois" in found["Max Membre"]
    assert ", en clair" in found["Ana Facilite"]


def test_a_text_that_was_not_changed_is_taken_up_as_it_is(house):
    amendment = house.propose(1, YEARLY, OFTEN)
    take_up(house, amendment, text=OFTEN)
    assert amendment.state == AmendmentState.ACCEPTED


def test_a_passage_is_struck(house):
    answer = take_up(house, house.propose(2, "une part fixe,", ""))
    assert house.body(2) == "Chaque antenne reçoit un budget.\n\n- une part par membre."
    assert (answer.text, answer.passage) == ("", None)


def test_a_measure_is_added(house):
    member, key = house.people["member"], house.section(2).key
    amendment = propose(
        member,
        house.draft,
        AmendmentKind.NEW_MEASURE,
        "Elle est ouverte à tou·tes.",
        "Pour voir.",
        version=house.version,
        key=key,
        title="Une caisse",
    )
    answer = take_up(house, amendment)
    assert house.body(2).endswith("- une part par membre.\n\n### Une caisse\n\nElle est ouverte à tou·tes.")
    assert answer.passage.quote == "### Une caisse\n\nElle est ouverte à tou·tes."
    assert any("Une caisse" in words for words in writers(house, 2)["Max Membre"])


def test_a_recommendation_is_added_and_taken_out_again(house):
    amendment = propose(
        house.people["member"],
        house.draft,
        AmendmentKind.NEW_RECOMMENDATION,
        "Un texte neuf.",
        "Il manque.",
        version=house.version,
        title="Une autre voie",
    )
    answer = take_up(house, amendment)
    section = house.section(3)
    assert (section.title, section.body, section.key) == ("Une autre voie", "Un texte neuf.", answer.key)
    assert writers(house, 3) == {"Max Membre": ["Un texte neuf."]}
    undo_answer(house.people["secretary"], answer)
    db.session.commit()
    assert [each.title for each in house.draft.living_sections] == ["Introduction", "Rendre visible", "Budget local"]
    assert amendment.state == AmendmentState.OPEN


def test_a_passage_that_others_changed_is_not_written_over(house):
    amendment = house.propose(1, YEARLY, OFTEN)
    house.write(1, house.body(1).replace("une fois par an", "une fois par semestre"))
    now = "publiés une fois par semestre"
    before = updates(house)
    for seen in (YEARLY, now):  # seen before the change; seen after it, and taken up without writing a text for it
        stale = take_up(house, amendment, seen=seen)
        assert stale == Stale(YEARLY, OFTEN, now)
    assert updates(house) == before
    assert amendment.state == AmendmentState.OPEN
    take_up(house, amendment, seen=now, text="publiés tous les trois mois, ou par semestre")
    assert amendment.state == AmendmentState.ACCEPTED_CHANGED
    assert "sont publiés tous les trois mois, ou par semestre." in house.body(1)


def test_what_others_changed_beside_it_stays(house):
    sentence = "Les comptes sont publiés une fois par an."
    amendment = house.propose(1, sentence, "Les comptes sont publiés tous les mois.")
    house.write(1, house.body(1).replace("Les comptes", "Tous les comptes"))
    now = "Tous les comptes sont publiés une fois par an."
    assert isinstance(take_up(house, amendment, seen=now), Stale)
    proposal = "Tous les comptes sont publiés tous les mois."
    take_up(house, amendment, seen=now, text=proposal)
    assert amendment.state == AmendmentState.ACCEPTED  # nothing of it was changed
    assert proposal in house.body(1)


def test_a_passage_that_is_gone_may_still_be_taken_up_by_hand(house):
    amendment = house.propose(2, "une part fixe,", "une part fixe de 500 €,")
    house.write(2, "Le budget est l’affaire de l’assemblée.")
    stale = take_up(house, amendment)
    assert stale.is_gone
    assert stale.now == "Le budget est l’affaire de l’assemblée."
    text = f"{stale.now} Une part fixe de 500 € reste."
    take_up(house, amendment, seen=stale.now, text=text)
    assert house.body(2) == text


def test_an_answer_comes_once(house):
    amendment = house.propose(1, YEARLY, OFTEN)
    take_up(house, amendment)
    before = updates(house)
    with pytest.raises(Denied):
        take_up(house, amendment, who="secretary")
    with pytest.raises(Denied):
        decline(house.people["secretary"], amendment, "Non.")
    assert updates(house) == before


def test_an_amendment_is_declined(house):
    amendment = house.propose(1, YEARLY, OFTEN)
    before = updates(house)
    answer = decline(house.people["secretary"], amendment, " Trop de travail. ")
    assert (amendment.state, amendment.answer_reason) == (AmendmentState.DECLINED, "Trop de travail.")
    assert (answer.text, answer.update_id) == (None, None)
    assert updates(house) == before


@pytest.mark.parametrize("reason", ["", "  \n ", "x" * 2001])
def test_an_answer_needs_a_reason(house, reason):
    amendment = house.propose(1, YEARLY, OFTEN)
    with pytest.raises(Invalid) as raised:
        decline(house.people["secretary"], amendment, reason)
    assert raised.value.field == "reason"
    with pytest.raises(Invalid):
        accept(house.people["secretary"], amendment, reason, seen=YEARLY)
    assert amendment.state == AmendmentState.OPEN


@pytest.mark.parametrize("who", ["participant", "referent", "member", "other", "steering", "board", "administrator"])
def test_only_those_who_lead_the_group_answer(house, who):
    amendment = house.propose(1, YEARLY, OFTEN)
    with pytest.raises(Denied):
        decline(house.people[who], amendment, "Non.")
    with pytest.raises(Denied):
        accept(house.people[who], amendment, "Oui.", seen=YEARLY)
    with pytest.raises(Denied):
        accept(None, amendment, "Oui.", seen=YEARLY)


def test_what_is_with_the_board_is_neither_changed_nor_answered(house):
    amendment = house.propose(1, YEARLY, OFTEN)
    house.set_stage(Stage.UNDER_REVIEW)
    with pytest.raises(Denied):
        take_up(house, amendment)
    with pytest.raises(Denied):
        decline(house.people["facilitator"], amendment, "Trop tard.")
    assert amendment.state == AmendmentState.OPEN


def test_an_answer_is_undone(house):
    amendment = house.propose(1, YEARLY, OFTEN)
    before = house.body(1)
    answer = take_up(house, amendment)
    house.write(1, house.body(1).replace("lus en assemblée", "lus à voix haute"))
    undo_answer(house.people["secretary"], answer)
    db.session.commit()
    assert house.body(1) == before.replace("lus en assemblée", "lus à voix haute")
    assert (amendment.state, amendment.answer_id, amendment.answer_reason) == (AmendmentState.OPEN, None, "")
    assert answer.undone_by_id == house.people["secretary"].id
    assert letters()[-1] == ("amendment_reopened", "Max Membre")
    with pytest.raises(Denied):
        undo_answer(house.people["secretary"], answer)
    take_up(house, amendment)  # and it may be answered again
    assert OFTEN in house.body(1)


def test_an_answer_stays_where_others_changed_its_words(house):
    amendment = house.propose(1, YEARLY, OFTEN)
    answer = take_up(house, amendment)
    house.write(1, house.body(1).replace("trois mois", "quatre mois"))
    with pytest.raises(Conflict):
        undo_answer(house.people["facilitator"], answer)
    db.session.rollback()
    assert "quatre mois" in house.body(1)
    assert amendment.state == AmendmentState.ACCEPTED


def test_a_declined_amendment_is_opened_again(house):
    amendment = house.propose(1, YEARLY, OFTEN)
    answer = decline(house.people["secretary"], amendment, "Non.")
    undo_answer(house.people["facilitator"], answer)
    assert amendment.state == AmendmentState.OPEN


def test_several_are_answered_with_one_text(house):
    often = house.propose(1, YEARLY, OFTEN)
    aloud = house.propose(1, "par an. Ils sont lus en assemblée.", "par an. Ils sont lus à voix haute.", "other")
    never = house.propose(1, "Ils sont lus", "Personne ne les lit", "participant")
    seen = "publiés une fois par an. Ils sont lus en assemblée."
    text = f"{OFTEN}. Ils sont lus à voix haute, par roulement."
    reasons = {
        often.id: (AmendmentState.ACCEPTED, "Oui."),
        aloud.id: (AmendmentState.ACCEPTED_CHANGED, "Presque."),
        never.id: (AmendmentState.DECLINED, "Non."),
    }
    answer = merge(house.people["secretary"], [often, aloud, never], text, reasons, seen=seen)
    db.session.commit()
    assert f"Les comptes sont {text}\n\n### La carte" in house.body(1)
    assert [each.state for each in (often, aloud, never)] == [state for state, _reason in reasons.values()]
    assert {each.answer_id for each in (often, aloud, never)} == {answer.id}
    assert answer.passage.quote == text
    found = writers(house, 1)
    assert any("tous les trois mois" in words for words in found["Max Membre"])
    assert any("voix haute" in words for words in found["Olga Autre"])
    assert any("par roulement" in words for words in found["Sam Secrète"])
    assert authorship.shares([house.section(1).authorship]).keys() == {
        house.people[name].id for name in ("member", "other", "secretary")
    }
    assert list(checking.problems()) == []
    undo_answer(house.people["secretary"], answer)
    db.session.commit()
    assert "Les comptes sont publiés une fois par an. Ils sont lus en assemblée." in house.body(1)
    assert {each.state for each in (often, aloud, never)} == {AmendmentState.OPEN}


def test_several_wait_where_the_text_is_another_by_now(house):
    one, two = house.propose(1, YEARLY, OFTEN), house.propose(1, "une fois par an", "chaque mois", "other")
    house.write(1, house.body(1).replace("Les comptes sont publiés", "Les comptes seront publiés"))
    reasons = dict.fromkeys((one.id, two.id), (AmendmentState.ACCEPTED, "Oui."))
    house.write(1, house.body(1).replace("une fois par an", "deux fois par an"))
    stale = merge(house.people["secretary"], [one, two], OFTEN, reasons, seen=YEARLY)
    assert isinstance(stale, Stale)
    assert (stale.then, stale.now) == (YEARLY, "publiés deux fois par an")
    assert {one.state, two.state} == {AmendmentState.OPEN}


def test_each_of_several_needs_an_answer(house):
    one, two = house.propose(1, YEARLY, OFTEN), house.propose(1, "une fois par an", "chaque mois", "other")
    answers = {one.id: (AmendmentState.ACCEPTED, "Oui.")}
    with pytest.raises(Invalid) as raised:
        merge(house.people["secretary"], [one, two], OFTEN, answers, seen=YEARLY)
    assert raised.value.field == f"state-{two.id}"
    answers[two.id] = (AmendmentState.DECLINED, " ")
    with pytest.raises(Invalid) as raised:
        merge(house.people["secretary"], [one, two], OFTEN, answers, seen=YEARLY)
    assert raised.value.field == f"reason-{two.id}"
    with pytest.raises(Missing):
        merge(house.people["secretary"], [], "", {}, seen="")


def test_amendments_of_two_sections_are_not_written_as_one_text(house):
    one, two = house.propose(1, YEARLY, OFTEN), house.propose(2, "un budget", "de quoi vivre")
    answers = {one.id: (AmendmentState.ACCEPTED, "Oui."), two.id: (AmendmentState.DECLINED, "Non.")}
    with pytest.raises(Invalid):
        merge(house.people["secretary"], [one, two], OFTEN, answers, seen=YEARLY)
    declined = {one.id: (AmendmentState.DECLINED, "Non."), two.id: (AmendmentState.DECLINED, "Non.")}
    answer = merge(house.people["secretary"], [one, two], "", declined, seen="")
    assert (answer.text, len(queries.answered_by(answer))) == (None, 2)


@pytest.mark.parametrize(
    ("text", "disposition"),
    [(OFTEN, Disposition.TAKEN_UP), ("souvent", Disposition.PARTLY), (None, Disposition.NOT_TAKEN_UP)],
)
def test_the_discussion_it_comes_from_may_have_the_same_answer(house, text, disposition):
    spot = house.spot(1, YEARLY)
    thread = open_thread(house.people["other"], house.draft, ThreadKind.REMARK, "Trop rare.", **spot)
    amendment = house.propose(1, YEARLY, OFTEN, thread=thread)
    secretary = house.people["secretary"]
    if text is None:
        answer = decline(secretary, amendment, "Non.", for_thread=True)
    else:
        answer = accept(secretary, amendment, "Oui.", seen=YEARLY, text=text, for_thread=True)
    assert (thread.disposition, thread.disposition_reason) == (disposition, amendment.answer_reason)
    assert thread.change_update_id == answer.update_id
    assert ("thread_disposed", "Olga Autre") in letters()
    undo_answer(secretary, answer)
    assert thread.disposition == (None if text else disposition)  # a change that is not there is no answer


def test_a_discussion_that_has_an_answer_keeps_it(house):
    spot = house.spot(1, YEARLY)
    thread = open_thread(house.people["other"], house.draft, ThreadKind.REMARK, "Trop rare.", **spot)
    dispose(house.people["secretary"], thread, Disposition.ANSWERED, "Vu.")
    amendment = house.propose(1, YEARLY, OFTEN, thread=thread)
    accept(house.people["secretary"], amendment, "Oui.", seen=YEARLY, for_thread=True)
    assert (thread.disposition, thread.disposition_reason) == (Disposition.ANSWERED, "Vu.")


def test_open_pages_hear_of_each_step(house):
    stamps = []

    def stamp():
        db.session.expire_all()
        stamps.append(db.session.get(Discussion, house.draft.id).stamp)

    amendment = house.propose(1, YEARLY, OFTEN)
    stamp()
    answer = take_up(house, amendment)
    stamp()
    undo_answer(house.people["facilitator"], answer)
    stamp()
    assert stamps == sorted(set(stamps))
