"""The browser code's own tests, which Node runs: what needs no page to be tested."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TESTS = sorted((ROOT / "tests" / "js").glob("*.test.js"))


@pytest.fixture(scope="module")
def running() -> Iterator[dict[Path, subprocess.Popen[str]]]:
    """All of them, begun at once: most of the time they wait."""
    node = shutil.which("node")
    if node is None or not (ROOT / "node_modules" / "yjs").is_dir():
        reason = "no Node, or its packages are not installed (bin/test sees to both); the browser code was not tested"
        if os.environ.get("CI"):
            pytest.fail(reason)
        print(reason)
        pytest.skip(reason)
    with ExitStack() as stack:
        begun = {}
        for test in TESTS:
            command = [node, "--test", str(test)]
            begun[test] = stack.enter_context(
                subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            )
            stack.callback(begun[test].kill)
        yield begun


@pytest.mark.parametrize("test", TESTS, ids=lambda test: test.name)
def test_browser_code(running: dict[Path, subprocess.Popen[str]], test: Path):
    said, _ = running[test].communicate(timeout=600)
    assert running[test].returncode == 0, said


def test_there_is_something_to_test():
    assert TESTS
