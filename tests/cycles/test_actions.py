"""What changes cycles, milestones, themes, steering committees and offices, on a real database."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from sip.core.db import db
from sip.core.errors import Conflict, Denied, Invalid
from sip.core.journal import Event
from sip.cycles import actions, checks
from sip.cycles.models import Cycle, Office, Theme
from sip.cycles.settling import marks
from tests.factories import make_cycle, make_office, make_person, make_theme
from tests.helpers import journal_events

OPENS, CLOSES = date(2026, 9, 14), date(2027, 6, 19)


def cycle_values(**values):
    return {
        "title": "Faire œuvre commune",
        "introduction": "Nous sommes **nombreux·ses**.",
        "opens_on": OPENS,
        "closes_on": CLOSES,
        "guests_may_comment": False,
        **values,
    }


def theme_values(**values):
    empty = dict.fromkeys(("question", "context", "reflection", "objectives", "questions"), "")
    return {"title": "Des antennes vivantes", "position": 1, **empty, **values}


def milestone_values(**values):
    return {"title": "Lancement", "on": OPENS, "until": None, "note": "", **values}


@pytest.fixture
def cycle(admin):
    return actions.create_cycle(admin, cycle_values())


def test_a_cycle_is_made_with_its_introduction_rendered(cycle):
    assert cycle.slug == "faire-oeuvre-commune"
    assert "<strong>nombreux·ses</strong>" in cycle.introduction_html
    assert journal_events() == [Event.CYCLE_CREATED]


def test_hostile_markdown_is_rendered_harmless(admin):
    cycle = actions.create_cycle(admin, cycle_values(introduction="<script>alert(1)</script> [x](javascript:alert(1))"))
    assert "<script" not in cycle.introduction_html
    assert 'href="javascript' not in cycle.introduction_html


@pytest.mark.parametrize("title", ["Create", "Manage", "Faire œuvre commune"])
def test_an_address_that_is_taken_gets_a_number(admin, cycle, title):
    assert actions.create_cycle(admin, cycle_values(title=title)).slug.endswith("-2")


def test_the_address_stays_when_the_title_changes(admin, cycle):
    actions.edit_cycle(admin, cycle, cycle_values(title="Autre"))
    assert (cycle.title, cycle.slug) == ("Autre", "faire-oeuvre-commune")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"title": "  "}, "title"),
        ({"title": "a\nb"}, "title"),
        ({"title": "a" * 201}, "title"),
        ({"introduction": "a" * (checks.MAX_MARKDOWN + 1)}, "introduction"),
        ({"closes_on": OPENS - timedelta(days=1)}, "closes_on"),
        ({"closes_on": OPENS + timedelta(days=5000)}, "closes_on"),
        ({"opens_on": date(1999, 12, 31)}, "opens_on"),
        ({"closes_on": date(2101, 1, 1)}, "closes_on"),
    ],
)
def test_an_impossible_cycle_is_refused_beside_its_field(admin, cycle, values, field):
    with pytest.raises(Invalid) as error:
        actions.edit_cycle(admin, cycle, cycle_values(**values))
    assert error.value.field == field
    assert cycle.title == "Faire œuvre commune"


def test_a_cycle_of_one_day_is_one(admin):
    assert actions.create_cycle(admin, cycle_values(closes_on=OPENS)).closes_on == OPENS


def test_only_administrators_make_cycles(app):
    for person in (None, make_person()):
        with pytest.raises(Denied):
            actions.create_cycle(person, cycle_values())
    assert db.session.scalar(select(Cycle)) is None


def test_saving_without_a_change_leaves_no_trace(admin, cycle):
    actions.edit_cycle(admin, cycle, cycle_values())
    assert journal_events() == [Event.CYCLE_CREATED]


def test_an_introduction_changed_in_between_is_not_overwritten(admin, cycle):
    began_from = marks(actions.cycle_values(cycle))
    actions.edit_cycle(admin, cycle, cycle_values(introduction="La leur"))
    with pytest.raises(Conflict) as error:
        actions.edit_cycle(admin, cycle, cycle_values(introduction="La mienne"), began_from)
    assert error.value.details["theirs"] == {"introduction": "La leur"}
    assert cycle.introduction == "La leur"
    actions.edit_cycle(admin, cycle, cycle_values(title="Autre titre"), began_from)
    assert (cycle.title, cycle.introduction) == ("Autre titre", "La leur")
    assert "La leur" in cycle.introduction_html


# Milestones


def test_milestones_stand_in_the_order_of_their_days(admin, cycle):
    actions.add_milestone(admin, cycle, milestone_values(title="Vote", on=CLOSES))
    actions.add_milestone(admin, cycle, milestone_values())
    assert [milestone.title for milestone in cycle.milestones] == ["Lancement", "Vote"]
    actions.edit_milestone(admin, cycle.milestones[0], milestone_values(on=CLOSES + timedelta(days=1)))
    assert [milestone.title for milestone in cycle.milestones] == ["Vote", "Lancement"]
    actions.remove_milestone(admin, cycle.milestones[0])
    assert [milestone.title for milestone in cycle.milestones] == ["Lancement"]
    assert journal_events()[1:] == [
        Event.MILESTONE_ADDED,
        Event.MILESTONE_ADDED,
        Event.MILESTONE_UPDATED,
        Event.MILESTONE_REMOVED,
    ]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"title": ""}, "title"),
        ({"note": "a" * 501}, "note"),
        ({"until": OPENS - timedelta(days=1)}, "until"),
        ({"on": OPENS - timedelta(days=367)}, "on"),
        ({"on": CLOSES + timedelta(days=4 * 366)}, "on"),
        ({"until": CLOSES + timedelta(days=4 * 366)}, "until"),
    ],
)
def test_an_impossible_milestone_is_refused_beside_its_field(admin, cycle, values, field):
    with pytest.raises(Invalid) as error:
        actions.add_milestone(admin, cycle, milestone_values(**values))
    assert error.value.field == field
    assert cycle.milestones == []


def test_preparations_and_what_follows_may_lie_outside_the_cycle(admin, cycle):
    actions.add_milestone(admin, cycle, milestone_values(on=OPENS - timedelta(days=200)))
    actions.add_milestone(admin, cycle, milestone_values(on=CLOSES + timedelta(days=400)))
    assert len(cycle.milestones) == 2


def test_a_timeline_has_an_end(admin, cycle, monkeypatch):
    monkeypatch.setattr(actions, "MAX_MILESTONES", 1)
    actions.add_milestone(admin, cycle, milestone_values())
    with pytest.raises(Invalid):
        actions.add_milestone(admin, cycle, milestone_values())


# Steering committee


def test_the_steering_committee_is_named_and_unnamed(admin, cycle):
    person = make_person(name="Hugo")
    actions.add_to_steering(admin, cycle, person)
    actions.add_to_steering(admin, cycle, person)
    assert [seat.person.name for seat in cycle.seats] == ["Hugo"]
    assert actions.remove_from_steering(admin, cycle, person.id) is person
    assert actions.remove_from_steering(admin, cycle, person.id) is None
    assert cycle.seats == []
    assert journal_events().count(Event.CYCLE_STEERING_CHANGED) == 2


def test_who_has_not_joined_the_site_cannot_steer(admin, cycle):
    with pytest.raises(Invalid):
        actions.add_to_steering(admin, cycle, make_person(joined_at=None))


def test_the_steering_committee_does_not_name_itself(app):
    steering = make_person()
    cycle = make_cycle(steering=(steering,))
    with pytest.raises(Denied):
        actions.add_to_steering(steering, cycle, make_person())


# Themes


def test_a_theme_is_made_with_its_brief_rendered_part_by_part(admin, cycle):
    theme = actions.create_theme(admin, cycle, theme_values(context="## Avant\n\nDu texte", questions="- Quoi ?"))
    assert theme.slug == "des-antennes-vivantes"
    assert "<h4" in theme.brief_html["context"]
    assert "<li" in theme.brief_html["questions"]
    assert theme.brief_html["objectives"] == ""
    assert cycle.themes == [theme]


def test_the_same_address_may_stand_in_two_cycles(admin, cycle):
    theme = actions.create_theme(admin, cycle, theme_values())
    other = actions.create_theme(admin, make_cycle(), theme_values())
    assert theme.slug == other.slug


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"title": " des ANTENNES  vivantes"}, "title"),
        ({"title": ""}, "title"),
        ({"title": "Neuf", "question": "a" * 501}, "question"),
        ({"title": "Neuf", "position": 1000}, "position"),
        ({"title": "Neuf", "reflection": "a" * (checks.MAX_MARKDOWN + 1)}, "reflection"),
    ],
)
def test_an_impossible_theme_is_refused_beside_its_field(admin, cycle, values, field):
    actions.create_theme(admin, cycle, theme_values())
    with pytest.raises(Invalid) as error:
        actions.create_theme(admin, cycle, theme_values(**values))
    assert error.value.field == field
    assert len(cycle.themes) == 1


def test_a_theme_takes_its_new_place(admin, cycle):
    first = actions.create_theme(admin, cycle, theme_values())
    second = actions.create_theme(admin, cycle, theme_values(title="Autre", position=2))
    actions.edit_theme(admin, first, theme_values(position=3))
    assert cycle.themes == [second, first]


def test_a_brief_changed_in_between_is_not_overwritten(app):
    steering = make_person()
    theme = make_theme(make_cycle(steering=(steering,)), context="Avant")
    began_from = marks(actions.theme_values(theme))
    actions.edit_theme(steering, theme, {**actions.theme_values(theme), "context": "La leur"})
    mine = {**actions.theme_values(theme), "context": "La mienne"}
    with pytest.raises(Conflict):
        actions.edit_theme(steering, theme, mine, began_from)
    assert theme.context == "La leur"


def test_a_stale_memory_of_the_row_is_read_again_under_the_lock(app):
    """What another transaction saved after this one had read the theme counts as theirs."""
    steering = make_person()
    theme = make_theme(make_cycle(steering=(steering,)), context="Avant")
    values, began_from = actions.theme_values(theme), marks(actions.theme_values(theme))
    table = Theme.__table__
    db.session.execute(table.update().where(table.c.id == theme.id).values(context="La leur"))
    assert theme.context == "Avant"
    with pytest.raises(Conflict):
        actions.edit_theme(steering, theme, {**values, "context": "La mienne"}, began_from)


# Offices


def test_an_office_is_made_and_changed(admin):
    office = actions.create_office(admin, {"name": "Antenne de Liège", "town": "Liège", "country": "BE"})
    assert office.slug == "liege"
    actions.edit_office(admin, office, {"name": "Antenne liégeoise", "town": "Liège", "country": "BE"})
    assert (office.name, office.slug) == ("Antenne liégeoise", "liege")
    assert journal_events() == [Event.OFFICE_CREATED, Event.OFFICE_UPDATED]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "antenne DE gand"}, "name"),
        ({"town": "a" * 121}, "town"),
        ({"country": "be"}, "country"),
        ({"country": "Belgique"}, "country"),
    ],
)
def test_an_impossible_office_is_refused_beside_its_field(admin, values, field):
    make_office(name="Antenne de Gand")
    with pytest.raises(Invalid) as error:
        actions.create_office(admin, {"name": "Neuf", "town": "", "country": "", **values})
    assert error.value.field == field
    assert len(db.session.scalars(select(Office)).all()) == 1
