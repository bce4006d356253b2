"""Two people who do the same at the same moment, each having looked before the other wrote: nothing is done twice.

On PostgreSQL only: SQLite lets one write begin after the other, so there nobody looks at what is old.
"""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from sip.core import counts
from sip.core.db import db, transaction
from sip.core.errors import Denied, Invalid, Missing
from sip.core.journal import Event, JournalEntry
from sip.cycles import actions as cycles
from sip.cycles.models import Cycle, Milestone, Office
from sip.drafts.actions import arranging, documents, text, versions
from sip.drafts.models import Draft, SectionKind, Version
from sip.groups.models import WorkingGroup
from sip.people import actions, checking, import_actions, importing, queries
from sip.people.models import Person, PersonRole
from tests.at_once import at_once
from tests.helpers import sign_in_as, token_of


def person(name: str) -> Person:
    return db.session.scalars(select(Person).where(Person.email == f"{name}@demo.example")).one()


@pytest.fixture
def draft_id(demo_app: Flask) -> int:
    """A document with one version, which is not published."""
    with demo_app.app_context(), transaction():
        ana = person("facilitator")
        group = db.session.scalars(select(WorkingGroup).where(WorkingGroup.slug == "rennes")).one()
        draft = documents.create_draft(ana, group.theme, "En même temps", [group])
        section = arranging.add_section(ana, draft, "Un", SectionKind.RECOMMENDATION)
        text.edit_section(ana, section, "", "Un texte.")
        versions.freeze_version(ana, draft, "un")
        return draft.id


def version_of(draft_id: int) -> Version:
    version = db.session.scalars(select(Version).where(Version.draft_id == draft_id, Version.number == 1)).one()
    assert version.draft.latest_number  # the document is looked at, too
    return version


def test_a_version_is_published_once(demo_app, draft_id):
    raised = at_once(
        demo_app,
        lambda _: (person("facilitator"), version_of(draft_id)),
        lambda _, seen: versions.publish_version(*seen),
    )
    assert raised == [Denied, None]
    with demo_app.app_context():
        told = select(func.count()).where(
            JournalEntry.event == Event.VERSION_PUBLISHED, JournalEntry.draft_id == draft_id
        )
        assert db.session.scalar(told) == 1


def test_a_version_is_frozen_and_restored_once(demo_app, draft_id):
    with demo_app.app_context(), transaction():
        section = db.session.get_one(Draft, draft_id).sections[0]
        text.edit_section(person("facilitator"), section, "Un texte.", "Un autre texte.")
    frozen = at_once(
        demo_app,
        lambda _: (person("facilitator"), db.session.get_one(Draft, draft_id)),
        lambda _, seen: versions.freeze_version(*seen, "deux"),
    )
    assert frozen == [Invalid, None]
    restored = at_once(
        demo_app,
        lambda _: (person("facilitator"), version_of(draft_id)),
        lambda _, seen: versions.restore_version(*seen),
    )
    assert restored == [Invalid, None]
    with demo_app.app_context():
        assert db.session.get_one(Draft, draft_id).latest_number == 3


def test_a_role_is_given_once(demo_app):
    raised = at_once(
        demo_app,
        lambda _: (person("admin"), person("member"), person("member").roles),
        lambda _, seen: actions.change_roles(seen[0], seen[1], {PersonRole.BOARD_MEMBER}),
    )
    assert raised == [None, None]
    with demo_app.app_context():
        assert person("member").roles == {PersonRole.BOARD_MEMBER}


def counts_hold(app: Flask) -> bool:
    with app.app_context():
        return list(checking.problems()) == []


def test_stored_counts_stay_right(demo_app):
    with demo_app.app_context(), transaction():
        first, second = db.session.scalars(select(Office.id).order_by(Office.id).limit(2))
        new = Office(slug="neuf", name="Antenne neuve", town="Neuf")
        db.session.add(new)
        db.session.flush()
        offices = (first, second, new.id)

    def move(names: tuple[str, str], homes: tuple[int, int]) -> list[Any]:
        return at_once(
            demo_app,
            lambda number: person(names[number]),
            lambda number, who: actions.change_profile(who, who, actions.Profile(who.name, "fr", homes[number])),
        )

    assert move(("member", "member"), (offices[1], offices[1])) == [None, None]  # a double click
    assert counts_hold(demo_app)
    assert move(("member", "board"), (offices[2], offices[2])) == [None, None]  # the first two of an office
    assert counts_hold(demo_app)
    assert move(("member", "board"), (offices[0], offices[1])) == [None, None]
    assert move(("member", "board"), (offices[1], offices[0])) == [None, None]  # they swap
    assert counts_hold(demo_app)


def test_a_list_is_imported_once(demo_app):
    with demo_app.app_context():
        offices = queries.office_names()
        members = importing.read_members(f"email;office\nsecretary@demo.example;{offices[-1].slug}\n", offices, ["fr"])
    raised = at_once(
        demo_app,
        lambda _: person("admin"),
        lambda _, admin: import_actions.import_members(admin, members, language="fr"),
    )
    assert raised == [None, None]
    assert counts_hold(demo_app)


def test_a_milestone_is_removed_once(demo_app):
    raised = at_once(
        demo_app,
        lambda _: (person("admin"), db.session.scalars(select(Milestone).order_by(Milestone.id)).first()),
        lambda _, seen: cycles.remove_milestone(*seen),
    )
    assert raised == [Missing, None]


def test_who_comes_second_is_told_to_try_again(demo_app, monkeypatch):
    """Two take the same address at the same moment: the second is not shown a broken page, and loses nothing typed."""
    client = demo_app.test_client()
    with demo_app.app_context():
        sign_in_as(client, person("admin"))
        taken = db.session.scalars(select(Cycle.slug)).first()
        people = counts.read("people")
    monkeypatch.setattr(cycles, "slugify", lambda *_: taken)
    monkeypatch.setattr(cycles.queries, "slugs_like", lambda *_: [])
    introduction = "Un long texte que personne ne veut écrire deux fois.\nVraiment."
    data = {"title": "2026", "introduction": introduction, "opens_on": "2026-01-01", "closes_on": "2026-12-31"}
    token = token_of(client.get("/cycles/create"))
    answer = client.post("/cycles/create", data={"csrf_token": token, **data})
    assert answer.status_code == 409
    assert introduction in answer.text
    with demo_app.app_context():
        assert counts.read("people") == people
