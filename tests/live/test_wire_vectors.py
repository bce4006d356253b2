"""Both sides of the socket write and read the same bytes: `tests/js/wire.test.js` holds the browser to them."""

import json
from pathlib import Path
from typing import Any

import pytest

from sip.live import messages

VECTORS = json.loads((Path(__file__).parents[1] / "js" / "wire.json").read_text(encoding="utf-8"))


def raw(value: str | None) -> bytes:
    return bytes.fromhex(value or "")


def written(kind: str, fields: dict[str, Any]) -> bytes:
    """Write a message of the hub from the fields that the browser is to find in it."""
    match kind:
        case "welcome":
            update = raw(fields.pop("update"))
            return messages.welcome({**fields, "vector": "AA=="}, update)
        case "updates":
            return messages.updates(fields["seq"], fields["person"], raw(fields["seal"]), raw(fields["update"]))
        case "presence":
            payload = {"section": "s1", "anchor": "AQI=", "head": "Aw=="} if fields["section"] else {"section": None}
            return messages.presence(fields["id"], json.dumps(payload, separators=(",", ":")).encode())
        case "state":
            return messages.state(fields["kept"])
        case "pong":
            return messages.PONG
    made: bytes = getattr(messages, kind)(**{{"sections": "listed"}.get(name, name): fields[name] for name in fields})
    return made


@pytest.mark.parametrize("vector", VECTORS["from_hub"], ids=lambda vector: f"{vector['kind']}-{vector['hex'][:8]}")
def test_the_hub_writes_what_the_browser_reads(vector: dict[str, Any]):
    fields = {name: value for name, value in vector.items() if name not in ("kind", "hex")}
    assert written(vector["kind"], fields).hex() == vector["hex"]


@pytest.mark.parametrize("vector", VECTORS["from_browser"], ids=lambda vector: f"{vector['kind']}-{vector['hex'][:8]}")
def test_the_hub_reads_what_the_browser_writes(vector: dict[str, Any]):
    (message,) = messages.decode(raw(vector["hex"]))
    match vector["kind"]:
        case "hello":
            expected: Any = messages.Hello(tuple(vector["clients"]), vector["language"], raw(vector["vector"]))
        case "update":
            expected = messages.Update(vector["seq"], raw(vector["update"]))
        case "presence":
            assert isinstance(message, messages.Presence)
            assert message.section == vector["section"]
            return
        case "relay":
            expected = messages.Relay(vector["person"], raw(vector["seal"]), raw(vector["update"]))
        case _:
            expected = messages.Ping()
    assert message == expected
