"""The wire of the live socket: each binary WebSocket message holds one or more of these messages, end to end."""

import binascii
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sip.drafts.updates import write_number

PROTOCOL = 1
MOST_CLIENTS = 20  # client ids that one connection may claim
MOST_MESSAGES = 2_000  # in one frame from a browser

# Close codes: what was sent is no change; not to be read any more; come again at once.
MALFORMED, NOT_ALLOWED, COME_AGAIN = 4400, 4403, 1012

_MOST_PRESENCE = 1024
_MOST_POSITION = 256  # characters of a position's Base64
_LARGEST = 2**53
# As browsers write it; it is Base64 where it has four times so many characters.
_BASE64 = rb"([0-9A-Za-z+/]{0,256}={0,2})"
_USUAL_PRESENCE = re.compile(
    rb'\{"section":"([0-9A-Za-z_-]{1,20})","anchor":"' + _BASE64 + rb'","head":"' + _BASE64 + rb'"\}'
)
_new = tuple.__new__  # of what comes with every keystroke: the way through a class's own costs more than all the rest
_HELLO, _UPDATE, _PRESENCE, _RELAY, _PING, _CLAIM = range(6)
_WELCOME, _UPDATES, _ACK, _OTHERS_PRESENCE, _PEOPLE, _SECTIONS, _STATE, _COMMITTED, _REFUSED, _FROZEN, _PONG = range(11)


class BadMessage(ValueError):
    """What a peer sent is no message of this protocol."""


class Hello(NamedTuple):
    """The first message: the sender's client ids (the first is in use), the page's language, what the peer has."""

    clients: tuple[int, ...]
    language: str
    vector: bytes


class Update(NamedTuple):
    """A change; `seq` counts those of one connection from 1."""

    seq: int
    data: bytes


class Presence(NamedTuple):
    """Where somebody is: `section` is a key or None; `json` is the payload to pass on, checked and bounded."""

    section: str | None
    json: bytes


class Relay(NamedTuple):
    """Somebody's change, with the seal that a hub gave it when it passed it on."""

    person: int
    seal: bytes
    data: bytes


class Ping(NamedTuple):
    """A sign of life, to be answered."""


class Claim(NamedTuple):
    """A wish for one more client id."""

    client: int


ClientMessage = Hello | Update | Presence | Relay | Ping | Claim


def decode(frame: bytes) -> list[ClientMessage]:
    """Return the messages of a frame from a browser; raises BadMessage."""
    found: list[ClientMessage] = []
    at, end = 0, len(frame)
    while at < end:
        if len(found) >= MOST_MESSAGES:
            raise BadMessage("There are too many messages in it.")
        kind = frame[at]
        at += 1
        if kind == _UPDATE:
            seq, at = _number(frame, at)
            data, at = _bytes(frame, at)
            found.append(_new(Update, (seq, data)))
        elif kind == _PRESENCE:
            data, at = _bytes(frame, at)
            found.append(_presence(data))
        elif kind == _PING:
            found.append(Ping())
        else:
            message, at = _unusual(frame, kind, at)
            found.append(message)
    return found


def _unusual(frame: bytes, kind: int, at: int) -> tuple[ClientMessage, int]:
    """Read a message that starts at `at`, behind its kind; also where it ended."""
    if kind == _RELAY:
        person, at = _number(frame, at)
        seal, at = _bytes(frame, at)
        data, at = _bytes(frame, at)
        return Relay(person, seal, data), at
    if kind == _CLAIM:
        client, at = _number(frame, at)
        return Claim(client), at
    if kind == _HELLO:
        data, at = _bytes(frame, at)
        vector, at = _bytes(frame, at)
        return _hello(data, vector), at
    raise BadMessage(f"There is no message {kind}.")


def welcome(info: Mapping[str, Any], update: bytes) -> bytes:
    """Greet: what there is to know of the room, and the text as far as the newcomer lacks it."""
    return _message(_WELCOME, _json(info), _sized(update))


def updates(seq: int, person: int, seal: bytes, update: bytes) -> bytes:
    """Pass a change on; `person` is 0 where nobody is named, the seal is empty where it is committed already."""
    size = write_number(len(update))
    return b"%c%b%b%c%b%b%b" % (_UPDATES, write_number(seq), write_number(person), len(seal), seal, size, update)


def ack(seq: int) -> bytes:
    """Say that a connection's changes up to `seq` are committed."""
    return _message(_ACK, write_number(seq))


def presence(connection: int, payload: bytes) -> bytes:
    """Tell where somebody is, in the words of their own message."""
    return b"%c%b%b%b" % (_OTHERS_PRESENCE, write_number(connection), write_number(len(payload)), payload)


def people(joined: Sequence[Mapping[str, Any]], left: Iterable[int]) -> bytes:
    """Tell who came, or changed, and which connections are gone."""
    return _message(_PEOPLE, _json({"joined": joined, "left": list(left)}))


def sections(listed: Sequence[Mapping[str, Any]]) -> bytes:
    """Tell the arrangement, and where the reader may write."""
    return _message(_SECTIONS, _json(listed))


def state(is_kept: bool) -> bytes:
    """Tell whether the database takes writes."""
    return _message(_STATE, _json({"kept": is_kept}))


def committed(seq: int) -> bytes:
    """Say that all that was passed on up to the hub's number `seq` is committed."""
    return _message(_COMMITTED, write_number(seq))


def refused(seq: int, code: str, text: str) -> bytes:
    """Refuse a connection's change (0: something else it sent), with the reason in words."""
    return _message(_REFUSED, write_number(seq), _json({"code": code, "text": text}))


def frozen(number: int, label: str, by: str) -> bytes:
    """Tell that a version was frozen."""
    return _message(_FROZEN, _json({"number": number, "label": label, "by": by}))


PONG = bytes([_PONG])


def _message(kind: int, *parts: bytes) -> bytes:
    return bytes([kind]) + b"".join(parts)


def _sized(data: bytes) -> bytes:
    return write_number(len(data)) + data


def _json(value: Any) -> bytes:
    return _sized(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def _number(frame: bytes, at: int) -> tuple[int, int]:
    """Read a number of up to 53 bits; also where it ended."""
    if at < len(frame) and frame[at] < 0x80:
        return frame[at], at + 1
    value = shift = 0
    while True:
        if at >= len(frame) or shift > 49:
            raise BadMessage("A number ends too early, or is too long.")
        byte = frame[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
        shift += 7
    if value >= _LARGEST:
        raise BadMessage("A number is too large.")
    return value, at


def _bytes(frame: bytes, at: int) -> tuple[bytes, int]:
    if at < len(frame) and frame[at] < 0x80:
        size, at = frame[at], at + 1
    else:
        size, at = _number(frame, at)
    end = at + size
    if end > len(frame):
        raise BadMessage("A message ends too early.")
    return frame[at:end], end


def _object(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise BadMessage("It is not JSON.") from error
    if not isinstance(value, dict):
        raise BadMessage("It is not an object.")
    return value


def _hello(data: bytes, vector: bytes) -> Hello:
    value = _object(data)
    clients, language = value.get("clients"), value.get("language", "")
    if value.get("protocol") != PROTOCOL:
        raise BadMessage("It is another protocol.")
    if not isinstance(language, str) or len(language) > 10:
        raise BadMessage("It names no language.")
    if not isinstance(clients, list) or not 1 <= len(clients) <= MOST_CLIENTS:
        raise BadMessage("It claims no client ids, or too many.")
    if any(type(client) is not int or not 0 <= client < _LARGEST for client in clients):
        raise BadMessage("It claims what is no client id.")
    return Hello(tuple(dict.fromkeys(clients)), language, vector)


def _presence(data: bytes) -> Presence:
    if len(data) > _MOST_PRESENCE:
        raise BadMessage("It says too much.")
    usual = _USUAL_PRESENCE.fullmatch(data)
    if usual and len(usual[2]) % 4 == len(usual[3]) % 4 == 0:
        return _new(Presence, (usual[1].decode(), data))
    value = _object(data)
    section = value.get("section")
    if section is None:
        return Presence(None, b'{"section":null}')
    if not isinstance(section, str) or len(section) > 20 or not value.keys() <= {"section", "anchor", "head"}:
        raise BadMessage("It names no section.")
    for name in ("anchor", "head"):
        _check_position(value.get(name, ""))
    return Presence(section, data)


def _check_position(value: Any) -> None:
    if not isinstance(value, str) or len(value) > _MOST_POSITION:
        raise BadMessage("It is no position.")
    try:
        binascii.a2b_base64(value, strict_mode=True)
    except ValueError as error:
        raise BadMessage("It is no position.") from error
