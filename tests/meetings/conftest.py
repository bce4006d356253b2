"""A board with a member, a meeting to come, and a recommendation that the board studies."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from sip.bodies.models import Body, BodyKind
from sip.core import clock
from sip.core.db import db
from sip.cycles.stages import Stage
from sip.drafts.actions import versions
from sip.meetings.actions import calling
from sip.meetings.models import Meeting
from sip.people.models import Person, PersonRole
from sip.reviews.models import Review
from tests.factories import let_stand, make_body, make_draft, make_group, make_person


@dataclass
class House:
    """The board, who sits in it, a member, and a meeting."""

    board: Body
    director: Person
    member: Person
    meeting: Meeting


@pytest.fixture
def house(app: Flask) -> House:
    """A board that meets in a week."""
    director = make_person(name="Dora Board", roles=(PersonRole.BOARD_MEMBER,))
    board = make_body(kind=BodyKind.BOARD, name="Conseil d’administration", slug="ca")
    values = {"title": "Séance de décembre", "starts_at": clock.now() + timedelta(days=7), "place": "Bruxelles"}
    meeting = calling.create_meeting(director, board, values)
    return House(board, director, make_person(name="Mia Member"), meeting)


@pytest.fixture
def review(app: Flask) -> Review:
    """The file of the first recommendation of a published document."""
    facilitator = make_person()
    draft = make_draft(
        make_group(facilitator=facilitator),
        sections=(("Introduction", "Un texte."), ("Rendre visible", "Chaque antenne."), ("Budget", "Un budget.")),
    )
    version = versions.freeze_version(facilitator, draft, "Version une")
    versions.publish_version(facilitator, version)
    let_stand(draft, Stage.UNDER_REVIEW)
    section = draft.living_sections[1]
    review = Review(
        cycle_id=draft.cycle_id,
        draft=draft,
        section=section,
        key=section.key,
        version=version,
        first_number=1,
        received_at=clock.now(),
    )
    db.session.add(review)
    db.session.commit()
    return db.session.scalars(select(Review)).one()
