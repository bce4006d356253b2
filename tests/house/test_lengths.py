"""Files stay short enough to be read: past 400 lines, one is split by subject."""

from collections.abc import Iterator
from pathlib import Path

from sip import paths

LONGEST = 400  # lines
ROOT = Path(__file__).parents[2]
SOURCES = {"sip": (".py",), "tests": (".py",), "static": (".js", ".mjs", ".css")}
# What is built is nobody's to read; a migration is one step, which cannot be split once it was shipped.
LEFT_OUT = (paths.STATIC / "dist", paths.MIGRATIONS / "versions")


def sources() -> Iterator[Path]:
    for folder, endings in SOURCES.items():
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in endings and not any(path.is_relative_to(other) for other in LEFT_OUT):
                yield path


def test_no_file_is_too_long():
    lines = {path.relative_to(ROOT): len(path.read_text(encoding="utf-8").splitlines()) for path in sources()}
    assert {path.parts[0] for path in lines} == set(SOURCES)
    assert {str(path): count for path, count in lines.items() if count > LONGEST} == {}
