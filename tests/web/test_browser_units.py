"""The browser code's own tests, which Node runs: what needs no page to be tested."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TESTS = sorted((ROOT / "tests" / "js").glob("*.test.js"))


@pytest.mark.parametrize("test", TESTS, ids=lambda test: test.name)
def test_browser_code(test: Path):
    node = shutil.which("node")
    if node is None or not (ROOT / "node_modules" / "yjs").is_dir():
        reason = "no Node, or its packages are not installed (bin/test sees to both); the browser code was not tested"
        if os.environ.get("CI"):
            pytest.fail(reason)
        print(reason)
        pytest.skip(reason)
    done = subprocess.run(
        [node, "--test", str(test)], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_there_is_something_to_test():
    assert TESTS
