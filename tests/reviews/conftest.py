"""A document with the board: its working group, people of the board, members who took part, and two versions."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from sip.bodies.models import Body, BodyKind, BodySeat
from sip.core import clock
from sip.core.db import db
from sip.core.outbox import Letter
from sip.cycles.stages import Stage
from sip.drafts.actions import versions
from sip.drafts.actions.text import replace_body
from sip.drafts.models import Draft, Section, Version
from sip.people.models import Person, PersonRole
from sip.reviews import queries
from sip.reviews.actions import committing, receiving, responding
from sip.reviews.models import Answer, BoardResponse, Commitment, CommitmentStatus, ProgressNote, Review
from tests.factories import let_stand, make_administrator, make_cycle, make_draft, make_group, make_person, make_theme

SECTIONS = (
    ("Introduction", "Ce texte dit pourquoi."),
    (
        "Rendre visible",
        "Chaque antenne publie ses comptes.\n\n### La carte {#carte}\n\nUne carte montre les antennes.\n\n"
        "### Le registre {#registre}\n\nUn registre les nomme.",
    ),
    ("Budget local", "Un budget pour chaque antenne."),
)


@dataclass
class House:
    """People by role, and a document of their group."""

    people: dict[str, Person]
    draft: Draft

    def __getitem__(self, role: str) -> Person | None:
        return self.people.get(role)

    def section(self, place: int) -> Section:
        """The section at `place` of the live text, as the database has it."""
        db.session.commit()
        db.session.expire_all()
        return self.draft.living_sections[place]

    def set_stage(self, stage: Stage, place: int | None = None) -> None:
        """Let all sections, or the one at `place`, stand at a stage."""
        sections = self.draft.living_sections
        let_stand(self.draft, stage, *(sections if place is None else [sections[place]]))

    def new_version(self, label: str, place: int, text: str) -> Version:
        """Let the group write another text of a section, and publish it."""
        facilitator = self.people["facilitator"]
        self.set_stage(Stage.CONCERTATION)
        replace_body(facilitator, self.section(place), text, origin="form")
        return self.freeze(label)

    def freeze(self, label: str) -> Version:
        """Freeze the live text, and publish it."""
        version = versions.freeze_version(self.people["facilitator"], self.draft, label)
        versions.publish_version(self.people["facilitator"], version)
        db.session.commit()
        return version

    def hand_over(self, *places: int) -> list[Review]:
        """Bring recommendations to the board."""
        sections = [self.section(place) for place in places or (1,)]
        let_stand(self.draft, Stage.UNDER_REVIEW, *sections)
        reviews = receiving.receive(self.people["steering"], self.draft, sections)
        db.session.commit()
        return reviews

    def propose(self, review: Review, who: str = "board", **values: Any) -> BoardResponse:
        """Let somebody of the board propose an answer, over what is there now."""
        values = {"answer": Answer.PARTLY, "reasons": "Parce que.", "seen": queries.mark_of(review), **values}
        response = responding.propose(self.people[who], review, **values)
        db.session.commit()
        return response

    def publish(self, review: Review, **values: Any) -> BoardResponse:
        """Let the board propose, sign and publish an answer."""
        response = self.propose(review, **values)
        for who in ("board", "other board"):
            responding.sign(self.people[who], response, seen=response.mark)
        responding.publish(self.people["board"], review, seen=response.mark)
        db.session.commit()
        return response

    def commit(self, review: Review, **values: Any) -> Commitment:
        """Let the board commit to something that is due in thirty days, for `keeper` to do."""
        values = {"what": "Publier la carte", "due_on": in_days(30), "person": self.people["keeper"], **values}
        if values.get("body"):
            values["person"] = None
        commitment = committing.commit(self.people["board"], review, **values)
        db.session.commit()
        return commitment

    def report(
        self, commitment: Commitment, status: CommitmentStatus, who: str = "board", **values: Any
    ) -> ProgressNote:
        """Let somebody say how far a commitment is."""
        values = {"text": "Ça avance.", "due_on": commitment.due_on, "seen": commitment.mark, **values}
        note = committing.report(self.people[who], commitment, status=status, **values)
        db.session.commit()
        return note

    def body(self, *seats: str) -> Body:
        """A committee in which the people named sit."""
        found = [BodySeat(person=self.people[who], since=clock.now()) for who in seats]
        number = self.draft.id
        body = Body(slug=f"comite-{number}", name="Comité", kind=BodyKind.ETHICS, created_at=clock.now(), seats=found)
        db.session.add(body)
        db.session.commit()
        return body


def in_days(number: int) -> date:
    """The day so many days from now."""
    return clock.today() + timedelta(days=number)


def letters(kind: str | None = None) -> list[tuple[str, str]]:
    """The letters posted, or those of a kind: (kind, the address they are for), sorted."""
    query = select(Letter.kind, Letter.recipient)
    rows = db.session.execute(query if kind is None else query.where(Letter.kind == kind))
    return sorted((row.kind, row.recipient) for row in rows)


def new_house() -> House:
    """Make a document whose first version everybody reads, with people of its own."""
    people = {
        "facilitator": make_person("Ana Facilite"),
        "secretary": make_person("Sam Secrète"),
        "participant": make_person("Paul Participe"),
        "referent": make_person("Rita Réfère"),
        "steering": make_person("Stef Pilote"),
        "board": make_person("Bo Conseil", roles=(PersonRole.BOARD_MEMBER,)),
        "other board": make_person("Béa Conseil", roles=(PersonRole.BOARD_MEMBER,)),
        "administrator": make_administrator(name="Ada Administre"),
        "keeper": make_person("Kim Tient"),
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
    house = House(people, make_draft(group, sections=SECTIONS, title="Savoir pour décider"))
    house.freeze("Première version")
    return house


@pytest.fixture
def house(app: Flask) -> House:
    """A document whose recommendations everybody reads."""
    return new_house()
