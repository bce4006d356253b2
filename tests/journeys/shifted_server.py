"""`sip` with a clock that a test puts forward while it runs: SIP_CLOCK_FILE holds by how many seconds."""

import os
import sys
from datetime import datetime, timedelta
from pathlib import Path

from sip.core import clock

_actual_now = clock.now
_file = Path(os.environ["SIP_CLOCK_FILE"])


def _shifted_now() -> datetime:
    return _actual_now() + timedelta(seconds=int(_file.read_text()))


# Before anything else of the product is imported, so that all of it asks this one.
clock.now = _shifted_now

if __name__ == "__main__":
    from sip.cli import main

    sys.exit(main())
