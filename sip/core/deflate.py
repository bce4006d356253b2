"""Deflated pieces of pages: made once, spliced into many pages without compressing them again."""

import zlib
from dataclasses import dataclass

_ADLER_BASE = 65_521


@dataclass(frozen=True)
class Deflated:
    """A stored piece of a page: raw deflate ended by a full flush, with length and Adler-32 of what it unpacks to."""

    data: bytes
    length: int
    checksum: int


def deflate(data: bytes) -> Deflated:
    """Compress a piece, well and once, so that it can be spliced into many pages."""
    return Deflated(_raw(data, zlib.Z_FULL_FLUSH, 9), len(data), zlib.adler32(data))


def splice(head: bytes, middle: Deflated, tail: bytes) -> bytes:
    """Return a zlib stream (Content-Encoding: deflate) of the three pieces one after the other."""
    checksum = _combine(zlib.adler32(head), middle.checksum, middle.length)
    checksum = _combine(checksum, zlib.adler32(tail), len(tail))
    body = _raw(head, zlib.Z_FULL_FLUSH, 1) + middle.data + _raw(tail, zlib.Z_FINISH, 1)
    return b"\x78\x9c" + body + checksum.to_bytes(4, "big")


def _raw(data: bytes, end: int, level: int) -> bytes:
    packer = zlib.compressobj(level, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush(end)


def _combine(first: int, second: int, second_length: int) -> int:
    """Return the Adler-32 of two pieces from theirs, as zlib's adler32_combine does."""
    remainder = second_length % _ADLER_BASE
    low = (first & 0xFFFF) + (second & 0xFFFF) - 1
    high = (first >> 16) + (second >> 16) + remainder * ((first & 0xFFFF) - 1)
    return (high % _ADLER_BASE) << 16 | (low % _ADLER_BASE)
