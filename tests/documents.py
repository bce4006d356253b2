"""Documents of word processors for tests, and the real ones that may lie beside the project."""

import subprocess
from pathlib import Path

import pypandoc
import pytest

SAMPLES = Path(__file__).parents[2] / "shared" / "samples"
SAMPLE_NAMES = ("entreprise-partagee.md", "elements-information.md", "brief-avec-qui-pour-qui.txt")


def made(kind: str, markdown: str) -> bytes:
    """The bytes of a document of that kind (docx, odt, html) that says what the Markdown says."""
    command = [pypandoc.get_pandoc_path(), "--standalone", "--from=gfm", f"--to={kind}", "--output=-"]
    return subprocess.run(command, input=markdown.encode(), capture_output=True, check=True).stdout


def sample(name: str) -> bytes:
    """A real document; the test is skipped where it is not."""
    path = SAMPLES / name
    if not path.exists():
        pytest.skip(f"{path} is not here")
    return path.read_bytes()
