"""Fields of one line hold one line, whatever a request brings."""

import pytest

from sip.web.forms import one_line


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (None, ""),
        ("  Un titre \t", "Un titre"),
        ("Un\r\ntitre\n", "Un titre"),
        ("a\x07b\x1b[31m\x7f", "ab[31m"),
        ("\u202eeltit", "eltit"),
        ("\u2067עברית\u2069 et L’Établi\u202f!", "עברית et L’Établi\u202f!"),
        ("coopérateur·rices 👩‍👩‍👧 e\u0301", "coopérateur·rices 👩‍👩‍👧 e\u0301"),
    ],
)  # fmt: skip
def test_one_line(typed, kept):
    assert one_line(typed) == kept
