"""Spliced pages unpack to the pieces they were made of."""

import zlib

from hypothesis import given
from hypothesis import strategies as st

from sip.core.deflate import deflate, splice


@given(st.binary(max_size=3000), st.binary(max_size=100_000), st.binary(max_size=3000))
def test_a_spliced_page_unpacks_to_its_pieces(head, middle, tail):
    assert zlib.decompress(splice(head, deflate(middle), tail)) == head + middle + tail


def test_a_long_middle_keeps_its_checksum():
    middle = "é·🍐".encode() * 200_000
    assert zlib.decompress(splice(b"<html>", deflate(middle), b"</html>")) == b"<html>" + middle + b"</html>"
