"""Spliced pages unpack to the pieces they were made of."""

import zlib

from hypothesis import given
from hypothesis import strategies as st

from sip.core.deflate import deflate, splice, stored


@given(st.binary(max_size=3000), st.binary(max_size=100_000), st.binary(max_size=3000))
def test_a_spliced_page_unpacks_to_its_pieces(head, middle, tail):
    assert zlib.decompress(splice(head, deflate(middle), tail)) == head + middle + tail


def test_a_long_middle_keeps_its_checksum():
    middle = "é·🍐".encode() * 200_000
    assert zlib.decompress(splice(b"<html>", deflate(middle), b"</html>")) == b"<html>" + middle + b"</html>"


@given(st.lists(st.tuples(st.binary(max_size=300), st.sampled_from([deflate, stored, bytes])), max_size=12))
def test_short_pieces_stand_between_others_as_they_are(pieces):
    packed = splice(*(make(data) for data, make in pieces))
    assert zlib.decompress(packed) == b"".join(data for data, _make in pieces)


def test_a_stored_piece_is_not_mixed_with_what_stands_beside_it():
    """What is secret is not compressed: a page's length does not tell how like it is to words somebody else chose."""
    secret, page = b"IjcxZTlmMmI3YjZmMjJhOTY1NzI2N2", deflate(b"IjcxZTlmMmI3" * 20)
    assert secret in splice(page, stored(secret), page)
    other = bytes(reversed(secret))
    assert len(splice(page, stored(secret), page)) == len(splice(page, stored(other), page))
