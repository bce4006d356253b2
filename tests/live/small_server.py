"""A small application under the product's own web server, which hands connections to whoever listens: run by tests."""

import sys
import time
from pathlib import Path

from flask import Flask, request

from sip.config import Settings
from sip.live.handover import Newcomer, NoHub, pass_on, read_ahead
from sip.serve import WebServer, listen

app = Flask("small")


@app.get("/")
def page() -> str:
    return "a page"


@app.get("/slow")
def slow() -> str:
    print("making a slow page", flush=True)
    time.sleep(1.5)
    return "a slow page"


@app.get("/socket")
def socket() -> tuple[str, int]:
    ahead = read_ahead(request.environ)
    newcomer = Newcomer(1, 2, "Zoé", 3, "127.0.0.1", request.headers["Sec-WebSocket-Key"], ahead)
    try:
        pass_on(sys.argv[2], request.environ["gunicorn.socket"], newcomer)
    except NoHub:
        return "no hub", 503
    return "nobody reads this", 200


class SmallServer(WebServer):
    """Few connections, so that one that is not forgotten is missed."""

    def load_config(self) -> None:
        super().load_config()
        self.cfg.set("worker_connections", 8)
        self.cfg.set("loglevel", "debug")


if __name__ == "__main__":
    settings = Settings(data=Path(), secret_key="x", port=int(sys.argv[1]), workers=1, threads=3)
    app.config["SETTINGS"] = settings
    SmallServer(app, listen(settings.host, settings.port)).run()
