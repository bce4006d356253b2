"""Migrations end at the models, from nothing and from the first shape with data in it."""

from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import inspect, select, text

from sip import migrating, paths
from sip.app import create_app
from sip.config import Settings
from sip.core import record
from sip.core.db import Base, UtcDateTime, db
from sip.drafts import checking_moves
from tests.databases import Databases

FIRST = "0001"


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_app(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> Iterator[Flask]:
    """An application whose database holds nothing at all."""
    with databases.empty(request.param, tmp_path) as url:
        app = create_app(Settings(data=tmp_path, secret_key="test" * 16, database_url=url))
        with app.app_context():
            yield app
            db.session.remove()
            db.engine.dispose()


def differences() -> list:
    with db.engine.connect() as connection:
        is_same = lambda _c, _i, _m, found, wanted: False if isinstance(wanted, UtcDateTime) else None  # noqa: E731
        found = MigrationContext.configure(connection, opts={"compare_type": is_same})
        return compare_metadata(found, Base.metadata)


def test_migrations_equal_the_models(bare_app: Flask):
    migrating.migrate()
    assert differences() == []
    migrating.migrate()  # a second time there is nothing to do


def test_the_first_shape_with_data_is_brought_up_to_date(bare_app: Flask):
    flask_migrate.upgrade(str(paths.MIGRATIONS), FIRST)
    with db.engine.begin() as connection:
        connection.execute(
            text("INSERT INTO offices (slug, name, town, country) VALUES ('x', 'Antenne', 'Ville', 'FR')")
        )
        connection.execute(
            text(
                "INSERT INTO people (email, name, name_key, office_id, language, created_at, session_epoch) "
                "SELECT 'a@example.org', 'Ana', 'ana', id, 'fr', '2026-01-01 00:00:00', 0 FROM offices"
            )
        )
        connection.execute(text("INSERT INTO role_grants (person_id, role) SELECT id, 'administrator' FROM people"))
    migrating.migrate()
    assert differences() == []
    with db.engine.connect() as connection:
        rows = connection.execute(
            text("SELECT people.name, offices.name FROM people JOIN offices ON offices.id = people.office_id")
        ).all()
        assert [tuple(row) for row in rows] == [("Ana", "Antenne")]
        assert connection.execute(text("SELECT count(*) FROM role_grants")).scalar() == 1
        if connection.dialect.name == "sqlite":
            assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1


def test_moves_of_before_are_sealed_as_they_would_be_now(bare_app: Flask):
    flask_migrate.upgrade(str(paths.MIGRATIONS), "0005")
    when = "'2026-01-01 10:00:00'"
    with db.engine.begin() as connection:
        for statement in (
            "INSERT INTO people (id, email, name, name_key, language, created_at, session_epoch) "
            f"VALUES (1, 'a@example.org', 'Ana', 'ana', 'fr', {when}, 0)",
            "INSERT INTO cycles (id, slug, title, introduction, introduction_html, opens_on, closes_on, "
            f"guests_may_comment, created_at) VALUES (1, 'c', 'C', '', '', '2026-01-01', '2027-01-01', false, {when})",
            "INSERT INTO themes (id, cycle_id, slug, title, question, position, context, reflection, objectives, "
            "questions, brief_html) VALUES (1, 1, 't', 'T', '', 1, '', '', '', '', '{}')",
            "INSERT INTO drafts (id, slug, theme_id, cycle_id, title, language, created_at, changed_at, listed_at, "
            f"published_at, published_number, latest_number) VALUES (1, 'd', 1, 1, 'D', 'fr', {when}, {when}, {when}, "
            f"{when}, 1, 1)",
            "INSERT INTO sections (id, draft_id, key, slug, title, kind, position, stage, changed_at, body, "
            f"authorship) VALUES (1, 1, 'k', 's', 'É', 'recommendation', 1, 'concertation', {when}, '', '[]')",
            "INSERT INTO versions (id, draft_id, number, label, note, title, language, groups, contributors, "
            "frozen_at, frozen_by, hash, words, toc) VALUES (1, 1, 1, 'un', '', 'D', 'fr', '[]', '[]', "
            f"{when}, 'Ana', 'abc', 0, '[]')",
            "INSERT INTO version_sections (version_id, key, slug, title, kind, position, stage, body, html) "
            "VALUES (1, 'k', 's', 'Été', 'recommendation', 1, 'information', '', '')",
            "INSERT INTO stage_moves (id, draft_id, section_id, before, after, at, actor_id, reason, number) "
            "VALUES (1, 1, 1, 'information', 'consultation', '2026-02-01 10:00:00', 1, '', 1), "
            "(2, 1, 1, 'consultation', 'concertation', '2026-03-01 10:00:00.5', 1, 'Prêt', 1)",
        ):
            connection.execute(text(statement))
    migrating.migrate()
    assert [
        entry.number for entry in db.session.scalars(select(record.RecordEntry).order_by(record.RecordEntry.number))
    ] == [1, 2]
    assert [*record.problems(), *checking_moves.problems()] == []


def test_migrations_form_one_line(built_app: Flask):
    with built_app.app_context():
        script = ScriptDirectory(str(paths.MIGRATIONS))
        assert len(script.get_heads()) == 1
        assert script.get_bases() == [FIRST]


def test_every_table_has_a_key(built_app: Flask):
    with built_app.app_context():
        found = inspect(db.engine)
        assert [
            name for name in found.get_table_names() if not found.get_pk_constraint(name)["constrained_columns"]
        ] == []
