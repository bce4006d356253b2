"""Reads the forms of a page as a browser without scripts does: which fields there are, and what they hold."""

import re
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, Any]] = []
        self._select: str | None = None
        self._textarea: str | None = None
        self._is_first = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "form":
            self.forms.append({"action": given.get("action"), "fields": {}})
        if not self.forms:
            return
        fields = self.forms[-1]["fields"]
        if tag == "input" and name:
            is_tick = given.get("type") in ("checkbox", "radio")
            if not is_tick:
                fields[name] = given.get("value") or ""
            elif "checked" in given:
                fields.setdefault(name, []).append(given.get("value") or "on")
            else:
                fields.setdefault(name, [])
        elif tag == "select":
            self._select = name
            fields.setdefault(name, None)
        elif tag == "option" and self._select and (fields[self._select] is None or "selected" in given):
            fields[self._select] = given.get("value") or ""
        elif tag == "textarea" and name:
            self._textarea = name
            self._is_first = True
            fields[name] = ""

    def handle_endtag(self, tag: str) -> None:
        self._select = None if tag == "select" else self._select
        self._textarea = None if tag == "textarea" else self._textarea

    def handle_data(self, data: str) -> None:
        if self._textarea:
            fields = self.forms[-1]["fields"]
            # The first line break after the tag is not part of the text.
            if self._is_first:
                data = data.removeprefix("\r\n") if data.startswith("\r") else data.removeprefix("\n")
            self._is_first = False
            fields[self._textarea] += data


def form_with(page: TestResponse, field: str) -> dict[str, Any]:
    """Return the fields of the form that has `field`; fails where there is none."""
    parser = _Forms()
    parser.feed(page.text)
    found = [form for form in parser.forms if field in form["fields"]]
    assert found, f"no form with {field} on {page.request.path} ({page.status_code})"
    return dict(found[0]["fields"])


def action_of(page: TestResponse, field: str) -> str:
    """Return the address to which the form that has `field` is sent."""
    parser = _Forms()
    parser.feed(page.text)
    found = [form["action"] for form in parser.forms if field in form["fields"]]
    return found[0] or page.request.full_path.rstrip("?")


def fill(client: FlaskClient, address: str, field: str, **values: Any) -> TestResponse:
    """Open a page, change some fields of the form that has `field`, and send it."""
    page = client.get(address)
    return send(client, page, field, **values)


def send(client: FlaskClient, page: TestResponse, field: str, **values: Any) -> TestResponse:
    """Change some fields of a form of a page that is open, and send it."""
    return client.post(action_of(page, field), data={**form_with(page, field), **values})


def undo(client: FlaskClient, page: TestResponse) -> TestResponse:
    """Press the button in the message of the page that takes the last change back."""
    button = page.text.partition('form="undo" formaction="')[2]
    address = button.partition('"')[0]
    named = re.match(r'[^>]* name="(\w+)" value="(\d+)"', button)
    data = {named[1]: named[2]} if named else {}
    return client.post(address, data={"csrf_token": form_with(page, "csrf_token")["csrf_token"], **data})
