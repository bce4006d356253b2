"""What people wrote is no formula in a spreadsheet, also in one that takes semicolons for the ends of cells."""

import pytest

from sip.web.spreadsheets import csv_line, harmless


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+33 4", "'+33 4"),
        ("-3", "'-3"),
        ("@all", "'@all"),
        ("une idée ;=cmd|' /C calc'!A1", "une idée ;'=cmd|' /C calc'!A1"),
        ("une idée ; +1", "une idée ; '+1"),
        ("une liste\n- un", "une liste\n'- un"),
        ("a = b, c-d", "a = b, c-d"),
        ("", ""),
    ],
)
def test_no_cell_is_a_formula(cell: str, shown: str) -> None:
    assert harmless(cell) == shown


def test_a_line_ends_as_files_of_spreadsheets_do() -> None:
    assert csv_line(["a", "=b", 'c"d']) == 'a,\'=b,"c""d"\r\n'
