"""Reads the updates that people make most: some characters typed behind others."""

from typing import NamedTuple

from sip.drafts.updates import Position

_LARGEST_CLIENT, _LARGEST_CLOCK = 2**53, 2**31
# How a string begins that stands behind a character, and one that stands between two.
_BEHIND, _BETWEEN = 0x84, 0xC4


class Keystroke(NamedTuple):
    """Characters that `client` put between two neighbours, from UTF-16 unit `start` of theirs to before `end`."""

    client: int
    start: int
    end: int
    left: Position
    right: Position | None


def read_keystroke(update: bytes) -> Keystroke | None:
    """Return what an update says that does nothing but insert plain text in one place; None for any other.

    What it returns None for may be as good, or no update at all: `read_update` knows.
    """
    try:
        if update[:2] != b"\x01\x01" or update[-1]:  # not one insertion, or there are deletions behind it
            return None
        client, at = _number(update, 2)
        start, at = _number(update, at)
        info = update[at]
        if info != _BEHIND and info != _BETWEEN:
            return None
        left_client, at = _number(update, at + 1)
        left_clock, at = _number(update, at)
        right: Position | None = None
        if info == _BETWEEN:
            right_client, at = _number(update, at)
            right_clock, at = _number(update, at)
            right = (right_client, right_clock)
        size, at = _number(update, at)
        if not size or at + size + 1 != len(update):
            return None
        string = update[at:-1].decode()
    except (IndexError, UnicodeDecodeError):
        return None
    if not string.isascii() and max(string) > "\uffff":
        return None  # it has more units than characters
    end = start + len(string)
    if client >= _LARGEST_CLIENT or end > _LARGEST_CLOCK or "\r" in string or "\x00" in string:
        return None
    return Keystroke(client, start, end, (left_client, left_clock), right)


def _number(data: bytes, at: int) -> tuple[int, int]:
    """Read a number; also where it ended. One that is too long comes out too large."""
    byte = data[at]
    if byte < 0x80:
        return byte, at + 1
    value, shift = byte & 0x7F, 7
    while shift < 56:
        at += 1
        byte = data[at]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at + 1
        shift += 7
    return _LARGEST_CLIENT, at
