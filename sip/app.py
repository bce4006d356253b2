"""`create_app`: the only place where the parts are wired together."""

from datetime import timedelta

from flask import Flask
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

from sip import paths
from sip.amendments import views as amendments
from sip.ballots import views as ballots
from sip.bodies import views as bodies
from sip.config import Settings, load_settings
from sip.core.db import db
from sip.cycles import views as cycles
from sip.cycles.stages import LADDER, STAGE_MEANINGS, STAGE_NAMES
from sip.drafts import views as drafts
from sip.groups import views as groups
from sip.home import views as home
from sip.live import views as live
from sip.meetings import views as meetings
from sip.people import session, visits
from sip.people import views as people
from sip.reviews import views as reviews
from sip.threads import views as threads
from sip.web import (
    assets,
    compression,
    errors,
    guard,
    i18n,
    incoming,
    live_worker,
    once,
    security,
    shared_pages,
    templating,
    transaction,
    visitor_pages,
)
from sip.workflow import views as workflow


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application; reads the settings from the environment where none are given."""
    settings = settings or load_settings()
    settings.data.mkdir(parents=True, exist_ok=True)
    app = Flask("sip", template_folder=str(paths.TEMPLATES), static_folder=str(paths.STATIC))
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database,
        SQLALCHEMY_ENGINE_OPTIONS={
            "pool_pre_ping": not settings.database.startswith("sqlite"),
            "hide_parameters": True,  # what people typed, and hashes of passwords, stay out of the log
        },
        MAX_CONTENT_LENGTH=settings.max_upload + 1_000_000,
        MAX_FORM_MEMORY_SIZE=8 * settings.max_section + 1_000_000,
        MAX_FORM_PARTS=4 * settings.max_sections + 1_000,  # a section that is imported has a title, a kind and a group
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=settings.base_url.startswith("https://"),
        PERMANENT_SESSION_LIFETIME=timedelta(days=settings.session_days),
    )
    if settings.behind_proxy:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    db.init_app(app)
    Migrate(app, db, directory=str(paths.MIGRATIONS))
    # Flask runs what follows a request in reverse: the commit first, the compression last.
    for part in (
        compression,
        security,
        visitor_pages,
        transaction,
        incoming,
        guard,
        once,
        i18n,
        assets,
        templating,
        errors,
        session,
        visits,
        shared_pages,
        live_worker,
    ):
        part.init(app)
    app.jinja_env.globals.update(LADDER=LADDER, STAGE_NAMES=STAGE_NAMES, STAGE_MEANINGS=STAGE_MEANINGS)
    for room in (
        people,
        cycles,
        bodies,
        groups,
        drafts,
        threads,
        amendments,
        ballots,
        reviews,
        meetings,
        workflow,
        live,
        home,
    ):
        app.register_blueprint(room.blueprint)
    return app
