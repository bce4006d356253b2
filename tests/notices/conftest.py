"""A mail server of a few lines, and what the tests of people offer."""

import socketserver
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.people.conftest import at_once, shared_app

__all__ = ["at_once", "mail_server", "shared_app"]


class MailServer(socketserver.ThreadingTCPServer):
    """Takes letters and keeps them; `refusals` maps a recipient to the code that refuses it."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.letters: list[tuple[str, bytes]] = []
        self.refusals: dict[str, int] = {}
        self.connections = 0


class _Talk(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.server.connections += 1
        recipient = ""
        self._say("220 ready")
        while line := self.rfile.readline().decode("ascii", "replace").strip():
            verb = line[:4].upper()
            if verb == "RCPT":
                recipient = line.partition("<")[2].partition(">")[0]
                code = self.server.refusals.get(recipient, 250)
                self._say(f"{code} recipient")
            elif verb == "DATA":
                self._say("354 go on")
                lines = []
                while (text := self.rfile.readline()) != b".\r\n":
                    lines.append(text)
                self.server.letters.append((recipient, b"".join(lines)))
                self._say("250 taken")
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 fine")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def mail_server() -> Iterator[Any]:
    """A mail server that listens on this machine."""
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()
