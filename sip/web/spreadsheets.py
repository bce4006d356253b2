"""Lines of files that spreadsheets open."""

import csv
import io
import re
from collections.abc import Sequence

# What a spreadsheet would take for a formula: at the beginning of a cell, or after what one that expects semicolons or
# tabs takes for the beginning of another.
_FORMULA = re.compile(r"^(?=[=+\-@\t\r])|(?<=[;\t\r\n])(?=[=+\-@])|(?<=[;\t\r\n] )(?=[=+\-@])")


def csv_line(cells: Sequence[str]) -> str:
    """Return one line of CSV, each of its cells harmless."""
    out = io.StringIO()
    csv.writer(out).writerow([harmless(cell) for cell in cells])
    return out.getvalue()


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return _FORMULA.sub("'", cell)
