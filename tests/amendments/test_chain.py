"""From a remark to the text: where a passage comes from, and why versions differ."""

from contextlib import AbstractContextManager
from datetime import timedelta

import pytest

from sip.amendments import chain
from sip.amendments.actions.answering import accept, undo_answer
from sip.amendments.chain import origins_of, reasons_between
from sip.core import clock
from sip.core.db import db
from sip.core.errors import Invalid, Missing
from sip.drafts.actions import arranging
from sip.threads.actions.answering import dispose
from sip.threads.actions.threads import open_thread
from sip.threads.models import Disposition, ThreadKind

ONCE, TWICE = "une fois par an", "deux fois par an"
MONTHS = "tous les six mois"


def later(minutes: int = 5) -> AbstractContextManager[None]:
    """Let what follows happen so many minutes later: versions forget in which fraction of a second they were frozen."""
    return clock.at(clock.now() + timedelta(minutes=minutes))


def from_remark_to_text(house):
    """A member asks, another proposes other words from it, the group takes them up, and freezes the next version."""
    people, draft = house.people, house.draft
    thread = open_thread(
        people["member"], draft, ThreadKind.REMARK, "Une fois, c’est trop peu.", **house.spot(1, ONCE), language="fr"
    )
    amendment = house.propose(1, ONCE, TWICE, who="other", thread=thread)
    with later(1):
        answer = accept(people["facilitator"], amendment, "Bonne idée.", seen=ONCE)
        dispose(people["facilitator"], thread, Disposition.TAKEN_UP, "C’est fait.")
        db.session.commit()
    with later(2):
        return thread, amendment, answer, house.freeze("Deuxième version")


def origins(house, words, version=None, who="member"):
    version = version or house.version
    spot = house.spot(1, words, version)
    return origins_of(
        house.people[who], version, spot["key"], spot["start"], spot["end"], words, only_published=True
    )  # fmt: skip


def test_from_the_final_text_down_to_the_first_remark(house):
    thread, amendment, _answer, second = from_remark_to_text(house)
    house.write(0, "Une autre introduction.")
    third = house.freeze("Troisième version")
    found = origins(house, TWICE, third)
    assert (found.shown, found.is_whole, found.section.version_id) == (TWICE, True, third.id)
    assert [(step.version.number, step.before, step.shown) for step in found.steps] == [
        (2, ONCE, TWICE), (1, None, ONCE),
    ]  # fmt: skip
    assert found.steps[0].version is second
    assert found.steps[0].amendments == [amendment]
    assert found.steps[0].threads == [thread]
    assert (found.steps[1].amendments, found.steps[1].threads) == ([], [])
    assert found.steps[0].people == ["Olga Autre"]


def test_the_words_have_their_authors(house):
    from_remark_to_text(house)
    names = dict(origins(house, TWICE).authors)
    assert next(iter(names)) == "Olga Autre"
    assert sum(names.values()) <= 1.0
    house.write(1, "Rien de tel.")
    assert origins(house, TWICE).authors == []


def test_what_never_changed_comes_from_the_first_version(house):
    from_remark_to_text(house)
    found = origins(house, "Chaque antenne tient une carte")
    assert [(step.version.number, step.before) for step in found.steps] == [(1, None)]
    assert found.steps[0].amendments == []


def test_what_a_later_version_brought(house):
    with later():
        house.write(1, house.body(1) + "\n\nUn tout nouveau paragraphe, que personne n’avait encore écrit.")
        second = house.freeze("Deuxième version")
    found = origins(house, "que personne n’avait encore écrit")
    assert [(step.version, step.before, step.people) for step in found.steps] == [(second, None, ["Paul Participe"])]


def test_a_passage_is_followed_into_the_section_it_came_from(house):
    words = "Ils sont lus en assemblée."
    paragraph = f"Avant tout, une phrase que nous déplaçons d’une section à l’autre. {words}"
    house.write(0, paragraph)
    house.freeze("Deuxième version")
    house.write(0, "Rien.")
    house.write(2, f"{house.body(2)}\n\n{paragraph}")
    third = house.freeze("Troisième version")
    spot = house.spot(2, "que nous déplaçons d’une section")
    found = origins_of(None, third, spot["key"], spot["start"], spot["end"], "", only_published=True)
    assert [(step.version.number, step.before) for step in found.steps] == [(2, None)]


def test_versions_that_are_not_published_are_for_those_who_write(house):
    house.write(1, house.body(1).replace(ONCE, "trois fois par an"))
    house.freeze("Entre nous", is_published=False)
    house.write(1, house.body(1).replace("trois fois par an", TWICE))
    third = house.freeze("Troisième version")
    spot = house.spot(1, TWICE, third)
    place = (third, spot["key"], spot["start"], spot["end"], TWICE)
    everybody = origins_of(None, *place, only_published=True)
    group = origins_of(house.people["facilitator"], *place, only_published=False)
    assert [step.version.number for step in everybody.steps] == [3, 1]
    assert [step.version.number for step in group.steps] == [3, 2, 1]


def test_an_answer_taken_back_is_not_behind_it(house):
    _thread, amendment, answer, _second = from_remark_to_text(house)
    assert reasons_between(None, house.versions[0], house.versions[1]).amendments == [amendment]
    undo_answer(house.people["facilitator"], answer)
    db.session.commit()
    assert origins(house, TWICE).steps[0].amendments == []
    assert reasons_between(None, house.versions[0], house.versions[1]).amendments == []


@pytest.mark.parametrize(("start", "end", "words"), [
    (0, 100_000, ""), (-3, 4, ""), (5, 5, ""), (6, 2, ""), (0, 4, "Zut"),
])  # fmt: skip
def test_odd_passages(house, start, end, words):
    with pytest.raises(Invalid):
        origins_of(None, house.version, house.section(1).key, start, end, words, only_published=True)


def test_sections_that_are_not_there(house, make_house):
    with pytest.raises(Missing):
        origins_of(None, house.version, make_house().section(1).key, 0, 4, "", only_published=True)


def test_why_versions_differ(house):
    thread, amendment, _answer, _second = from_remark_to_text(house)
    with later():
        house.write(0, "Une autre introduction.")
        house.freeze("Troisième version")
    first, second, third = house.versions
    reasons = reasons_between(None, first, second)
    assert (reasons.amendments, reasons.threads) == ([amendment], [thread])
    assert reasons_between(None, first, third) == reasons
    assert not reasons_between(None, second, third)


def test_a_disposition_may_name_the_version_with_the_change(house):
    people, draft = house.people, house.draft
    thread = open_thread(
        people["member"], draft, ThreadKind.CONCERN, "Trop rare.", **house.spot(1, MONTHS), language="fr"
    )
    house.write(1, house.body(1).replace(MONTHS, "tous les trois mois"))
    house.freeze("Deuxième version")
    house.write(0, "Une autre introduction.")
    house.freeze("Troisième version")
    dispose(people["facilitator"], thread, Disposition.PARTLY, "Trois mois.", change_number=2)
    db.session.commit()
    first, second, third = house.versions
    assert reasons_between(None, first, second).threads == [thread]
    assert not reasons_between(None, second, third)
    assert origins(house, "tous les trois mois").steps[0].threads == [thread]


def test_what_is_hidden_is_behind_nothing(house):
    _thread, amendment, _answer, _second = from_remark_to_text(house)
    amendment.hidden_at = amendment.at
    db.session.commit()
    assert origins(house, TWICE).steps[0].amendments == []
    assert reasons_between(None, *house.versions).amendments == []
    assert reasons_between(house.people["steering"], *house.versions).amendments == [amendment]


def test_only_so_many_versions_are_looked_through(house, monkeypatch):
    monkeypatch.setattr(chain, "MOST_VERSIONS", 2)
    for number in range(3):
        house.write(0, f"Introduction {number}.")
        house.freeze(f"Version {number}")
    assert not origins(house, ONCE).is_whole


def test_a_retired_section_can_still_be_asked_about(house):
    arranging.retire_section(house.people["facilitator"], house.section(1))
    db.session.commit()
    key = next(section.key for section in house.draft.sections if section.is_retired)
    found = origins_of(None, house.version, key, 0, 9, "", only_published=True)
    assert found.authors == []
