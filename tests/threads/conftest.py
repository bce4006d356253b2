"""A working group with a person in each role, and a published document that people discuss."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import select

from sip.core.db import db
from sip.core.outbox import Letter
from sip.cycles.stages import Stage
from sip.drafts.actions import versions
from sip.drafts.actions.text import replace_body
from sip.drafts.models import Draft, Section, Version, VersionSection
from sip.drafts.texts.readable import readable_text
from sip.groups.models import WorkingGroup
from sip.people.models import Person, PersonRole
from sip.threads import queries
from sip.threads.actions import threads
from sip.threads.models import Comment, Thread, ThreadKind
from tests.factories import make_administrator, make_cycle, make_draft, make_group, make_person, make_theme

SECTIONS = (
    ("Introduction", "Ce texte dit pourquoi.\n\nIl dit aussi **comment** on décide ensemble."),
    ("Rendre visible", "Chaque antenne publie ses comptes.\n\n### La carte {#carte}\n\nUne carte montre les antennes."),
    ("Budget local", "Un budget pour chaque antenne.\n\nLes coopérateur·rices en décident."),
)


@dataclass
class Forum:
    """People by role, their group, and a document with one published version."""

    people: dict[str, Person]
    group: WorkingGroup
    draft: Draft

    def __getitem__(self, role: str) -> Person | None:
        return self.people.get(role)

    @property
    def address(self) -> str:
        return f"/drafts/{self.draft.slug}"

    def section(self, place: int) -> Section:
        """The section at `place` of the live text, as the database has it."""
        db.session.commit()
        db.session.expire_all()
        return self.draft.living_sections[place]

    def key(self, place: int) -> str:
        return self.section(place).key

    def version(self, number: int | None = None) -> Version:
        """A version by its number, else the last one."""
        query = select(Version).where(Version.draft_id == self.draft.id).order_by(Version.number.desc())
        return db.session.scalars(query if number is None else query.where(Version.number == number)).first()

    def open_to(self, stage: Stage, place: int | None = None) -> None:
        """Bring all sections, or the one at `place`, to a stage."""
        for position, section in enumerate(self.draft.living_sections):
            if place is None or position == place:
                section.stage = stage
        db.session.commit()

    def write(self, place: int, text: str) -> None:
        """Change the live text of a section."""
        replace_body(self.people["facilitator"], self.section(place), text, origin="form")
        db.session.commit()

    def freeze(self, label: str, *, is_published: bool = False) -> Version:
        """Freeze the live text."""
        version = versions.freeze_version(self.people["facilitator"], self.draft, label)
        if is_published:
            versions.publish_version(self.people["facilitator"], version)
        db.session.commit()
        return version

    def passage(self, words: str, number: int | None = None) -> dict[str, object]:
        """What `open_thread` needs to know of the place where a version says `words`."""
        version = self.version(number)
        for section in db.session.scalars(select(VersionSection).where(VersionSection.version_id == version.id)):
            text = readable_text(section.html)
            if words in text:
                start = text.index(words)
                place = {"start": start, "end": start + len(words), "words": words}
                return {"version": version, "key": section.key, **place}
        raise AssertionError(words)

    def say(self, role: str, text: str, kind: ThreadKind = ThreadKind.REMARK, **place: object) -> Thread:
        """Begin a thread as somebody in a role."""
        thread = threads.open_thread(self.people[role], self.draft, kind, text, **place)
        db.session.commit()
        return thread

    def comment(self, thread: Thread, place: int = 0) -> Comment:
        """A comment of a thread by its place, as the database has it."""
        db.session.commit()
        db.session.expire_all()
        return db.session.scalars(queries.comments_of(thread, self.people["steering"])).all()[place]


@pytest.fixture
def unpublished(app: Flask) -> Forum:
    """The document as only its group knows it, without any version."""
    people = {
        "facilitator": make_person("Ana Facilite"),
        "secretary": make_person("Sam Secrète"),
        "participant": make_person("Paul Participe"),
        "referent": make_person("Rita Réfère"),
        "steering": make_person("Stef Pilote"),
        "board": make_person("Bo Conseil", roles=(PersonRole.BOARD_MEMBER,)),
        "administrator": make_administrator(name="Ada Administre"),
        "member": make_person("Max Membre"),
        "other member": make_person("Noé Membre"),
    }
    group = make_group(
        make_theme(make_cycle(steering=(people["steering"],), guests_may_comment=True)),
        facilitator=people["facilitator"],
        secretary=people["secretary"],
        referent=people["referent"],
        participants=(people["participant"],),
    )
    return Forum(people, group, make_draft(group, sections=SECTIONS, title="Savoir pour décider"))


@pytest.fixture
def forum(unpublished: Forum) -> Forum:
    """The document with a first version that everybody reads, open for consultation."""
    unpublished.freeze("Document de travail", is_published=True)
    unpublished.open_to(Stage.CONSULTATION)
    return unpublished


@pytest.fixture
def letters(app: Flask) -> Callable[..., list[Letter]]:
    """`letters()` gives all letters in the outbox, `letters(kind)` those of a kind, the oldest first."""

    def written(kind: str | None = None) -> list[Letter]:
        query = select(Letter).order_by(Letter.id)
        return list(db.session.scalars(query if kind is None else query.where(Letter.kind == kind)))

    return written
