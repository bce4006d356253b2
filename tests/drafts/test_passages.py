"""Passages are kept with their words, placed in every version, and found in the live text."""

import pytest
from sqlalchemy import delete, select, update

from sip.core.db import db
from sip.core.errors import Invalid, Missing
from sip.drafts import checking, moments, passages, queries
from sip.drafts.actions import arranging, versions
from sip.drafts.actions.passages import MOST_CHARACTERS, mark_passage, mark_source
from sip.drafts.actions.text import edit_section
from sip.drafts.models import KeptPassage, PassagePlace, PlaceState
from sip.drafts.texts.readable import readable_text
from tests.factories import make_draft, make_group, make_person
from tests.helpers import count_queries

ANSWER = "Le conseil répond par écrit à chaque recommandation."
SECTIONS = (
    ("Introduction", "Nous écrivons ensemble. Voir la [[budget-local]]."),
    ("Rendre visible", f"Chaque groupe publie ses **comptes** en juin. {ANSWER}\n\nLes membres lisent tout."),
    ("Budget local", "Un budget par antenne, voté en mars.\n\n### La caisse {#caisse}\n\nElle est ouverte à tous."),
)


@pytest.fixture
def draft(app):
    return make_draft(make_group(facilitator=make_person("Ana")), sections=SECTIONS)


@pytest.fixture
def ana(draft):
    return draft.groups[0].memberships[0].person


def frozen(ana, draft, label="x"):
    return versions.freeze_version(ana, draft, label)


def write(ana, draft, place, text):
    section = draft.living_sections[place]
    assert edit_section(ana, section, section.body, text).is_saved


def html_of(version, key):
    return next(section.html for section in queries.sections_of_version(version) if section.key == key)


def mark(version, place, words, nth=0):
    """Mark `words` in the section at `place`, where they stand for the `nth` time."""
    key = queries.sections_of_version(version)[place].key
    text = readable_text(html_of(version, key))
    start = -1
    for _ in range(nth + 1):
        start = text.index(words, start + 1)
    return mark_passage(version, key, start, start + len(words), words)


def says(place, version):
    """What readers see at a place."""
    return readable_text(html_of(version, place.key))[place.shown_start : place.shown_end]


def live_says(draft, passage):
    place = passages.live_places(draft, [passage.id])[passage.id]
    body = next(section.body for section in draft.living_sections if section.key == place.key)
    return None if place.start is None else body[place.start : place.end]


def test_a_passage_is_kept_with_its_markdown_and_its_place(draft, ana):
    version = frozen(ana, draft)
    passage = mark(version, 1, "ses comptes en juin")
    body = draft.living_sections[1].body
    assert passage.quote == body[passage.start : passage.end] == "ses **comptes** en juin"
    assert (passage.shown, passage.version_id, passage.key) == (
        "ses comptes en juin", version.id, draft.living_sections[1].key,
    )  # fmt: skip
    assert (passage.prefix, passage.suffix[:4]) == ("Chaque groupe publie ", ". Le")
    place = passages.places_in(version.id)[passage.id]
    assert (place.state, place.is_moved, place.last_number, place.shown) == (PlaceState.IN_PLACE, False, 1, None)
    assert says(place, version) == passage.shown
    assert passages.places_in(version.id, []) == {}


def test_what_a_reference_shows_is_its_markdown(draft, ana):
    version = frozen(ana, draft)
    assert mark(version, 0, "la recommandation 2").quote == "la [[budget-local]]"


def test_white_space_around_is_left_out(draft, ana):
    version = frozen(ana, draft)
    key = draft.living_sections[1].key
    text = readable_text(html_of(version, key))
    start = text.index("Les membres") - 1
    assert mark_passage(version, key, start, start + 12, "\nLes membres").shown == "Les membres"


@pytest.mark.parametrize(("start", "end", "words"), [
    (-1, 5, "Nous"),
    (0, 0, ""),
    (5, 2, "us é"),
    (0, 100_000, "Nous"),
    (0, 4, "Vous"),
    (1, 5, "Nous"),
    (4, 5, " "),
    (0, 4, ""),
])  # fmt: skip
def test_odd_selections_are_refused(draft, ana, start, end, words):
    version = frozen(ana, draft)
    with pytest.raises(Invalid):
        mark_passage(version, draft.living_sections[0].key, start, end, words)
    assert db.session.scalars(select(KeptPassage)).all() == []


def test_too_long_a_selection_is_refused(draft, ana):
    write(ana, draft, 0, "mot " * 2000)
    version = frozen(ana, draft)
    key = draft.living_sections[0].key
    text = readable_text(html_of(version, key))
    with pytest.raises(Invalid, match="too long"):
        mark_passage(version, key, 0, MOST_CHARACTERS + 1, text[: MOST_CHARACTERS + 1])
    assert mark_passage(version, key, 0, MOST_CHARACTERS, text[:MOST_CHARACTERS]).id


def test_sections_of_other_drafts_are_missing(draft, ana):
    version = frozen(ana, draft)
    with pytest.raises(Missing):
        mark_passage(version, make_draft().living_sections[0].key, 0, 2, "Un")


def test_a_passage_is_carried_through_versions(draft, ana):
    first = frozen(ana, draft)
    answer, members, groups = mark(first, 1, ANSWER), mark(first, 1, "membres lisent"), mark(first, 2, "ouverte à tous")
    write(ana, draft, 1, "Un préambule.\n\n" + SECTIONS[1][1].replace("par écrit", "vite et par écrit"))
    second = frozen(ana, draft)
    places = passages.places_in(second.id)
    assert [places[p.id].state for p in (answer, members, groups)] == ["changed", "in_place", "in_place"]
    assert places[answer.id].shown == says(places[answer.id], second) == ANSWER.replace("par", "vite et par")
    assert says(places[members.id], second) == "membres lisent"
    write(ana, draft, 1, "Un préambule.\n\nChaque groupe publie.\n\nLes membres lisent tout.")
    third = frozen(ana, draft)
    places = passages.places_in(third.id)
    assert (places[answer.id].state, places[answer.id].start, places[answer.id].last_number) == ("outdated", None, 2)
    assert passages.last_text(answer) == (ANSWER.replace("par", "vite et par"), 2, 3)
    assert passages.last_text(members) == ("membres lisent", 3, None)
    assert list(checking.problems()) == []


def test_emphasis_alone_changes_nothing_for_readers(draft, ana):
    passage = mark(frozen(ana, draft), 1, "groupe publie")
    write(ana, draft, 1, SECTIONS[1][1].replace("groupe publie", "groupe *publie*"))
    second = frozen(ana, draft)
    place = passages.places_in(second.id)[passage.id]
    assert (place.state, says(place, second)) == ("in_place", "groupe publie")


def test_a_number_that_changes_leaves_a_reference_in_place(draft, ana):
    passage = mark(frozen(ana, draft), 0, "la recommandation 2")
    arranging.move_section(ana, draft.living_sections[2], 1)
    second = frozen(ana, draft)
    place = passages.places_in(second.id)[passage.id]
    assert (place.state, place.is_moved, says(place, second)) == ("in_place", False, "la recommandation 1")


def test_marking_an_earlier_version_places_in_the_later_ones(draft, ana):
    first = frozen(ana, draft)
    write(ana, draft, 1, "Un préambule. " + SECTIONS[1][1])
    second = frozen(ana, draft)
    write(ana, draft, 1, "Rien de tel.")
    third = frozen(ana, draft)
    passage = mark(first, 1, "Les membres lisent")
    assert says(passages.places_in(second.id)[passage.id], second) == "Les membres lisent"
    assert passages.places_in(third.id)[passage.id].state == "outdated"
    assert passages.last_text(passage) == ("Les membres lisent", 2, 3)


def test_a_section_that_moves_takes_its_passages_along(draft, ana):
    first = frozen(ana, draft)
    passage, other = mark(first, 2, "Un budget"), mark(first, 0, "Nous écrivons")
    arranging.move_section(ana, draft.living_sections[2], 1)
    second = frozen(ana, draft)
    places = passages.places_in(second.id)
    moved = {p.id for p in (passage, other) if places[p.id].is_moved}
    assert places[passage.id].state == places[other.id].state == "in_place"
    assert other.id not in moved
    arranging.move_section(ana, draft.living_sections[1], 2)
    third = frozen(ana, draft)
    assert not passages.places_in(third.id)[passage.id].is_moved


def test_cut_and_pasted_into_another_section(draft, ana):
    passage = mark(frozen(ana, draft), 1, ANSWER)
    write(ana, draft, 1, SECTIONS[1][1].replace(ANSWER, ""))
    write(ana, draft, 2, SECTIONS[2][1].replace("en mars.", f"en mars. {ANSWER}"))
    assert live_says(draft, passage) == ANSWER
    second = frozen(ana, draft)
    place = passages.places_in(second.id)[passage.id]
    assert (place.state, place.is_moved, place.key) == ("in_place", True, draft.living_sections[2].key)
    assert says(place, second) == ANSWER
    write(ana, draft, 2, SECTIONS[2][1].replace("en mars.", f"en mars. Oui. {ANSWER}"))
    assert passages.places_in(frozen(ana, draft).id)[passage.id].is_moved


@pytest.mark.parametrize("elsewhere", [
    "Un budget par antenne. {0} Et encore : {0}",  # in two places: which one?
    "Un budget par antenne. Le conseil répond à toute recommandation.",  # not the same words
])  # fmt: skip
def test_no_guess_between_sections(draft, ana, elsewhere):
    passage = mark(frozen(ana, draft), 1, ANSWER)
    write(ana, draft, 1, SECTIONS[1][1].replace(ANSWER, ""))
    write(ana, draft, 2, elsewhere.format(ANSWER))
    assert passages.places_in(frozen(ana, draft).id)[passage.id].state == "outdated"


def test_words_that_stood_there_before_are_not_the_moved_ones(draft, ana):
    write(ana, draft, 2, f"{ANSWER} Un budget.")
    passage = mark(frozen(ana, draft), 1, ANSWER)
    write(ana, draft, 1, SECTIONS[1][1].replace(ANSWER, ""))
    write(ana, draft, 2, f"Un début nouveau. {ANSWER} Un budget.")
    assert passages.places_in(frozen(ana, draft).id)[passage.id].state == "outdated"


def test_a_retired_section_comes_back_with_its_passages(draft, ana):
    first = frozen(ana, draft)
    passage = mark(first, 2, "ouverte à tous")
    arranging.retire_section(ana, draft.living_sections[2])
    assert passages.live_places(draft, [passage.id])[passage.id].state == "outdated"
    write(ana, draft, 0, "Nous écrivons ensemble.")
    second = frozen(ana, draft)
    assert passages.places_in(second.id)[passage.id].state == "outdated"
    third = versions.restore_version(ana, first)
    place = passages.places_in(third.id)[passage.id]
    assert (place.state, says(place, third), place.last_number) == ("in_place", "ouverte à tous", 3)


def test_the_live_text_and_the_place_in_it(draft, ana):
    version = frozen(ana, draft)
    passage, gone = mark(version, 1, "publie ses comptes"), mark(version, 1, "Les membres lisent tout")
    assert passages.live_places(draft, [passage.id, 0])[passage.id].state == "in_place"
    write(ana, draft, 1, "Avant. " + SECTIONS[1][1].replace("publie ses", "publie tous ses").split("\n")[0])
    assert live_says(draft, passage) == "publie tous ses **comptes**"
    places = passages.live_places(draft, [passage.id, gone.id])
    assert (places[passage.id].state, places[gone.id].state) == ("changed", "outdated")
    assert places[gone.id].quote == "Les membres lisent tout"


def test_asking_again_costs_one_statement_for_the_text(draft, ana, monkeypatch):
    version = frozen(ana, draft)
    marked = [mark(version, 1, word).id for word in ("publie", "membres", "tout")]
    write(ana, draft, 1, "Avant. " + SECTIONS[1][1])
    before = passages.live_places(draft, marked)
    monkeypatch.setattr(passages, "Crossing", None)
    with count_queries() as statements:
        assert passages.live_places(draft, marked) == before
    assert len(statements) <= 2


def test_what_an_accepted_change_wrote_is_carried_from_the_live_text(draft, ana):
    frozen(ana, draft)
    write(ana, draft, 1, SECTIONS[1][1].replace("en juin", "en mai, sans faute"))
    key, body = draft.living_sections[1].key, draft.living_sections[1].body
    start = body.index("en mai")
    passage = mark_source(draft, key, moments.last_update(draft.id), start, start + len("en mai, sans faute"))
    assert (passage.shown, passage.version_id) == ("en mai, sans faute", None)
    write(ana, draft, 1, "Voici. " + body)
    assert live_says(draft, passage) == "en mai, sans faute"
    second = frozen(ana, draft)
    place = passages.places_in(second.id)[passage.id]
    assert (place.state, place.is_moved, says(place, second)) == ("in_place", False, "en mai, sans faute")
    with pytest.raises(Invalid):
        mark_source(draft, key, moments.last_update(draft.id), 4, 100_000)


def test_where_something_was_struck_stays_known(draft, ana):
    frozen(ana, draft)
    write(ana, draft, 1, SECTIONS[1][1].replace(" en juin", ""))
    body = draft.living_sections[1].body
    at = body.index(". Le conseil")
    passage = mark_source(draft, draft.living_sections[1].key, moments.last_update(draft.id), at, at)
    write(ana, draft, 1, "Voici. " + body)
    place = passages.places_in(frozen(ana, draft).id)[passage.id]
    assert (place.state, place.start, place.end) == ("in_place", at + 7, at + 7)


def test_freezing_without_passages_costs_one_statement(draft, ana):
    frozen(ana, draft)
    write(ana, draft, 0, "Autre chose.")
    with count_queries() as without:
        second = frozen(ana, draft)
    assert sum("FROM passages" in statement for statement in without) == 1
    assert not any("passage_places" in statement for statement in without)
    for word in ("publie", "membres", "lisent", "tout", "groupe", "juin"):
        mark(second, 1, word)
    write(ana, draft, 1, "Avant. " + SECTIONS[1][1])
    with count_queries() as some:
        frozen(ana, draft)
    assert len(some) <= len(without) + 6


def test_check_finds_places_that_are_wrong(draft, ana):
    first = frozen(ana, draft)
    passage = mark(first, 1, "publie ses comptes")
    write(ana, draft, 1, "Avant. " + SECTIONS[1][1].replace("ses", "tous ses"))
    second = frozen(ana, draft)
    assert list(checking.problems()) == []
    of_second = PassagePlace.version_id == second.id
    for values, problem in [
        ({"shown_start": 3}, f"{draft.slug}: passage {passage.id} does not stand at its place in version 2"),
        ({"start": 0}, f"{draft.slug}: passage {passage.id} does not stand at its place in version 2"),
        ({"shown": "autre chose"}, f"{draft.slug}: passage {passage.id} does not stand at its place in version 2"),
        ({"last_number": 1}, f"{draft.slug}: passage {passage.id} does not stand at its place in version 2"),
    ]:
        with db.session.begin_nested() as nested:
            db.session.execute(update(PassagePlace).where(of_second).values(values))
            db.session.expire_all()
            assert list(checking.problems()) == [problem]
            nested.rollback()
        db.session.expire_all()
    with db.session.begin_nested() as nested:
        db.session.execute(delete(PassagePlace).where(of_second))
        assert list(checking.problems()) == [f"{draft.slug}: passage {passage.id} has no place in version 2"]
        nested.rollback()
    db.session.expire_all()
    with db.session.begin_nested() as nested:
        db.session.execute(update(KeptPassage).values(quote="autre"))
        db.session.expire_all()
        assert f"{draft.slug}: passage {passage.id} is not what its text says" in list(checking.problems())
        nested.rollback()
