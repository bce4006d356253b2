"""The baseline: a Flask application whose one view sends the bytes it is given, and does nothing else."""

import json
import os
from pathlib import Path

from flask import Flask, Response

_FOLDER = Path(os.environ["BARE_FOLDER"])
_BODY = (_FOLDER / "body").read_bytes()
_HEADERS = json.loads((_FOLDER / "headers.json").read_text())

app = Flask(__name__)


@app.get("/")
def page() -> Response:
    return Response(_BODY, headers=_HEADERS)
