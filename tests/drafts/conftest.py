"""A working group with a person in each role, and its documents."""

from dataclasses import dataclass

import pytest
from flask import Flask

from sip.core.db import db
from sip.drafts.actions import versions
from sip.drafts.models import Draft, Section, Version
from sip.groups.models import WorkingGroup
from sip.people.models import Person, PersonRole
from tests.factories import make_administrator, make_cycle, make_draft, make_group, make_person, make_theme

SECTIONS = (
    ("Introduction", "Voir la [[budget-local#caisse]].\n\nUn second paragraphe, avec un **mot**."),
    ("Rendre visible", "Un début.\n\n### La carte {#carte}\n\nTexte de la carte."),
    ("Budget local", "Un budget.\n\n### Une règle\n\nA.\n\n### La caisse {#caisse}\n\nB."),
)


@dataclass
class House:
    """People by role, their group, and a document of it."""

    people: dict[str, Person]
    group: WorkingGroup
    draft: Draft

    @property
    def address(self) -> str:
        return f"/drafts/{self.draft.slug}"

    def edit_address(self, place: int) -> str:
        """The address of the form in which the section at `place` is written."""
        return f"{self.address}/live/{self.draft.living_sections[place].slug}/edit"

    def sections_now(self) -> list[Section]:
        """The sections of the live text, as the database has them."""
        db.session.expire_all()
        return self.draft.living_sections

    def section_now(self, place: int) -> Section:
        """The section that is at `place` in the live text, as the database has it."""
        return self.sections_now()[place]


@pytest.fixture
def house(app: Flask) -> House:
    """A group in which everybody has a role, and a document that nobody else knows of yet."""
    people = {
        "facilitator": make_person("Ana Facilite"),
        "secretary": make_person("Sam Secrète"),
        "participant": make_person("Paul Participe"),
        "other participant": make_person("Bea Aussi"),
        "referent": make_person("Rita Réfère"),
        "steering": make_person("Stef Pilote"),
        "board": make_person("Bo Conseil", roles=(PersonRole.BOARD_MEMBER,)),
        "administrator": make_administrator(name="Ada Administre"),
        "member": make_person("Max Membre"),
    }
    cycle = make_cycle(steering=(people["steering"],))
    group = make_group(
        make_theme(cycle, title="Comprendre"),
        name="Groupe de Rennes",
        facilitator=people["facilitator"],
        secretary=people["secretary"],
        referent=people["referent"],
        participants=(people["participant"], people["other participant"]),
    )
    draft = make_draft(group, sections=SECTIONS, title="Savoir pour décider")
    return House(people, group, draft)


def freeze(house: House, label: str, *, is_published: bool = False) -> Version:
    """Freeze the live text of the house's document."""
    version = versions.freeze_version(house.people["facilitator"], house.draft, label)
    if is_published:
        versions.publish_version(house.people["facilitator"], version)
    db.session.commit()
    return version


@pytest.fixture
def published(house: House) -> House:
    """The same, with a first version that everybody reads."""
    freeze(house, "Document de travail au 12/10/2026", is_published=True)
    return house
