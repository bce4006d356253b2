"""A document in concertation: its working group, members who amend it, and its first published version."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from sip.amendments.actions.proposing import propose
from sip.amendments.models import Amendment, AmendmentKind
from sip.core.db import db
from sip.core.outbox import Letter
from sip.cycles.stages import Stage
from sip.drafts.actions import text as text_actions
from sip.drafts.actions import versions
from sip.drafts.models import Draft, Section, Version, VersionSection
from sip.drafts.texts.readable import readable_text
from sip.groups.models import WorkingGroup
from sip.people.models import Person, PersonRole
from tests.factories import let_stand, make_administrator, make_cycle, make_draft, make_group, make_person, make_theme

SECTIONS = (
    ("Introduction", "Un premier paragraphe, avec un **mot** en gras.\n\nUn second paragraphe."),
    (
        "Rendre visible",
        "Bien peu de membres savent ce que la coopérative gagne, et ce qu’elle en fait. Les comptes sont publiés une "
        "fois par an. Ils sont lus en assemblée.\n\n### La carte {#carte}\n\n"
        "Chaque antenne tient une carte de ses lieux, et la met à jour tous les six mois.",
    ),
    ("Budget local", "Chaque antenne reçoit un budget.\n\n- une part fixe,\n- une part par membre."),
)


@dataclass
class House:
    """People by role, a document of their group in concertation, and its published version."""

    people: dict[str, Person]
    group: WorkingGroup
    draft: Draft
    versions: list[Version] = field(default_factory=list)

    @property
    def version(self) -> Version:
        """The version that readers see."""
        return self.versions[-1]

    def section(self, place: int) -> Section:
        """The section at `place` of the live text, as the database has it."""
        db.session.expire_all()
        return self.draft.living_sections[place]

    def body(self, place: int) -> str:
        """What the live text of the section at `place` says."""
        return self.section(place).body

    def write(self, place: int, text: str, who: str = "participant") -> None:
        """Let somebody bring the live text of a section to `text`."""
        section = self.section(place)
        text_actions.edit_section(self.people[who], section, section.body, text)
        db.session.commit()

    def spot(self, place: int, words: str, version: Version | None = None) -> dict[str, Any]:
        """Where `words` stand in the readable text of a section, as a selection names it."""
        version = version or self.version
        key = self.section(place).key
        query = select(VersionSection.html).where(VersionSection.version_id == version.id, VersionSection.key == key)
        start = readable_text(db.session.scalars(query).one()).index(words)
        return {"version": version, "key": key, "start": start, "end": start + len(words), "words": words}

    def propose(
        self, place: int, words: str, proposed: str, who: str = "member", reason: str = "Parce que.", **values: Any
    ) -> Amendment:
        """Let somebody propose other words for `words`; struck where `proposed` is empty."""
        kind = AmendmentKind.CHANGE if proposed else AmendmentKind.STRIKE
        spot = self.spot(place, words)
        amendment = propose(self.people[who], self.draft, kind, proposed, reason, **spot, **values)
        db.session.commit()
        return amendment

    def freeze(self, label: str, *, is_published: bool = True) -> Version:
        """Freeze the live text, and publish it unless told otherwise."""
        version = versions.freeze_version(self.people["facilitator"], self.draft, label)
        if is_published:
            versions.publish_version(self.people["facilitator"], version)
            self.versions.append(version)
        db.session.commit()
        return version

    def set_stage(self, stage: Stage) -> None:
        """Let all sections stand at a stage."""
        let_stand(self.draft, stage)


def letters() -> list[tuple[str, str]]:
    """The letters posted: (kind, who they are for), the oldest first."""
    people = {person.email: person.name for person in db.session.scalars(select(Person))}
    found = db.session.scalars(select(Letter).order_by(Letter.id))
    return [(letter.kind, people.get(letter.recipient, letter.recipient)) for letter in found]


def new_house() -> House:
    """Make a document in concertation, with people of its own."""
    people = {
        "facilitator": make_person("Ana Facilite"),
        "secretary": make_person("Sam Secrète"),
        "participant": make_person("Paul Participe"),
        "referent": make_person("Rita Réfère"),
        "steering": make_person("Stef Pilote"),
        "board": make_person("Bo Conseil", roles=(PersonRole.BOARD_MEMBER,)),
        "administrator": make_administrator(name="Ada Administre"),
        "member": make_person("Max Membre"),
        "other": make_person("Olga Autre"),
    }
    group = make_group(
        make_theme(make_cycle(steering=(people["steering"],))),
        facilitator=people["facilitator"],
        secretary=people["secretary"],
        referent=people["referent"],
        participants=(people["participant"],),
    )
    house = House(people, group, make_draft(group, sections=SECTIONS, title="Savoir pour décider"))
    house.freeze("Première version")
    house.set_stage(Stage.CONCERTATION)
    return house


@pytest.fixture
def make_house(app: Flask) -> Callable[[], House]:
    """`make_house()` makes one more document, with people of its own."""
    return new_house


@pytest.fixture
def house(make_house: Callable[[], House]) -> House:
    """A document in concertation."""
    return make_house()
