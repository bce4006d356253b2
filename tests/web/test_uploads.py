"""A file that is too large is told so, by the browser before it is sent and by the server after."""

from dataclasses import replace

import pytest
from flask import Flask

from tests.factories import make_administrator, make_group
from tests.helpers import sign_in_as, token_of

LIMIT = 20_000


@pytest.fixture
def limited(app: Flask, monkeypatch):
    """The application with a small limit, and room for what stands around a file, as always."""
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], max_upload=LIMIT))
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", LIMIT + 1_000_000)
    return app


@pytest.fixture
def addresses(limited, client):
    """Where files can be sent."""
    person = make_administrator()
    group = make_group(facilitator=person)
    sign_in_as(client, person)
    return {"people": "/people/import", "documents": f"/drafts/import?theme={group.theme_id}"}


def send(client, address: str, size: int, name: str):
    token = token_of(client.get(address))
    head = b"email;name\nzoe@example.org;" if name.endswith("csv") else b"# Titre\n\n## Un\n\n"
    lines = [
        b"--edge", b'Content-Disposition: form-data; name="csrf_token"', b"", token.encode(),
        b"--edge", f'Content-Disposition: form-data; name="file"; filename="{name}"'.encode(), b"",
        head + b"x" * (size - len(head)), b"--edge--", b"",
    ]  # fmt: skip
    return client.post(address, data=b"\r\n".join(lines), content_type="multipart/form-data; boundary=edge")


@pytest.mark.parametrize(("what", "name"), [("people", "liste.csv"), ("documents", "texte.md")])
def test_a_file_one_byte_over_the_limit_gets_a_clear_sentence(client, addresses, what, name):
    answer = send(client, addresses[what], LIMIT + 1, name)
    assert answer.status_code == 422
    assert "This file is larger than 0.02 MB, the most we take." in answer.text
    assert "This file is larger than" not in send(client, addresses[what], LIMIT, name).text


@pytest.mark.parametrize("what", ["people", "documents"])
def test_the_browser_knows_the_limit(client, addresses, what):
    assert f'data-max-size="{LIMIT}"' in client.get(addresses[what]).text
