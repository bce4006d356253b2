"""Whatever is wrong with a file is said with the file's name, since many are read at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sip.core.errors import Invalid
from sip.core.frontmatter import BadEncoding, BadFrontMatter
from sip.core.messages import Message
from sip.cycles.files import BadCycleFile
from sip.drafts.files import BadDraftFile
from sip.groups.files import BadGroupFile

_BAD_FILE = (BadCycleFile, BadDraftFile, BadGroupFile, BadFrontMatter, BadEncoding, Invalid)


class _Named(Invalid):
    """Something wrong with a file, whose name is in the message."""


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Turn what the block raises about a file into one Invalid that names it; inside another, the inner name counts."""
    try:
        yield
    except _Named:
        raise
    except _BAD_FILE as error:
        raise _Named(Message("%(file)s: %(problem)s", {"file": str(path), "problem": str(error)})) from error
