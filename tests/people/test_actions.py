"""The first administrator, invitations, profiles and roles, on the real database."""

import pytest
from sqlalchemy import func, select

from sip.core.db import db, transaction
from sip.core.errors import Denied, Invalid, Missing
from sip.core.journal import Event, JournalEntry
from sip.people import actions, passwords, queries
from sip.people.actions import Profile
from sip.people.models import Person, PersonRole, Stakeholder
from tests.factories import make_administrator, make_office, make_person
from tests.people.conftest import PASSWORD

ADMINISTRATOR, BOARD_MEMBER = PersonRole.ADMINISTRATOR, PersonRole.BOARD_MEMBER


def events() -> list[str]:
    return list(db.session.scalars(select(JournalEntry.event).order_by(JournalEntry.id)))


def test_the_first_administrator_is_made_once(app):
    person = actions.make_first_administrator(Profile("Zoé  Martin", "fr"), "Zoe@example.org", PASSWORD)
    assert (person.email, person.name, person.name_key) == ("zoe@example.org", "Zoé Martin", "zoe martin")
    assert person.is_administrator
    assert person.joined_at
    assert passwords.is_right(person.password_hash, PASSWORD)
    assert queries.count_people() == 1
    with pytest.raises(Missing):
        actions.make_first_administrator(Profile("Sam", "fr"), "sam@example.org", PASSWORD)


def test_two_first_administrators_at_once_are_one(shared_app, at_once):
    numbers = iter(range(10))

    def start() -> bool:
        number = next(numbers)
        with shared_app.app_context():
            try:
                with transaction():
                    actions.make_first_administrator(Profile("Zoé", "fr"), f"zoe{number}@example.org", PASSWORD)
            except Missing:
                return False
            return True

    assert sorted(at_once(start, 5)) == [False] * 4 + [True]
    with shared_app.app_context():
        assert db.session.scalar(select(func.count(Person.id))) == queries.count_people() == 1


@pytest.mark.parametrize(
    ("profile", "email", "password", "field"),
    [
        (Profile("  ", "fr"), "a@example.org", PASSWORD, "name"),
        (Profile("x" * 121, "fr"), "a@example.org", PASSWORD, "name"),
        (Profile("Zoé", "fr"), "nothing", PASSWORD, "email"),
        (Profile("Zoé", "fr"), "a@example.org", "court", "password"),
    ],
)
def test_what_cannot_be_accepted_names_its_field(app, profile, email, password, field):
    with pytest.raises(Invalid) as error:
        actions.make_first_administrator(profile, email, password)
    assert error.value.field == field


def test_an_invitation_makes_an_account_and_a_letter(app, letters):
    administrator, office = make_administrator(name="Ada"), make_office()
    profile = Profile("Sam Peeters", "nl", office.id, Stakeholder.PARTNER)
    person = actions.invite(administrator, profile, "SAM@example.org")
    assert (person.office_id, person.stakeholder, person.language) == (office.id, "partner", "nl")
    assert person.joined_at is None
    assert person.password_hash is None
    assert events() == [Event.PERSON_CREATED, Event.PERSON_INVITED]
    (letter,) = letters("invitation")
    assert (letter.recipient, letter.language, letter.data) == ("sam@example.org", "nl", {"inviter": "Ada"})
    with pytest.raises(Invalid) as error:
        actions.invite(administrator, profile, "sam@example.org")
    assert error.value.field == "email"
    assert queries.count_people() == 1
    actions.invite_again(administrator, person)
    assert len(letters("invitation")) == 2


@pytest.mark.parametrize("roles", [(), (BOARD_MEMBER,)])
def test_only_administrators_invite_and_give_roles(app, roles):
    person, other = make_person(roles=roles), make_person(joined_at=None)
    for act in (
        lambda: actions.invite(person, Profile("Sam", "fr"), "sam@example.org"),
        lambda: actions.invite_again(person, other),
        lambda: actions.change_roles(person, person, {ADMINISTRATOR}),
        lambda: actions.change_profile(person, other, Profile("X", "fr")),
    ):
        with pytest.raises(Denied):
            act()
    assert events() == []


def test_roles_are_given_and_taken(app):
    administrator, person = make_administrator(), make_person()
    actions.change_roles(administrator, person, {ADMINISTRATOR, BOARD_MEMBER})
    actions.change_roles(administrator, person, {BOARD_MEMBER})
    actions.change_roles(administrator, person, {BOARD_MEMBER})
    db.session.expire_all()
    assert person.roles == {BOARD_MEMBER}
    assert events() == [Event.PERSON_ROLES_CHANGED] * 2


def test_somebody_always_administers(app):
    first, second = make_administrator(), make_administrator()
    actions.change_roles(first, second, set())
    with pytest.raises(Invalid) as error:
        actions.change_roles(first, first, {BOARD_MEMBER})
    assert error.value.field == "roles"
    assert first.is_administrator


def test_two_administrators_cannot_dismiss_each_other_at_once(shared_app, at_once):
    with shared_app.app_context():
        ids = [make_administrator().id, make_administrator().id]
    pairs = iter([(ids[0], ids[1]), (ids[1], ids[0])])

    def dismiss() -> None:
        actor, other = next(pairs)
        with shared_app.app_context():
            try:
                with transaction():
                    actions.change_roles(db.session.get(Person, actor), db.session.get(Person, other), set())
            except (Invalid, Denied):
                return

    at_once(dismiss, 2)
    with shared_app.app_context():
        assert sum(person.is_administrator for person in db.session.scalars(select(Person))) == 1


def test_a_profile_is_changed_and_recorded(app):
    person = make_person("Camille")
    actions.change_profile(person, person, Profile("Camille Été", "nl", None, Stakeholder.CLIENT))
    assert (person.name, person.name_key, person.language) == ("Camille Été", "camille ete", "nl")
    actions.change_profile(person, person, Profile("Camille Été", "nl", None, Stakeholder.CLIENT))
    entry = db.session.scalars(select(JournalEntry)).one()
    assert (entry.event, entry.data) == (Event.PERSON_UPDATED, {"fields": ["name", "language", "stakeholder"]})
    actions.choose_language(person, "fr")
    assert person.language == "fr"
