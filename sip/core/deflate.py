"""Deflated pieces of pages: made once, spliced into many pages without compressing them again."""

import zlib
from dataclasses import dataclass

_ADLER_BASE = 65_521
_END = b"\x03\x00"  # an empty last block


@dataclass(frozen=True)
class Deflated:
    """A stored piece of a page: raw deflate ended by a full flush, with length and Adler-32 of what it unpacks to."""

    data: bytes
    length: int
    checksum: int


def deflate(data: bytes, level: int = 9) -> Deflated:
    """Compress a piece once, so that it can be spliced into many pages."""
    return Deflated(_raw(data, zlib.Z_FULL_FLUSH, level), len(data), zlib.adler32(data))


def stored(data: bytes) -> Deflated:
    """Wrap a short piece, of less than 64 KB, uncompressed: cheaper, and nothing beside it tells what is in it."""
    length = len(data).to_bytes(2, "little")
    block = b"\x00" + length + bytes(byte ^ 0xFF for byte in length) + data
    return Deflated(block, len(data), zlib.adler32(data))


def holds(piece: Deflated, data: bytes) -> bool:
    """Say whether a stored piece unpacks to `data`, and says so of itself."""
    try:
        unpacked = zlib.decompressobj(-15).decompress(piece.data)
    except zlib.error:
        return False
    return unpacked == data and (piece.length, piece.checksum) == (len(data), zlib.adler32(data))


def splice(*pieces: bytes | Deflated) -> bytes:
    """Return a zlib stream (Content-Encoding: deflate) of the pieces one after the other."""
    checksum, body = 1, [b"\x78\x9c"]
    for piece in pieces:
        if isinstance(piece, bytes):
            piece = deflate(piece, level=1)
        checksum = _combine(checksum, piece.checksum, piece.length)
        body.append(piece.data)
    return b"".join((*body, _END, checksum.to_bytes(4, "big")))


def _raw(data: bytes, end: int, level: int) -> bytes:
    packer = zlib.compressobj(level, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush(end)


def _combine(first: int, second: int, second_length: int) -> int:
    """Return the Adler-32 of two pieces from theirs, as zlib's adler32_combine does."""
    remainder = second_length % _ADLER_BASE
    low = (first & 0xFFFF) + (second & 0xFFFF) - 1
    high = (first >> 16) + (second >> 16) + remainder * ((first & 0xFFFF) - 1)
    return (high % _ADLER_BASE) << 16 | (low % _ADLER_BASE)
