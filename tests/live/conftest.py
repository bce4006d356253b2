"""Sites with a hub that is served, and a group that writes a document together."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask

from sip.core.db import db
from sip.drafts import live_queries
from sip.drafts.models import Draft
from sip.groups.models import WorkingGroup
from sip.people.models import Person
from tests.databases import Databases
from tests.factories import make_draft, make_group, make_person
from tests.live.sites import Serving, Site, Team, empty_site

SECTIONS = (("Introduction", "Un été à Liège 👩‍🚀."), ("Rendre visible", "Cœur."), ("Budget", "Trois."))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def site(
    request: pytest.FixtureRequest, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A site of its own for each file of tests, on each kind of database."""
    folder = tmp_path_factory.mktemp(f"site-{request.param}")
    with databases.empty(request.param, folder) as url, empty_site(url, folder) as made:
        yield made


@pytest.fixture(scope="module")
def server(site: Site) -> Iterator[Serving]:
    """The site, served."""
    with site.serving() as serving:
        yield serving


@dataclass
class Desk:
    """People who write, a document of theirs, and the keys of its sections."""

    people: list[Person]
    group: WorkingGroup
    draft: Draft
    keys: list[str]

    @property
    def draft_id(self) -> int:
        return self.draft.id

    def rights(self, *people: Person) -> dict:
        return live_queries.rights_of({self.draft_id: [person.id for person in people or self.people]})[self.draft_id]


@pytest.fixture
def desk(app: Flask) -> Desk:
    """A document with three sections and four people who may write in all of them."""
    people = [make_person(name) for name in ("Ana", "Bea", "Cem", "Dov")]
    group = make_group(facilitator=people[0], participants=tuple(people[1:]))
    draft = make_draft(group, sections=SECTIONS)
    keys = [section.key for section in draft.living_sections]
    db.session.commit()
    return Desk(people, group, draft, keys)


@pytest.fixture
def team(site: Site, server: Serving) -> Team:
    """A document of one section, and two people who write it, signed in."""
    return site.team(server)
