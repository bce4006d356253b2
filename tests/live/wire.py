"""The browser's side of the wire, for tests: what it sends, and what it reads."""

import base64
import json
from typing import Any, NamedTuple


def number(value: int) -> bytes:
    written = bytearray()
    while value > 127:
        written.append(value & 127 | 128)
        value >>= 7
    return bytes([*written, value])


def sized(data: bytes) -> bytes:
    return number(len(data)) + data


def hello(clients: list[int], vector: bytes = b"\x00", language: str = "en", **more: Any) -> bytes:
    value = {"protocol": 1, "clients": clients, "language": language, **more}
    return b"\x00" + sized(json.dumps(value).encode()) + sized(vector)


def update(seq: int, data: bytes) -> bytes:
    return b"\x01" + number(seq) + sized(data)


def presence(section: str | None, anchor: bytes = b"", head: bytes = b"") -> bytes:
    positions = {"anchor": base64.b64encode(anchor).decode(), "head": base64.b64encode(head).decode()}
    value = {"section": section, **positions}
    return b"\x02" + sized(json.dumps(value).encode())


def relay(person: int, seal: bytes, data: bytes) -> bytes:
    return b"\x03" + number(person) + sized(seal) + sized(data)


def claim(client: int) -> bytes:
    return b"\x05" + number(client)


class Told(NamedTuple):
    """A message of the hub: its name, then what it says."""

    name: str
    seq: int = 0  # or a connection, or a count
    value: Any = None
    person: int = 0
    seal: bytes = b""
    data: bytes = b""


def read(frame: bytes) -> list[Told]:
    """Take apart what the hub sent."""
    found: list[Told] = []
    at = 0

    def take_number() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = frame[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def take() -> bytes:
        nonlocal at
        size = take_number()
        at += size
        assert at <= len(frame)
        return frame[at - size : at]

    while at < len(frame):
        kind = frame[at]
        at += 1
        match kind:
            case 0:
                found.append(Told("welcome", value=json.loads(take()), data=take()))
            case 1:
                found.append(Told("updates", take_number(), person=take_number(), seal=take(), data=take()))
            case 2 | 7:
                found.append(Told("ack" if kind == 2 else "committed", take_number()))
            case 3 | 8:
                found.append(Told("presence" if kind == 3 else "refused", take_number(), json.loads(take())))
            case 4 | 5 | 6 | 9:
                names = {4: "people", 5: "sections", 6: "state", 9: "frozen"}
                found.append(Told(names[kind], value=json.loads(take())))
            case 10:
                found.append(Told("pong"))
            case _:
                raise AssertionError(f"message {kind}")
    return found
