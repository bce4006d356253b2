"""A document whose recommendations are put to the vote: its group, members of two offices, a published version."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from sip.ballots import queries
from sip.ballots.actions import closing, opening, planning, voting
from sip.ballots.actions.planning import Plan
from sip.ballots.models import Ballot, Electorate, Method
from sip.core import clock
from sip.core.db import db
from sip.cycles.models import Office
from sip.cycles.stages import Stage
from sip.drafts.actions import text, versions
from sip.drafts.models import Draft, Section, Version
from sip.people.models import Person, PersonRole
from tests.factories import (
    let_stand,
    make_administrator,
    make_cycle,
    make_draft,
    make_group,
    make_office,
    make_person,
    make_theme,
)

HOUR = timedelta(hours=1)


@dataclass
class House:
    """People by role, two offices, and a document of their group at the stage of codecision."""

    people: dict[str, Person]
    offices: list[Office]
    draft: Draft
    version: Version

    def __getitem__(self, role: str) -> Person:
        return self.people[role]

    def section(self, place: int = 1) -> Section:
        """The recommendation at this place."""
        return self.draft.living_sections[place]

    def plan(self, who: str = "facilitator", *, places: tuple[int, ...] = (1,), **values: Any) -> Ballot:
        """Let somebody put recommendations to the vote: a consent round of the group from now on by default."""
        sections = [self.section(place) for place in places]
        version = values.pop("version", self.version)
        ballot = planning.plan(self[who], self.draft, sections, version, plan_of(**values))
        db.session.commit()
        return ballot

    def open_to_all(self, **values: Any) -> Ballot:
        """A ballot of all members that is open."""
        return self.plan(electorate=Electorate.MEMBERS, **{"method": Method.MAJORITY, **values})

    def vote(self, ballot: Ballot, **choices: str) -> None:
        """Let people, by role, vote; `choice: reason` gives a reason too."""
        for role, choice in choices.items():
            choice, _, reason = choice.partition(": ")
            voting.cast(self[role], ballot, choice, opinion=reason)
        db.session.commit()

    def new_version(self, place: int, words: str, *, is_published: bool = True) -> Version:
        """Let the facilitator write another text of a section, and publish it unless told otherwise."""
        section = self.section(place)
        text.edit_section(self["facilitator"], section, section.body, words)
        version = versions.freeze_version(self["facilitator"], self.draft, "La suivante")
        if is_published:
            versions.publish_version(self["facilitator"], version)
            self.version = version
        db.session.commit()
        return version


def plan_of(**values: Any) -> Plan:
    """What is asked of the group, from now on for a day, unless told otherwise."""
    given = {
        "question": "Adoptons-nous ceci ?",
        "method": Method.CONSENT,
        "closes_at": (values.get("opens_at") or clock.now()) + timedelta(days=1),
        **values,
    }
    return Plan(**given)


@contextmanager
def later(**values: float) -> Iterator[datetime]:
    """Let so much time have passed (as `timedelta`)."""
    with clock.at(clock.now() + timedelta(**values)):
        yield clock.now()


def run_due() -> None:
    """Do what the courier does every second."""
    for number in queries.due():
        assert opening.open_due(number) or closing.close_due(number)
    db.session.commit()


def closed(ballot: Ballot) -> Ballot:
    """Let the time of a ballot pass, and count it."""
    with clock.at(ballot.closes_at):
        run_due()
    return ballot


def new_house() -> House:
    """Make a document at the stage of codecision, with people of its own."""
    offices = [make_office(), make_office()]
    people = {
        "facilitator": make_person("Ana Facilite", office_id=offices[0].id),
        "secretary": make_person("Sam Secrète", office_id=offices[0].id),
        "participant": make_person("Paul Participe", office_id=offices[1].id),
        "referent": make_person("Rita Réfère", roles=(PersonRole.BOARD_MEMBER,)),
        "steering": make_person("Stef Pilote"),
        "board": make_person("Bo Conseil", roles=(PersonRole.BOARD_MEMBER,)),
        "administrator": make_administrator(name="Ada Administre"),
        "member": make_person("Max Membre", office_id=offices[0].id),
        "other": make_person("Olga Autre", office_id=offices[1].id),
    }
    make_person("Ivo Invité", joined_at=None, office_id=offices[0].id)
    group = make_group(
        make_theme(make_cycle(steering=(people["steering"],))),
        facilitator=people["facilitator"],
        secretary=people["secretary"],
        referent=people["referent"],
        participants=(people["participant"],),
    )
    sections = (
        ("Introduction", "Pourquoi."),
        ("Rendre visible", "Les comptes sont publiés."),
        ("Budget", "Un budget."),
    )
    draft = make_draft(group, sections=sections, title="Savoir pour décider")
    version = versions.freeze_version(people["facilitator"], draft, "Première version")
    versions.publish_version(people["facilitator"], version)
    let_stand(draft, Stage.CODECISION)
    return House(people, offices, draft, version)


@pytest.fixture
def house(app: Flask) -> House:
    """A document at the stage of codecision."""
    return new_house()
