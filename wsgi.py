"""Makes the app, nothing else: `gunicorn wsgi:app`."""

from sip.app import create_app

app = create_app()
