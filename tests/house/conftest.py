"""What the tests share that let several people act at the same moment."""

from collections.abc import Iterator

import pytest
from flask import Flask

from sip import demo
from sip.app import create_app
from sip.config import Settings
from sip.core.db import db
from tests.databases import Databases


@pytest.fixture(scope="module")
def demo_app(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The demo on PostgreSQL, where transactions really run beside one another."""
    folder = tmp_path_factory.mktemp("demo")
    with databases.empty("postgresql", folder) as url:
        app = create_app(Settings(data=folder, secret_key="test" * 16, database_url=url))
        with app.app_context():
            db.create_all()
            demo.load(folder)
        yield app
        with app.app_context():
            db.engine.dispose()
